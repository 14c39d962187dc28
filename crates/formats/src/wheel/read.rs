//! Reading a wheel (binary distribution format, version 1): a zip with one `NAME-VERSION.dist-info` that has METADATA,
//! WHEEL and RECORD. The directory is found whatever its spelling, for tools differ in how they normalise it.

use super::record::{self, RecordEntry};
use crate::archive::budget::{Budget, fault_of};
use crate::archive::contents::{Contents, DigestKind, Links, Member, MemberKind, Reading};
use crate::archive::zip::{Zip, ZipEntry};
use crate::core_metadata;
use crate::fault::{DAMAGED, Fault, REBUILD};
use crate::intake::Limits;
use packyard_types::CoreMetadata;
use std::collections::BTreeMap;
use std::io::{Read, Seek};

/// A wheel, read whole.
#[derive(Debug, Clone)]
pub struct Wheel {
    /// The directory of the metadata, as spelt.
    pub dist_info: String,
    /// The parsed METADATA.
    pub metadata: CoreMetadata,
    /// The bytes of METADATA.
    pub metadata_bytes: Vec<u8>,
    /// The fields of WHEEL.
    pub wheel: Vec<(String, String)>,
    /// What RECORD says.
    pub record: BTreeMap<String, RecordEntry>,
    /// The files, all of `dist_info` kept.
    pub contents: Contents,
}

/// Reads a wheel of `file_bytes` bytes. `package` is the project that its refusal names.
pub fn read<R: Read + Seek>(
    reader: &mut R,
    file_bytes: u64,
    package: &str,
    limits: &Limits,
) -> Result<Wheel, Fault> {
    let mut budget = Budget::new(limits, file_bytes);
    let mut zip = Zip::open(reader, &mut budget)?;
    let entries = zip.entries().to_vec();
    let dist_info = dist_info(&entries, package)?;
    let mut part = |name: &str| part(&mut zip, &entries, &dist_info, name, limits);
    let (metadata_bytes, wheel, raw_record) = (part("METADATA")?, part("WHEEL")?, part("RECORD")?);
    let metadata = core_metadata::parse(&metadata_bytes).map_err(|e| {
        Fault::new(e.to_string(), "write it as the core metadata specification says")
            .at(format!("{dist_info}/METADATA"))
    })?;
    let text = String::from_utf8(raw_record)
        .map_err(|_| Fault::new("it is not UTF-8", REBUILD).at(format!("{dist_info}/RECORD")))?;
    let record = record::parse(&text)?;
    let contents = contents(&mut zip, &entries, &dist_info, &record, limits)?;
    Ok(Wheel {
        dist_info,
        metadata,
        metadata_bytes,
        wheel: wheel_fields(&wheel),
        record,
        contents,
    })
}

