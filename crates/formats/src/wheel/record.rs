//! RECORD of a wheel: CSV lines `path,algorithm=digest,size`, the digest in URL-safe base64 without padding
//! (<https://packaging.python.org/en/latest/specifications/recording-installed-packages/>).

use crate::archive::contents::DigestKind;
use crate::fault::Fault;
use crate::hex;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::BTreeMap;

/// What RECORD says of one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordEntry {
    /// The algorithm and the digest in hexadecimal digits.
    pub digest: Option<(DigestKind, String)>,
    /// Length in bytes.
    pub size_bytes: Option<u64>,
}

/// Parses RECORD.
pub fn parse(text: &str) -> Result<BTreeMap<String, RecordEntry>, Fault> {
    let mut record = BTreeMap::new();
    for (line, at) in text.lines().zip(1..) {
        if line.is_empty() {
            continue;
        }
        let bad = |rule: &str| {
            Fault::new(
                format!("line {at}: {rule}"),
                "write `PATH,sha256=DIGEST,SIZE` lines",
            )
            .at("RECORD")
        };
        let fields = fields(line).ok_or_else(|| bad("its quotes do not match"))?;
        let [path, digest, size] = &fields[..] else {
            return Err(bad("it has not three fields"));
        };
        let entry = RecordEntry {
            digest: match digest.as_str() {
                "" => None,
                spelt => Some(parse_digest(spelt).map_err(|rule| bad(&rule))?),
            },
            size_bytes: match size.as_str() {
                "" => None,
                spelt => Some(spelt.parse().map_err(|_| bad("its size is not a number"))?),
            },
        };
        if record.insert(path.clone(), entry).is_some() {
            return Err(bad(&format!("`{path}` is there twice")));
        }
    }
    Ok(record)
}

fn parse_digest(spelt: &str) -> Result<(DigestKind, String), String> {
    let (name, digits) = spelt
        .split_once('=')
        .ok_or("its digest is not ALGORITHM=DIGEST")?;
    let (kind, len) = match name {
        "sha256" => (DigestKind::Sha256, 32),
        "sha384" => (DigestKind::Sha384, 48),
        "sha512" => (DigestKind::Sha512, 64),
        weak => return Err(format!("the digest algorithm `{weak}` is not sha256 or better")),
    };
    let raw = URL_SAFE_NO_PAD.decode(digits.trim_end_matches('='));
    match raw {
        Ok(raw) if raw.len() == len => Ok((kind, hex::encode(&raw))),
        _ => Err(format!("its {name} is not URL-safe base64 of {len} bytes")),
    }
}

/// One CSV line; a quote inside quotes is doubled.
fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let field = fields.last_mut()?;
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted || field.is_empty() => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => field.push(c),
        }
    }
    (!quoted).then_some(fields)
}
