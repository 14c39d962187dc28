//! Stories about a yard: what is published is visible as a whole or not at all, whatever the store does.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]
// A stage and what is stale on it.
#![allow(clippy::similar_names)]

mod again;
mod beside;
mod collecting;
mod drafts;
mod faults;
mod flow;
mod inherits;
mod large;
mod moving;
mod oidc;
mod only_newer;
mod oracle;
mod publishing;
mod retention;
mod room;
mod same_bytes;
mod select;
mod storm;
mod uploads;
mod upstream;
mod yum_generations;
