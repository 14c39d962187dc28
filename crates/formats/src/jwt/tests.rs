use super::*;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    rsa::{KeyPair as RsaPair, PublicKeyComponents},
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use serde_json::{Value, json};

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn ed25519() -> Ed25519KeyPair {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap()
}

fn ed25519_jwk(key: &Ed25519KeyPair, id: &str) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "use": "sig", "x": encoded(key.public_key()) })
}

fn set(keys: &[Value]) -> KeySet {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn claims() -> Value {
    json!({ "iss": "https://ci.example.org", "sub": "repo:acme/app", "aud": ["a", "b"], "exp": 2_000_000_000, "iat": 1.5,
            "jti": "x", "repository": "acme/app", "run": 7, "fork": false, "groups": ["all"] })
}

/// A token with this header and payload, signed by a function.
fn signed(header: &Value, payload: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", encoded(header.to_string()), encoded(payload));
    let signature = encoded(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

fn by_ed25519(key: &Ed25519KeyPair, header: &Value, payload: &Value) -> String {
    signed(header, &payload.to_string(), |m| key.sign(m).as_ref().to_vec())
}

fn verify(token: &str, keys: &KeySet) -> Result<Claims, JwtError> {
    Unverified::parse(token)?.verify(keys)
}

#[test]
fn every_algorithm_that_is_taken_is_checked_and_one_bit_is_enough() {
    let random = SystemRandom::new();
    let ed = ed25519();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let ec = EcdsaKeyPair::from_pkcs8(
        &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        pkcs8.as_ref(),
        &random,
    )
    .unwrap();
    let point = ec.public_key().as_ref();
    let der = rsa::RsaPrivateKey::new(&mut rand::thread_rng(), 2048)
        .unwrap()
        .to_pkcs1_der()
        .unwrap();
    let rsa = RsaPair::from_der(der.as_bytes()).unwrap();
    let public: PublicKeyComponents<Vec<u8>> = rsa.public().into();
    let by_rsa = |padding: &'static dyn signature::RsaEncoding, message: &[u8]| {
        let mut signature = vec![0; rsa.public().modulus_len()];
        rsa.sign(padding, &random, message, &mut signature).unwrap();
        signature
    };
    let keys = set(&[
        ed25519_jwk(&ed, "ed"),
        json!({ "kty": "EC", "crv": "P-256", "kid": "ec", "alg": "ES256", "x": encoded(&point[1..33]), "y": encoded(&point[33..]) }),
        json!({ "kty": "RSA", "kid": "rsa", "n": encoded(public.n), "e": encoded(public.e) }),
    ]);
    let payload = claims().to_string();
    let header = |alg: &str, kid: &str| json!({ "alg": alg, "kid": kid, "typ": "JWT" });
    let tokens = [
        by_ed25519(&ed, &header("EdDSA", "ed"), &claims()),
        signed(&header("ES256", "ec"), &payload, |m| {
            ec.sign(&random, m).unwrap().as_ref().to_vec()
        }),
        signed(&header("RS256", "rsa"), &payload, |m| {
            by_rsa(&signature::RSA_PKCS1_SHA256, m)
        }),
        signed(&header("PS256", "rsa"), &payload, |m| {
            by_rsa(&signature::RSA_PSS_SHA256, m)
        }),
    ];
    for token in tokens {
        let claims = verify(&token, &keys).unwrap();
        assert_eq!(claims.issuer, "https://ci.example.org");
        assert_eq!((claims.expires, claims.issued), (2_000_000_000, Some(1)));
        assert_eq!(claims.audiences, ["a", "b"]);
        assert_eq!(claims.said["run"], "7");
        assert_eq!(claims.said["fork"], "false");
        assert_eq!(claims.said.get("groups"), None, "a list is no value");
        // Somewhere in the payload, and somewhere in the signature.
        for place in [token.find('.').unwrap() + 60, token.rfind('.').unwrap() + 30] {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(verify(&changed, &keys).is_err(), "{changed}");
        }
    }
}

#[test]
fn a_public_key_is_no_secret_and_no_signature_is_none() {
    let ed = ed25519();
    let keys = set(&[
        ed25519_jwk(&ed, "k"),
        json!({ "kty": "oct", "kid": "s", "alg": "HS256", "k": "AAAA" }),
    ]);
    for alg in ["none", "None", "HS256", "HS512", "RS1", "ES256K", ""] {
        let token = by_ed25519(&ed, &json!({ "alg": alg, "kid": "k" }), &claims());
        assert_eq!(
            Unverified::parse(&token).unwrap_err(),
            JwtError::Algorithm(alg.to_owned())
        );
    }
    // The algorithm of another kind of key, whatever the token says.
    for alg in ["RS256", "PS256", "ES256"] {
        let token = by_ed25519(&ed, &json!({ "alg": alg, "kid": "k" }), &claims());
        assert!(
            matches!(verify(&token, &keys), Err(JwtError::UnknownKey(_))),
            "{alg}"
        );
    }
    let good = by_ed25519(&ed, &json!({ "alg": "EdDSA", "kid": "k" }), &claims());
    let unsigned = &good[..=good.rfind('.').unwrap()];
    assert_eq!(verify(unsigned, &keys), Err(JwtError::Signature));
}

#[test]
fn the_key_is_the_one_that_the_token_names() {
    let (ed, other) = (ed25519(), ed25519());
    let two = set(&[ed25519_jwk(&ed, "k"), ed25519_jwk(&other, "o")]);
    let token = |header: Value| by_ed25519(&ed, &header, &claims());
    assert!(verify(&token(json!({ "alg": "EdDSA", "kid": "k" })), &two).is_ok());
    let wrong = verify(&token(json!({ "alg": "EdDSA", "kid": "o" })), &two);
    assert_eq!(wrong, Err(JwtError::Signature));
    let unknown = verify(&token(json!({ "alg": "EdDSA", "kid": "x" })), &two);
    assert_eq!(unknown, Err(JwtError::UnknownKey("`x`".to_owned())));
    // Without a name, where there is one that fits.
    let nameless = token(json!({ "alg": "EdDSA" }));
    assert!(verify(&nameless, &set(&[ed25519_jwk(&ed, "k")])).is_ok());
    assert!(matches!(verify(&nameless, &two), Err(JwtError::UnknownKey(_))));
    // A key in the header is nobody's.
    let own = token(json!({ "alg": "EdDSA", "kid": "k", "jwk": ed25519_jwk(&ed, "k") }));
    assert!(verify(&own, &set(&[ed25519_jwk(&other, "k")])).is_err());
}

#[test]
fn keys_for_something_else_are_left_out() {
    let ed = ed25519();
    let with = |name: &str, value: Value| {
        let mut jwk = ed25519_jwk(&ed, "k");
        jwk[name] = value;
        set(&[jwk])
    };
    assert!(!with("alg", json!("EdDSA")).is_empty());
    for (name, value) in [
        ("use", json!("enc")),
        ("key_ops", json!(["sign"])),
        ("alg", json!("RS256x")),
        ("crv", json!("X25519")),
        ("x", json!("AAAA")),
        ("x", json!("not base64!")),
        ("kty", json!("oct")),
        ("kid", json!(7)),
    ] {
        assert!(with(name, value.clone()).is_empty(), "{name}: {value}");
    }
    assert!(KeySet::parse(b"[]").is_err());
    let many = vec![ed25519_jwk(&ed, "k"); MAX_KEYS + 1];
    assert!(KeySet::parse(json!({ "keys": many }).to_string().as_bytes()).is_err());
    assert!(KeySet::parse(&vec![b' '; MAX_KEYS_BYTES + 1]).is_err());
}

#[test]
fn what_is_no_token_is_refused_before_its_signature_matters() {
    let ed = ed25519();
    let header = json!({ "alg": "EdDSA" });
    let token = |header: &Value, payload: &str| signed(header, payload, |m| ed.sign(m).as_ref().to_vec());
    let long = "x".repeat(MAX_TOKEN_BYTES);
    for text in [
        "",
        "a",
        "a.b",
        "a.b.c.d",
        "....",
        "e30.e30.",
        "e30=.e30=.AA",
        long.as_str(),
    ] {
        assert!(Unverified::parse(text).is_err(), "{text}");
    }
    for header in [
        json!({ "alg": "EdDSA", "crit": ["b64"], "b64": false }),
        json!({ "alg": "EdDSA", "typ": "at+jwt" }),
        json!({ "alg": "EdDSA", "kid": ["k"] }),
        json!({ "kid": "k" }),
        json!([]),
    ] {
        assert!(
            Unverified::parse(&token(&header, &claims().to_string())).is_err(),
            "{header}"
        );
    }
    let without = |name: &str| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        claims.to_string()
    };
    let but = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        claims.to_string()
    };
    for payload in [
        without("iss"),
        without("sub"),
        without("aud"),
        without("exp"),
        but("exp", json!("2000000000")),
        but("exp", json!(-1)),
        but("exp", json!(1e300)),
        but("nbf", json!(true)),
        but("jti", json!(7)),
        but("aud", json!([1])),
        but("sub", json!("")),
        r#"{"iss":"a","iss":"b","sub":"s","aud":"x","exp":1}"#.to_owned(),
        "[]".to_owned(),
        format!("{}1{}", "[".repeat(1000), "]".repeat(1000)),
    ] {
        assert!(Unverified::parse(&token(&header, &payload)).is_err(), "{payload}");
    }
}
