//! Debian source packages of all sample projects, judged by Debian's own tools: unpacked, checked, and built into a .deb
//! that holds what packyard's own holds.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

mod ejected;
mod judged;
mod said;
mod tools;
mod unpacked;
