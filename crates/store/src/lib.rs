//! Blobs and the log over one object-store seam: local disk with fsync, memory, anything that `object_store` speaks.
//!
//! | file | nouns |
//! |---|---|
//! | `key` | [`Key`]: every path in the store |
//! | `store` | [`Store`], [`Meta`] |
//! | `blobs` | putting and reading blobs |
//! | `log` | [`Appended`]: the commit |
//! | `staging` | [`Staged`]: records outside the history |
//! | `once` | [`OnceKey`]: what happens once, on whichever node |
//! | `seal` | [`Sealed`]: whether a record outside the history is what was put |
//! | `inventory` | every object by its path, and mending what is damaged |
//! | `upstream` | [`UpstreamKey`]: what came from other indexes |
//! | `probe` | whether "put if absent" can be trusted |
//! | `retry` | the same request again, a bounded number of times |
//! | `disk` | what a local disk needs beyond `object_store`: links, fsync of directories, sweeping |
//! | `site` | [`Site`]: where a static copy of a channel lies, in a directory or a bucket |
//! | `syncing` | many writers, one sync |
//! | `error` | [`StoreError`], [`Shortage`] |
//!
//! Architecture Invariant: no object of the store is ever overwritten with other bytes, but for damaged ones by
//! `mend`; and nothing here deletes a blob or an
//! entry of the log.

mod blobs;
mod disk;
mod error;
mod inventory;
mod key;
mod log;
mod once;
mod probe;
mod retry;
mod seal;
mod site;
mod staging;
mod store;
mod syncing;
mod upstream;

pub use error::{Shortage, StoreError};
pub use key::{DraftRecord, Key, Staging, StagingKey};
pub use log::Appended;
pub use once::OnceKey;
pub use seal::Sealed;
pub use site::{BucketSite, DirectorySite, Found, ServedAs, Site};
pub use staging::{Staged, is_record};
pub use store::{META_FORMAT, Meta, Store};
pub use upstream::{UpstreamKey, UpstreamRecords};
