//! The bytes that clients get: index files out of trees, artifacts and their metadata out of the store. What is served
//! is described first (digest, size, times), so that a conditional request costs no bytes; then it streams.

mod aliases;
mod parts;

use crate::{RepoError, Yard, lookup, upstream::Arriving};
use bytes::Bytes;
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use packyard_index::Listed;
use packyard_types::{
    ArtifactName, Blob, CachePolicy, ChannelName, ChannelRef, Digest, Ecosystem, ServedPath, Timestamp, View,
};
use packyard_views::{Segment, inflate, segments};
use std::ops::Range;

pub use aliases::AliasPlace;

/// A file, ready to be streamed.
#[derive(Clone)]
pub struct Served {
    /// Digest and size of its bytes; the strong ETag.
    pub blob: Blob,
    /// Its media type.
    pub content_type: &'static str,
    /// How long it may be kept.
    pub cache: CachePolicy,
    /// When the revision was made that brought it.
    pub modified: Timestamp,
    body: Body,
}

/// Where the bytes are.
#[derive(Clone)]
enum Body {
    /// In memory, and in chunks that are read as they are sent.
    Segments(Vec<Segment>),
    /// One blob of the store.
    Blob(Blob),
    /// With an upstream, or on the way from there.
    Arriving(Arriving),
}

impl Served {
    /// A file whose bytes are at hand.
    pub fn text(bytes: Vec<u8>, content_type: &'static str, modified: Timestamp) -> Self {
        let blob = Blob::of(&bytes);
        let cache = CachePolicy::Moving;
        Self {
            blob,
            content_type,
            cache,
            modified,
            body: Body::Segments(vec![Segment::Bytes(bytes)]),
        }
    }

    /// A file that an upstream has.
    pub(crate) fn arriving(
        blob: Blob,
        content_type: &'static str,
        modified: Timestamp,
        from: Arriving,
    ) -> Self {
        Self {
            blob,
            content_type,
            cache: CachePolicy::Immutable,
            modified,
            body: Body::Arriving(from),
        }
    }

    pub(crate) fn stored(
        blob: Blob,
        content_type: &'static str,
        cache: CachePolicy,
        modified: Timestamp,
    ) -> Self {
        Self {
            blob,
            content_type,
            cache,
            modified,
            body: Body::Blob(blob),
        }
    }
}

pub(crate) use parts::part_type;

