//! Private keys as they are kept: files of `DIR/keys`, or one text, which is how they travel into the secret store of a CI
//! system and out of a backup.
//!
//! In the directory the first pair is `apt.key` and `rpm.key`; later ones have the first half of their fingerprint in the
//! name. In a text they are armoured blocks (RFC 9580, section 6), one after the other, each behind a line like
//! `packyard apt.key`; without one the algorithm says what a key is for. What else stands between them is passed over.

use super::{KeysError, Pair, crypto, file_error};
use packyard_types::{KeyUse, Timestamp, YardKeys};
use pgp::{composed::KeyType, crypto::public_key::PublicKeyAlgorithm, types::KeyDetails as _};
use std::{
    fmt, fs,
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::Path,
    sync::Arc,
};

const RSA_BITS: u32 = 3072;
const APT: &str = "apt.key";
const RPM: &str = "rpm.key";
const BEGIN: &str = "-----BEGIN PGP PRIVATE KEY BLOCK-----";
const END: &str = "-----END PGP PRIVATE KEY BLOCK-----";

/// Private keys, each with what it signs.
///
/// - `Debug` shows fingerprints only.
/// - On the disk they are files of `DIR/keys`, mode 0600, and never anywhere else.
#[derive(Clone, Default)]
pub struct KeySet {
    keys: Vec<(KeyUse, Arc<Pair>)>,
}

/// A key, for people to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLine {
    /// What it signs.
    pub signs: KeyUse,
    /// Its algorithm.
    pub algorithm: &'static str,
    /// Its fingerprint, in upper-case hexadecimal.
    pub fingerprint: String,
    /// Whose it is.
    pub user_id: String,
}

impl KeySet {
    /// Makes a new pair, as of `at`. Takes seconds: finding RSA primes is slow.
    pub fn generate(
        rng: &mut (impl rand::CryptoRng + rand::Rng),
        at: Timestamp,
        user_id: &str,
    ) -> Result<Self, KeysError> {
        let mut keys = Vec::new();
        for signs in KeyUse::ALL {
            keys.extend(Self::generate_one(rng, at, user_id, signs)?.keys);
        }
        Ok(Self { keys })
    }

    /// Makes a new key of one use.
    pub fn generate_one(
        rng: &mut (impl rand::CryptoRng + rand::Rng),
        at: Timestamp,
        user_id: &str,
        signs: KeyUse,
    ) -> Result<Self, KeysError> {
        let (kind, operation) = match signs {
            KeyUse::Apt => (KeyType::Ed25519Legacy, "make the apt key"),
            KeyUse::Yum => (KeyType::Rsa(RSA_BITS), "make the rpm key"),
        };
        let pair = Pair::generate(rng, kind, at, user_id).map_err(crypto(operation))?;
        Ok(Self {
            keys: vec![(signs, Arc::new(pair))],
        })
    }

    /// Reads `DIR/keys`; none where there is no `apt.key`.
    pub fn load(dir: &Path) -> Result<Option<Self>, KeysError> {
        // Written last: without it, saving was cut off, and nothing has been signed yet.
        let apt = dir.join(APT);
        if !apt.try_exists().map_err(|e| file_error("read", &apt, &e))? {
            return Ok(None);
        }
        let failed = |e: io::Error| file_error("read", dir, &e);
        let mut names = Vec::new();
        for entry in fs::read_dir(dir).map_err(failed)? {
            names.extend(entry.map_err(failed)?.file_name().into_string());
        }
        // `apt-….key` sorts before `apt.key`, which is the oldest.
        names.sort_by_key(|name| (name.contains('-'), name.clone()));
        let mut keys = Vec::new();
        for name in names {
            if let Some(signs) = use_of(&name) {
                keys.push((signs, Arc::new(Pair::load(&dir.join(&name), signs)?)));
            }
        }
        let rpm = dir.join(RPM);
        if !keys.iter().any(|(signs, _)| *signs == KeyUse::Yum) {
            return Err(file_error("read", &rpm, &io::ErrorKind::NotFound.into()));
        }
        Ok(Some(Self { keys }))
    }

