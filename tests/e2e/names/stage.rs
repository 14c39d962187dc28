//! A yard that is asked as no client would ask.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::harness::{Project, Yard};

/// An answer as it came.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

/// A yard with a package in `main`, an empty `dev`, and a token that may do everything.
pub struct Stage {
    pub yard: Yard,
    token: String,
}

impl Stage {
    pub fn new() -> Self {
        let yard = Yard::new();
        let (token, dist) = (yard.admin_token(), Project::hello_world().build());
        yard.publish(&dist);
        let stage = Self { yard, token };
        stage.ask("PUT", "/api/v1/channels/dev", b"{\"public\":true}");
        stage
    }

    /// Sends exactly this, as no client would spell it.
    pub fn ask(&self, method: &str, target: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.yard.authority()).unwrap();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            self.yard.authority(),
            self.token,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // A server that has refused the head need not read the rest.
        let _ = stream.write_all(body);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let end = answer.windows(4).position(|w| w == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("{method} {target}: no answer: {answer:?}"));
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_ascii_lowercase(),
            body: answer[end + 4..].to_vec(),
        }
    }

    /// Says a text where `[]` stands in a body.
    pub fn said(&self, (method, path, body): (&str, &str, &str), text: &str) -> Answer {
        let path = match path {
            whole if whole.starts_with('/') => whole.to_owned(),
            "" => "/api/v1/channels/main".to_owned(),
            below => format!("/api/v1/channels/main/{below}"),
        };
        let body = body.replace("[]", &Value::from(text).to_string());
        self.ask(method, &path, body.as_bytes())
    }
}
