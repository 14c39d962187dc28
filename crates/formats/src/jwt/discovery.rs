//! Where an issuer says that its keys are: `{issuer}/.well-known/openid-configuration` (OpenID Connect Discovery 1.0,
//! section 4). Of the document `issuer` and `jwks_uri` count.

use super::{JwtError, MAX_DISCOVERY_BYTES, shown};
use packyard_types::IssuerUrl;
use serde::Deserialize;

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
}

/// The URL of an issuer's key set, out of its discovery document. The document must be that of this very issuer (section
/// 4.3), and the keys must come by https: by http only from an issuer that is on this machine.
pub fn key_set_url(document: &[u8], issuer: &IssuerUrl) -> Result<String, JwtError> {
    let what = "the issuer's configuration";
    if document.len() > MAX_DISCOVERY_BYTES {
        return Err(JwtError::TooLarge {
            what,
            limit_bytes: MAX_DISCOVERY_BYTES,
        });
    }
    let wrong = |reason: String| JwtError::Part { part: what, reason };
    let read: Document = serde_json::from_slice(document).map_err(|e| wrong(e.to_string()))?;
    if read.issuer != issuer.as_str() {
        return Err(wrong(format!("it is that of `{}`", shown(&read.issuer))));
    }
    let uri = read.jwks_uri;
    // By http the rules for issuers hold: on this machine only.
    let here = issuer.as_str().starts_with("http://") && IssuerUrl::parse(&uri).is_ok();
    let scheme_fits = uri.starts_with("https://") || here;
    if !scheme_fits || uri.len() > 2000 || !uri.bytes().all(|b| b.is_ascii_graphic()) {
        let reason = format!("its jwks_uri `{}` is no https URL", shown(&uri));
        return Err(wrong(reason));
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_says_where_its_keys_are_and_speaks_for_no_other() {
        let issuer = |s: &str| IssuerUrl::parse(s).unwrap();
        let read = |issuer: &IssuerUrl, said: &str, uri: &str| {
            let document = format!(r#"{{"issuer":"{said}","jwks_uri":"{uri}","more":[1]}}"#);
            key_set_url(document.as_bytes(), issuer)
        };
        let ci = issuer("https://ci.example.org");
        let keys = "https://keys.example.org/jwks";
        assert_eq!(read(&ci, "https://ci.example.org", keys).unwrap(), keys);
        for (said, uri) in [
            ("https://ci.example.org/", keys),
            ("https://other.example.org", keys),
            ("https://ci.example.org", "http://ci.example.org/jwks"),
            ("https://ci.example.org", "file:///etc/passwd"),
            ("https://ci.example.org", "https://ci.example.org/a b"),
        ] {
            assert!(read(&ci, said, uri).is_err(), "{said} {uri}");
        }
        let here = issuer("http://127.0.0.1:80/ci");
        assert!(read(&here, here.as_str(), "http://127.0.0.1:80/keys").is_ok());
        assert!(read(&here, here.as_str(), "http://keys.example.org/").is_err());
    }
}
