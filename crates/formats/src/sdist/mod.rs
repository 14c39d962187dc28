//! Python source distributions.

pub mod read;
pub mod rules;
pub mod unpack;
pub mod write;
