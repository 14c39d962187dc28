//! Retention and garbage collection.

use super::{Answer, changed};
use crate::{
    app::App,
    error::ApiError,
    extract::{Caller, Channel, Query, parsed},
};
use axum::{Json, body::Body, response::IntoResponse};
use http::StatusCode;
use packyard_repo::Gc;
use packyard_types::{Keep, Permission};
use serde::Deserialize;
use serde_json::json;

/// `?keep=5`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HowMuch {
    keep: Option<Keep>,
}

/// `GET /api/v1/channels/{channel}/retention`: what it would lose if it kept so much.
pub async fn retention(app: App, channel: Channel, Query(how): Query<HowMuch>) -> Answer {
    let plan = app.yard.retention_plan(&channel.at.channel, how.keep).await?;
    Ok(match plan {
        Some(plan) => Json(plan).into_response(),
        None => Json(json!({ "channel": channel.at.channel, "keep": null, "removed": [] })).into_response(),
    })
}

/// The body of `POST /api/v1/gc`. It must say whether anything is given up: an empty request is nobody's decision.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GcBody {
    dry_run: Option<bool>,
    #[serde(default = "three_days")]
    grace_seconds: u64,
}

fn three_days() -> u64 {
    3 * 86_400
}

/// `POST /api/v1/gc`
pub async fn gc(app: App, Caller(access): Caller, body: Body) -> Answer {
    access.allow(Permission::Admin, None)?;
    let body: GcBody = parsed("garbage collection", body).await?;
    let Some(dry_run) = body.dry_run else {
        let detail = "the body does not say whether this is a dry run";
        let hint = "send {\"dry_run\":true} to see what would be given up, {\"dry_run\":false} to give it up";
        return Err(ApiError::new(StatusCode::BAD_REQUEST, detail, Some(hint)));
    };
    let wish = Gc {
        grace_seconds: body.grace_seconds,
        dry_run,
    };
    let done = app.yard.gc(&access, wish).await?;
    Ok(changed(false, &done))
}
