//! `/metrics`, for Prometheus.

use crate::{
    app::{App, MetricsAccess},
    error::ApiError,
    extract::Caller,
    metrics::Snapshot,
    proxy::Reached,
};
use axum::{
    Extension,
    response::{IntoResponse, Response},
};
use http::header;
use packyard_repo::Figures;
use packyard_types::Permission;

/// The text format of Prometheus.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `/metrics` at the address of everything else: for the networks that may read it, and for administrators.
pub async fn metrics(
    app: App,
    reached: Option<Extension<Reached>>,
    Caller(access): Caller,
) -> Result<Response, ApiError> {
    let MetricsAccess::Here(networks) = &app.settings.metrics else {
        return Err(ApiError::no_page("/metrics"));
    };
    // What a proxy that is not configured passes on comes from anywhere, whatever the proxy's own address is.
    let is_near = reached.is_some_and(|Extension(reached)| {
        !reached.is_hearsay && networks.iter().any(|network| network.contains(&reached.client))
    });
    if !is_near {
        access.allow(Permission::Admin, None)?;
    }
    to_anybody(app).await
}

/// `/metrics` at an address of its own.
pub async fn to_anybody(app: App) -> Result<Response, ApiError> {
    let most = usize::try_from(app.settings.traffic.uploads.get()).unwrap_or(usize::MAX);
    let none = Figures::default();
    let text = Snapshot {
        metrics: &app.metrics,
        figures: app.yard.figures().unwrap_or(&none),
        connections: app.open.total(),
        uploads: most.saturating_sub(app.uploads.available_permits()),
        revision: app.yard.applied()?.revision,
        lag: app.yard.lag().await?,
    }
    .to_string();
    let headers = [(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, text).into_response())
}
