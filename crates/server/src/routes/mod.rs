//! Handlers, one file a client.

pub mod api;
pub mod apt;
pub mod metrics;
pub mod oidc;
pub mod ops;
pub mod pages;
pub mod pip;
pub mod upload;
pub mod yum;
