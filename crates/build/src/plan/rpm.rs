//! Planning an .rpm.

use super::{
    Planned, Recipe, bundle,
    compiled::{self, Abi},
    copyright,
    deb::{changelog, defaults},
    elf::Binaries,
    payload::{self, Payload, Shape},
    target::{Target, check_python},
    text, units,
};
use crate::{
    BuildError, Diagnostic, Place,
    changelog::rpm_entries,
    files,
    manifest::Layout,
    project::Project,
    python::{launcher, requires},
    scripts,
};
use packyard_formats::{
    compress::Compression,
    entries::{Entry, Role},
    rpm::write::{RpmKind, RpmSpec},
};
use packyard_types::{ArtifactName, ComponentName, RpmDependency, RpmFlags, RpmName};
use pep508_rs::pep440_rs::Version;

/// The Python of library packages that are for `any` distribution.
const DEFAULT_PYTHON: &str = "3.9";

pub(super) fn plan(
    project: &Project,
    target: &Target,
    notes: &mut Vec<String>,
) -> Result<Planned, BuildError> {
    let name = name(project)?;
    let python = python(project, target, notes)?;
    let said = project.manifest.rpm.python.as_ref().map(|(_, place)| place);
    check_python(project, target, python.as_ref(), said)?;
    let bundle = bundle::of(project, target, python.as_ref())?;
    let abi = match bundle {
        Some(_) => None,
        None => compiled::of(project, target, python.as_ref())?,
    };
    let python = python.or_else(|| abi?.python());
    let layout = layout(project, python.as_ref());
    let python = python.filter(|_| layout == Layout::Module);
    let site = python
        .as_ref()
        .map(|v| {
            let lib = abi.map_or("lib", |_| compiled::library_directory());
            format!("/usr/{lib}/python{v}/site-packages")
        })
        .unwrap_or_default();
    let shape = Shape {
        package: name.as_str(),
        is_deb: false,
        layout,
        site,
        interpreter: interpreter(python.as_ref(), target),
        known: target.known,
        bundle: bundle.clone(),
    };
    let mut payload = payload::payload(project, &shape)?;
    units::judge(project, &shape, &payload, notes)?;
    documents(project, &name, &mut payload)?;
    let release = target.rpm_release(project.manifest.rpm.release.as_deref());
    let synopsis = text::synopsis(project);
    let license = license(project);
    let relations = |key: &str| relations(project.manifest.rpm.relations.get(key).map_or(&[], Vec::as_slice));
    let mut provides = relations("provides")?;
    if let Some(python) = &python {
        provides.extend(requires::rpm_provides(
            &project.name,
            project.version.pep440(),
            python,
        ));
        let epoch = project
            .manifest
            .rpm
            .epoch
            .unwrap_or_else(|| project.version.epoch());
        let epoch = if epoch > 0 {
            format!("{epoch}:")
        } else {
            String::new()
        };
        let evr = format!("{epoch}{}-{release}", project.version.rpm_version());
        provides.extend(requires::rpm_named_provides(name.as_str(), &evr, python));
    }
    let mut defaults = defaults(project, project.name.as_str())?;
    defaults.rpm_release.clone_from(&release);
    let vendor = project.manifest.rpm.vendor.clone();
    let binaries = Binaries::of(&payload.entries, |path| payload.place_of(path))?;
    binaries.check_glibc(target)?;
    let mut requires = requires(project, &payload, &shape, (&binaries, abi), python.as_ref())?;
    requires.extend(relations("requires")?);
    provides.extend(binaries.rpm_provides());
    if let Some(bundle) = &bundle {
        provides.extend(bundle::provides(bundle));
        notes.extend(bundle.notes.iter().cloned());
    }
    let spec = RpmSpec {
        kind: RpmKind::Binary {
            source: project.name.to_string(),
        },
        epoch: project
            .manifest
            .rpm
            .epoch
            .unwrap_or_else(|| project.version.epoch()),
        version: project.version.rpm_version(),
        release: release.clone(),
        arch: bundle::rpm_arch(bundle.as_deref(), binaries.architecture()?.1),
        license,
        summary: text::capitalised(&synopsis),
        description: text::rpm_description(&text::paragraphs(project, &synopsis)),
        url: payload::homepage(project),
        packager: Some(defaults.author.to_string()),
        vendor: Some(vendor.unwrap_or_else(|| defaults.author.name.clone())),
        group: project
            .manifest
            .rpm
            .group
            .clone()
            .unwrap_or_else(|| group(project)),
        requires,
        recommends: relations("recommends")?,
        suggests: relations("suggests")?,
        supplements: relations("supplements")?,
        enhances: relations("enhances")?,
        conflicts: relations("conflicts")?,
        provides,
        obsoletes: relations("obsoletes")?,
        scripts: scripts::rpm::scripts(&payload.chores(project, &shape)?),
        changelog: rpm_entries(changelog(project)?, &defaults),
        compression: compression(project, target),
        entries: payload.entries,
        name,
    };
    let file = format!("{}-{}-{release}.{}.rpm", spec.name, spec.version, spec.arch);
    let file = ArtifactName::parse(&file).map_err(|e| BuildError::Make {
        artifact: file,
        reason: e.to_string(),
    })?;
    Ok(Planned {
        name: file,
        distribution: target.distribution.clone(),
        component: ComponentName::main(),
        recipe: Recipe::Rpm(Box::new(spec)),
    })
}

