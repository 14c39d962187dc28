//! One connection, from the handshake to its end. It speaks HTTP/1: what package managers speak, and pipelining, which
//! apt relies on, is answered in order.

use crate::{
    app::App,
    connections::{Connections, Place},
    error::ApiError,
    limits::{Limit, Traffic, count, seconds},
    pulse::{Flight, Pulse, Verdict, Wire},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Request, StatusCode, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// How often a connection is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How long a refusal may take.
const REFUSAL: Duration = Duration::from_secs(5);
/// Connections above the limit that are told so; still more are just closed.
const MOST_REFUSALS: usize = 256;
/// What of a connection is in memory at most, in each direction.
const BUFFER_BYTES: usize = 128 << 10;

/// What all connections of a listener have in common.
pub struct Door {
    /// The routes.
    pub router: Router,
    /// The settings and figures.
    pub app: App,
    /// How handshakes are made; none where it is plain HTTP.
    pub tls: Option<TlsAcceptor>,
    /// The open connections.
    pub open: Arc<Connections>,
    /// Changes when they are to end.
    pub stop: watch::Receiver<()>,
}

impl Door {
    fn traffic(&self) -> &Traffic {
        &self.app.settings.traffic
    }

    fn is_https(&self) -> bool {
        self.tls.is_some()
    }

    /// Serves a client until it has gone, or must go.
    pub async fn welcome(self: Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        self.app.metrics.accepted();
        // Small answers go out at once.
        let _ = stream.set_nodelay(true);
        let is_proxy = self.app.settings.proxies.trusts(peer.ip());
        let place = self.open.enter(peer.ip(), is_proxy, self.traffic());
        if let Err(limit) = &place {
            self.app.metrics.refused(*limit);
        }
        let Some(tls) = &self.tls else {
            return self.clone().enter(stream, peer, place).await;
        };
        match timeout(seconds(self.traffic().handshake_seconds), tls.accept(stream)).await {
            Ok(Ok(stream)) => self.clone().enter(stream, peer, place).await,
            Ok(Err(e)) => {
                self.app.metrics.handshake_failure();
                tracing::debug!(%peer, error = %e, "a TLS handshake failed: {e}");
            }
            Err(_) => self.app.metrics.refused(Limit::Handshake),
        }
    }

    async fn enter<S>(self: Arc<Self>, stream: S, peer: SocketAddr, place: Result<Place, Limit>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        match place {
            Ok(_place) => self.serve(stream, peer).await,
            Err(limit) => {
                // Who comes after these finds the connection closed.
                static TELLING: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(MOST_REFUSALS);
                if let Ok(_slot) = TELLING.try_acquire() {
                    let _ = timeout(REFUSAL, refuse(stream, limit)).await;
                }
            }
        }
    }

    async fn serve<S>(self: Arc<Self>, stream: S, peer: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let pulse = Pulse::new(Instant::now());
        let wire = Wire::new(stream, Arc::clone(&pulse), Arc::clone(&self.app.metrics));
        let (door, beat) = (Arc::clone(&self), Arc::clone(&pulse));
        let service = service_fn(move |request| Arc::clone(&door).answer(request, peer, beat.take_off()));
        let mut http = http1::Builder::new()
            .header_read_timeout(None)
            .max_header_size(count(self.traffic().header_bytes))
            .max_buf_size(BUFFER_BYTES.max(count(self.traffic().header_bytes)))
            .serve_connection(TokioIo::new(wire), service);
        let mut stop = self.stop.clone();
        let mut is_stopping = false;
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                done = &mut http => {
                    return self.ended(done);
                }
                _ = stop.changed(), if !is_stopping => {
                    is_stopping = true;
                    Pin::new(&mut http).graceful_shutdown();
                }
                _ = look.tick() => match pulse.verdict(Instant::now(), self.traffic()) {
                    Verdict::Alive => {}
                    Verdict::Idle => Pin::new(&mut http).graceful_shutdown(),
                    Verdict::Stuck => return self.app.metrics.refused(Limit::SlowReader),
                    Verdict::Late { began } => {
                        if began {
                            self.app.metrics.refused(Limit::HeaderTime);
                            let stream = http.into_parts().io.into_inner();
                            let _ = timeout(REFUSAL, late(stream)).await;
                        }
                        return;
                    }
                }
            }
        }
    }

    fn ended(&self, done: Result<(), hyper::Error>) {
        if let Err(e) = done {
            if e.is_parse_too_large() {
                self.app.metrics.refused(Limit::HeaderSize);
            }
            tracing::debug!(error = %e, "a connection ended: {e}");
        }
    }

    /// Answers a request, which is in flight until its body and its answer are through.
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: SocketAddr,
        flight: Flight,
    ) -> Result<Response<InFlight>, Infallible> {
        let is_https = self.is_https();
        let proxies = &self.app.settings.proxies;
        let reached = proxies.reached(peer.ip(), is_https, request.headers());
        let mut request = request.map(|body| {
            if body.is_end_stream() {
                Body::empty()
            } else {
                Body::new(InFlight {
                    body: Body::new(body),
                    _flight: flight.clone(),
                })
            }
        });
        let client = SocketAddr::new(reached.client, peer.port());
        request.extensions_mut().insert(ConnectInfo(client));
        request.extensions_mut().insert(reached);
        let mut response = self.router.clone().oneshot(request).await?;
        if is_https {
            let year = HeaderValue::from_static("max-age=31536000");
            response
                .headers_mut()
                .insert(header::STRICT_TRANSPORT_SECURITY, year);
        }
        Ok(response.map(|body| InFlight {
            body,
            _flight: flight,
        }))
    }
}

/// Tells a client that there is no place for it, whatever it asks.
async fn refuse<S>(stream: S, limit: Limit)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |_: Request<Incoming>| async move {
        let (status, detail) = match limit {
            Limit::ConnectionsPerSource => (
                StatusCode::TOO_MANY_REQUESTS,
                "too many connections are open from your network",
            ),
            _ => (StatusCode::SERVICE_UNAVAILABLE, "too many connections are open"),
        };
        let hint = Some("try again in a moment, with fewer of them");
        let mut response = ApiError::new(status, detail, hint).into_response();
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
        Ok::<_, Infallible>(response)
    });
    let http = http1::Builder::new()
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    let _ = http.await;
}

/// Tells a client that its request did not come in time.
async fn late<S: AsyncWrite + Unpin>(mut stream: S) -> io::Result<()> {
    const ANSWER: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    stream.write_all(ANSWER).await?;
    stream.shutdown().await
}

/// A body whose request is in flight until it is dropped.
struct InFlight {
    body: Body,
    _flight: Flight,
}

impl HttpBody for InFlight {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
