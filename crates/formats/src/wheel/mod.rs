//! Python wheels.

pub mod read;
pub mod record;
pub mod unpack;
pub mod write;
