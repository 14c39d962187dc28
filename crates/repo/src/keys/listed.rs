//! The public keys of others that a channel lists: of those who upload by dput, and of those who sign packages.

use super::{lint, signer::fingerprint};
use packyard_types::{Invalid, Timestamp};
use pgp::composed::{Deserializable as _, SignedPublicKey};

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
/// Largest text of keys, in bytes.
const LARGEST: usize = 256 << 10;

/// What somebody's key is listed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedFor {
    /// To upload by dput.
    Uploads,
    /// To sign .rpms.
    Packages,
}

impl ListedFor {
    /// What messages call such a key.
    fn noun(self) -> &'static str {
        match self {
            Self::Uploads => "uploader key",
            Self::Packages => "package key",
        }
    }
}

/// The keys of a channel's settings: each text may hold several.
pub fn listed(purpose: ListedFor, texts: &[String]) -> Result<Vec<SignedPublicKey>, Invalid> {
    let mut all = Vec::new();
    for text in texts {
        let shown = text.lines().next().unwrap_or_default();
        let bad = |rule: String| Invalid::new(purpose.noun(), shown, rule);
        if text.len() > LARGEST {
            return Err(bad(format!("it has more than {LARGEST} bytes")));
        }
        if text.contains("PRIVATE KEY BLOCK") {
            let rule = "it is a private key; give the public half (`gpg --armor --export`)";
            return Err(bad(rule.to_owned()));
        }
        for (place, block) in blocks(text) {
            let (found, _) = SignedPublicKey::from_string_many(block)
                .map_err(|e| bad(format!("{place} is no armoured OpenPGP public key: {e}")))?;
            let before = all.len();
            for key in found {
                all.push(key.map_err(|e| bad(format!("{place} cannot be read: {e}")))?);
            }
            if all.len() == before {
                return Err(bad(format!("{place} holds no key")));
            }
        }
    }
    Ok(all)
}

/// Whoever's key a channel lists.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct KeyHolder {
    /// The fingerprint of the primary key, in upper case.
    pub fingerprint: String,
    /// Its user ids, each in one line.
    pub user_ids: Vec<String>,
}

/// Whose keys a channel's settings list.
pub fn holders(purpose: ListedFor, texts: &[String]) -> Result<Vec<KeyHolder>, Invalid> {
    let user_id = |id: &[u8]| {
        let text = String::from_utf8_lossy(id);
        text.chars()
            .filter(|c| !packyard_types::is_unseen(*c))
            .take(200)
            .collect()
    };
    let holder = |key: &SignedPublicKey| KeyHolder {
        fingerprint: fingerprint(key),
        user_ids: key.details.users.iter().map(|u| user_id(u.id.id())).collect(),
    };
    Ok(listed(purpose, texts)?.iter().map(holder).collect())
}

/// Refuses keys that can be read, and are too weak to say who signed, or damaged where only the rules see it. A key of
/// uploaders may have ended: it says so of copies of it that have not; one of packages may not.
pub fn fit<'a>(
    purpose: ListedFor,
    now: Timestamp,
    texts: impl IntoIterator<Item = &'a String>,
) -> Result<(), Invalid> {
    for text in texts {
        for (place, block) in blocks(text) {
            let finding = match purpose {
                ListedFor::Uploads => lint::unfit_for_uploads(block.as_bytes()),
                ListedFor::Packages => lint::unfit_for_packages(block.as_bytes(), now),
            };
            if let Some(finding) = finding {
                let shown = text.lines().next().unwrap_or_default();
                let rule = format!(
                    "{place} is refused: {}; give a key that may sign, Ed25519 or RSA of 3072 bits",
                    finding.message
                );
                return Err(Invalid::new(purpose.noun(), shown, rule));
            }
        }
    }
    Ok(())
}

/// The armoured blocks of a text, each with how a message calls it; the text itself where there is none.
fn blocks(text: &str) -> Vec<(String, &str)> {
    let starts: Vec<usize> = text.match_indices(BEGIN).map(|(at, _)| at).collect();
    if starts.len() < 2 {
        return vec![("it".to_owned(), text)];
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let named = |((start, end), number): ((&usize, usize), usize)| {
        let line = text[..*start].matches('\n').count() + 1;
        let place = format!("block {number} of {}, at line {line},", starts.len());
        (place, &text[*start..end])
    };
    starts.iter().zip(ends).zip(1..).map(named).collect()
}
