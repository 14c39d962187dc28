//! The files of a Debian source package, each made from the sums of those before it.

use super::{Beside, write};
use crate::BuildError;
use packyard_formats::dsc::write::{self as format, Archive, DscSpec, Summed, Summing};
use packyard_types::Blob;
use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
};

/// Makes all of them in the directory of `file`, which is the .dsc.
pub(super) fn make(spec: &DscSpec, file: &str, dir: &Path) -> Result<(Blob, Vec<Beside>), BuildError> {
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
    let buildinfo = text(spec.buildinfo_name(), format::buildinfo(spec, &dsc))?;
    // As dpkg-genchanges orders them.
    let files: Vec<Summed> = [dsc].into_iter().chain(archives).chain([buildinfo]).collect();
    let changes = text(spec.changes_name(), format::changes(spec, &files))?;
    let beside = |summed: Summed| Beside {
        file: place(&summed.name),
        blob: summed.blob,
    };
    let others = files.into_iter().skip(1).chain([changes]);
    Ok((blob, others.map(beside).collect()))
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
