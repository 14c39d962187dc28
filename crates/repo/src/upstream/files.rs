//! Files of an upstream: whether one may be had by the rules of today, and its bytes.
//!
//! A file is served when the name may be asked of the upstream, and a page of that upstream names these bytes, or has
//! named them when they were fetched. That the bytes happen to be in the store is no reason: they may be somebody else's.

use super::{download::Download, downloads::Job, pages::Current, record::FileRecord};
use crate::{RepoError, Served, Yard, serve::content_type};
use bytes::Bytes;
use futures::stream::BoxStream;
use packyard_formats::repository::upstream::{UpstreamFile, UpstreamPage};
use packyard_types::{
    ArtifactName, Blob, CachePolicy, ChannelName, ChannelRef, Digest, Ecosystem, ProjectName, Timestamp,
    UpstreamUrl,
};
use std::{ops::Range, sync::Arc};

/// Largest metadata of a file.
const METADATA_BYTES: u64 = 16 << 20;

/// A file that an upstream has, and that nobody has asked for before, or that is arriving.
#[derive(Clone)]
pub(crate) struct Arriving(Job);

impl Arriving {
    /// Its bytes, as they arrive.
    pub async fn stream(
        self,
        yard: &Yard,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, RepoError>>, RepoError> {
        yard.download(&self.0)?.stream(range).await
    }
}

/// A file of an upstream, and what of it is here.
struct Found {
    upstream: UpstreamUrl,
    project: ProjectName,
    file: UpstreamFile,
    kept: Option<FileRecord>,
    /// When its page or its bytes came: a time that does not change.
    at: Timestamp,
}

impl Found {
    fn modified(&self) -> Timestamp {
        self.file.uploaded_at.unwrap_or(self.at)
    }

    fn job(&self) -> Job {
        let file = &self.file;
        Job {
            upstream: self.upstream.clone(),
            project: self.project.clone(),
            filename: file.filename.to_string(),
            url: file.url.clone(),
            digest: file.sha256,
            size_bytes: file.size_bytes,
            uploaded_at: file.uploaded_at,
            metadata_sha256: file.metadata_sha256,
            limit_bytes: u64::MAX,
        }
    }

    /// The metadata beside it, where its page names one.
    fn metadata(&self) -> Option<Job> {
        let file = &self.file;
        let url = match file.url.split_once('?') {
            Some((path, query)) => format!("{path}.metadata?{query}"),
            None => format!("{}.metadata", file.url),
        };
        Some(Job {
            filename: format!("{}.metadata", file.filename),
            url,
            digest: file.metadata_sha256?,
            size_bytes: None,
            metadata_sha256: None,
            limit_bytes: METADATA_BYTES,
            ..self.job()
        })
    }
}

impl Yard {
    /// A wheel or sdist that a channel serves: its own, what it inherits, or its upstream's.
    pub async fn python_file(
        &self,
        channel: &ChannelName,
        digest: &Digest,
        name: &ArtifactName,
    ) -> Result<Served, RepoError> {
        match self.artifact_file(channel, digest, name) {
            Err(e) if is_elsewhere(&e) => self.upstream_file(channel, digest, name).await?.ok_or(e),
            own => own,
        }
    }

    /// The metadata beside it.
    pub async fn python_metadata(
        &self,
        channel: &ChannelName,
        digest: &Digest,
        name: &ArtifactName,
    ) -> Result<Served, RepoError> {
        match self.wheel_metadata(channel, digest, name).await {
            Err(e) if is_elsewhere(&e) => self.upstream_metadata(channel, digest, name).await?.ok_or(e),
            own => own,
        }
    }

    async fn upstream_file(
        &self,
        channel: &ChannelName,
        digest: &Digest,
        name: &ArtifactName,
    ) -> Result<Option<Served>, RepoError> {
        let Some(found) = self.upstream_named(channel, digest, name).await? else {
            return Ok(None);
        };
        let (kind, modified) = (content_type(name), found.modified());
        let digest = *digest;
        if let Some(kept) = &found.kept {
            let size_bytes = kept.size_bytes;
            let blob = Blob { digest, size_bytes };
            return Ok(Some(Served::stored(blob, kind, CachePolicy::Immutable, modified)));
        }
        let job = found.job();
        // Whoever only wants to know how large it is need not wait for it, where the page says so.
        let size_bytes = match job.size_bytes {
            Some(size_bytes) => size_bytes,
            None => self.download(&job)?.size_bytes().await?,
        };
        let blob = Blob { digest, size_bytes };
        Ok(Some(Served::arriving(blob, kind, modified, Arriving(job))))
    }

