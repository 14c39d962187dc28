//! Python wheels.

pub mod unpack;
pub mod write;
