//! Source packages of all sample projects, judged by the tools of Debian and RPM: unpacked, checked, and built into one
//! that holds what packyard's own holds.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

mod ejected;
mod judged;
mod rpm;
mod said;
mod tools;
mod unpacked;
