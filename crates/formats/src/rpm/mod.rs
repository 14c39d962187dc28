//! RPM packages.

pub mod facts;
mod files;
pub mod header;
mod packet;
pub mod read;
pub mod signature;
pub mod tag;
pub mod write;
