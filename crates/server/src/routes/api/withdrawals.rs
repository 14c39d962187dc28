//! Yanking, removing, purging.

use super::{Answer, changed, promotions::selectors, writable};
use crate::{
    app::App,
    error::ApiError,
    extract::{Caller, Channel, Path, Query, parsed},
};
use axum::body::Body;
use packyard_repo::{What, Withdrawal};
use packyard_types::{Digest, DistributionName, Permission, Revision};
use serde::Deserialize;

/// The body of `POST …/yanks` and `POST …/removals`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalBody {
    packages: Vec<String>,
    distribution: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    undo: bool,
    if_revision: Option<Revision>,
}

impl WithdrawalBody {
    fn wish(self, what: What, channel: Channel) -> Result<Withdrawal, ApiError> {
        if self.packages.is_empty() {
            return Err(ApiError::bad_request("name at least one of `packages`"));
        }
        let distribution = self
            .distribution
            .map(|d| DistributionName::parse(&d))
            .transpose()?;
        Ok(Withdrawal {
            what,
            channel: channel.at.channel,
            distribution,
            packages: selectors(&self.packages)?,
            reason: self.reason,
            if_revision: self.if_revision,
        })
    }
}

/// `POST /api/v1/channels/{channel}/yanks`; with `undo` they are offered again.
pub async fn yank(app: App, Caller(access): Caller, channel: Channel, body: Body) -> Answer {
    writable(&access, &channel, Permission::Promote)?;
    let body: WithdrawalBody = parsed("yank", body).await?;
    let what = if body.undo { What::Unyank } else { What::Yank };
    let done = app.yard.withdraw(&access, body.wish(what, channel)?).await?;
    Ok(changed(done.release.is_some(), &done))
}

/// `POST /api/v1/channels/{channel}/removals`
pub async fn remove(app: App, Caller(access): Caller, channel: Channel, body: Body) -> Answer {
    writable(&access, &channel, Permission::Promote)?;
    let body: WithdrawalBody = parsed("removal", body).await?;
    if body.undo {
        let detail = "a removal is undone by publishing the same bytes again, or by promoting from an earlier revision";
        return Err(ApiError::bad_request(detail));
    }
    let done = app
        .yard
        .withdraw(&access, body.wish(What::Remove, channel)?)
        .await?;
    Ok(changed(done.release.is_some(), &done))
}

/// `?distribution=D&reason=TEXT`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    distribution: Option<String>,
    reason: Option<String>,
}

/// `DELETE /api/v1/channels/{channel}/artifacts/{sha256}`: the bytes stay, and their URL with them.
pub async fn delete(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((_, digest)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Answer {
    writable(&access, &channel, Permission::Promote)?;
    let (digest, channel) = (digest.parse::<Digest>()?, channel.at.channel);
    let distribution = which
        .distribution
        .map(|d| DistributionName::parse(&d))
        .transpose()?;
    let done = app
        .yard
        .remove_digest(&access, &channel, &digest, distribution.as_ref(), which.reason)
        .await?;
    // What a DELETE makes is not there: 200, and what was done.
    Ok(changed(false, &done))
}

/// The body of `POST /api/v1/purges`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurgeBody {
    sha256: String,
    reason: String,
}

/// `POST /api/v1/purges`: bytes are destroyed, in every channel and at every revision.
pub async fn purge(app: App, Caller(access): Caller, body: Body) -> Answer {
    access.allow(Permission::Admin, None)?;
    let body: PurgeBody = parsed("purge", body).await?;
    let done = app.yard.purge(&access, body.sha256.parse()?, body.reason).await?;
    Ok(changed(done.release.is_some(), &done))
}
