//! Receiving a body into a file, a piece at a time: its size does not show in memory.

use crate::{app::App, error::ApiError};
use axum::body::Body;
use futures::TryStreamExt;
use packyard_repo::Upload;

/// Streams a request's body to disk, hashing it on the way. `what` names it in errors.
pub async fn receive(app: &App, what: &str, body: Body) -> Result<Upload, ApiError> {
    let mut receiver = app.yard.receive(what, app.settings.limits.file_bytes)?;
    let mut pieces = body.into_data_stream();
    let broken = |e: axum::Error| ApiError::bad_request(format!("`{what}` did not arrive whole: {e}"));
    while let Some(piece) = pieces.try_next().await.map_err(broken)? {
        receiver.write(&piece)?;
    }
    Ok(receiver.finish())
}
