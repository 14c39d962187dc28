//! Python source distributions.

pub mod write;
