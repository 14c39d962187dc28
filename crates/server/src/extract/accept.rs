//! Content negotiation of the simple index (PEP 691; RFC 9110, 12.5.1).
//!
//! Of what there is, the client gets what it likes best; of what it likes as much, what it names outright, and that in
//! its order. Who likes everything alike gets plain HTML, as from every index before PEP 691. Parameters of a media type
//! (`charset`) do not matter. `?format=` names a media type and goes before the header.

use super::weights::{Weighted, weighted};
use crate::{app::App, error::ApiError};
use axum::extract::FromRequestParts;
use http::{StatusCode, header, request::Parts};
use packyard_repo::Form;

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

/// All of them. Whoever likes several alike, by a wildcard, gets the first of those.
const OFFERED: [SimpleFormat; 3] = [SimpleFormat::Html, SimpleFormat::JsonV1, SimpleFormat::HtmlV1];

impl SimpleFormat {
    /// The header's value.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::HtmlV1 => "application/vnd.pypi.simple.v1+html",
            Self::JsonV1 => "application/vnd.pypi.simple.v1+json",
        }
    }

    /// How the page is written.
    pub fn form(self) -> Form {
        match self {
            Self::Html | Self::HtmlV1 => Form::Html,
            Self::JsonV1 => Form::Json,
        }
    }

    /// What tells its validators from those of another representation with the same bytes.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Html | Self::JsonV1 => "",
            Self::HtmlV1 => "-v1",
        }
    }

    /// Its names: that of the version, and that of the newest version, which it is.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Html => &["text/html"],
            Self::HtmlV1 => &[
                "application/vnd.pypi.simple.v1+html",
                "application/vnd.pypi.simple.latest+html",
            ],
            Self::JsonV1 => &[
                "application/vnd.pypi.simple.v1+json",
                "application/vnd.pypi.simple.latest+json",
            ],
        }
    }

    fn named(media_type: &str) -> Option<Self> {
        OFFERED.into_iter().find(|f| f.names().contains(&media_type))
    }

    /// How exactly a media range means this: not at all, by `*/*`, by `type/*`, by its name.
    fn meant_by(self, range: &str) -> Option<u8> {
        let of_type = |name: &&str| {
            range
                .strip_suffix("/*")
                .is_some_and(|t| name.split('/').next() == Some(t))
        };
        if self.names().contains(&range) {
            Some(2)
        } else if self.names().iter().any(of_type) {
            Some(1)
        } else {
            matches!(range, "*/*" | "*").then_some(0)
        }
    }
}

/// What the client likes best of what there is.
#[derive(Debug, Clone, Copy)]
pub struct Preferred(pub SimpleFormat);

impl FromRequestParts<App> for Preferred {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let asked = parts.uri.query().and_then(format_parameter);
        let found = match &asked {
            Some(media_type) => SimpleFormat::named(media_type),
            None => prefer(&weighted(&parts.headers, &header::ACCEPT)),
        };
        found.map(Self).ok_or_else(|| {
            let detail = match asked {
                Some(media_type) => format!("`format={media_type}` is not offered"),
                None => "nothing that `Accept` lists is offered".to_owned(),
            };
            let [html, json, html_v1] = OFFERED.map(|f| f.names()[0]);
            let hint = format!("ask for {json}, {html_v1} or {html}");
            ApiError::new(StatusCode::NOT_ACCEPTABLE, detail, Some(&hint))
        })
    }
}

/// The media type in `?format=`, where there is one. A `+` is part of it: nobody writes `%2B` by hand.
fn format_parameter(query: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix("format="))?;
    let decoded = value.replace("%2B", "+").replace("%2b", "+");
    let decoded = decoded.replace("%2F", "/").replace("%2f", "/");
    Some(decoded.to_ascii_lowercase())
}

