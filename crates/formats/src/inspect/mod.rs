//! Everything that an artifact holds, alike for every kind, for people and for programs.

mod print;

use crate::archive::contents::{Member, MemberKind};
use crate::deb::read::Deb;
use crate::deb822::Paragraph;
use crate::dsc::Source;
use crate::fault::Fault;
use crate::given;
use crate::intake::{Limits, Package};
use crate::rpm::{self, read::Rpm, tag};
use crate::wheel::read::Wheel;
use packyard_types::{ArtifactKind, ArtifactName, CoreMetadata, RpmDependency};
use serde::Serialize;
use std::io::{self, Read, Seek};
use std::path::Path;

/// What an artifact holds.
#[derive(Debug, Clone, Serialize)]
pub struct Inspection {
    /// The canonical filename.
    pub filename: String,
    /// What kind of file it is.
    pub kind: ArtifactKind,
    /// The fields of its metadata, in their order.
    pub fields: Vec<Field>,
    /// What it needs, offers and conflicts with.
    pub dependencies: Vec<Dependencies>,
    /// The files, in the archive's order.
    pub files: Vec<Member>,
    /// The scripts that run around installation.
    pub scripts: Vec<Script>,
    /// The key id of its signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// The changelog's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changelog: Option<String>,
}

/// One field of the metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The name that its format gives it.
    pub name: String,
    /// The value.
    pub value: String,
}

/// Dependencies of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dependencies {
    /// `Depends`, `Requires`, …
    pub relation: String,
    /// Each as its package manager writes it.
    pub on: Vec<String>,
}

/// A script that runs around installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Script {
    /// `postinst`, `preuninstall`, …
    pub name: String,
    /// What runs it.
    pub interpreter: String,
    /// Its text.
    pub text: String,
}

/// Reads a file as somebody named it.
pub fn inspect_file<R: Read + Seek + 'static>(
    file: &Path,
    open: &dyn Fn(&Path) -> io::Result<R>,
    limits: &Limits,
) -> Result<Inspection, Fault> {
    given::opened(open(file))?;
    let name = given::name(file)?;
    of_package(&name, &given::package(file, &name, open, limits)?)
}

/// Reads an artifact. What is wrong with it, `check` says; only what cannot be read at all is an error here.
pub fn inspect<R: Read + Seek>(
    name: &ArtifactName,
    reader: &mut R,
    limits: &Limits,
) -> Result<Inspection, Fault> {
    of_package(name, &Package::read(name, reader, limits)?)
}

fn of_package(name: &ArtifactName, package: &Package) -> Result<Inspection, Fault> {
    let blank = Inspection {
        filename: name.to_string(),
        kind: name.kind(),
        fields: Vec::new(),
        dependencies: Vec::new(),
        files: package.contents().members.clone(),
        scripts: Vec::new(),
        signed_by: None,
        changelog: None,
    };
    match package {
        Package::Deb(deb) => Ok(of_deb(blank, deb)),
        Package::Dsc(source) => Ok(of_dsc(blank, source)),
        Package::Rpm(rpm) => of_rpm(blank, rpm),
        Package::Wheel(wheel) => Ok(of_wheel(blank, wheel)),
        Package::Sdist(sdist) => Ok(of_metadata(blank, &sdist.metadata)),
    }
}

fn field(name: &str, value: impl Into<String>) -> Field {
    Field {
        name: name.to_owned(),
        value: value.into(),
    }
}

const DEB_RELATIONS: [&str; 16] = [
    "Build-Depends",
    "Build-Depends-Arch",
    "Build-Depends-Indep",
    "Build-Conflicts",
    "Build-Conflicts-Arch",
    "Build-Conflicts-Indep",
    "Pre-Depends",
    "Depends",
    "Recommends",
    "Suggests",
    "Enhances",
    "Provides",
    "Conflicts",
    "Breaks",
    "Replaces",
    "Built-Using",
];

