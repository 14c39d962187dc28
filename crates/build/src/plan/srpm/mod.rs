//! Planning a source .rpm. What it builds is the .rpm of the same plan: its .spec is worked out from the files, the
//! relations and the scriptlets of that .rpm (docs/decisions/0015).
//!
//! | file | holds |
//! |---|---|
//! | `NAME.spec` | how the package is put together |
//! | `TOP.tar.gz` | the project's own files: the bytes of the sdist |
//! | `TOP-rpm.tar.gz` | `rpm/`: what was generated, where there is anything |

mod file_list;
mod spec_file;

pub(super) use spec_file::is_ejected;

use super::{
    Planned, Recipe,
    installation::{self, Generated, Installation, installation},
    rpm,
    target::Target,
    upstream,
};
use crate::{BuildError, Diagnostic, project::Project, python::Files};
use packyard_formats::{
    content::{Content, SourceFile},
    entries::{Entries, Entry},
    rpm::write::{RpmKind, RpmScripts, RpmSpec},
    sdist::write::SdistSpec,
};
use packyard_types::{ArtifactKind, ArtifactName, InstallPath, RpmName};

/// Where the .spec finds what was generated.
pub(super) const GENERATED: &str = "rpm";

/// What a source .rpm is made of.
#[derive(Debug, Clone)]
pub(crate) struct SrpmSpec {
    /// The header, and the .spec among its entries; the archives are put there when they are made.
    pub package: RpmSpec,
    /// The project's own files.
    pub tree: SdistSpec,
    /// What was generated; no files where nothing was.
    pub generated: SdistSpec,
}

impl SrpmSpec {
    /// The archives by their names: those that have files.
    pub fn archives(&self) -> impl Iterator<Item = (String, &SdistSpec)> {
        let generated = (!self.generated.files.is_empty()).then_some(&self.generated);
        let generated = generated.map(|files| (archive(&self.tree.top, true), files));
        [(archive(&self.tree.top, false), &self.tree)]
            .into_iter()
            .chain(generated)
    }

    /// The whole package, once the archives are there.
    pub fn with_archives(&self, archives: Vec<(String, Content)>) -> Result<RpmSpec, BuildError> {
        let mut package = self.package.clone();
        for (name, content) in archives {
            put(&mut package.entries, &name, content)?;
        }
        Ok(package)
    }
}

/// `TOP.tar.gz`, or `TOP-rpm.tar.gz` of what was generated.
fn archive(top: &str, is_generated: bool) -> String {
    if is_generated {
        format!("{top}-{GENERATED}.tar.gz")
    } else {
        format!("{top}.tar.gz")
    }
}

fn put(entries: &mut Entries, name: &str, content: Content) -> Result<(), BuildError> {
    let refused = |reason: String| BuildError::Make {
        artifact: name.to_owned(),
        reason,
    };
    let path = InstallPath::parse(&format!("/{name}")).map_err(|e| refused(e.to_string()))?;
    let done = entries.insert(path, Entry::file(content));
    done.map_err(|e| refused(e.to_string()))
}

pub(super) fn plan(
    project: &Project,
    target: &Target,
    notes: &mut Vec<String>,
) -> Result<Planned, BuildError> {
    let (planned, binary) = binary(project, target, notes)?;
    let tree = upstream::tree(project)?;
    let Spec { text, generated } = spec(&binary, &tree, notes)?;
    let name = source(&binary).to_owned();
    let spec_file = format!("{name}.spec");
    let mut entries = Entries::new(project.date);
    put(&mut entries, &spec_file, text.into_bytes().into())?;
    let file = format!("{name}-{}-{}.src.rpm", binary.version, binary.release);
    let package = RpmSpec {
        name: RpmName::parse(&name).map_err(|e| Diagnostic::new(e.to_string()))?,
        kind: RpmKind::Source { spec_file },
        requires: Vec::new(),
        recommends: Vec::new(),
        suggests: Vec::new(),
        supplements: Vec::new(),
        enhances: Vec::new(),
        conflicts: Vec::new(),
        provides: Vec::new(),
        obsoletes: Vec::new(),
        scripts: RpmScripts::default(),
        entries,
        ..binary
    };
    let generated = SdistSpec {
        top: GENERATED.to_owned(),
        files: generated,
        mtime: project.date,
    };
    let name = ArtifactName::parse(&file).map_err(|e| BuildError::Make {
        artifact: file,
        reason: e.to_string(),
    })?;
    Ok(Planned {
        name,
        recipe: Recipe::Srpm(Box::new(SrpmSpec {
            package,
            tree,
            generated,
        })),
        ..planned
    })
}

/// The .spec and `rpm/`, for the project as it lies there: what is not in the project is in `rpm/`.
pub(super) fn eject(
    project: &Project,
    target: &Target,
    notes: &mut Vec<String>,
) -> Result<Files, BuildError> {
    let (_, binary) = binary(project, target, notes)?;
    let tree = SdistSpec {
        files: upstream::own_files(project)?,
        ..upstream::tree(project)?
    };
    let Spec { text, generated } = spec(&binary, &tree, notes)?;
    let spec_file = SourceFile {
        content: text.into_bytes().into(),
        executable: false,
    };
    let below = |(name, file)| (format!("{GENERATED}/{name}"), file);
    let mut files: Files = generated.into_iter().map(below).collect();
    files.insert(format!("{}.spec", source(&binary)), spec_file);
    Ok(files)
}

/// The .rpm that is built from it.
fn binary(
    project: &Project,
    target: &Target,
    notes: &mut Vec<String>,
) -> Result<(Planned, RpmSpec), BuildError> {
    let target = Target {
        kind: ArtifactKind::Rpm,
        ..target.clone()
    };
    let planned = rpm::plan(project, &target, notes)?;
    let Recipe::Rpm(binary) = &planned.recipe else {
        unreachable!("rpm::plan() plans an .rpm");
    };
    let binary = RpmSpec::clone(binary);
    if binary.changelog.is_empty() {
        return Err(Diagnostic::new("the changelog has no entry that says anything")
            .hint("a source package is called after its newest entry: add an item to it")
            .into());
    }
    Ok((planned, binary))
}

fn source(binary: &RpmSpec) -> &str {
    match &binary.kind {
        RpmKind::Binary { source } => source,
        RpmKind::Source { .. } => binary.name.as_str(),
    }
}

/// The text of a .spec, and what it needs beside the upstream tree.
struct Spec {
    text: String,
    generated: Files,
}

fn spec(binary: &RpmSpec, tree: &SdistSpec, notes: &mut Vec<String>) -> Result<Spec, BuildError> {
    let generated = Generated {
        below: GENERATED,
        package: binary.name.as_str(),
    };
    let Installation { steps, data, .. } =
        installation(&tree.files, &binary.entries, generated, Files::new())?;
    let compiled = installation::compiled(&steps, &tree.files, GENERATED, &data);
    notes.extend(compiled.iter().map(|path| {
        format!("`{path}` is compiled: the source package holds it as it is, and does not build it")
    }));
    let text = spec_file::text(&spec_file::Sources {
        binary,
        source: source(binary),
        top: &tree.top,
        has_generated: !data.is_empty(),
        steps,
    })?;
    Ok(Spec {
        text,
        generated: data,
    })
}
