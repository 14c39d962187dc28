//! The packages of a channel.

use super::Answer;
use crate::{
    app::App,
    extract::{Channel, Path, Query},
};
use axum::{Json, response::IntoResponse};
use packyard_types::ProjectName;
use serde::Deserialize;
use serde_json::{Value, json};

/// `?search=`
#[derive(Deserialize)]
pub struct Search {
    search: Option<String>,
}

/// `GET /api/v1/channels/{channel}/packages`
pub async fn packages(app: App, channel: Channel, Query(query): Query<Search>) -> Answer {
    let found = app.yard.packages(&channel.at, query.search.as_deref()).await?;
    let package = |p: &packyard_repo::PackageSummary| {
        json!({ "name": p.project, "summary": p.summary, "latest": p.latest,
                "published_at": p.published_at, "ecosystems": p.ecosystems })
    };
    let packages: Vec<Value> = found.iter().map(package).collect();
    Ok(Json(json!({ "channel": channel.at.channel, "packages": packages })).into_response())
}

/// `GET /api/v1/channels/{channel}/packages/{name}`
pub async fn package(app: App, channel: Channel, Path((_, name)): Path<(String, String)>) -> Answer {
    let project = ProjectName::parse(&name)?;
    let package = app.yard.package(&channel.at, &project, None).await?;
    let artifact = |l: &packyard_repo::Listed| {
        let a = &l.artifact;
        json!({ "filename": a.name, "kind": a.name.kind(), "package": a.package, "version": a.version, "arch": a.arch,
                "distribution": a.distribution, "component": a.component, "received": a.received.digest,
                "served": a.served.digest, "size": a.served.size_bytes, "published_at": l.published_at,
                "release": l.published })
    };
    let version = |v: &packyard_repo::PackageVersion| {
        let artifacts: Vec<Value> = v.artifacts.iter().map(artifact).collect();
        json!({ "version": v.version, "published_at": v.published_at, "artifacts": artifacts })
    };
    let versions: Vec<Value> = package.versions.iter().map(version).collect();
    let dependencies: Vec<Value> = package
        .dependencies
        .iter()
        .map(|(e, d)| json!({ "ecosystem": e, "dependency": d }))
        .collect();
    Ok(Json(json!({
        "channel": channel.at.channel, "name": package.project, "summary": package.summary, "license": package.license,
        "links": package.links, "dependencies": dependencies, "versions": versions,
    }))
    .into_response())
}
