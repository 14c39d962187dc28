//! Errors as answers: RFC 9457 problem documents. The one place where a kind of error becomes a status code.

use crate::limits::Limit;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use hyper::ext::ReasonPhrase;
use packyard_repo::RepoError;
use packyard_types::{Digest, PartName, seen};
use serde::Serialize;

/// An error on its way to a client.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    cause: Option<Cause>,
    problem: Box<Problem>,
}

/// What of an error is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A limit was met.
    Met(Limit),
    /// The store, the index or the disk failed.
    StoreFailed,
}

impl Cause {
    fn of(e: &RepoError) -> Option<Self> {
        match e {
            RepoError::TooLarge { .. } => Some(Self::Met(Limit::UploadSize)),
            RepoError::Busy { .. } => Some(Self::Met(Limit::Queue)),
            RepoError::Store(_) | RepoError::Io { .. } | RepoError::Index(_) | RepoError::Damaged { .. } => {
                Some(Self::StoreFailed)
            }
            RepoError::Several(all) => all.iter().find_map(Self::of),
            _ => None,
        }
    }
}

/// RFC 9457, with packyard's `hint` and, where several things are wrong, all of them.
#[derive(Debug, Serialize)]
struct Problem {
    title: String,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Part>,
    /// What `uv publish` shows.
    message: String,
    /// What clients of trusted publishing print.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Coded>,
}

/// A reason as PyPI's clients know it.
#[derive(Debug, Serialize)]
struct Coded {
    code: &'static str,
    description: String,
}

/// One of several problems.
#[derive(Debug, Serialize)]
struct Part {
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// The entry inside of the file, where one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    /// What is there, where that is a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    /// What should be there, where that is a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
}

impl Part {
    fn of(e: &RepoError) -> Self {
        let (entry, found, expected) = match e {
            RepoError::NotAPackage(e) => (e.entry.clone(), e.found.clone(), e.expected.clone()),
            _ => (None, None, None),
        };
        let shown = |text: Option<String>| text.map(|text| seen(&text).into_owned());
        Self {
            status: status(e).as_u16(),
            detail: seen(&e.to_string()).into_owned(),
            hint: shown(e.hint()),
            entry: shown(entry),
            found: shown(found),
            expected: shown(expected),
        }
    }
}

impl Part {
    /// A file that is not there, by name and SHA-256.
    fn missing(name: &PartName, digest: &Digest) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY.as_u16(),
            detail: format!("`{name}` is not here"),
            hint: None,
            entry: Some(name.to_string()),
            found: None,
            expected: Some(digest.to_string()),
        }
    }
}

impl ApiError {
    /// An error that the HTTP layer itself finds.
    pub fn new(status: StatusCode, detail: impl Into<String>, hint: Option<&str>) -> Self {
        Self::of(status, &detail.into(), hint.map(str::to_owned), Vec::new())
    }

    /// The same for a limit that was met.
    pub fn met(self, limit: Limit) -> Self {
        Self {
            cause: Some(Cause::Met(limit)),
            ..self
        }
    }

    /// 400.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail, None)
    }

    /// 404 for a path that is none of ours.
    pub fn no_page(path: &str) -> Self {
        let detail = format!("there is nothing at `{path}`");
        Self::new(
            StatusCode::NOT_FOUND,
            detail,
            Some("the channels are listed at /"),
        )
    }

    /// 405 for what a path of ours is not asked with.
    pub fn no_method(method: &Method, path: &str) -> Self {
        let detail = format!("`{path}` does not answer {method}");
        let hint = Some("the API is described at /api/v1/openapi.json");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, detail, hint)
    }

    fn of(status: StatusCode, detail: &str, hint: Option<String>, problems: Vec<Part>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error").to_owned();
        // Clients print this, and much of it is what somebody sent.
        let (detail, hint) = (
            seen(detail).into_owned(),
            hint.map(|hint| seen(&hint).into_owned()),
        );
        let message = match &hint {
            Some(hint) => format!("{detail}; hint: {hint}"),
            None => detail.clone(),
        };
        Self {
            status,
            cause: None,
            problem: Box::new(Problem {
                title,
                status: status.as_u16(),
                detail,
                hint,
                problems,
                message,
                errors: Vec::new(),
            }),
        }
    }
}

impl ApiError {
    /// The same with a code, as PyPI's clients of trusted publishing print it.
    pub fn with_code(mut self, code: &'static str) -> Self {
        let description = self.problem.message.clone();
        self.problem.errors = vec![Coded { code, description }];
        self
    }

