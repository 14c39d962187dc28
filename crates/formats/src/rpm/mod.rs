//! RPM packages.

pub mod cautions;
mod dependencies;
mod digests;
pub mod facts;
mod files;
pub mod header;
mod known;
mod layout;
mod lists;
mod packet;
pub mod read;
pub mod signature;
pub mod tag;
pub mod write;
