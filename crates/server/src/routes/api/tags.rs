//! Tags: names of revisions.

use super::{Answer, changed, promotions::Target, writable};
use crate::{
    app::App,
    extract::{Caller, Channel, Path, parsed},
};
use axum::{Json, body::Body, response::IntoResponse};
use packyard_repo::RepoError;
use packyard_types::{Permission, TagName};
use serde::Deserialize;
use serde_json::json;

/// `GET /api/v1/channels/{channel}/tags`
pub async fn tags(app: App, channel: Channel) -> Answer {
    let tags = app.yard.tag_rows(&channel.at.channel)?;
    Ok(Json(json!({ "channel": channel.at.channel, "tags": tags })).into_response())
}

/// `GET /api/v1/channels/{channel}/tags/{tag}`
pub async fn tag(app: App, channel: Channel, Path((_, tag)): Path<(String, String)>) -> Answer {
    let tag = TagName::parse(&tag)?;
    let tags = app.yard.tag_rows(&channel.at.channel)?;
    let found = tags.into_iter().find(|row| row.tag == tag);
    let missing = || RepoError::NotFound {
        what: format!("tag `{tag}` in channel `{}`", channel.at.channel),
        nearest: None,
    };
    Ok(Json(found.ok_or_else(missing)?).into_response())
}

/// The body of `PUT …/tags/{tag}`; it may be missing.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagBody {
    at: Option<Target>,
}

/// `PUT /api/v1/channels/{channel}/tags/{tag}`
pub async fn put(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((_, tag)): Path<(String, String)>,
    body: Body,
) -> Answer {
    writable(&access, &channel, Permission::Promote)?;
    let body: TagBody = parsed("tag", body).await?;
    let at = body.at.map(Target::at).transpose()?;
    let tag = TagName::parse(&tag)?;
    let done = app.yard.tag(&access, &channel.at.channel, tag, at).await?;
    Ok(changed(done.new, &done))
}

/// `DELETE /api/v1/channels/{channel}/tags/{tag}`
pub async fn delete(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((_, tag)): Path<(String, String)>,
) -> Answer {
    writable(&access, &channel, Permission::Promote)?;
    let tag = TagName::parse(&tag)?;
    let done = app.yard.end_tag(&access, &channel.at.channel, tag).await?;
    Ok(changed(false, &done))
}