    /// Writes the first pair into `dir`, which is `DIR/keys`. Keys that are there are never overwritten.
    ///
    /// Each is written beside its place, synced and renamed, `apt.key` last: what a crash leaves is no set of keys.
    pub fn save(&self, dir: &Path) -> Result<(), KeysError> {
        let failed = |e: io::Error| file_error("write", dir, &e);
        make_private_dir(dir).map_err(failed)?;
        if dir.join(APT).try_exists().map_err(failed)? {
            return Err(failed(io::ErrorKind::AlreadyExists.into()));
        }
        for (name, signs) in [(RPM, KeyUse::Yum), (APT, KeyUse::Apt)] {
            let pair = self.first(signs).ok_or_else(|| KeysError::Bundle {
                origin: "what was given".to_owned(),
                reason: format!("it holds no key for {}", signs.as_str()),
            })?;
            write_private(dir, name, pair.private()?.as_bytes()).map_err(failed)?;
        }
        Ok(())
    }

    /// Writes them beside those that are there, under names of their own. Gives back those that were not there.
    pub fn add(&self, dir: &Path) -> Result<Self, KeysError> {
        let failed = |e: io::Error| file_error("write", dir, &e);
        let mut added = Self::default();
        for (signs, pair) in &self.keys {
            let name = own_name(*signs, &pair.fingerprint());
            if !dir.join(&name).try_exists().map_err(failed)? {
                write_private(dir, &name, pair.private()?.as_bytes()).map_err(failed)?;
                added.keys.push((*signs, Arc::clone(pair)));
            }
        }
        Ok(added)
    }

    /// Takes a key away that [`KeySet::add`] wrote. One of the first pair has another name, and stays.
    pub fn remove(dir: &Path, signs: KeyUse, fingerprint: &str) -> Result<(), KeysError> {
        let path = dir.join(own_name(signs, fingerprint));
        let failed = |e: io::Error| file_error("remove", &path, &e);
        if !path.try_exists().map_err(failed)? || Pair::load(&path, signs)?.fingerprint() != fingerprint {
            return Ok(());
        }
        fs::remove_file(&path)
            .and_then(|()| sync_dir(dir))
            .map_err(failed)
    }

    /// Reads a text of private keys; `origin` is where it comes from, for messages.
    pub fn from_text(text: &str, origin: &str) -> Result<Self, KeysError> {
        let unusable = |reason: String| KeysError::Bundle {
            origin: origin.to_owned(),
            reason,
        };
        let mut set = Self::default();
        for (label, block) in blocks(text) {
            let pair = Pair::parse(block).map_err(unusable)?;
            let by_algorithm = match pair.secret.algorithm() {
                PublicKeyAlgorithm::RSA => KeyUse::Yum,
                _ => KeyUse::Apt,
            };
            let signs = said(label).unwrap_or(by_algorithm);
            if !pair.can(signs) {
                let algorithm = pair.secret.algorithm();
                return Err(unusable(format!(
                    "{algorithm:?} is not an algorithm that is used here"
                )));
            }
            let fingerprint = pair.fingerprint();
            if set.holds(signs, &fingerprint) {
                return Err(unusable(format!("it holds key {fingerprint} twice")));
            }
            set.keys.push((signs, Arc::new(pair)));
        }
        if set.keys.is_empty() {
            return Err(unusable("it holds no private key".to_owned()));
        }
        Ok(set)
    }

    /// Reads the text that [`KeySet::bundle`] writes: at least one key of each use.
    pub fn from_bundle(text: &str, origin: &str) -> Result<Self, KeysError> {
        let set = Self::from_text(text, origin)?;
        for (signs, what) in [(KeyUse::Apt, "Ed25519 (apt)"), (KeyUse::Yum, "RSA (rpm)")] {
            if set.first(signs).is_none() {
                return Err(KeysError::Bundle {
                    origin: origin.to_owned(),
                    reason: format!("it holds no {what} key"),
                });
            }
        }
        Ok(set)
    }

    /// All private keys as one text.
    pub fn bundle(&self) -> Result<String, KeysError> {
        let mut text = String::new();
        for (signs, pair) in &self.keys {
            let armored = pair.private()?;
            text.push_str(&format!(
                "packyard {}.key\n{}\n",
                stem(*signs),
                armored.trim_end()
            ));
        }
        Ok(text)
    }

