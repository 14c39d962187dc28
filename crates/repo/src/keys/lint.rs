//! Judges OpenPGP keys before clients do: what gpgv, sqv and rpm of today refuse, and what they will refuse soon.
//!
//! The packets are read one by one (RFC 9580, section 10.1) and not as a certificate, since a library that is strict about
//! keys would say nothing of those that are worth a finding. The rules are those of [`packyard_formats::check::rules::keys`].

use packyard_formats::check::{Finding, Severity, rules::keys as rule};
use packyard_types::{KeyUse, Timestamp};
use pgp::{
    armor::Dearmor,
    crypto::{ecc_curve::ECCCurve, hash::HashAlgorithm},
    packet::{
        Packet, PacketParser, PublicKey, PublicSubkey, Signature, SignatureType, SignatureVersion, UserId,
    },
    types::{EcdsaPublicParams, EddsaLegacyPublicParams, KeyDetails as _, KeyVersion, PublicParams, Tag},
};
use rsa::traits::PublicKeyParts as _;
use std::io::{Cursor, Read as _};

mod abilities;

/// How long before its end a key is warned of.
const SOON_SECONDS: i64 = 90 * 86_400;

/// A key of a file, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Linted {
    /// Its fingerprint, in upper-case hexadecimal; empty where there is none to be had.
    pub fingerprint: String,
    /// Its algorithm and size, for people.
    pub algorithm: String,
    /// Its first user id.
    pub user_id: String,
    /// Errors first.
    pub findings: Vec<Finding>,
}

impl Linted {
    /// Whether some client of today refuses it.
    pub fn refused(&self) -> bool {
        self.findings.iter().any(|f| f.severity() == Severity::Error)
    }
}

/// Judges every key of a file, armoured or not, public or private, as of `now`. `signs` is what they are to be used for,
/// where that is known.
pub fn lint(bytes: &[u8], signs: Option<KeyUse>, now: Timestamp) -> Vec<Linted> {
    let (certificates, damage) = certificates(bytes);
    let judged = certificates.iter().map(|c| c.judge(signs, now));
    let mut all: Vec<Linted> = judged.collect();
    let reason = damage.or_else(|| all.is_empty().then(|| "there is no key in it".to_owned()));
    if let Some(reason) = reason {
        all.push(Linted {
            fingerprint: String::new(),
            algorithm: String::new(),
            user_id: String::new(),
            findings: vec![Finding::of(&rule::UNREADABLE, "", reason)],
        });
    }
    all
}

/// What is wrong with the key of somebody who uploads. What signs is looked at again with each upload, by the day's rules:
/// a key that has ended says so of copies of it that have not, and a subkey may sign here.
pub fn unfit_for_uploads(bytes: &[u8]) -> Option<Finding> {
    let passing = [
        &rule::EXPIRED,
        &rule::REVOKED,
        &rule::SIGNS_BY_SUBKEY,
        &rule::FROM_THE_FUTURE,
    ];
    let counts =
        |f: &Finding| f.severity() == Severity::Error && !passing.iter().any(|rule| rule.name == f.name());
    let all = lint(bytes, Some(KeyUse::Apt), Timestamp::from_unix_seconds(0));
    all.into_iter().flat_map(|linted| linted.findings).find(counts)
}

/// What is wrong with the key of somebody whose signatures of packages are kept. Whether every rpm knows its algorithm
/// depends on what is installed where, so that is not asked.
pub fn unfit_for_packages(bytes: &[u8], now: Timestamp) -> Option<Finding> {
    let counts = |f: &Finding| f.severity() == Severity::Error && f.name() != rule::SIGNS_BY_SUBKEY.name;
    let all = lint(bytes, None, now);
    all.into_iter().flat_map(|linted| linted.findings).find(counts)
}

/// A key with what follows it: signatures over itself, user ids, subkeys.
struct Certificate {
    key: PublicKey,
    direct: Vec<Signature>,
    users: Vec<(UserId, Vec<Signature>)>,
    subkeys: Vec<(PublicSubkey, Vec<Signature>)>,
    /// Whether the last packet that may be signed was one of another kind: an image, an unknown one.
    elsewhere: bool,
}

/// The keys of a file, and where reading ended before it.
fn certificates(bytes: &[u8]) -> (Vec<Certificate>, Option<String>) {
    let mut found: Vec<Certificate> = Vec::new();
    for block in packets_of(bytes) {
        let block = match block {
            Ok(block) => block,
            Err(reason) => return (found, Some(reason)),
        };
        for packet in PacketParser::new(Cursor::new(block)) {
            match packet {
                Ok(packet) => take(&mut found, packet),
                Err(e) => return (found, Some(format!("a packet is damaged: {e}"))),
            }
        }
    }
    (found, None)
}

