//! Files that belong to artifacts: what a .dsc names, and what tells of an upload.

use super::Served;
use crate::{RepoError, Yard};
use packyard_types::{CachePolicy, ChannelName, Digest, PartName};

impl Yard {
    /// A part of an artifact, by the served digest of that and its own filename.
    pub fn part_file(
        &self,
        channel: &ChannelName,
        digest: &Digest,
        name: &PartName,
    ) -> Result<Served, RepoError> {
        let what = || format!("file `{name}` of the artifact with sha256 {digest} in channel `{channel}`");
        let found = self.read(|index| Ok(index.ever_with_part(channel, digest, name)?))?;
        let missing = || RepoError::NotFound {
            what: what(),
            nearest: None,
        };
        let listed = found.first().ok_or_else(missing)?;
        let part = listed.artifact.part(name).ok_or_else(missing)?;
        self.not_gone(digest, what)?;
        self.not_gone(&part.blob.digest, what)?;
        let (kind, cache) = (part_type(name), CachePolicy::Immutable);
        Ok(Served::stored(part.blob, kind, cache, listed.published_at))
    }
}

/// The media type of a file that belongs to a source package, or to what was uploaded with one.
pub(crate) fn part_type(name: &PartName) -> &'static str {
    match name.as_str().rsplit('.').next().unwrap_or_default() {
        "gz" => "application/gzip",
        "xz" => "application/x-xz",
        "bz2" => "application/x-bzip2",
        "zst" => "application/zstd",
        "lzma" => "application/x-lzma",
        "asc" => "application/pgp-signature",
        "changes" | "buildinfo" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
