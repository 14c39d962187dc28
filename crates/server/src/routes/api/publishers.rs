//! Trusted publishers: added, listed, removed.

use super::Answer;
use crate::{
    app::App,
    extract::{Caller, Path, parsed},
};
use axum::{Json, body::Body, response::IntoResponse};
use http::StatusCode;
use packyard_repo::PublisherWish;
use packyard_types::{IssuerUrl, Permission, Permissions, Publisher, TokenId};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `GET /api/v1/publishers`
pub async fn publishers(app: App, Caller(access): Caller) -> Answer {
    access.allow(Permission::Admin, None)?;
    let audience = app.yard.audience()?;
    let shown = |publisher: &Publisher| {
        let mut shown = json!(publisher);
        shown["last_used"] = json!(app.yard.last_used(&publisher.id));
        shown
    };
    let publishers: Vec<Value> = app.yard.publishers()?.iter().map(shown).collect();
    Ok(Json(json!({ "audience": audience, "publishers": publishers })).into_response())
}

/// The body of `POST /api/v1/publishers`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublisherBody {
    id: Option<TokenId>,
    issuer: IssuerUrl,
    audience: Option<String>,
    claims: BTreeMap<String, String>,
    #[serde(default = "publish")]
    can: Permissions,
    #[serde(default = "everything")]
    channels: String,
    #[serde(default = "everything")]
    projects: String,
}

fn publish() -> Permissions {
    Permissions::of([Permission::Publish]).expect("it is not empty")
}

fn everything() -> String {
    "*".to_owned()
}

/// `POST /api/v1/publishers`
pub async fn trust(app: App, Caller(access): Caller, body: Body) -> Answer {
    // Who may not add one has no body read.
    access.allow(Permission::Admin, None)?;
    let body: PublisherBody = parsed("publisher", body).await?;
    let wish = PublisherWish {
        id: body.id,
        issuer: body.issuer,
        audience: body.audience,
        claims: body.claims,
        can: body.can,
        channels: body.channels,
        projects: body.projects,
    };
    let trusted = app.yard.trust(&access, wish).await?;
    let mut answer = json!(trusted.publisher);
    answer["warnings"] = json!(trusted.warnings);
    let status = if trusted.fresh {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(answer)).into_response())
}

/// `DELETE /api/v1/publishers/{id}`
pub async fn distrust(app: App, Caller(access): Caller, Path(id): Path<String>) -> Answer {
    app.yard.distrust(&access, TokenId::parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
