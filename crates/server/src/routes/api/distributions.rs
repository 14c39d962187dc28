//! The distributions of a channel.

use super::{
    Answer,
    channels::{Expectation, json_of, patch, status},
};
use crate::{
    app::App,
    extract::{Caller, Channel, Path, Query},
};
use axum::{Json, body::Body, response::IntoResponse};
use packyard_repo::{DistributionRow, RepoError};
use packyard_types::{ChannelName, Family};
use serde_json::{Value, json};

/// A distribution as the API shows it: its settings as they were said, and what follows from them.
fn distribution_json(row: &DistributionRow) -> Value {
    let mut shown = json!({ "name": row.name, "aliases": [], "debs": row.debs,
                            "sources": row.sources, "rpms": row.rpms });
    let said = json_of(&row.settings);
    if let (Value::Object(shown), Value::Object(said)) = (&mut shown, said) {
        shown.extend(said);
    }
    if row.settings.takes(Family::Deb) {
        let i = &row.identity;
        shown["release"] = json!({ "origin": i.origin, "label": i.label, "suite": i.suite, "version": i.version,
                                   "codename": i.codename });
    }
    shown
}

/// `GET /api/v1/channels/{channel}/distributions`
pub async fn list(app: App, channel: Channel) -> Answer {
    let rows = app.yard.distribution_rows(&channel.at.channel, None)?;
    let rows: Vec<Value> = rows.iter().map(distribution_json).collect();
    Ok(Json(json!({ "channel": channel.at.channel, "distributions": rows })).into_response())
}

/// `GET /api/v1/channels/{channel}/distributions/{distribution}`, by its name or an alias.
pub async fn one(app: App, channel: Channel, Path((_, name)): Path<(String, String)>) -> Answer {
    let shown = only(&app, &channel.at.channel, &name)?;
    Ok(Json(shown).into_response())
}

fn only(app: &App, channel: &ChannelName, name: &str) -> Result<Value, RepoError> {
    let rows = app.yard.distribution_rows(channel, Some(name))?;
    let mut shown: Value = rows.iter().map(distribution_json).collect();
    let mut shown = shown[0].take();
    shown["channel"] = json_of(channel);
    Ok(shown)
}

/// `PUT /api/v1/channels/{channel}/distributions/{distribution}`: it is declared, or what the body says is changed.
pub async fn declare(
    app: App,
    Caller(access): Caller,
    Path((channel, name)): Path<(String, String)>,
    Query(expectation): Query<Expectation>,
    body: Body,
) -> Answer {
    let channel = ChannelName::parse(&channel)?;
    let patch = patch("set of distribution settings", body).await?;
    let expected = expectation.expected()?;
    let (own, done) = app
        .yard
        .declare(&access, &channel, &name, &patch, expected)
        .await?;
    let mut answer = only(&app, &channel, own.as_str())?;
    answer["created"] = done.created.into();
    answer["changed"] = done.changed.into();
    answer["revision"] = json_of(&done.revision);
    answer["warnings"] = done.warnings.into();
    Ok((status(done.created), Json(answer)).into_response())
}

/// `DELETE /api/v1/channels/{channel}/distributions/{distribution}`
pub async fn delete(
    app: App,
    Caller(access): Caller,
    Path((channel, name)): Path<(String, String)>,
) -> Answer {
    let channel = ChannelName::parse(&channel)?;
    let (own, revision, changed) = app.yard.delete_distribution(&access, &channel, &name).await?;
    Ok(
        Json(json!({ "channel": channel, "deleted": own, "changed": changed, "revision": revision }))
            .into_response(),
    )
}
