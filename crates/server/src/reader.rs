//! A server that only reads: it answers whatever another process has committed, and writes nothing itself.

use crate::{app::App, error::ApiError};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::Method;

/// Refuses what would write before its body is read, and says who writes.
pub async fn refuse_writes(State(app): State<App>, request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if reads || !app.yard.is_reader() {
        return next.run(request).await;
    }
    ApiError::from(app.yard.only_read()).into_response()
}
