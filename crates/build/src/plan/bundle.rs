//! A bundle in a package: an environment of its own below `/opt/NAME`, as `python3 -m venv` lays it out, but for byte code
//! and for the one directory that modules are in, whichever Python 3 runs them.
//!
//! ```text
//! /opt/NAME/pyvenv.cfg                      no package of the system is seen
//! /opt/NAME/bin/python3                     the system's Python, by a link
//! /opt/NAME/bin/…                           the programs of all that is bundled
//! /opt/NAME/lib/python3/site-packages/…     modules and their metadata
//! /opt/NAME/lib/python3.N                   links to python3, where that Python looks
//! /usr/bin/…                                the project's own programs
//! ```

use super::{
    payload::{self, Payload},
    rpm::dependency,
    target::Target,
};
use crate::{
    BuildError, Diagnostic, Place, files,
    manifest::Layout,
    metadata::EntryPoints,
    project::{Project, Python},
    python::{
        bundle::{Bundle, OLDEST_MINOR, Platform, Pythons, Range},
        launcher,
    },
};
use packyard_formats::{content::SourceFile, entries::Entry};
use packyard_types::{ArtifactKind, DebArch, RpmArch, RpmDependency, RpmFlags};
use pep508_rs::pep440_rs::Version;
use std::{collections::BTreeMap, rc::Rc};

/// The last Python that a pure bundle has a link for: there is one a year.
const LAST_LINK: u64 = 25;

/// What `site` runs whenever this Python starts, with whichever arguments.
const NO_BYTE_CODE: (&str, &str) = (
    "lib/python3/site-packages/_no_bytecode.pth",
    "import sys; sys.dont_write_bytecode = True\n",
);

/// Refuses what no bundle can be.
pub(super) fn check(project: &Project, wanted: &[Target]) -> Result<(), BuildError> {
    if project.manifest.layout != Some(Layout::Bundle) {
        return Ok(());
    }
    let is_source = |target: &&Target| matches!(target.kind, ArtifactKind::Dsc | ArtifactKind::Srpm);
    let problem = if project.python.is_none() {
        let message = format!(
            "`{}` is no Python project, which a bundle is made of",
            project.name
        );
        Diagnostic::new(message).hint("remove `layout`, or add a pyproject.toml")
    } else if let Some(source) = wanted.iter().find(is_source) {
        let message = format!(
            "a bundle cannot become a source package ({}): its wheels are no source",
            source.kind
        );
        Diagnostic::new(message).hint("leave it out of --format, or choose another layout")
    } else {
        return Ok(());
    };
    Err(match &project.manifest.bundle.asked_at {
        Some(place) => problem.at(place.clone()).into(),
        None => problem.into(),
    })
}

/// The bundle of a target, where the project is one.
pub(super) fn of(
    project: &Project,
    target: &Target,
    python: Option<&Version>,
) -> Result<Option<Rc<Bundle>>, BuildError> {
    if project.manifest.layout != Some(Layout::Bundle) {
        return Ok(None);
    }
    let minor = python.and_then(|version| version.release().get(1).copied());
    let platform = Platform::new(minor, target.known);
    project.bundles.of(project, &platform).map(Some)
}

/// Puts the environment and the launchers.
pub(super) fn put(
    project: &Project,
    python: &Python,
    bundle: &Bundle,
    package: &str,
    payload: &mut Payload,
) -> Result<(), BuildError> {
    let mut room = Room {
        prefix: format!("/opt/{package}"),
        payload,
        owners: BTreeMap::new(),
    };
    room.environment(bundle)?;
    // The project's own files come first: what clashes with them is a wheel's fault.
    let own = Owner {
        name: format!("`{}`", project.name),
        place: None,
    };
    // The project's licence is installed where each system looks for it.
    let is_licence = |path: &str| path.contains(".dist-info/licenses/");
    let own_site = python.modules.iter().chain(&python.dist_info);
    for (path, file) in own_site.filter(|(path, _)| !is_licence(path)) {
        room.site(path, file, &own)?;
    }
    for (path, file) in &python.data {
        match path.split_once('/') {
            Some(("scripts", name)) => {
                let program = room.program(file, path)?;
                room.payload.put(&format!("/usr/bin/{name}"), program.clone())?;
                room.put(&format!("bin/{name}"), program, &own)?;
            }
            Some(("data", below)) => room.put(below, entry(file), &own)?,
            Some(("purelib" | "platlib", below)) => room.site(below, file, &own)?,
            _ => {}
        }
    }
    for (name, target) in payload::launchers(project) {
        let launcher = room.launcher(name, target, &own)?;
        room.payload.put(&format!("/usr/bin/{name}"), launcher.clone())?;
        room.put(&format!("bin/{name}"), launcher, &own)?;
    }
    for wheel in &bundle.wheels {
        let owner = Owner {
            name: format!("`{}`", wheel.name),
            place: wheel.place.clone(),
        };
        for (path, file) in &wheel.site {
            room.site(path, file, &owner)?;
        }
        for (path, file) in &wheel.data {
            room.put(path, entry(file), &owner)?;
        }
        let mut programs = BTreeMap::new();
        for (name, file) in &wheel.scripts {
            programs.insert(name.clone(), room.program(file, name)?);
        }
        for (name, target) in launchers(&wheel.entry_points) {
            let launcher = room.launcher(name, target, &owner)?;
            programs.insert(name.clone(), launcher);
        }
        for (name, program) in programs {
            // The project's own program of that name is meant.
            if room
                .owners
                .get(&format!("bin/{name}"))
                .is_none_or(|there| there.place.is_some())
            {
                room.put(&format!("bin/{name}"), program, &owner)?;
            }
        }
    }
    Ok(())
}

