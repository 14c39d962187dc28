//! What can go wrong with a store.

use crate::{Key, META_FORMAT};
use std::{error::Error, fmt::Display, io, path::Path};

/// Why an operation on the store failed. Each message names the operation and the object.
///
/// - Cheap to clone: one failed commit answers every request that was part of it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Nothing has that name.
    #[error("could not {operation} `{object}`: it is not in the store")]
    NotFound {
        /// What was tried.
        operation: &'static str,
        /// On which object.
        object: String,
    },
    /// The store was made by a newer packyard.
    #[error(
        "`meta.json` says that the store has format {found}; this packyard knows formats up to {known}\nhint: use a newer packyard"
    )]
    NewerFormat {
        /// The format of the store.
        found: u32,
        /// The newest format that is known here.
        known: u32,
    },
    /// The store does not let us.
    #[error("could not {operation} `{object}`: {reason}\nhint: is it owned by this user, and writable?")]
    Denied {
        /// What was tried.
        operation: &'static str,
        /// On which object.
        object: String,
        /// As the store put it.
        reason: String,
    },
    /// The process or the machine has no file descriptors or no memory left for it.
    #[error(
        "could not {operation} `{object}`: {reason}\nhint: try again in a moment; if it happens often, allow the server more open files (`ulimit -n`, `LimitNOFILE=`) or memory"
    )]
    Exhausted {
        /// What was tried.
        operation: &'static str,
        /// On which object.
        object: String,
        /// As the system put it.
        reason: String,
    },
    /// No space or quota is left.
    #[error(
        "could not {operation} `{object}`: {reason}\nhint: free some space on the disk of the data directory, and send the same request again"
    )]
    DiskFull {
        /// What was tried.
        operation: &'static str,
        /// On which object.
        object: String,
        /// As the store put it.
        reason: String,
    },
    /// The store did not answer, or not sensibly, even after several tries. Whether a write took place is unknown.
    #[error("could not {operation} `{object}`: the store is not available: {reason}")]
    Unavailable {
        /// What was tried.
        operation: &'static str,
        /// On which object.
        object: String,
        /// As the store put it.
        reason: String,
    },
    /// An object is not what its name promises.
    #[error("`{object}` is damaged: {reason}\nhint: `packyard fsck` checks the whole store")]
    Damaged {
        /// Which object.
        object: String,
        /// What is wrong with it.
        reason: String,
    },
    /// More bytes were asked for than there are.
    #[error("could not read bytes {start}-{end} of `{object}`: it has {size_bytes}")]
    OutOfRange {
        /// Which object.
        object: String,
        /// First byte that was wanted.
        start: u64,
        /// One past the last byte that was wanted.
        end: u64,
        /// How many there are.
        size_bytes: u64,
    },
    /// The store cannot create atomically, so a log in it could lose commits.
    #[error(
        "the store is not safe for a log: {reason}\nhint: keep the log on a local disk or in a store with an atomic \"put if absent\""
    )]
    Unsafe {
        /// What it did.
        reason: String,
    },
    /// Somebody else is writing there.
    #[error(
        "another process is writing to `{place}`\nhint: wait until it has ended, or choose another directory"
    )]
    Busy {
        /// The directory.
        place: String,
    },
    /// A file beside the store could not be read or written.
    #[error("could not {operation} `{object}`: {reason}")]
    File {
        /// What was tried.
        operation: &'static str,
        /// On which file.
        object: String,
        /// As the system put it.
        reason: String,
    },
}

