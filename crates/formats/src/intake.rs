//! Intake: what an uploaded file really is. Every byte is hostile; everything is read with limits, and what is inside
//! must agree with the filename.

mod binary;
pub mod claims;
pub mod identity;
mod source;

use crate::archive::budget::fault_of;
use crate::archive::contents::Contents;
use crate::deb::{self, read::Deb};
use crate::dsc::{self, Dsc, Open, Source};
use crate::fault::Fault;
use crate::rpm::{self, read::Rpm};
use crate::sdist::{self, read::Sdist};
use crate::wheel::{self, read::Wheel};
use claims::Claims;
use packyard_types::{
    ArtifactKind, ArtifactName, Blob, CoreMetadata, Facts, Invalid, ProjectName, PythonFacts, RpmArch,
    RpmName, Timestamp,
};
use std::io::{BufReader, Read, Seek, SeekFrom};

/// Where a read stops. The defaults are generous for real packages and small for bombs.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest file, in bytes.
    pub file_bytes: u64,
    /// Most entries of one archive.
    pub entries: u64,
    /// Most bytes that all entries of one archive may unpack to.
    pub unpacked_bytes: u64,
    /// Most unpacked bytes for each packed one, past the first 64 MiB.
    pub ratio: u64,
    /// Largest metadata member (control, METADATA, changelog), in bytes.
    pub metadata_bytes: u64,
    /// The latest time that a file of a .deb may have, in seconds since 1970: a day from now, as dak has it. Where
    /// nobody says what time it is, none is too late.
    pub newest_seconds: Option<i64>,
}

impl Limits {
    /// The same at a time: what is dated more than a day after it is refused.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        const GRACE: i64 = 86_400;
        Self {
            newest_seconds: Some(now.unix_seconds() + GRACE),
            ..self.clone()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 8 << 30,
            entries: 1_000_000,
            unpacked_bytes: 64 << 30,
            ratio: 200,
            metadata_bytes: 16 << 20,
            newest_seconds: None,
        }
    }
}

/// As [`Limits::ratio`], at most, for wheels and sdists: what the public index takes too.
const PYTHON_RATIO: u64 = 50;

/// What an artifact's bytes say it is.
#[derive(Debug, Clone)]
pub struct Intake {
    /// What the views are rendered from.
    pub facts: Facts,
    /// The native package name.
    pub package: String,
    /// The full native version, with the epoch.
    pub version: String,
    /// As in `ArtifactName::arch`.
    pub arch: String,
    /// What it belongs to (DESIGN.md, Identity).
    pub project: ProjectName,
    /// PEP 440 for wheels and sdists; for a deb or rpm the PEP 440 version whose image its source's upstream version is
    /// where there is one, else the upstream version.
    pub release_version: String,
    /// Blobs that the facts name: a wheel's METADATA, an sdist's static PKG-INFO.
    pub sidecars: Vec<Vec<u8>>,
    /// What to tell who uploads it, though it is good: what an index cannot say as the package says it.
    pub cautions: Vec<String>,
}

/// Why a file is not the package that its name says.
#[derive(Debug, Clone, thiserror::Error)]
#[error("`{filename}`{}: {rule}", .entry.as_ref().map(|e| format!(", entry `{e}`")).unwrap_or_default())]
pub struct NotAPackage {
    /// The file.
    pub filename: String,
    /// The entry inside it, where one is to blame.
    pub entry: Option<String>,
    /// What is wrong.
    pub rule: String,
    /// What to do.
    pub hint: String,
    /// What is there, where that is a value.
    pub found: Option<String>,
    /// What should be there, where that is a value.
    pub expected: Option<String>,
    /// Whether nothing is wrong with the file: it is this machine that lacks memory, or cannot read.
    pub is_ours: bool,
}

impl NotAPackage {
    /// A fault in the file of this name.
    pub fn of(name: &ArtifactName, fault: Fault) -> Self {
        Self {
            filename: name.to_string(),
            entry: fault.entry,
            rule: fault.rule,
            hint: fault.hint,
            found: fault.found,
            expected: fault.expected,
            is_ours: fault.is_ours,
        }
    }
}

/// Reads a whole file, or tells everything that is wrong with it. `reader` is at its start.
pub fn read<R: Read + Seek>(
    name: &ArtifactName,
    reader: &mut R,
    limits: &Limits,
) -> Result<Intake, Vec<NotAPackage>> {
    judged(name, reader, limits, |_, _| Vec::new())
}

/// Reads a .dsc with the files that it names.
pub fn read_source(
    name: &ArtifactName,
    dsc: Dsc,
    open: Open<'_>,
    limits: &Limits,
) -> Result<Intake, NotAPackage> {
    let read = source::agrees(name, &dsc)
        .and_then(|()| dsc::read(dsc, open, limits))
        .and_then(|source| source::intake(name, &source));
    read.map_err(|fault| NotAPackage::of(name, fault))
}

