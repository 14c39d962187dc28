//! The JSON API without a network: commands that work on a data directory ask the same handlers that a server has.

use crate::{app::App, extract::LocalCaller, router::router};
use axum::{Router, body::Body};
use http::Request;
use http_body_util::BodyExt;
use packyard_client::{ClientError, Reply, Request as ApiRequest, RequestBody, Transport};
use std::io::Write;
use tokio::runtime::Runtime;
use tokio_util::io::ReaderStream;
use tower::ServiceExt;

/// The API of a yard that this process has opened.
pub struct InProcess {
    router: Router,
    runtime: Runtime,
    place: String,
}

impl InProcess {
    /// Over an app whose yard was opened on `runtime`.
    pub fn new(app: App, runtime: Runtime) -> Self {
        let place = app.yard.dir().root().display().to_string();
        Self {
            router: router(app),
            runtime,
            place,
        }
    }

    async fn streamed(&self, path: &str, sink: &mut dyn Write) -> Result<Reply, String> {
        let builder = Request::builder().method("GET").uri(path).extension(LocalCaller);
        let http = builder.body(Body::empty()).map_err(|e| e.to_string())?;
        let answer = self.router.clone().oneshot(http).await;
        let response = answer.map_err(|e| e.to_string())?;
        let status = response.status().as_u16();
        let mut body = response.into_body();
        let mut text = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|e| e.to_string())?;
            let Some(piece) = frame.data_ref() else { continue };
            if (200..300).contains(&status) {
                sink.write_all(piece).map_err(|e| e.to_string())?;
            } else {
                text.extend_from_slice(piece);
            }
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        Ok(Reply {
            status,
            text,
            retry_after: None,
        })
    }

    async fn answer(&self, request: &ApiRequest<'_>) -> Result<Reply, String> {
        let body = match &request.body {
            RequestBody::Empty => Body::empty(),
            RequestBody::Json(text) => Body::from(text.clone()),
            RequestBody::File(path) => {
                let file = tokio::fs::File::open(path)
                    .await
                    .map_err(|e| format!("`{}`: {e}", path.display()))?;
                Body::from_stream(ReaderStream::new(file))
            }
        };
        let builder = Request::builder()
            .method(request.method)
            .uri(&request.path)
            .extension(LocalCaller);
        let http = builder.body(body).map_err(|e| e.to_string())?;
        let response = self
            .router
            .clone()
            .oneshot(http)
            .await
            .map_err(|e| e.to_string())?;
        let status = response.status().as_u16();
        let bytes = response
            .into_body()
            .collect()
            .await
            .map_err(|e| e.to_string())?
            .to_bytes();
        Ok(Reply {
            status,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            retry_after: None,
        })
    }
}

impl Transport for InProcess {
    fn download(&self, path: &str, sink: &mut dyn Write) -> Result<Reply, ClientError> {
        let unreachable = |reason| ClientError::Unreachable {
            url: self.place.clone(),
            reason,
        };
        self.runtime
            .block_on(self.streamed(path, sink))
            .map_err(unreachable)
    }

    fn send(&self, request: &ApiRequest<'_>) -> Result<Reply, ClientError> {
        let unreachable = |reason| ClientError::Unreachable {
            url: self.place.clone(),
            reason,
        };
        self.runtime.block_on(self.answer(request)).map_err(unreachable)
    }

    fn place(&self) -> String {
        self.place.clone()
    }

    fn is_remote(&self) -> bool {
        false
    }
}
