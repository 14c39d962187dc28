//! What happened, as far as the caller may see it.

use super::Answer;
use crate::{
    app::App,
    extract::{Caller, Query},
};
use axum::{Json, response::IntoResponse};
use packyard_types::{
    Artifact, ChannelName, Held, Operation, Origin, Permission, ProjectName, ProjectSettings, Revision,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// `?after=N&channel=C`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
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
            // What a channel was before it was deleted and made anew is for who administers the yard.
            Some(channel) => {
                app.yard.allow_read(&access, channel).is_ok()
                    && (admin
                        || app
                            .yard
                            .came_into_being(channel)
                            .is_ok_and(|since| c.id.revision >= since))
            }
            None => admin,
        };
        let readable = |c: &ChannelName| app.yard.allow_read(&access, c).is_ok();
        out.extend(changes.iter().filter(visible).map(|c| {
            let mut shown = change_json(c, &readable);
            // Where people sit and what they use is no matter of who only reads.
            if admin && !c.sender.is_unknown() {
                shown["sender"] = json!(c.sender);
            }
            shown
        }));
    }
    Ok(Json(json!({ "revision": app.yard.applied()?.revision, "changes": out })).into_response())
}

/// A change as the API shows it. Hashes of tokens and keys stay out of it.
pub fn change_json(c: &packyard_repo::ChangeRow, readable: &dyn Fn(&ChannelName) -> bool) -> Value {
    let (added, removed) = artifacts(&c.operation);
    let mut shown = json!({ "id": c.id, "revision": c.id.revision, "at": c.at, "actor": c.actor, "note": c.note,
            "verb": c.operation.verb(), "channel": c.operation.channel(), "subject": subject(&c.operation, readable),
            "artifacts": added });
    if !removed.is_empty() {
        shown["removed"] = Value::from(removed);
    }
    shown
}

/// What comes, or changes its state, and what goes.
fn artifacts(operation: &Operation) -> (Vec<Value>, Vec<Value>) {
    let whole = |a: &Artifact| {
        json!({ "filename": a.name, "project": a.project, "version": a.release_version,
                "distribution": a.distribution, "component": a.component, "served": a.served.digest })
    };
    let place = |h: &Held| json!({ "filename": h.filename, "distribution": h.distribution, "component": h.component, "served": h.served });
    let places = |all: &[Held]| all.iter().map(place).collect();
    match operation {
        Operation::Publish {
            artifacts, replaces, ..
        } => (artifacts.iter().map(whole).collect(), places(replaces)),
        Operation::Adopt { add, remove, .. } => {
            (add.iter().map(|a| whole(&a.artifact)).collect(), places(remove))
        }
        Operation::Yank { artifacts, .. } | Operation::Unyank { artifacts, .. } => {
            (places(artifacts), Vec::new())
        }
        Operation::Remove { artifacts, .. } => (Vec::new(), places(artifacts)),
        _ => (Vec::new(), Vec::new()),
    }
}

/// What is said of a project.
fn said(project: &ProjectName, settings: &ProjectSettings) -> String {
    let open = if settings.open {
        ", open to the upstream"
    } else {
        ""
    };
    let reason = match settings.reason.as_str() {
        "" => String::new(),
        reason => format!(" ({reason})"),
    };
    format!("{project} is {}{reason}{open}", settings.status)
}

/// What it is about, beside its channel and artifacts.
fn subject(operation: &Operation, readable: &dyn Fn(&ChannelName) -> bool) -> Option<String> {
    Some(match operation {
        Operation::Grant(grant) => grant.id.to_string(),
        Operation::Trust(publisher) => publisher.id.to_string(),
        Operation::Revoke { id } | Operation::Distrust { id } => id.to_string(),
        Operation::Adopt { from, .. } => match from {
            Origin::Promotion { channel, revision } if readable(channel) => {
                format!("from {channel}@{revision}")
            }
            Origin::Promotion { .. } | Origin::Retention => return None,
            Origin::Rollback { revision } => format!("to {revision}"),
        },
        Operation::Yank { reason, .. } if !reason.is_empty() => reason.clone(),
        Operation::Distribution { distribution, .. }
        | Operation::DeleteDistribution { distribution, .. }
        | Operation::Refresh { distribution, .. } => distribution.to_string(),
        Operation::Document { change, .. } => {
            let ended = if change.document.is_some() { "" } else { " ended" };
            format!("{} of {}{ended}", change.kind, change.distribution)
        }
        Operation::Tag {
            tag, at: Some(at), ..
        } => format!("{tag} at {at}"),
        Operation::Tag { tag, at: None, .. } => format!("{tag} ended"),
        Operation::Project {
            project, settings, ..
        } => said(project, settings),
        Operation::Purge { digest, reason } => format!("{digest}: {reason}"),
        Operation::Retire { blobs, .. } => format!("{} blobs", blobs.len()),
        _ => return None,
    })
}
