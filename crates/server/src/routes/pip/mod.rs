//! pip, uv, poetry, twine: the simple index, files, the upload API.

mod files;
mod simple;
mod upload;

pub use files::file;
pub use simple::{add_slash, conf, project, root};
pub use upload::upload;

use crate::error::ApiError;
use axum::response::Response;

type Answer = Result<Response, ApiError>;
