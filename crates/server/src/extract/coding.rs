//! In which coding a page is wanted (RFC 9110, 12.5.3).

use super::weights::{Weighted, weighted};
use crate::app::App;
use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use packyard_repo::Coding;
use std::convert::Infallible;

/// What a client likes best of the codings that there are; the page as it is where it says nothing.
#[derive(Debug, Clone, Copy)]
pub struct PreferredCoding(pub Coding);

/// All codings with their names; of those that are liked as much, the first.
const OFFERED: [(Coding, &[&str]); 3] = [
    (Coding::Zstd, &["zstd"]),
    (Coding::Gzip, &["gzip", "x-gzip"]),
    (Coding::Identity, &["identity"]),
];

impl FromRequestParts<App> for PreferredCoding {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self(prefer(&weighted(&parts.headers, &header::ACCEPT_ENCODING))))
    }
}

/// Who can read nothing that there is gets the page as it is: they may have meant no more than to be quick.
fn prefer(liked: &[Weighted]) -> Coding {
    let mut best = (0.0, Coding::Identity);
    for (coding, names) in OFFERED {
        let named = liked.iter().find(|w| names.contains(&w.value.as_str()));
        let weight = match named.or_else(|| liked.iter().find(|w| w.value == "*")) {
            Some(w) => w.weight,
            // The page as it is can be read by anybody, and is sent to those who would rather have something else.
            None if coding == Coding::Identity => 0.001,
            None => 0.0,
        };
        if weight > best.0 {
            best = (weight, coding);
        }
    }
    best.1
}

/// The header's value.
pub fn content_encoding(coding: Coding) -> Option<&'static str> {
    match coding {
        Coding::Identity => None,
        Coding::Gzip => Some("gzip"),
        Coding::Zstd => Some("zstd"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Coding::{Gzip, Identity, Zstd};
    use http::{HeaderMap, HeaderValue};

    #[test]
    fn clients_get_the_coding_that_they_like() {
        for (accept, coding) in [
            // pip, uv, curl, a browser
            ("gzip, deflate", Gzip),
            ("gzip, deflate, zstd", Zstd),
            ("deflate, gzip, br, zstd", Zstd),
            ("gzip, deflate, br", Gzip),
            ("identity", Identity),
            ("", Identity),
            ("br", Identity),
            ("*", Zstd),
            ("x-gzip", Gzip),
            ("GZIP", Gzip),
            ("zstd;q=0.5, gzip", Gzip),
            ("zstd;q=0, *", Gzip),
            ("gzip;q=0", Identity),
            ("identity, gzip;q=0.5", Identity),
            ("identity;q=0.5, gzip;q=0.1", Identity),
            ("gzip;q=0.5", Gzip),
            ("*;q=0", Identity),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accept));
            assert_eq!(
                prefer(&weighted(&headers, &header::ACCEPT_ENCODING)),
                coding,
                "{accept}"
            );
        }
    }
}
