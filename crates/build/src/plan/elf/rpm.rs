//! What rpm's generator for ELF files (`elfdeps`) would write, but for libraries that the package brings along and nobody
//! else can find: nobody provides them, so nobody requires them.

use super::{Binaries, Binary};
use packyard_types::RpmDependency;
use std::collections::BTreeSet;

/// Where every loader looks.
const STANDARD: [&str; 4] = ["/usr/lib64", "/lib64", "/usr/lib", "/lib"];

/// `SONAME`, `SONAME(VERSION)` or, of files of 64 bits, `SONAME(VERSION)(64bit)`.
fn dependency(binary: &Binary, library: &str, version: &str) -> Option<String> {
    is_library(library).then(|| match (version, binary.elf.machine.is_64) {
        ("", false) => library.to_owned(),
        (version, false) => format!("{library}({version})"),
        (version, true) => format!("{library}({version})(64bit)"),
    })
}

/// Names that others link with: `libx.so.1`, a loader. Modules (`x.so`) are nobody's business.
fn is_library(name: &str) -> bool {
    name.contains(".so")
        && ["lib", "ld.", "ld-", "ld64."]
            .iter()
            .any(|start| name.starts_with(start))
}

/// A library where every loader finds it.
fn is_public(binary: &Binary) -> bool {
    let directory = binary
        .path
        .rsplit_once('/')
        .map_or("", |(directory, _)| directory);
    binary.is_shared() && STANDARD.contains(&directory)
}

fn plain(names: BTreeSet<String>) -> Vec<RpmDependency> {
    let plain = |name| RpmDependency {
        name,
        flags: None,
        version: String::new(),
        pre: false,
    };
    names.into_iter().map(plain).collect()
}

impl Binaries {
    /// What the package requires of libraries.
    pub fn rpm_requires(&self) -> Vec<RpmDependency> {
        let public: BTreeSet<&str> = self.list.iter().filter(|b| is_public(b)).map(name).collect();
        let is_private = |library: &str| self.own.contains(library) && !public.contains(library);
        let mut found = BTreeSet::new();
        // A program that nobody may execute is data.
        let linked = self
            .list
            .iter()
            .filter(|binary| binary.elf.interpreter.is_none() || binary.is_executable);
        for binary in linked {
            let whole = binary.elf.needed.iter().map(|library| (library, ""));
            let versions = binary.elf.version_needs.iter().flat_map(|need| {
                let versions = need.versions.iter();
                versions.map(|version| (&need.library, version.as_str()))
            });
            let needed = whole.chain(versions).filter(|(library, _)| !is_private(library));
            found.extend(needed.filter_map(|(library, version)| dependency(binary, library, version)));
            if binary.elf.has_only_gnu_hash {
                found.insert("rtld(GNU_HASH)".to_owned());
            }
        }
        plain(found)
    }

    /// Which libraries it provides.
    pub fn rpm_provides(&self) -> Vec<RpmDependency> {
        let mut found = BTreeSet::new();
        for binary in self.list.iter().filter(|binary| is_public(binary)) {
            let elf = &binary.elf;
            found.extend(dependency(binary, name(binary), ""));
            let base = elf.base_version.as_deref().unwrap_or_default();
            let versions = elf.version_definitions.iter();
            found.extend(versions.filter_map(|version| dependency(binary, base, version)));
        }
        plain(found)
    }
}

/// A library's soname, else its filename, which is what others were linked with then.
fn name(binary: &Binary) -> &str {
    binary.elf.soname.as_deref().unwrap_or_else(|| binary.base())
}
