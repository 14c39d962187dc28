//! Plain HTTP, for what is asserted below the level of a package manager.

use std::path::Path;

use ureq::Agent;

/// What a server answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// A header's value; the empty string where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Insists on this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        let body = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{:?}\n{body}", self.headers);
        self
    }

    /// Insists that the body is a problem document that says these words.
    #[track_caller]
    pub fn problem(self, status: u16, words: &[&str]) -> Self {
        let reply = self.is(status);
        assert_eq!(reply.header("content-type"), "application/problem+json");
        assert!(reply.json()["title"].is_string(), "no title: {}", reply.text());
        for word in words {
            assert!(
                reply.text().contains(word),
                "nothing says `{word}`: {}",
                reply.text()
            );
        }
        reply
    }
}

/// A request that is being put together.
pub struct Request {
    builder: ureq::http::request::Builder,
}

impl Request {
    /// A request with a method and an address.
    pub fn new(method: &str, url: &str) -> Self {
        // Named here, so that no client library asks for an encoding of its own.
        Self::bare(method, url).header("accept-encoding", "identity")
    }

    /// The same without a header that the test does not add.
    pub fn bare(method: &str, url: &str) -> Self {
        Self {
            builder: ureq::http::Request::builder().method(method).uri(url),
        }
    }

    /// Adds a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self {
            builder: self.builder.header(name, value),
        }
    }

    /// Proves who asks.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Sends it without a body.
    pub fn send(self) -> Reply {
        answer(agent().run(self.builder.body(()).unwrap()))
    }

    /// Sends it with these bytes.
    pub fn send_bytes(self, bytes: &[u8]) -> Reply {
        answer(agent().run(self.builder.body(bytes).unwrap()))
    }

    /// Sends it with the bytes of a file.
    pub fn send_file(self, path: &Path) -> Reply {
        self.send_bytes(&std::fs::read(path).unwrap())
    }
}

/// Fetches an address, whatever the status.
pub fn get(url: &str) -> Reply {
    Request::new("GET", url).send()
}

fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into()
}

fn answer(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Reply {
    let (parts, mut body) = response.unwrap().into_parts();
    let body = body.read_to_vec().unwrap();
    Reply {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body,
    }
}
