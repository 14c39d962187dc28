//! Debian binary packages.

pub mod ldconfig;
pub mod read;
pub mod relation;
pub mod rules;
pub mod sizes;
pub mod version;
pub mod write;
