//! Promotions and rollbacks: what a channel holds comes from elsewhere, or from earlier.

use super::{Answer, changed, writable};
use crate::{
    app::App,
    error::ApiError,
    extract::{Caller, Channel, parsed},
};
use axum::body::Body;
use packyard_repo::{Choice, Promotion, Rollback, Selector};
use packyard_types::{At, ChangeId, ChannelSpec, ComponentName, DistributionName, Permission, Revision};
use serde::Deserialize;

/// The body of `POST …/promotions`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromotionBody {
    from: String,
    from_distribution: Option<String>,
    distribution: Option<String>,
    component: Option<String>,
    #[serde(default)]
    packages: Vec<String>,
    revision: Option<Release>,
    #[serde(default)]
    all: bool,
    #[serde(default, rename = "move")]
    move_from: bool,
    #[serde(default)]
    dry_run: bool,
    note: Option<String>,
    if_revision: Option<Revision>,
}

/// A number: `12` or `"12"`; or one of its changes: `"12.1"`.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Release {
    Number(u64),
    Text(String),
}

impl Release {
    fn choice(self) -> Result<Choice, ApiError> {
        let text = match self {
            Self::Number(n) => return Ok(Choice::Revision(Revision(n), None)),
            Self::Text(text) => text,
        };
        if let Ok(n) = text.parse() {
            return Ok(Choice::Revision(Revision(n), None));
        }
        let id: ChangeId = text.parse()?;
        Ok(Choice::Revision(id.revision, Some(id.position)))
    }
}

impl PromotionBody {
    fn choice(packages: &[String], revision: Option<Release>, all: bool) -> Result<Choice, ApiError> {
        let ways = usize::from(!packages.is_empty()) + usize::from(revision.is_some()) + usize::from(all);
        if ways != 1 {
            let detail = "a promotion takes one of `packages`, `revision` and `all`";
            return Err(ApiError::bad_request(detail));
        }
        match revision {
            Some(release) => release.choice(),
            None if all => Ok(Choice::All),
            None => Ok(Choice::Selected(selectors(packages)?)),
        }
    }
}

/// Selectors as they were typed; every one that is none is named.
pub fn selectors(typed: &[String]) -> Result<Vec<Selector>, ApiError> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for text in typed {
        match Selector::parse(text) {
            Ok(selector) => good.push(selector),
            Err(e) => bad.push(e.into()),
        }
    }
    packyard_repo::RepoError::all(bad)?;
    Ok(good)
}

/// `POST /api/v1/channels/{channel}/promotions`: into this channel.
pub async fn promote(app: App, Caller(access): Caller, channel: Channel, body: Body) -> Answer {
    writable(&access, &channel, Permission::Promote)?;
    let body: PromotionBody = parsed("promotion", body).await?;
    let distribution = |name: Option<String>| name.map(|d| DistributionName::parse(&d)).transpose();
    let wish = Promotion {
        from: ChannelSpec::parse(&body.from)?,
        from_distribution: distribution(body.from_distribution)?,
        to: channel.at.channel,
        distribution: distribution(body.distribution)?,
        component: body.component.map(|c| ComponentName::parse(&c)).transpose()?,
        choice: PromotionBody::choice(&body.packages, body.revision, body.all)?,
        move_from: body.move_from,
        dry_run: body.dry_run,
        note: body.note,
        if_revision: body.if_revision,
    };
    let done = app.yard.promote(&access, wish).await?;
    Ok(changed(done.release.is_some(), &done))
}

/// The body of `POST …/rollbacks`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollbackBody {
    to: Target,
    #[serde(default)]
    dry_run: bool,
    note: Option<String>,
    if_revision: Option<Revision>,
}

/// A revision's number, or a tag or a date.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Target {
    Number(u64),
    Text(String),
}

impl Target {
    /// What it means.
    pub fn at(self) -> Result<At, ApiError> {
        Ok(match self {
            Self::Number(n) => At::Revision(Revision(n)),
            Self::Text(text) => At::parse(&text)?,
        })
    }
}

/// `POST /api/v1/channels/{channel}/rollbacks`
pub async fn rollback(app: App, Caller(access): Caller, channel: Channel, body: Body) -> Answer {
    writable(&access, &channel, Permission::Promote)?;
    let body: RollbackBody = parsed("rollback", body).await?;
    let wish = Rollback {
        channel: channel.at.channel,
        to: body.to.at()?,
        dry_run: body.dry_run,
        note: body.note,
        if_revision: body.if_revision,
    };
    let done = app.yard.rollback(&access, wish).await?;
    Ok(changed(done.release.is_some(), &done))
}
