//! Python source distributions.

pub mod read;
pub mod write;
