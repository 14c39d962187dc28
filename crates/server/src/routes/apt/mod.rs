//! apt, dput, curl: everything under `/{channel}/apt/`.

mod get;
mod incoming;
mod upload;

pub use get::get;

use crate::{
    app::App,
    error::ApiError,
    extract::{Caller, Channel, Path},
    routes::upload::may_publish,
};
use axum::{body::Body, response::Response};
use http::StatusCode;

type Answer = Result<Response, ApiError>;

/// `PUT /{channel}/apt/…`: what is not a way to upload is a 404 that names one.
pub async fn put(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    Path((segment, path)): Path<(String, String)>,
    body: Body,
) -> Answer {
    may_publish(&access, &channel)?;
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        ["upload", distribution, component, filename] => {
            let target = upload::Target {
                distribution,
                component,
                filename,
            };
            upload::put(&app, &access, channel, &target, body).await
        }
        ["incoming", distribution, component, filename] => {
            let target = upload::Target {
                distribution,
                component,
                filename,
            };
            Ok(incoming::put(&app, &access, channel, &target, body).await)
        }
        _ => {
            let detail = format!("nothing is taken at `/{segment}/apt/{path}`");
            let hint = format!("PUT a .deb to /{segment}/apt/upload/DISTRIBUTION/COMPONENT/FILENAME");
            Err(ApiError::new(StatusCode::NOT_FOUND, detail, Some(&hint)))
        }
    }
}