impl Yard {
    /// An index file of a channel's apt or yum view, by its path below the view's root.
    pub async fn index_file(
        &self,
        channel: &ChannelRef,
        view: View,
        path: &ServedPath,
    ) -> Result<Served, RepoError> {
        let (c, at) = (&channel.channel, channel.at);
        let found = self.read(|index| {
            let look = |path: &ServedPath| match by_hash(view, path) {
                Some((directory, digest)) => index.served_by_hash(c, view, directory, &digest),
                None => index.served_file(c, view, path, at),
            };
            for path in release_paths(view, path, at.is_some()) {
                if let Some(found) = look(&path)? {
                    return Ok(Some(found));
                }
            }
            // By an alias of the distribution.
            let Some(name) = distribution_of(view, path) else {
                return Ok(None);
            };
            let Some((own, _)) = index
                .distribution(c, name)?
                .filter(|(own, _)| own.as_str() != name)
            else {
                return Ok(None);
            };
            for path in release_paths(view, &under(view, path, own.as_str()), at.is_some()) {
                if let Some(found) = look(&path)? {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        })?;
        let Some(found) = found else {
            return Err(self.no_file(c, view, path)?);
        };
        let tree = self.tree(&found.tree).await?;
        let damaged = || RepoError::Damaged {
            what: format!("tree {}", found.tree),
            reason: format!("no `{}`", found.path),
        };
        let file = tree.files.get(&found.path).ok_or_else(damaged)?;
        let body = Body::Segments(segments(&tree, file));
        let cache = if by_hash(view, path).is_some() || at.is_some() {
            CachePolicy::Immutable
        } else {
            file.cache
        };
        let content_type = file.content_type.as_str();
        Ok(Served {
            blob: file.blob,
            content_type,
            cache,
            modified: found.modified,
            body,
        })
    }

    fn no_file(&self, channel: &ChannelName, view: View, path: &ServedPath) -> Result<RepoError, RepoError> {
        if let Some(name) = distribution_of(view, path) {
            self.distribution(channel, name)?;
        }
        let what = format!("file `{}/{path}` in channel `{channel}`", view.as_str());
        Ok(RepoError::NotFound { what, nearest: None })
    }

    /// An artifact by its served digest and filename.
    pub fn artifact_file(
        &self,
        channel: &ChannelName,
        digest: &Digest,
        name: &ArtifactName,
    ) -> Result<Served, RepoError> {
        let what = || format!("file `{name}` with sha256 {digest} in channel `{channel}`");
        let found = self.ever_served(channel, digest, name)?;
        let listed = found.ok_or_else(|| RepoError::NotFound {
            what: what(),
            nearest: None,
        })?;
        self.not_gone(digest, what)?;
        let kind = content_type(name);
        Ok(Served::stored(
            listed.artifact.served,
            kind,
            CachePolicy::Immutable,
            listed.published_at,
        ))
    }

    /// An artifact that a channel serves under its digest: its own, and of pip's what it inherits. A quarantined
    /// project offers none.
    fn ever_served(
        &self,
        channel: &ChannelName,
        digest: &Digest,
        name: &ArtifactName,
    ) -> Result<Option<Listed>, RepoError> {
        let own = self.read(|index| Ok(index.ever_served(channel, digest, name.as_str())?))?;
        if name.kind().ecosystem() != Ecosystem::Pip {
            return Ok(own);
        }
        let mut found = own;
        let chain = self.chain(channel)?;
        for (parent, _) in chain.iter().skip(1) {
            if found.is_none() {
                found = self.read(|index| Ok(index.ever_served(parent, digest, name.as_str())?))?;
            }
        }
        let Some(listed) = found else {
            return Ok(None);
        };
        let project = listed.artifact.project.clone();
        match self.read(|index| lookup::verdict(index, &chain, &project, None))? {
            (said, Some(channel)) if !said.status.offers_files() => Err(RepoError::Closed {
                project,
                channel,
                status: said.status,
                reason: said.reason,
                consequence: "offers no files",
            }),
            _ => Ok(Some(listed)),
        }
    }

    /// Whether bytes that were served once still are.
    fn not_gone(&self, digest: &Digest, what: impl FnOnce() -> String) -> Result<(), RepoError> {
        match self.read(|index| Ok(index.gone(digest)?))? {
            None => Ok(()),
            Some(gone) => Err(RepoError::Gone {
                what: what(),
                revision: gone.revision,
                reason: gone.reason,
            }),
        }
    }

    /// The core metadata beside a wheel (PEP 658).
    pub async fn wheel_metadata(
        &self,
        channel: &ChannelName,
        digest: &Digest,
        name: &ArtifactName,
    ) -> Result<Served, RepoError> {
        let found = self.ever_served(channel, digest, name)?;
        let what = || format!("file `{name}.metadata` with sha256 {digest} in channel `{channel}`");
        let missing = || RepoError::NotFound {
            what: what(),
            nearest: None,
        };
        let listed = found.ok_or_else(missing)?;
        self.not_gone(digest, what)?;
        let bytes = self.small_blob(&listed.metadata.ok_or_else(missing)?).await?;
        let served = Served::text(
            bytes.to_vec(),
            "text/plain; charset=utf-8",
            listed.published_at.whole_second(),
        );
        Ok(Served {
            cache: CachePolicy::Immutable,
            ..served
        })
    }

    /// Whether a file has the size that it is said to have, as far as that can be known in a moment: what an upstream's
    /// page says may be wrong.
    pub async fn confirm_size(&self, served: Served) -> Result<(), RepoError> {
        let size = served.blob.size_bytes;
        match served.body {
            Body::Arriving(from) => from.stream(self, size..size).await.map(drop),
            _ => Ok(()),
        }
    }

    /// The bytes of a file, or of a range of them, as a stream.
    pub async fn stream(
        &self,
        served: Served,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, RepoError>>, RepoError> {
        let segments = match served.body {
            Body::Blob(blob) => {
                let stream = self.store().stream_blob(&blob.digest, range).await?;
                return Ok(stream.map_err(RepoError::from).boxed());
            }
            Body::Arriving(from) => return from.stream(self, range).await,
            Body::Segments(segments) => segments,
        };
        let mut parts = Vec::new();
        let mut start = 0;
        for segment in segments {
            let end = start + segment.size_bytes();
            let (from, to) = (range.start.max(start), range.end.min(end));
            if from < to {
                parts.push((segment, from - start..to - start));
            }
            start = end;
        }
        let yard = self.clone();
        let stream = stream::iter(parts).then(move |(segment, part)| {
            let yard = yard.clone();
            async move { yard.segment(segment, part).await }
        });
        Ok(stream.boxed())
    }

    pub(crate) async fn segment(&self, segment: Segment, part: Range<u64>) -> Result<Bytes, RepoError> {
        let whole = match segment {
            Segment::Bytes(bytes) => Bytes::from(bytes),
            Segment::Chunk { deflated } => self.chunk(&deflated.digest).await?,
            Segment::Inflate { deflated, open_bytes } => {
                let bytes = self.chunk(&deflated.digest).await?;
                let damaged = |e: packyard_views::InflateError| RepoError::Damaged {
                    what: format!("chunk {}", deflated.digest),
                    reason: e.to_string(),
                };
                Bytes::from(inflate(&bytes, open_bytes).map_err(damaged)?)
            }
        };
        let cut = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).min(whole.len());
        Ok(whole.slice(cut(part.start)..cut(part.end)))
    }
}

/// The distribution that the path of an index file names.
fn distribution_of(view: View, path: &ServedPath) -> Option<&str> {
    match view {
        View::Apt => path.as_str().strip_prefix("dists/")?.split('/').next(),
        View::Yum => path.as_str().split('/').next(),
        View::Pip => None,
    }
}

/// Where a tree may hold what is asked for, the first that is there counts: as of an earlier revision a Release file
/// that does not expire, then the file itself, then the Release file of an alias (`views::apt`).
fn release_paths(view: View, path: &ServedPath, frozen: bool) -> Vec<ServedPath> {
    let is_release = matches!(path.file_name(), "InRelease" | "Release" | "Release.gpg");
    if view != View::Apt || !is_release {
        return vec![path.clone()];
    }
    let below = |root: &str| ServedPath::parse(&format!("{root}/{path}")).ok();
    let frozen = below("frozen").filter(|_| frozen);
    frozen
        .into_iter()
        .chain([path.clone()])
        .chain(below("named"))
        .collect()
}

/// The same path in another distribution.
pub(crate) fn under(view: View, path: &ServedPath, distribution: &str) -> ServedPath {
    let whole = path.as_str();
    let renamed = match view {
        View::Apt => {
            let rest = whole.splitn(3, '/').nth(2).unwrap_or_default();
            format!("dists/{distribution}/{rest}")
        }
        View::Yum | View::Pip => {
            let rest = whole.split_once('/').map(|(_, rest)| rest).unwrap_or_default();
            format!("{distribution}/{rest}")
        }
    };
    ServedPath::parse(&renamed).unwrap_or_else(|_| path.clone())
}

/// The directory and digest of a by-hash path: `DIR/by-hash/SHA256/HEX`.
fn by_hash(view: View, path: &ServedPath) -> Option<(&str, Digest)> {
    if view != View::Apt {
        return None;
    }
    let directory = path.directory().strip_suffix("/by-hash/SHA256")?;
    Some((directory, path.file_name().parse().ok()?))
}

pub(crate) fn content_type(name: &ArtifactName) -> &'static str {
    use packyard_types::ArtifactKind::{Deb, Dsc, Rpm, Sdist, Srpm, Wheel};
    match name.kind() {
        Wheel => "application/zip",
        Sdist => "application/gzip",
        Dsc => "text/prs.debian.dsc",
        Deb => "application/vnd.debian.binary-package",
        Rpm | Srpm => "application/x-rpm",
    }
}
