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
use packyard_repo::{Access, Conditions, DraftOf, Incoming, Intended, Release, Source};
use packyard_types::{
    ArtifactName, ChannelName, ComponentName, Digest, DraftId, PartName, Revision, Timestamp,
};
use serde::Deserialize;
use std::path::PathBuf;

/// `PUT /api/v1/channels/{channel}/blobs/{sha256}`: raw bytes; again is fine.
pub async fn put_blob(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((_, digest)): Path<(String, String)>,
    body: Body,
) -> Answer {
    may_publish(&access, &channel)?;
    let digest: Digest = digest.parse()?;
    let upload = receive(&app, &format!("blob {digest}"), body)
        .await?
        .expect(&format!("blob {digest}"), &digest)?;
    let (blob, fresh) = app.yard.keep(&access, &channel.at.channel, &upload).await?;
    let status = if fresh {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(blob)).into_response())
}

/// The body of `POST …/uploads`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadsBody {
    artifacts: Vec<ArtifactBody>,
    if_revision: Option<Revision>,
    #[serde(default)]
    skip_refused: bool,
}

/// `POST /api/v1/channels/{channel}/uploads`: which blobs a release of these artifacts still needs. It changes nothing.
pub async fn uploads(app: App, Caller(access): Caller, channel: Channel, body: Body) -> Answer {
    may_publish(&access, &channel)?;
    let body: UploadsBody = parsed("list of artifacts", body).await?;
    let to = &channel.at.channel;
    let intended = body.artifacts.into_iter().map(|a| a.intended(&app, to));
    let intended = intended.collect::<Result<Vec<_>, _>>()?;
    let conditions = Conditions {
        if_revision: body.if_revision,
        skip_refused: body.skip_refused,
    };
    let needed = app.yard.needed(&access, to, intended, conditions).await?;
    Ok(Json(needed).into_response())
}

/// The body of `POST …/releases`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseBody {
    artifacts: Vec<ArtifactBody>,
    note: Option<String>,
    if_revision: Option<Revision>,
    draft: Option<DraftId>,
    /// What is refused is listed in the answer, and the rest is published.
    #[serde(default)]
    skip_refused: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArtifactBody {
    filename: String,
    sha256: Option<String>,
    distribution: Option<String>,
    component: Option<String>,
    /// When it was first published elsewhere.
    uploaded_at: Option<Timestamp>,
    /// The files that it names, where it is a .dsc: what of them must be sent is answered by `uploads`. A release goes by
    /// what the .dsc itself says.
    #[serde(default)]
    parts: Vec<PartBody>,
    /// A file on this machine, in place of a blob that was put: only from within the same process.
    path: Option<PathBuf>,
}

/// A file that a .dsc names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartBody {
    #[serde(rename = "filename")]
    _filename: PartName,
    sha256: Digest,
}

impl ArtifactBody {
    fn digest(&self) -> Result<Digest, ApiError> {
        let missing = || ApiError::bad_request(format!("`{}` has no `sha256`", self.filename));
        Ok(self.sha256.as_ref().ok_or_else(missing)?.parse()?)
    }

    fn intended(self, app: &App, channel: &ChannelName) -> Result<Intended, ApiError> {
        let digest = self.digest()?;
        let meant = |d: String| app.yard.upload_distribution(channel, &d);
        Ok(Intended {
            name: ArtifactName::parse(&self.filename)?,
            digest,
            parts: self.parts.iter().map(|p| p.sha256).collect(),
            distribution: self.distribution.map(meant).transpose()?,
            component: self.component.map(|c| ComponentName::parse(&c)).transpose()?,
        })
    }

    fn incoming(self, access: &Access, app: &App, channel: &ChannelName) -> Result<Incoming, ApiError> {
        let source = match (&self.path, &self.sha256) {
            // A path of this machine, named by somebody elsewhere, would be a way to read files that are none of theirs.
            (Some(_), _) if *access != Access::Local => {
                return Err(ApiError::bad_request("`path` is not taken over a network"));
            }
            (Some(path), Some(_)) => Source::Vouched(path.clone(), self.digest()?),
            (Some(path), None) => Source::File(path.clone()),
            (None, _) => Source::Stored(self.digest()?),
        };
        let meant = |d: String| app.yard.upload_distribution(channel, &d);
        Ok(Incoming {
            name: ArtifactName::parse(&self.filename)?,
            distribution: self.distribution.map(meant).transpose()?,
            component: self.component.map(|c| ComponentName::parse(&c)).transpose()?,
            source,
            uploaded_at: self.uploaded_at,
        })
    }
}

/// `POST /api/v1/channels/{channel}/releases`: everything in it becomes visible at once; with `draft`, nothing does yet.
pub async fn release(app: App, Caller(access): Caller, channel: Channel, body: Body) -> Answer {
    may_publish(&access, &channel)?;
    let body: ReleaseBody = parsed("release", body).await?;
    if body.artifacts.is_empty() {
        return Err(ApiError::bad_request("a release has at least one artifact"));
    }
    let to = &channel.at.channel;
    let artifacts = body.artifacts.into_iter().map(|a| a.incoming(&access, &app, to));
    let artifacts = artifacts.collect::<Result<Vec<_>, _>>()?;
    let (channel, limits) = (channel.at.channel, &app.settings.limits);
    if let Some(draft) = body.draft {
        if body.note.is_some() || body.if_revision.is_some() || body.skip_refused {
            let detail = "`note`, `if_revision` and `skip_refused` are said when the draft is committed";
            return Err(ApiError::bad_request(detail));
        }
        let of = DraftOf { channel, draft };
        let contents = app.yard.add_to_draft(&access, &of, artifacts, limits).await?;
        return Ok((StatusCode::ACCEPTED, Json(contents)).into_response());
    }
    let release = Release {
        channel,
        artifacts,
        note: body.note,
        if_revision: body.if_revision,
        skip_refused: body.skip_refused,
    };
    Ok(answer(app.yard.publish(&access, release, limits).await?))
}
