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
            } else if let Err(lack) = found.add(library, need, &releases)
                && !is_named(library, keys)
            {
                unknown.push(problem(library, need, target, &lack));
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

/// Why a library has no package to depend on.
enum Lack {
    /// No package is known to have it.
    Nobody,
    /// A package has it in one release, and is in another without it.
    Elsewhere {
        package: &'static str,
        here: DebRelease,
        there: DebRelease,
    },
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
    /// Adds who has a library, if there is anybody whose name says so in each of the releases.
    fn add(&mut self, library: &str, need: &Need<'_>, releases: &[DebRelease]) -> Result<(), Lack> {
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
            return Err(Lack::Nobody);
        }
        if let Some((package, there)) = library::without(library, &alternatives, releases) {
            let holds = |release: &&DebRelease| library::packages(library, **release).contains(&package);
            let here = releases.iter().find(holds).copied().unwrap_or(there);
            return Err(Lack::Elsewhere { package, here, there });
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
        Ok(())
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

fn problem(library: &str, need: &Need<'_>, target: &Target, lack: &Lack) -> Diagnostic {
    let needs = format!("`{}` needs the library `{library}`", need.by.path);
    let by = |message: String| need.by.at(Diagnostic::new(message));
    let said = |package: &str| format!("[deb.libraries]\n\"{library}\" = \"{package}\"");
    match lack {
        Lack::Nobody => {
            let of = match target.known {
                Some(_) => target.distribution.to_string(),
                None => "Debian".to_owned(),
            };
            let hint = "install it with the package, or name the package that has it (\"\" for none)";
            by(format!("{needs}, and no package of {of} is known to have it"))
                .hint(format!("{hint}:\n{}", said(&conventional(library))))
        }
        Lack::Elsewhere { package, here, there } => {
            let (here, there) = (here.name(), there.name());
            let message = format!("{needs}, which `{package}` has in {here} and not in {there}");
            let hint = format!(
                "build for one release (`--for {here}`), or say which versions of `{package}` have it"
            );
            let bounded = format!("{package} (>= VERSION), {package} (<< VERSION)");
            by(message).hint(format!("{hint}:\n{}", said(&bounded)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use packyard_formats::elf::Elf;
    use packyard_types::ArtifactKind;

    #[test]
    fn a_package_that_has_a_library_in_one_release_only_is_not_depended_on_for_all() {
        let elf = Elf::read(&std::fs::read("/usr/bin/dpkg-deb").unwrap().into()).unwrap();
        let by = Binary {
            path: "/usr/bin/x".to_owned(),
            place: None,
            is_executable: true,
            elf: elf.unwrap(),
        };
        let depends = |target: &str, library: &str| {
            let mut by = Binary {
                path: by.path.clone(),
                place: None,
                elf: by.elf.clone(),
                ..by
            };
            by.elf.needed = vec![library.to_owned()];
            by.elf.version_needs.clear();
            let all = Binaries {
                archives: BTreeSet::new(),
                list: vec![by],
                own: BTreeSet::new(),
            };
            let target = Target::new(ArtifactKind::Deb, target.parse().unwrap());
            all.deb_depends(&target, &DebKeys::default())
        };
        let bfd = "libbfd-2.40-system.so";
        let problem = depends("any", bfd).unwrap_err().to_string();
        assert!(
            problem.starts_with(
                "`/usr/bin/x` needs the library `libbfd-2.40-system.so`, which `libbinutils` has in bookworm and not in trixie"
            ) && problem.contains("--for bookworm") && problem.contains("[deb.libraries]"),
            "{problem}"
        );
        assert!(depends("bookworm", bfd).unwrap()[0].starts_with("libbinutils"));
        assert!(depends("trixie", bfd).is_err());
        // Names that say the release, and those that each release has.
        assert_eq!(depends("any", "libpython3.11.so.1.0").unwrap().len(), 1);
        assert!(depends("any", "libssl.so.3").unwrap()[0].starts_with("libssl3t64"));
        assert_eq!(
            depends("any", "libblas.so.3").unwrap(),
            ["libblas3 | libblas.so.3"]
        );
    }

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
