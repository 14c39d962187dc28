//! The indexes of an apt repository: `Release` or `InRelease`, `Packages` and `Sources` (the Debian repository format;
//! deb822). Of a source package the .dsc is found, and what lies beside it.
//!
//! Not here: the signature of a Release file, `Contents`, translations.

use super::{Found, FoundPart, MAX_FOUND, Place, text, too_many};
use crate::deb822::{self, Paragraph};
use crate::fault::Fault;
use packyard_types::{Digest, PartName};
use std::collections::BTreeMap;

/// What a Release file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Release {
    /// `Suite`.
    pub suite: Option<String>,
    /// `Codename`.
    pub codename: Option<String>,
    /// `Origin`.
    pub origin: Option<String>,
    /// `Label`.
    pub label: Option<String>,
    /// `Version`.
    pub version: Option<String>,
    /// `Description`.
    pub description: Option<String>,
    /// `Components`, in their order.
    pub components: Vec<String>,
    /// `Architectures`, in their order.
    pub architectures: Vec<String>,
    /// `NotAutomatic: yes`.
    pub not_automatic: bool,
    /// The files below the directory of the Release file: digest and size.
    pub files: BTreeMap<String, (Digest, u64)>,
}

/// An index of packages that a Release file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Whether it lists source packages.
    pub sources: bool,
    /// Its component, as its path says.
    pub component: String,
    /// Its spellings below the directory of the Release file, best first: `main/binary-amd64/Packages.gz`.
    pub paths: Vec<String>,
}

/// How a `Packages` or `Sources` may be packed, cheapest to read first.
const SUFFIXES: [&str; 4] = ["", ".gz", ".zst", ".xz"];

impl Release {
    /// Reads `Release`, or `InRelease` with its signature around it.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let text = unsigned(text("the Release file", bytes)?);
        let bad = |e: deb822::BadDeb822| Fault::new(format!("the Release file: {e}"), HINT);
        let p = deb822::parse_one(text).map_err(bad)?;
        let field = |name: &str| {
            let value = p.get(name)?.split_whitespace().collect::<Vec<_>>().join(" ");
            (!value.is_empty()).then_some(value)
        };
        let words = |name: &str| {
            p.get(name)
                .map(|v| v.split_whitespace().map(str::to_owned).collect())
                .unwrap_or_default()
        };
        Ok(Self {
            suite: field("Suite"),
            codename: field("Codename"),
            origin: field("Origin"),
            label: field("Label"),
            version: field("Version"),
            description: field("Description"),
            components: words("Components"),
            architectures: words("Architectures"),
            not_automatic: field("NotAutomatic").is_some_and(|v| v == "yes"),
            files: files(&p),
        })
    }

    /// The indexes of binary and source packages, each once. A package that several of them list is found several times.
    pub fn indexes(&self) -> Vec<Index> {
        let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for path in self.files.keys() {
            let Some((dir, name)) = path.rsplit_once('/') else {
                continue;
            };
            let binary = dir.rsplit('/').next().is_some_and(|d| d.starts_with("binary-"));
            // The installer's packages are no packages for apt.
            let installer = dir.contains("/debian-installer/");
            let source = dir.rsplit('/').next() == Some("source");
            let suffix = name.strip_prefix(if source { "Sources" } else { "Packages" });
            if (binary || source) && !installer && suffix.is_some_and(|s| SUFFIXES.contains(&s)) {
                found.entry(dir).or_default().push(path.clone());
            }
        }
        let rank = |path: &String| SUFFIXES.iter().rposition(|s| path.ends_with(s));
        found
            .into_iter()
            .map(|(dir, mut paths)| {
                paths.sort_by_key(rank);
                let component = dir.rsplit_once('/').map_or("main", |(c, _)| c).to_owned();
                let sources = dir.ends_with("source");
                Index {
                    sources,
                    component,
                    paths,
                }
            })
            .collect()
    }
}

const HINT: &str = "let the tool that wrote the repository write its indexes anew";

