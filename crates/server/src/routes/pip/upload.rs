//! The upload API: what twine, `uv publish`, `poetry publish`, flit, hatch, pdm and curl send
//! (what the public index calls its legacy upload API).

use super::{Answer, form};
use crate::{
    app::App,
    error::ApiError,
    extract::{Caller, Channel},
    routes::upload::{may_publish, publish_one},
};
use axum::{
    extract::{FromRequest, Multipart, Request, multipart::MultipartRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use packyard_repo::{Access, Incoming, RepoError, Source};

/// `POST /{channel}/legacy/`. The same bytes again are fine.
pub async fn upload(app: App, Caller(access): Caller, channel: Channel, request: Request) -> Response {
    let text = wants_text(request.headers());
    let e = match take(&app, &access, channel, request).await {
        Ok(response) => return response,
        Err(e) => e,
    };
    let phrase = e.phrase();
    let mut response = if text { e.into_text() } else { e.into_response() };
    if let Some(phrase) = phrase {
        response.extensions_mut().insert(phrase);
    }
    response
}

async fn take(app: &App, access: &Access, channel: Channel, request: Request) -> Answer {
    may_publish(access, &channel)?;
    let no_form = |e: MultipartRejection| ApiError::bad_request(format!("this is not an upload form: {e}"));
    let multipart = Multipart::from_request(request, app).await.map_err(no_form)?;
    let (name, upload) = form::read(app, multipart).await?;
    let incoming = Incoming {
        name,
        distribution: None,
        component: None,
        source: Source::Upload(upload),
        uploaded_at: None,
    };
    match publish_one(app, access, channel, incoming).await {
        Ok(receipt) => Ok((StatusCode::OK, axum::Json(receipt)).into_response()),
        Err(e) => Err(conflict(e)),
    }
}

/// twine and uv know by these words, which begin the public index's answer too, that a file need not be sent again.
fn conflict(e: RepoError) -> ApiError {
    let hint = e.hint();
    let detail = match &e {
        RepoError::Conflict { held: true, .. } => format!("File already exists ({e})"),
        RepoError::Conflict { .. } => format!("This filename was used before ({e})"),
        _ => return e.into(),
    };
    ApiError::new(StatusCode::CONFLICT, detail, hint.as_deref())
}

/// `GET /{channel}/legacy/`: somebody took the upload URL for an index, or looked at it with a browser.
pub async fn upload_only(channel: Channel) -> Response {
    let detail = format!(
        "`/{}/legacy/` takes uploads by POST, and shows nothing",
        channel.segment
    );
    let hint = format!(
        "upload with `twine upload --repository-url URL FILE`; install from `/{}/simple/`",
        channel.segment
    );
    let mut response = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, detail, Some(&hint)).into_response();
    let allow = http::HeaderValue::from_static("POST");
    response.headers_mut().insert(header::ALLOW, allow);
    response
}

/// Whether a client would rather have text than JSON. Most say `*/*`, and get JSON.
fn wants_text(headers: &HeaderMap) -> bool {
    let accept = headers.get_all(header::ACCEPT);
    let ranges = accept
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','));
    let (mut text, mut json) = (0.0, 0.0);
    for range in ranges {
        let (kind, parameters) = range.split_once(';').unwrap_or((range, ""));
        let q = parameters.split(';').find_map(|p| p.trim().strip_prefix("q="));
        let q: f32 = q.map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        match kind.trim() {
            "text/plain" | "text/*" => text = q.max(text),
            "application/json" | "application/problem+json" | "application/*" | "*/*" => json = q.max(json),
            _ => {}
        }
    }
    text > json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_for_those_who_ask_for_it() {
        for (accept, expected) in [
            ("*/*", false),
            ("text/plain", true),
            ("text/plain, */*;q=0.1", true),
            ("application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7", false),
            ("text/html", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(wants_text(&headers), expected, "{accept}");
        }
        assert!(!wants_text(&HeaderMap::new()));
    }
}
