//! The files that a .dsc or .changes names, with their digests: `Files`, `Checksums-Sha1`, `Checksums-Sha256` (dsc(5),
//! deb-changes(5)). The lists must name the same files, once each, and agree on their sizes.

use crate::deb822::Paragraph;
use crate::fault::{Fault, shown};
use packyard_types::{Digest, PartName};
use std::collections::BTreeMap;

const HINT: &str = "let dpkg-source and dpkg-genchanges write it anew";

/// A file that is named, and what its bytes must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name; no directory.
    pub name: PartName,
    /// Its length in bytes.
    pub size_bytes: u64,
    /// From `Files`.
    pub md5: String,
    /// From `Checksums-Sha1`, where there is that field.
    pub sha1: Option<String>,
    /// From `Checksums-Sha256`.
    pub sha256: Digest,
}

struct Line {
    size_bytes: u64,
    digest: String,
}

/// Reads the lists; `between` columns are between the size and the name in `Files` (a .changes has section and priority
/// there).
pub fn listed(control: &Paragraph, between: usize) -> Result<Vec<Listed>, Fault> {
    let files = lines(control, "Files", 32, between)?;
    let sha256 = lines(control, "Checksums-Sha256", 64, 0)?;
    let sha1 = match control.get("Checksums-Sha1") {
        Some(_) => Some(lines(control, "Checksums-Sha1", 40, 0)?),
        None => None,
    };
    same("Checksums-Sha256", &sha256, &files)?;
    sha1.as_ref()
        .map_or(Ok(()), |sha1| same("Checksums-Sha1", sha1, &files))?;
    let mut out = Vec::with_capacity(files.len());
    for (name, line) in files {
        let digest = sha256.get(&name).and_then(|l| l.digest.parse().ok());
        out.push(Listed {
            size_bytes: line.size_bytes,
            md5: line.digest,
            sha1: sha1.as_ref().and_then(|all| Some(all.get(&name)?.digest.clone())),
            sha256: digest.ok_or_else(|| Fault::new("it has no valid SHA-256", HINT).at(&name))?,
            name,
        });
    }
    Ok(out)
}

fn lines(
    control: &Paragraph,
    field: &str,
    digits: usize,
    between: usize,
) -> Result<BTreeMap<PartName, Line>, Fault> {
    let value = control.get(field);
    let value = value.ok_or_else(|| Fault::new(format!("it has no field `{field}`"), HINT))?;
    let bad = |rule: String| Fault::new(rule, HINT).at(field);
    let mut out = BTreeMap::new();
    let mut rows = value.lines();
    if rows.next().is_some_and(|first| !first.trim_ascii().is_empty()) {
        return Err(bad("its list begins on the line of the field's name".to_owned()));
    }
    for row in rows {
        let words: Vec<&str> = row.split_whitespace().collect();
        let [digest, size, .., name] = words[..] else {
            return Err(bad(format!("`{}` is not DIGEST SIZE NAME", shown(row))));
        };
        if words.len() != 3 + between {
            return Err(bad(format!("`{}` has {} columns", shown(row), words.len())));
        }
        let hex = digest.len() == digits
            && digest
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !hex {
            let rule = format!("`{}` is not {digits} hexadecimal digits", shown(digest));
            return Err(bad(rule));
        }
        let size_bytes = size
            .parse()
            .ok()
            .filter(|_| size.bytes().all(|b| b.is_ascii_digit()));
        let size_bytes = size_bytes.ok_or_else(|| bad(format!("`{}` is not a size", shown(size))))?;
        let name = PartName::parse(name).map_err(|e| bad(e.to_string()))?;
        let digest = digest.to_owned();
        if out.insert(name.clone(), Line { size_bytes, digest }).is_some() {
            return Err(bad(format!("it names `{name}` twice")));
        }
    }
    Ok(out)
}

fn same(
    field: &str,
    these: &BTreeMap<PartName, Line>,
    files: &BTreeMap<PartName, Line>,
) -> Result<(), Fault> {
    let bad = |rule: String| Fault::new(rule, HINT).at(field);
    for (name, line) in these {
        match files.get(name) {
            None => return Err(bad(format!("it names `{name}`, and `Files` does not"))),
            Some(other) if other.size_bytes != line.size_bytes => {
                let (a, b) = (line.size_bytes, other.size_bytes);
                let rule = format!("`{name}` has {a} bytes there and {b} in `Files`");
                return Err(bad(rule));
            }
            Some(_) => {}
        }
    }
    match files.keys().find(|name| !these.contains_key(*name)) {
        Some(name) => Err(bad(format!("it does not name `{name}`, and `Files` does"))),
        None => Ok(()),
    }
}
