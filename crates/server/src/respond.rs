//! Answers: conditional requests, ranges, caching (RFC 9110).

pub use crate::conditional::Conditional;

use crate::{
    app::App,
    conditional::{Part, Verdict},
    error::ApiError,
    extract::{SimpleFormat, content_encoding},
    multipart,
};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use packyard_repo::{Coding, Page, Served};
use packyard_types::{CachePolicy, Digest, Timestamp};

/// The revision that changed a page of pip's last, under the name that mirrors look for.
const LAST_SERIAL: HeaderName = HeaderName::from_static("x-pypi-last-serial");
/// Since when the upstream does not stand by what is shown of it.
const STALE: &str = "x-packyard-stale";

/// `Cache-Control` of an answer that anybody may have.
fn cache_control(policy: CachePolicy, public: bool) -> &'static str {
    match (policy, public) {
        (CachePolicy::Immutable, true) => "public, max-age=31536000, immutable",
        (CachePolicy::Immutable, false) => "private, max-age=31536000, immutable",
        // Clients ask again each time and get a 304; a shared cache in front may answer for a few seconds.
        (CachePolicy::Moving, true) => "public, max-age=0, s-maxage=5, must-revalidate",
        (CachePolicy::Moving, false) => "private, max-age=0, must-revalidate",
    }
}

impl App {
    /// Answers with a file, or parts of it, or the news that the client has it. It goes out as it is stored, whatever
    /// codings the client would take: its digest is that of these bytes.
    pub async fn respond(
        &self,
        served: Served,
        cond: &Conditional,
        public: bool,
    ) -> Result<Response, ApiError> {
        let etag = format!("\"{}\"", served.blob.digest);
        // What never changes is as the client knows it, whenever in that second it came.
        let modified = match served.cache {
            CachePolicy::Immutable => served.modified.whole_second(),
            CachePolicy::Moving => served.modified,
        };
        let date = modified.http_date();
        let mut headers = validators(&etag, &date, cache_control(served.cache, public));
        match cond.verdict(&etag, modified) {
            Verdict::Send => {}
            Verdict::Fresh => return Ok((StatusCode::NOT_MODIFIED, headers).into_response()),
            Verdict::Failed => return Err(changed()),
        }
        let size = served.blob.size_bytes;
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        let kind = served.content_type;
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        let (status, range) = match cond.part(size, &etag, modified) {
            Part::Whole => (StatusCode::OK, 0..size),
            Part::Ranges(ranges) => match &ranges[..] {
                [range] => {
                    let value = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                    headers.insert(header::CONTENT_RANGE, ascii(&value));
                    (StatusCode::PARTIAL_CONTENT, range.clone())
                }
                _ => return Ok(multipart::several(self, headers, &served, ranges)),
            },
            Part::Unsatisfiable => {
                self.yard.confirm_size(served).await?;
                headers.insert(header::CONTENT_RANGE, ascii(&format!("bytes */{size}")));
                headers.remove(header::CONTENT_TYPE);
                return Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response());
            }
        };
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
        if cond.is_head() {
            return Ok((status, headers).into_response());
        }
        let stream = self.yard.stream(served, range).await?;
        Ok((status, headers, Body::from_stream(stream)).into_response())
    }

    /// Answers with a page that was made for this request.
    pub fn page(
        &self,
        bytes: Vec<u8>,
        content_type: &'static str,
        modified: Timestamp,
        cond: &Conditional,
        public: bool,
    ) -> Response {
        let etag = format!("\"{}\"", Digest::of(&bytes));
        let date = modified.http_date();
        let mut headers = validators(&etag, &date, cache_control(CachePolicy::Moving, public));
        headers.insert(header::VARY, HeaderValue::from_static("Accept"));
        finish(headers, content_type, bytes.into(), &etag, modified, cond)
    }

    /// Answers with a page of the simple index.
    pub fn simple_page(
        &self,
        page: &Page,
        format: SimpleFormat,
        coding: Coding,
        cond: &Conditional,
        public: bool,
    ) -> Response {
        let etag = format!("\"{}{}\"", page.tag, format.mark());
        let kind = format.content_type();
        let vary = "Accept, Accept-Encoding";
        python_page(page, &etag, kind, coding, vary, cond, public)
    }

    /// Answers with the older JSON of a release, which has one representation.
    pub fn release_page(&self, page: &Page, coding: Coding, cond: &Conditional, public: bool) -> Response {
        // Its URLs are whole. Where nobody said what they begin with, they are as this one client wrote them, and no
        // cache may hand them to another.
        let public = public && self.settings.public_url.is_some();
        let etag = format!("\"{}\"", page.tag);
        let kind = "application/json";
        python_page(page, &etag, kind, coding, "Accept-Encoding", cond, public)
    }
}

/// 412: what the client wants to have more of is not there any more.
fn changed() -> ApiError {
    let detail = "it is not what `If-Match` or `If-Unmodified-Since` says";
    let hint = Some("ask for it anew, without a condition");
    ApiError::new(StatusCode::PRECONDITION_FAILED, detail, hint)
}

fn python_page(
    page: &Page,
    etag: &str,
    content_type: &'static str,
    coding: Coding,
    vary: &'static str,
    cond: &Conditional,
    public: bool,
) -> Response {
    let cache = cache_control(CachePolicy::Moving, public);
    let mut headers = validators(etag, &page.http_date, cache);
    headers.insert(header::VARY, HeaderValue::from_static(vary));
    headers.insert(LAST_SERIAL, HeaderValue::from(page.serial.0));
    if let Some(since) = page.stale_since {
        headers.insert(STALE, ascii(&since.to_string()));
    }
    if let Some(coding) = content_encoding(coding) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    finish(
        headers,
        content_type,
        page.bytes.clone(),
        etag,
        page.modified,
        cond,
    )
}

fn finish(
    mut headers: HeaderMap,
    content_type: &'static str,
    bytes: bytes::Bytes,
    etag: &str,
    modified: Timestamp,
    cond: &Conditional,
) -> Response {
    match cond.verdict(etag, modified) {
        Verdict::Send => {}
        Verdict::Fresh => {
            headers.remove(header::CONTENT_ENCODING);
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        Verdict::Failed => return changed().into_response(),
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    let body = if cond.is_head() {
        Body::empty()
    } else {
        Body::from(bytes)
    };
    let mut response = Response::new(body);
    *response.headers_mut() = headers;
    response
}

fn validators(etag: &str, http_date: &str, cache: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(header::ETAG, ascii(etag));
    headers.insert(header::LAST_MODIFIED, ascii(http_date));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers
}

pub(crate) fn ascii(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("digits, dates and hexadecimal are valid in a header")
}
