//! What a build would make, without making it.

use crate::{
    BuildError, Plan,
    plan::{Planned, Recipe},
};
use packyard_formats::{content::Content, deb, dsc};
use packyard_types::{ArtifactKind, ArtifactName};
use serde::Serialize;

/// One file inside an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedFile {
    /// Its path as the artifact spells it.
    pub path: String,
    /// Permission bits.
    pub mode: u16,
    /// Size in bytes; none for what has no contents.
    pub size: Option<u64>,
}

/// What an artifact will hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// The artifact.
    pub artifact: ArtifactName,
    /// Its files in order.
    pub files: Vec<ListedFile>,
}

impl Plan {
    /// The kinds of artifacts in this plan.
    pub fn kinds(&self) -> Vec<ArtifactKind> {
        self.artifacts.iter().map(|planned| planned.name.kind()).collect()
    }
}

/// What [`build`] would make, without making it.
pub fn list(plan: &Plan) -> Result<Vec<Listing>, BuildError> {
    let listing = |planned: &Planned| {
        let files = listed(&planned.recipe).map_err(|e| BuildError::Make {
            artifact: planned.name.to_string(),
            reason: e.to_string(),
        })?;
        Ok(Listing {
            artifact: planned.name.clone(),
            files,
        })
    };
    plan.artifacts.iter().map(listing).collect()
}

fn listed(recipe: &Recipe) -> std::io::Result<Vec<ListedFile>> {
    Ok(match recipe {
        Recipe::Sdist(spec) => python_files(&spec.files, &format!("{}/", spec.top)),
        Recipe::Wheel(spec) => python_files(&spec.files, ""),
        Recipe::Deb(spec) => {
            let members = deb::write::control_members(spec)?.into_iter();
            let member = |(name, mode, bytes): (&str, u16, Vec<u8>)| ListedFile {
                path: format!("DEBIAN/{name}"),
                mode,
                size: Some(bytes.len() as u64),
            };
            members.map(member).chain(installed(&spec.entries)).collect()
        }
        Recipe::Dsc(spec) => dsc::write::files(spec).map(source_file).collect(),
        Recipe::Rpm(spec) => installed(&spec.entries),
        Recipe::Srpm(spec) => {
            let own = spec.package.entries.iter().map(|(path, entry)| ListedFile {
                path: path.relative().to_owned(),
                mode: entry.mode,
                size: entry.size_bytes(),
            });
            let archived = spec.archives().flat_map(|(name, archive)| {
                python_files(&archive.files, &format!("{name}/{}/", archive.top))
            });
            own.chain(archived).collect()
        }
    })
}

fn python_files(files: &crate::python::Files, top: &str) -> Vec<ListedFile> {
    let file = |(path, file): (&String, &packyard_formats::content::SourceFile)| ListedFile {
        path: format!("{top}{path}"),
        mode: if file.executable { 0o755 } else { 0o644 },
        size: Some(file.content.size_bytes()),
    };
    files.iter().map(file).collect()
}

fn source_file((path, mode, content): (String, u16, &Content)) -> ListedFile {
    ListedFile {
        path,
        mode,
        size: Some(content.size_bytes()),
    }
}

fn installed(entries: &packyard_formats::entries::Entries) -> Vec<ListedFile> {
    let file =
        |(path, entry): (&packyard_types::InstallPath, &packyard_formats::entries::Entry)| ListedFile {
            path: path.to_string(),
            mode: entry.mode,
            size: entry.size_bytes(),
        };
    entries
        .iter()
        .filter(|(_, entry)| !entry.implied)
        .map(file)
        .collect()
}
