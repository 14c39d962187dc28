//! Digests as lock files write them: `sha256:` and hexadecimal digits. Those count that pip takes for `--hash`.

use crate::BuildError;
use packyard_types::ArtifactName;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
    fs::File,
    io::Read as _,
    path::Path,
};

/// What a digest is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

const ALGORITHMS: [(Algorithm, &str, &str); 3] = [
    (Algorithm::Sha256, "sha256", "SHA-256"),
    (Algorithm::Sha384, "sha384", "SHA-384"),
    (Algorithm::Sha512, "sha512", "SHA-512"),
];

impl Algorithm {
    fn parse(name: &str) -> Option<Self> {
        ALGORITHMS.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    fn row(self) -> &'static (Algorithm, &'static str, &'static str) {
        let row = ALGORITHMS.iter().find(|row| row.0 == self);
        row.expect("every algorithm has a row")
    }
}

/// One digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sum {
    algorithm: Algorithm,
    digits: String,
}

impl Sum {
    /// Reads digits alone, whose number says the algorithm, as pip prints them.
    pub fn of_digits(digits: &str) -> Option<Self> {
        let algorithm = match digits.len() {
            64 => Algorithm::Sha256,
            96 => Algorithm::Sha384,
            128 => Algorithm::Sha512,
            _ => return None,
        };
        let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
        is_hex.then(|| Self {
            algorithm,
            digits: digits.to_ascii_lowercase(),
        })
    }

    /// How messages call the algorithm.
    pub fn algorithm(&self) -> &'static str {
        self.algorithm.row().2
    }

    /// The digits.
    pub fn digits(&self) -> &str {
        &self.digits
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm.row().1, self.digits)
    }
}

/// The digests of which a file must have one; of any file where there are none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hashes(BTreeSet<Sum>);

impl Hashes {
    /// Whether any file will do.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds `ALGORITHM:DIGITS`; one of another algorithm counts for nothing.
    pub fn add(&mut self, text: &str) {
        if let Some((algorithm, digits)) = text.split_once(':') {
            self.add_of(algorithm, digits);
        }
    }

    /// Adds digits of an algorithm.
    pub fn add_of(&mut self, algorithm: &str, digits: &str) {
        if let Some(algorithm) = Algorithm::parse(algorithm) {
            let digits = digits.trim().to_ascii_lowercase();
            self.0.insert(Sum { algorithm, digits });
        }
    }

    /// Adds those of another list.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Sum> {
        self.0.iter()
    }

    /// Whether the file at a path is a locked one; else its digest, made with an algorithm that the lock has.
    pub fn judge(&self, path: &Path, name: &ArtifactName) -> Result<Result<(), Sum>, BuildError> {
        let algorithms: BTreeSet<Algorithm> = self.0.iter().map(|sum| sum.algorithm).collect();
        let found = sums(path, name, &algorithms)?;
        Ok(match found.first() {
            Some(first) if !found.iter().any(|sum| self.0.contains(sum)) => Err(first.clone()),
            _ => Ok(()),
        })
    }
}

/// The digests of a file.
fn sums(path: &Path, name: &ArtifactName, algorithms: &BTreeSet<Algorithm>) -> Result<Vec<Sum>, BuildError> {
    let failed = |source| BuildError::Read {
        file: name.to_string(),
        source,
    };
    let mut hashers: BTreeMap<Algorithm, Hasher> = BTreeMap::new();
    for algorithm in algorithms {
        hashers.insert(*algorithm, Hasher::new(*algorithm));
    }
    let mut file = File::open(path).map_err(failed)?;
    let mut buffer = vec![0; 256 << 10];
    while !hashers.is_empty() {
        match file.read(&mut buffer).map_err(failed)? {
            0 => break,
            got => hashers
                .values_mut()
                .for_each(|hasher| hasher.update(&buffer[..got])),
        }
    }
    let sums = hashers.into_iter().map(|(algorithm, hasher)| Sum {
        algorithm,
        digits: hasher.finish(),
    });
    Ok(sums.collect())
}

enum Hasher {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha384 => Self::Sha384(Sha384::new()),
            Algorithm::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha384(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> String {
        match self {
            Self::Sha256(hasher) => hex(&hasher.finalize()),
            Self::Sha384(hasher) => hex(&hasher.finalize()),
            Self::Sha512(hasher) => hex(&hasher.finalize()),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
