//! What every handler has at hand.

use crate::{
    attempts::Attempts,
    connections::Connections,
    limits::{Traffic, count},
    metrics::Metrics,
    proxy::Proxies,
};
use axum::extract::FromRequestParts;
use http::request::Parts;
use ipnet::IpNet;
use packyard_repo::{Limits, RepoError, Served, Yard};
use std::{convert::Infallible, sync::Arc};
use tokio::sync::Semaphore;

/// How a server is set up.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The URL under which clients reach it, where that is not what they say in `Host`.
    pub public_url: Option<String>,
    /// Where uploads stop.
    pub limits: Limits,
    /// Where traffic stops.
    pub traffic: Traffic,
    /// Who may say that a request is another's.
    pub proxies: Proxies,
    /// Who reads `/metrics`.
    pub metrics: MetricsAccess,
}

/// Who reads `/metrics`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetricsAccess {
    /// At the address of everything else: these networks, and an administrator's token from everywhere.
    Here(Vec<IpNet>),
    /// Whoever reaches the listener that it has for itself.
    Elsewhere,
}

impl Default for MetricsAccess {
    /// This machine.
    fn default() -> Self {
        let networks = ["127.0.0.0/8", "::1/128"];
        Self::Here(networks.iter().filter_map(|n| n.parse().ok()).collect())
    }
}

/// The yard and the settings. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The use cases.
    pub yard: Yard,
    /// The settings.
    pub settings: Arc<Settings>,
    /// Where wrong tokens came from of late.
    pub attempts: Arc<Attempts>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The open connections.
    pub open: Arc<Connections>,
    /// Places for uploads.
    pub uploads: Arc<Semaphore>,
}

impl App {
    /// An app over an open yard, which from now on asks the upstreams of its channels, and the
    /// issuers of its publishers, over HTTP.
    pub fn new(yard: Yard, settings: Settings) -> Self {
        // What an upstream answers is kept: who only reads serves what is kept already, and mints nothing.
        if !yard.is_reader() {
            yard.ask_upstreams_by(
                Arc::new(crate::upstream::Http::default()),
                settings.limits.file_bytes,
            );
            yard.ask_issuers_by(Arc::new(crate::issuer::Http::default()));
        }
        yard.serve_at(settings.public_url.as_deref());
        yard.let_wait(count(settings.traffic.queue));
        Self {
            yard,
            uploads: Arc::new(Semaphore::new(count(settings.traffic.uploads))),
            settings: Arc::new(settings),
            attempts: Arc::default(),
            metrics: Arc::default(),
            open: Arc::default(),
        }
    }

    /// A text that is made from the whole index: keys and set-up files.
    pub fn text(&self, text: String, content_type: &'static str) -> Result<Served, RepoError> {
        Ok(Served::text(
            text.into_bytes(),
            content_type,
            self.yard.modified()?,
        ))
    }
}

impl FromRequestParts<App> for App {
    type Rejection = Infallible;
    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(app.clone())
    }
}
