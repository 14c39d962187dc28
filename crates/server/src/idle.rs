//! Requests whose body stops on its way, or comes a byte at a time: they are answered with a 408 and hung up on, so that who begins uploads and
//! never ends them does not collect connections and temporary files here.

use crate::{
    app::App,
    error::ApiError,
    limits::{Limit, seconds},
};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use std::{
    future::Future as _,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep};

/// How slow a body may be.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// How long nothing may arrive of it while somebody waits.
    idle: Duration,
    /// How many bytes must have arrived for each second that somebody waited, once that was longer than `idle`.
    bytes_per_second: u64,
}

/// A body that breaks off when nothing arrives of it, or too little.
struct Patient {
    body: Body,
    patience: Patience,
    /// Since when somebody waits for more.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
    waited: Duration,
    arrived: u64,
    is_over: Arc<AtomicBool>,
}

impl Patient {
    fn over(&self, reason: &'static str) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.is_over.store(true, Ordering::Relaxed);
        let reason = io::Error::new(io::ErrorKind::TimedOut, reason);
        Poll::Ready(Some(Err(axum::Error::new(reason))))
    }

    fn is_too_slow(&self) -> bool {
        self.waited > self.patience.idle
            && self.arrived
                < self
                    .waited
                    .as_secs()
                    .saturating_mul(self.patience.bytes_per_second)
    }
}

impl HttpBody for Patient {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if this.is_over.load(Ordering::Relaxed) {
            return Poll::Ready(None);
        }
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            if let Some((since, _)) = this.waiting.take() {
                this.waited += since.elapsed();
            }
            if let Some(Ok(frame)) = &frame {
                this.arrived += frame.data_ref().map_or(0, |data| data.len() as u64);
                if this.is_too_slow() {
                    return this.over("too little arrived");
                }
            }
            return Poll::Ready(frame);
        }
        let idle = this.patience.idle;
        let start = || (Instant::now(), Box::pin(sleep(idle)));
        let (_, waiting) = this.waiting.get_or_insert_with(start);
        ready!(waiting.as_mut().poll(cx));
        this.over("nothing more arrived")
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Cuts a request off whose body has stopped, whatever the handler makes of that.
pub async fn cut(State(app): State<App>, request: Request, next: Next) -> Response {
    let traffic = &app.settings.traffic;
    let patience = Patience {
        idle: seconds(traffic.body_idle_seconds),
        bytes_per_second: traffic.body_bytes_per_second.get().into(),
    };
    within(patience, request, next).await
}

async fn within(patience: Patience, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| {
        Body::new(Patient {
            body,
            patience,
            waiting: None,
            waited: Duration::ZERO,
            arrived: 0,
            is_over: Arc::clone(&is_over),
        })
    });
    let response = next.run(request).await;
    if !is_over.load(Ordering::Relaxed) {
        return response;
    }
    let detail = format!(
        "nothing of the request's body arrived for {} s, or less than {} bytes a second",
        patience.idle.as_secs(),
        patience.bytes_per_second
    );
    let hint = Some("send it again; nothing of it was kept");
    let mut response = ApiError::new(StatusCode::REQUEST_TIMEOUT, detail, hint)
        .met(Limit::SlowBody)
        .into_response();
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, middleware, routing::put};
    use futures::{StreamExt as _, stream};
    use tower::ServiceExt as _;

    /// What a body is answered with whose pieces come at such intervals, in milliseconds.
    async fn answer(pauses: &'static [u64], bytes_per_second: u64) -> Response {
        let patience = Patience {
            idle: Duration::from_millis(400),
            bytes_per_second,
        };
        let app = Router::new()
            .route("/", put(async |body: Bytes| body.len().to_string()))
            .layer(middleware::from_fn(move |request, next| {
                within(patience, request, next)
            }));
        let pieces = stream::iter(pauses).then(|pause| async move {
            sleep(Duration::from_millis(*pause)).await;
            Ok::<_, io::Error>("piece")
        });
        let request = Request::put("/").body(Body::from_stream(pieces)).unwrap();
        app.oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn a_body_that_stops_is_cut_off() {
        let response = answer(&[0, 3_600_000], 1).await;
        assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(response.headers()["connection"], "close");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }

    #[tokio::test]
    async fn a_body_that_comes_slowly_is_waited_for() {
        let response = answer(&[100, 100, 100, 100, 100, 100], 1).await;
        assert_eq!(response.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_body_that_comes_drop_by_drop_is_cut_off() {
        let response = answer(&[300, 300, 300, 300, 300, 300], 1000).await;
        assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    }
}
