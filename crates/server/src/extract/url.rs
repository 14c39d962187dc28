//! The parts of a URL, as values. axum's own extractors answer in plain text when a part is not what it should be; these
//! answer as everything else does, with a problem document.

use crate::{app::App, error::ApiError};
use axum::extract::{FromRequestParts, Path as AnyPath, Query as AnyQuery};
use http::request::Parts;
use serde::de::DeserializeOwned;

/// What stands between the `?` and the end.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

/// The variable segments of the path.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let query = AnyQuery::<T>::from_request_parts(parts, app).await;
        let AnyQuery(query) = query.map_err(|e| ApiError::bad_request(e.body_text()))?;
        Ok(Self(query))
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let path = AnyPath::<T>::from_request_parts(parts, app).await;
        let AnyPath(path) = path.map_err(|e| ApiError::bad_request(e.body_text()))?;
        Ok(Self(path))
    }
}
