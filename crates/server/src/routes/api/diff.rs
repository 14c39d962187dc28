//! What differs between two revisions of a channel, or between two channels.

use super::Answer;
use crate::{
    app::App,
    error::ApiError,
    extract::{Caller, Channel, Path, Query},
};
use axum::{Json, response::IntoResponse};
use packyard_repo::{Difference, FileChange, FileDifference, ProjectChange, ProjectDifference};
use packyard_types::{ChannelRef, ChannelSpec};
use serde::Deserialize;
use serde_json::{Value, json};

/// `?from=&to=`: each a revision, a tag, a date, or `CHANNEL[@AT]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sides {
    from: Option<String>,
    to: Option<String>,
}

/// `GET /api/v1/channels/{channel}/diff?from=N&to=M`
pub async fn diff(
    app: App,
    Caller(access): Caller,
    // Checks that the caller may read it.
    _: Channel,
    Path(segment): Path<String>,
    Query(query): Query<Sides>,
) -> Answer {
    let home = ChannelSpec::parse(&segment)?;
    let Some(from) = query.from else {
        return Err(ApiError::bad_request(
            "`from` is missing: a revision, a tag, a date or a channel",
        ));
    };
    let (from, to) = app.yard.sides(&access, &home, &from, query.to.as_deref())?;
    let difference = app.yard.diff(&from, &to).await?;
    Ok(Json(difference_json(&difference)).into_response())
}

fn difference_json(difference: &Difference) -> Value {
    let side = |at: &ChannelRef| json!({ "channel": at.channel, "revision": at.at });
    let projects = &difference.projects;
    let of = |change| projects.iter().filter(|p| p.change == change).count();
    let files = |change| {
        let all = projects.iter().flat_map(|p| &p.files);
        all.filter(|f| f.change == change).count()
    };
    json!({
        "from": side(&difference.from), "to": side(&difference.to),
        "counts": {
            "projects": { "added": of(ProjectChange::Added), "removed": of(ProjectChange::Removed),
                          "changed": of(ProjectChange::Changed) },
            "files": { "added": files(FileChange::Added), "removed": files(FileChange::Removed),
                       "yanked": files(FileChange::Yanked), "unyanked": files(FileChange::Unyanked) },
        },
        "projects": projects.iter().map(project_json).collect::<Vec<_>>(),
    })
}

fn project_json(p: &ProjectDifference) -> Value {
    json!({
        "project": p.project, "change": p.change, "from": p.from, "to": p.to,
        "versions_added": p.versions_added, "versions_removed": p.versions_removed,
        "files": p.files.iter().map(file_json).collect::<Vec<_>>(), "changelog": p.notes,
    })
}

fn file_json(f: &FileDifference) -> Value {
    let a = &f.listed.artifact;
    json!({
        "change": f.change, "filename": a.name, "kind": a.name.kind(), "package": a.package, "version": a.version,
        "release_version": a.release_version, "arch": a.arch, "distribution": a.distribution,
        "component": a.component, "served": a.served.digest, "size": a.served.size_bytes, "yanked": f.listed.yanked,
    })
}