/// None where nothing that is offered is liked; plain HTML where nothing is said.
fn prefer(liked: &[Weighted]) -> Option<SimpleFormat> {
    if liked.is_empty() {
        return Some(SimpleFormat::Html);
    }
    let mut best: Option<(f32, u8, usize, SimpleFormat)> = None;
    for format in OFFERED {
        // The most exact range decides on a representation, whatever the others say.
        let ranges = liked.iter().enumerate();
        let meant = ranges.filter_map(|(place, w)| Some((format.meant_by(&w.value)?, place, w.weight)));
        let Some((exact, place, weight)) = meant.max_by_key(|(exact, place, _)| (*exact, usize::MAX - place))
        else {
            continue;
        };
        let better = |(w, e, p, _): (f32, u8, usize, SimpleFormat)| {
            weight > w || (weight >= w && (exact > e || (exact == e && place < p)))
        };
        if weight > 0.0 && best.is_none_or(better) {
            best = Some((weight, exact, place, format));
        }
    }
    best.map(|(.., format)| format)
}

#[cfg(test)]
mod tests {
    use super::*;
    use SimpleFormat::{Html, HtmlV1, JsonV1};
    use http::{HeaderMap, HeaderValue};

    fn preferred(accept: &str) -> Option<SimpleFormat> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        prefer(&weighted(&headers, &header::ACCEPT))
    }

    #[test]
    fn clients_get_what_they_ask_for() {
        let v1 = "application/vnd.pypi.simple.v1";
        for (accept, format) in [
            // pip, uv, poetry, a browser, urllib, Java
            (format!("{v1}+json, {v1}+html; q=0.1, text/html; q=0.01"), JsonV1),
            (format!("{v1}+json, {v1}+html;q=0.2, text/html;q=0.01"), JsonV1),
            (format!("{v1}+json, */*;q=0.1"), JsonV1),
            ("text/html,application/xhtml+xml,*/*;q=0.8".to_owned(), Html),
            ("*/*".to_owned(), Html),
            (
                "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2".to_owned(),
                Html,
            ),
            // nothing, and nothing that can be read
            (String::new(), Html),
            (", ;q=1".to_owned(), Html),
            // the newest version is the first
            ("application/vnd.pypi.simple.latest+json".to_owned(), JsonV1),
            ("application/vnd.pypi.simple.latest+html".to_owned(), HtmlV1),
            // parameters
            ("text/html;charset=utf-8".to_owned(), Html),
            (format!("{v1}+json;charset=utf-8;q=0.4, text/html;q=0.3"), JsonV1),
            // wildcards, and what is more exact than they are
            ("text/*".to_owned(), Html),
            ("application/*".to_owned(), JsonV1),
            (format!("*/*, {v1}+json"), JsonV1),
            ("text/html;q=0, */*".to_owned(), JsonV1),
            (format!("{v1}+json;q=0, application/*"), HtmlV1),
            (format!("{v1}+json;q=0.2, {v1}+html;q=0.7, */*;q=0.5"), HtmlV1),
            // as much: in the client's order
            (format!("text/html, {v1}+json"), Html),
            (format!("{v1}+html, {v1}+json, text/html"), HtmlV1),
        ] {
            assert_eq!(preferred(&accept), Some(format), "{accept}");
        }
    }

    #[test]
    fn what_is_not_offered_is_not_sent() {
        for accept in [
            "application/json",
            "application/vnd.pypi.simple.v2+json",
            "text/html;q=0",
            "*/*;q=0",
            "image/*, text/plain",
        ] {
            assert_eq!(preferred(accept), None, "{accept}");
        }
    }

    #[test]
    fn a_format_in_the_url_is_a_media_type_in_any_spelling() {
        for query in [
            "format=application/vnd.pypi.simple.v1+json",
            "a=b&format=application%2Fvnd.pypi.simple.v1%2Bjson&c",
        ] {
            let format = format_parameter(query).unwrap();
            assert_eq!(SimpleFormat::named(&format), Some(JsonV1), "{query}");
        }
        assert_eq!(format_parameter("page=2"), None);
    }
}