/// Reads a wheel or sdist that came by an upload form: as [`read`] does, and by all rules of an index for new files,
/// and what the form says of it must be what it says itself. Everything that is wrong is told.
pub fn read_upload<R: Read + Seek>(
    name: &ArtifactName,
    reader: &mut R,
    limits: &Limits,
    claims: &Claims,
) -> Result<Intake, Vec<NotAPackage>> {
    judged(name, reader, limits, |package, intake| {
        let mut faults = match package {
            Package::Wheel(wheel) => wheel::rules::broken(name, wheel),
            Package::Sdist(sdist) => sdist::rules::broken(name, sdist),
            Package::Deb(_) | Package::Rpm(_) | Package::Dsc(_) => Vec::new(),
        };
        faults.extend(intake.map_or_else(Vec::new, |intake| claims.disagreements(name, &intake.facts)));
        faults
    })
}

/// Reads a file, and judges it by what holds for every one and by what `also` says.
fn judged<R: Read + Seek>(
    name: &ArtifactName,
    reader: &mut R,
    limits: &Limits,
    also: impl Fn(&Package, Option<&Intake>) -> Vec<Fault>,
) -> Result<Intake, Vec<NotAPackage>> {
    /// Most faults that are told of one file.
    const TOLD: usize = 20;
    let refuse = |faults: Vec<Fault>| {
        let told = faults.into_iter().take(TOLD);
        Err(told.map(|fault| NotAPackage::of(name, fault)).collect())
    };
    let package = match Package::read(name, reader, limits) {
        Ok(package) => package,
        Err(fault) => return refuse(vec![fault]),
    };
    let mut faults = package.broken(name, limits);
    faults.extend(package.verify());
    match package.intake(name) {
        Ok(intake) => {
            faults.extend(also(&package, Some(&intake)));
            if faults.is_empty() {
                Ok(intake)
            } else {
                refuse(faults)
            }
        }
        Err(fault) => {
            faults.extend(also(&package, None));
            if !faults.contains(&fault) {
                faults.push(fault);
            }
            refuse(faults)
        }
    }
}

/// A package of any kind, read whole.
#[derive(Debug, Clone)]
pub enum Package {
    /// A Debian binary package.
    Deb(Box<Deb>),
    /// A Debian source package, with the files that its .dsc names.
    Dsc(Box<Source>),
    /// An RPM, binary or source.
    Rpm(Box<Rpm>),
    /// A wheel.
    Wheel(Box<Wheel>),
    /// An sdist.
    Sdist(Box<Sdist>),
}

impl Package {
    /// Reads a file as the kind that its name says. What is inside may still contradict itself and the name.
    pub fn read<R: Read + Seek>(name: &ArtifactName, reader: &mut R, limits: &Limits) -> Result<Self, Fault> {
        let size = size(reader)?;
        if size > limits.file_bytes {
            let rule = format!(
                "it has {size} bytes, more than the limit of {}",
                limits.file_bytes
            );
            return Err(Fault::new(
                rule,
                "split the package, or raise the limit of the file's size",
            ));
        }
        let mut buffered = BufReader::with_capacity(64 << 10, reader);
        let python = Limits {
            ratio: limits.ratio.min(PYTHON_RATIO),
            ..limits.clone()
        };
        Ok(match name.kind() {
            ArtifactKind::Deb => Self::Deb(Box::new(deb::read::read(&mut buffered, size, limits)?)),
            ArtifactKind::Dsc => {
                let rule = "a .dsc is read with the files that it names, and those are not at hand";
                return Err(Fault::new(rule, "put them beside it"));
            }
            ArtifactKind::Rpm | ArtifactKind::Srpm => {
                Self::Rpm(Box::new(rpm::read::read(&mut buffered, size, limits)?))
            }
            ArtifactKind::Wheel => Self::Wheel(Box::new(wheel::read::read(
                &mut buffered,
                size,
                name.package(),
                &python,
            )?)),
            ArtifactKind::Sdist => Self::Sdist(Box::new(sdist::read::read(&mut buffered, size, &python)?)),
        })
    }

    /// Every rule that a package must keep to be taken in, and does not; what its kind's reader has not refused already.
    pub fn broken(&self, name: &ArtifactName, limits: &Limits) -> Vec<Fault> {
        match self {
            Self::Deb(deb) => {
                let mut faults: Vec<Fault> = deb.bad_entries().cloned().collect();
                faults.extend(binary::disagreements(name, deb));
                faults.extend(deb::rules::broken(deb, limits.newest_seconds));
                faults
            }
            Self::Dsc(_) | Self::Rpm(_) | Self::Wheel(_) | Self::Sdist(_) => Vec::new(),
        }
    }

