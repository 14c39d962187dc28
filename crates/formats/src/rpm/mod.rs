//! RPM packages.

pub mod signature;
pub mod write;