/// The `SHA256` field: `digest size path` a line. Lines that are no such thing are passed over, for nothing is read
/// that they do not vouch for.
fn files(p: &Paragraph) -> BTreeMap<String, (Digest, u64)> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let (digest, size, path) = (words.next()?, words.next()?, words.next()?);
        let Some(Place::Below(path)) = Place::below(path) else {
            return None;
        };
        Some((path, (digest.parse().ok()?, size.parse().ok()?)))
    };
    p.get("SHA256")
        .map(|v| v.lines().filter_map(line).take(MAX_FOUND).collect())
        .unwrap_or_default()
}

/// The text inside a clear signature (RFC 9580, 7), or all of it where there is none.
fn unsigned(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("-----BEGIN PGP SIGNED MESSAGE-----") else {
        return text;
    };
    // The armour's own headers end with an empty line.
    let begin = rest.find("\n\n").map_or(rest.len(), |at| at + 2);
    let rest = &rest[begin..];
    let end = rest.find("-----BEGIN PGP SIGNATURE-----").unwrap_or(rest.len());
    &rest[..end]
}

/// What a `Packages` lists, and what of it could not be read: one broken paragraph does not hide the others.
pub fn packages(bytes: &[u8]) -> Result<(Vec<Found>, Vec<Fault>), Fault> {
    listed(bytes, &package)
}

/// The source packages that a `Sources` lists, each by its .dsc, and what of it could not be read.
pub fn sources(bytes: &[u8]) -> Result<(Vec<Found>, Vec<Fault>), Fault> {
    listed(bytes, &source)
}

fn listed(
    bytes: &[u8],
    read: &dyn Fn(&str) -> Result<Found, Fault>,
) -> Result<(Vec<Found>, Vec<Fault>), Fault> {
    let text = text("the index of packages", bytes)?;
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for paragraph in text
        .split("\n\n")
        .map(|p| p.trim_matches('\n'))
        .filter(|p| !p.is_empty())
    {
        if found.len() + faults.len() >= MAX_FOUND {
            return Err(too_many("the index of packages"));
        }
        match read(paragraph) {
            Ok(f) => found.push(f),
            Err(f) => faults.push(f),
        }
    }
    Ok((found, faults))
}

fn entry(paragraph: &str) -> Result<Paragraph, Fault> {
    deb822::parse_one(paragraph).map_err(|e| {
        let first = paragraph.lines().next().unwrap_or_default();
        Fault::new(format!("its entry in the index: {e}"), HINT).at(first)
    })
}

fn bad_entry(p: &Paragraph, rule: &str) -> Fault {
    let name = p.get("Package").unwrap_or_default();
    Fault::new(format!("its entry in the index: {rule}"), HINT).at(name)
}

fn source(paragraph: &str) -> Result<Found, Fault> {
    let p = entry(paragraph)?;
    let bad = |rule: &str| bad_entry(&p, rule);
    let (dscs, others) = sums(&p, "Checksums-Sha256");
    let by_sha256 = dscs.into_iter().next();
    let by_md5 = || sums(&p, "Files").0.into_iter().next();
    let [_, size, name] = by_sha256.or_else(by_md5).ok_or_else(|| bad("it names no .dsc"))?;
    let directory = p
        .get("Directory")
        .ok_or_else(|| bad("it has no `Directory`"))?
        .trim()
        .trim_end_matches('/');
    let path = match directory {
        "" | "." => name.to_owned(),
        directory => format!("{directory}/{name}"),
    };
    let place = Place::below(&path).ok_or_else(|| bad("its `Directory` leaves the repository"))?;
    let mut found = Found::at(place);
    found.sha256 = by_sha256.and_then(|[digest, ..]| digest.parse().ok());
    found.size_bytes = size.parse().ok();
    let part = |[digest, _, name]: [&str; 3]| {
        let name = PartName::parse(name).map_err(|e| bad(&e.to_string()))?;
        let sha256 = digest.parse();
        let sha256 = sha256.map_err(|_| bad(&format!("`{name}` has no valid SHA-256")))?;
        Ok(FoundPart { name, sha256 })
    };
    found.parts = others.into_iter().map(part).collect::<Result<_, Fault>>()?;
    Ok(found)
}

