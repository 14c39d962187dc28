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
//! | `promote` | artifacts into another channel or place, planned first |
//! | `rollback`, `downgrade` | a channel as it was, and how machines follow |
//! | `withdraw` | yank, unyank, remove, purge |
//! | `tags` | names of revisions |
//! | `retention`, `gc` | what a channel no longer keeps, and giving it up |
//! | `changing` | a plan that is made anew when the channel changed under it |
//! | `drafts` | releases that are collected before they are made |
//! | `uploads` | what a client must still send, and whose bytes a release may name |
//! | `incoming` | uploads as dput makes them: file by file, and the .changes last |
//! | `prepare` | one file of a release, from its bytes to an artifact |
//! | `publish` | a release, from artifacts to receipt |
//! | `sifted` | a release that leaves out what is refused |
//! | `foreign` | signatures of others on an .rpm |
//! | `serve` | the bytes that clients get |
//! | `lookup` | where a name comes from: the channel, what it inherits, its upstream |
//! | `upstream` | another index, asked for what a channel does not have |
//! | `python` | the pip view: pages from the index, kept until their project changes |
//! | `recent` | what every request asks for, as of the newest revision, in memory |
//! | `export` | everything that a channel serves, file by file |
//! | `packages` | what lists and pages show |
//! | `advisories` | why to update to a package's versions |
//! | `offered` | a package with what a channel inherits of it |
//! | `diff` | what differs between revisions and channels, with the changelogs in between |
//! | `settings` | channels: created, changed, ended |
//! | `cautions` | what of a channel's settings is easily not meant |
//! | `projects` | what a channel says of its projects: status, reason, open to an upstream |
//! | `distributions` | distributions: declared, changed, ended, found by their names |
//! | `renewal` | signing anew what would expire |
//! | `select` | what `NAME==VERSION` and a filename mean |
//! | `access` | tokens |
//! | `oidc` | trusted publishing: short tokens for those of OIDC issuers |
//! | `figures` | what the committer did, and how much may wait for it |
//! | `fsck` | is everything there, and what it says it is |
//! | `doctor` | what will need somebody's hand soon |
//! | `backup` | the store, copied while others publish |
//! | `changelogs` | what `apt changelog` asks for |
//! | `keys` | the yard's signing keys |
//! | `rotation` | which of them sign, and how they are replaced |

mod access;
mod advisories;
mod backup;
mod cautions;
mod changelogs;
mod changing;
mod chunk_cache;
mod commit;
mod contents_lag;
mod data_dir;
mod diff;
mod distributions;
mod doctor;
mod documents;
mod downgrade;
mod drafts;
mod error;
mod export;
mod exported;
mod figures;
mod foreign;
mod fsck;
mod gc;
mod incoming;
mod intake;
pub mod keys;
mod last_use;
mod lookup;
mod offered;
mod oidc;
mod pack;
mod packages;
mod prepare;
mod projects;
mod promote;
mod publish;
mod python;
mod reading;
mod recent;
mod renewal;
mod retention;
mod rollback;
mod rotation;
mod select;
mod serve;
mod settings;
mod sifted;
mod tags;
mod uploads;
mod upstream;
mod withdraw;
mod yard;

pub use access::{Access, NewToken, TokenWish};
pub use advisories::VersionAdvisory;
pub use backup::{BackedUp, Backup, BackupRecord, backup_record};
pub use changelogs::ChangelogPath;
pub use commit::{Committed, Proposal};
pub use data_dir::{DataDir, Lock};
pub use diff::{
    ChangelogEntry, Difference, FileChange, FileDifference, ProjectChange, ProjectDifference, ProjectNotes,
};
pub use distributions::DistributionRow;
pub use doctor::{Symptom, Urgency, doctor};
pub use documents::{DocumentPut, DocumentWish};
pub use downgrade::Downgrade;
pub use drafts::{DraftCommit, DraftCommitted, DraftContents, DraftLine, DraftOf, DraftState, DraftSummary};
pub use error::RepoError;
pub use exported::{ExportFile, ExportList, ExportedArtifact, LostArtifact, Turn};
pub use figures::Figures;
pub use fsck::{DirectorySpare, Finding, Fsck, FsckReport, Repaired, Spare};
pub use gc::{Collected, Gc};
pub use incoming::{Delivered, DeliveryPlace};
pub use intake::{Receiver, Upload};
pub use keys::{KeyHolder, ListedFor, holders};
pub use lookup::{PythonSource, PythonSources, Why};
pub use offered::Offered;
pub use oidc::{AskIssuer, Exchanged, IssuerAnswer, PublisherWish, Refusal, Trusted};
pub use packages::{Package, PackageVersion};
pub use packyard_formats::intake::{Limits, claims::Claims};
pub use packyard_index::{Applied, ChangeRow, ChannelRow, Listed, PackageSummary, TokenRow};
pub use prepare::{Incoming, Source};
pub use projects::{ProjectSaid, ProjectStanding, ProjectWish};
pub use promote::{Choice, ChosenLine, Line, Promoted, Promotion};
pub use publish::{Receipt, ReceiptLine, Release};
pub use python::{Coding, Form, Page, PythonPage, Wish};
pub use retention::RetentionPlan;
pub use rollback::{Rollback, RolledBack};
pub use rotation::{KeysChanged, Rotate, YardKey};
pub use select::{Chosen, Selection, Selector, Wanted};
pub use serve::{AliasPlace, Served};
pub use settings::{Configured, Expected, Patch};
pub use sifted::RefusedLine;
pub use tags::{TagRow, TagSet};
pub use uploads::{Conditions, Intended, Needed};
pub use upstream::{Fetch, FetchFailed, FileAnswer, FileOrigin, PageAnswer, Provenance, UpstreamState};
pub use withdraw::{Purged, What, Withdrawal, Withdrawn};
pub use yard::{Clock, OpenYard, Yard};
