//! Where a static copy of a channel lies: a directory that a web server shows, or the prefix of a bucket.
//!
//! Unlike everything else in this crate, a site is not the store: its pointers are replaced, and what nobody names any
//! more is removed. What it shares with the store is the seam to object stores, which only this crate knows.

mod bucket;
mod directory;

pub use bucket::BucketSite;
pub use directory::DirectorySite;

use crate::StoreError;
use async_trait::async_trait;
use bytes::Bytes;
use packyard_types::{Blob, ServedPath};
use std::{
    collections::BTreeMap,
    fmt::Debug,
    path::{Path, PathBuf},
};

/// What lies at a path of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How many bytes.
    pub size_bytes: u64,
    /// What changes whenever the file does: its time of modification, its entity tag. Two files with the same stamp
    /// and size are taken for the same.
    pub stamp: String,
}

/// What a web server says of a file beside its bytes. A directory leaves that to the server in front of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedAs {
    /// Its media type.
    pub content_type: String,
    /// Whether the path never gets other bytes, so that it may be kept for ever.
    pub immutable: bool,
}

/// A place that a copy is written to.
///
/// - A file is there whole or not at all, at every moment, for every reader.
/// - What has been put is there after a crash once [`Site::settle`] has returned.
/// - Nothing is hard-linked: what happens to a file in the copy happens to nothing else.
#[async_trait]
pub trait Site: Debug + Send + Sync {
    /// For messages: a directory or a URL.
    fn place(&self) -> String;

    /// Makes the scratch directory, or empties it of what a dead process left. Nothing is put before.
    async fn begin(&self) -> Result<(), StoreError>;

    /// Removes the scratch directory.
    async fn end(&self) -> Result<(), StoreError>;

    /// A directory for files that are about to be put.
    fn scratch(&self) -> &Path;

    /// A file that is known to be small; none where it is not there.
    async fn read(&self, path: &ServedPath) -> Result<Option<Bytes>, StoreError>;

    /// Everything that is there, by path, but what [`Site::is_ignored`] names.
    async fn list(&self) -> Result<BTreeMap<ServedPath, Found>, StoreError>;

    /// Reads a file and hashes it; none where it is not there.
    async fn hash(&self, path: &ServedPath) -> Result<Option<Blob>, StoreError>;

    /// Puts the file in its place; `file`, which lies in the scratch directory, is gone afterwards.
    async fn put(&self, path: &ServedPath, file: &Path, served: &ServedAs) -> Result<Found, StoreError>;

    /// Makes a copy, for the site's sake without the bytes passing through here.
    async fn copy(&self, from: &ServedPath, to: &ServedPath, served: &ServedAs) -> Result<Found, StoreError>;

    /// Brings a file of the site to a local path: where it lies, or into the scratch directory.
    async fn local(&self, path: &ServedPath) -> Result<PathBuf, StoreError>;

    /// Removes a file; it may be gone already.
    async fn remove(&self, path: &ServedPath) -> Result<(), StoreError>;

    /// Waits until what was put cannot be lost.
    async fn settle(&self) -> Result<(), StoreError>;

    /// Whether reading a file costs a transfer, so that it is rather written again.
    fn is_remote(&self) -> bool;
}

/// What does not make a directory somebody else's: what version control and hosts of pages keep beside the files.
fn is_ignored(first_part: &str) -> bool {
    first_part == ".git" || first_part == SCRATCH || first_part == "CNAME"
}

/// Where files are written before they are put.
const SCRATCH: &str = ".packyard-tmp";
