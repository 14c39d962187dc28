//! Which Debian package has which shared library, release by release, and since which of its versions it has the versions
//! of symbols that a program needs: two tables made of Debian's own indexes and symbols files (`data/generate-libraries`),
//! searched as they lie.
//!
//! ```text
//! libssl.so.3 → libssl3@b libssl3t64@tfs          the packages; one letter for a release, all of them where there is none
//! libssl.so.3 → OPENSSL_3.0.0=3.0.0               versions of symbols, and of the package; `Base` are symbols
//!                                                  without one, `*` is the library as a whole
//! ```

use crate::python::requires::{DebRelease, deb_order};

const PACKAGES: &str = include_str!("../../../data/libraries.tsv");
const VERSIONS: &str = include_str!("../../../data/library-versions.tsv");

/// The line of a table that begins with a word.
fn line(table: &'static str, word: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, table.len());
    // The lines are in order of bytes.
    while low < high {
        let middle = low + (high - low) / 2;
        let start = table[..middle].rfind('\n').map_or(0, |at| at + 1);
        let end = table[start..].find('\n').map_or(table.len(), |at| start + at);
        let (key, rest) = table[start..end].split_once('\t')?;
        match key.cmp(word) {
            std::cmp::Ordering::Equal => return Some(rest),
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

/// Whether a library is one of glibc's, whose versions say themselves since when they are there.
fn is_loader(library: &str) -> bool {
    library.starts_with("ld-linux") || library.starts_with("ld64.so.")
}

/// The packages that have a library in a release, the usual one first.
pub(super) fn packages(library: &str, release: DebRelease) -> Vec<&'static str> {
    if is_loader(library) {
        return vec!["libc6"];
    }
    let entries = line(PACKAGES, library)
        .into_iter()
        .flat_map(|rest| rest.split(' '));
    let mut here = entries.filter_map(|entry| match entry.split_once('@') {
        None => Some(entry),
        Some((packages, releases)) => releases.contains(release.letter()).then_some(packages),
    });
    here.next()
        .map(|packages| packages.split('|').collect())
        .unwrap_or_default()
}

/// Whether a release has a package of that name, as far as the table knows its libraries.
fn has(release: DebRelease, package: &str) -> bool {
    let entries = PACKAGES.lines().filter_map(|line| line.split_once('\t'));
    entries
        .flat_map(|(_, rest)| rest.split(' '))
        .any(|entry| match entry.split_once('@') {
            None => entry.split('|').any(|name| name == package),
            Some((packages, releases)) => {
                releases.contains(release.letter()) && packages.split('|').any(|name| name == package)
            }
        })
}

/// One of these packages that a release has without the library, and that release: there the package alone does not say
/// that the library is there.
pub(super) fn without(
    library: &str,
    packages_of_all: &[&'static str],
    releases: &[DebRelease],
) -> Option<(&'static str, DebRelease)> {
    releases.iter().find_map(|&release| {
        let holders = packages(library, release);
        let mut others = packages_of_all
            .iter()
            .filter(|package| !holders.contains(package));
        others
            .find(|package| has(release, package))
            .map(|package| (*package, release))
    })
}

/// The version of its package since which a library has a version of symbols; none where nothing is known.
fn since(library: &str, version: &str) -> Option<String> {
    if let Some(number) = version.strip_prefix("GLIBC_") {
        return match number {
            // Relocations in one bitmap, and what programs need that use it.
            "ABI_DT_RELR" => Some("2.36".to_owned()),
            "ABI_GNU_TLS" | "ABI_GNU2_TLS" => Some("2.42".to_owned()),
            number => number
                .starts_with(|c: char| c.is_ascii_digit())
                .then(|| number.to_owned()),
        };
    }
    let mut known = line(VERSIONS, library)?
        .split(' ')
        .filter_map(|entry| entry.split_once('='));
    known
        .find(|(name, _)| *name == version)
        .map(|(_, since)| since.to_owned())
}

/// The least version of its package with all that is needed of a library.
pub(super) fn least<'a>(
    library: &str,
    versions: impl Iterator<Item = &'a str>,
    release: DebRelease,
) -> Option<String> {
    let mut versions = versions.peekable();
    // Of a library without versions of symbols, the newest symbol decides that bookworm has.
    let is_known = release >= DebRelease::Bookworm;
    let whole = [("*", true), ("Base", versions.peek().is_none())];
    let base = whole.into_iter().filter(|(_, counts)| *counts && is_known);
    let base = base.map(|(name, _)| name);
    let found = versions.chain(base).filter_map(|version| since(library, version));
    found.max_by(|a, b| deb_order(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_found() {
        for table in [PACKAGES, VERSIONS] {
            for text in table.lines() {
                let (key, rest) = text.split_once('\t').unwrap();
                assert_eq!(line(table, key), Some(rest), "{key}");
            }
            assert_eq!(line(table, "libnobody-has-it.so.1"), None);
            assert_eq!(line(table, ""), None);
            assert_eq!(line(table, "zzz"), None);
        }
    }

    #[test]
    fn packages_have_the_name_that_the_release_gives_them() {
        assert_eq!(packages("libssl.so.3", DebRelease::Bookworm), ["libssl3"]);
        assert_eq!(packages("libssl.so.3", DebRelease::Trixie), ["libssl3t64"]);
        assert!(packages("libssl.so.3", DebRelease::Bullseye).is_empty());
        assert_eq!(packages("ld-linux-aarch64.so.1", DebRelease::Sid), ["libc6"]);
    }

    #[test]
    fn alternatives_and_names_without_a_number_are_known_in_every_release() {
        for release in DebRelease::SUPPORTED {
            assert_eq!(packages("libblas.so.3", release), ["libblas3", "libblas.so.3"]);
            assert_eq!(
                packages("liblapack.so.3", release),
                ["liblapack3", "liblapack.so.3"]
            );
            assert_eq!(packages("libopenblas.so.0", release), ["libopenblas0"]);
            let loader = packages("libOpenCL.so.1", release);
            assert_eq!(loader, ["ocl-icd-libopencl1", "libopencl1"]);
            assert_eq!(packages("libtcl8.6.so", release), ["libtcl8.6"]);
            assert_eq!(packages("libtk8.6.so", release), ["libtk8.6"]);
        }
        // A virtual package has no version: one that is asked for would be found nowhere.
        for library in ["libblas.so.3", "liblapack.so.3", "libOpenCL.so.1"] {
            assert_eq!(
                least(library, ["OPENCL_1.2"].into_iter(), DebRelease::Bookworm),
                None
            );
        }
    }

    #[test]
    fn the_newest_version_of_symbols_decides() {
        let least =
            |library, versions: &[&str]| least(library, versions.iter().copied(), DebRelease::Bookworm);
        assert_eq!(
            least("libc.so.6", &["GLIBC_2.9", "GLIBC_2.34"]).as_deref(),
            Some("2.34")
        );
        assert_eq!(
            least("libc.so.6", &["GLIBC_2.4", "GLIBC_ABI_DT_RELR"]).as_deref(),
            Some("2.36")
        );
        assert_eq!(
            least("libstdc++.so.6", &["GLIBCXX_3.4.30", "CXXABI_1.3"]).as_deref(),
            Some("12")
        );
        assert_eq!(least("libunknown.so.1", &[]), None);
    }
}
