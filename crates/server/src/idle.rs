//! Requests whose body stops on its way: they are answered with a 408 and hung up on, so that who begins uploads and
//! never ends them does not collect connections and temporary files here.

use crate::error::ApiError;
use axum::{
    body::{Body, Bytes},
    extract::Request,
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
use tokio::time::{Sleep, sleep};

/// How long nothing may arrive of a body that somebody waits for.
const IDLE: Duration = Duration::from_mins(1);

/// A body that breaks off when nothing arrives of it.
struct Patient {
    body: Body,
    idle: Duration,
    /// Since when somebody waits for more.
    waiting: Option<Pin<Box<Sleep>>>,
    is_over: Arc<AtomicBool>,
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
            this.waiting = None;
            return Poll::Ready(frame);
        }
        let idle = this.idle;
        let waiting = this.waiting.get_or_insert_with(|| Box::pin(sleep(idle)));
        ready!(waiting.as_mut().poll(cx));
        this.is_over.store(true, Ordering::Relaxed);
        let reason = io::Error::new(io::ErrorKind::TimedOut, "nothing more arrived");
        Poll::Ready(Some(Err(axum::Error::new(reason))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Cuts a request off whose body has stopped, whatever the handler makes of that.
pub async fn cut(request: Request, next: Next) -> Response {
    within(IDLE, request, next).await
}

async fn within(idle: Duration, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let is_over = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| {
        Body::new(Patient {
            body,
            idle,
            waiting: None,
            is_over: Arc::clone(&is_over),
        })
    });
    let response = next.run(request).await;
    if !is_over.load(Ordering::Relaxed) {
        return response;
    }
    let detail = format!("nothing of the request's body arrived for {} s", idle.as_secs());
    let hint = Some("send it again; nothing of it was kept");
    let mut response = ApiError::new(StatusCode::REQUEST_TIMEOUT, detail, hint).into_response();
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
    async fn answer(pauses: &'static [u64]) -> Response {
        let app = Router::new()
            .route("/", put(async |body: Bytes| body.len().to_string()))
            .layer(middleware::from_fn(|request, next| {
                within(Duration::from_millis(400), request, next)
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
        let response = answer(&[0, 3_600_000]).await;
        assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
        assert_eq!(response.headers()["connection"], "close");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }

    #[tokio::test]
    async fn a_body_that_comes_slowly_is_waited_for() {
        let response = answer(&[100, 100, 100, 100, 100, 100]).await;
        assert_eq!(response.status(), StatusCode::OK);
    }
}
