//! Reading an sdist: a gzip'd tar of exactly one top-level directory with a PKG-INFO
//! (<https://packaging.python.org/en/latest/specifications/source-distribution-format/>). Nothing of it is run.

use crate::archive::budget::{Budget, Metered, fault_of};
use crate::archive::contents::{Contents, DigestKind, Links, MemberKind, Reading};
use crate::archive::tar;
use crate::core_metadata;
use crate::fault::{Fault, REBUILD};
use crate::intake::Limits;
use flate2::bufread::GzDecoder;
use packyard_types::CoreMetadata;
use std::io::BufRead;

/// An sdist, read whole.
#[derive(Debug, Clone)]
pub struct Sdist {
    /// The one directory that holds everything.
    pub top: String,
    /// The parsed PKG-INFO.
    pub metadata: CoreMetadata,
    /// The files.
    pub contents: Contents,
}

impl Sdist {
    /// The bytes of PKG-INFO.
    pub fn pkg_info(&self) -> Option<&Vec<u8>> {
        self.contents.kept.get(&format!("{}/PKG-INFO", self.top))
    }

    /// The bytes of PKG-INFO where a resolver may go by them without building.
    pub fn static_metadata(&self) -> Option<&Vec<u8>> {
        self.pkg_info()
            .filter(|_| core_metadata::is_static(&self.metadata))
    }
}

/// Reads an sdist of `file_bytes` bytes.
pub fn read<R: BufRead>(reader: &mut R, file_bytes: u64, limits: &Limits) -> Result<Sdist, Fault> {
    let how = Reading {
        digest: DigestKind::Absent,
        keep: &|path| path.matches('/').count() == 1 && path.ends_with("/PKG-INFO"),
        keep_bytes: limits.metadata_bytes,
        links: Links::Inside,
        gather: false,
    };
    let mut budget = Budget::new(limits, file_bytes);
    let mut plain = Metered::new(GzDecoder::new(reader), budget.clone());
    let contents = tar::read(&mut plain, &mut budget, &how)?;
    nothing_follows(plain.get_mut().get_mut())?;
    let top = top(&contents)?;
    let place = format!("{top}/PKG-INFO");
    let raw = contents.kept.get(&place).ok_or_else(|| {
        Fault::new(
            format!("it has no `{place}`"),
            "build the sdist with a PEP 517 backend; it writes that file",
        )
    })?;
    let metadata = core_metadata::parse(raw).map_err(|e| {
        Fault::new(e.to_string(), "write it as the core metadata specification says").at(&place)
    })?;
    Ok(Sdist {
        top,
        metadata,
        contents,
    })
}

/// One gzip member is the whole file: some readers stop behind the first, others go on.
fn nothing_follows<R: BufRead>(packed: &mut R) -> Result<(), Fault> {
    match packed.fill_buf() {
        Ok([]) => Ok(()),
        Ok([0x1f, 0x8b, ..]) => Err(Fault::new("a second gzip stream follows the first", REBUILD)),
        Ok(_) => Err(Fault::new("bytes follow the end of its gzip stream", REBUILD)),
        Err(e) => Err(fault_of(&e)),
    }
}

fn top(contents: &Contents) -> Result<String, Fault> {
    const HINT: &str = "put everything into one directory NAME-VERSION";
    let first = contents
        .members
        .first()
        .ok_or_else(|| Fault::new("it holds no files", HINT))?;
    let top = first.path.split('/').next().unwrap_or_default().to_owned();
    let outside = |path: &str| path.split('/').next() != Some(&top);
    if let Some(stray) = contents.members.iter().find(|m| outside(&m.path)) {
        return Err(
            Fault::new(format!("it lies outside the top-level directory `{top}`"), HINT).at(&stray.path),
        );
    }
    match contents.member(&top).map(|m| m.kind) {
        None | Some(MemberKind::Dir) => Ok(top),
        Some(_) => Err(Fault::new("it is no directory", HINT).at(&top)),
    }
}
