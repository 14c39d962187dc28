//! The questions that the index answers, one file a noun. `at` is the revision to answer as of; none for now.

pub mod artifacts;
pub mod blobs;
pub mod changed;
pub mod channels;
pub mod diff;
pub mod documents;
mod former;
pub mod history;
pub mod names;
pub mod parts;
pub mod projects;
pub mod summaries;
pub mod tokens;
pub mod trees;

use packyard_types::Revision;

/// The revision as a bound of a validity range: `from_n <= ?` and (`to_n` is null or `to_n > ?`).
fn bound(at: Option<Revision>) -> u64 {
    at.map_or(i64::MAX as u64 - 1, |r| r.0)
}
