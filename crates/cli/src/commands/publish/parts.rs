//! The files that a .dsc names: they lie beside it, or the yard has them.

use super::Wanted;
use anyhow::{Context as _, bail};
use packyard_client::{ReleaseArtifact, ReleasePart};
use packyard_formats::dsc::Dsc;
use packyard_types::{ArtifactKind, Digest};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// The files that an artifact names; none where it is no .dsc.
pub fn of(wanted: &Wanted) -> anyhow::Result<Vec<ReleasePart>> {
    if wanted.name.kind() != ArtifactKind::Dsc {
        return Ok(Vec::new());
    }
    let shown = wanted.path.display();
    let raw = std::fs::read(&wanted.path).with_context(|| format!("reading `{shown}`"))?;
    let dsc = Dsc::parse(&raw).map_err(|f| anyhow::anyhow!("`{shown}`: {f}\nhint: {}", f.hint))?;
    let part = |file: packyard_formats::dsc::Listed| ReleasePart {
        filename: file.name,
        sha256: file.sha256,
    };
    Ok(dsc.files.into_iter().map(part).collect())
}

/// What the yard lacks must lie beside the .dsc that names it.
pub fn must_be_there(
    artifacts: &[ReleaseArtifact],
    files: &BTreeMap<Digest, PathBuf>,
    missing: &BTreeSet<Digest>,
) -> anyhow::Result<()> {
    for artifact in artifacts {
        let lacking = artifact.parts.iter().filter(|p| missing.contains(&p.sha256));
        let not_here = |p: &&ReleasePart| files.get(&p.sha256).is_none_or(|path| !path.is_file());
        let names: Vec<String> = lacking
            .filter(not_here)
            .map(|p| format!("`{}` (sha256 {})", p.filename, p.sha256))
            .collect();
        if !names.is_empty() {
            bail!(
                "`{}` names files that are neither beside it nor in the yard: {}\nhint: put them beside the .dsc",
                artifact.filename,
                names.join(", ")
            );
        }
    }
    Ok(())
}
