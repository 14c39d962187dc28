//! What the stories are told with: a yard, a project, and the clients in rooms of their own.

mod apt_root;
mod bad_line;
mod booted;
mod dnf_root;
mod form;
mod http;
mod other_index;
mod pep517;
mod project;
mod run;
mod server;
mod small_deb;
mod static_host;
mod tamper;
mod tools;
mod venv;
mod wait;
mod yard;

pub use apt_root::AptRoot;
pub use bad_line::{BadLine, Fate};
pub use booted::Booted;
pub use dnf_root::DnfRoot;
pub use form::Form;
pub use http::{Reply, Request, get};
pub use other_index::{OtherIndex, Pages};
pub use pep517::Backends;
pub use project::{Dist, Project};
pub use run::{Outcome, packyard, packyard_command, run, through};
pub use server::Server;
pub use small_deb::SmallDeb;
pub use static_host::StaticHost;
pub use tamper::Tamper;
pub use tools::{free_port, repository, sha256, system_command, tool};
pub use venv::Venv;
pub use wait::eventually;
pub use yard::{Yard, revision};
