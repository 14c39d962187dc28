//! Planning a Debian source package. What it builds is the .deb of the same plan: its `debian/` is worked out from the
//! files, the fields and the scripts of that .deb (docs/decisions/0015).

mod debian;
mod ignored;
mod rules;
mod standards;

use super::{Planned, Recipe, deb, target::Target, upstream};
use crate::{
    BuildError, Diagnostic,
    project::Project,
    python::{Files, all_sources},
};
use packyard_formats::{
    content::SourceFile,
    deb::write::DebSpec,
    dsc::write::{Binary, DscSpec, NewestEntry, SourceFormat},
    sdist::write::SdistSpec,
};
use packyard_types::{ArtifactName, DebArch, DebName};

/// What debhelper is asked for: bullseye has it, and every later release.
const BUILD_DEPENDS: &str = "debhelper-compat (= 13)";

pub(super) fn plan(
    project: &Project,
    target: &Target,
    notes: &mut Vec<String>,
) -> Result<Planned, BuildError> {
    let deb = deb::plan(project, target, notes)?;
    let Recipe::Deb(binary) = &deb.recipe else {
        unreachable!("deb::plan() plans a .deb");
    };
    let spec = source(project, binary, upstream::tree(project)?, notes)?;
    let distribution = (!target.distribution.is_any()).then(|| target.distribution.to_string());
    let spec = DscSpec { distribution, ..spec };
    let file = spec.dsc_name();
    let name = ArtifactName::parse(&file).map_err(|e| BuildError::Make {
        artifact: file,
        reason: e.to_string(),
    })?;
    Ok(Planned {
        name,
        recipe: Recipe::Dsc(Box::new(spec)),
        ..deb
    })
}

/// `debian/` alone, for the project as it lies there: what is not in the project is in `debian/`.
pub(super) fn eject(
    project: &Project,
    target: &Target,
    notes: &mut Vec<String>,
) -> Result<Files, BuildError> {
    let deb = deb::plan(project, target, notes)?;
    let Recipe::Deb(binary) = &deb.recipe else {
        unreachable!("deb::plan() plans a .deb");
    };
    let tree = SdistSpec {
        top: String::new(),
        files: upstream::own_files(project)?,
        mtime: project.date,
    };
    let spec = source(project, binary, tree, notes)?;
    let mut debian = spec.debian;
    if spec.format == SourceFormat::Quilt {
        let own = all_sources(&project.root)?;
        let own = own.into_iter().filter(|(path, _)| !path.starts_with("debian/"));
        let options = ignored::options(&own.collect(), &upstream::tree(project)?.files);
        let file = SourceFile {
            content: options.into_bytes().into(),
            executable: false,
        };
        debian.insert("source/options".to_owned(), file);
    }
    let below = |(name, file)| (format!("debian/{name}"), file);
    Ok(debian.into_iter().map(below).collect())
}

fn source(
    project: &Project,
    binary: &DebSpec,
    mut tree: SdistSpec,
    notes: &mut Vec<String>,
) -> Result<DscSpec, BuildError> {
    let field = |key: &str| {
        let mut fields = binary.control.iter();
        fields.find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    };
    let needed = |key: &str| field(key).unwrap_or_default().to_owned();
    let package = parsed::<DebName>(&needed("Package"))?;
    let source = parsed::<DebName>(field("Source").unwrap_or(package.as_str()))?;
    let version = needed("Version");
    let log = deb::log(project, source.as_str())?;
    let newest = newest(&log, &version)?;
    let format = if deb::revision(project).is_some() {
        SourceFormat::Quilt
    } else {
        // One archive holds both: of a debian/ of the project's own nothing is left.
        tree.files.retain(|path, _| !path.starts_with("debian/"));
        SourceFormat::Native
    };
    let binaries = vec![Binary {
        section: needed("Section"),
        priority: needed("Priority"),
        arch: parsed::<DebArch>(&needed("Architecture"))?,
        synopsis: needed("Description")
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
        name: package,
    }];
    let spec = DscSpec {
        maintainer: needed("Maintainer"),
        homepage: field("Homepage").map(str::to_owned),
        standards: standards::version(project.date).to_owned(),
        build_depends: BUILD_DEPENDS.to_owned(),
        distribution: None,
        made_with: concat!("packyard (= ", env!("CARGO_PKG_VERSION"), ")").to_owned(),
        debian: Files::new(),
        source,
        version,
        format,
        tree,
        binaries,
        newest,
    };
    let debian = debian::files(&spec, binary, log, project.manifest.deb.compression)?;
    notes.extend(debian.compiled.iter().map(|path| {
        format!("`{path}` is compiled: the source package holds it as it is, and does not build it")
    }));
    Ok(DscSpec {
        debian: debian.files,
        ..spec
    })
}

fn parsed<T: std::str::FromStr>(text: &str) -> Result<T, BuildError>
where
    T::Err: std::fmt::Display,
{
    text.parse()
        .map_err(|e: T::Err| Diagnostic::new(e.to_string()).into())
}

/// dpkg takes the version of what it builds from the changelog's first entry.
fn newest(log: &str, version: &str) -> Result<NewestEntry, BuildError> {
    let Some(newest) = NewestEntry::read(log) else {
        return Err(Diagnostic::new("the changelog has no entry that says anything")
            .hint("a Debian source package is called after its newest entry: add an item to it")
            .into());
    };
    if newest.version == version {
        return Ok(newest);
    }
    let message = format!(
        "the newest entry of the changelog is {} for Debian, the package {version}",
        newest.version
    );
    Err(Diagnostic::new(message)
        .hint("let both have one version and revision, or leave `revision` out of [deb]")
        .into())
}
