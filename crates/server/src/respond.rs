//! Answers: conditional requests, ranges, caching (RFC 9110).

use crate::{app::App, error::ApiError};
use axum::{
    body::Body,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use packyard_repo::Served;
use packyard_types::{CachePolicy, Digest, Timestamp};
use std::{convert::Infallible, ops::Range};

/// The headers of a request that say under which conditions, and which part, is wanted.
#[derive(Debug, Clone)]
pub struct Conditional {
    method: Method,
    headers: HeaderMap,
}

impl FromRequestParts<App> for Conditional {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self {
            method: parts.method.clone(),
            headers: parts.headers.clone(),
        })
    }
}

/// What is sent of a file.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Range(Range<u64>),
    Unsatisfiable,
}

impl Conditional {
    fn text(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the client's copy is still good: RFC 9110, 13.2.2: If-None-Match first, If-Modified-Since only without.
    fn is_fresh(&self, etag: &str, modified: Timestamp) -> bool {
        if let Some(known) = self.text(header::IF_NONE_MATCH) {
            return known
                .split(',')
                .map(str::trim)
                .any(|k| k == "*" || k.trim_start_matches("W/") == etag);
        }
        self.text(header::IF_MODIFIED_SINCE)
            .and_then(parse_http_date)
            .is_some_and(|since| modified.unix_seconds() <= since)
    }

    fn part(&self, size: u64, etag: &str, modified: Timestamp) -> Part {
        let Some(range) = self.text(header::RANGE) else {
            return Part::Whole;
        };
        if let Some(condition) = self.text(header::IF_RANGE) {
            let same = condition == etag || parse_http_date(condition) == Some(modified.unix_seconds());
            if !same {
                return Part::Whole;
            }
        }
        byte_range(range, size)
    }
}

/// One range of a `bytes=` header. Several ranges at once are answered with the whole file, which RFC 9110, 14.2 allows.
fn byte_range(header: &str, size: u64) -> Part {
    let Some(spec) = header.trim().strip_prefix("bytes=") else {
        return Part::Whole;
    };
    if spec.contains(',') {
        return Part::Whole;
    }
    let Some((first, last)) = spec.trim().split_once('-') else {
        return Part::Whole;
    };
    let number = |s: &str| s.trim().parse::<u64>().ok();
    let range = match (first.trim(), last.trim()) {
        ("", last) => match number(last) {
            Some(n) if n > 0 && size > 0 => size.saturating_sub(n)..size,
            Some(_) => return Part::Unsatisfiable,
            None => return Part::Whole,
        },
        (first, "") => match number(first) {
            Some(n) => n..size,
            None => return Part::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(a), Some(b)) if a <= b => a..b.saturating_add(1).min(size),
            _ => return Part::Whole,
        },
    };
    if range.start >= size {
        Part::Unsatisfiable
    } else {
        Part::Range(range)
    }
}

fn parse_http_date(s: &str) -> Option<i64> {
    packyard_types::Timestamp::parse_http_date(s).map(Timestamp::unix_seconds)
}

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
    /// Answers with a file, or a part of it, or the news that the client has it.
    pub async fn respond(
        &self,
        served: Served,
        cond: &Conditional,
        public: bool,
    ) -> Result<Response, ApiError> {
        let etag = format!("\"{}\"", served.blob.digest);
        let modified = served.modified;
        let mut headers = validators(&etag, modified, cache_control(served.cache, public));
        if cond.is_fresh(&etag, modified) {
            return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
        }
        let size = served.blob.size_bytes;
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(served.content_type),
        );
        let (status, range) = match cond.part(size, &etag, modified) {
            Part::Whole => (StatusCode::OK, 0..size),
            Part::Range(range) => {
                let value = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                headers.insert(header::CONTENT_RANGE, ascii(&value));
                (StatusCode::PARTIAL_CONTENT, range)
            }
            Part::Unsatisfiable => {
                headers.insert(header::CONTENT_RANGE, ascii(&format!("bytes */{size}")));
                headers.remove(header::CONTENT_TYPE);
                return Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response());
            }
        };
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
        if cond.method == Method::HEAD {
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
        let mut headers = validators(&etag, modified, cache_control(CachePolicy::Moving, public));
        headers.insert(header::VARY, HeaderValue::from_static("Accept"));
        if cond.is_fresh(&etag, modified) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        if cond.method == Method::HEAD {
            return (StatusCode::OK, headers).into_response();
        }
        (StatusCode::OK, headers, bytes).into_response()
    }
}

fn validators(etag: &str, modified: Timestamp, cache: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ETAG, ascii(etag));
    headers.insert(header::LAST_MODIFIED, ascii(&modified.http_date()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers
}

fn ascii(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("digits, dates and hexadecimal are valid in a header")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        assert_eq!(byte_range("bytes=0-4", 10), Part::Range(0..5));
        assert_eq!(byte_range("bytes=5-", 10), Part::Range(5..10));
        assert_eq!(byte_range("bytes=-3", 10), Part::Range(7..10));
        assert_eq!(byte_range("bytes=-30", 10), Part::Range(0..10));
        assert_eq!(byte_range("bytes=8-99", 10), Part::Range(8..10));
        assert_eq!(byte_range("bytes=10-", 10), Part::Unsatisfiable);
        assert_eq!(byte_range("bytes=-0", 10), Part::Unsatisfiable);
        for odd in ["bytes=4-2", "lines=1-2", "bytes=0-1,4-5", "bytes=x-", "bytes=--1"] {
            assert_eq!(byte_range(odd, 10), Part::Whole, "{odd}");
        }
    }
}
