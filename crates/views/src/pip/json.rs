//! The JSON pages (PEP 691, 700, 740, 792).

use super::{API_VERSION, PipFile, ProjectPage, RootPage};
use packyard_types::{Digest, Revision};
use serde::Serialize;
use std::collections::HashSet;

#[derive(Serialize)]
struct Meta {
    #[serde(rename = "api-version")]
    api_version: &'static str,
    #[serde(rename = "_last-serial")]
    last_serial: u64,
}

impl Meta {
    fn of(serial: Revision) -> Self {
        Self {
            api_version: API_VERSION,
            last_serial: serial.0,
        }
    }
}

#[derive(Serialize)]
struct Root<'a> {
    meta: Meta,
    projects: Vec<Project<'a>>,
}

#[derive(Serialize)]
struct Project<'a> {
    name: &'a str,
    #[serde(rename = "_last-serial")]
    last_serial: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Detail<'a> {
    meta: Meta,
    name: &'a str,
    project_status: Status<'a>,
    versions: Vec<&'a str>,
    files: Vec<File<'a>>,
}

/// PEP 792: an object beside `meta`, not strings in it.
#[derive(Serialize)]
struct Status<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct File<'a> {
    filename: &'a str,
    url: &'a str,
    hashes: Sha256,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requires_python: Option<&'a str>,
    core_metadata: CoreMetadata,
    yanked: Yanked<'a>,
    /// The URL of attestations (PEP 740), of which there are none yet.
    provenance: Option<&'a str>,
}

#[derive(Serialize)]
struct Sha256 {
    sha256: Digest,
}

/// `false`, or what the metadata file hashes to. Its older name `dist-info-metadata` is not repeated: pip before 23.2
/// fails on it (PEP 714).
#[derive(Serialize)]
#[serde(untagged)]
enum CoreMetadata {
    Is(bool),
    File(Sha256),
}

/// `false`, `true`, or a reason that is not empty.
#[derive(Serialize)]
#[serde(untagged)]
enum Yanked<'a> {
    Is(bool),
    For(&'a str),
}

pub(super) fn root(page: &RootPage) -> String {
    let projects = page.projects.iter().map(|(name, serial)| Project {
        name: name.as_str(),
        last_serial: serial.0,
    });
    write(&Root {
        meta: Meta::of(page.serial),
        projects: projects.collect(),
    })
}

pub(super) fn project(page: &ProjectPage) -> String {
    let mut seen = HashSet::new();
    let all = page.files.iter().map(|f| f.filename.version());
    let versions = all.filter(|v| seen.insert(*v)).collect();
    let (status, reason) = &page.status;
    write(&Detail {
        meta: Meta::of(page.serial),
        name: page.name.as_str(),
        project_status: Status {
            status: status.as_str(),
            reason,
        },
        versions,
        files: page.files.iter().map(entry).collect(),
    })
}

fn entry(file: &PipFile) -> File<'_> {
    File {
        filename: file.filename.as_str(),
        url: &file.url,
        hashes: Sha256 { sha256: file.sha256 },
        size: file.size_bytes,
        upload_time: file.upload_time.map(|t| t.strftime("%Y-%m-%dT%H:%M:%S.%6fZ")),
        requires_python: file.requires_python.as_deref(),
        core_metadata: match file.metadata_sha256 {
            Some(sha256) => CoreMetadata::File(Sha256 { sha256 }),
            None => CoreMetadata::Is(false),
        },
        yanked: match file.yanked.as_deref() {
            None => Yanked::Is(false),
            Some("") => Yanked::Is(true),
            Some(reason) => Yanked::For(reason),
        },
        provenance: None,
    }
}

pub(super) fn write(page: &impl Serialize) -> String {
    serde_json::to_string(page).expect("structs of strings, numbers and digests have a JSON form")
}
