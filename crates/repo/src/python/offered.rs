//! Pages of projects of which an upstream offers files. They are kept as the others are, but looked at anew on each
//! request: the upstream may have changed its mind without a revision.

use super::{Form, Page, PythonPage, Wish, assemble::project_page, stamp::Stamp};
use crate::{PythonSources, RepoError, Yard, lookup, upstream::Offer, yard::blocking};
use packyard_types::{ProjectStatus, Revision};
use packyard_views::pip::ProjectPage;
use std::{collections::BTreeSet, sync::Arc};

/// Such pages are at no revision known to be right.
const NEVER: Revision = Revision(0);

impl Yard {
    /// The page of a project, where an upstream offers something of it.
    pub(super) async fn offered_page(&self, wish: &Wish) -> Result<Option<Arc<Page>>, RepoError> {
        let (channel, PythonPage::Project(project, form)) = (&wish.channel, &wish.page) else {
            return Ok(None);
        };
        let chain = self.chain(&channel.channel)?;
        if channel.at.is_some() || chain.iter().all(|(_, settings)| settings.upstream.is_none()) {
            return Ok(None);
        }
        let (at, name) = (channel.clone(), project.clone());
        let sources = self.read_blocking(move |index| lookup::sources(index, &at, &name));
        let sources = sources.await?;
        if !sources.settings.status.offers_files() {
            return Ok(None);
        }
        if sources.upstream.is_none() {
            return Ok(None);
        }
        let offer = self.offer(channel, project, &sources, false).await?;
        if offer.is_none() && sources.own.is_empty() {
            return Ok(None);
        }
        let state = offer
            .as_ref()
            .map(|offer| (offer.fetched_at(), offer.stale_since()));
        let stamp = self.read(|index| Stamp::of_offered(index, channel, project, state))?;
        if let Some(page) = self.pages().confirm(wish, &stamp, NEVER) {
            return Ok(Some(page));
        }
        let _turn = self.pages().turn(wish).await;
        if let Some(page) = self.pages().confirm(wish, &stamp, NEVER) {
            return Ok(Some(page));
        }
        let (yard, coding, form, name) = (self.clone(), wish.coding, *form, project.clone());
        let page = blocking(move || {
            let page = with_offer(&name, &sources, offer.as_ref());
            let text = if form == Form::Json {
                page.json()
            } else {
                page.html()
            };
            let modified = yard.read(|index| Ok(index.modified(sources.changed)?))?;
            let fetched_at = offer.as_ref().map(Offer::fetched_at);
            let modified = modified.max(fetched_at.unwrap_or(modified));
            let page = Page::new(text, coding, modified, sources.changed)?;
            Ok(Arc::new(
                page.stale_since(offer.and_then(|offer| offer.stale_since())),
            ))
        })
        .await?;
        self.pages().put(wish.clone(), stamp, NEVER, Arc::clone(&page));
        Ok(Some(page))
    }
}

/// The project's own files, and those of the upstream whose names are not among them.
fn with_offer(
    project: &packyard_types::ProjectName,
    sources: &PythonSources,
    offer: Option<&Offer>,
) -> ProjectPage {
    let listed = sources.own.iter().flat_map(|source| &source.listed);
    let mut page = project_page(project, listed, &sources.settings, sources.changed);
    let Some(offer) = offer else {
        return page;
    };
    let own: BTreeSet<_> = page.files.iter().map(|file| file.filename.clone()).collect();
    let theirs = offer.files().filter(|file| !own.contains(&file.filename));
    page.files.extend(theirs);
    let (status, reason) = offer.status();
    // What is said here counts; what holds files of its own is not judged by others.
    if sources.own.is_empty() && sources.settings.status == ProjectStatus::Active {
        page.status = (status, reason.to_owned());
    }
    page
}
