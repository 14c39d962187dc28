//! The JSON pages (PEP 691, PEP 700).

use super::{API_VERSION, PipFile, ProjectPage, RootPage};
use packyard_types::Digest;
use serde::Serialize;

#[derive(Serialize)]
struct Meta {
    #[serde(rename = "api-version")]
    api_version: &'static str,
}

const META: Meta = Meta {
    api_version: API_VERSION,
};

#[derive(Serialize)]
struct Root<'a> {
    meta: Meta,
    projects: Vec<Project<'a>>,
}

#[derive(Serialize)]
struct Project<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Detail<'a> {
    meta: Meta,
    name: &'a str,
    versions: Vec<&'a str>,
    files: Vec<File<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct File<'a> {
    filename: &'a str,
    url: &'a str,
    hashes: Sha256,
    size: u64,
    upload_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    requires_python: Option<&'a str>,
    core_metadata: CoreMetadata,
    yanked: Yanked<'a>,
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
    let projects = page.projects.iter().map(|name| Project { name: name.as_str() });
    write(&Root {
        meta: META,
        projects: projects.collect(),
    })
}

pub(super) fn project(page: &ProjectPage) -> String {
    let mut versions = Vec::new();
    for file in &page.files {
        if !versions.contains(&file.filename.version()) {
            versions.push(file.filename.version());
        }
    }
    write(&Detail {
        meta: META,
        name: page.name.as_str(),
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
        upload_time: file.upload_time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ"),
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
    }
}

fn write(page: &impl Serialize) -> String {
    serde_json::to_string(page).expect("structs of strings, numbers and digests have a JSON form")
}
