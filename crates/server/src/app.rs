//! What every handler has at hand.

use crate::attempts::Attempts;
use axum::extract::FromRequestParts;
use http::request::Parts;

use packyard_repo::{Limits, RepoError, Served, Yard};
use std::{convert::Infallible, sync::Arc};

/// How a server is set up.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The URL under which clients reach it, where that is not what they say in `Host`.
    pub public_url: Option<String>,
    /// Where uploads stop.
    pub limits: Limits,
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
        Self {
            yard,
            settings: Arc::new(settings),
            attempts: Arc::default(),
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
