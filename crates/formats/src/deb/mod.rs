//! Debian binary packages.

pub mod read;
