//! Bytes to package and back: deb822, archives with limits, deb, rpm, wheel, sdist, core metadata, intake.

pub mod compress;
pub mod deb;
pub mod entries;
pub mod intake;
pub mod rpm;
pub mod sdist;
pub mod tarball;
pub mod wheel;
