//! The revision from which a request is answered.

use crate::{app::App, error::ApiError};
use axum::extract::FromRequestParts;
use http::request::Parts;
use packyard_types::Revision;

/// The newest revision, as it was when the request came. It is looked up once a request, before anything else.
#[derive(Debug, Clone, Copy)]
pub struct Shown(pub Revision);

impl FromRequestParts<App> for Shown {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        match parts.extensions.get::<Self>() {
            Some(shown) => Ok(*shown),
            None => Ok(Self(app.yard.newest()?)),
        }
    }
}
