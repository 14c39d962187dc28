//! The targets of `tests/fuzz`, for a fuzzer that measures coverage: the very same functions, compiled a second time.

#![allow(clippy::unwrap_used, dead_code, missing_docs, reason = "these are tests")]

#[path = "../../crates/formats/tests/packages/make.rs"]
mod make;
#[path = "../../tests/fuzz/mutator.rs"]
mod mutator;
#[path = "../../crates/formats/tests/packages/raw_rpm.rs"]
mod raw_rpm;
#[path = "../../tests/fuzz/render.rs"]
mod render;
#[cfg(feature = "server")]
#[path = "../../tests/fuzz/targets/requests.rs"]
pub mod requests;
#[path = "../../tests/fuzz/seeds.rs"]
mod seeds;
#[path = "../../tests/fuzz/target.rs"]
mod target;
#[path = "../../tests/fuzz/targets/mod.rs"]
pub mod targets;

pub use libfuzzer_sys;
#[cfg(feature = "server")]
pub use requests::{api, multipart, path};
pub use target::Target;
pub use targets::*;

/// The whole of a target's program.
#[macro_export]
macro_rules! fuzz {
    ($name:ident) => {
        $crate::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ($crate::$name::TARGET.run)(bytes));
    };
}
