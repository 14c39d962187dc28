//! Tokens: granting, listing, revoking.

use super::Answer;
use crate::{
    app::App,
    extract::{Caller, Path, parsed},
};
use axum::{Json, body::Body, response::IntoResponse};
use http::{StatusCode, header};
use packyard_repo::TokenWish;
use packyard_types::{Permission, Permissions, Timestamp, TokenId};
use serde::Deserialize;
use serde_json::{Value, json};

/// `GET /api/v1/tokens`
pub async fn tokens(app: App, Caller(access): Caller) -> Answer {
    access.allow(Permission::Admin, None)?;
    let token = |t: &packyard_repo::TokenRow| {
        json!({ "id": t.grant.id, "can": t.grant.can, "channels": t.grant.channels, "projects": t.grant.projects,
                "expires": t.grant.expires, "networks": t.grant.networks, "revoked": t.revoked,
                "last_used": app.yard.last_used(&t.grant.id) })
    };
    let tokens: Vec<Value> = app.yard.tokens()?.iter().map(token).collect();
    Ok(Json(json!({ "tokens": tokens })).into_response())
}

/// The body of `POST /api/v1/tokens`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenBody {
    id: Option<TokenId>,
    can: Permissions,
    #[serde(default = "everything")]
    channels: String,
    #[serde(default = "everything")]
    projects: String,
    expires: Option<Timestamp>,
    #[serde(default)]
    networks: Vec<ipnet::IpNet>,
}

fn everything() -> String {
    "*".to_owned()
}

/// `POST /api/v1/tokens`: the answer is the only place where the token's text is ever seen.
pub async fn grant(app: App, Caller(access): Caller, body: Body) -> Answer {
    access.allow(Permission::Admin, None)?;
    let body: TokenBody = parsed("token", body).await?;
    let TokenBody {
        id,
        can,
        channels,
        projects,
        expires,
        networks,
    } = body;
    let (grant, text) = app
        .yard
        .grant(
            &access,
            TokenWish {
                id,
                can,
                channels,
                projects,
                expires,
                networks,
            },
        )
        .await?;
    let answer = json!({ "id": grant.id, "token": text, "can": grant.can, "expires": grant.expires });
    Ok((
        StatusCode::CREATED,
        [(header::CACHE_CONTROL, "no-store")],
        Json(answer),
    )
        .into_response())
}

/// `DELETE /api/v1/tokens/{id}`
pub async fn revoke(app: App, Caller(access): Caller, Path(id): Path<String>) -> Answer {
    app.yard.revoke(&access, TokenId::parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
