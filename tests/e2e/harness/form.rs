//! An upload form, put together by hand: what no client in its right mind would send.

use super::{Reply, Request, Yard};
use std::fmt::Write as _;

/// A form for the upload URL of a yard's channel `main`.
pub struct Form {
    fields: Vec<(String, String)>,
    accept: &'static str,
}

impl Form {
    /// A form with an action, and nothing else.
    pub fn new() -> Self {
        let form = Self {
            fields: Vec::new(),
            accept: "*/*",
        };
        form.with(":action", "file_upload")
    }

    /// Adds a field.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Says what the answer should be written in.
    pub fn accept(self, accept: &'static str) -> Self {
        Self { accept, ..self }
    }

    /// Sends it with a file, as the admin.
    pub fn send(&self, yard: &Yard, filename: &str, bytes: &[u8]) -> Reply {
        const BOUNDARY: &str = "b0undary-b0undary-b0undary";
        let mut head = String::new();
        for (name, value) in &self.fields {
            write!(
                head,
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
            .unwrap();
        }
        write!(
            head,
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"content\"; filename=\"{filename}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .unwrap();
        let tail = format!("\r\n--{BOUNDARY}--\r\n");
        let body = [head.as_bytes(), bytes, tail.as_bytes()].concat();
        Request::new("POST", &yard.url("/main/legacy/"))
            .token(&yard.admin_token())
            .header(
                "content-type",
                &format!("multipart/form-data; boundary={BOUNDARY}"),
            )
            .header("accept", self.accept)
            .send_bytes(&body)
    }
}