impl StoreError {
    /// Whether the object simply is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether the same request may succeed a moment later.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    pub(crate) fn newer(found: u32) -> Self {
        Self::NewerFormat {
            found,
            known: META_FORMAT,
        }
    }

    pub(crate) fn damaged(key: &impl Display, reason: impl Into<String>) -> Self {
        Self::Damaged {
            object: key.to_string(),
            reason: reason.into(),
        }
    }

    /// Names what `object_store` reports.
    pub(crate) fn from_store(
        operation: &'static str,
        key: &impl Display,
        error: &object_store::Error,
    ) -> Self {
        Self::of_object(operation, key.to_string(), error)
    }

    /// The same for an object that is none of the store's.
    pub(crate) fn of_object(operation: &'static str, object: String, error: &object_store::Error) -> Self {
        use object_store::Error as E;
        let reason = root_cause(error);
        match error {
            E::NotFound { .. } => Self::NotFound { operation, object },
            E::PermissionDenied { .. }
            | E::Unauthenticated { .. }
            | E::NotSupported { .. }
            | E::NotImplemented { .. } => Self::Denied {
                operation,
                object,
                reason,
            },
            _ => match io_error(error) {
                Some(e) => Self::from_os(operation, object, e, reason),
                None => Self::Unavailable {
                    operation,
                    object,
                    reason,
                },
            },
        }
    }

    /// Names what the operating system reports about an object on a local disk.
    pub(crate) fn from_io(operation: &'static str, key: &Key, error: &io::Error) -> Self {
        Self::from_os(operation, key.to_string(), error, error.to_string())
    }

    /// Names what the operating system reports about making something durable.
    pub(crate) fn from_sync(root: &Path, error: &io::Error) -> Self {
        Self::from_os("sync", root.display().to_string(), error, error.to_string())
    }

    /// Names what the operating system reports about a directory or file that is not an object.
    pub(crate) fn from_file(operation: &'static str, path: &Path, error: &io::Error) -> Self {
        let object = path.display().to_string();
        match Self::from_os(operation, object, error, error.to_string()) {
            Self::Unavailable {
                operation,
                object,
                reason,
            } => Self::File {
                operation,
                object,
                reason,
            },
            other => other,
        }
    }

    fn from_os(operation: &'static str, object: String, error: &io::Error, reason: String) -> Self {
        if error.kind() == io::ErrorKind::NotFound {
            return Self::NotFound { operation, object };
        }
        match Shortage::of(error) {
            Some(Shortage::Space) => Self::DiskFull {
                operation,
                object,
                reason,
            },
            Some(Shortage::Writing) => Self::Denied {
                operation,
                object,
                reason,
            },
            Some(Shortage::Resources) => Self::Exhausted {
                operation,
                object,
                reason,
            },
            None => Self::Unavailable {
                operation,
                object,
                reason,
            },
        }
    }

    /// What the machine lacks, where that is the reason.
    pub fn shortage(&self) -> Option<Shortage> {
        match self {
            Self::DiskFull { .. } => Some(Shortage::Space),
            Self::Denied { .. } => Some(Shortage::Writing),
            Self::Exhausted { .. } => Some(Shortage::Resources),
            _ => None,
        }
    }
}

/// What a machine lacks. Nothing is wrong with the request, and nothing with what is stored: the same succeeds once the
/// cause is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortage {
    /// The disk is full, or a quota is used up.
    Space,
    /// The file system may only be read, by this user or by anybody.
    Writing,
    /// No file descriptors or no memory.
    Resources,
}

impl Shortage {
    /// What the operating system lacks, if that is what it says.
    pub fn of(error: &io::Error) -> Option<Self> {
        use io::ErrorKind as K;
        match error.kind() {
            K::StorageFull | K::QuotaExceeded | K::FileTooLarge => Some(Self::Space),
            K::PermissionDenied | K::ReadOnlyFilesystem => Some(Self::Writing),
            K::OutOfMemory => Some(Self::Resources),
            _ => {
                // `std` has no kind for these.
                let exhausted = [rustix::io::Errno::MFILE, rustix::io::Errno::NFILE];
                let code = error.raw_os_error().or_else(|| code_in(&error.to_string()))?;
                exhausted
                    .iter()
                    .any(|e| e.raw_os_error() == code)
                    .then_some(Self::Resources)
            }
        }
    }
}

/// The code of an error to which somebody has added a path (as `tempfile` does), and from which the code itself cannot be
/// had any more: `std` writes it as `(os error 24)`.
fn code_in(text: &str) -> Option<i32> {
    let (_, rest) = text.split_once("(os error ")?;
    rest.split_once(')')?.0.parse().ok()
}

fn io_error(error: &object_store::Error) -> Option<&io::Error> {
    chain(error)
        .find_map(|e| e.downcast_ref::<io::Error>())
        // A staging file that was swept away under our feet is a reason to try again, not a missing object.
        .filter(|e| e.kind() != io::ErrorKind::NotFound)
}

fn root_cause(error: &object_store::Error) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |e: &&'a (dyn Error + 'static)| (*e).source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_machine_lacks_is_told_by_the_code_however_it_is_wrapped() {
        let of = |code| Shortage::of(&io::Error::from_raw_os_error(code));
        let table = [
            (rustix::io::Errno::NOSPC, Some(Shortage::Space)),
            (rustix::io::Errno::DQUOT, Some(Shortage::Space)),
            (rustix::io::Errno::ROFS, Some(Shortage::Writing)),
            (rustix::io::Errno::ACCESS, Some(Shortage::Writing)),
            (rustix::io::Errno::MFILE, Some(Shortage::Resources)),
            (rustix::io::Errno::NFILE, Some(Shortage::Resources)),
            (rustix::io::Errno::NOMEM, Some(Shortage::Resources)),
            (rustix::io::Errno::IO, None),
            (rustix::io::Errno::NOENT, None),
        ];
        for (code, lacks) in table {
            assert_eq!(of(code.raw_os_error()), lacks, "{code}");
            let plain = io::Error::from_raw_os_error(code.raw_os_error());
            let wrapped = io::Error::new(plain.kind(), format!("{plain} at path \"/x\""));
            assert_eq!(Shortage::of(&wrapped), lacks, "{wrapped}");
        }
    }
}
