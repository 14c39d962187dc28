//! Planning a .deb.

use super::{
    Planned, Recipe, bundle,
    compiled::{self, Abi},
    copyright,
    elf::Binaries,
    file, needs,
    payload::{self, Shape},
    target::{Target, check_python},
    text, units,
};
use crate::{
    BuildError, Diagnostic,
    changelog::{self, Defaults, EntryVersion},
    manifest::Layout,
    project::{ChangelogTrouble, Project},
    python::{launcher, requires},
    scripts,
};
use packyard_formats::{
    compress::{Compression, gzip},
    deb::{ldconfig::Reason, write::DebSpec},
    entries::{Entries, Entry},
};
use packyard_types::{ArtifactName, ComponentName, DebArch, DebName};
use pep508_rs::pep440_rs::Version;

pub(super) fn plan(
    project: &Project,
    target: &Target,
    notes: &mut Vec<String>,
) -> Result<Planned, BuildError> {
    let name = name(project)?;
    let python = target.python();
    let bundle = bundle::of(project, target, python.as_ref())?;
    let abi = match bundle {
        Some(_) => None,
        None => compiled::of(project, target, python.as_ref())?,
    };
    let shape = Shape {
        bundle: bundle.clone(),
        package: name.as_str(),
        is_deb: true,
        layout: project.manifest.layout.unwrap_or(Layout::Module),
        site: "/usr/lib/python3/dist-packages".into(),
        interpreter: launcher::PYTHON.to_owned(),
        known: target.known,
    };
    let mut payload = payload::payload(project, &shape)?;
    units::judge(project, &shape, &payload, notes)?;
    file::capability_notes(project, notes);
    let docs = format!("/usr/share/doc/{name}");
    let source = source(project, &name);
    let log = log(project, &source)?;
    let log_name = if project.manifest.deb.native {
        "changelog.gz"
    } else {
        "changelog.Debian.gz"
    };
    payload.put(&format!("{docs}/{log_name}"), Entry::file(gzip(log.as_bytes())))?;
    payload.put(
        &format!("{docs}/copyright"),
        Entry::file(copyright::copyright(project)?.into_bytes()),
    )?;
    let overrides = overrides(project, &name, &source, &payload.entries)?;
    if !overrides.is_empty() {
        payload.put(
            &format!("/usr/share/lintian/overrides/{name}"),
            Entry::file(overrides.into_bytes()),
        )?;
    }
    if let Some((readme, entry)) = payload::readme(project)? {
        payload.put(&format!("{docs}/{readme}"), entry)?;
    }
    let version = match revision(project) {
        Some(revision) => format!("{}-{revision}", project.version.deb_upstream()),
        None => project.version.deb_upstream(),
    };
    let binaries = Binaries::of(&payload.entries, |path| payload.place_of(path))?;
    binaries.check_glibc(target)?;
    let depends = depends(project, target, &shape, &payload, (&binaries, abi), notes)?;
    let suggests = suggests(project, target, notes)?;
    let arch = bundle::deb_arch(bundle.as_deref(), binaries.architecture()?.0);
    let spec = DebSpec {
        control: control(project, &name, &source, &version, &arch, &[depends, suggests])?,
        scripts: scripts::deb::scripts(&payload.chores(project, &shape)?),
        entries: target
            .placed(payload.entries)
            .map_err(|clash| Diagnostic::new(clash.to_string()))?,
        compression: project
            .manifest
            .deb
            .compression
            .or_else(|| target.known.map(|known| known.compression))
            .unwrap_or(Compression::Xz),
    };
    let file = format!("{name}_{version}_{arch}.deb");
    let file = ArtifactName::parse(&file).map_err(|e| BuildError::Make {
        artifact: file,
        reason: e.to_string(),
    })?;
    Ok(Planned {
        name: file,
        distribution: target.distribution.clone(),
        component: project
            .manifest
            .deb
            .component
            .clone()
            .unwrap_or_else(ComponentName::main),
        recipe: Recipe::Deb(Box::new(spec)),
    })
}

/// What lintian says of every package like this one.
fn overrides(
    project: &Project,
    name: &DebName,
    source: &str,
    entries: &Entries,
) -> Result<String, BuildError> {
    let mut text = String::new();
    let defaults = defaults(project, source)?;
    if changelog(project)?.released_entries(&defaults).len() == 1 {
        // A changelog of one entry is taken for a first upload to Debian, which closes a bug there.
        text += &format!("{name}: initial-upload-closes-no-bugs\n");
    }
    for tag in file::odd_modes(entries) {
        // Only the project file says a mode that is not everybody's.
        text += &format!("{name}: {tag} *\n");
    }
    if file::loader_cache(entries)? == Some(Reason::Directories) {
        // lintian knows the directories that every system has, and no others.
        text += &format!("{name}: package-has-unnecessary-activation-of-ldconfig-trigger\n");
    }
    if project.manifest.layout == Some(Layout::Bundle) {
        // A bundle is no package for Debian's own archive.
        text += &format!("{name}: dir-or-file-in-opt *\n{name}: wrong-path-for-interpreter *\n");
    }
    Ok(text)
}

