//! Bytes to package and back: deb822, archives with limits, deb, rpm, wheel, sdist, core metadata, intake.

mod hex;
pub mod intake;
pub mod rpm;
