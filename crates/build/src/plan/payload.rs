//! What a package installs, as far as .deb and .rpm agree: the project file's files, the modules, launchers and units.

use super::{sources::Exactness, system, target::KnownDistribution};
use crate::{
    BuildError, Diagnostic, Place, files,
    manifest::Layout,
    project::Project,
    python::{bundle::Bundle, launcher},
    scripts::Chores,
    unit::Unit,
};
use packyard_formats::{
    content::Content,
    elf::Elf,
    entries::{Clash, Entries, Entry, EntryKind, Role},
};
use packyard_types::InstallPath;
use std::{cmp::Ordering, collections::BTreeMap, rc::Rc};

/// The system package as a whole: where it puts things.
pub(super) struct Shape<'a> {
    /// Its name.
    pub package: &'a str,
    /// Whether this is the .deb, else the .rpm.
    pub is_deb: bool,
    /// Where modules go.
    pub layout: Layout,
    /// The site directory of the layout `module`.
    pub site: String,
    /// The Python that its programs run on.
    pub interpreter: String,
    /// What is known of the distribution that it is for.
    pub known: Option<&'static KnownDistribution>,
    /// What it brings along.
    pub bundle: Option<Rc<Bundle>>,
}

impl Shape<'_> {
    /// A module. Shared libraries are executable in an .rpm, where tools look for them so, and not in a .deb (Policy 8.1).
    pub fn module(&self, content: &Content) -> Entry {
        if !self.is_deb && Elf::is_at(content.head()) {
            Entry::program(content.clone())
        } else {
            Entry::file(content.clone())
        }
    }

    /// Where units are installed.
    pub fn unit_directory(&self) -> &'static str {
        self.known
            .map_or("/usr/lib/systemd/system", KnownDistribution::unit_directory)
    }
}

/// A `[[file]]` that asks for a path.
#[derive(Debug, Clone)]
struct Asked {
    exactness: Exactness,
    place: Place,
}

/// A payload as it grows.
pub(super) struct Payload {
    pub entries: Entries,
    /// Who asks for what is being put now.
    asked_at: Option<Asked>,
    /// Who asked for what is there.
    asked: BTreeMap<InstallPath, Asked>,
    pub units: Vec<Unit>,
    pub sysusers: Option<String>,
    pub tmpfiles: bool,
}

pub(super) fn path(text: &str) -> Result<InstallPath, BuildError> {
    InstallPath::parse(text).map_err(|e| Diagnostic::new(e.to_string()).into())
}

impl Payload {
    /// From now on a `[[file]]` asks, which names what is put as exactly as this.
    pub fn ask(&mut self, place: &Place, exactness: Exactness) {
        let place = place.clone();
        self.asked_at = Some(Asked { exactness, place });
    }

    /// Puts a file, with an error that says which and who asked for the two of them.
    pub fn put(&mut self, target: &str, entry: Entry) -> Result<(), BuildError> {
        let path = path(target)?;
        if let Some(order) = self.exactness_to(&path, &entry) {
            if order.is_gt() {
                self.entries.replace(path.clone(), entry);
                self.asked
                    .extend(self.asked_at.clone().map(|asked| (path, asked)));
            }
            return Ok(());
        }
        let put = match merged(&path).filter(|other| self.holds_file(other)) {
            Some(other) if !matches!(entry.kind, EntryKind::Directory) => Err(Clash(other)),
            _ => self.entries.insert(path.clone(), entry),
        };
        if let Err(clash) = put {
            let mut problem = Diagnostic::new(clash.to_string()).hint(match self.asked_at {
                Some(_) => "let only one of them have that target",
                None => "packyard installs something there by itself: choose another target",
            });
            let there = self.asked.get(&clash.0);
            if let Some(asked) = self.asked_at.as_ref().or(there) {
                problem = problem.at(asked.place.clone());
            }
            if let (Some(_), Some(there)) = (&self.asked_at, there) {
                problem = problem.related("the other one", there.place.clone());
            }
            return Err(problem.into());
        }
        if let Some(asked) = &self.asked_at {
            self.asked.insert(path, asked.clone());
        }
        Ok(())
    }

