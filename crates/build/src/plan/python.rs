//! Planning an sdist and a wheel.

use super::{Planned, Recipe};
use crate::{
    BuildError, Diagnostic,
    manifest::Layout,
    project::{Project, Python},
    python,
};
use packyard_formats::{sdist::write::SdistSpec, wheel::write::WheelSpec};
use packyard_types::{ArtifactName, ComponentName, DistributionName};

pub(super) fn planned(name: &str, recipe: Recipe) -> Result<Planned, BuildError> {
    let name = ArtifactName::parse(name).map_err(|e| BuildError::Make {
        artifact: name.to_owned(),
        reason: e.to_string(),
    })?;
    Ok(Planned {
        name,
        distribution: DistributionName::any(),
        component: ComponentName::main(),
        recipe,
    })
}

fn python(project: &Project) -> &Python {
    project
        .python
        .as_ref()
        .expect("targets() plans wheels and sdists for Python projects only")
}

/// The module of every console script must be in the wheel. What a build backend made is its own affair.
pub(super) fn check_scripts(project: &Project) -> Result<(), BuildError> {
    let Some(python) = project.python.as_ref().filter(|python| python.built.is_none()) else {
        return Ok(());
    };
    for (name, target) in super::payload::launchers(project) {
        let module = target.split(':').next().unwrap_or(target).trim();
        let path = module.replace('.', "/");
        let files = [format!("{path}.py"), format!("{path}/__init__.py")];
        if !files.iter().any(|file| python.modules.contains_key(file)) {
            let problem = Diagnostic::new(format!(
                "the entry point `{name}` runs the module `{module}`, which is not in the wheel"
            ));
            return Err(problem
                .hint(format!(
                    "add `{}` to the packages, or correct the entry point",
                    files[0]
                ))
                .into());
        }
    }
    Ok(())
}

pub(super) fn wheel(project: &Project) -> Result<Planned, BuildError> {
    let python = python(project);
    let mut files = python.modules.clone();
    files.extend(python.dist_info.clone());
    let data = python.dist_info_name.replace(".dist-info", ".data");
    let own = python.data.iter();
    files.extend(own.map(|(path, file)| (format!("{data}/{path}"), file.clone())));
    let spec = WheelSpec {
        dist_info: python.dist_info_name.clone(),
        files,
        mtime: project.date,
    };
    let name = match &python.built {
        Some(built) => built.wheel_name.to_string(),
        None => format!(
            "{}-{}-{}-none-any.whl",
            project.name.in_filenames(),
            project.version,
            python.tag
        ),
    };
    planned(&name, Recipe::Wheel(spec))
}

/// The wheel without compiled modules, where the project has one beside.
pub(super) fn pure_wheel(project: &Project) -> Result<Option<Planned>, BuildError> {
    let Some(pure) = &project.pure else {
        return Ok(None);
    };
    let spec = WheelSpec {
        dist_info: pure.dist_info_name.clone(),
        files: pure.wheel.clone(),
        mtime: project.date,
    };
    planned(pure.wheel_name.as_str(), Recipe::Wheel(spec)).map(Some)
}

pub(super) fn sdist(project: &Project) -> Result<Planned, BuildError> {
    let python = python(project);
    let files = match python.built.as_ref().and_then(|built| built.sdist.clone()) {
        Some(files) => files,
        None => own_sdist(project, python)?,
    };
    let top = format!("{}-{}", project.name.in_filenames(), project.version);
    let name = format!("{top}.tar.gz");
    planned(
        &name,
        Recipe::Sdist(SdistSpec {
            top,
            files,
            mtime: project.date,
        }),
    )
}

/// The project's own files; those that state another version than the one that is built say that one.
fn own_sdist(project: &Project, python: &Python) -> Result<python::Files, BuildError> {
    let named = named_files(project);
    let sources = match &python.built {
        // Its frontend made no sdist: everything that lies in the project.
        Some(_) => python::all_sources(&project.root)?,
        None => python.sources.clone(),
    };
    let mut files = python::sdist_files(&project.root, &project.metadata, sources, &named)?;
    for (name, text) in &project.restated {
        if let Some(file) = files.get_mut(name) {
            file.content = text.clone().into();
        }
    }
    Ok(files)
}

/// What the project file names, so that an sdist can be built into every format again.
fn named_files(project: &Project) -> Vec<String> {
    let manifest = &project.manifest;
    let sources = super::sources::names(&project.root, &manifest.files);
    let units = manifest
        .services
        .iter()
        .filter_map(|service| service.given.as_ref());
    let mut named: Vec<String> = units.map(|(path, _)| path.clone()).collect();
    named.extend(sources);
    if manifest.layout == Some(Layout::Bundle) {
        named.extend(python::bundle::lock_file(&project.root, &manifest.bundle));
    }
    named.extend(
        project
            .changelog
            .as_ref()
            .ok()
            .map(|changelog| changelog.file.clone()),
    );
    named
}
