//! What other repositories say they hold: the indexes of apt, yum and Python's simple API, and devpi's export.
//!
//! | module | what it reads |
//! |---|---|
//! | [`apt`] | `dists/*/Release` and `Packages` (the Debian repository format) |
//! | [`yum`] | `repodata/repomd.xml` and its primary |
//! | [`simple`] | pages of the simple repository API (PEP 503, 691, 700) |
//! | [`upstream`] | a project's page of an index that a channel passes on |
//! | [`devpi`] | `dataindex.json` of `devpi-export` |
//!
//! Everything here is text that somebody else wrote. Each reader gives a list of [`Found`], with limits, and no path
//! that leaves the repository. Signatures are not judged: who imports trusts the place that they import from.

pub mod apt;
pub mod devpi;
mod place;
pub mod simple;
pub mod upstream;
pub mod yum;

use crate::archive::budget::{Budget, Metered, fault_of};
use crate::archive::codec::Codec;
use crate::fault::Fault;
use crate::intake::Limits;
use packyard_types::{ComponentName, Digest, DistributionName, PartName, Timestamp};
use std::io::Read as _;

pub use place::Place;

/// Most files that one index may list: several times the largest distribution's.
pub const MAX_FOUND: usize = 1_000_000;
/// Largest index, packed or unpacked, in bytes.
pub const MAX_INDEX_BYTES: u64 = 2 << 30;

/// A file that a repository says it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it lies.
    pub place: Place,
    /// Its digest, where the index has one that counts (SHA-256).
    pub sha256: Option<Digest>,
    /// How many bytes it has, where the index says so.
    pub size_bytes: Option<u64>,
    /// The OS release that it is for, where the repository knows one.
    pub distribution: Option<DistributionName>,
    /// apt's component, where the repository knows one.
    pub component: Option<ComponentName>,
    /// When it was uploaded there, where the index says so.
    pub time: Option<Timestamp>,
    /// Why it was yanked (PEP 592; perhaps empty), where it was.
    pub yanked: Option<String>,
    /// The files beside it that belong to it, where the index of a source package says all their digests.
    pub parts: Vec<FoundPart>,
}

/// A file of a source package, in the directory of its .dsc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPart {
    /// Its name.
    pub name: PartName,
    /// Its digest.
    pub sha256: Digest,
}

impl Found {
    /// A file of which only the place is known.
    pub fn at(place: Place) -> Self {
        Self {
            place,
            sha256: None,
            size_bytes: None,
            distribution: None,
            component: None,
            time: None,
            yanked: None,
            parts: Vec::new(),
        }
    }
}

/// Unpacks an index by the suffix of its name, whole: `Packages.gz`, `primary.xml.zst`.
pub fn unpacked(name: &str, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let suffix = name.rsplit_once('.').map_or("", |(_, s)| s);
    let codec = match suffix {
        "bz2" | "lz4" => {
            let rule = format!("indexes that are packed as .{suffix} are not read");
            return Err(Fault::new(
                rule,
                "let the repository write its indexes as .gz, .xz or .zst too",
            ));
        }
        _ => Codec::named(suffix).unwrap_or(Codec::Plain),
    };
    let limits = Limits {
        unpacked_bytes: MAX_INDEX_BYTES,
        ..Limits::default()
    };
    let budget = Budget::new(&limits, bytes.len() as u64);
    let mut out = Vec::new();
    Metered::new(codec.decoder(bytes)?, budget)
        .read_to_end(&mut out)
        .map_err(|e| fault_of(&e))?;
    Ok(out)
}

/// The text of an index.
fn text<'a>(what: &str, bytes: &'a [u8]) -> Result<&'a str, Fault> {
    std::str::from_utf8(bytes).map_err(|e| {
        Fault::new(
            format!("{what} is not UTF-8 at byte {}", e.valid_up_to()),
            "let the other place write its indexes anew",
        )
    })
}

/// An index that lists more than anybody has.
fn too_many(what: &str) -> Fault {
    Fault::new(
        format!("{what} lists more than {MAX_FOUND} files"),
        "import it in parts",
    )
}
