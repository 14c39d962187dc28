//! Python wheels.

pub mod write;
