//! `[[file]]` of the project file: what it installs, and what it refuses.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

mod layouts;
mod room;
mod said;
mod sources;
