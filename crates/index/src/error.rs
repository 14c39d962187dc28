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

/// What the machine lacks; nothing is wrong with the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    /// The disk is full.
    Space,
    /// The file may only be read.
    Writing,
    /// File descriptors, memory, or the lock that another process holds too long.
    Resources,
}

impl IndexError {
    /// What the machine lacks, where that is the reason.
    pub fn shortage(&self) -> Option<Lacking> {
        use rusqlite::ErrorCode as C;
        let (Self::Sqlite { source, .. } | Self::Query(source)) = self else {
            return None;
        };
        match source.sqlite_error_code()? {
            C::DiskFull => Some(Lacking::Space),
            C::ReadOnly | C::PermissionDenied => Some(Lacking::Writing),
            C::CannotOpen | C::OutOfMemory | C::DatabaseBusy | C::DatabaseLocked => Some(Lacking::Resources),
            _ => None,
        }
    }
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
