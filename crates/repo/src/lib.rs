//! The use cases of a yard: what a server or a command asks for, in terms of the vocabulary. This crate knows the log,
//! the store, the index and the views; it knows nothing of HTTP, argv or the clock.
//!
//! | file | what |
//! |---|---|
//! | `data_dir` | which file lies where in a data directory, and its locks |
//! | `yard` | opening a yard, founding a new one |
//! | `commit` | one committer, group commit, replay: how a change becomes a revision |
//! | `pack` | many small blobs in one |
//! | `intake` | receiving a file, reading its facts, signing an .rpm |
//! | `publish` | a release, from files to receipt |
//! | `promote` | artifacts into another channel or place, planned first |
//! | `rollback`, `downgrade` | a channel as it was, and how machines follow |
//! | `withdraw` | yank, unyank, remove, purge |
//! | `tags` | names of revisions |
//! | `changing` | a plan that is made anew when the channel changed under it |
//! | `serve` | the bytes that clients get |
//! | `python` | the pip view: simple pages from the index |
//! | `packages` | what lists and pages show |
//! | `select` | what `NAME==VERSION` and a filename mean |
//! | `access` | tokens |
//! | `fsck` | is everything there, and what it says it is |
//! | `keys` | the yard's signing keys |

mod access;
mod changing;
mod commit;
mod data_dir;
mod downgrade;
mod error;
mod fsck;
mod intake;
pub mod keys;
mod pack;
mod packages;
mod promote;
mod publish;
mod python;
mod reading;
mod rollback;
mod select;
mod serve;
mod tags;
mod withdraw;
mod yard;

pub use access::{Access, NewToken, TokenWish};
pub use commit::{Committed, Proposal};
pub use data_dir::{DataDir, Lock};
pub use downgrade::Downgrade;
pub use error::RepoError;
pub use fsck::{Finding, FsckReport};
pub use intake::{Receiver, Upload};
pub use packages::{Package, PackageVersion};
pub use packyard_formats::intake::Limits;
pub use packyard_index::{Applied, ChangeRow, ChannelRow, Listed, PackageSummary, TokenRow};
pub use promote::{Choice, ChosenLine, Line, Promoted, Promotion};
pub use publish::{Incoming, Receipt, ReceiptLine, Release, Source};
pub use python::SimplePage;
pub use rollback::{Rollback, RolledBack};
pub use select::{Chosen, Selection, Selector, Wanted};
pub use serve::Served;
pub use tags::{TagRow, TagSet};
pub use withdraw::{Purged, What, Withdrawal, Withdrawn};
pub use yard::{Clock, OpenYard, Yard};
