//! Debian binary packages.

pub mod write;
