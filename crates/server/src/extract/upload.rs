//! Receiving a body into a file, a piece at a time: its size does not show in memory.

use crate::{app::App, error::ApiError};
use axum::body::Body;
use futures::TryStreamExt;
use http_body::Body as _;
use packyard_repo::{RepoError, Upload};

/// Streams a request's body to disk, hashing it on the way. `what` names it in errors. A body that announces itself as
/// too large is refused before a byte of it is read.
pub async fn receive(app: &App, what: &str, body: Body) -> Result<Upload, ApiError> {
    receive_up_to(app, what, body, app.settings.limits.file_bytes).await
}

/// The same, up to a size of its own.
pub async fn receive_up_to(app: &App, what: &str, body: Body, limit_bytes: u64) -> Result<Upload, ApiError> {
    if body.size_hint().lower() > limit_bytes {
        return Err(RepoError::TooLarge {
            what: what.to_owned(),
            limit_bytes,
        }
        .into());
    }
    let mut receiver = app.yard.receive(what, limit_bytes)?;
    let mut pieces = body.into_data_stream();
    let broken = |e: axum::Error| ApiError::bad_request(format!("`{what}` did not arrive whole: {e}"));
    while let Some(piece) = pieces.try_next().await.map_err(broken)? {
        receiver.write(&piece)?;
    }
    Ok(receiver.finish())
}
