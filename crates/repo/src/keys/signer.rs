//! Who signed something: the signature is good, by a key that is listed, and nothing about that key forbids it today.
//! What gpgv and sqv of today refuse is refused: SHA-1 and older, DSA, keys that have expired or were revoked, a key whose
//! bindings use SHA-1 only, a subkey that may not sign.
//!
//! Not here: the web of trust. The list says who may.

use packyard_types::Timestamp;
use pgp::{
    composed::{SignedPublicKey, SignedPublicSubKey},
    crypto::{hash::HashAlgorithm, public_key::PublicKeyAlgorithm},
    packet::{Signature, SignatureType},
    types::{KeyDetails, PublicParams, Tag, VerifyingKey},
};
use rsa::traits::PublicKeyParts as _;
use std::io::{self, Read};

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

/// The fingerprint of a key.
pub fn fingerprint(key: &SignedPublicKey) -> String {
    format!("{:X}", key.primary_key.fingerprint())
}

/// What speaks against a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// None of the keys made it.
    Unknown,
    /// The data is not what was signed.
    Wrong,
    /// How the sentence goes on that begins "is signed with key K, ".
    Unfit(String),
}

/// Who made a signature over the data that `data` opens, where it may be relied on today.
pub fn judge<R: Read>(
    signature: &Signature,
    data: impl FnOnce() -> io::Result<R>,
    keys: &[SignedPublicKey],
    now: Timestamp,
) -> io::Result<Result<Signer, Doubt>> {
    // The same key may be listed as it was before, and after its expiry was prolonged or it was revoked.
    let with_part = |key| Some((key, component(key, signature)?));
    let copies: Vec<(&SignedPublicKey, Component<'_>)> = keys.iter().filter_map(with_part).collect();
    let Some((key, part)) = copies.first() else {
        return Ok(Err(Doubt::Unknown));
    };
    if !is_strong(signature) {
        let hash = signature
            .hash_alg()
            .map_or_else(|| "no hash".to_owned(), |h| h.to_string());
        return Ok(Err(Doubt::Unfit(format!(
            "by a signature with {hash}, which is too weak"
        ))));
    }
    let mut data = Watched::new(data()?);
    let verified = match part {
        Component::Subkey(sub) => signature.verify(&sub.key, &mut data),
        Component::Primary => signature.verify(&key.primary_key, &mut data),
    };
    data.failed()?;
    if verified.is_err() {
        return Ok(Err(Doubt::Wrong));
    }
    Ok(in_force(signature, &copies, now.unix_seconds())
        .map_err(Doubt::Unfit)
        .map(|()| {
            let user = key.details.users.first();
            let user_id = user.map(|u| String::from_utf8_lossy(u.id.id()).into_owned());
            Signer {
                fingerprint: fingerprint(key),
                user_id: user_id.unwrap_or_default(),
            }
        }))
}

/// A reader that keeps its error, which the library would take for a signature that is wrong.
struct Watched<R> {
    inner: R,
    error: Option<io::Error>,
}

impl<R> Watched<R> {
    fn new(inner: R) -> Self {
        Self { inner, error: None }
    }

    fn failed(self) -> io::Result<()> {
        self.error.map_or(Ok(()), Err)
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|e| {
            let kind = e.kind();
            if kind != io::ErrorKind::Interrupted {
                self.error = Some(e);
            }
            kind.into()
        })
    }
}

/// Whether a signature that holds is one of data, of a time that makes sense, and by a key that may be used today.
fn in_force(
    signature: &Signature,
    copies: &[(&SignedPublicKey, Component<'_>)],
    now: i64,
) -> Result<(), String> {
    let by_data = matches!(signature.typ(), Some(SignatureType::Text | SignatureType::Binary));
    if !by_data {
        return Err("by a signature that is not one of a document".to_owned());
    }
    let made = signature.created().map_or(0, |t| i64::from(t.as_secs()));
    if made > now + AHEAD_SECONDS {
        return Err("by a signature from the future".to_owned());
    }
    if signature
        .signature_expiration_time()
        .is_some_and(|d| is_over(made, d.as_secs(), now))
    {
        return Err("by a signature that has expired".to_owned());
    }
    let verdicts = copies.iter().map(|(key, part)| usable_part(key, part, now));
    let faults: Vec<String> = verdicts.filter_map(Result::err).collect();
    let revoked = faults.iter().find(|why| why.ends_with(REVOKED));
    let all = faults.first().filter(|_| faults.len() == copies.len());
    revoked.or(all).map_or(Ok(()), |why| Err(why.clone()))
}

/// The key that a signature says it is by, for messages.
pub fn issuer(signature: &Signature) -> String {
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
