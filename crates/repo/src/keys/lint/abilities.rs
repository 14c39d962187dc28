//! Which part of a key may sign, and until when.

use super::{Certificate, SOON_SECONDS, is_strong, rule};
use packyard_formats::check::Rule;
use packyard_types::Timestamp;
use pgp::{
    packet::{PublicSubkey, Signature, SignatureType, SubpacketData},
    types::KeyDetails as _,
};

/// A subkey that may sign.
struct Signing {
    id: String,
    /// Whether a strong signature says so.
    strong: bool,
    ends: Option<Timestamp>,
}

impl Certificate {
    /// Which part of it may sign.
    pub(super) fn abilities(&self, now: Timestamp, say: &mut impl FnMut(&'static Rule, String)) {
        // Without flags a key may do what its algorithm can.
        let primary = self.newest().is_none_or(|s| flags(s).is_none_or(|sign| sign));
        let signing: Vec<Signing> = self.subkeys.iter().filter_map(|(k, s)| signing(k, s)).collect();
        for subkey in signing.iter().filter(|subkey| !subkey.strong) {
            let message = format!("subkey {} is bound by a weak signature", subkey.id);
            say(&rule::WEAK_SUBKEY, message);
        }
        let strong: Vec<&Signing> = signing.iter().filter(|subkey| subkey.strong).collect();
        let is_over = |subkey: &Signing| subkey.ends.is_some_and(|ends| ends <= now);
        for subkey in strong.iter().filter(|subkey| !is_over(subkey)) {
            let soon = |ends: &Timestamp| ends.unix_seconds() - now.unix_seconds() < SOON_SECONDS;
            if let Some(ends) = subkey.ends.filter(soon) {
                let message = format!("its subkey {}, which may sign, expires at {ends}", subkey.id);
                say(&rule::EXPIRES, message);
            }
        }
        if primary {
            return;
        }
        let all_over = strong.iter().all(|subkey| is_over(subkey));
        if let (Some(last), true) = (strong.iter().max_by_key(|subkey| subkey.ends), all_over) {
            let ends = last.ends.map(|ends| ends.to_string()).unwrap_or_default();
            let message = format!("all of it that may sign, subkey {}, expired at {ends}", last.id);
            say(&rule::EXPIRED, message);
        }
        if strong.is_empty() {
            say(&rule::CANNOT_SIGN, "its flags do not allow it to sign".to_owned());
        } else {
            say(&rule::SIGNS_BY_SUBKEY, "only a subkey of it may sign".to_owned());
        }
    }
}

/// What is to be known of a subkey; none where it may not sign, or was revoked.
fn signing(key: &PublicSubkey, signatures: &[Signature]) -> Option<Signing> {
    let revoked = |s: &Signature| s.typ() == Some(SignatureType::SubkeyRevocation);
    let binding = |s: &&Signature| s.typ() == Some(SignatureType::SubkeyBinding);
    if signatures.iter().any(revoked) {
        return None;
    }
    let newest = signatures.iter().filter(binding).max_by_key(|s| s.created())?;
    let back = newest.embedded_signature().is_some_and(is_strong);
    let lasts = newest.key_expiration_time().map(|d| i64::from(d.as_secs()));
    let made = i64::from(key.created_at().as_secs());
    flags(newest)?.then(|| Signing {
        id: key.fingerprint().to_string().to_uppercase(),
        strong: is_strong(newest) && back,
        ends: lasts
            .filter(|seconds| *seconds > 0)
            .map(|seconds| Timestamp::from_unix_seconds(made + seconds)),
    })
}

/// Whether its flags allow to sign; none where it has none.
fn flags(signature: &Signature) -> Option<bool> {
    signature
        .config()?
        .hashed_subpackets()
        .filter_map(|s| match &s.data {
            SubpacketData::KeyFlags(flags) => Some(flags.sign()),
            _ => None,
        })
        .last()
}