    async fn upstream_metadata(
        &self,
        channel: &ChannelName,
        digest: &Digest,
        name: &ArtifactName,
    ) -> Result<Option<Served>, RepoError> {
        let Some(found) = self.upstream_named(channel, digest, name).await? else {
            return Ok(None);
        };
        let Some(job) = found.metadata() else {
            return Ok(None);
        };
        self.not_purged(&format!("`{}`", job.filename), &job.digest)?;
        let kind = "text/plain; charset=utf-8";
        let served = |size_bytes| {
            let digest = job.digest;
            Served::stored(
                Blob { digest, size_bytes },
                kind,
                CachePolicy::Immutable,
                found.modified(),
            )
        };
        if let Some(kept) = self.kept_file(&job.upstream, &job.digest).await? {
            return Ok(Some(served(kept.size_bytes)));
        }
        let download: Arc<Download> = self.download(&job)?;
        download.finished().await?;
        let size_bytes = download.size_bytes().await?;
        let blob = served(size_bytes).blob;
        Ok(Some(Served::arriving(
            blob,
            kind,
            found.modified(),
            Arriving(job.clone()),
        )))
    }

    /// A file that the upstream of a channel has, if it may be had from there.
    async fn upstream_named(
        &self,
        channel: &ChannelName,
        digest: &Digest,
        name: &ArtifactName,
    ) -> Result<Option<Found>, RepoError> {
        if name.kind().ecosystem() != Ecosystem::Pip {
            return Ok(None);
        }
        let project = ProjectName::parse(name.package())?;
        let sources = self.python_sources(&ChannelRef::now(channel.clone()), &project)?;
        let Some(upstream) = sources.upstream else {
            return Ok(None);
        };
        self.not_purged(&format!("`{name}`"), digest)?;
        let closed = |status: packyard_types::ProjectStatus, reason: &str| {
            let open = status.offers_files();
            (!open).then(|| RepoError::Closed {
                project: project.clone(),
                channel: channel.clone(),
                status,
                reason: reason.to_owned(),
                consequence: "offers no files",
            })
        };
        if let Some(e) = closed(sources.settings.status, &sources.settings.reason) {
            return Err(e);
        }
        let page = self.kept_upstream_page(&upstream, &project).await?;
        let said = page.as_ref().map(|current| &current.kept.page);
        if let Some(e) = said.and_then(|page| closed(page.status, &page.reason)) {
            return Err(e);
        }
        let most_bytes = self.most_upstream_bytes();
        let named = |page: &Option<Current>| named(&page.as_ref()?.kept.page, digest, name, most_bytes);
        let mut page = page;
        let mut file = named(&page);
        if let Some(kept) = self.kept_file(&upstream, digest).await? {
            // Bytes that came from there under one name are the same under another that its page gives them.
            let as_it_came = kept.file(*digest).filter(|file| file.filename == *name);
            let renamed = file
                .clone()
                .filter(|file| file.size_bytes.is_none_or(|s| s == kept.size_bytes));
            if let Some(file) = as_it_came.or(renamed) {
                let at = kept.fetched_at;
                let kept = Some(kept);
                return Ok(Some(Found {
                    upstream,
                    project,
                    file,
                    kept,
                    at,
                }));
            }
        }
        if file.is_none() {
            // The link may be newer than the page that is kept, or from another node.
            page = self.upstream_page(&upstream, &project, false).await?;
            file = named(&page);
        }
        let (Some(page), Some(file)) = (page, file) else {
            return Ok(None);
        };
        if let Some(e) = closed(page.kept.page.status, &page.kept.page.reason) {
            return Err(e);
        }
        let (at, kept) = (page.kept.fetched_at, None);
        Ok(Some(Found {
            upstream,
            project,
            file,
            kept,
            at,
        }))
    }
}

/// Whether a file may be another's, since it is not ours.
fn is_elsewhere(e: &RepoError) -> bool {
    matches!(e, RepoError::NotFound { .. } | RepoError::Gone { .. })
}

fn named(page: &UpstreamPage, digest: &Digest, name: &ArtifactName, most_bytes: u64) -> Option<UpstreamFile> {
    let named = |file: &&UpstreamFile| file.sha256 == *digest && file.filename == *name;
    let file = page.files.iter().find(named)?;
    let fits = file.size_bytes.is_none_or(|size| size <= most_bytes);
    fits.then(|| file.clone())
}
