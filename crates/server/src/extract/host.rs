//! The URL under which the client reached us.

use crate::{
    app::App,
    proxy::{Reached, is_host},
};
use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use std::convert::Infallible;

/// The server's URL without a slash at its end: the configured one, else what the proxy in front or the client's `Host`
/// says.
#[derive(Debug, Clone)]
pub struct BaseUrl(pub String);

impl FromRequestParts<App> for BaseUrl {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        if let Some(url) = &app.settings.public_url {
            return Ok(Self(url.trim_end_matches('/').to_owned()));
        }
        let reached = parts.extensions.get::<Reached>();
        let asked = parts.headers.get(header::HOST).and_then(|h| h.to_str().ok());
        let host = reached.and_then(|r| r.host.as_deref()).or(asked);
        let scheme = if reached.is_some_and(|r| r.https) {
            "https"
        } else {
            "http"
        };
        Ok(Self(format!(
            "{scheme}://{}",
            host.filter(|host| is_host(host)).unwrap_or("localhost")
        )))
    }
}