fn of_deb(blank: Inspection, deb: &Deb) -> Inspection {
    let mut out = of_control(blank, &deb.control, &deb.md5);
    if let Some(conffiles) = deb.control_text("conffiles") {
        out.fields.push(field("Conffiles", conffiles.trim_end()));
    }
    let scripts = ["preinst", "postinst", "prerm", "postrm", "config"];
    out.scripts = scripts
        .into_iter()
        .filter_map(|name| deb_script(deb, name))
        .collect();
    out.changelog.clone_from(&deb.changelog);
    out
}

fn of_dsc(blank: Inspection, source: &Source) -> Inspection {
    let changelog = source.changelog.clone();
    Inspection {
        changelog,
        ..of_control(blank, &source.dsc.control, &source.dsc.md5)
    }
}

fn of_control(blank: Inspection, control: &Paragraph, md5: &str) -> Inspection {
    let relation = |name: &str| DEB_RELATIONS.iter().any(|r| r.eq_ignore_ascii_case(name));
    let (relations, fields): (Vec<_>, Vec<_>) = control.fields().iter().partition(|(name, _)| relation(name));
    let split = |value: &String| {
        let on = value.split(',').map(|d| d.trim().to_owned());
        on.filter(|d| !d.is_empty()).collect()
    };
    let plain = fields
        .into_iter()
        .map(|(name, value)| field(name, value.as_str()));
    let mut fields: Vec<Field> = plain.collect();
    fields.push(field("MD5", md5));
    let dependencies = relations.into_iter().map(|(name, value)| Dependencies {
        relation: name.clone(),
        on: split(value),
    });
    Inspection {
        fields,
        dependencies: dependencies.collect(),
        ..blank
    }
}

fn deb_script(deb: &Deb, name: &str) -> Option<Script> {
    let interpreter = deb
        .control_files
        .member(name)?
        .shebang
        .clone()
        .unwrap_or_default();
    Some(Script {
        name: name.to_owned(),
        interpreter,
        text: deb.control_text(name)?,
    })
}

fn of_rpm(blank: Inspection, rpm: &Rpm) -> Result<Inspection, Fault> {
    let facts = rpm::facts::facts(rpm)?;
    let fields = [
        ("Name", facts.name.clone()),
        ("Epoch", facts.epoch.to_string()),
        ("Version", facts.version.clone()),
        ("Release", facts.release.clone()),
        ("Architecture", facts.arch.clone()),
        ("Summary", facts.summary.clone()),
        ("License", facts.license.clone()),
        ("URL", facts.url.clone()),
        ("Group", facts.group.clone()),
        ("Vendor", facts.vendor.clone()),
        ("Packager", facts.packager.clone()),
        ("Build Host", facts.build_host.clone()),
        (
            "Build Time",
            packyard_types::Timestamp::from_unix_seconds(facts.build_time).to_string(),
        ),
        ("Source RPM", facts.source_rpm.clone()),
        ("Installed Size", facts.installed_size_bytes.to_string()),
        ("Description", facts.description.clone()),
    ];
    let relations = [
        ("Requires", tag::REQUIRES),
        ("Provides", tag::PROVIDES),
        ("Recommends", tag::RECOMMENDS),
        ("Suggests", tag::SUGGESTS),
        ("Supplements", tag::SUPPLEMENTS),
        ("Enhances", tag::ENHANCES),
        ("Conflicts", tag::CONFLICTS),
        ("Obsoletes", tag::OBSOLETES),
    ];
    // All of the header's, rpmlib() included: this is what rpm sees, not what a repository lists.
    let relation = |(name, tags): (&str, tag::Triple)| Dependencies {
        relation: name.to_owned(),
        on: rpm::facts::dependencies(&rpm.header, tags)
            .iter()
            .map(rpm_dependency)
            .collect(),
    };
    let changelog = facts.changelog.iter().map(|entry| {
        format!(
            "* {} {}\n{}\n",
            entry.at.strftime("%a %b %d %Y"),
            entry.author,
            entry.text
        )
    });
    let changelog: Vec<String> = changelog.collect();
    Ok(Inspection {
        fields: fields
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| field(name, value))
            .collect(),
        dependencies: relations
            .into_iter()
            .map(relation)
            .filter(|d| !d.on.is_empty())
            .collect(),
        scripts: tag::SCRIPTS
            .into_iter()
            .filter_map(|script| rpm_script(rpm, script))
            .collect(),
        signed_by: rpm.signed_by.first().cloned(),
        changelog: Some(changelog.join("\n")).filter(|text| !text.is_empty()),
        ..blank
    })
}

