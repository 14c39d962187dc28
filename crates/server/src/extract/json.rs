//! A JSON body, as a value.

use crate::error::ApiError;
use axum::body::Body;
use http::StatusCode;
use serde::de::DeserializeOwned;

/// Reads a JSON body, of a size that a release of thousands of files has. `what` names it in errors.
pub async fn parsed<T: DeserializeOwned>(what: &str, body: Body) -> Result<T, ApiError> {
    const LIMIT_BYTES: usize = 8 << 20;
    let bytes = axum::body::to_bytes(body, LIMIT_BYTES).await.map_err(|_| {
        let detail = format!("the {what} did not arrive whole, or is larger than {LIMIT_BYTES} bytes");
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, detail, None)
    })?;
    // Nothing at all is an object in which nothing is said.
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    serde_json::from_slice(text).map_err(|e| ApiError::bad_request(format!("the body is not a {what}: {e}")))
}
