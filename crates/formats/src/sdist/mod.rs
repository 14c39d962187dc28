//! Python source distributions.

pub mod read;
pub mod unpack;
pub mod write;
