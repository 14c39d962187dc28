//! Debian binary packages.

pub mod read;
pub mod write;
