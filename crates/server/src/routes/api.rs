//! The JSON API: `/api/v1/…`. The command line uses nothing else.

pub mod export;

use crate::{
    app::App,
    error::ApiError,
    extract::{Caller, Channel, receive},
    routes::upload::{answer, may_publish},
};
use axum::{
    Json,
    body::Body,
    extract::{Path, Query},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use packyard_repo::{Incoming, Release, Source, TokenWish};
use packyard_types::{
    ArtifactName, ChannelName, ComponentName, Digest, DistributionName, Permission, ProjectName, Revision,
    Timestamp, TokenId,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

type Answer = Result<Response, ApiError>;

/// The description of this API.
pub async fn openapi() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/json")],
        include_str!("openapi.json"),
    )
}

#[derive(Serialize)]
struct ChannelJson {
    name: ChannelName,
    public: bool,
    volatile: bool,
    auto_distributions: bool,
    revision: Revision,
    projects: u64,
    artifacts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    distributions: Option<Vec<DistributionName>>,
}

impl ChannelJson {
    fn of(row: packyard_repo::ChannelRow, distributions: Option<Vec<DistributionName>>) -> Self {
        Self {
            name: row.name,
            public: row.settings.public,
            volatile: row.settings.volatile,
            auto_distributions: row.settings.auto_distributions,
            revision: row.revision,
            projects: row.projects,
            artifacts: row.artifacts,
            distributions,
        }
    }
}

/// `GET /api/v1/channels`: those that the caller may read.
pub async fn channels(app: App, Caller(access): Caller) -> Answer {
    let rows = app
        .yard
        .channels()?
        .into_iter()
        .filter(|c| app.yard.allow_read(&access, &c.name).is_ok());
    let channels: Vec<ChannelJson> = rows.map(|r| ChannelJson::of(r, None)).collect();
    Ok(Json(json!({ "channels": channels })).into_response())
}

/// `GET /api/v1/channels/{channel}`
pub async fn channel(app: App, channel: Channel) -> Answer {
    let row = app.yard.channel(&channel.at.channel)?;
    let distributions = app.yard.distributions(&channel.at.channel)?;
    Ok(Json(ChannelJson::of(row, Some(distributions))).into_response())
}

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

/// A JSON body, of a size that a release of thousands of files has.
async fn parsed<T: serde::de::DeserializeOwned>(what: &str, body: Body) -> Result<T, ApiError> {
    const LIMIT_BYTES: usize = 8 << 20;
    let bytes = axum::body::to_bytes(body, LIMIT_BYTES).await.map_err(|_| {
        let detail = format!("the {what} did not arrive whole, or is larger than {LIMIT_BYTES} bytes");
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, detail, None)
    })?;
    serde_json::from_slice(&bytes)
        .map_err(|e| ApiError::bad_request(format!("the body is not a {what}: {e}")))
}

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

/// `GET /api/v1/tokens`
pub async fn tokens(app: App, Caller(access): Caller) -> Answer {
    access.allow(Permission::Admin, None)?;
    let token = |t: &packyard_repo::TokenRow| {
        json!({ "id": t.grant.id, "can": t.grant.can, "channels": t.grant.channels, "projects": t.grant.projects,
                "expires": t.grant.expires, "revoked": t.revoked })
    };
    let tokens: Vec<Value> = app.yard.tokens()?.iter().map(token).collect();
    Ok(Json(json!({ "tokens": tokens })).into_response())
}

/// The body of `POST /api/v1/tokens`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenBody {
    id: Option<TokenId>,
    can: Permission,
    #[serde(default = "everything")]
    channels: String,
    #[serde(default = "everything")]
    projects: String,
    expires: Option<Timestamp>,
}

fn everything() -> String {
    "*".to_owned()
}

/// `POST /api/v1/tokens`: the answer is the only place where the token's text is ever seen.
pub async fn grant(app: App, Caller(access): Caller, body: Body) -> Answer {
    let body: TokenBody = parsed("token", body).await?;
    let TokenBody {
        id,
        can,
        channels,
        projects,
        expires,
    } = body;
    let (grant, text) = app
        .yard
        .grant(
            &access,
            TokenWish {
                id,
                can,
                channels,
                projects,
                expires,
            },
        )
        .await?;
    let answer = json!({ "id": grant.id, "token": text, "can": grant.can, "expires": grant.expires });
    Ok((
        StatusCode::CREATED,
        [(header::CACHE_CONTROL, "no-store")],
        Json(answer),
    )
        .into_response())
}

/// `DELETE /api/v1/tokens/{id}`
pub async fn revoke(app: App, Caller(access): Caller, Path(id): Path<String>) -> Answer {
    app.yard.revoke(&access, TokenId::parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
