//! The packages of a channel.

use super::Answer;
use crate::{
    app::App,
    extract::{Channel, Path, Query},
};
use axum::{Json, response::IntoResponse};
use packyard_repo::{Listed, Package, PackageSummary, PackageVersion};
use packyard_types::{Part, ProjectSettings};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `?search=&distribution=`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    search: Option<String>,
    distribution: Option<String>,
}

/// `GET /api/v1/channels/{channel}/packages`
pub async fn packages(app: App, channel: Channel, Query(query): Query<Search>) -> Answer {
    let (search, distribution) = (query.search.as_deref(), query.distribution.as_deref());
    let found = app.yard.packages(&channel.at, search, distribution).await?;
    let said: BTreeMap<_, _> = app.yard.projects(&channel.at, false).await?.into_iter().collect();
    let nothing = ProjectSettings::default();
    let row = |p: &PackageSummary| summary(p, said.get(&p.project).unwrap_or(&nothing));
    let packages: Vec<Value> = found.iter().map(row).collect();
    let answer = json!({ "channel": channel.at.channel, "revision": channel.at.at, "packages": packages });
    Ok(Json(answer).into_response())
}

fn summary(p: &PackageSummary, said: &ProjectSettings) -> Value {
    json!({ "name": p.project, "summary": p.summary, "latest": p.latest, "published_at": p.published_at,
            "ecosystems": p.ecosystems, "newest": p.newest, "yanked": p.yanked,
            "status": said.status, "reason": said.reason })
}

/// `?version=`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    version: Option<String>,
}

/// `GET /api/v1/channels/{channel}/packages/{name}`: a project, a native package name or a filename.
pub async fn package(
    app: App,
    channel: Channel,
    Path((_, name)): Path<(String, String)>,
    Query(query): Query<Version>,
) -> Answer {
    let package = app
        .yard
        .package(&channel.at, &name, query.version.as_deref())
        .await?;
    let mut answer = described(&package);
    let standing = app.yard.project_standing(&channel.at, &package.project)?;
    answer["status"] = json!(standing.settings.status);
    answer["reason"] = json!(standing.settings.reason);
    answer["open"] = json!(standing.settings.open);
    answer["channel"] = json!(channel.at.channel);
    answer["revision"] = json!(channel.at.at);
    Ok(Json(answer).into_response())
}

fn described(package: &Package) -> Value {
    let dependency = |(e, d): &(String, String)| json!({ "ecosystem": e, "dependency": d });
    json!({
        "name": package.project, "summary": package.summary, "license": package.license, "links": package.links,
        "dependencies": package.dependencies.iter().map(dependency).collect::<Vec<_>>(),
        "changelog": package.changelog,
        "versions": package.versions.iter().map(version).collect::<Vec<_>>(),
    })
}

fn version(v: &PackageVersion) -> Value {
    let artifacts: Vec<Value> = v.artifacts.iter().map(artifact).collect();
    let yanked = v.is_yanked().then(|| v.reason());
    json!({ "version": v.version, "published_at": v.published_at, "yanked": yanked, "advisories": v.advisories,
            "artifacts": artifacts })
}

fn artifact(l: &Listed) -> Value {
    let a = &l.artifact;
    let mut shown = json!({ "filename": a.name, "kind": a.name.kind(), "package": a.package, "version": a.version,
            "arch": a.arch, "distribution": a.distribution, "component": a.component,
            "received": a.received.digest, "served": a.served.digest, "size": a.served.size_bytes,
            "published_at": l.published_at, "release": l.published, "yanked": l.yanked });
    if !a.parts.is_empty() {
        let part =
            |p: &Part| json!({ "filename": p.name, "sha256": p.blob.digest, "size": p.blob.size_bytes });
        shown["parts"] = a.parts.iter().map(part).collect();
    }
    shown
}
