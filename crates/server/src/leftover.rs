//! What is left of a request that was refused early. Clients that send a whole file before they read (twine, dput)
//! would see a broken pipe instead of the refusal if the connection were closed under them: so the rest of a refused
//! body is read and thrown away, up to a limit.

use axum::{
    body::{Body, Bytes},
    extract::Request,
    middleware::Next,
    response::Response,
};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

/// Bytes that are read of a refused body; a client that has more to send is cut off.
const LIMIT_BYTES: u64 = 256 << 20;
/// How long that may take.
const LIMIT_TIME: Duration = Duration::from_secs(30);

type Slot = Arc<Mutex<Option<Body>>>;

/// A body that leaves what was not read of it in a slot.
struct Shared(Slot);

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref().map_or_else(SizeHint::new, HttpBody::size_hint)
    }
}

/// Reads what a refused request has left, while the answer goes out.
pub async fn drain(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() || request.headers().contains_key(http::header::EXPECT) {
        return next.run(request).await;
    }
    let slot: Slot = Arc::default();
    let kept = Arc::clone(&slot);
    let request = request.map(|body| {
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        Body::new(Shared(slot))
    });
    let response = next.run(request).await;
    let left = kept.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(body) = left.filter(|b| !b.is_end_stream() && b.size_hint().lower() <= LIMIT_BYTES) {
        tokio::spawn(tokio::time::timeout(LIMIT_TIME, discard(body)));
    }
    response
}

async fn discard(mut body: Body) {
    let mut seen = 0;
    while let Some(Ok(frame)) = body.frame().await {
        seen += frame.data_ref().map_or(0, |d| d.len() as u64);
        if seen > LIMIT_BYTES {
            return;
        }
    }
}