/// What the project says, else what the distribution's own packages have; gzip, which every rpm reads, for `any`.
fn compression(project: &Project, target: &Target) -> Compression {
    let own = || Some(target.known?.compression);
    project
        .manifest
        .rpm
        .compression
        .or_else(own)
        .unwrap_or(Compression::Gzip)
}

fn name(project: &Project) -> Result<RpmName, BuildError> {
    if let Some(name) = &project.manifest.rpm.name {
        return Ok(name.clone());
    }
    let convention = if payload::is_application(project) {
        RpmName::for_application
    } else {
        RpmName::for_python_library
    };
    convention(&project.name).map_err(|e| {
        Diagnostic::new(e.to_string())
            .hint("name the package in [rpm] name")
            .into()
    })
}

/// The Python that modules are installed for: what the project file says, the distribution's own, or for a library 3.9.
fn python(
    project: &Project,
    target: &Target,
    notes: &mut Vec<String>,
) -> Result<Option<Version>, BuildError> {
    if project.python.is_none() {
        return Ok(None);
    }
    if let Some((text, place)) = &project.manifest.rpm.python {
        let version: Option<Version> = text.parse().ok().filter(|v: &Version| v.release().len() == 2);
        if version.is_none() {
            let problem = Diagnostic::new(format!("`{text}` is not a Python version")).at(place.clone());
            return Err(problem.hint("write it as `3.9`").into());
        }
        return Ok(version);
    }
    let known = target.python();
    if known.is_none()
        && project.manifest.layout != Some(Layout::Bundle)
        && let Some(python) = compiled::of(project, target, None)?.and_then(Abi::python)
    {
        notes.push(format!(
            "the .rpm is for Python {python}, which its modules were compiled for"
        ));
        return Ok(Some(python));
    }
    let is_module = project.manifest.layout == Some(Layout::Module) || !payload::is_application(project);
    if known.is_none() && is_module {
        let mut python = default_python(project);
        if let Some(least) = compiled::of(project, target, None)?.and_then(Abi::since) {
            python = python.max(least);
        }
        notes.push(format!(
            "the .rpm is built for Python {python}; say otherwise with [rpm] python or --for el9, el10, …"
        ));
        return Ok(Some(python));
    }
    Ok(known)
}

/// 3.9, or the first Python after it that the project runs on.
/// The Python of programs: by its version, where the modules are for another one than the distribution's own.
fn interpreter(python: Option<&Version>, target: &Target) -> String {
    match python {
        Some(python) if target.python().as_ref() != Some(python) => format!("/usr/bin/python{python}"),
        _ => launcher::PYTHON.to_owned(),
    }
}

fn default_python(project: &Project) -> Version {
    let wanted = project.metadata.core.requires_python.as_deref();
    let default: Version = DEFAULT_PYTHON.parse().expect("the constant is a version");
    match requires::least_python(wanted) {
        Some(least) if least > default => Version::new(least.release().iter().take(2)),
        _ => default,
    }
}

/// A library is a module; an application is private, unless it is built for one distribution.
fn layout(project: &Project, python: Option<&Version>) -> Layout {
    match (project.manifest.layout, python) {
        (Some(layout), _) => layout,
        (None, Some(_)) => Layout::Module,
        (None, None) => Layout::Private,
    }
}

/// That there is one was checked before.
fn license(project: &Project) -> String {
    copyright::license(project).unwrap_or_else(|| "LicenseRef-Unknown".to_owned())
}

/// RPM's groups are history; rpmlint still knows the list.
fn group(project: &Project) -> String {
    let group = if !project.manifest.services.is_empty() {
        "System Environment/Daemons"
    } else if payload::is_application(project) {
        "Applications/System"
    } else {
        "Development/Libraries"
    };
    group.to_owned()
}

fn documents(project: &Project, name: &RpmName, payload: &mut Payload) -> Result<(), BuildError> {
    let said = &project.metadata.core.license_files;
    let licenses = if said.is_empty() {
        crate::metadata::default_license_files(&project.root)?
    } else {
        said.clone()
    };
    for file in licenses {
        let text = files::read_file(&project.root, &file)?.content;
        let base = file.rsplit('/').next().unwrap_or(&file);
        payload.put(
            &format!("/usr/share/licenses/{name}/{base}"),
            Entry::file(text).with_role(Role::License),
        )?;
    }
    if let Some((readme, entry)) = payload::readme(project)? {
        payload.put(&format!("/usr/share/doc/{name}/{readme}"), entry)?;
    }
    Ok(())
}

