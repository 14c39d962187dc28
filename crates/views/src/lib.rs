//! Index files as pure functions: (previous tree, delta) -> (tree, new chunks) for apt and yum, and pip's pages.
//! Nothing here does I/O or reads a clock; keys are behind [`Sign`], stored chunks behind [`Chunks`].

pub mod apt;
mod view;
pub mod yum;

pub use view::{Advanced, Chunks, Delta, Item, MissingChunk, Sign, SignError, ViewError};
