//! One file, published at once: what twine's form and curl's PUT have in common.

use crate::{app::App, error::ApiError, extract::Channel};
use packyard_repo::{Access, Incoming, Receipt, Release, RepoError};
use packyard_types::Permission;

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
    let release = Release {
        channel: channel.at.channel,
        artifacts: vec![incoming],
        note: None,
        if_revision: None,
        skip_refused: false,
    };
    app.yard.publish(access, release, &app.settings.limits).await
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
