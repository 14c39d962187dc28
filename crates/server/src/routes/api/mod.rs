//! The JSON API: `/api/v1/…`, one file a noun. The command line uses nothing else.

pub mod channels;
pub mod diff;
pub mod distributions;
pub mod documents;
pub mod drafts;
pub mod export;
pub mod gc;
pub mod keys;
pub mod packages;
pub mod projects;
pub mod promotions;
pub mod publishers;
pub mod releases;
pub mod revisions;
pub mod tags;
pub mod tokens;
pub mod withdrawals;

use crate::{error::ApiError, extract::Channel};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use packyard_repo::Access;
use packyard_types::Permission;
use serde::Serialize;

type Answer = Result<Response, ApiError>;

/// The description of this API.
pub async fn openapi() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/json")],
        include_str!("../openapi.json"),
    )
}

/// 201 for what a change made, 200 where there was nothing to do.
fn changed(made: bool, done: &impl Serialize) -> Response {
    let status = if made { StatusCode::CREATED } else { StatusCode::OK };
    (status, Json(done)).into_response()
}

/// Whether the caller may change this channel, and the channel is one that changes: `main@12` is in the past.
fn writable(access: &Access, channel: &Channel, needed: Permission) -> Result<(), ApiError> {
    access.allow(needed, Some(&channel.at.channel))?;
    match channel.at.at {
        None => Ok(()),
        Some(n) => Err(ApiError::bad_request(format!(
            "revision {n} is in the past; only `{}` itself can change",
            channel.at.channel
        ))),
    }
}
