//! The JSON API: `/api/v1/…`, one file a noun. The command line uses nothing else.

pub mod channels;
pub mod distributions;
pub mod drafts;
pub mod export;
pub mod packages;
pub mod releases;
pub mod revisions;
pub mod tokens;

use crate::error::ApiError;
use axum::response::{IntoResponse, Response};
use http::header;

type Answer = Result<Response, ApiError>;

/// The description of this API.
pub async fn openapi() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "application/json")],
        include_str!("../openapi.json"),
    )
}