    /// Whether the same thing is there, asked for less or more exactly than now: then the more exact one says its mode,
    /// its owner and what it is for.
    fn exactness_to(&self, path: &InstallPath, entry: &Entry) -> Option<Ordering> {
        let (now, there) = (self.asked_at.as_ref()?, self.asked.get(path)?);
        let order = now.exactness.cmp(&there.exactness);
        let is_same = || {
            self.entries
                .get(path)
                .is_some_and(|there| there.kind == entry.kind)
        };
        (order.is_ne() && is_same()).then_some(order)
    }

    fn holds_file(&self, path: &InstallPath) -> bool {
        let entry = self.entries.get(path);
        entry.is_some_and(|entry| entry.kind != EntryKind::Directory)
    }

    /// Where the project file asks for what is at a path.
    pub fn place_of(&self, path: &InstallPath) -> Option<Place> {
        self.asked.get(path).map(|asked| asked.place.clone())
    }

    /// What the scripts of this payload have to do.
    pub fn chores<'a>(&'a self, project: &Project, shape: &Shape<'a>) -> Result<Chores<'a>, BuildError> {
        let owned = self.entries.iter().filter(|(_, e)| !e.owner.is_root());
        let scripts = &project.manifest.scripts;
        let own = if shape.is_deb { &scripts.deb } else { &scripts.rpm };
        Ok(Chores {
            package: shape.package,
            modules: project.python.is_some() && shape.layout == Layout::Module,
            units: &self.units,
            sysusers: self.sysusers.as_deref(),
            tmpfiles: self.tmpfiles,
            owned: owned
                .map(|(path, entry)| (path, &entry.owner, entry.mode))
                .collect(),
            hooks: system::hooks(project, &scripts.all, own)?,
        })
    }
}

/// The other name of a path where /bin, /sbin and /lib are links into /usr, as on every system of today.
fn merged(path: &InstallPath) -> Option<InstallPath> {
    let path = path.as_str();
    let is_merged = |path: &str| {
        ["/bin/", "/sbin/", "/lib/", "/lib64/"]
            .iter()
            .any(|dir| path.starts_with(dir))
    };
    let other = match path.strip_prefix("/usr") {
        Some(rest) if is_merged(rest) => rest.to_owned(),
        None if is_merged(path) => format!("/usr{path}"),
        _ => return None,
    };
    InstallPath::parse(&other).ok()
}

/// Everything but the documents, which each format names in its own way.
pub(super) fn payload(project: &Project, shape: &Shape<'_>) -> Result<Payload, BuildError> {
    let mut payload = Payload {
        entries: Entries::new(project.date),
        asked_at: None,
        asked: BTreeMap::new(),
        units: Vec::new(),
        sysusers: None,
        tmpfiles: false,
    };
    for file in &project.manifest.files {
        let wanted = if shape.is_deb {
            // dpkg knows no files that are not there.
            file.format.deb && !file.ghost
        } else {
            file.format.rpm
        };
        if wanted {
            payload.ask(&file.place, Exactness::Named);
            super::file::add(project, file, &mut payload)?;
        }
    }
    payload.asked_at = None;
    modules(project, shape, &mut payload)?;
    super::manual::add_missing(project, &mut payload)?;
    system::units(project, shape, &mut payload)?;
    system::files(project, shape, &mut payload)?;
    Ok(payload)
}

