//! Channels, as the API shows them.

use super::Answer;
use crate::{
    app::App,
    error::ApiError,
    extract::{BaseUrl, Caller, Channel, Path, Query, parsed},
};
use axum::{Json, body::Body, response::IntoResponse};
use http::StatusCode;
use packyard_repo::{Expected, KeyHolder, ListedFor, Patch, holders};
use packyard_types::{
    ChannelName, ChannelSettings, DistributionName, ForeignSignatures, Keep, NamePattern, Revision, TagName,
    UpstreamUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Serialize)]
struct ChannelJson {
    name: ChannelName,
    public: bool,
    volatile: bool,
    auto_distributions: bool,
    keep: Option<Keep>,
    foreign_signatures: ForeignSignatures,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uploader_keys: Vec<String>,
    /// Whose keys these are; a text may hold several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    uploaders: Vec<KeyHolder>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    package_keys: Vec<String>,
    /// Whose keys these are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    package_signers: Vec<KeyHolder>,
    inherits: Vec<ChannelName>,
    upstream: Option<UpstreamUrl>,
    reserved: BTreeSet<NamePattern>,
    revision: Revision,
    projects: u64,
    artifacts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    distributions: Option<Vec<DistributionName>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<BTreeMap<TagName, Revision>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lookup: Option<Lookup>,
}

/// Where the name of a Python project is looked up.
#[derive(Serialize)]
struct Lookup {
    /// These channels, in this order.
    channels: Vec<ChannelName>,
    /// Then this index, but for names that any of them has ever held.
    upstream: Option<Upstream>,
    /// And but for these.
    reserved: Vec<Reserved>,
}

#[derive(Serialize)]
struct Upstream {
    url: UpstreamUrl,
    of: ChannelName,
}

#[derive(Serialize)]
struct Reserved {
    pattern: NamePattern,
    by: ChannelName,
}

impl Lookup {
    fn of(chain: &[(ChannelName, ChannelSettings)]) -> Self {
        let upstream = |(of, s): &(ChannelName, ChannelSettings)| {
            let of = of.clone();
            s.upstream.clone().map(|url| Upstream { url, of })
        };
        let reserved = |(by, s): &(ChannelName, ChannelSettings)| {
            let by = by.clone();
            let kept = s.reserved.clone().into_iter();
            kept.map(move |pattern| Reserved {
                pattern,
                by: by.clone(),
            })
        };
        Self {
            channels: chain.iter().map(|(name, _)| name.clone()).collect(),
            upstream: chain.iter().find_map(upstream),
            reserved: chain.iter().flat_map(reserved).collect(),
        }
    }
}

impl ChannelJson {
    fn of(row: packyard_repo::ChannelRow) -> Self {
        Self {
            name: row.name,
            public: row.settings.public,
            volatile: row.settings.volatile,
            auto_distributions: row.settings.auto_distributions,
            keep: row.settings.keep,
            foreign_signatures: row.settings.foreign_signatures,
            // What was taken in as keys can be read as keys.
            uploaders: holders(ListedFor::Uploads, &row.settings.uploader_keys).unwrap_or_default(),
            uploader_keys: row.settings.uploader_keys,
            package_signers: holders(ListedFor::Packages, &row.settings.package_keys).unwrap_or_default(),
            package_keys: row.settings.package_keys,
            inherits: row.settings.inherits,
            upstream: row.settings.upstream,
            reserved: row.settings.reserved,
            revision: row.revision,
            projects: row.projects,
            artifacts: row.artifacts,
            distributions: None,
            tags: None,
            lookup: None,
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
    let channels: Vec<ChannelJson> = rows.map(ChannelJson::of).collect();
    Ok(Json(json!({ "channels": channels })).into_response())
}

/// `GET /api/v1/channels/{channel}`
pub async fn channel(app: App, channel: Channel) -> Answer {
    Ok(Json(shown(&app, &channel.at.channel)?).into_response())
}

fn shown(app: &App, name: &ChannelName) -> Result<ChannelJson, ApiError> {
    let row = app.yard.channel(name)?;
    let distributions = app.yard.distributions(name)?;
    Ok(ChannelJson {
        distributions: Some(distributions.into_iter().map(|(d, _)| d).collect()),
        tags: Some(app.yard.tags(name)?.into_iter().collect()),
        lookup: Some(Lookup::of(&app.yard.chain(name)?)),
        ..ChannelJson::of(row)
    })
}

/// `?expect=absent|present`: to create and nothing else, or to change and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    expect: Option<String>,
}

impl Expectation {
    /// What the caller expects to find.
    pub fn expected(&self) -> Result<Expected, ApiError> {
        match self.expect.as_deref() {
            None => Ok(Expected::Anything),
            Some("absent") => Ok(Expected::Absent),
            Some("present") => Ok(Expected::Present),
            Some(other) => Err(ApiError::bad_request(format!(
                "`expect={other}` is neither `absent` nor `present`"
            ))),
        }
    }
}

/// A body that says what is to change; nothing where there is none.
pub async fn patch(what: &str, body: Body) -> Result<Patch, ApiError> {
    use http_body::Body as _;
    if body.size_hint().exact() == Some(0) {
        return Ok(Patch::new());
    }
    parsed(what, body).await
}

/// 201 where it is new, else 200.
pub fn status(created: bool) -> StatusCode {
    if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    }
}

/// `PUT /api/v1/channels/{channel}`: a channel is created, or what the body says of its settings is changed.
pub async fn configure(
    app: App,
    Caller(access): Caller,
    BaseUrl(base): BaseUrl,
    Path(name): Path<String>,
    Query(expectation): Query<Expectation>,
    body: Body,
) -> Answer {
    let name = ChannelName::parse(&name)?;
    let patch = patch("set of channel settings", body).await?;
    let expected = expectation.expected()?;
    let mut done = app.yard.configure(&access, &name, &patch, expected).await?;
    done.warnings.extend(ourselves(&base, &done.settings));
    let mut answer = json_of(&shown(&app, &name)?);
    answer["created"] = done.created.into();
    answer["changed"] = done.changed.into();
    answer["warnings"] = done.warnings.into();
    Ok((status(done.created), Json(answer)).into_response())
}

/// That a channel's upstream is a channel of the server at `base`, where it is.
fn ourselves(base: &str, settings: &ChannelSettings) -> Option<String> {
    let upstream = settings.upstream.as_ref()?;
    let path = upstream.as_str().strip_prefix(base)?.strip_prefix('/')?;
    let channel = path.split('/').next().filter(|name| !name.is_empty())?;
    Some(format!(
        "the upstream `{upstream}` is this very server: `--inherits {channel}` in its place keeps nothing twice, and \
         protects the names that `{channel}` holds"
    ))
}

/// A value as JSON.
pub fn json_of(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("what is answered is JSON")
}

/// `?force=true`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Force {
    #[serde(default)]
    force: bool,
}

/// `DELETE /api/v1/channels/{channel}`
pub async fn delete(
    app: App,
    Caller(access): Caller,
    Path(name): Path<String>,
    Query(query): Query<Force>,
) -> Answer {
    let name = ChannelName::parse(&name)?;
    let (revision, changed) = app.yard.delete_channel(&access, &name, query.force).await?;
    Ok(Json(json!({ "deleted": name, "changed": changed, "revision": revision })).into_response())
}