    /// Reads a .dsc, and the files that it names. What is inside may still contradict its filename.
    pub fn read_source(raw: &[u8], open: Open<'_>, limits: &Limits) -> Result<Self, Fault> {
        Ok(Self::Dsc(Box::new(dsc::read(Dsc::parse(raw)?, open, limits)?)))
    }

    /// Everything in which the package's own lists of digests and its files disagree.
    pub fn verify(&self) -> Vec<Fault> {
        match self {
            Self::Deb(deb) => deb.verify(),
            Self::Wheel(wheel) => wheel.verify(),
            // The digests of an .rpm and a .dsc are compared while they are read, an sdist has none.
            Self::Rpm(_) | Self::Dsc(_) | Self::Sdist(_) => Vec::new(),
        }
    }

    /// The files that it holds.
    pub fn contents(&self) -> &Contents {
        match self {
            Self::Deb(deb) => &deb.data,
            Self::Dsc(source) => &source.contents,
            Self::Rpm(rpm) => &rpm.contents,
            Self::Wheel(wheel) => &wheel.contents,
            Self::Sdist(sdist) => &sdist.contents,
        }
    }

    /// The facts, once everything agrees with `name`.
    pub fn intake(&self, name: &ArtifactName) -> Result<Intake, Fault> {
        match self {
            Self::Deb(deb) => binary::intake(name, deb),
            Self::Dsc(source) => {
                source::agrees(name, &source.dsc).and_then(|()| source::intake(name, source))
            }
            Self::Rpm(rpm) => rpm_intake(name, rpm),
            Self::Wheel(wheel) => python_intake(name, &wheel.metadata, Some(&wheel.metadata_bytes)),
            Self::Sdist(sdist) => python_intake(name, &sdist.metadata, sdist.static_metadata()),
        }
    }
}

fn size<R: Seek>(reader: &mut R) -> Result<u64, Fault> {
    let size = reader
        .seek(SeekFrom::End(0))
        .and_then(|size| reader.rewind().map(|()| size));
    size.map_err(|e| fault_of(&e))
}

/// Name, version or arch must be the same in the filename and inside.
fn agree(what: &str, named: &str, inside: &str) -> Result<(), Fault> {
    if named == inside {
        return Ok(());
    }
    let rule = format!(
        "its filename says {what} `{named}`, the package itself says `{}`",
        inside.escape_debug()
    );
    let hint = format!("rename the file, or build it again with {what} `{named}`");
    Err(Fault::new(rule, hint).between(named, inside))
}

fn valid<T>(value: Result<T, Invalid>, entry: &str) -> Result<T, Fault> {
    value.map_err(|invalid| {
        Fault::new(invalid.to_string(), "build the package again with a valid value").at(entry)
    })
}

fn rpm_intake(name: &ArtifactName, rpm: &Rpm) -> Result<Intake, Fault> {
    let facts = rpm::facts::facts(rpm)?;
    valid(RpmName::parse(&facts.name), "main header")?;
    valid(RpmArch::parse(&facts.arch), "main header")?;
    agree("package", name.package(), &facts.name)?;
    agree(
        "version",
        name.version(),
        &format!("{}-{}", facts.version, facts.release),
    )?;
    let source = name.kind() == ArtifactKind::Srpm;
    if !(source && facts.arch == "src") {
        agree("architecture", name.arch(), &facts.arch)?;
    }
    let identity = valid(identity::of_rpm(&facts), "main header")?;
    Ok(Intake {
        project: identity.project,
        release_version: identity.release_version,
        package: facts.name.clone(),
        version: facts.evr(),
        arch: name.arch().to_owned(),
        facts: if source {
            Facts::Srpm(facts)
        } else {
            Facts::Rpm(facts)
        },
        sidecars: Vec::new(),
        cautions: rpm::cautions::cautions(rpm),
    })
}

fn python_intake(
    name: &ArtifactName,
    metadata: &CoreMetadata,
    sidecar: Option<&Vec<u8>>,
) -> Result<Intake, Fault> {
    let is_wheel = name.kind() == ArtifactKind::Wheel;
    let place = if is_wheel { "METADATA" } else { "PKG-INFO" };
    let project = valid(ProjectName::parse(&metadata.name), place)?;
    agree("project", name.package(), project.as_str())?;
    agree("version", name.version(), &metadata.version)?;
    let facts = PythonFacts {
        metadata: metadata.clone(),
        metadata_blob: sidecar.map(|bytes| Blob::of(bytes)),
    };
    Ok(Intake {
        facts: if is_wheel {
            Facts::Wheel(facts)
        } else {
            Facts::Sdist(facts)
        },
        package: project.to_string(),
        version: metadata.version.clone(),
        arch: name.arch().to_owned(),
        project,
        release_version: metadata.version.clone(),
        sidecars: sidecar.cloned().into_iter().collect(),
        cautions: Vec::new(),
    })
}