    /// The same keys for another use too.
    #[must_use]
    pub fn used_for(self, uses: &[KeyUse]) -> Self {
        let keys = self.keys.iter().flat_map(|(_, pair)| {
            let able = uses.iter().filter(|signs| pair.can(**signs));
            able.map(|signs| (*signs, Arc::clone(pair)))
        });
        Self { keys: keys.collect() }
    }

    /// With those of another set.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        for (signs, pair) in &other.keys {
            if !self.holds(*signs, &pair.fingerprint()) {
                self.keys.push((*signs, Arc::clone(pair)));
            }
        }
        self
    }

    /// Whether a key is in both.
    pub fn meets(&self, other: &Self) -> bool {
        let there = |(signs, pair): &(KeyUse, Arc<Pair>)| other.holds(*signs, &pair.fingerprint());
        self.keys.iter().any(there)
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The public halves of the first of each use: what a new yard begins with.
    pub fn founding(&self) -> Option<YardKeys> {
        let public = |signs| Some(self.first(signs)?.armored.clone());
        Some(YardKeys::new(public(KeyUse::Apt)?, public(KeyUse::Yum)?))
    }

    /// The public halves with their fingerprints.
    pub fn public(&self) -> impl Iterator<Item = (KeyUse, String, &str)> {
        let shown = |(signs, pair): &(KeyUse, Arc<Pair>)| (*signs, pair.fingerprint());
        self.keys.iter().map(move |key| {
            let (signs, fingerprint) = shown(key);
            (signs, fingerprint, key.1.armored.as_str())
        })
    }

    /// What the keys are, without anything secret.
    pub fn lines(&self) -> Vec<KeyLine> {
        let line = |(signs, pair): &(KeyUse, Arc<Pair>)| super::published::line(*signs, &pair.public());
        self.keys.iter().map(line).collect()
    }

    fn first(&self, signs: KeyUse) -> Option<&Arc<Pair>> {
        self.keys.iter().find(|(s, _)| *s == signs).map(|(_, pair)| pair)
    }

    pub(super) fn find(&self, fingerprint: &str) -> Option<&Arc<Pair>> {
        let found = self.keys.iter().find(|(_, p)| p.fingerprint() == fingerprint);
        found.map(|(_, pair)| pair)
    }

    fn holds(&self, signs: KeyUse, fingerprint: &str) -> bool {
        let same = |(s, p): &(KeyUse, Arc<Pair>)| *s == signs && p.fingerprint() == fingerprint;
        self.keys.iter().any(same)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.keys.iter().map(|(signs, pair)| (signs, pair.fingerprint()));
        f.debug_map().entries(shown).finish()
    }
}

/// What a key is called that is not of the first pair.
fn own_name(signs: KeyUse, fingerprint: &str) -> String {
    let start: String = fingerprint.chars().take(20).collect();
    format!("{}-{}.key", stem(signs), start.to_lowercase())
}

fn stem(signs: KeyUse) -> &'static str {
    match signs {
        KeyUse::Apt => "apt",
        KeyUse::Yum => "rpm",
    }
}

/// What a file of `DIR/keys` is for; none for one that is no key, as what a crash left.
pub(super) fn use_of(name: &str) -> Option<KeyUse> {
    let stem_of = |signs: &KeyUse| {
        let rest = name
            .strip_prefix(stem(*signs))
            .and_then(|r| r.strip_suffix(".key"));
        rest.is_some_and(|r| r.is_empty() || r.starts_with('-'))
    };
    KeyUse::ALL.into_iter().find(stem_of)
}

/// What the line before a block says that it is for.
fn said(label: &str) -> Option<KeyUse> {
    let line = label.trim_end().lines().next_back()?.trim();
    use_of(line.strip_prefix("packyard ")?)
}

/// The armoured blocks of a text, each with what stands before it.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(BEGIN) {
        let Some(length) = rest[start..].find(END) else {
            break;
        };
        let end = start + length + END.len();
        found.push((&rest[..start], &rest[start..end]));
        rest = &rest[end..];
    }
    found
}

/// Mode 0700, and entered durably into the directory that holds it.
fn make_private_dir(dir: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e),
        Ok(()) => dir.parent().map_or(Ok(()), sync_dir),
    }
}

/// Mode 0600, as `tempfile` makes it.
fn write_private(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(dir.join(name))?;
    sync_dir(dir)
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    fs::File::open(dir)?.sync_all()
}