pub(super) fn dependency(name: &str, flags: Option<RpmFlags>, version: &str, pre: bool) -> RpmDependency {
    RpmDependency {
        name: name.to_owned(),
        flags,
        version: version.to_owned(),
        pre,
    }
}

fn requires(
    project: &Project,
    payload: &Payload,
    shape: &Shape<'_>,
    (binaries, abi): (&Binaries, Option<Abi>),
    python: Option<&Version>,
) -> Result<Vec<RpmDependency>, BuildError> {
    let core = &project.metadata.core;
    let mut requires = Vec::new();
    if let Some(bundle) = &shape.bundle {
        requires.extend(bundle::requires(bundle, binaries.is_empty()));
    } else if project.python.is_some() {
        match (shape.layout, python) {
            (Layout::Module, Some(python)) => {
                requires.push(dependency(
                    "python(abi)",
                    Some(RpmFlags::Equal),
                    &python.to_string(),
                    false,
                ));
            }
            _ if abi.is_some() => {
                requires.extend(abi.map(|abi| abi.requires(core.requires_python.as_deref())));
            }
            _ => requires.push(match requires::least_python(core.requires_python.as_deref()) {
                Some(least) => dependency(
                    "python3",
                    Some(RpmFlags::GreaterOrEqual),
                    &least.to_string(),
                    false,
                ),
                None => dependency("python3", None, "", false),
            }),
        }
        requires.extend(requires::rpm_requires(&requires::Asked {
            project: &project.name,
            root: &project.root,
            requires_dist: &core.requires_dist,
            pythons: requires::Pythons {
                known: python,
                required: core.requires_python.as_deref(),
            },
        })?);
    }
    for interpreter in payload::interpreters(&payload.entries) {
        // Programs of bundled wheels run on the bundle's Python, whatever their first line says.
        let base = interpreter.rsplit('/').next().unwrap_or_default();
        if shape.bundle.is_some() && base.starts_with("python") {
            continue;
        }
        let full = if interpreter.starts_with('/') {
            interpreter
        } else {
            format!("/usr/bin/{interpreter}")
        };
        requires.push(dependency(&full, None, "", false));
    }
    requires.extend(binaries.rpm_requires());
    if !payload.units.is_empty() || payload.sysusers.is_some() {
        requires.push(dependency("systemd", None, "", true));
    }
    Ok(requires)
}

/// `name`, or `name OPERATOR version`, as in a spec file.
fn relations(texts: &[(String, Place)]) -> Result<Vec<RpmDependency>, BuildError> {
    let parse = |(text, place): &(String, Place)| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let flags = |operator: &str| match operator {
            "=" | "==" => Some(RpmFlags::Equal),
            "<" => Some(RpmFlags::Less),
            "<=" => Some(RpmFlags::LessOrEqual),
            ">" => Some(RpmFlags::Greater),
            ">=" => Some(RpmFlags::GreaterOrEqual),
            _ => None,
        };
        match words[..] {
            _ if text.starts_with('(') && text.ends_with(')') => Ok(dependency(text, None, "", false)),
            [name] if !name.contains(['<', '>', '=']) => Ok(dependency(name, None, "", false)),
            [name, operator, version] if flags(operator).is_some() => {
                Ok(dependency(name, flags(operator), version, false))
            }
            _ => {
                let problem = Diagnostic::new(format!("`{text}` is not an RPM dependency")).at(place.clone());
                Err(problem.hint(meant(text)).into())
            }
        }
    };
    texts.iter().map(parse).collect()
}

/// How a relation without blanks, or in Debian's form, is written for RPM.
fn meant(text: &str) -> String {
    let plain = text.replace(['(', ')', ' '], "");
    let operator = |c: char| "<>=!~".contains(c);
    let parts = plain.find(operator).map(|at| plain.split_at(at));
    let Some((name, rest)) = parts.filter(|(name, _)| !name.is_empty()) else {
        return "write it as `name` or `name >= 1.0`".to_owned();
    };
    let version = rest.trim_start_matches(operator);
    match (&rest[..rest.len() - version.len()], version) {
        (_, "") => "write it as `name` or `name >= 1.0`".to_owned(),
        ("<<", version) => format!("did you mean `{name} < {version}`?"),
        (">>", version) => format!("did you mean `{name} > {version}`?"),
        ("!=", version) => format!("write `({name} < {version} or {name} > {version})`"),
        ("~=", version) => format!("did you mean `{name} >= {version}`?"),
        (operator, version) => format!("did you mean `{name} {operator} {version}`?"),
    }
}
