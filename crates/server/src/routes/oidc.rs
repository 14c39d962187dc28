//! Trusted publishing, as PyPI's clients speak it: `GET /_/oidc/audience`, `POST /_/oidc/mint-token`,
//! `POST /_/oidc/burn-token`. Nobody needs a token of this yard for them: what is sent proves who asks.

use crate::{app::App, error::ApiError};
use axum::{
    Extension, Json,
    body::Body,
    extract::ConnectInfo,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use packyard_repo::RepoError;
use packyard_types::TokenId;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use std::net::SocketAddr;

type Answer = Result<Response, ApiError>;

/// The largest request: an issuer's token has 16 KiB at most.
const LIMIT_BYTES: usize = 64 << 10;

/// `GET /_/oidc/audience`: what clients ask their CI system for.
pub async fn audience(app: App) -> Answer {
    let audience = app.yard.audience()?;
    Ok((
        [(header::CACHE_CONTROL, "no-store")],
        Json(json!({ "audience": audience })),
    )
        .into_response())
}

/// The body of `POST /_/oidc/mint-token`; other fields are somebody else's.
#[derive(Deserialize)]
pub struct MintBody {
    token: String,
    publisher: Option<TokenId>,
}

/// From where a request came, which in process is from nowhere.
type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

/// `POST /_/oidc/mint-token`. What is refused is a guess like any wrong token, and waits like one.
pub async fn mint(app: App, peer: Peer, body: Body) -> Answer {
    let body: MintBody = read(body).await?;
    let given = app.yard.exchange(&body.token, body.publisher.as_ref()).await;
    if matches!(given, Err(RepoError::NotVouched { .. })) {
        let from = peer.map(|Extension(ConnectInfo(peer))| peer.ip().to_canonical());
        app.metrics.token_failure();
        app.attempts.slow_down(from).await;
    }
    let given = given.map_err(coded)?;
    let answer = json!({ "success": true, "token": given.text, "expires": given.expires.unix_seconds(),
                         "publisher": given.publisher });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// The body of `POST /_/oidc/burn-token`.
#[derive(Deserialize)]
pub struct BurnBody {
    token: String,
}

/// `POST /_/oidc/burn-token`: the answer says nothing of whether there was such a token.
pub async fn burn(app: App, body: Body) -> Answer {
    let body: BurnBody = read(body).await?;
    app.yard.give_back(&body.token).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "success": true }))).into_response())
}

/// JSON, whatever the client says that it is: curl sends it as a form.
async fn read<T: DeserializeOwned>(body: Body) -> Result<T, ApiError> {
    let refused = |why: String| {
        let hint = Some("send {\"token\": \"…\"}");
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, why, hint).with_code("invalid-payload")
    };
    let bytes = axum::body::to_bytes(body, LIMIT_BYTES).await;
    let bytes = bytes.map_err(|_| {
        refused(format!(
            "the body did not arrive whole, or is larger than {LIMIT_BYTES} bytes"
        ))
    })?;
    serde_json::from_slice(&bytes).map_err(|e| refused(format!("the body is not what it must be: {e}")))
}

fn coded(e: RepoError) -> ApiError {
    let code = match &e {
        RepoError::NotVouched { refusal, .. } => refusal.as_str(),
        RepoError::IssuerDown { .. } => "issuer-unavailable",
        _ => "not-possible-now",
    };
    ApiError::from(e).with_code(code)
}
