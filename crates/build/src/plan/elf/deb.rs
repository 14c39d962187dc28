//! What `dpkg-shlibdeps` would make of the libraries that a payload needs, from tables instead of the packages that happen
//! to be installed here.

use super::{Binaries, Binary, library};
use crate::{
    BuildError, Diagnostic,
    manifest::DebKeys,
    plan::target::Target,
    python::requires::{DebRelease, deb_order},
};
use std::collections::{BTreeMap, BTreeSet};

impl Binaries {
    /// What the package depends on for its libraries. One that nobody is known to have is an error.
    pub fn deb_depends(&self, target: &Target, keys: &DebKeys) -> Result<Vec<String>, BuildError> {
        let own = target.known.and_then(|known| DebRelease::of(known.debian_names));
        let releases = own.map_or(DebRelease::SUPPORTED.to_vec(), |own| vec![own]);
        let mut needs: BTreeMap<&str, Need<'_>> = BTreeMap::new();
        for binary in &self.list {
            for library in binary
                .elf
                .needed
                .iter()
                .filter(|library| !self.own.contains(*library))
            {
                let need = needs.entry(library).or_insert_with(|| Need::of(binary));
                let versions = binary
                    .elf
                    .version_needs
                    .iter()
                    .filter(|need| need.library == *library);
                let versions: Vec<&str> = versions
                    .flat_map(|need| &need.versions)
                    .map(String::as_str)
                    .collect();
                need.is_bare |= versions.is_empty();
                need.versions.extend(versions);
            }
        }
        let mut found = Found::default();
        let mut unknown = Vec::new();
        for (library, need) in &needs {
            if let Some(said) = keys.libraries.get(*library) {
                found.said.extend((!said.is_empty()).then(|| said.clone()));
            } else if !found.add(library, need, &releases) && !is_named(library, keys) {
                unknown.push(problem(library, need, target));
            }
        }
        if unknown.is_empty() {
            Ok(found.relations())
        } else {
            Err(BuildError::Project(unknown))
        }
    }
}

/// What is needed of one library.
struct Need<'a> {
    versions: BTreeSet<&'a str>,
    /// Whether somebody needs it without any version.
    is_bare: bool,
    /// One that needs it.
    by: &'a Binary,
}

impl<'a> Need<'a> {
    fn of(by: &'a Binary) -> Self {
        Self {
            versions: BTreeSet::new(),
            is_bare: false,
            by,
        }
    }
}

/// Packages, each with the least version that does.
#[derive(Default)]
struct Found {
    /// By the alternatives, each with whether it is the package of an older release.
    packages: BTreeMap<Vec<&'static str>, Option<String>>,
    /// What the project file says, word by word.
    said: BTreeSet<String>,
}

impl Found {
    /// Adds who has a library; whether there is anybody.
    fn add(&mut self, library: &str, need: &Need<'_>, releases: &[DebRelease]) -> bool {
        let mut alternatives: Vec<&'static str> = Vec::new();
        // The newest release first: its name is the one that stays.
        for release in releases.iter().rev() {
            for package in library::packages(library, *release) {
                if !alternatives.contains(&package) {
                    alternatives.push(package);
                }
            }
        }
        if alternatives.is_empty() {
            return false;
        }
        let oldest = releases.iter().min().copied().unwrap_or(DebRelease::Bookworm);
        let with_versions = library::least(library, need.versions.iter().copied(), oldest);
        let bare = need
            .is_bare
            .then(|| library::least(library, std::iter::empty(), oldest))
            .flatten();
        let least = newer(with_versions, bare);
        let there = self.packages.entry(alternatives).or_default();
        *there = newer(there.take(), least);
        true
    }

    fn relations(self) -> Vec<String> {
        let relation = |(alternatives, least): (Vec<&str>, Option<String>)| {
            let one = |package: &str| match &least {
                Some(least) => format!("{package} (>= {least})"),
                None => package.to_owned(),
            };
            alternatives.into_iter().map(one).collect::<Vec<_>>().join(" | ")
        };
        self.packages.into_iter().map(relation).chain(self.said).collect()
    }
}

fn newer(one: Option<String>, other: Option<String>) -> Option<String> {
    one.into_iter().chain(other).max_by(|a, b| deb_order(a, b))
}

/// Whether `[deb] depends` names a package that is called like the library (Policy 8.1): `libx1` or `libx-1` for
/// `libx.so.1`, with `t64` behind it or not.
fn is_named(library: &str, keys: &DebKeys) -> bool {
    let usual = conventional(library);
    let depends = keys.relations.get("Depends").map_or(&[][..], Vec::as_slice);
    let named = depends.iter().flat_map(|text| text.split([',', '|']));
    let packages = named.filter_map(|relation| relation.trim().split([' ', '(', ':']).next());
    let plain = |name: &str| name.strip_suffix("t64").unwrap_or(name).replace('-', "");
    packages.map(plain).any(|name| name == usual.replace('-', ""))
}

/// The package that a library is in by Debian's convention.
fn conventional(library: &str) -> String {
    let (name, version) = library
        .split_once(".so.")
        .unwrap_or((library.trim_end_matches(".so"), ""));
    let name = name.to_lowercase().replace('_', "-");
    let between = if name.ends_with(|c: char| c.is_ascii_digit()) && !version.is_empty() {
        "-"
    } else {
        ""
    };
    format!("{name}{between}{version}")
}

fn problem(library: &str, need: &Need<'_>, target: &Target) -> Diagnostic {
    let of = match target.known {
        Some(_) => target.distribution.to_string(),
        None => "Debian".to_owned(),
    };
    let message = format!(
        "`{}` needs the library `{library}`, and no package of {of} is known to have it",
        need.by.path
    );
    Diagnostic::new(message).hint(format!(
        "install it with the package, or name the package that has it (\"\" for none):\n[deb.libraries]\n\"{library}\" = \"{}\"",
        conventional(library)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_called_like_its_library() {
        assert_eq!(conventional("libfoo.so.1"), "libfoo1");
        assert_eq!(conventional("libfoo2.so.1"), "libfoo2-1");
        assert_eq!(conventional("libFoo_bar.so.12"), "libfoo-bar12");
        let keys = |text: &str| DebKeys {
            relations: [("Depends", vec![text.to_owned()])].into(),
            ..DebKeys::default()
        };
        assert!(is_named("libfoo.so.1", &keys("libbar2, libfoo1 (>= 2)")));
        assert!(is_named("libfoo2.so.1", &keys("libfoo2-1t64")));
        assert!(!is_named("libfoo.so.1", &keys("libfoo2")));
    }
}
