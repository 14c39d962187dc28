//! Python wheels.

pub mod read;
pub mod record;
