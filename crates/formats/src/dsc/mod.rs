//! Debian source packages.

pub mod write;
