//! Python wheels.

pub mod entry_points;
pub mod read;
pub mod record;
pub mod rules;
pub mod unpack;
pub mod write;
