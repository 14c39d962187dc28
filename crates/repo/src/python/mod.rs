//! The pip view: pages of the simple index, rendered from the index when they are asked for and kept until the project
//! changes. They are a function of the rows, so they need no tree.
//!
//! | file | what |
//! |---|---|
//! | `assemble` | pages as values, from rows (pure) |
//! | `stamp` | what tells whether a page that was kept is still right |
//! | `pages` | the pages that are kept, and one rendering at a time of each |
//! | `offered` | pages to which an upstream adds |
//! | `press` | gzip and zstd |
//! | `release` | the older JSON of a release |

mod assemble;
mod offered;
mod pages;
mod press;
mod release;
mod stamp;

pub(crate) use assemble::project_page;
pub use pages::{Coding, Page, Pages, Wish};

use crate::{RepoError, Yard, lookup, yard::blocking};
use packyard_index::Index;
use packyard_types::{ChannelRef, ProjectName, Revision};
use stamp::Stamp;
use std::sync::Arc;

/// A page of the pip view.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PythonPage {
    /// `simple/`: every project with a wheel or an sdist.
    Root(Form),
    /// `simple/{project}/`: its files.
    Project(ProjectName, Form),
    /// `pypi/{project}[/{version}]/json`.
    Release {
        /// The project.
        project: ProjectName,
        /// The release; the newest where none is named.
        version: Option<String>,
        /// The URL of the channel, without a slash at its end: links of this page are absolute.
        base: String,
    },
}

/// How a page of the simple index is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// HTML (PEP 503).
    Html,
    /// JSON (PEP 691).
    Json,
}

/// A page before it is encoded.
struct Rendered {
    text: String,
    /// The revision that changed it last.
    serial: Revision,
}

impl Yard {
    /// A page, as the yard showed it at `shown` or later. One that was kept costs a look into memory.
    pub async fn python_page(&self, wish: Wish, shown: Revision) -> Result<Arc<Page>, RepoError> {
        if let Some(page) = self.pages().get(&wish, shown) {
            return Ok(page);
        }
        if let Some(page) = self.offered_page(&wish).await? {
            return Ok(page);
        }
        let stamp = self.stamp(&wish)?;
        if let Some(page) = self.pages().confirm(&wish, &stamp, shown) {
            return Ok(page);
        }
        // Everybody else who wants it waits for this one rendering.
        let _turn = self.pages().turn(&wish).await;
        if let Some(page) = self.pages().confirm(&wish, &stamp, shown) {
            return Ok(page);
        }
        // Read before the rows are: a page may be newer than its stamp, and is then made once more, but never older.
        let stamp = self.stamp(&wish)?;
        let rendered = self.rendered(&wish).await?;
        let (yard, coding) = (self.clone(), wish.coding);
        let page = blocking(move || {
            let modified = yard.read(|index| Ok(index.modified(rendered.serial)?))?;
            Ok(Arc::new(Page::new(
                rendered.text,
                coding,
                modified,
                rendered.serial,
            )?))
        })
        .await?;
        self.pages().put(wish, stamp, shown, Arc::clone(&page));
        Ok(page)
    }

    fn stamp(&self, wish: &Wish) -> Result<Stamp, RepoError> {
        self.read(|index| match &wish.page {
            PythonPage::Root(_) => Stamp::of_root(index, &wish.channel),
            PythonPage::Project(project, _) | PythonPage::Release { project, .. } => {
                Stamp::of_project(index, &wish.channel, project)?
                    .ok_or_else(|| no_project(project, &wish.channel))
            }
        })
    }

    async fn rendered(&self, wish: &Wish) -> Result<Rendered, RepoError> {
        let channel = wish.channel.clone();
        match wish.page.clone() {
            PythonPage::Root(form) => {
                self.read_blocking(move |index| {
                    let page = root(index, &channel)?;
                    let serial = page.serial;
                    let text = if form == Form::Json {
                        page.json()
                    } else {
                        page.html()
                    };
                    Ok(Rendered { text, serial })
                })
                .await
            }
            PythonPage::Project(project, form) => {
                self.read_blocking(move |index| {
                    let page = project_now(index, &channel, &project)?;
                    let serial = page.serial;
                    let text = if form == Form::Json {
                        page.json()
                    } else {
                        page.html()
                    };
                    Ok(Rendered { text, serial })
                })
                .await
            }
            PythonPage::Release {
                project,
                version,
                base,
            } => self.release_page(channel, project, version, base).await,
        }
    }
}

/// Every project of a channel and of what it inherits.
fn root(index: &Index, channel: &ChannelRef) -> Result<packyard_views::pip::RootPage, RepoError> {
    let mut lists = Vec::new();
    let mut serial = Revision(0);
    for (name, _) in lookup::chain(index, &channel.channel)? {
        serial = serial.max(index.python_changed_any(&name)?);
        lists.push(index.python_listing(&name, channel.at)?);
    }
    assemble::root_page(lists, serial.min(channel.at.unwrap_or(serial)))
}

/// A project's page, from the rows of a channel and of what it inherits.
fn project_now(
    index: &Index,
    channel: &ChannelRef,
    project: &ProjectName,
) -> Result<packyard_views::pip::ProjectPage, RepoError> {
    let sources = lookup::sources(index, channel, project)?;
    if sources.own.is_empty() && sources.settings.status == packyard_types::ProjectStatus::Active {
        return Err(no_project(project, channel));
    }
    let serial = sources.changed.min(channel.at.unwrap_or(sources.changed));
    let listed = sources.own.iter().flat_map(|source| &source.listed);
    Ok(project_page(project, listed, &sources.settings, serial))
}

fn no_project(project: &ProjectName, channel: &ChannelRef) -> RepoError {
    let what = format!("project `{project}` in channel `{}`", channel.channel);
    RepoError::NotFound { what, nearest: None }
}
