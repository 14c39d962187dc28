//! Debian source packages: a `.dsc` (dsc(5)) and the tarballs that it names (dpkg-source(1)).
//!
//! | `Format` | files |
//! |---|---|
//! | `1.0` | `NAME_VERSION.tar.gz`; or `NAME_UPSTREAM.orig.tar.gz` and `NAME_VERSION.diff.gz` |
//! | `3.0 (native)` | `NAME_VERSION.tar.EXT` |
//! | `3.0 (quilt)` | `NAME_UPSTREAM.orig.tar.EXT`, `NAME_UPSTREAM.orig-COMPONENT.tar.EXT`…, `NAME_VERSION.debian.tar.EXT` |
//!
//! VERSION is without the epoch, UPSTREAM without the revision, too; EXT is `gz`, `xz`, `bz2`, `lzma` or `zst`. Beside
//! each tarball there may be its `.asc`. Other formats (`2.0`, `3.0 (git)`, `3.0 (custom)`) are refused. Patches are not
//! applied: what a package holds is what its tarballs hold.

mod diff;
pub mod listed;
mod read;
mod role;
pub mod write;

use crate::deb::sizes;
use crate::deb822::{self, Paragraph};
use crate::fault::{Fault, shown};
use crate::openpgp::unframe;
pub use listed::Listed;
use packyard_types::{DebName, PartName};
pub use read::{Open, Source, read};
pub use role::{Format, Role};

/// Largest .dsc, in bytes. Those with hundreds of binary packages have some 200 KiB.
pub const MAX_BYTES: u64 = 4 << 20;

/// What a .dsc says.
#[derive(Debug, Clone)]
pub struct Dsc {
    /// Its fields.
    pub control: Paragraph,
    /// Whether there is a signature around it.
    pub signed: bool,
    /// How its files are called and put together.
    pub format: Format,
    /// `Source`.
    pub source: String,
    /// `Version`, with the epoch.
    pub version: String,
    /// The files that it names, by name.
    pub files: Vec<Listed>,
    /// MD5 of the .dsc itself.
    pub md5: String,
}

impl Dsc {
    /// Reads a .dsc. The files that it names are not looked at.
    pub fn parse(raw: &[u8]) -> Result<Self, Fault> {
        let bad = |rule: String| Fault::new(rule, "write it as dsc(5) says");
        let text = std::str::from_utf8(raw).map_err(|_| bad("it is not UTF-8".to_owned()))?;
        let inside = unframe(text)?;
        // The blank line that tools leave before the signature is no second paragraph.
        let control = deb822::parse_one(&inside.text).map_err(|e| bad(e.to_string()))?;
        if let Some(fault) = sizes::judge(&control).into_iter().next() {
            return Err(fault);
        }
        for field in ["Format", "Source", "Version", "Maintainer", "Architecture"] {
            if control.get(field).is_none_or(str::is_empty) {
                return Err(bad(format!("it has no field `{field}`")));
            }
        }
        let field = |name| control.get(name).unwrap_or_default();
        let source = DebName::parse(field("Source")).map_err(|e| bad(e.to_string()).at("Source"))?;
        let version = version(field("Version"))?;
        let format = Format::parse(field("Format"))?;
        let files = listed::listed(&control, 0)?;
        format.agrees(source.as_str(), &version, &files)?;
        Ok(Self {
            source: source.as_str().to_owned(),
            signed: inside.signed,
            md5: md5_of(raw),
            version,
            format,
            files,
            control,
        })
    }

    /// What it says of one of its files.
    pub fn file(&self, name: &PartName) -> Option<&Listed> {
        self.files.iter().find(|f| f.name == *name)
    }
}

fn md5_of(raw: &[u8]) -> String {
    use crate::archive::contents::{DigestKind, Digester};
    let mut md5 = Digester::new(DigestKind::Md5);
    md5.update(raw);
    md5.finish().unwrap_or_default()
}

/// A Debian version (deb-version(7)), as its field has it.
pub(crate) fn version(text: &str) -> Result<String, Fault> {
    let (epoch, rest) = text
        .split_once(':')
        .map_or((None, text), |(e, rest)| (Some(e), rest));
    let epoch_ok = epoch.is_none_or(|e| e.parse::<u32>().is_ok() && e.bytes().all(|b| b.is_ascii_digit()));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".+-~:".contains(&b);
    if !epoch_ok || !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) || !rest.bytes().all(plain) {
        let rule = format!("`{}` is not a valid Debian version", shown(text));
        let hint = "write it as [EPOCH:]UPSTREAM[-REVISION] (deb-version(7))";
        return Err(Fault::new(rule, hint).at("Version"));
    }
    Ok(text.to_owned())
}
