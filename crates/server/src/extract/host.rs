//! The URL under which the client reached us.

use crate::app::App;
use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use std::convert::Infallible;

/// The server's URL without a slash at its end: the configured one, else what the client's `Host` says.
#[derive(Debug, Clone)]
pub struct BaseUrl(pub String);

impl FromRequestParts<App> for BaseUrl {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        if let Some(url) = &app.settings.public_url {
            return Ok(Self(url.trim_end_matches('/').to_owned()));
        }
        let host = parts.headers.get(header::HOST).and_then(|h| h.to_str().ok());
        // The name goes into files and pages: only what a host and port can be.
        let plain = |h: &&str| {
            !h.is_empty()
                && h.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b".-:[]_".contains(&b))
        };
        Ok(Self(format!(
            "http://{}",
            host.filter(plain).unwrap_or("localhost")
        )))
    }
}
