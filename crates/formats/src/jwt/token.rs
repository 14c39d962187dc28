//! A token: taken apart, checked, and what it says.

use super::{Algorithm, JwtError, KeySet, MAX_TOKEN_BYTES, shown};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use packyard_types::Digest;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::Value;
use std::{collections::BTreeMap, fmt};

/// What a header says that counts here; the rest of it is nobody's to say.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

/// A token whose signature has not been checked: somebody's words.
#[derive(Debug, Clone)]
pub struct Unverified {
    algorithm: Algorithm,
    key_id: Option<String>,
    /// The bytes that are signed: header and payload as they were sent.
    signed: Vec<u8>,
    signature: Vec<u8>,
    claims: Claims,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// `iss`: who says it.
    pub issuer: String,
    /// `sub`: of whom.
    pub subject: String,
    /// `aud`: to whom; one text, or a list of them.
    pub audiences: Vec<String>,
    /// `exp`: until when, in seconds since 1970.
    pub expires: i64,
    /// `nbf`: from when on.
    pub not_before: Option<i64>,
    /// `iat`: when it was said.
    pub issued: Option<i64>,
    /// `jti`, where it has one: no other token of this issuer has it.
    pub id: Option<String>,
    /// The digest of what is signed: what tells a token without a `jti` from others. The signature is no part of it, for an
    /// ECDSA signature can be written in two ways.
    pub digest: Digest,
    /// All claims that are a text, a number or a truth value, as text.
    pub said: BTreeMap<String, String>,
}

impl Unverified {
    /// Takes a token apart.
    pub fn parse(text: &str) -> Result<Self, JwtError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(JwtError::TooLarge {
                what: "the token",
                limit_bytes: MAX_TOKEN_BYTES,
            });
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwtError::Form)?;
        let (header, payload) = signed.split_once('.').ok_or(JwtError::Form)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Form);
        let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
        let header: Header = serde_json::from_slice(&header).map_err(|e| unreadable("its header", &e))?;
        if header.crit.is_some() {
            return Err(JwtError::Header("`crit`".to_owned()));
        }
        let is_jwt =
            |typ: &str| typ.eq_ignore_ascii_case("JWT") || typ.eq_ignore_ascii_case("application/jwt");
        if let Some(typ) = header.typ.filter(|typ| !is_jwt(typ)) {
            return Err(JwtError::Header(format!("`typ` is `{}`", shown(&typ))));
        }
        let algorithm = Algorithm::parse(&header.alg);
        let claims: Object = serde_json::from_slice(&payload).map_err(|e| unreadable("its payload", &e))?;
        Ok(Self {
            algorithm: algorithm.ok_or_else(|| JwtError::Algorithm(shown(&header.alg)))?,
            key_id: header.kid,
            signed: signed.as_bytes().to_vec(),
            signature,
            claims: Claims::read(&claims.0, Digest::of(signed.as_bytes()))?,
        })
    }

    /// Who seems to say it: whose keys are needed.
    pub fn issuer(&self) -> &str {
        &self.claims.issuer
    }

    /// What it says, if one of these keys has signed it.
    pub fn verify(&self, keys: &KeySet) -> Result<Claims, JwtError> {
        keys.verify(
            self.algorithm,
            self.key_id.as_deref(),
            &self.signed,
            &self.signature,
        )?;
        Ok(self.claims.clone())
    }
}

impl Claims {
    fn read(object: &BTreeMap<String, Value>, digest: Digest) -> Result<Self, JwtError> {
        let wrong = |name: &str, must: &str| JwtError::Part {
            part: "its payload",
            reason: format!("`{name}` must be {must}"),
        };
        let text = |name: &str| match object.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(wrong(name, "a text")),
        };
        let time = |name: &str| match object.get(name) {
            None => Ok(None),
            Some(value) => seconds(value)
                .map(Some)
                .ok_or_else(|| wrong(name, "a time in seconds")),
        };
        let audiences = match object.get("aud") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(all)) => {
                let all = all.iter().map(|one| one.as_str().map(str::to_owned));
                let all: Option<Vec<String>> = all.collect();
                all.ok_or_else(|| wrong("aud", "a text or a list of texts"))?
            }
            _ => return Err(wrong("aud", "a text or a list of texts")),
        };
        let said = |(name, value): (&String, &Value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            };
            Some((name.clone(), text))
        };
        Ok(Self {
            issuer: text("iss")?.ok_or_else(|| wrong("iss", "there"))?,
            subject: text("sub")?.ok_or_else(|| wrong("sub", "there"))?,
            audiences,
            expires: time("exp")?.ok_or_else(|| wrong("exp", "there"))?,
            not_before: time("nbf")?,
            issued: time("iat")?,
            id: text("jti")?,
            digest,
            said: object.iter().filter_map(said).collect(),
        })
    }
}

fn unreadable(part: &'static str, e: &serde_json::Error) -> JwtError {
    JwtError::Part {
        part,
        reason: e.to_string(),
    }
}

/// A `NumericDate` (RFC 7519, section 2), which may have a fraction, in whole seconds.
fn seconds(value: &Value) -> Option<i64> {
    // Until then every clock and every calendar here can count.
    const LAST: i64 = 253_402_300_799;
    let whole = value.as_i64().or_else(|| {
        let number = value.as_f64().filter(|n| n.abs() < 1e12)?;
        #[allow(clippy::cast_possible_truncation, reason = "it has been bounded")]
        Some(number.floor() as i64)
    })?;
    (0..=LAST).contains(&whole).then_some(whole)
}

/// A JSON object in which no name stands twice (RFC 7519, section 4): else two readers could see two tokens.
struct Object(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if fields.insert(name.clone(), value).is_some() {
                        return Err(A::Error::custom(format!("`{}` stands in it twice", shown(&name))));
                    }
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}
