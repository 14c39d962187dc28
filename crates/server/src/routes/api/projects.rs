//! What a channel says of its projects.

use super::{Answer, writable};
use crate::{
    app::App,
    error::ApiError,
    extract::{Caller, Channel, Path, Query, parsed},
};
use axum::{Json, body::Body, response::IntoResponse};
use packyard_repo::{Patch, ProjectStanding, ProjectWish};
use packyard_types::{Permission, ProjectName, ProjectSettings, ProjectStatus, Revision};
use serde::Deserialize;
use serde_json::{Value, json};

/// `?all=true&status=archived`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    #[serde(default)]
    all: bool,
    status: Option<String>,
}

/// `GET /api/v1/channels/{channel}/projects`: those of which the channel says something.
pub async fn projects(app: App, channel: Channel, Query(which): Query<Which>) -> Answer {
    let status: Option<ProjectStatus> = which.status.map(|s| s.parse()).transpose()?;
    let mut rows = app.yard.projects(&channel.at, which.all).await?;
    rows.retain(|(_, said)| status.is_none_or(|status| said.status == status));
    let projects: Vec<Value> = rows.iter().map(|(name, said)| row(name, said)).collect();
    let answer = json!({ "channel": channel.at.channel, "revision": channel.at.at, "projects": projects });
    Ok(Json(answer).into_response())
}

fn row(project: &ProjectName, said: &ProjectSettings) -> Value {
    json!({ "project": project, "status": said.status, "reason": said.reason, "open": said.open })
}

/// `GET /api/v1/channels/{channel}/projects/{project}`
pub async fn project(app: App, channel: Channel, Path((_, name)): Path<(String, String)>) -> Answer {
    let standing = app
        .yard
        .project_standing(&channel.at, &ProjectName::parse(&name)?)?;
    let mut answer = shown(&standing);
    answer["channel"] = json!(channel.at.channel);
    Ok(Json(answer).into_response())
}

fn shown(standing: &ProjectStanding) -> Value {
    let mut answer = row(&standing.project, &standing.settings);
    let sources = &standing.sources;
    let held = sources.own.iter();
    let held = held.map(|own| json!({ "channel": own.channel, "files": own.listed.len() }));
    answer["said_by"] = json!(standing.said_by);
    answer["lookup"] = json!({
        "channels": held.collect::<Vec<_>>(),
        "upstream": standing.upstream,
        "upstream_is_asked": sources.upstream.is_some(),
        "why": sources.why.word(),
        "because": sources.why.because(),
    });
    answer
}

/// `PUT /api/v1/channels/{channel}/projects/{project}`: a merge patch of `status`, `reason`, `open`; beside them `note`
/// and `if_revision`.
pub async fn put(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((_, name)): Path<(String, String)>,
    body: Body,
) -> Answer {
    writable(&access, &channel, Permission::Promote)?;
    let wish = wish(parsed("set of project settings", body).await?)?;
    let (name, channel) = (ProjectName::parse(&name)?, channel.at.channel);
    let done = app.yard.say_of_project(&access, &channel, &name, &wish).await?;
    let mut answer = shown(&done.standing);
    answer["channel"] = json!(channel);
    answer["revision"] = json!(done.revision);
    answer["changed"] = json!(done.changed);
    answer["warnings"] = json!(done.warnings);
    Ok(Json(answer).into_response())
}

fn wish(mut patch: Patch) -> Result<ProjectWish, ApiError> {
    let note = match patch.remove("note") {
        None | Some(Value::Null) => None,
        Some(Value::String(note)) => Some(note),
        Some(_) => return Err(ApiError::bad_request("`note` is a text")),
    };
    let if_revision = match patch.remove("if_revision") {
        None | Some(Value::Null) => None,
        Some(n) => Some(
            n.as_u64()
                .map(Revision)
                .ok_or_else(|| ApiError::bad_request("`if_revision` is a revision: 12"))?,
        ),
    };
    Ok(ProjectWish {
        patch,
        note,
        if_revision,
    })
}
