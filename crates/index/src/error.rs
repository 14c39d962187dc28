//! What can go wrong with the index.

use packyard_types::Digest;

/// An index that cannot be read or written, or a commit that cannot be applied.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// SQLite failed.
    #[error("the index `{path}`: {source}")]
    Sqlite {
        /// The file.
        path: String,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// A query failed.
    #[error("the index: {0}")]
    Query(#[from] rusqlite::Error),
    /// A row holds what this version cannot read; a rebuild mends it.
    #[error("the index holds a row that cannot be read ({0}); run `packyard reindex`")]
    Row(String),
    /// A blob that a commit names cannot be had.
    #[error("blob {digest}, which revision {revision} names, cannot be read: {reason}")]
    Blob {
        /// The blob.
        digest: Digest,
        /// The commit.
        revision: u64,
        /// Why.
        reason: String,
    },
}

impl From<serde_json::Error> for IndexError {
    fn from(e: serde_json::Error) -> Self {
        Self::Row(e.to_string())
    }
}

impl From<packyard_types::Invalid> for IndexError {
    fn from(e: packyard_types::Invalid) -> Self {
        Self::Row(e.to_string())
    }
}
