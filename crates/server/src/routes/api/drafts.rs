//! Drafts: what a CI matrix collects, and the one release that becomes of it. Artifacts are added by
//! `POST …/releases` with `draft`.

use super::Answer;
use crate::{
    app::App,
    error::ApiError,
    extract::{Caller, Channel, Path, parsed},
    routes::upload::may_publish,
};
use axum::{Json, body::Body, response::IntoResponse};
use http::StatusCode;
use packyard_repo::{DraftCommit, DraftOf};
use packyard_types::{DraftId, Revision};
use serde::Deserialize;
use serde_json::json;

/// The body of `POST …/drafts/{draft}`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitBody {
    note: Option<String>,
    if_revision: Option<Revision>,
}

fn of(channel: Channel, draft: &str) -> Result<DraftOf, ApiError> {
    Ok(DraftOf {
        channel: channel.at.channel,
        draft: DraftId::parse(draft)?,
    })
}

/// `GET /api/v1/channels/{channel}/drafts`
pub async fn drafts(app: App, Caller(access): Caller, channel: Channel) -> Answer {
    let drafts = app.yard.drafts(&access, &channel.at.channel).await?;
    Ok(Json(json!({ "channel": channel.at.channel, "drafts": drafts })).into_response())
}

/// `GET /api/v1/channels/{channel}/drafts/{draft}`
pub async fn draft(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((_, draft)): Path<(String, String)>,
) -> Answer {
    let contents = app.yard.draft(&access, &of(channel, &draft)?).await?;
    Ok(Json(contents).into_response())
}

/// `POST /api/v1/channels/{channel}/drafts/{draft}`: commits it. 201 when that made the release, 200 when it was made
/// before.
pub async fn commit(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((_, draft)): Path<(String, String)>,
    body: Body,
) -> Answer {
    may_publish(&access, &channel)?;
    let CommitBody { note, if_revision } = parsed("commit of a draft", body).await?;
    let of = of(channel, &draft)?;
    let wish = DraftCommit {
        of,
        note,
        if_revision,
    };
    let done = app.yard.commit_draft(&access, wish).await?;
    let made = done.now && done.receipt.release.is_some();
    let status = if made { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(done.receipt)).into_response())
}

/// `DELETE /api/v1/channels/{channel}/drafts/{draft}`
pub async fn discard(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((_, draft)): Path<(String, String)>,
) -> Answer {
    app.yard.discard_draft(&access, &of(channel, &draft)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
