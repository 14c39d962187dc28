//! RPM packages.

mod header;
mod packet;
pub mod signature;