fn launchers(points: &EntryPoints) -> impl Iterator<Item = (&String, &String)> {
    let groups = ["console_scripts", "gui_scripts"];
    groups.into_iter().filter_map(|group| points.get(group)).flatten()
}

fn entry(file: &SourceFile) -> Entry {
    if file.executable {
        Entry::program(file.content.clone())
    } else {
        Entry::file(file.content.clone())
    }
}

/// Who brought a file.
#[derive(Clone)]
struct Owner {
    name: String,
    place: Option<Place>,
}

impl Owner {
    /// Something that is wrong with what it brought.
    fn shown(&self, problem: Diagnostic) -> Diagnostic {
        match &self.place {
            Some(place) => problem.at(place.clone()),
            None => problem,
        }
    }
}

/// The directory of a bundle, as it fills.
struct Room<'a> {
    prefix: String,
    payload: &'a mut Payload,
    owners: BTreeMap<String, Owner>,
}

impl Room<'_> {
    /// What makes the directory an environment (PEP 405), in which no program writes byte code: a removal leaves nothing.
    fn environment(&mut self, bundle: &Bundle) -> Result<(), BuildError> {
        let prefix = &self.prefix;
        let (python, links) = match bundle.pythons {
            Pythons::One(minor) => (format!("/usr/bin/python3.{minor}"), minor..=minor),
            Pythons::Range(Range { least, below }) => {
                let last = below.map_or(LAST_LINK, |below| below - 1);
                ("/usr/bin/python3".to_owned(), least..=last)
            }
        };
        let text = "home = /usr/bin\ninclude-system-site-packages = false\n";
        let put = |payload: &mut Payload, path: &str, entry| payload.put(&format!("{prefix}/{path}"), entry);
        put(self.payload, "pyvenv.cfg", Entry::file(text.as_bytes()))?;
        put(self.payload, "bin/python3", Entry::symlink(python))?;
        put(self.payload, "bin/python", Entry::symlink("python3"))?;
        put(
            self.payload,
            NO_BYTE_CODE.0,
            Entry::file(NO_BYTE_CODE.1.as_bytes()),
        )?;
        for minor in links {
            put(
                self.payload,
                &format!("lib/python3.{minor}"),
                Entry::symlink("python3"),
            )?;
        }
        Ok(())
    }

    fn site(&mut self, path: &str, file: &SourceFile, owner: &Owner) -> Result<(), BuildError> {
        self.put(&format!("lib/python3/site-packages/{path}"), entry(file), owner)
    }

    fn put(&mut self, path: &str, entry: Entry, owner: &Owner) -> Result<(), BuildError> {
        let target = format!("{}/{path}", self.prefix);
        let Ok(installed) = payload::path(&target) else {
            let problem = Diagnostic::new(format!("{} has `{path}`, which cannot be installed", owner.name));
            return Err(owner.shown(problem).hint("build the wheel again").into());
        };
        match self.in_the_way(path) {
            Some((other, _)) if other == path && self.payload.entries.get(&installed) == Some(&entry) => {
                Ok(())
            }
            Some((other, there)) => {
                let message = if other == path {
                    format!(
                        "{} and {} both have `{path}`, and not the same",
                        there.name, owner.name
                    )
                } else {
                    format!(
                        "{} has `{other}`, and {} has `{path}`: one is a file and a directory",
                        there.name, owner.name
                    )
                };
                let mut problem = Diagnostic::new(message).hint("leave one of them out of the bundle");
                if let Some(place) = owner.place.as_ref().or(there.place.as_ref()) {
                    problem = problem.at(place.clone());
                }
                if let (Some(_), Some(place)) = (&owner.place, &there.place) {
                    problem = problem.related("the other one", place.clone());
                }
                Err(problem.into())
            }
            None => {
                self.payload.put(&target, entry)?;
                self.owners.insert(path.to_owned(), owner.clone());
                Ok(())
            }
        }
    }

    /// A file that cannot be there beside one at this path: the same, one that this is below of, one below this.
    fn in_the_way(&self, path: &str) -> Option<(&str, &Owner)> {
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        let there = |path: &str| self.owners.get_key_value(path);
        let mut found = above.chain([path]).find_map(there);
        if found.is_none() {
            let below = format!("{path}/");
            found = self.owners.range(below.clone()..).next();
            found = found.filter(|(other, _)| other.starts_with(&below));
        }
        found.map(|(path, owner)| (path.as_str(), owner))
    }

    /// A launcher, isolated from the user's settings of Python, and leaving no byte code behind.
    fn launcher(&self, name: &str, target: &str, owner: &Owner) -> Result<Entry, Diagnostic> {
        let interpreter = format!("{}/bin/python3 -IB", self.prefix);
        let Some(text) = launcher::bundled(target, &interpreter) else {
            let message = format!(
                "the script `{name}` of {} does not name a function: `{target}`",
                owner.name
            );
            let problem = owner.shown(Diagnostic::new(message));
            return Err(problem.hint("write it as `package.module:function`"));
        };
        Ok(Entry::program(text.into_bytes()))
    }

    /// A script whose first line leaves the Python to whoever installs it gets the bundle's.
    fn program(&self, file: &SourceFile, path: &str) -> Result<Entry, BuildError> {
        if !file.content.head().starts_with(b"#!python") {
            return Ok(Entry::program(file.content.clone()));
        }
        let bytes = files::read_whole(&file.content, path)?;
        let end = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
        let first = format!("#!{}/bin/python3 -IB", self.prefix);
        Ok(Entry::program([first.as_bytes(), &bytes[end..]].concat()))
    }
}

