//! Blobs, and the releases that name them.

use super::Answer;
use crate::{
    app::App,
    error::ApiError,
    extract::{Caller, Channel, Path, parsed, receive},
    routes::upload::{answer, may_publish},
};
use axum::{Json, body::Body, response::IntoResponse};
use http::StatusCode;
use packyard_repo::{Incoming, Release, Source};
use packyard_types::{ArtifactName, ComponentName, Digest, DistributionName, Permission, Revision};
use serde::Deserialize;

/// `PUT /api/v1/channels/{channel}/blobs/{sha256}`: raw bytes; again is fine.
pub async fn put_blob(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((_, digest)): Path<(String, String)>,
    body: Body,
) -> Answer {
    access.allow(Permission::Publish, Some(&channel.at.channel))?;
    let digest: Digest = digest.parse()?;
    let known = app.yard.has_blob(&digest).await?;
    let upload = receive(&app, &format!("blob {digest}"), body)
        .await?
        .expect(&format!("blob {digest}"), &digest)?;
    let blob = app.yard.keep(&upload).await?;
    let status = if known {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(blob)).into_response())
}

/// The body of `POST …/releases`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseBody {
    artifacts: Vec<ArtifactBody>,
    note: Option<String>,
    if_revision: Option<Revision>,
    draft: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArtifactBody {
    filename: String,
    sha256: String,
    distribution: Option<String>,
    component: Option<String>,
}

impl ArtifactBody {
    fn incoming(self) -> Result<Incoming, ApiError> {
        Ok(Incoming {
            name: ArtifactName::parse(&self.filename)?,
            distribution: self
                .distribution
                .map(|d| DistributionName::parse(&d))
                .transpose()?,
            component: self.component.map(|c| ComponentName::parse(&c)).transpose()?,
            source: Source::Stored(self.sha256.parse()?),
        })
    }
}

/// `POST /api/v1/channels/{channel}/releases`: everything in it becomes visible at once.
pub async fn release(app: App, Caller(access): Caller, channel: Channel, body: Body) -> Answer {
    may_publish(&access, &channel)?;
    let body: ReleaseBody = parsed("release", body).await?;
    if body.draft.is_some() {
        return Err(ApiError::bad_request(
            "drafts are not taken yet; publish all artifacts in one release",
        ));
    }
    if body.artifacts.is_empty() {
        return Err(ApiError::bad_request("a release has at least one artifact"));
    }
    let artifacts = body
        .artifacts
        .into_iter()
        .map(ArtifactBody::incoming)
        .collect::<Result<Vec<_>, _>>()?;
    let (note, if_revision) = (body.note, body.if_revision);
    let release = Release {
        channel: channel.at.channel,
        artifacts,
        note,
        if_revision,
    };
    let receipt = app.yard.publish(&access, release, &app.settings.limits).await?;
    Ok(answer(receipt))
}
