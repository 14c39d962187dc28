//! What a project's page of a channel shows of its upstream.

use super::pages::Current;
use crate::{PythonSources, RepoError, Yard};
use packyard_formats::repository::upstream::UpstreamFile;
use packyard_types::{ChannelRef, ProjectName, ProjectStatus, Timestamp};
use packyard_views::pip::PipFile;

/// A part of a page that came from the upstream.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    current: Current,
    /// Largest file that is taken.
    most_bytes: u64,
}

impl Offer {
    /// The files, each with a link to this channel.
    pub fn files(&self) -> impl Iterator<Item = PipFile> {
        self.offered().map(pip_file)
    }

    /// The files as the upstream has them, those that are not too large; none where the project is quarantined there.
    pub fn offered(&self) -> impl Iterator<Item = &UpstreamFile> {
        let page = &self.current.kept.page;
        let files = page.files.iter().filter(|_| page.status.offers_files());
        files.filter(|file| file.size_bytes.is_none_or(|size| size <= self.most_bytes))
    }

    /// The status there, and why.
    pub fn status(&self) -> (ProjectStatus, &str) {
        let page = &self.current.kept.page;
        (page.status, &page.reason)
    }

    /// When the upstream stood by it last, where it does not answer now.
    pub fn stale_since(&self) -> Option<Timestamp> {
        self.current.stale.as_ref().map(|_| self.current.confirmed_at)
    }

    /// When it came: another one for another page.
    pub fn fetched_at(&self) -> Timestamp {
        self.current.kept.fetched_at
    }

    /// It, with all that is known of it.
    pub fn current(&self) -> &Current {
        &self.current
    }
}

fn pip_file(file: &UpstreamFile) -> PipFile {
    PipFile {
        filename: file.filename.clone(),
        url: format!("../../files/{}/{}", file.sha256, file.filename.url_segment()),
        sha256: file.sha256,
        size_bytes: file.size_bytes,
        requires_python: file.requires_python.clone(),
        metadata_sha256: file.metadata_sha256,
        upload_time: file.uploaded_at,
        yanked: file.yanked.clone(),
    }
}

impl Yard {
    /// What the upstream offers of a project; none where it is not asked, or has nothing. As of a revision it never is
    /// asked: what others publish is not in this yard's history. `again` insists on asking, however new the answer is.
    pub(crate) async fn offer(
        &self,
        channel: &ChannelRef,
        project: &ProjectName,
        sources: &PythonSources,
        again: bool,
    ) -> Result<Option<Offer>, RepoError> {
        let Some(upstream) = sources.upstream.as_ref().filter(|_| channel.at.is_none()) else {
            return Ok(None);
        };
        let current = self.upstream_page(upstream, project, again).await?;
        let most_bytes = self.most_upstream_bytes();
        Ok(current.map(|current| Offer { current, most_bytes }))
    }

    /// The largest file that is taken from an upstream.
    pub(super) fn most_upstream_bytes(&self) -> u64 {
        let way = self.upstreams().way.get();
        way.map_or(u64::MAX, |way| way.file_bytes)
    }

    /// Asks the upstream of a channel for a project's page, though the one that is kept may be good: somebody insists.
    pub async fn ask_upstream_again(
        &self,
        channel: &ChannelRef,
        project: &ProjectName,
    ) -> Result<(), RepoError> {
        let sources = self.python_sources(channel, project)?;
        self.offer(channel, project, &sources, true).await.map(drop)
    }
}