fn name(project: &Project) -> Result<DebName, BuildError> {
    if let Some(name) = &project.manifest.deb.name {
        return Ok(name.clone());
    }
    let convention = if payload::is_application(project) {
        DebName::for_application
    } else {
        DebName::for_python_library
    };
    convention(&project.name).map_err(|e| {
        Diagnostic::new(e.to_string())
            .hint("name the package in [deb] name")
            .into()
    })
}

/// The source package: the project, where Debian's rules allow its name.
fn source(project: &Project, name: &DebName) -> String {
    DebName::for_application(&project.name)
        .unwrap_or_else(|_| name.clone())
        .to_string()
}

/// What the project file says, else what the changelog says, else 1; none of a native package.
pub(super) fn revision(project: &Project) -> Option<String> {
    if project.manifest.deb.native {
        return None;
    }
    let logged = || {
        let newest = project.changelog.as_ref().ok()?.newest()?;
        match &newest.version {
            EntryVersion::Released { version, revision } if *version == project.version => revision.clone(),
            _ => None,
        }
    };
    let said = project.manifest.deb.revision.clone();
    Some(said.or_else(logged).unwrap_or_else(|| "1".into()))
}

/// The text of debian/changelog.
pub(super) fn log(project: &Project, source: &str) -> Result<String, BuildError> {
    Ok(changelog::deb_text(
        changelog(project)?,
        &defaults(project, source)?,
    ))
}

/// The changelog, which a system package must have.
pub(super) fn changelog(project: &Project) -> Result<&changelog::Changelog, BuildError> {
    if let Ok(log) = &project.changelog
        && let (None, Some(open), false) = (log.newest(), log.unreleased(), project.version_given)
    {
        let problem = Diagnostic::new("the changelog has only an entry that is not released yet");
        return Err(problem
            .at(open.place.clone())
            .hint(format!(
                "close it: write the version {} and a date there, or build with --version {0}",
                project.version
            ))
            .into());
    }
    project.changelog.as_ref().map_err(|trouble| match trouble {
        ChangelogTrouble::Unreadable(problems) => BuildError::Project(problems.clone()),
        ChangelogTrouble::Missing => {
            let problem = Diagnostic::new(format!(
                "`{}` has no changelog, which a .deb and an .rpm need",
                project.name
            ));
            let command = format!(
                "packyard changelog add --create --version {} \"First release.\"",
                project.version
            );
            problem.hint(format!("make one: {command}")).into()
        }
    })
}

/// Author, date and versions of entries that do not say them.
pub(super) fn defaults(project: &Project, source: &str) -> Result<Defaults, BuildError> {
    let Some(author) = project.maintainer.clone() else {
        return Err(needs::no_maintainer(project).into());
    };
    Ok(Defaults {
        package: source.to_owned(),
        author,
        date: project.date,
        deb_revision: revision(project).unwrap_or_default(),
        rpm_release: project.manifest.rpm.release.clone().unwrap_or_else(|| "1".into()),
        rpm_epoch: project.manifest.rpm.epoch,
        version: project.version.clone(),
    })
}

fn depends(
    project: &Project,
    target: &Target,
    shape: &Shape<'_>,
    payload: &payload::Payload,
    (binaries, abi): (&Binaries, Option<Abi>),
    notes: &mut Vec<String>,
) -> Result<Vec<String>, BuildError> {
    let core = &project.metadata.core;
    let mut depends = Vec::new();
    let interpreters = payload::interpreters(&payload.entries);
    if let Some(bundle) = &shape.bundle {
        let python = target.python();
        check_python(project, target, python.as_ref(), None)?;
        depends.extend(bundle::depends(bundle, binaries.is_empty()));
        notes.extend(bundle.notes.iter().cloned());
    } else if project.python.is_some() {
        let required = core.requires_python.as_deref();
        depends.extend(match (abi, requires::least_python(required)) {
            (Some(abi), _) => abi.depends(required),
            (None, Some(least)) => vec![format!("python3 (>= {least})")],
            (None, None) => vec!["python3".to_owned()],
        });
        let python = target.python().or_else(|| abi?.python());
        check_python(project, target, python.as_ref(), None)?;
        let relations = requirements(project, target, python.as_ref()).depends()?;
        depends.extend(relations.texts);
        notes.extend(relations.notes);
    } else if interpreters.iter().any(|i| i.ends_with("python3")) {
        depends.push("python3".to_owned());
    }
    for (program, package) in [("perl", "perl"), ("ruby", "ruby"), ("node", "nodejs")] {
        if interpreters.iter().any(|i| i.rsplit('/').next() == Some(program)) {
            depends.push(package.to_owned());
        }
    }
    depends.extend(binaries.deb_depends(target, &project.manifest.deb)?);
    if payload.sysusers.is_some() {
        depends.push("systemd | systemd-standalone-sysusers | systemd-sysusers".to_owned());
    }
    if payload.tmpfiles {
        depends.push("systemd | systemd-standalone-tmpfiles | systemd-tmpfiles".to_owned());
    }
    depends.extend(
        project
            .manifest
            .deb
            .relations
            .get("Depends")
            .cloned()
            .unwrap_or_default(),
    );
    Ok(depends)
}

