//! Debian source packages: a .dsc brings the files beside it that it names. One of this machine is asked itself, one that
//! is elsewhere is described by its index, and the yard compares what came with what the .dsc says.

use super::{look::Seen, plan::Item};
use packyard_client::{ReleaseArtifact, ReleasePart};
use packyard_formats::{
    dsc::Dsc,
    fault::Fault,
    intake::{self, Intake, Limits, NotAPackage},
    repository::FoundPart,
};
use packyard_types::{ArtifactKind, ArtifactName, Digest, PartName};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// The directories with .dsc files, each with the name of a source package there.
pub type Places = BTreeSet<(PathBuf, String)>;

/// Where source packages lie.
pub fn places(seen: &[Seen]) -> Places {
    let candidates = seen.iter().flat_map(|s| &s.candidates);
    let dscs = candidates.filter(|c| c.filename.ends_with(".dsc"));
    dscs.filter_map(|c| {
        let (name, _) = c.filename.split_once('_')?;
        Some((c.at.file()?.parent()?.to_owned(), name.to_owned()))
    })
    .collect()
}

/// Whether a file goes in with a .dsc beside it, or is of no use without one.
pub fn is_part(places: &Places, at: Option<&Path>, filename: &str) -> bool {
    let plain = filename.strip_suffix(".asc").unwrap_or(filename);
    let Some((name, rest)) = plain.split_once('_') else {
        return false;
    };
    let directory = at.and_then(Path::parent).map(Path::to_owned);
    let looks = rest.contains(".tar.") || rest.ends_with(".diff.gz");
    looks && directory.is_some_and(|d| places.contains(&(d, name.to_owned())))
}

/// The files that an artifact names; none where it is no .dsc, or cannot be read: the yard will say why.
pub fn parts(item: &Item) -> Vec<ReleasePart> {
    let Some(file) = item.at.file().filter(|_| item.name.kind() == ArtifactKind::Dsc) else {
        let part = |part: &FoundPart| ReleasePart {
            filename: part.name.clone(),
            sha256: part.sha256,
        };
        return item.parts.iter().map(part).collect();
    };
    let dsc = std::fs::read(file).ok().and_then(|raw| Dsc::parse(&raw).ok());
    let part = |file: packyard_formats::dsc::Listed| ReleasePart {
        filename: file.name,
        sha256: file.sha256,
    };
    dsc.map_or_else(Vec::new, |dsc| dsc.files.into_iter().map(part).collect())
}

/// The files beside each .dsc that it names.
pub fn beside(ready: &[(Item, ReleaseArtifact)]) -> Vec<(Digest, PathBuf)> {
    let named = ready.iter().filter_map(|(item, artifact)| {
        let dsc = item.at.file()?;
        let parts = artifact.parts.iter();
        Some(parts.map(move |p| (p.sha256, dsc.with_file_name(p.filename.as_str()))))
    });
    named.flatten().filter(|(_, path)| path.is_file()).collect()
}

/// Where the files lie that belong to packages that are elsewhere; one that several name is named once.
pub fn elsewhere(items: &[Item]) -> BTreeMap<Digest, String> {
    let each = items.iter().flat_map(|item| {
        let parts = item.parts.iter();
        parts.filter_map(|p| Some((p.sha256, item.at.url_beside(&p.name)?)))
    });
    each.collect()
}

/// Reads a package of this machine as the yard would.
pub fn read(name: &ArtifactName, file: &Path) -> Result<Intake, Vec<NotAPackage>> {
    let wrong = |fault: Fault| vec![NotAPackage::of(name, fault)];
    let io = |e: &std::io::Error| wrong(Fault::new(e.to_string(), "check the path and the permissions"));
    let limits = Limits::default();
    if name.kind() != ArtifactKind::Dsc {
        let mut opened = File::open(file).map_err(|e| io(&e))?;
        return intake::read(name, &mut opened, &limits);
    }
    let raw = std::fs::read(file).map_err(|e| io(&e))?;
    let dsc = Dsc::parse(&raw).map_err(wrong)?;
    let open = |part: &PartName| {
        let part = File::open(file.with_file_name(part.as_str()))?;
        Ok(Box::new(part) as Box<dyn Read>)
    };
    intake::read_source(name, dsc, &open, &limits).map_err(|e| vec![e])
}
