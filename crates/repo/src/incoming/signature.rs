//! Who signed a .changes or .dsc: the signature is good, by a key that the channel lists, and nothing about that key
//! forbids it today. What gpgv and sqv of today refuse is refused: SHA-1 and older, DSA, keys that have expired or were
//! revoked, a key whose bindings use SHA-1 only, a subkey that may not sign.
//!
//! Not here: the web of trust. The channel's list says who may.

use crate::keys::lint;
use packyard_types::{Invalid, Timestamp};
use pgp::{
    composed::{CleartextSignedMessage, Deserializable as _, SignedPublicKey, SignedPublicSubKey},
    crypto::{hash::HashAlgorithm, public_key::PublicKeyAlgorithm},
    packet::{Signature, SignatureType},
    types::{KeyDetails, PublicParams, Tag, VerifyingKey},
};
use rsa::traits::PublicKeyParts as _;

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
/// Largest text of keys, in bytes.
const LARGEST: usize = 256 << 10;
/// Most signatures of one message that are looked at.
const MOST: usize = 8;
/// How far a signer's clock may be ahead, in seconds.
const AHEAD_SECONDS: i64 = 86_400;
/// What is wrong with a key that was revoked.
const REVOKED: &str = "was revoked";

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The fingerprint of the primary key, in upper case.
    pub fingerprint: String,
    /// Its first user id.
    pub user_id: String,
}

