//! RPM packages.

pub mod signature;
