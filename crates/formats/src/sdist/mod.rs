//! Python source distributions.

pub mod read;
