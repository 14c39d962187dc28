//! Public keys: what of them is handed out, and what they are called.

use super::{KeyLine, KeysError, crypto};
use packyard_types::{KeyState, KeyUse, YardKeys};
use pgp::{
    armor::{self, BlockType},
    composed::{Deserializable as _, SignedPublicKey},
    crypto::public_key::PublicKeyAlgorithm,
    types::KeyDetails as _,
};
use std::collections::BTreeSet;

/// Puts armoured public keys into one block: apt reads no further than the end of the first. The order stays, each key
/// is there once.
pub fn join_public<'a>(keys: impl IntoIterator<Item = &'a str>) -> Result<String, KeysError> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for key in keys {
        let key = parse(key)?;
        if seen.insert(key.fingerprint().to_string()) {
            all.push(key);
        }
    }
    armoured(&all)
}

fn armoured(all: &Vec<SignedPublicKey>) -> Result<String, KeysError> {
    let mut text = Vec::new();
    armor::write(all, BlockType::PublicKey, &mut text, None, true).map_err(crypto("write public keys"))?;
    Ok(String::from_utf8(text).expect("armour is ASCII"))
}

/// All published keys of a use.
pub(super) fn parsed(keys: &YardKeys, signs: KeyUse) -> Result<Vec<SignedPublicKey>, KeysError> {
    keys.of(signs).map(|(_, key)| parse(key)).collect()
}

/// Puts armoured public keys of others behind those of a block. Of a key that is there several times the last copy
/// stays: it may have been prolonged.
pub fn with_others(ours: &str, others: Vec<SignedPublicKey>) -> Result<String, KeysError> {
    let (own, _) = SignedPublicKey::from_string_many(ours).map_err(crypto("read public keys"))?;
    let own: Result<Vec<_>, _> = own.collect();
    let mut all = own.map_err(crypto("read public keys"))?;
    let ours = all.len();
    for key in others {
        match all
            .iter()
            .position(|known| known.fingerprint() == key.fingerprint())
        {
            Some(at) if at < ours => {}
            Some(at) => all[at] = key,
            None => all.push(key),
        }
    }
    armoured(&all)
}

/// All published keys of a use, in one block.
pub fn published(keys: &YardKeys, signs: KeyUse) -> Result<String, KeysError> {
    join_public(keys.of(signs).map(|(_, key)| key))
}

/// All published keys in one block, as `key.asc`. The RSA keys lead, because an rpm that takes only one key takes the
/// first.
pub fn published_together(keys: &YardKeys) -> Result<String, KeysError> {
    let yum = keys.of(KeyUse::Yum);
    join_public(yum.chain(keys.of(KeyUse::Apt)).map(|(_, key)| key))
}

/// All published keys with what is to be known of them.
pub fn lines(keys: &YardKeys) -> Result<Vec<(KeyState, KeyLine)>, KeysError> {
    let all = keys.all();
    all.map(|(signs, state, key)| Ok((state, line(signs, &parse(key)?))))
        .collect()
}

/// The fingerprint of an armoured public key, in upper-case hexadecimal.
pub fn fingerprint(key: &str) -> Result<String, KeysError> {
    Ok(parse(key)?.fingerprint().to_string().to_uppercase())
}

/// The long id of an armoured public key, as rpm shows it.
pub(super) fn long_id(key: &str) -> Result<String, KeysError> {
    Ok(parse(key)?.legacy_key_id().to_string())
}

fn parse(key: &str) -> Result<SignedPublicKey, KeysError> {
    let read = SignedPublicKey::from_string(key).map(|(key, _)| key);
    read.map_err(crypto("read a public key"))
}

pub(super) fn line(signs: KeyUse, key: &SignedPublicKey) -> KeyLine {
    let user = key.details.users.first();
    KeyLine {
        signs,
        algorithm: match key.algorithm() {
            PublicKeyAlgorithm::EdDSALegacy => "Ed25519",
            PublicKeyAlgorithm::RSA => "RSA",
            PublicKeyAlgorithm::ECDSA => "ECDSA",
            _ => "another",
        },
        fingerprint: key.fingerprint().to_string().to_uppercase(),
        user_id: user.map_or_else(String::new, |u| String::from_utf8_lossy(u.id.id()).into_owned()),
    }
}
