//! One file, published at once: what twine's form and curl's PUT have in common.

use crate::{app::App, error::ApiError, extract::Channel};
use packyard_repo::{Access, Incoming, Receipt, Release, RepoError};
use packyard_types::{ChannelName, DistributionName, Permission};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;

/// Whether the caller may publish to this channel, and the channel is one that takes anything: `main@12` is in the past.
pub fn may_publish(access: &Access, channel: &Channel) -> Result<(), ApiError> {
    access.allow(Permission::Publish, Some(&channel.at.channel))?;
    match channel.at.at {
        None => Ok(()),
        Some(n) => Err(ApiError::bad_request(format!(
            "revision {n} is in the past; publish to `{}`",
            channel.at.channel
        ))),
    }
}

/// A release of one file.
pub async fn publish_one(
    app: &App,
    access: &Access,
    channel: Channel,
    incoming: Incoming,
) -> Result<Receipt, RepoError> {
    let doubts = doubts(app, &channel.at.channel, incoming.distribution.as_ref())?;
    let release = Release {
        channel: channel.at.channel,
        artifacts: vec![incoming],
        note: None,
        if_revision: None,
        skip_refused: false,
    };
    let receipt = app.yard.publish(access, release, &app.settings.limits).await?;
    Ok(with_doubts(receipt, doubts))
}

/// What is odd about the distribution of an upload: nobody is asked before, so it is said in the answer.
pub fn doubts(
    app: &App,
    channel: &ChannelName,
    distribution: Option<&DistributionName>,
) -> Result<Vec<String>, RepoError> {
    let named = distribution.into_iter().cloned().collect();
    app.yard.doubtful(channel, &named)
}

/// The receipt with what was odd before: the distribution is there now.
pub fn with_doubts(mut receipt: Receipt, doubts: Vec<String>) -> Receipt {
    receipt.warnings.splice(0..0, doubts);
    receipt
}

/// 201 where something became visible, 200 where it was there already.
pub fn answer(receipt: Receipt) -> Response {
    let status = if receipt.release.is_some() {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    (status, Json(receipt)).into_response()
}
