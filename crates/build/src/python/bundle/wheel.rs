//! The wheels of a bundle, read where they lie: nothing is unpacked onto the disk, and a large file of a wheel is
//! inflated again by each format that packs it.

use super::super::{Files, dist_info::parse_entry_points};
use crate::{
    BuildError, Diagnostic, Place, files,
    metadata::{EntryPoints, parse_core},
    scratch::Scratch,
};
use packyard_formats::{
    archive::{
        budget::Budget,
        contents::MemberKind,
        zip::{Zip, ZipEntry},
    },
    content::{Source, SourceFile},
    fault::Fault,
    intake::Limits,
};
use packyard_types::{ArtifactName, CoreMetadata};
use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
    sync::Arc,
};

/// A wheel that was chosen for a bundle.
#[derive(Debug, Clone)]
pub(crate) struct WheelFile {
    pub name: ArtifactName,
    pub path: PathBuf,
    /// The temporary directory that it lies in, which stays as long as anybody reads from it.
    #[expect(dead_code, reason = "it is held, not read")]
    pub room: Option<Arc<Scratch>>,
    /// Where it was asked for.
    pub place: Option<Place>,
}

/// What a bundle takes of a wheel.
#[derive(Debug, Clone)]
pub(crate) struct BundledWheel {
    pub name: ArtifactName,
    pub place: Option<Place>,
    pub core: CoreMetadata,
    pub entry_points: EntryPoints,
    /// Modules and the dist-info directory, by path below the site directory.
    pub site: Files,
    /// Programs, by name.
    pub scripts: Files,
    /// What lies below the prefix.
    pub data: Files,
}

impl WheelFile {
    /// Something that is wrong with it.
    pub fn problem(&self, what: &str) -> Diagnostic {
        let problem = Diagnostic::new(format!("`{}` {what}", self.name));
        match &self.place {
            Some(place) => problem.at(place.clone()),
            None => problem,
        }
    }

    /// Reads it.
    pub fn read(&self) -> Result<BundledWheel, BuildError> {
        let mut wheel = BundledWheel {
            name: self.name.clone(),
            place: self.place.clone(),
            core: CoreMetadata::default(),
            entry_points: EntryPoints::new(),
            site: Files::new(),
            scripts: Files::new(),
            data: Files::new(),
        };
        let failed = |source| BuildError::Read {
            file: self.name.to_string(),
            source,
        };
        let refused = |fault: Fault| {
            self.problem(&format!("cannot be bundled: {fault}"))
                .hint(fault.hint)
        };
        for entry in self.entries()?.map_err(refused)? {
            self.take(entry, &mut wheel)?;
        }
        let text = |name: &str| -> Result<Option<String>, BuildError> {
            let is_it = |path: &&String| {
                path.split_once(".dist-info/")
                    .is_some_and(|(_, rest)| rest == name)
            };
            let Some(path) = wheel.site.keys().find(is_it) else {
                return Ok(None);
            };
            let bytes = wheel.site[path].content.read().map_err(failed)?;
            Ok(Some(String::from_utf8_lossy(&bytes).replace("\r\n", "\n")))
        };
        let Some(metadata) = text("METADATA")? else {
            let problem = self.problem("has no METADATA");
            return Err(problem.hint("build it again: this is no wheel").into());
        };
        let points = text("entry_points.txt")?.unwrap_or_default();
        wheel.core = parse_core(&metadata);
        wheel.entry_points = parse_entry_points(&points);
        Ok(wheel)
    }

    fn entries(&self) -> Result<Result<Vec<ZipEntry>, Fault>, BuildError> {
        let failed = |source| BuildError::Read {
            file: self.name.to_string(),
            source,
        };
        let file = File::open(&self.path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let mut budget = Budget::new(&Limits::default(), size);
        let zip = Zip::open(io::BufReader::new(file), &mut budget);
        Ok(zip.map(|zip| zip.entries().to_vec()))
    }

    /// Puts one entry where it belongs.
    fn take(&self, entry: ZipEntry, wheel: &mut BundledWheel) -> Result<(), BuildError> {
        if entry.kind != MemberKind::File || is_left_out(&entry.path) {
            return Ok(());
        }
        let path = entry.path.clone();
        let (files, path) = match path.split_once(".data/") {
            Some((top, below)) if !top.contains('/') => match below.split_once('/') {
                Some(("purelib" | "platlib", below)) => (&mut wheel.site, below.to_owned()),
                Some(("scripts", below)) => (&mut wheel.scripts, below.to_owned()),
                Some(("data", below)) => (&mut wheel.data, below.to_owned()),
                // Headers are for who builds upon it.
                Some(("headers", _)) => return Ok(()),
                _ => {
                    let problem =
                        self.problem(&format!("has `{path}`, which no installer knows a place for"));
                    return Err(problem.hint("build the wheel again").into());
                }
            },
            _ => (&mut wheel.site, path),
        };
        // A module is imported, whatever its mode says.
        let is_module = [".py", ".so", ".pyi"].iter().any(|end| path.ends_with(end));
        let executable = entry.mode & 0o100 != 0 && !is_module;
        let size = entry.size_bytes;
        let member = Member {
            shown: format!("{} in {}", entry.path, self.name),
            wheel: self.clone(),
            entry,
        };
        let content = files::content(member, size).map_err(|e| {
            let problem = self.problem(&format!("cannot be bundled: `{path}` cannot be read: {e}"));
            problem.hint("get it again, or build it again")
        })?;
        if files
            .insert(path.clone(), SourceFile { content, executable })
            .is_some()
        {
            let problem = self.problem(&format!("has `{path}` twice"));
            return Err(problem.hint("build the wheel again").into());
        }
        Ok(())
    }
}

/// What an installation adds, or what holds no more where files move: RECORD and its signatures, byte code.
fn is_left_out(path: &str) -> bool {
    let of_dist_info = path.split_once(".dist-info/").map(|(_, rest)| rest);
    let is_record = of_dist_info.is_some_and(|rest| {
        rest.starts_with("RECORD") || matches!(rest, "INSTALLER" | "REQUESTED" | "direct_url.json")
    });
    is_record || path.ends_with(".pyc") || path.split('/').any(|part| part == "__pycache__")
}

/// A file of a wheel.
#[derive(Debug)]
struct Member {
    shown: String,
    wheel: WheelFile,
    entry: ZipEntry,
}

impl Source for Member {
    fn name(&self) -> String {
        self.shown.clone()
    }
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        let file = File::open(&self.wheel.path)?;
        self.entry.open(file).map_err(io::Error::other)
    }
}
