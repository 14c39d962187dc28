//! Whether the private keys of a directory are what they were: each is read, compared with the log and tried.

use super::{Pair, published::fingerprint, set::use_of};
use packyard_types::{Timestamp, YardKeys};
use pgp::{crypto::hash::HashAlgorithm, packet::SignatureType};
use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path};

/// What was found out about a file of `DIR/keys`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Its name.
    pub file: String,
    /// What is wrong with it, if anything.
    pub problem: Option<String>,
    /// What is not wrong, and worth knowing: `… is not as packyard writes it`.
    pub note: Option<String>,
}

/// Looks at every file of the directory; `known` are the public halves that the log has.
pub fn examine(dir: &Path, known: Option<&YardKeys>, at: Timestamp) -> Vec<Examined> {
    let known: Option<BTreeSet<String>> = known.map(|keys| {
        keys.all()
            .filter_map(|(_, _, key)| fingerprint(key).ok())
            .collect()
    });
    let mut names: Vec<String> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    let looked = |file: String| {
        let (problem, note) = match look(dir, &file, known.as_ref(), at) {
            Ok(note) => (None, note),
            Err(problem) => (Some(problem), None),
        };
        Examined { file, problem, note }
    };
    names.into_iter().map(looked).collect()
}

/// A note, or what is wrong.
fn look(
    dir: &Path,
    file: &str,
    known: Option<&BTreeSet<String>>,
    at: Timestamp,
) -> Result<Option<String>, String> {
    let Some(signs) = use_of(file) else {
        return Ok(Some("is no key".to_owned()));
    };
    let path = dir.join(file);
    let text = fs::read(&path).map_err(|e| format!("it cannot be read: {e}"))?;
    let text = String::from_utf8(text).map_err(|_| "it is no text".to_owned())?;
    let pair = Pair::parse(&text).map_err(|e| format!("it is no private key that can be used: {e}"))?;
    if !pair.can(signs) {
        return Err("its algorithm signs nothing here".to_owned());
    }
    try_it(&pair, at).map_err(|e| format!("it does not sign as its public half says: {e}"))?;
    let mode = fs::metadata(&path)
        .map_err(|e| e.to_string())?
        .permissions()
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        return Err(format!("others may read it (mode {mode:04o}): chmod 600"));
    }
    if known.is_some_and(|known| !known.contains(&pair.fingerprint())) {
        return Ok(Some(
            "is a key that the log does not name: it signs nothing".to_owned(),
        ));
    }
    let as_written = pair.private().map_err(|e| e.to_string())?;
    Ok((as_written.trim_end() != text.trim_end())
        .then(|| "works, and is not written as packyard writes it: were some bytes changed?".to_owned()))
}

fn try_it(pair: &Pair, at: Timestamp) -> Result<(), String> {
    const TEXT: &[u8] = b"is this the key that it was?";
    let signature = pair.sign(SignatureType::Binary, HashAlgorithm::Sha512, TEXT, at);
    let signature = signature.map_err(|e| e.to_string())?;
    signature.verify(&pair.public(), TEXT).map_err(|e| e.to_string())
}
