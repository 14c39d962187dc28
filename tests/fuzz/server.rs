//! Requests that nobody wrote in earnest: upload forms, bodies of the JSON API, paths and headers, put to the handlers
//! of a yard of their own. Whatever comes, the answer is no 5xx, says why, and comes soon.

#![allow(clippy::unwrap_used, missing_docs, reason = "these are tests")]

mod counted;
mod feed;
mod mutator;
mod target;
#[path = "targets/requests.rs"]
mod targets;

pub use target::Target;

feed::targets! { multipart api path }
