//! How a request reaches a yard: over HTTP, or, for somebody with the data directory in their hands, without a network.

use crate::ClientError;
use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use ureq::{Agent, SendBody};

/// A request to the JSON API.
pub struct Request<'a> {
    /// `GET`, `PUT`, `POST`, `DELETE`.
    pub method: &'static str,
    /// The path with its query, beginning with `/api/v1/`.
    pub path: String,
    /// The body.
    pub body: RequestBody<'a>,
}

/// What a request carries.
pub enum RequestBody<'a> {
    /// Nothing.
    Empty,
    /// JSON.
    Json(String),
    /// The bytes of a file, streamed.
    File(&'a Path),
}

/// An answer.
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The body.
    pub text: String,
    /// How long the server wants to be left alone.
    pub retry_after: Option<Duration>,
}

/// Sends a request and waits for the answer, whatever its status: an error means that there was none.
pub trait Transport: Send + Sync {
    /// Sends it; from several threads at a time, if need be.
    fn send(&self, request: &Request<'_>) -> Result<Reply, ClientError>;
    /// Gets any path of the server, and writes what is there to `sink` as it arrives. Where it is refused, nothing is
    /// written, and the reply has the text.
    fn download(&self, path: &str, sink: &mut dyn Write) -> Result<Reply, ClientError>;
    /// The yard, for messages: a URL or a directory.
    fn place(&self) -> String;
    /// Whether there is a way between that can break, so that the same request again may be answered otherwise.
    fn is_remote(&self) -> bool {
        true
    }
}

/// Over HTTP.
#[derive(Debug, Clone)]
pub struct Http {
    agent: Agent,
    server: String,
    token: Option<String>,
    reached: Arc<AtomicBool>,
}

impl Http {
    /// To the server at a URL, with the token that it knows us by.
    pub fn new(server: &str, token: Option<String>) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(concat!("packyard/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Self {
            agent,
            server: server.trim_end_matches('/').to_owned(),
            token,
            reached: Arc::default(),
        }
    }

    fn exchange(&self, request: &Request<'_>, body: SendBody<'_>) -> Result<Reply, ClientError> {
        let url = format!("{}{}", self.server, request.path);
        let unreachable = |reason: String| ClientError::Unreachable {
            url: self.server.clone(),
            reason,
        };
        let mut builder = ureq::http::Request::builder().method(request.method).uri(&url);
        if let Some(token) = &self.token {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        if matches!(request.body, RequestBody::Json(_)) {
            builder = builder.header("content-type", "application/json");
        }
        if matches!(request.body, RequestBody::File(_)) {
            // A refusal comes before the bytes are sent.
            builder = builder.header("expect", "100-continue");
        }
        let http = builder.body(body).map_err(|e| unreachable(e.to_string()))?;
        let response = self.agent.run(http).map_err(|e| self.no_answer(&e))?;
        self.reached.store(true, Ordering::Relaxed);
        let status = response.status().as_u16();
        let retry_after = retry_after(&response);
        let text = response.into_body().read_to_string();
        Ok(Reply {
            status,
            text: text.map_err(|e| self.no_answer(&e))?,
            retry_after,
        })
    }

    /// A server that was never there is not waited for; one that has answered before may be starting anew.
    fn no_answer(&self, error: &ureq::Error) -> ClientError {
        let (url, reason) = (self.server.clone(), error.to_string());
        let broken = match error {
            ureq::Error::Io(e) if e.kind() == ErrorKind::ConnectionRefused => {
                self.reached.load(Ordering::Relaxed)
            }
            ureq::Error::Io(_) | ureq::Error::Timeout(_) => true,
            _ => false,
        };
        if broken {
            ClientError::Broken { url, reason }
        } else {
            ClientError::Unreachable { url, reason }
        }
    }
}

impl Transport for Http {
    fn download(&self, path: &str, sink: &mut dyn Write) -> Result<Reply, ClientError> {
        let url = format!("{}{path}", self.server);
        let mut builder = ureq::http::Request::builder().method("GET").uri(&url);
        if let Some(token) = &self.token {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        let http = builder
            .body(SendBody::none())
            .map_err(|e| ClientError::Unreachable {
                url: self.server.clone(),
                reason: e.to_string(),
            })?;
        let response = self.agent.run(http).map_err(|e| self.no_answer(&e))?;
        let status = response.status().as_u16();
        let retry_after = retry_after(&response);
        let mut body = response.into_body();
        if !(200..300).contains(&status) {
            let text = body.read_to_string().map_err(|e| self.no_answer(&e))?;
            return Ok(Reply {
                status,
                text,
                retry_after,
            });
        }
        std::io::copy(&mut body.as_reader(), sink).map_err(|e| ClientError::Broken {
            url: self.server.clone(),
            reason: format!("the answer broke off: {e}"),
        })?;
        let text = String::new();
        Ok(Reply {
            status,
            text,
            retry_after,
        })
    }

    fn send(&self, request: &Request<'_>) -> Result<Reply, ClientError> {
        match &request.body {
            RequestBody::Empty => self.exchange(request, SendBody::none()),
            RequestBody::Json(text) => self.exchange(request, SendBody::from_reader(&mut text.as_bytes())),
            RequestBody::File(path) => {
                let unreadable = |e: std::io::Error| ClientError::File {
                    path: path.display().to_string(),
                    reason: e.to_string(),
                };
                let mut file = File::open(path).map_err(unreadable)?;
                self.exchange(request, SendBody::from_reader(&mut file))
            }
        }
    }

    fn place(&self) -> String {
        self.server.clone()
    }
}

/// How long an answer asks to be left alone, where it says so in seconds (RFC 9110, 10.2.3).
fn retry_after<T>(answer: &ureq::http::Response<T>) -> Option<Duration> {
    let said = answer.headers().get("retry-after")?.to_str().ok()?;
    said.trim().parse().ok().map(Duration::from_secs)
}
