//! What happened, as far as the caller may see it.

use super::Answer;
use crate::{
    app::App,
    extract::{Caller, Query},
};
use axum::{Json, response::IntoResponse};
use packyard_types::{ChannelName, Permission, Revision};
use serde::Deserialize;
use serde_json::{Value, json};

/// `?after=N&channel=C`
#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    after: Revision,
    channel: Option<String>,
}

/// `GET /api/v1/revisions?after=N`: changes, oldest first, of the channels that the caller may read.
pub async fn revisions(app: App, Caller(access): Caller, Query(query): Query<After>) -> Answer {
    const PAGE: u32 = 1000;
    let channel = query.channel.map(|c| ChannelName::parse(&c)).transpose()?;
    if let Some(channel) = &channel {
        app.yard.allow_read(&access, channel)?;
    }
    let admin = access.allow(Permission::Admin, None).is_ok();
    // What is past every number that SQLite knows is past every revision.
    let mut after = Revision(query.after.0.min(i64::MAX as u64));
    let mut out = Vec::new();
    // A page of which nothing may be seen is not the last one.
    while out.is_empty() {
        let changes = app.yard.changes(after, channel.as_ref(), PAGE)?;
        let Some(last) = changes.last() else { break };
        after = last.id.revision;
        let visible = |c: &&packyard_repo::ChangeRow| match c.operation.channel() {
            Some(channel) => app.yard.allow_read(&access, channel).is_ok(),
            None => admin,
        };
        out.extend(changes.iter().filter(visible).map(change_json));
    }
    Ok(Json(json!({ "revision": app.yard.applied()?.revision, "changes": out })).into_response())
}

/// A change as the API shows it. Hashes of tokens and keys stay out of it.
fn change_json(c: &packyard_repo::ChangeRow) -> Value {
    use packyard_types::Operation::{Configure, Grant, Keys, Publish, Revoke};
    let artifacts = match &c.operation {
        Publish { artifacts, .. } => artifacts
            .iter()
            .map(|a| {
                json!({ "filename": a.name, "project": a.project, "version": a.release_version,
                        "distribution": a.distribution, "served": a.served.digest })
            })
            .collect(),
        _ => Vec::new(),
    };
    let subject = match &c.operation {
        Grant(g) => Some(g.id.to_string()),
        Revoke { id } => Some(id.to_string()),
        Publish { .. } | Configure { .. } | Keys { .. } => None,
    };
    json!({ "id": c.id, "revision": c.id.revision, "at": c.at, "actor": c.actor, "note": c.note,
            "verb": c.operation.verb(), "channel": c.operation.channel(), "subject": subject, "artifacts": artifacts })
}