fn take(found: &mut Vec<Certificate>, packet: Packet) {
    let new = |key| Certificate {
        key,
        direct: Vec::new(),
        users: Vec::new(),
        subkeys: Vec::new(),
        elsewhere: false,
    };
    match packet {
        Packet::PublicKey(key) => return found.push(new(key)),
        Packet::SecretKey(key) => return found.push(new(key.public_key().clone())),
        _ => {}
    }
    let Some(last) = found.last_mut() else {
        return;
    };
    match packet {
        Packet::UserId(id) => last.users.push((id, Vec::new())),
        Packet::PublicSubkey(key) => last.subkeys.push((key, Vec::new())),
        Packet::SecretSubkey(key) => last.subkeys.push((key.public_key().clone(), Vec::new())),
        Packet::Signature(signature) if !last.elsewhere => return last.sign(signature),
        Packet::UserAttribute(_) => return last.elsewhere = true,
        _ => return,
    }
    last.elsewhere = false;
}

/// The packets of each armoured block; those of the file where it is not armoured.
fn packets_of(bytes: &[u8]) -> Vec<Result<Vec<u8>, String>> {
    const BEGIN: &str = "-----BEGIN PGP ";
    let Ok(text) = std::str::from_utf8(bytes) else {
        return vec![Ok(bytes.to_vec())];
    };
    let starts: Vec<usize> = text.match_indices(BEGIN).map(|(at, _)| at).collect();
    if starts.is_empty() && !text.is_ascii() {
        return vec![Ok(bytes.to_vec())];
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let open = |(start, end): (&usize, usize)| {
        let mut packets = Vec::new();
        let mut armour = Dearmor::new(Cursor::new(&text.as_bytes()[*start..end]));
        armour
            .read_to_end(&mut packets)
            .map(|_| packets)
            .map_err(|e| format!("the armour is damaged: {e}"))
    };
    starts.iter().zip(ends).map(open).collect()
}

impl Certificate {
    fn sign(&mut self, signature: Signature) {
        if let Some((_, signatures)) = self.subkeys.last_mut() {
            signatures.push(signature);
        } else if let Some((_, signatures)) = self.users.last_mut() {
            signatures.push(signature);
        } else {
            self.direct.push(signature);
        }
    }

    fn judge(&self, signs: Option<KeyUse>, now: Timestamp) -> Linted {
        let fingerprint = self.key.fingerprint().to_string().to_uppercase();
        let mut findings = Vec::new();
        let mut say = |rule, message: String| findings.push(Finding::of(rule, &fingerprint, message));
        let unverifiable = material(&self.key, signs, &mut say);
        self.bindings(unverifiable, &mut say);
        self.life(now, &mut say);
        self.abilities(now, &mut say);
        findings.sort_by_key(Finding::severity);
        let user = self.users.first();
        Linted {
            fingerprint,
            algorithm: algorithm(self.key.public_params()),
            user_id: user.map_or_else(String::new, |(id, _)| {
                String::from_utf8_lossy(id.id()).into_owned()
            }),
            findings,
        }
    }

    /// Whether the key has signed itself, and how.
    fn bindings(
        &self,
        unverifiable: bool,
        say: &mut impl FnMut(&'static packyard_formats::check::Rule, String),
    ) {
        let own = |s: &&Signature| self.is_own(s);
        let mut strong = self.direct.iter().filter(own).any(is_strong);
        let mut weak = Vec::new();
        let mut weakest = None;
        let mut wrong = false;
        for (id, signatures) in &self.users {
            let name = String::from_utf8_lossy(id.id()).into_owned();
            let certifies = |s: &&Signature| self.is_own(s) && s.is_certification();
            let of_user: Vec<&Signature> = signatures.iter().filter(certifies).collect();
            let good = of_user.iter().any(|s| {
                let holds = unverifiable || s.verify_certification(&self.key, Tag::UserId, id).is_ok();
                wrong |= is_strong(s) && !holds;
                is_strong(s) && holds
            });
            strong |= good;
            if !good && let Some(s) = of_user.last() {
                weakest = Some(described(s));
                weak.push((name, described(s)));
            }
        }
        if strong {
            for (name, how) in weak {
                say(
                    &rule::WEAK_USER_ID,
                    format!("the user id `{name}` is bound by {how} alone"),
                );
            }
        } else if let (Some(how), false) = (weakest, wrong) {
            say(&rule::WEAK_BINDING, format!("it is bound to its user by {how}"));
        } else if !unverifiable {
            let reason = "no user id carries a signature of the key itself that holds";
            say(&rule::UNBOUND, reason.to_owned());
        }
    }

    /// When it began, when it ends, whether it was ended.
    fn life(&self, now: Timestamp, say: &mut impl FnMut(&'static packyard_formats::check::Rule, String)) {
        let made = i64::from(self.key.created_at().as_secs());
        if made > now.unix_seconds() {
            let made = Timestamp::from_unix_seconds(made);
            say(
                &rule::FROM_THE_FUTURE,
                format!("it says to have been made at {made}"),
            );
        }
        let revoked = |s: &&Signature| s.typ() == Some(SignatureType::KeyRevocation) && self.is_own(s);
        if self.direct.iter().any(|s| revoked(&s)) {
            say(&rule::REVOKED, "it carries its own revocation".to_owned());
        }
        let lasts = self.newest().and_then(Signature::key_expiration_time);
        let Some(lasts) = lasts.map(|d| i64::from(d.as_secs())).filter(|s| *s > 0) else {
            return;
        };
        let ends = Timestamp::from_unix_seconds(made + lasts);
        if ends <= now {
            say(&rule::EXPIRED, format!("it expired at {ends}"));
        } else if ends.unix_seconds() - now.unix_seconds() < SOON_SECONDS {
            say(&rule::EXPIRES, format!("it expires at {ends}"));
        }
    }

    /// The signature that says what the key may do: the newest over itself, a strong one where there is one.
    fn newest(&self) -> Option<&Signature> {
        let about =
            |s: &&Signature| (s.is_certification() || s.typ() == Some(SignatureType::Key)) && self.is_own(s);
        let all = self.direct.iter().chain(self.users.iter().flat_map(|(_, s)| s));
        all.filter(about).max_by_key(|s| (is_strong(s), s.created()))
    }

    /// Whether a signature says to be by the key itself.
    fn is_own(&self, signature: &Signature) -> bool {
        let (fingerprint, id) = (self.key.fingerprint(), self.key.legacy_key_id());
        signature.issuer_fingerprint().iter().any(|f| **f == fingerprint)
            || signature.issuer_key_id().iter().any(|i| **i == id)
    }
}

/// What the key is made of. Whether it is a key whose signatures cannot be checked here.
fn material(
    key: &PublicKey,
    signs: Option<KeyUse>,
    say: &mut impl FnMut(&'static packyard_formats::check::Rule, String),
) -> bool {
    if key.version() != KeyVersion::V4 {
        let version = u8::from(key.version());
        say(&rule::VERSION, format!("it is a key of version {version}"));
    }
    let what = algorithm(key.public_params());
    let (is_rsa, known) = match key.public_params() {
        PublicParams::RSA(rsa) => {
            match rsa.key.n().bits() {
                0..2048 => say(&rule::RSA_TOO_SHORT, format!("it is {what}")),
                2048..3072 => say(&rule::RSA_SHORT, format!("it is {what}")),
                _ => {}
            }
            (true, rsa.key.n().bits() >= 2048)
        }
        PublicParams::DSA(_) => {
            say(&rule::DSA, format!("it is {what}"));
            (false, false)
        }
        PublicParams::ECDSA(ecdsa) => match ecdsa.curve() {
            ECCCurve::P256 | ECCCurve::P384 | ECCCurve::P521 => (false, true),
            ECCCurve::BrainpoolP256r1 | ECCCurve::BrainpoolP384r1 | ECCCurve::BrainpoolP512r1 => {
                say(&rule::CURVE, format!("it is {what}"));
                (false, !matches!(ecdsa, EcdsaPublicParams::Unsupported { .. }))
            }
            _ => {
                say(&rule::ALGORITHM, format!("it is {what}"));
                (false, false)
            }
        },
        PublicParams::EdDSALegacy(EddsaLegacyPublicParams::Ed25519 { .. }) => (false, true),
        _ => {
            say(&rule::ALGORITHM, format!("it is {what}"));
            (false, false)
        }
    };
    match signs {
        Some(KeyUse::Yum) if !is_rsa => say(&rule::NOT_RSA, format!("it is {what}")),
        None if !is_rsa => say(&rule::APT_ONLY, format!("it is {what}")),
        _ => {}
    }
    !known || key.version() != KeyVersion::V4
}

/// For people: `RSA of 3072 bits`.
fn algorithm(params: &PublicParams) -> String {
    match params {
        PublicParams::RSA(rsa) => format!("RSA of {} bits", rsa.key.n().bits()),
        PublicParams::DSA(dsa) => format!("DSA of {} bits", dsa.key.components().p().bits()),
        PublicParams::ECDSA(ecdsa) => format!("ECDSA on {}", ecdsa.curve().name()),
        PublicParams::EdDSALegacy(_) => "Ed25519".to_owned(),
        PublicParams::Ed25519(_) => "Ed25519 of RFC 9580".to_owned(),
        PublicParams::Ed448(_) => "Ed448".to_owned(),
        PublicParams::Elgamal(_) => "ElGamal".to_owned(),
        _ => "of an unknown algorithm".to_owned(),
    }
}

/// Whether apt 3 regards it.
fn is_strong(signature: &Signature) -> bool {
    use HashAlgorithm::{Sha3_256, Sha3_512, Sha256, Sha384, Sha512};
    let version = matches!(signature.version(), SignatureVersion::V4 | SignatureVersion::V6);
    version
        && signature
            .hash_alg()
            .is_some_and(|h| matches!(h, Sha256 | Sha384 | Sha512 | Sha3_256 | Sha3_512))
}

fn described(signature: &Signature) -> String {
    let hash = signature.hash_alg().map_or_else(
        || "an unknown digest".to_owned(),
        |h| h.to_string().to_uppercase(),
    );
    match signature.version() {
        SignatureVersion::V4 => format!("a signature with {hash}"),
        other => format!("a signature of version {} with {hash}", u8::from(other)),
    }
}

#[cfg(test)]
mod tests;
