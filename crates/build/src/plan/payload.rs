//! What a package installs, as far as .deb and .rpm agree: the project file's files, the modules, launchers and units.

use super::{system, target::KnownDistribution};
use crate::{
    BuildError, Diagnostic, Place, files,
    manifest::{FileKeys, Layout},
    project::Project,
    python::{bundle::Bundle, launcher},
    scripts::Chores,
    unit::Unit,
};
use packyard_formats::{
    compress::gzip,
    entries::{Clash, Entries, Entry, EntryKind, Owner, Role},
};
use packyard_types::InstallPath;
use std::{collections::BTreeMap, rc::Rc};

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
    /// What is known of the distribution that it is for.
    pub known: Option<&'static KnownDistribution>,
    /// What it brings along.
    pub bundle: Option<Rc<Bundle>>,
}

impl Shape<'_> {
    /// Where units are installed.
    pub fn unit_directory(&self) -> &'static str {
        self.known
            .map_or("/usr/lib/systemd/system", KnownDistribution::unit_directory)
    }
}

/// A payload as it grows.
pub(super) struct Payload {
    pub entries: Entries,
    /// The place in the project file that asks for what is being put now.
    pub asked_at: Option<Place>,
    /// The places that asked for what is there.
    asked: BTreeMap<InstallPath, Place>,
    pub units: Vec<Unit>,
    pub sysusers: Option<String>,
    pub tmpfiles: bool,
}

pub(super) fn path(text: &str) -> Result<InstallPath, BuildError> {
    InstallPath::parse(text).map_err(|e| Diagnostic::new(e.to_string()).into())
}

impl Payload {
    /// Puts a file, with an error that says which and who asked for the two of them.
    pub fn put(&mut self, target: &str, entry: Entry) -> Result<(), BuildError> {
        let path = path(target)?;
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
            if let Some(place) = self.asked_at.as_ref().or(there) {
                problem = problem.at(place.clone());
            }
            if let (Some(_), Some(there)) = (&self.asked_at, there) {
                problem = problem.related("the other one", there.clone());
            }
            return Err(problem.into());
        }
        if let Some(place) = &self.asked_at {
            self.asked.insert(path, place.clone());
        }
        Ok(())
    }

    fn holds_file(&self, path: &InstallPath) -> bool {
        let entry = self.entries.get(path);
        entry.is_some_and(|entry| entry.kind != EntryKind::Directory)
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
            file.format.deb
        } else {
            file.format.rpm
        };
        if wanted {
            payload.asked_at = Some(file.place.clone());
            add_file(project, file, &mut payload)?;
        }
    }
    payload.asked_at = None;
    modules(project, shape, &mut payload)?;
    super::manual::add_missing(project, &mut payload)?;
    system::units(project, shape, &mut payload)?;
    system::files(project, shape, &mut payload)?;
    Ok(payload)
}

fn add_file(project: &Project, keys: &FileKeys, payload: &mut Payload) -> Result<(), BuildError> {
    let target = keys.target.as_str();
    let finish = |entry: Entry| Entry {
        mode: keys.mode.unwrap_or(entry.mode),
        owner: keys.owner.clone(),
        missing_ok: keys.missing_ok,
        capabilities: keys
            .capabilities
            .as_ref()
            .map(|(capabilities, _)| capabilities.clone()),
        ..entry.with_role(keys.role)
    };
    if let Some(to) = &keys.symlink {
        return payload.put(
            target,
            Entry {
                owner: Owner::root(),
                ..Entry::symlink(to.clone())
            },
        );
    }
    if keys.dir {
        return payload.put(target, finish(Entry::directory()));
    }
    let Some((source, place)) = &keys.source else {
        return payload.put(
            target,
            finish(Entry {
                kind: EntryKind::Ghost,
                ..Entry::file(&b""[..])
            }),
        );
    };
    let full = project.root.join(source);
    if full.is_dir() {
        for file in files::below(&project.root, source)? {
            let below = file[source.trim_end_matches('/').len()..].trim_start_matches('/');
            let target = format!("{target}/{below}");
            match files::link_within(&full, below) {
                Some(to) => payload.put(&target, Entry::symlink(to))?,
                None => one_file(project, &file, place, &target, &finish, payload)?,
            }
        }
        return Ok(());
    }
    one_file(project, source, place, target, &finish, payload)
}

/// Capabilities that a .deb cannot carry: dpkg keeps none, so a package's own script has to set them.
pub(super) fn capability_notes(project: &Project, notes: &mut Vec<String>) {
    for file in project.manifest.files.iter().filter(|file| file.format.deb) {
        if let Some((capabilities, place)) = &file.capabilities {
            notes.push(format!(
                "{}:{}: a .deb cannot carry capabilities; let [scripts] deb.postinstall run `setcap {capabilities} {}`, \
                 and [deb] depends name libcap2-bin",
                place.file, place.line, file.target
            ));
        }
    }
}

/// A file of the project; man pages are compressed.
fn one_file(
    project: &Project,
    source: &str,
    place: &Place,
    target: &str,
    finish: &impl Fn(Entry) -> Entry,
    payload: &mut Payload,
) -> Result<(), BuildError> {
    let inside = !source.starts_with('/') && !source.split('/').any(|part| part == "..");
    if !inside || !project.root.join(source).is_file() {
        let problem = Diagnostic::new(format!("`{source}` is not a file of the project")).at(place.clone());
        return Err(problem
            .hint("name a file or directory, relative to the project's root")
            .into());
    }
    files::check_inside(&project.root, source).map_err(|problem| problem.at(place.clone()))?;
    let file = files::read_file(&project.root, source)?;
    let is_compressed = file.content.head().starts_with(&[0x1f, 0x8b]);
    if target.starts_with("/usr/share/man/") && !is_compressed {
        let text = files::read_whole(&file.content, source)?;
        let page = finish(Entry::file(gzip(&text))).with_role(Role::Doc);
        return payload.put(&format!("{target}.gz"), page);
    }
    let entry = if file.executable {
        Entry::program(file.content)
    } else {
        Entry::file(file.content)
    };
    payload.put(target, finish(entry))
}

fn modules(project: &Project, shape: &Shape<'_>, payload: &mut Payload) -> Result<(), BuildError> {
    let Some(python) = &project.python else {
        return Ok(());
    };
    if let Some(bundle) = &shape.bundle {
        return super::bundle::put(project, python, bundle, shape.package, payload);
    }
    if let Some(built) = python.built.as_ref().filter(|built| !built.is_pure()) {
        let message = format!(
            "`{}` holds compiled code, which cannot become a .deb or .rpm yet",
            built.wheel_name
        );
        return Err(Diagnostic::new(message)
            .hint("build only --format sdist,wheel")
            .into());
    }
    let private = format!("/usr/lib/{}", shape.package);
    let site = if shape.layout == Layout::Private {
        &private
    } else {
        &shape.site
    };
    for (name, file) in &python.modules {
        payload.put(&format!("{site}/{name}"), Entry::file(file.content.clone()))?;
    }
    for (name, file) in &python.dist_info {
        // The licence is installed where each system looks for it.
        if !name.contains(".dist-info/licenses/") {
            payload.put(&format!("{site}/{name}"), Entry::file(file.content.clone()))?;
        }
    }
    super::python_data::put(python, site, payload)?;
    let own_path = (shape.layout == Layout::Private).then_some(private.as_str());
    for (name, target) in launchers(project) {
        let Some(text) = launcher::launcher(target, own_path) else {
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
    let has_programs = launchers(project).next().is_some() || !manifest.services.is_empty();
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