fn modules(project: &Project, shape: &Shape<'_>, payload: &mut Payload) -> Result<(), BuildError> {
    let Some(python) = &project.python else {
        return Ok(());
    };
    if let Some(bundle) = &shape.bundle {
        return super::bundle::put(project, python, bundle, shape.package, payload);
    }
    let private = format!("/usr/lib/{}", shape.package);
    let site = if shape.layout == Layout::Private {
        &private
    } else {
        &shape.site
    };
    for (name, file) in &python.modules {
        payload.put(&format!("{site}/{name}"), shape.module(&file.content))?;
    }
    for (name, file) in &python.dist_info {
        // The licence is installed where each system looks for it.
        if !name.contains(".dist-info/licenses/") {
            payload.put(&format!("{site}/{name}"), Entry::file(file.content.clone()))?;
        }
    }
    super::python_data::put(python, shape, site, payload)?;
    let own_path = (shape.layout == Layout::Private).then_some(private.as_str());
    for (name, target) in launchers(project) {
        let Some(text) = launcher::launcher(target, &shape.interpreter, own_path) else {
            let message = format!("the script `{name}` does not name a function: `{target}`");
            return Err(Diagnostic::new(message)
                .hint("write it as `package.module:function`")
                .into());
        };
        payload.put(&format!("/usr/bin/{name}"), Entry::program(text.into_bytes()))?;
    }
    Ok(())
}

/// Console and GUI scripts.
pub(super) fn launchers(project: &Project) -> impl Iterator<Item = (&String, &String)> {
    let groups = ["console_scripts", "gui_scripts"];
    groups
        .into_iter()
        .filter_map(|group| project.metadata.entry_points.get(group))
        .flatten()
}

/// The project's homepage.
pub(super) fn homepage(project: &Project) -> Option<String> {
    let core = &project.metadata.core;
    let labelled = |label: &str| {
        let mut urls = core.project_urls.iter();
        urls.find(|(l, _)| l.eq_ignore_ascii_case(label))
            .map(|(_, url)| url.clone())
    };
    let from_metadata = || {
        core.home_page
            .clone()
            .or_else(|| labelled("homepage"))
            .or_else(|| labelled("source"))
    };
    project
        .manifest
        .package
        .homepage
        .clone()
        .or_else(from_metadata)
        .or_else(|| labelled("repository"))
}

/// The readme, as a document of the package.
pub(super) fn readme(project: &Project) -> Result<Option<(String, Entry)>, BuildError> {
    let name = match project.metadata.readme.clone() {
        Some(name) => Some(name),
        None => crate::metadata::default_readme(&project.root)?,
    };
    let Some(name) = name else { return Ok(None) };
    let file = files::read_file(&project.root, &name)?;
    let base = name.rsplit('/').next().unwrap_or(&name).to_owned();
    Ok(Some((base, Entry::file(file.content).with_role(Role::Doc))))
}

/// Whether the project is something to run rather than to import.
pub(super) fn is_application(project: &Project) -> bool {
    let manifest = &project.manifest;
    let is_bundle = manifest.layout == Some(Layout::Bundle);
    // A wheel that is there for a compiled program has no entry point.
    let compiled = project
        .python
        .iter()
        .filter(|p| p.built.as_ref().is_some_and(|b| !b.is_pure()));
    let is_compiled = compiled
        .flat_map(|python| python.data.keys())
        .any(|path| path.starts_with("scripts/"));
    let has_programs = launchers(project).next().is_some() || !manifest.services.is_empty() || is_compiled;
    project.python.is_none() || has_programs || is_bundle
}

/// The interpreters that programs of the payload name in their first line, besides /bin/sh.
pub(super) fn interpreters(entries: &Entries) -> Vec<String> {
    let line = |bytes: &[u8]| {
        let line = bytes.split(|b| *b == b'\n').next()?.strip_prefix(b"#!")?;
        let mut words = std::str::from_utf8(line).ok()?.split_whitespace();
        let first = words.next()?;
        let program = if first.ends_with("/env") {
            words.next()?
        } else {
            first
        };
        Some(program.to_owned())
    };
    let programs = entries
        .files()
        .filter(|(path, _)| entries.get(path).is_some_and(|e| e.mode & 0o111 != 0));
    let own = |program: &String| {
        let path = InstallPath::parse(program).ok();
        path.is_some_and(|path| entries.get(&path).is_some())
    };
    let found = programs.filter_map(|(_, content)| line(content.head()));
    let mut found: Vec<String> = found.filter(|program| !own(program)).collect();
    found.sort();
    found.dedup();
    found
}
