//! Content negotiation of the simple index (PEP 691).

use crate::app::App;
use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use std::convert::Infallible;

/// The representations of a simple page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimpleFormat {
    /// `text/html`
    Html,
    /// `application/vnd.pypi.simple.v1+html`
    HtmlV1,
    /// `application/vnd.pypi.simple.v1+json`
    JsonV1,
}

impl SimpleFormat {
    /// The header's value.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::HtmlV1 => "application/vnd.pypi.simple.v1+html",
            Self::JsonV1 => "application/vnd.pypi.simple.v1+json",
        }
    }

    fn named(media_type: &str) -> Option<Self> {
        Some(match media_type {
            "application/vnd.pypi.simple.v1+json"
            | "application/vnd.pypi.simple.latest+json"
            | "application/*" => Self::JsonV1,
            "application/vnd.pypi.simple.v1+html" | "application/vnd.pypi.simple.latest+html" => Self::HtmlV1,
            "text/html" | "text/*" | "*/*" => Self::Html,
            _ => return None,
        })
    }
}

/// What the client likes best of what there is; plain HTML where it says nothing that we know.
#[derive(Debug, Clone, Copy)]
pub struct Preferred(pub SimpleFormat);

impl FromRequestParts<App> for Preferred {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        let all: Vec<&str> = parts
            .headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|v| v.to_str().ok())
            .collect();
        Ok(Self(prefer(&all.join(","))))
    }
}

fn prefer(accept: &str) -> SimpleFormat {
    let mut best = (0.0, SimpleFormat::Html);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
        let quality = parts
            .find_map(|p| p.strip_prefix("q="))
            .map_or(Some(1.0), |q| q.parse::<f32>().ok());
        let (Some(format), Some(quality)) = (SimpleFormat::named(&media_type), quality) else {
            continue;
        };
        if quality > best.0 {
            best = (quality, format);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::{SimpleFormat, prefer};

    #[test]
    fn clients_get_what_they_ask_for() {
        let pip = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";
        assert_eq!(prefer(pip), SimpleFormat::JsonV1);
        assert_eq!(prefer(""), SimpleFormat::Html);
        assert_eq!(prefer("*/*"), SimpleFormat::Html);
        assert_eq!(
            prefer("text/html,application/xhtml+xml,*/*;q=0.8"),
            SimpleFormat::Html
        );
        assert_eq!(
            prefer("application/vnd.pypi.simple.latest+json"),
            SimpleFormat::JsonV1
        );
        assert_eq!(
            prefer("application/vnd.pypi.simple.v1+html"),
            SimpleFormat::HtmlV1
        );
        assert_eq!(
            prefer("application/vnd.pypi.simple.v1+json;q=0, text/html"),
            SimpleFormat::Html
        );
        assert_eq!(
            prefer("application/vnd.pypi.simple.v1+json, */*;q=0.1"),
            SimpleFormat::JsonV1
        );
    }
}