    /// What is wrong as the reason phrase of HTTP/1 (RFC 9112, section 4): all that twine shows of an answer, unless it is
    /// told to be verbose. None where it holds what a phrase cannot.
    pub fn phrase(&self) -> Option<ReasonPhrase> {
        const LONGEST: usize = 400;
        let plain = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
        let text: String = self
            .problem
            .message
            .lines()
            .next()?
            .chars()
            .map(plain)
            .take(LONGEST)
            .collect();
        ReasonPhrase::try_from(text.into_bytes()).ok()
    }

    /// The same as a line of text, for a client that asks for text.
    pub fn into_text(self) -> Response {
        let line = format!("{}\n", self.problem.message);
        let mut response = self.into_response();
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, text);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = line.into();
        response
    }
}

/// The status code of a kind of error.
fn status(e: &RepoError) -> StatusCode {
    match e {
        RepoError::NotAPackage(e) if e.is_ours => StatusCode::SERVICE_UNAVAILABLE,
        RepoError::Invalid(_) | RepoError::DigestMismatch { .. } => StatusCode::BAD_REQUEST,
        RepoError::NotFound { .. } => StatusCode::NOT_FOUND,
        RepoError::Conflict { .. }
        | RepoError::Stale { .. }
        | RepoError::Ambiguous { .. }
        | RepoError::Yanked { .. }
        | RepoError::DraftClosed { .. }
        | RepoError::DraftHolds { .. }
        | RepoError::Taken { .. }
        | RepoError::Rotation { .. }
        | RepoError::NotNewer { .. }
        | RepoError::NotEmpty { .. } => StatusCode::CONFLICT,
        RepoError::Gone { .. } | RepoError::DraftExpired { .. } | RepoError::DraftHoldsPurged { .. } => {
            StatusCode::GONE
        }
        RepoError::NotAPackage(_)
        | RepoError::ForeignSignature { .. }
        | RepoError::WrongFamily { .. }
        | RepoError::MissingParts { .. }
        | RepoError::OtherDistribution { .. }
        | RepoError::KeyRefused { .. }
        | RepoError::NotVouched { .. }
        | RepoError::Unsupported(_) => StatusCode::UNPROCESSABLE_ENTITY,
        RepoError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        RepoError::Several(all) => all.first().map_or(StatusCode::BAD_REQUEST, status),
        RepoError::Unauthenticated => StatusCode::UNAUTHORIZED,
        RepoError::Forbidden(_) | RepoError::Closed { .. } | RepoError::NotByUploader { .. } => {
            StatusCode::FORBIDDEN
        }
        e if e.is_full() => StatusCode::INSUFFICIENT_STORAGE,
        e if e.is_unavailable() => StatusCode::SERVICE_UNAVAILABLE,
        RepoError::UpstreamWrong { .. } => StatusCode::BAD_GATEWAY,
        RepoError::DataDir { .. }
        | RepoError::ReadOnly(_)
        | RepoError::DraftBusy(_)
        | RepoError::ShuttingDown
        | RepoError::Busy { .. }
        | RepoError::Store(_)
        | RepoError::Io { .. }
        | RepoError::Index(_)
        | RepoError::View(_)
        | RepoError::Keys(_)
        | RepoError::UpstreamDown { .. }
        | RepoError::IssuerDown { .. }
        | RepoError::Damaged { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<RepoError> for ApiError {
    fn from(e: RepoError) -> Self {
        let status = status(&e);
        if status.is_server_error() {
            tracing::error!(error = %e, "a request failed: {e}");
        }
        let problems = match &e {
            RepoError::MissingParts { missing, .. } => missing
                .iter()
                .map(|(name, digest)| Part::missing(name, digest))
                .collect(),
            RepoError::Several(all) => all.iter().map(Part::of).collect(),
            RepoError::NotAPackage(_) => vec![Part::of(&e)],
            _ => Vec::new(),
        };
        let detail = match &e {
            RepoError::Several(all) => {
                let details: Vec<String> = all.iter().map(ToString::to_string).collect();
                format!("{e}: {}", details.join("; "))
            }
            _ => e.to_string(),
        };
        // Some messages bring their hint with them.
        let (detail, hint) = match detail.split_once("\nhint: ") {
            Some((detail, hint)) => (detail.to_owned(), e.hint().or_else(|| Some(hint.to_owned()))),
            None => (detail, e.hint()),
        };
        Self {
            cause: Cause::of(&e),
            ..Self::of(status, &detail, hint, problems)
        }
    }
}

impl From<packyard_types::Invalid> for ApiError {
    fn from(e: packyard_types::Invalid) -> Self {
        RepoError::from(e).into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&*self.problem).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(cause);
        }
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"packyard\""),
            );
        }
        let later = match self.status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Some("5"),
            // Somebody has to make room first.
            StatusCode::INSUFFICIENT_STORAGE => Some("60"),
            _ => None,
        };
        if let Some(seconds) = later {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}
