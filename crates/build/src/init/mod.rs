//! `packyard init`: reads what a project has, and writes a short project file with only what packyard cannot find out
//! by itself. What other packaging tools' files say is translated as far as it goes, and what was left out is named.
//!
//! | read | by |
//! |---|---|
//! | `pyproject.toml`, `setup.py`, `setup.cfg`, `Cargo.toml` | the builder's own readers: nothing of it is said again |
//! | `nfpm.yaml` | `nfpm`, `contents` |
//! | `[package.metadata.deb]`, `[package.metadata.generate-rpm]` | `cargo`, `generate_rpm` |
//! | `debian/`, `*.spec` | `packaging`, `debhelper` |
//! | `go.mod`, `package.json` | `sources` |
//! | unit files | `units` |

mod cargo;
mod cargo_units;
mod cargo_workspace;
mod contents;
mod debhelper;
mod draft;
mod generate_rpm;
mod license;
mod nfpm;
mod packaging;
mod relation;
mod section;
mod sources;
mod trial;
mod units;
mod version;
mod yaml;

pub use draft::LeftOut;

use crate::{
    BuildError, Diagnostic, changelog, files,
    metadata::{self, Kind, Metadata},
};
use draft::Draft;
use packyard_types::ProjectName;
use std::{fs::File, io::Write as _, path::Path};

/// The project file's name.
const PROJECT_FILE: &str = "packyard.toml";

/// A project file that was found out.
#[derive(Debug, Clone)]
pub struct Initial {
    /// Its text.
    pub text: String,
    /// The files that were read for it.
    pub read: Vec<String>,
    /// What they say that it does not.
    pub left_out: Vec<LeftOut>,
    /// Keys of `[package]` that have to be filled in, each with what it is needed for.
    pub missing: Vec<(&'static str, &'static str)>,
    /// Whether the project has a changelog.
    pub has_changelog: bool,
    /// Sources of `[[file]]` that have to be made before a build.
    pub awaited: Vec<String>,
    /// What a build refuses of the project's own files.
    pub refused: Vec<Diagnostic>,
    /// Whether a build was tried, as far as it goes without making anything. Where the project's build backend has to
    /// be asked, it is not.
    pub is_tried: bool,
    /// What a changelog would begin with: the version that the metadata or other tools' files say, else 0.1.0.
    pub version: String,
}

/// Finds out what the project in `root` needs to be told. `author` is who works on it, as `Name <mail>`.
pub fn init(root: &Path, author: Option<String>) -> Result<Initial, BuildError> {
    if !root.is_dir() {
        let problem = Diagnostic::new(format!("`{}` is not a directory", root.display()));
        return Err(problem.hint("name the directory of a project").into());
    }
    refuse_what_is_there(root)?;
    let found = metadata::find(root)?;
    let mut draft = Draft::default();
    if let Some(name) = nfpm::NAMES.into_iter().find(|name| root.join(name).is_file()) {
        read(root, name, &mut draft, |file, draft| {
            nfpm::translate(root, file, draft)
        })?;
    }
    let is_python = !matches!(found.kind, Kind::NotPython);
    if !is_python {
        read(root, "Cargo.toml", &mut draft, |file, draft| {
            cargo::translate(root, file, draft)
        })?;
    }
    for name in ["pyproject.toml", "setup.cfg", "setup.py"] {
        read(root, name, &mut draft, |_, _| Ok(()))?;
    }
    read(root, "debian/control", &mut draft, |file, draft| {
        packaging::debian(root, file, draft)
    })?;
    let specs = files::names(root)?;
    for name in specs
        .iter()
        .filter(|name| name.rsplit_once('.').is_some_and(|(_, end)| end == "spec"))
    {
        read(root, name, &mut draft, |file, draft| {
            packaging::spec(file, draft);
            Ok(())
        })?;
    }
    if !is_python {
        read(root, "go.mod", &mut draft, |file, draft| {
            sources::go(root, file, draft)
        })?;
        read(root, "package.json", &mut draft, |file, draft| {
            sources::node(root, file, draft)
        })?;
    }
    if !draft.has_units() {
        units::find(root, &mut draft);
    }
    if !is_python && !draft.has_files() {
        units::programs(root, &mut draft);
    }
    complete(root, &found, author, draft)
}

/// Writes it. What is there is never overwritten, not even by two at once.
pub fn write_initial(root: &Path, initial: &Initial) -> Result<(), BuildError> {
    let path = root.join(PROJECT_FILE);
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AlreadyExists => is_there(),
        _ => BuildError::Write {
            file: path.display().to_string(),
            source,
        },
    };
    let mut file = File::create_new(&path).map_err(failed)?;
    let done = file.write_all(initial.text.as_bytes());
    if done.is_err() {
        let _ = std::fs::remove_file(&path);
    }
    done.map_err(failed)
}

fn is_there() -> BuildError {
    let problem = Diagnostic::new(format!(
        "`{PROJECT_FILE}` is there already, and is not overwritten"
    ));
    problem.hint("move it away to have it written anew").into()
}

