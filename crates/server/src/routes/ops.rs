//! For machines that watch us: health, readiness, the revision on every answer, the access log.

use crate::{
    app::App,
    error::{ApiError, Cause},
    extract::Shown,
};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use packyard_types::{Revision, seen};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

const REVISION: HeaderName = HeaderName::from_static("x-packyard-revision");
const MIN_REVISION: HeaderName = HeaderName::from_static("x-packyard-min-revision");

/// The process runs.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The index answers, so requests can be served.
pub async fn readyz(app: App) -> Result<String, ApiError> {
    Ok(format!("ok, revision {}\n", app.yard.applied()?.revision))
}

/// Says on every answer which revision it was made from; waits for the one that the client has seen elsewhere.
pub async fn revision(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let wanted = request
        .headers()
        .get(MIN_REVISION)
        .and_then(|v| v.to_str().ok()?.parse().ok())
        .map(Revision);
    let applied = match reached(&app, wanted.unwrap_or_default()).await {
        Ok(revision) => revision,
        Err(e) => return e.into_response(),
    };
    request.extensions_mut().insert(Shown(applied));
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(REVISION)
        .or_insert(HeaderValue::from(applied.0));
    response
}

async fn reached(app: &App, wanted: Revision) -> Result<Revision, ApiError> {
    const TRIES: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(50);
    for _ in 0..TRIES {
        let applied = app.yard.newest()?;
        if applied >= wanted {
            return Ok(applied);
        }
        tokio::time::sleep(PAUSE).await;
    }
    let detail = format!("revision {wanted} has not arrived here yet");
    Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, detail, None))
}

/// One line a request, on stderr; and it is counted.
pub async fn access_log(State(app): State<App>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let agent = request
        .headers()
        .get(header::USER_AGENT)
        .and_then(|a| a.to_str().ok())
        .unwrap_or("-")
        .to_owned();
    let response = next.run(request).await;
    let took = start.elapsed();
    app.metrics.answered(&method, &path, response.status(), took);
    match response.extensions().get::<Cause>() {
        Some(Cause::Met(limit)) => app.metrics.refused(*limit),
        Some(Cause::StoreFailed) => app.metrics.store_error(),
        None => {}
    }
    let status = response.status().as_u16();
    let size = response
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|l| l.to_str().ok())
        .unwrap_or("-");
    let (peer, ms) = (
        peer.map_or_else(|| "-".to_owned(), |p| p.ip().to_string()),
        took.as_millis(),
    );
    // Both are as the client wrote them.
    let (path, agent) = (seen(&path), agent.replace('"', "'"));
    tracing::info!(target: "access", "{peer} \"{method} {path}\" {status} {size} {ms}ms \"{agent}\"");
    response
}

/// Browsers: no other site may change anything here with a visitor's credentials, and pages run nothing.
pub async fn browsers(request: Request, next: Next) -> Response {
    if !request.method().is_safe() && is_of_another_site(request.headers()) {
        let detail = "a page of another site may not do this";
        return ApiError::new(StatusCode::FORBIDDEN, detail, None).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let is_page = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|t| t.as_bytes().starts_with(b"text/html"));
    let policy = if is_page { PAGES } else { FILES };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

/// Whether a page of another site has a browser send this. Where it does not say so itself (it does over TLS and to this
/// machine only), it names that site. No page here sends anything but `GET`, and no other client than a browser names one.
fn is_of_another_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or_default());
    if let Some(from) = text("sec-fetch-site") {
        return !matches!(from, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else {
        return false;
    };
    let site = origin.split_once("://").map(|(_, authority)| authority);
    site.is_none() || site != text("host")
}

/// Pages are ours, and need no script.
const PAGES: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; \
                     base-uri 'none'";
/// Everything else may be somebody's upload. A browser that shows it, as it does with XML, runs nothing of it, and as if
/// it came from nowhere.
const FILES: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";