/// A Python project's requirements on a Debian system with this Python, where it is known.
fn requirements<'a>(
    project: &'a Project,
    target: &'a Target,
    python: Option<&'a Version>,
) -> requires::Debian<'a> {
    let core = &project.metadata.core;
    requires::Debian {
        asked: requires::Asked {
            project: &project.name,
            root: &project.root,
            requires_dist: &core.requires_dist,
            pythons: requires::Pythons {
                known: python,
                required: core.requires_python.as_deref(),
            },
        },
        names: &project.manifest.deb_names,
        distribution: target.distribution.as_str(),
        release: target
            .known
            .and_then(|known| requires::DebRelease::of(known.debian_names)),
        is_borrowed: target
            .known
            .is_some_and(|known| !known.names.contains(&known.debian_names)),
    }
}

/// What the project's extras want, then what the project file says.
fn suggests(project: &Project, target: &Target, notes: &mut Vec<String>) -> Result<Vec<String>, BuildError> {
    let mut suggests = Vec::new();
    if project.python.is_some() && project.manifest.layout != Some(Layout::Bundle) {
        let extras = &project.metadata.core.provides_extra;
        let python = target.python();
        let relations = requirements(project, target, python.as_ref()).suggests(extras)?;
        suggests.extend(relations.texts);
        notes.extend(relations.notes);
    }
    suggests.extend(
        project
            .manifest
            .deb
            .relations
            .get("Suggests")
            .cloned()
            .unwrap_or_default(),
    );
    Ok(suggests)
}

/// Relations in the order in which dpkg writes them.
const RELATIONS: [&str; 9] = [
    "Pre-Depends",
    "Depends",
    "Recommends",
    "Suggests",
    "Enhances",
    "Conflicts",
    "Breaks",
    "Replaces",
    "Provides",
];

/// The fields in the order in which dpkg writes them.
fn control(
    project: &Project,
    name: &DebName,
    source: &str,
    version: &str,
    arch: &DebArch,
    [depends, suggests]: &[Vec<String>; 2],
) -> Result<Vec<(String, String)>, BuildError> {
    let keys = &project.manifest.deb;
    let synopsis = text::synopsis(project);
    let description = text::deb_description(&synopsis, &text::paragraphs(project, &synopsis));
    let is_library = !payload::is_application(project);
    let section = keys
        .section
        .clone()
        .unwrap_or_else(|| if is_library { "python" } else { "utils" }.to_owned());
    let mut fields = vec![("Package", name.to_string())];
    if source != name.as_str() {
        fields.push(("Source", source.to_owned()));
    }
    fields.push(("Version", version.to_owned()));
    fields.push(("Architecture", arch.to_string()));
    let maintainer = defaults(project, source)?.author;
    let maintainer = crate::metadata::debian_mailbox(&maintainer.name, &maintainer.email);
    fields.push(("Maintainer", maintainer));
    for field in RELATIONS {
        let own = keys.relations.get(field).map(Vec::as_slice);
        let texts = match field {
            "Depends" => depends,
            "Suggests" => suggests,
            _ => own.unwrap_or_default(),
        };
        fields.push((field, texts.join(", ")));
    }
    fields.push(("Section", section));
    fields.push((
        "Priority",
        keys.priority.clone().unwrap_or_else(|| "optional".to_owned()),
    ));
    fields.push(("Homepage", payload::homepage(project).unwrap_or_default()));
    fields.push(("Description", description));
    let filled = fields.into_iter().filter(|(_, value)| !value.is_empty());
    Ok(filled.map(|(key, value)| (key.to_owned(), value)).collect())
}