impl Wheel {
    /// A field of WHEEL, its name compared without case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.wheel
            .iter()
            .find(|(k, _)| k.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// In what RECORD and the files disagree, the first of it where there is very much.
    pub fn verify(&self) -> Vec<Fault> {
        const ENOUGH: usize = 1000;
        let files = self
            .contents
            .members
            .iter()
            .filter(|m| m.kind == MemberKind::File);
        let mut faults: Vec<Fault> = files
            .filter_map(|file| self.verify_file(file).err())
            .take(ENOUGH)
            .collect();
        let missing = self.record.keys().filter(|path| !self.contents.has(path));
        faults.extend(
            missing
                .take(ENOUGH)
                .map(|path| Fault::new("RECORD names it, but the wheel has no such file", REBUILD).at(path)),
        );
        faults
    }

    fn verify_file(&self, file: &Member) -> Result<(), Fault> {
        // RECORD cannot hold its own digest, and signatures are made after it.
        if ["RECORD", "RECORD.jws", "RECORD.p7s"]
            .iter()
            .any(|n| file.path == format!("{}/{n}", self.dist_info))
        {
            return Ok(());
        }
        let fault = |rule: String, hint: &str| Err(Fault::new(rule, hint).at(&file.path));
        let Some(entry) = self.record.get(&file.path) else {
            return fault("RECORD does not name it".to_owned(), REBUILD);
        };
        match (&entry.digest, &file.digest) {
            (Some((_, said)), Some(actual)) if said != actual => {
                return fault(format!("its digest is `{actual}`, RECORD says `{said}`"), DAMAGED);
            }
            (None, _) => return fault("RECORD has no digest of it".to_owned(), REBUILD),
            _ => {}
        }
        match entry.size_bytes {
            Some(said) if said != file.size_bytes => fault(
                format!("it has {} bytes, RECORD says {said}", file.size_bytes),
                DAMAGED,
            ),
            _ => Ok(()),
        }
    }
}

fn dist_info(entries: &[ZipEntry], package: &str) -> Result<String, Fault> {
    let mut found: Vec<&str> = entries
        .iter()
        .filter_map(|e| {
            e.path
                .split_once('/')
                .map_or(Some(e.path.as_str()), |(top, _)| Some(top))
        })
        .filter(|top| top.ends_with(".dist-info"))
        .collect();
    found.sort_unstable();
    found.dedup();
    match found[..] {
        [one] => Ok(one.to_owned()),
        [] => Err(Fault::new(
            format!("it has no `.dist-info` directory of `{package}`"),
            REBUILD,
        )),
        // pip refuses such a wheel, whichever project each of them is of.
        [one, other, ..] => Err(Fault::new(
            format!(
                "it has more than one `.dist-info` directory: `{}` and `{}`",
                one.escape_debug(),
                other.escape_debug()
            ),
            "remove the stale one, or build in a clean directory; pip installs no wheel that has both",
        )),
    }
}

fn part<R: Read + Seek>(
    zip: &mut Zip<R>,
    entries: &[ZipEntry],
    dist_info: &str,
    name: &str,
    limits: &Limits,
) -> Result<Vec<u8>, Fault> {
    let path = format!("{dist_info}/{name}");
    let entry = entries
        .iter()
        .find(|e| e.path == path && e.kind == MemberKind::File);
    let entry = entry.ok_or_else(|| {
        Fault::new(
            format!("it has no `{path}`"),
            "every wheel has METADATA, WHEEL and RECORD",
        )
    })?;
    if entry.size_bytes > limits.metadata_bytes {
        return Err(Fault::new(
            format!("it is larger than {} bytes", limits.metadata_bytes),
            REBUILD,
        )
        .at(path));
    }
    let mut out = Vec::new();
    zip.data(entry)?
        .read_to_end(&mut out)
        .map_err(|e| fault_of(&e).at(&path))?;
    Ok(out)
}

fn contents<R: Read + Seek>(
    zip: &mut Zip<R>,
    entries: &[ZipEntry],
    dist_info: &str,
    record: &BTreeMap<String, RecordEntry>,
    limits: &Limits,
) -> Result<Contents, Fault> {
    let mut contents = Contents::default();
    let inside = format!("{dist_info}/");
    for entry in entries {
        if entry.path.is_empty() {
            return Err(Fault::new("an entry has no name", REBUILD));
        }
        let said = record.get(&entry.path).and_then(|e| e.digest.as_ref());
        let how = Reading {
            digest: said.map_or(DigestKind::Sha256, |(kind, _)| *kind),
            keep: &|path| path.starts_with(&inside) && !path[inside.len()..].contains('/'),
            keep_bytes: limits.metadata_bytes,
            links: Links::Inside,
            gather: false,
        };
        let mut member = Member::new(&entry.path, entry.kind);
        member.size_bytes = entry.size_bytes;
        if entry.mode != 0 {
            member.mode = entry.mode;
        }
        contents.add(member, &mut *zip.data(entry)?, &how)?;
    }
    Ok(contents)
}

fn wheel_fields(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    fields
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}