/// The keys of uploaders, as a channel's settings have them: each text may hold several.
pub fn keys(texts: &[String]) -> Result<Vec<SignedPublicKey>, Invalid> {
    let mut all = Vec::new();
    for text in texts {
        let shown = text.lines().next().unwrap_or_default();
        let bad = |rule: String| Invalid::new("uploader key", shown, rule);
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
pub struct Uploader {
    /// The fingerprint of the primary key, in upper case.
    pub fingerprint: String,
    /// Its user ids, each in one line.
    pub user_ids: Vec<String>,
}

/// Whose keys a channel's settings list.
pub fn uploaders(texts: &[String]) -> Result<Vec<Uploader>, Invalid> {
    let user_id = |id: &[u8]| {
        let text = String::from_utf8_lossy(id);
        text.chars().filter(|c| !c.is_control()).take(200).collect()
    };
    let uploader = |key: &SignedPublicKey| Uploader {
        fingerprint: fingerprint(key),
        user_ids: key.details.users.iter().map(|u| user_id(u.id.id())).collect(),
    };
    Ok(keys(texts)?.iter().map(uploader).collect())
}

/// Refuses keys that can be read, and are too weak to say who uploads, or damaged where only the rules see it.
pub fn fit<'a>(texts: impl IntoIterator<Item = &'a String>) -> Result<(), Invalid> {
    for text in texts {
        for (place, block) in blocks(text) {
            if let Some(finding) = lint::unfit_for_uploads(block.as_bytes()) {
                let shown = text.lines().next().unwrap_or_default();
                let rule = format!(
                    "{place} is refused: {}; give a key that may sign, Ed25519 or RSA of 3072 bits",
                    finding.message
                );
                return Err(Invalid::new("uploader key", shown, rule));
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

/// The fingerprint of a key.
pub fn fingerprint(key: &SignedPublicKey) -> String {
    format!("{:X}", key.primary_key.fingerprint())
}

/// Who signed `whole`, whose text is `inside`; or what is wrong with the signature, as the end of a sentence that
/// begins with the file.
pub fn signer(whole: &str, inside: &str, keys: &[SignedPublicKey], now: Timestamp) -> Result<Signer, String> {
    let (message, _) = CleartextSignedMessage::from_string(whole)
        .map_err(|e| format!("has a signature that cannot be read: {e}"))?;
    let text = message.signed_text();
    let plain = |t: &str| t.replace("\r\n", "\n").trim_end_matches('\n').to_owned();
    if plain(&text) != plain(inside) {
        return Err("has a signature over another text than it shows".to_owned());
    }
    let mut why = "has no signature in it".to_owned();
    for signature in message.signatures().iter().take(MOST) {
        match judge(signature, &text, keys, now.unix_seconds()) {
            Ok(signer) => return Ok(signer),
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

fn judge(signature: &Signature, text: &str, keys: &[SignedPublicKey], now: i64) -> Result<Signer, String> {
    let issuer = issuer(signature);
    let with_part = |key| Some((key, component(key, signature)?));
    // The same key may be listed as it was before, and after its expiry was prolonged or it was revoked.
    let copies: Vec<(&SignedPublicKey, Component<'_>)> = keys.iter().filter_map(with_part).collect();
    let Some((key, part)) = copies.first() else {
        return Err(format!(
            "is signed with key {issuer}, which is no uploader's of this channel"
        ));
    };
    let signed = format!("is signed with key {issuer}");
    if !is_strong(signature) {
        let hash = signature
            .hash_alg()
            .map_or_else(|| "no hash".to_owned(), |h| h.to_string());
        return Err(format!("{signed}, by a signature with {hash}, which is too weak"));
    }
    let verified = match part {
        Component::Subkey(sub) => signature.verify(&sub.key, text.as_bytes()),
        Component::Primary => signature.verify(&key.primary_key, text.as_bytes()),
    };
    if verified.is_err() {
        return Err(format!(
            "says that it {signed}, and the signature is wrong: the text was changed since"
        ));
    }
    let by_text = matches!(signature.typ(), Some(SignatureType::Text | SignatureType::Binary));
    if !by_text {
        return Err(format!("{signed}, by a signature that is not one of a document"));
    }
    let made = signature.created().map_or(0, |t| i64::from(t.as_secs()));
    if made > now + AHEAD_SECONDS {
        return Err(format!("{signed}, by a signature from the future"));
    }
    if signature
        .signature_expiration_time()
        .is_some_and(|d| is_over(made, d.as_secs(), now))
    {
        return Err(format!("{signed}, by a signature that has expired"));
    }
    let verdicts = copies.iter().map(|(key, part)| usable_part(key, part, now));
    let faults: Vec<String> = verdicts.filter_map(Result::err).collect();
    let revoked = faults.iter().find(|why| why.ends_with(REVOKED));
    if let Some(why) = revoked.or(faults.first().filter(|_| faults.len() == copies.len())) {
        return Err(format!("{signed}, {why}"));
    }
    let user = key.details.users.first();
    let user_id = user.map(|u| String::from_utf8_lossy(u.id.id()).into_owned());
    Ok(Signer {
        fingerprint: fingerprint(key),
        user_id: user_id.unwrap_or_default(),
    })
}

/// The key that a signature says it is by, for messages.
fn issuer(signature: &Signature) -> String {
    let fingerprint = signature.issuer_fingerprint().first().map(|f| format!("{f:X}"));
    let id = || Some(signature.issuer_key_id().first()?.to_string().to_uppercase());
    fingerprint.or_else(id).unwrap_or_else(|| "of nobody".to_owned())
}

/// The part of a key that signs.
enum Component<'a> {
    Primary,
    Subkey(&'a SignedPublicSubKey),
}

/// Which part of a key a signature says it is by; none where it is by none of it.
fn component<'a>(key: &'a SignedPublicKey, signature: &Signature) -> Option<Component<'a>> {
    let is = |part: &dyn KeyDetails| {
        let prints = signature.issuer_fingerprint();
        if prints.is_empty() {
            signature.issuer_key_id().contains(&&part.legacy_key_id())
        } else {
            prints.contains(&&part.fingerprint())
        }
    };
    if is(&key.primary_key) {
        return Some(Component::Primary);
    }
    key.public_subkeys
        .iter()
        .find(|sub| is(&sub.key))
        .map(Component::Subkey)
}

fn is_strong(signature: &Signature) -> bool {
    use HashAlgorithm::{Sha3_256, Sha3_512, Sha256, Sha384, Sha512};
    matches!(
        signature.hash_alg(),
        Some(Sha256 | Sha384 | Sha512 | Sha3_256 | Sha3_512)
    )
}

/// Whether a time that lasts so many seconds is over; 0 seconds last for ever.
fn is_over(from: i64, seconds: u32, now: i64) -> bool {
    seconds != 0 && from + i64::from(seconds) <= now
}

fn made(signature: &Signature) -> u32 {
    signature.created().map_or(0, pgp::types::Timestamp::as_secs)
}

/// Whether the part of a key that signed may be used today, and the key itself; else how the sentence goes on.
fn usable_part(key: &SignedPublicKey, part: &Component<'_>, now: i64) -> Result<(), String> {
    let signs = matches!(part, Component::Primary);
    usable(key, signs, now).map_err(|why| format!("which {why}"))?;
    match part {
        Component::Primary => Ok(()),
        Component::Subkey(sub) => subkey_usable(key, sub, now).map_err(|why| format!("a subkey which {why}")),
    }
}

/// Whether a key may be used today, and sign itself where it does.
fn usable(key: &SignedPublicKey, signs: bool, now: i64) -> Result<(), String> {
    let primary = &key.primary_key;
    not_weak(primary)?;
    let revocations = key.details.revocation_signatures.iter();
    let mut revocations = revocations.filter(|s| s.typ() == Some(SignatureType::KeyRevocation));
    if revocations.any(|s| s.verify_key(primary).is_ok()) {
        return Err(REVOKED.to_owned());
    }
    let users = key.details.users.iter().flat_map(|user| {
        let own = user.signatures.iter().filter(|s| s.is_certification());
        own.filter(|s| s.verify_certification(primary, Tag::UserId, &user.id).is_ok())
    });
    let direct = key.details.direct_signatures.iter();
    let direct = direct.filter(|s| s.typ() == Some(SignatureType::Key) && s.verify_key(primary).is_ok());
    let (strong, weak): (Vec<&Signature>, Vec<&Signature>) = users.chain(direct).partition(|s| is_strong(s));
    let Some(newest) = strong.iter().max_by_key(|s| made(s)) else {
        let why = if weak.is_empty() {
            "is not signed by itself"
        } else {
            "is bound to its name with SHA-1 only"
        };
        return Err(why.to_owned());
    };
    let born = i64::from(primary.created_at().as_secs());
    if newest
        .key_expiration_time()
        .is_some_and(|d| is_over(born, d.as_secs(), now))
    {
        return Err("has expired".to_owned());
    }
    if signs && has_flags(newest) && !newest.key_flags().sign() {
        return Err("may not sign documents".to_owned());
    }
    Ok(())
}

fn has_flags(signature: &Signature) -> bool {
    let flags = signature.key_flags();
    flags.sign()
        || flags.certify()
        || flags.authentication()
        || flags.encrypt_comms()
        || flags.encrypt_storage()
}

fn subkey_usable(key: &SignedPublicKey, sub: &SignedPublicSubKey, now: i64) -> Result<(), String> {
    let primary = &key.primary_key;
    not_weak(&sub.key)?;
    let valid = |s: &&Signature| s.verify_subkey_binding(primary, &sub.key).is_ok();
    let of = |kind| sub.signatures.iter().filter(move |s| s.typ() == Some(kind));
    if of(SignatureType::SubkeyRevocation).any(|s| valid(&s)) {
        return Err(REVOKED.to_owned());
    }
    let newest = of(SignatureType::SubkeyBinding)
        .filter(valid)
        .max_by_key(|s| made(s));
    let Some(newest) = newest else {
        return Err("is not bound to its primary key".to_owned());
    };
    if !is_strong(newest) {
        return Err("is bound to its primary key with SHA-1".to_owned());
    }
    let back = newest.embedded_signature();
    let agrees =
        back.is_some_and(|b| is_strong(b) && b.verify_primary_key_binding(&sub.key, primary).is_ok());
    if !newest.key_flags().sign() || !agrees {
        return Err("may not sign documents".to_owned());
    }
    let born = i64::from(sub.key.created_at().as_secs());
    if newest
        .key_expiration_time()
        .is_some_and(|d| is_over(born, d.as_secs(), now))
    {
        return Err("has expired".to_owned());
    }
    Ok(())
}

fn not_weak(key: &impl VerifyingKey) -> Result<(), String> {
    if key.algorithm() == PublicKeyAlgorithm::DSA {
        return Err("is a DSA key, which is too weak".to_owned());
    }
    match key.public_params() {
        PublicParams::RSA(rsa) if rsa.key.n().bits() < 2048 => {
            Err("is an RSA key of less than 2048 bits, which is too weak".to_owned())
        }
        _ => Ok(()),
    }
}
