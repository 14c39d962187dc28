//! From a project and its changelog to an sdist, a wheel, a .deb and an .rpm.

pub mod changelog;
mod diagnostic;
mod error;
mod keys;
pub mod manifest;
mod nearest;

pub use diagnostic::{Diagnostic, Place, SourceText};
pub use error::BuildError;
