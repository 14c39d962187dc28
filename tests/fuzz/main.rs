//! Bytes that nobody wrote in earnest, made from good ones with a seed: each reader refuses them or reads them, never
//! panics, never takes long, and what it reads can be listed. `README.md` says how to run this for hours.

#![allow(clippy::unwrap_used, missing_docs, reason = "these are tests")]

mod feed;
#[path = "../../crates/formats/tests/packages/make.rs"]
#[allow(dead_code, reason = "other tests use what this does not")]
mod make;
mod mutator;
#[path = "../../crates/formats/tests/packages/raw_rpm.rs"]
#[allow(dead_code, reason = "other tests use what this does not")]
mod raw_rpm;
mod render;
mod seeds;
mod targets;

pub use feed::Target;

feed::targets! { rpm deb wheel sdist ar tar zip streams record metadata deb822 changelog dsc changes index simple_page document jwt issuer }
