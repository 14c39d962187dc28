//! How a request reaches a yard: over HTTP, or, for somebody with the data directory in their hands, without a network.

use crate::ClientError;
use std::{fs::File, io::Write, path::Path};
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
}

/// Sends a request and waits for the answer, whatever its status: an error means that there was none.
pub trait Transport {
    /// Sends it.
    fn send(&self, request: Request<'_>) -> Result<Reply, ClientError>;
    /// Gets any path of the server, and writes what is there to `sink` as it arrives. Where it is refused, nothing is
    /// written, and the reply has the text.
    fn download(&self, path: &str, sink: &mut dyn Write) -> Result<Reply, ClientError>;
    /// The yard, for messages: a URL or a directory.
    fn place(&self) -> String;
}

/// Over HTTP.
#[derive(Debug, Clone)]
pub struct Http {
    agent: Agent,
    server: String,
    token: Option<String>,
}

impl Http {
    /// To the server at a URL, with the token that it knows us by.
    pub fn new(server: &str, token: Option<String>) -> Self {
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        Self {
            agent,
            server: server.trim_end_matches('/').to_owned(),
            token,
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
        let response = self.agent.run(http).map_err(|e| unreachable(e.to_string()))?;
        let status = response.status().as_u16();
        let text = response.into_body().read_to_string();
        Ok(Reply {
            status,
            text: text.map_err(|e| unreachable(format!("the answer broke off: {e}")))?,
        })
    }
}

impl Transport for Http {
    fn download(&self, path: &str, sink: &mut dyn Write) -> Result<Reply, ClientError> {
        let unreachable = |reason: String| ClientError::Unreachable {
            url: self.server.clone(),
            reason,
        };
        let url = format!("{}{path}", self.server);
        let mut builder = ureq::http::Request::builder().method("GET").uri(&url);
        if let Some(token) = &self.token {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        let http = builder
            .body(SendBody::none())
            .map_err(|e| unreachable(e.to_string()))?;
        let response = self.agent.run(http).map_err(|e| unreachable(e.to_string()))?;
        let status = response.status().as_u16();
        let broke_off = |e: String| unreachable(format!("the answer broke off: {e}"));
        let mut body = response.into_body();
        if !(200..300).contains(&status) {
            let text = body.read_to_string().map_err(|e| broke_off(e.to_string()))?;
            return Ok(Reply { status, text });
        }
        std::io::copy(&mut body.as_reader(), sink).map_err(|e| broke_off(e.to_string()))?;
        let text = String::new();
        Ok(Reply { status, text })
    }

    fn send(&self, request: Request<'_>) -> Result<Reply, ClientError> {
        match &request.body {
            RequestBody::Empty => self.exchange(&request, SendBody::none()),
            RequestBody::Json(text) => self.exchange(&request, SendBody::from_reader(&mut text.as_bytes())),
            RequestBody::File(path) => {
                let unreadable = |e: std::io::Error| ClientError::File {
                    path: path.display().to_string(),
                    reason: e.to_string(),
                };
                let mut file = File::open(path).map_err(unreadable)?;
                self.exchange(&request, SendBody::from_reader(&mut file))
            }
        }
    }

    fn place(&self) -> String {
        self.server.clone()
    }
}