fn rpm_dependency(d: &RpmDependency) -> String {
    let sign = match d.flags.map(packyard_types::RpmFlags::as_str) {
        Some("EQ") => "=",
        Some("LT") => "<",
        Some("GT") => ">",
        Some("LE") => "<=",
        Some("GE") => ">=",
        _ => return d.name.clone(),
    };
    format!("{} {sign} {}", d.name, d.version)
}

fn rpm_script(rpm: &Rpm, (name, text, program): (&str, u32, u32)) -> Option<Script> {
    let text = rpm.header.string(text);
    let interpreter = rpm.header.strings(program).join(" ");
    if text.is_none() && interpreter.is_empty() {
        return None;
    }
    Some(Script {
        name: name.to_owned(),
        interpreter,
        text: text.unwrap_or_default(),
    })
}

fn of_wheel(blank: Inspection, wheel: &Wheel) -> Inspection {
    let mut inspection = of_metadata(blank, &wheel.metadata);
    inspection.fields.extend(
        wheel
            .wheel
            .iter()
            .map(|(name, value)| field(name, value.as_str())),
    );
    let entry_points = wheel
        .contents
        .kept
        .get(&format!("{}/entry_points.txt", wheel.dist_info));
    let entry_points =
        entry_points.map(|bytes| field("Entry-Points", String::from_utf8_lossy(bytes).trim_end()));
    inspection.fields.extend(entry_points);
    inspection
}

fn of_metadata(blank: Inspection, metadata: &CoreMetadata) -> Inspection {
    let single = crate::core_metadata::single(metadata);
    let mut fields = vec![
        field("Metadata-Version", metadata.metadata_version.as_str()),
        field("Name", metadata.name.as_str()),
        field("Version", metadata.version.as_str()),
    ];
    fields.extend(
        single
            .into_iter()
            .filter_map(|(name, value)| value.as_ref().map(|v| field(name, v.as_str()))),
    );
    let many = [
        ("Dynamic", &metadata.dynamic),
        ("License-File", &metadata.license_files),
        ("Classifier", &metadata.classifiers),
        ("Provides-Extra", &metadata.provides_extra),
    ];
    for (name, values) in many {
        fields.extend(values.iter().map(|value| field(name, value.as_str())));
    }
    fields.extend(
        metadata
            .project_urls
            .iter()
            .map(|(label, url)| field("Project-URL", format!("{label}, {url}"))),
    );
    fields.extend(
        metadata
            .description
            .iter()
            .map(|text| field("Description", text.as_str())),
    );
    let requires = Dependencies {
        relation: "Requires-Dist".to_owned(),
        on: metadata.requires_dist.clone(),
    };
    Inspection {
        fields,
        dependencies: vec![requires].into_iter().filter(|d| !d.on.is_empty()).collect(),
        ..blank
    }
}

/// The letter that ls(1) shows for a kind of file.
fn letter(kind: MemberKind) -> char {
    match kind {
        MemberKind::File => '-',
        MemberKind::Dir => 'd',
        MemberKind::Symlink => 'l',
        MemberKind::Hardlink => 'h',
        MemberKind::Ghost => 'g',
        MemberKind::Special => 's',
    }
}
