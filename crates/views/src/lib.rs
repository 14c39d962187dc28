//! Index files as pure functions: (previous tree, delta) -> (tree, new chunks) for apt and yum, and pip's pages.
//! Nothing here does I/O or reads a clock; keys are behind [`Sign`], stored chunks behind [`Chunks`].
//!
//! | module | what it makes |
//! |---|---|
//! | [`apt`] | `dists/…`: Packages, Sources, Translation, Contents, Release |
//! | [`yum`] | `repodata/…`: primary, filelists, other, repomd.xml |
//! | [`pip`] | the simple index's pages |
//! | [`rope`] | index files as lists of deflated chunks, and their bytes as segments |

pub mod apt;
mod edits;
pub mod pip;
pub mod rope;
mod view;
pub mod yum;

pub use rope::{HashStates, InflateError, Segment, inflate, segments};
pub use view::{Advanced, Chunks, ContentsDelta, Delta, Item, MissingChunk, Sign, SignError, ViewError};

#[cfg(test)]
mod tests;
