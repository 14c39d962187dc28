//! The files of a Debian source package, each made from the sums of those before it.

use super::{Beside, BuiltArtifact, write};
use crate::BuildError;
use packyard_formats::dsc::write::{self as format, Archive, DscSpec, Summed, Summing, Upload};
use packyard_types::Blob;
use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
};

/// Makes all of them in the directory of `file`, which is the .dsc. What the same build has made there already may be the
/// package: then there is a .changes that has it, too.
pub(super) fn make(
    spec: &DscSpec,
    file: &str,
    dir: &Path,
    made: &[BuiltArtifact],
) -> Result<(Blob, Vec<Beside>), BuildError> {
    let parent = &file[..file.len() - spec.dsc_name().len()];
    let place = |name: &str| format!("{parent}{name}");
    let text = |name: String, text: io::Result<String>| {
        let text = text.map_err(|e| BuildError::Make {
            artifact: name.clone(),
            reason: e.to_string(),
        })?;
        write(&dir.join(place(&name)), text.as_bytes())?;
        Ok::<_, BuildError>(Summed::of(name, text.as_bytes()))
    };
    let archives = spec.archives().iter();
    let archives = archives
        .map(|archive| pack(spec, *archive, &dir.join(place(&spec.archive_name(*archive)))))
        .collect::<Result<Vec<_>, _>>()?;
    let dsc = text(spec.dsc_name(), format::dsc(spec, &archives))?;
    let blob = dsc.blob;
    let debs = debs(spec, parent, dir, made)?;
    let mut uploads = vec![(Upload::Source, &[][..])];
    if !debs.is_empty() {
        uploads.push((Upload::Full, &debs));
    }
    let mut others = archives.clone();
    for (upload, debs) in uploads {
        let made: Vec<Summed> = [&dsc].into_iter().chain(debs).cloned().collect();
        let buildinfo = format::buildinfo(spec, upload, &made);
        let buildinfo = text(upload.buildinfo_name(spec), buildinfo)?;
        // As dpkg-genchanges orders them.
        let mut rest: Vec<&Summed> = debs.iter().chain([&buildinfo]).collect();
        rest.sort_by_key(|file| &file.name);
        let source = [&dsc].into_iter().chain(&archives);
        let files: Vec<Summed> = source.chain(rest).cloned().collect();
        let changes = format::changes(spec, upload, &files);
        let changes = text(upload.changes_name(spec), changes)?;
        others.extend([buildinfo, changes]);
    }
    let beside = |summed: Summed| Beside {
        file: place(&summed.name),
        blob: summed.blob,
    };
    Ok((blob, others.into_iter().map(beside).collect()))
}

/// The packages of the source that were made in its directory.
fn debs(spec: &DscSpec, parent: &str, dir: &Path, made: &[BuiltArtifact]) -> Result<Vec<Summed>, BuildError> {
    let mut debs = Vec::new();
    for binary in &spec.binaries {
        let name = format!("{}_{}_{}.deb", binary.name, spec.plain_version(), binary.arch);
        let path = format!("{parent}{name}");
        if !made.iter().any(|built| built.file == path) {
            continue;
        }
        let read_failed = |source| BuildError::Read {
            file: path.clone(),
            source,
        };
        let mut sums = Summing::new(io::sink());
        let mut file = File::open(dir.join(&path)).map_err(read_failed)?;
        io::copy(&mut file, &mut sums).map_err(read_failed)?;
        debs.push(sums.finish(name).0);
    }
    Ok(debs)
}

fn pack(spec: &DscSpec, archive: Archive, path: &Path) -> Result<Summed, BuildError> {
    let write_failed = |source| BuildError::Write {
        file: path.display().to_string(),
        source,
    };
    let name = spec.archive_name(archive);
    let file = File::create_new(path).map_err(write_failed)?;
    let mut out = Summing::new(BufWriter::with_capacity(256 << 10, file));
    format::archive(spec, archive, &mut out).map_err(|e| BuildError::Make {
        artifact: name.clone(),
        reason: e.to_string(),
    })?;
    out.flush().map_err(write_failed)?;
    Ok(out.finish(name).0)
}
