//! How another index is asked. This crate knows nothing of HTTP: who does implements [`Fetch`].

use bytes::Bytes;
use futures::{future::BoxFuture, stream::BoxStream};
use packyard_types::UpstreamUrl;

/// Asks other indexes. Each call is bounded in time by whoever implements it; a file may take long, but not pause.
pub trait Fetch: Send + Sync {
    /// A page, unless it is still the one with this tag. The upstream may lead as far as it is away itself: what its pages
    /// and redirects say must not make this machine ask its own network.
    fn page<'a>(
        &'a self,
        upstream: &'a UpstreamUrl,
        url: &'a str,
        etag: Option<&'a str>,
        limit_bytes: u64,
    ) -> BoxFuture<'a, Result<PageAnswer, FetchFailed>>;

    /// A file, as it arrives.
    fn file<'a>(
        &'a self,
        upstream: &'a UpstreamUrl,
        url: &'a str,
    ) -> BoxFuture<'a, Result<FileAnswer, FetchFailed>>;
}

/// What an index says when it is asked for a page.
#[derive(Debug, Clone)]
pub enum PageAnswer {
    /// That with the tag is still right.
    NotModified {
        /// For how many seconds more, where it says so.
        max_age: Option<u64>,
    },
    /// This one.
    Page {
        /// Where it came from in the end: its links are relative to that.
        url: String,
        /// Its bytes.
        bytes: Bytes,
        /// Its tag.
        etag: Option<String>,
        /// For how many seconds it is right, where it says so.
        max_age: Option<u64>,
    },
    /// One with more bytes than may come.
    TooLarge,
    /// There is none.
    Absent,
}

/// A file that has begun to arrive.
pub struct FileAnswer {
    /// How many bytes will come, where it is said.
    pub size_bytes: Option<u64>,
    /// They.
    pub body: BoxStream<'static, Result<Bytes, FetchFailed>>,
}

/// Why there is no answer that helps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct FetchFailed {
    /// In words, for the log.
    pub reason: String,
    /// Whether somebody is there at all: a status that is of no use, and no silence.
    pub answered: bool,
}

impl FetchFailed {
    /// What strangers are told: not what is behind an address, which the upstream has chosen.
    pub(super) fn in_general(&self) -> String {
        let said = if self.answered {
            "it answers with an error"
        } else {
            "it cannot be reached"
        };
        said.to_owned()
    }
}
