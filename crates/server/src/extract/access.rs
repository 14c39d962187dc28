//! Who asks: `Authorization: Bearer T`, or Basic with any user and T as the password.

use super::Shown;
use crate::{app::App, error::ApiError};
use axum::extract::{ConnectInfo, FromRequestParts};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{header, request::Parts};
use packyard_repo::{Access, RepoError};
use packyard_types::Sender;
use std::net::SocketAddr;

/// Who asks. A request with a token that is not good is refused even where anonymous ones are served, so that nobody
/// believes to be logged in who is not.
#[derive(Debug, Clone)]
pub struct Caller(pub Access);

/// Marks a request that did not come over a network but from somebody with the data directory in their hands.
/// Only [`crate::InProcess`] sets it; nothing in an HTTP request can.
#[derive(Debug, Clone, Copy)]
pub struct LocalCaller;

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        if parts.extensions.get::<LocalCaller>().is_some() {
            return Ok(Self(Access::Local));
        }
        let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
            return Ok(Self(Access::Anonymous));
        };
        let (token, sender) = (value.to_str().ok().and_then(token), sender(parts));
        let (from, Shown(shown)) = (sender.address, Shown::from_request_parts(parts, app).await?);
        let access = match token {
            Some(token) => match app.yard.given(&token, &sender).await {
                Ok(None) => app.yard.access_as_of(&token, sender, shown),
                Ok(Some(given)) => Ok(given),
                Err(e) => Err(e),
            },
            None => Err(RepoError::Unauthenticated),
        };
        if matches!(access, Err(RepoError::Unauthenticated)) {
            app.metrics.token_failure();
            app.attempts.slow_down(from).await;
        }
        Ok(Self(access?))
    }
}

/// From where a request came, and with what.
fn sender(parts: &Parts) -> Sender {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let sender = Sender {
        address: peer.map(|peer| peer.0.ip().to_canonical()),
        ..Sender::default()
    };
    let client = parts
        .headers
        .get(header::USER_AGENT)
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    sender.with_client(&client.unwrap_or_default())
}

fn token(header: &str) -> Option<String> {
    let (scheme, rest) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn tokens_come_as_bearer_or_as_a_password() {
        assert_eq!(token("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(token("basic X190b2tlbl9fOmFiYw==").as_deref(), Some("abc"));
        assert_eq!(token("Digest x"), None);
        assert_eq!(token("Basic %%%"), None);
    }
}
