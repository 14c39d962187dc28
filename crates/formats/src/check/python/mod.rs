//! What the packaging specifications ask of wheels and sdists beyond what intake insists on.

mod entry_points;
mod library;
mod metadata;
pub mod sdist;
pub mod wheel;
