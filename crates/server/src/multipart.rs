//! Several ranges of a file in one answer: `multipart/byteranges` (RFC 9110, 14.6).

use crate::{app::App, respond::ascii};
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use packyard_repo::{RepoError, Served};
use std::ops::Range;

/// 206 with a part for each range. The parts are read as they are sent.
pub fn several(app: &App, mut headers: HeaderMap, served: &Served, ranges: Vec<Range<u64>>) -> Response {
    let size = served.blob.size_bytes;
    // It need only be absent from the parts; nothing writes its own digest.
    let boundary = format!("packyard-{}", &served.blob.digest.to_string()[..32]);
    let head = |range: &Range<u64>| {
        format!(
            "\r\n--{boundary}\r\nContent-Type: {}\r\nContent-Range: bytes {}-{}/{size}\r\n\r\n",
            served.content_type,
            range.start,
            range.end - 1
        )
    };
    let parts: Vec<(String, Range<u64>)> = ranges.into_iter().map(|r| (head(&r), r)).collect();
    let end = format!("\r\n--{boundary}--\r\n");
    let length = parts
        .iter()
        .map(|(head, r)| head.len() as u64 + (r.end - r.start))
        .sum::<u64>();
    let kind = format!("multipart/byteranges; boundary={boundary}");
    headers.insert(header::CONTENT_TYPE, ascii(&kind));
    headers.insert(
        header::CONTENT_LENGTH,
        HeaderValue::from(length + end.len() as u64),
    );

    let (yard, served) = (app.yard.clone(), served.clone());
    let body = stream::iter(parts).then(move |(head, range)| {
        let (yard, served) = (yard.clone(), served.clone());
        async move {
            let bytes = yard.stream(served, range).await?;
            let head = stream::once(async move { Ok::<_, RepoError>(Bytes::from(head)) });
            Ok::<_, RepoError>(head.chain(bytes))
        }
    });
    let end = stream::once(async move { Ok(Bytes::from(end)) });
    let body = Body::from_stream(body.try_flatten().chain(end));
    (StatusCode::PARTIAL_CONTENT, headers, body).into_response()
}
