//! Python source distributions.

pub mod unpack;
pub mod write;
