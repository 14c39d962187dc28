//! Debian binary packages.

pub mod read;
pub mod relation;
pub mod rules;
pub mod version;
pub mod write;
