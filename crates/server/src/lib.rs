//! The server: HTTP in, for pip, apt, yum, the JSON API and people. Handlers translate: extract, call one use case,
//! respond. Status codes live in `error`, conditional requests and ranges in `conditional` and `respond`, the route table in `router`.
// The server is where the clock is read (docs/architecture.md).
#![allow(clippy::disallowed_methods)]

mod app;
mod attempts;
mod conditional;
mod connection;
mod connections;
mod descriptors;
mod error;
mod extract;
mod idle;
mod in_process;
mod issuer;
mod leftover;
mod limits;
mod listen;
mod metrics;
mod multipart;
mod proxy;
mod pulse;
mod reader;
mod respond;
mod router;
mod routes;
mod setup;
mod setup_script;
mod supervisor;
mod tls;
mod upstream;

pub use app::{App, MetricsAccess, Settings};
pub use in_process::InProcess;
pub use limits::Traffic;
pub use listen::{Listening, system_clock};
pub use proxy::{Proxies, ProxyHeader};
pub use router::router;
pub use setup::InstallLines;
pub use supervisor::{News, Supervisor};
pub use tls::{Tls, TlsError};