fn refuse_what_is_there(root: &Path) -> Result<(), BuildError> {
    if root.join(PROJECT_FILE).symlink_metadata().is_ok() {
        return Err(is_there());
    }
    let Some(file) = metadata::read(root, "pyproject.toml")? else {
        return Ok(());
    };
    let document = crate::manifest::parse_toml(&file)?;
    let tool = document
        .get_ref()
        .get("tool")
        .and_then(|tool| tool.get_ref().as_table());
    let Some((key, _)) = tool.and_then(|tool| tool.get_key_value("packyard")) else {
        return Ok(());
    };
    let problem = Diagnostic::new("the project file is there already: [tool.packyard] in pyproject.toml");
    Err(problem
        .at(file.place(key.span()))
        .hint("add to that table")
        .into())
}

fn read(
    root: &Path,
    name: &str,
    draft: &mut Draft,
    translate: impl FnOnce(&crate::SourceText, &mut Draft) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let Some(file) = metadata::read(root, name)? else {
        return Ok(());
    };
    draft.read.push(name.to_owned());
    translate(&file, draft)
}

/// Takes out what the metadata says, adds what is known otherwise, and says what is missing.
fn complete(
    root: &Path,
    found: &metadata::Found,
    author: Option<String>,
    mut draft: Draft,
) -> Result<Initial, BuildError> {
    let metadata = &found.metadata;
    name(root, found, &mut draft);
    let core = &metadata.core;
    let has_license = core.license_expression.is_some()
        || core.license.is_some()
        || core.classifiers.iter().any(|c| c.starts_with("License ::"));
    let said = [
        ("summary", core.summary.is_some()),
        ("license", has_license),
        (
            "homepage",
            core.home_page.is_some() || !core.project_urls.is_empty(),
        ),
        ("maintainer", metadata::contact(core).is_some()),
    ];
    for (key, _) in said.iter().filter(|(_, is_said)| *is_said) {
        draft.package.remove(key);
    }
    license::judge(&mut draft);
    let named = draft
        .package
        .clone()
        .remove("changelog")
        .filter(|name| root.join(name).is_file());
    let changelog = changelog::find(root, named.as_deref())?;
    let logged = || changelog.as_ref()?.parse().ok()?.newest()?.author.clone();
    let needs = |key: &str, draft: &Draft| {
        !draft.package.says(key) && said.iter().any(|(known, is_said)| *known == key && !is_said)
    };
    let is_asked = matches!(found.kind, Kind::Backend(_));
    if needs("license", &draft) && !is_asked {
        match license::of_the_texts(root)? {
            Some(id) => draft.package.text("license", id),
            None => draft
                .missing
                .push(("license", "an SPDX expression such as MIT, which an .rpm needs")),
        }
    }
    if needs("maintainer", &draft) && !is_asked && logged().is_none_or(|author| !author.email.contains('@')) {
        match author {
            Some(author) => draft.package.text("maintainer", &author),
            None => draft.missing.push((
                "maintainer",
                "Name <mail@example.org>, which a .deb and an .rpm need",
            )),
        }
    }
    if needs("summary", &draft) && matches!(found.kind, Kind::NotPython) {
        draft.missing.push(("summary", "what it is, in one line"));
    }
    let newest = changelog.as_ref().and_then(|file| {
        let log = file.parse().ok()?;
        log.newest()?.released().cloned()
    });
    let version = version::found(&metadata.core.version, newest.as_ref(), &mut draft);
    let (_, mut draft) = draft.finish();
    let trial = trial::run(root, found, &mut draft)?;
    let (text, draft) = draft.finish();
    Ok(Initial {
        text,
        awaited: trial.awaited,
        refused: trial.refused,
        is_tried: trial.is_known,
        read: draft.read,
        left_out: draft.left_out,
        missing: draft.missing,
        has_changelog: changelog.is_some(),
        version,
    })
}

/// The project's name is the metadata's; what another tool calls the packages stays theirs.
fn name(root: &Path, found: &metadata::Found, draft: &mut Draft) {
    let known: &Metadata = &found.metadata;
    if !known.core.name.is_empty() || matches!(found.kind, Kind::Backend(_)) {
        let own = draft.package.remove("name");
        let is_other =
            |name: &str| ProjectName::parse(name).ok() != ProjectName::parse(&known.core.name).ok();
        let has_packaging = draft.read.iter().any(|file| nfpm::NAMES.contains(&file.as_str()));
        if let Some(name) = own.filter(|name| is_other(name) && has_packaging) {
            draft.deb.text("name", &name);
            draft.rpm.text("name", &name);
        }
        return;
    }
    if !draft.package.says("name") {
        let whole = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let directory = whole.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = directory.filter(|name| ProjectName::parse(name).is_ok());
        match name {
            Some(name) => draft.package.text("name", &name),
            None => draft.missing.push(("name", "the project's name")),
        }
    }
    // A package that is called as the project is needs no name of its own.
    for table in [&mut draft.deb, &mut draft.rpm] {
        if table.value("name").is_some() && table.value("name") == draft.package.value("name") {
            table.remove("name");
        }
    }
}
