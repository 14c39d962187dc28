//! An issuer as a CI system has one, without a network.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::{FutureExt as _, future::BoxFuture};
use packyard_repo::{AskIssuer, FetchFailed, IssuerAnswer};
use packyard_types::IssuerUrl;
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

pub const URL: &str = "https://ci.example.org/x";

struct State {
    key: Ed25519KeyPair,
    signed: usize,
    asked: usize,
    away: bool,
}

#[derive(Clone)]
pub struct Issuer(Arc<Mutex<State>>);

fn key() -> Ed25519KeyPair {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap()
}

/// A key is called after itself.
fn name(key: &Ed25519KeyPair) -> String {
    URL_SAFE_NO_PAD.encode(&key.public_key().as_ref()[..6])
}

impl Issuer {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            key: key(),
            signed: 0,
            asked: 0,
            away: false,
        })))
    }

    /// Gives up its key for another.
    pub fn rotate(&self) {
        self.0.lock().unwrap().key = key();
    }

    pub fn is_away(&self, away: bool) {
        self.0.lock().unwrap().away = away;
    }

    /// How many documents were asked for.
    pub fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }

    /// A token for a job of `acme/app` on main. What is changed to null is left out.
    pub fn token(&self, now: i64, changes: &Value) -> String {
        let mut state = self.0.lock().unwrap();
        state.signed += 1;
        let mut claims = json!({
            "iss": URL, "sub": "repo:acme/app:ref:refs/heads/main", "aud": "packages", "jti": format!("job-{}", state.signed),
            "iat": now, "nbf": now, "exp": now + 300, "repository": "acme/app", "ref": "refs/heads/main",
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": name(&state.key) });
        let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encoded(&header), encoded(&claims));
        let signature = state.key.sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl AskIssuer for Issuer {
    fn document<'a>(
        &'a self,
        issuer: &'a IssuerUrl,
        url: &'a str,
        _: usize,
    ) -> BoxFuture<'a, Result<IssuerAnswer, FetchFailed>> {
        async move {
            assert_eq!(issuer.as_str(), URL);
            let mut state = self.0.lock().unwrap();
            state.asked += 1;
            if state.away {
                return Err(FetchFailed {
                    reason: "it is away".to_owned(),
                    answered: false,
                });
            }
            let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": name(&state.key), "alg": "EdDSA",
                              "x": URL_SAFE_NO_PAD.encode(state.key.public_key()) });
            let document = match url.strip_prefix(URL).unwrap() {
                "/.well-known/openid-configuration" => {
                    json!({ "issuer": URL, "jwks_uri": format!("{URL}/keys") })
                }
                "/keys" => json!({ "keys": [jwk] }),
                other => panic!("asked for {other}"),
            };
            Ok(IssuerAnswer {
                bytes: document.to_string().into(),
                max_age: None,
            })
        }
        .boxed()
    }
}
