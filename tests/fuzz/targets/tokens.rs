//! Tokens of OIDC issuers, and what issuers say of themselves.

use crate::{Target, mutator::Mutator};
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const KEYS: &str = r#"{"keys":[
 {"kty":"OKP","crv":"Ed25519","kid":"ed","use":"sig","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
 {"kty":"EC","crv":"P-256","kid":"ec","alg":"ES256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
 {"kty":"RSA","kid":"rsa","key_ops":["verify"],"e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}]}"#;
const HEADERS: [&str; 3] = [
    r#"{"alg":"EdDSA","kid":"ed","typ":"JWT"}"#,
    r#"{"alg":"ES256","kid":"ec"}"#,
    r#"{"typ":"JWT","alg":"RS256","kid":"rsa"}"#,
];
const CLAIMS: &str = r#"{"iss":"https://ci.example.org","sub":"repo:acme/app:ref:refs/heads/main","aud":["packages.example.org"],"exp":1900000000,"nbf":1.5,"iat":1700000000,"jti":"x","repository":"acme/app","run":7,"fork":false}"#;
const WORDS: [&str; 16] = [
    "\"",
    ":",
    ",",
    "{",
    "}",
    "[",
    "]",
    "null",
    "1e300",
    "-1",
    "\"alg\":\"none\"",
    "\"crit\":[]",
    "\"iss\":\"\"",
    "\\u0000",
    "\"kty\":\"oct\"",
    "AA",
];

pub mod jwt {
    use super::{CLAIMS, HEADERS, KEYS, Mutator, Target, URL_SAFE_NO_PAD, WORDS};
    use base64::Engine as _;
    use packyard_formats::jwt::{KeySet, Unverified};

    pub const TARGET: Target = Target {
        name: "jwt",
        make: |m: &mut Mutator| {
            let (mut header, mut payload) = ((*m.pick(&HEADERS)).to_owned(), CLAIMS.to_owned());
            match m.below(3) {
                0 => header = m.change_text(&header, &WORDS),
                1 => payload = m.change_text(&payload, &WORDS),
                _ => {}
            }
            let signature = vec![7u8; *m.pick(&[0, 1, 63, 64, 65, 256, 512])];
            let parts =
                [header.as_bytes(), payload.as_bytes(), &signature].map(|part| URL_SAFE_NO_PAD.encode(part));
            let token = parts.join(".");
            if m.below(4) == 0 {
                m.change_text(&token, &[".", "=", "..", "e30"]).into_bytes()
            } else {
                token.into_bytes()
            }
        },
        run: |bytes| {
            let keys = KeySet::parse(KEYS.as_bytes()).unwrap();
            let text = String::from_utf8_lossy(bytes);
            if let Ok(token) = Unverified::parse(&text) {
                assert!(token.verify(&keys).is_err(), "nobody signed it");
            }
        },
    };
}

pub mod issuer {
    use super::{CLAIMS, HEADERS, KEYS, Mutator, Target, URL_SAFE_NO_PAD, WORDS};
    use base64::Engine as _;
    use packyard_formats::jwt::{KeySet, Unverified, key_set_url};

    const CONFIGURATION: &str =
        r#"{"issuer":"https://ci.example.org","jwks_uri":"https://ci.example.org/keys"}"#;

    pub const TARGET: Target = Target {
        name: "issuer",
        make: |m: &mut Mutator| {
            let text = *m.pick(&[KEYS, KEYS, CONFIGURATION]);
            m.change_text(text, &WORDS).into_bytes()
        },
        run: |bytes| {
            let issuer = "https://ci.example.org".parse().unwrap();
            if let Ok(url) = key_set_url(bytes, &issuer) {
                assert!(url.starts_with("https://"), "{url}");
            }
            let Ok(keys) = KeySet::parse(bytes) else { return };
            for header in HEADERS {
                let parts =
                    [header.as_bytes(), CLAIMS.as_bytes(), &[7; 64]].map(|part| URL_SAFE_NO_PAD.encode(part));
                let token = Unverified::parse(&parts.join(".")).unwrap();
                assert!(token.verify(&keys).is_err(), "nobody signed it");
            }
        },
    };
}