/// The lines `DIGEST SIZE NAME` of a field: those that name a .dsc, and the others.
fn sums<'a>(p: &'a Paragraph, field: &str) -> (Vec<[&'a str; 3]>, Vec<[&'a str; 3]>) {
    let lines = p.get(field).unwrap_or_default().lines();
    let words = lines.filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.try_into().ok()
    });
    words.partition(|[.., name]: &[&str; 3]| name.ends_with(".dsc"))
}

fn package(paragraph: &str) -> Result<Found, Fault> {
    let p = entry(paragraph)?;
    let bad = |rule: &str| bad_entry(&p, rule);
    let path = p.get("Filename").ok_or_else(|| bad("it has no `Filename`"))?;
    let place = Place::below(path).ok_or_else(|| bad("its `Filename` leaves the repository"))?;
    let mut found = Found::at(place);
    found.sha256 = p.get("SHA256").and_then(|d| d.parse().ok());
    found.size_bytes = p.get("Size").and_then(|s| s.parse().ok());
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RELEASE: &str = "Origin: Example\nSuite: stable\nCodename: bookworm\nComponents: main contrib\nArchitectures: amd64\nSHA256:\n 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 5 main/binary-amd64/Packages\n 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 5 main/binary-amd64/Packages.gz\n 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 5 main/debian-installer/binary-amd64/Packages\n 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 5 ../../etc/Packages\n";

    #[test]
    fn a_release_names_its_indexes_and_nothing_outside() {
        let release = Release::read(RELEASE.as_bytes()).unwrap();
        let index = Index {
            sources: false,
            component: "main".to_owned(),
            paths: vec![
                "main/binary-amd64/Packages".to_owned(),
                "main/binary-amd64/Packages.gz".to_owned(),
            ],
        };
        assert_eq!(release.indexes(), [index]);
        assert_eq!(release.suite.as_deref(), Some("stable"));
        assert_eq!(release.components, ["main", "contrib"]);
    }

    #[test]
    fn sources_are_found_by_their_dsc() {
        let digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
        let release =
            format!("SHA256:\n {digest} 5 main/source/Sources.gz\n {digest} 5 main/source/Release\n");
        let index = &Release::read(release.as_bytes()).unwrap().indexes()[0];
        assert!(index.sources && index.component == "main" && index.paths == ["main/source/Sources.gz"]);
        let files = format!("Checksums-Sha256:\n {digest} 9 a_1.orig.tar.gz\n {digest} 5 a_1-1.dsc\n");
        let text = format!(
            "Package: a\nDirectory: pool/a\n{files}\nPackage: a\nDirectory: ../a\n{files}\nPackage: a\nDirectory: pool\n"
        );
        let (found, faults) = sources(text.as_bytes()).unwrap();
        let place = Place::below("pool/a/a_1-1.dsc").unwrap();
        assert_eq!(
            (found.len(), &found[0].place, found[0].size_bytes),
            (1, &place, Some(5))
        );
        assert_eq!(found[0].sha256, digest.parse().ok());
        assert_eq!(found[0].parts.len(), 1);
        assert_eq!(found[0].parts[0].name.as_str(), "a_1.orig.tar.gz");
        assert!(faults[0].to_string().contains("leaves") && faults[1].to_string().contains("no .dsc"));
    }

    #[test]
    fn a_signed_release_reads_as_its_text() {
        let signed = format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{RELEASE}-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
        );
        assert_eq!(
            Release::read(signed.as_bytes()),
            Release::read(RELEASE.as_bytes())
        );
    }

    #[test]
    fn one_broken_paragraph_does_not_hide_the_others() {
        let text = "Package: a\nFilename: pool/a_1_all.deb\nSize: 5\n\nPackage: b\nFilename: ../../b_1_all.deb\n\nPackage: c\nno colon here\n";
        let (found, faults) = packages(text.as_bytes()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].size_bytes, Some(5));
        assert_eq!(faults.len(), 2);
        assert!(
            faults[0].to_string().contains("leaves the repository"),
            "{}",
            faults[0]
        );
    }
}