/// The architecture of the .deb.
pub(super) fn deb_arch(bundle: Option<&Bundle>, found: DebArch) -> DebArch {
    let compiled = bundle.is_some_and(|bundle| bundle.is_compiled);
    let [own, _] = Platform::architectures();
    match DebArch::parse(own) {
        Ok(own) if compiled && found == DebArch::all() => own,
        _ => found,
    }
}

/// The architecture of the .rpm.
pub(super) fn rpm_arch(bundle: Option<&Bundle>, found: RpmArch) -> RpmArch {
    let compiled = bundle.is_some_and(|bundle| bundle.is_compiled);
    let [_, own] = Platform::architectures();
    match RpmArch::parse(own) {
        Ok(own) if compiled && found == RpmArch::noarch() => own,
        _ => found,
    }
}

/// What a .deb depends on. What its libraries need is read from them; where there are none that can be read, the tags
/// of its wheels say it.
pub(super) fn depends(bundle: &Bundle, by_tags: bool) -> Vec<String> {
    let mut depends = match bundle.pythons {
        Pythons::One(minor) => vec![
            format!("python3 (>= 3.{minor}~)"),
            format!("python3 (<< 3.{})", minor + 1),
        ],
        Pythons::Range(Range { least, below }) => {
            let least = match least {
                OLDEST_MINOR => "python3".to_owned(),
                least => format!("python3 (>= 3.{least}~)"),
            };
            let below = below.map(|below| format!("python3 (<< 3.{below})"));
            [least].into_iter().chain(below).collect()
        }
    };
    let glibc = bundle.glibc.filter(|_| by_tags);
    depends.extend(glibc.map(|least| format!("libc6 (>= 2.{least})")));
    depends
}

/// What an .rpm requires, likewise.
pub(super) fn requires(bundle: &Bundle, by_tags: bool) -> Vec<RpmDependency> {
    let on = |name: &str, flags, minor| dependency(name, Some(flags), &format!("3.{minor}"), false);
    let mut requires = match bundle.pythons {
        Pythons::One(minor) => vec![on("python(abi)", RpmFlags::Equal, minor)],
        Pythons::Range(Range { least, below }) => {
            let least = match least {
                OLDEST_MINOR => dependency("python3", None, "", false),
                least => on("python3", RpmFlags::GreaterOrEqual, least),
            };
            let below = below.map(|below| on("python3", RpmFlags::Less, below));
            [least].into_iter().chain(below).collect()
        }
    };
    let glibc = |least| {
        dependency(
            "glibc",
            Some(RpmFlags::GreaterOrEqual),
            &format!("2.{least}"),
            false,
        )
    };
    requires.extend(bundle.glibc.filter(|_| by_tags).map(glibc));
    requires
}

/// What is inside, as Fedora's packages say it of what they bundle: so that somebody who looks for a flaw finds it.
pub(super) fn provides(bundle: &Bundle) -> Vec<RpmDependency> {
    let provided = bundle.wheels.iter().map(|wheel| {
        let name = format!("bundled(python3dist({}))", wheel.name.package());
        // A local version has a `+`, which no version of a dependency may have.
        let version = wheel.name.version().split('+').next().unwrap_or_default();
        dependency(&name, Some(RpmFlags::Equal), version, false)
    });
    provided.collect()
}
