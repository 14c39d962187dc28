//! pip, uv, poetry, twine: the simple index, files, the upload API.

mod digests;
mod files;
mod form;
pub mod json;
mod simple;
mod upload;

pub use files::file;
pub use simple::{add_slash, conf, project, root};
pub use upload::{upload, upload_only};

use crate::{error::ApiError, extract::Channel};
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri, header};
use packyard_repo::RepoError;

type Answer = Result<Response, ApiError>;

/// 301 to another path, with the query that was asked with.
fn moved(path: &str, asked: &Uri) -> Response {
    let to = match asked.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response()
}

fn no_project(project: &str, channel: &Channel) -> ApiError {
    let what = format!("project `{project}` in channel `{}`", channel.at);
    RepoError::NotFound { what, nearest: None }.into()
}
