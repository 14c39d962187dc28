//! The route table, grouped by client.

use crate::{
    app::App,
    error::ApiError,
    idle, leftover, limits, reader,
    routes::{api, apt, metrics, oidc, ops, pages, pip, yum},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware,
    routing::{get, post, put},
};

/// All routes over an app.
pub fn router(app: App) -> Router {
    Router::new()
        // people
        .route("/", get(pages::home))
        .route("/{channel}", get(pages::add_slash))
        .route("/{channel}/", get(pages::channel))
        .route("/{channel}/packages/{name}", get(pages::package))
        .route(
            "/{channel}/packages/{name}/{version}",
            get(pages::package_version),
        )
        // pip
        .route("/{channel}/simple", get(pages::add_slash))
        .route("/{channel}/simple/", get(pip::root))
        .route("/{channel}/simple/{project}", get(pip::add_slash))
        .route("/{channel}/simple/{project}/", get(pip::project))
        .route("/{channel}/files/{sha256}/{filename}", get(pip::file))
        .route("/{channel}/pypi/{project}/json", get(pip::json::project))
        .route(
            "/{channel}/pypi/{project}/{version}/json",
            get(pip::json::release),
        )
        .route("/{channel}/legacy/", post(pip::upload).get(pip::upload_only))
        .route("/{channel}/legacy", post(pip::upload).get(pip::upload_only))
        .route("/{channel}/pip.conf", get(pip::conf))
        // apt
        .route("/{channel}/apt/{*path}", get(apt::get).put(apt::put))
        // yum
        .route(
            "/{channel}/yum/{*path}",
            get(yum::get).put(yum::put).delete(yum::delete),
        )
        // any client
        .route("/{channel}/key.asc", get(pages::keys))
        .route("/{channel}/setup.sh", get(pages::setup))
        // trusted publishing
        .route("/_/oidc/audience", get(oidc::audience))
        .route("/_/oidc/mint-token", post(oidc::mint))
        .route("/_/oidc/burn-token", post(oidc::burn))
        // the JSON API
        .route("/api/v1/openapi.json", get(api::openapi))
        .route("/api/v1/channels", get(api::channels::channels))
        .route(
            "/api/v1/channels/{channel}",
            get(api::channels::channel)
                .put(api::channels::configure)
                .delete(api::channels::delete),
        )
        .route(
            "/api/v1/channels/{channel}/distributions",
            get(api::distributions::list),
        )
        .route(
            "/api/v1/channels/{channel}/distributions/{distribution}",
            get(api::distributions::one)
                .put(api::distributions::declare)
                .delete(api::distributions::delete),
        )
        .route(
            "/api/v1/channels/{channel}/distributions/{distribution}/documents",
            get(api::documents::list),
        )
        .route(
            "/api/v1/channels/{channel}/distributions/{distribution}/documents/{kind}",
            put(api::documents::put).delete(api::documents::delete),
        )
        .route(
            "/api/v1/channels/{channel}/packages",
            get(api::packages::packages),
        )
        .route("/api/v1/channels/{channel}/diff", get(api::diff::diff))
        .route(
            "/api/v1/channels/{channel}/packages/{name}",
            get(api::packages::package),
        )
        .route(
            "/api/v1/channels/{channel}/projects",
            get(api::projects::projects),
        )
        .route(
            "/api/v1/channels/{channel}/projects/{project}",
            get(api::projects::project).put(api::projects::put),
        )
        .route(
            "/api/v1/channels/{channel}/blobs/{sha256}",
            put(api::releases::put_blob),
        )
        .route(
            "/api/v1/channels/{channel}/releases",
            post(api::releases::release),
        )
        .route(
            "/api/v1/channels/{channel}/promotions",
            post(api::promotions::promote),
        )
        .route(
            "/api/v1/channels/{channel}/rollbacks",
            post(api::promotions::rollback),
        )
        .route("/api/v1/channels/{channel}/yanks", post(api::withdrawals::yank))
        .route(
            "/api/v1/channels/{channel}/removals",
            post(api::withdrawals::remove),
        )
        .route(
            "/api/v1/channels/{channel}/artifacts/{sha256}",
            axum::routing::delete(api::withdrawals::delete),
        )
        .route("/api/v1/channels/{channel}/retention", get(api::gc::retention))
        .route("/api/v1/gc", post(api::gc::gc))
        .route("/api/v1/purges", post(api::withdrawals::purge))
        .route("/api/v1/channels/{channel}/tags", get(api::tags::tags))
        .route(
            "/api/v1/channels/{channel}/tags/{tag}",
            get(api::tags::tag).put(api::tags::put).delete(api::tags::delete),
        )
        .route("/api/v1/channels/{channel}/export", get(api::export::list))
        .route("/api/v1/channels/{channel}/uploads", post(api::releases::uploads))
        .route("/api/v1/channels/{channel}/drafts", get(api::drafts::drafts))
        .route(
            "/api/v1/channels/{channel}/drafts/{draft}",
            get(api::drafts::draft)
                .post(api::drafts::commit)
                .delete(api::drafts::discard),
        )
        .route("/api/v1/keys", get(api::keys::keys))
        .route(
            "/api/v1/keys/rotation",
            post(api::keys::rotate).delete(api::keys::cancel),
        )
        .route("/api/v1/keys/rotation/finish", post(api::keys::finish))
        .route(
            "/api/v1/keys/{fingerprint}",
            axum::routing::delete(api::keys::revoke),
        )
        .route("/api/v1/revisions", get(api::revisions::revisions))
        .route(
            "/api/v1/tokens",
            get(api::tokens::tokens).post(api::tokens::grant),
        )
        .route("/api/v1/tokens/{id}", axum::routing::delete(api::tokens::revoke))
        .route(
            "/api/v1/publishers",
            get(api::publishers::publishers).post(api::publishers::trust),
        )
        .route(
            "/api/v1/publishers/{id}",
            axum::routing::delete(api::publishers::distrust),
        )
        // machines
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(metrics::metrics))
        .fallback(async |request: Request| ApiError::no_page(request.uri().path()))
        .method_not_allowed_fallback(async |request: Request| {
            ApiError::no_method(request.method(), request.uri().path())
        })
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn(pages::errors_for_people))
        .layer(middleware::from_fn(ops::browsers))
        .layer(middleware::from_fn_with_state(app.clone(), limits::uploads))
        .layer(middleware::from_fn_with_state(app.clone(), reader::refuse_writes))
        .layer(middleware::from_fn(leftover::drain))
        .layer(middleware::from_fn_with_state(app.clone(), idle::cut))
        .layer(middleware::from_fn_with_state(app.clone(), ops::revision))
        .layer(middleware::from_fn_with_state(app.clone(), ops::access_log))
        .with_state(app)
}

/// What machines that watch ask, at an address of their own.
pub fn watching(app: App) -> Router {
    Router::new()
        .route("/healthz", get(ops::healthz))
        .route("/readyz", get(ops::readyz))
        .route("/metrics", get(metrics::to_anybody))
        .fallback(async |request: Request| ApiError::no_page(request.uri().path()))
        .with_state(app)
}
