//! `init` on projects of every kind: what it writes is short, true, and builds without a touch.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

mod bad;
mod cargo;
mod contents;
mod lossless;
mod packagings;
mod room;
mod sources;
mod trial;
