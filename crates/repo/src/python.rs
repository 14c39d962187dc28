//! The pip view: simple pages, rendered from the index. They are a pure function of it, so they need no tree.

use crate::{RepoError, Yard};
use packyard_index::Listed;
use packyard_types::{ChannelRef, Ecosystem, ProjectName, Timestamp};
use packyard_views::pip::{PipFile, ProjectPage, RootPage};

/// A simple page.
pub struct SimplePage {
    /// HTML or JSON.
    pub bytes: Vec<u8>,
    /// `Last-Modified`.
    pub modified: Timestamp,
}

impl Yard {
    /// `/{channel}/simple/`: every project with a wheel or an sdist.
    pub async fn simple_root(&self, channel: &ChannelRef, json: bool) -> Result<SimplePage, RepoError> {
        let at = channel.clone();
        let names = self
            .read_blocking(move |i| Ok(i.python_projects(&at.channel, at.at)?))
            .await?;
        let serial = self.applied()?.revision;
        let projects = names
            .iter()
            .map(|n| Ok((ProjectName::parse(n)?, serial)))
            .collect::<Result<_, RepoError>>()?;
        let page = RootPage { projects, serial };
        let text = if json { page.json() } else { page.html() };
        Ok(SimplePage {
            bytes: text.into_bytes(),
            modified: self.modified()?,
        })
    }

    /// `/{channel}/simple/{project}/`: its files, in the order in which they were published.
    pub async fn simple_project(
        &self,
        channel: &ChannelRef,
        project: &ProjectName,
        json: bool,
    ) -> Result<SimplePage, RepoError> {
        let (at, name) = (channel.clone(), project.clone());
        let listed = self
            .read_blocking(move |i| Ok(i.of_project(&at.channel, &name, Some(Ecosystem::Pip), at.at)?))
            .await?;
        let Some(newest) = listed.iter().map(|l| l.published.revision).max() else {
            let what = format!("project `{project}` in channel `{}`", channel.channel);
            return Err(RepoError::NotFound { what, nearest: None });
        };
        let page = project_page(project, &listed);
        let text = if json { page.json() } else { page.html() };
        Ok(SimplePage {
            bytes: text.into_bytes(),
            modified: self.read(|index| Ok(index.modified(newest)?))?,
        })
    }
}

/// A project's page: its files, as they are listed.
pub(crate) fn project_page<'a>(
    project: &ProjectName,
    listed: impl IntoIterator<Item = &'a Listed>,
) -> ProjectPage {
    ProjectPage {
        name: project.clone(),
        status: ("active", String::new()),
        serial: packyard_types::Revision(0),
        files: listed.into_iter().map(pip_file).collect(),
    }
}

fn pip_file(l: &Listed) -> PipFile {
    let a = &l.artifact;
    PipFile {
        filename: a.name.clone(),
        // Relative to `/{channel}/simple/{project}/`, so that the page holds wherever the server is reached.
        url: format!("../../files/{}/{}", a.served.digest, a.name.url_segment()),
        sha256: a.served.digest,
        size_bytes: a.served.size_bytes,
        requires_python: l.requires_python.clone(),
        metadata_sha256: l.metadata,
        upload_time: l.published_at,
        yanked: l.yanked.clone(),
    }
}
