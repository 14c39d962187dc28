//! The server: HTTP in, for pip, apt, yum, the JSON API and people. Handlers translate: extract, call one use case,
//! respond. Status codes live in `error`, conditional requests and ranges in `conditional` and `respond`, the route table in `router`.
// The server is where the clock is read (docs/architecture.md).
#![allow(clippy::disallowed_methods)]

mod app;
mod attempts;
mod conditional;
mod error;
mod extract;
mod idle;
mod in_process;
mod issuer;
mod leftover;
mod listen;
mod multipart;
mod reader;
mod respond;
mod router;
mod routes;
mod setup;
mod setup_script;
mod upstream;

pub use app::{App, Settings};
pub use in_process::InProcess;
pub use listen::{Listening, system_clock};
pub use router::router;
pub use setup::InstallLines;
