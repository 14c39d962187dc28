//! Where one client stops being served so that the others go on being served. Each limit has a default that a company
//! of two hundred behind one address does not meet, a setting, a figure in `/metrics`, and an honest status.

use crate::{app::App, error::ApiError};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use http_body::Body as _;
use serde::Deserialize;
use std::{num::NonZeroU32, time::Duration};

/// The limits of traffic. What an archive may hold is limited by [`packyard_repo::Limits`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Traffic {
    /// Most connections at once; one more is answered with 503. Against running out of file descriptors and memory.
    pub connections: NonZeroU32,
    /// Most of them from one source, an IPv4 address or a /64 of IPv6; one more is answered with 429. Against one client
    /// that takes them all. Configured proxies are exempt.
    pub connections_per_source: NonZeroU32,
    /// Most uploads that are taken in at once; one more waits a moment and is then answered with 503. Against a disk
    /// that is full of halves.
    pub uploads: NonZeroU32,
    /// Most changes that wait to be committed; one more is answered with 503. Against answers that nobody waits for.
    pub queue: NonZeroU32,
    /// Largest request line with its header fields, in bytes; a larger one is answered with 431.
    pub header_bytes: NonZeroU32,
    /// How long they may take to arrive; later it is 408. Against connections that begin requests and never ask anything.
    pub header_seconds: NonZeroU32,
    /// How long a connection may stay open between two requests; then it is closed.
    pub idle_seconds: NonZeroU32,
    /// How long nothing may arrive of a body; then it is 408.
    pub body_idle_seconds: NonZeroU32,
    /// How fast a body must arrive on average, in bytes a second; a slower one is answered with 408. Against uploads that
    /// never end.
    pub body_bytes_per_second: NonZeroU32,
    /// How long a client may take nothing of its answer; then the connection is closed. Against clients that ask for
    /// much and read nothing.
    pub send_idle_seconds: NonZeroU32,
    /// How long a TLS handshake may take; then the connection is closed.
    pub handshake_seconds: NonZeroU32,
}

const fn n(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).expect("no default is 0")
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            connections: n(4096),
            connections_per_source: n(2048),
            uploads: n(64),
            queue: n(1024),
            header_bytes: n(32 << 10),
            header_seconds: n(30),
            idle_seconds: n(75),
            body_idle_seconds: n(60),
            body_bytes_per_second: n(1024),
            send_idle_seconds: n(120),
            handshake_seconds: n(15),
        }
    }
}

/// A number of seconds as a time.
pub fn seconds(n: NonZeroU32) -> Duration {
    Duration::from_secs(n.get().into())
}

/// A number of things as one.
pub fn count(n: NonZeroU32) -> usize {
    usize::try_from(n.get()).unwrap_or(usize::MAX)
}

/// Which limit a request or a connection met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Connections in all.
    Connections,
    /// Connections of one source.
    ConnectionsPerSource,
    /// Uploads at once.
    Uploads,
    /// Changes that wait.
    Queue,
    /// The size of a header.
    HeaderSize,
    /// The time for a header.
    HeaderTime,
    /// The size of an upload.
    UploadSize,
    /// The time for a body.
    SlowBody,
    /// The time for taking an answer.
    SlowReader,
    /// The time for a handshake.
    Handshake,
}

impl Limit {
    /// All of them, in their order.
    pub const ALL: [Self; 10] = [
        Self::Connections,
        Self::ConnectionsPerSource,
        Self::Uploads,
        Self::Queue,
        Self::HeaderSize,
        Self::HeaderTime,
        Self::UploadSize,
        Self::SlowBody,
        Self::SlowReader,
        Self::Handshake,
    ];

    /// Its name in `/metrics`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::ConnectionsPerSource => "connections-per-source",
            Self::Uploads => "uploads",
            Self::Queue => "queue",
            Self::HeaderSize => "header-size",
            Self::HeaderTime => "header-time",
            Self::UploadSize => "upload-size",
            Self::SlowBody => "slow-body",
            Self::SlowReader => "slow-reader",
            Self::Handshake => "handshake",
        }
    }
}

/// Bodies up to this size are no uploads: they are in memory in a moment.
const SMALL_BODY: u64 = 64 << 10;

/// How long an upload waits for others to end before it is refused: most publishing clients do not try again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Lets as many uploads in as may be taken at once.
pub async fn uploads(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_small = request
        .body()
        .size_hint()
        .upper()
        .is_some_and(|n| n <= SMALL_BODY);
    if is_small {
        return next.run(request).await;
    }
    let Ok(Ok(_slot)) = tokio::time::timeout(PATIENCE, app.uploads.acquire()).await else {
        return too_many(app.settings.traffic.uploads);
    };
    next.run(request).await
}

fn too_many(limit: NonZeroU32) -> Response {
    let detail = format!("{limit} uploads are being taken already");
    let hint = Some("send it again in a moment; nothing of it was kept");
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, detail, hint)
        .met(Limit::Uploads)
        .into_response()
}
