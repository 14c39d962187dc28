//! `/pypi/{project}/json` and `/pypi/{project}/{version}/json`: the older JSON that Dependabot, Renovate and scripts read.
//! It has the shape of the public index's, as its documentation describes it (JSON API). Keys whose value nobody here can
//! know (downloads, signatures) say what that one says where it knows nothing.

use super::{PipFile, json::write};
use packyard_types::{ArtifactKind, CoreMetadata, Digest, ProjectName, Revision};
use serde::Serialize;
use std::collections::BTreeMap;

/// A release of a project, and what else there is of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasePage {
    /// The project.
    pub name: ProjectName,
    /// The release that is described, normalised.
    pub version: String,
    /// What its metadata says.
    pub metadata: CoreMetadata,
    /// The revision that changed the project last.
    pub serial: Revision,
    /// Every file of the project, with absolute URLs, in the order in which they are shown.
    pub files: Vec<PipFile>,
    /// Whether the other releases are listed too: not where one release was asked for.
    pub all_releases: bool,
    /// The page of the project for people.
    pub project_url: String,
}

#[derive(Serialize)]
struct Page<'a> {
    info: Info<'a>,
    last_serial: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    releases: Option<BTreeMap<&'a str, Vec<File<'a>>>>,
    urls: Vec<File<'a>>,
    vulnerabilities: [(); 0],
}

#[derive(Serialize)]
struct Info<'a> {
    author: Option<&'a str>,
    author_email: Option<&'a str>,
    bugtrack_url: Option<&'a str>,
    classifiers: &'a [String],
    description: &'a str,
    description_content_type: Option<&'a str>,
    docs_url: Option<&'a str>,
    download_url: Option<&'a str>,
    downloads: Downloads,
    dynamic: Option<&'a [String]>,
    home_page: Option<&'a str>,
    keywords: Option<&'a str>,
    license: Option<&'a str>,
    license_expression: Option<&'a str>,
    license_files: Option<&'a [String]>,
    maintainer: Option<&'a str>,
    maintainer_email: Option<&'a str>,
    name: &'a str,
    package_url: &'a str,
    platform: Option<&'a str>,
    project_url: &'a str,
    project_urls: Option<BTreeMap<&'a str, &'a str>>,
    provides_extra: Option<&'a [String]>,
    release_url: String,
    requires_dist: Option<&'a [String]>,
    requires_python: Option<&'a str>,
    summary: Option<&'a str>,
    version: &'a str,
    yanked: bool,
    yanked_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Downloads {
    #[serde(rename = "last_day")]
    day: i8,
    #[serde(rename = "last_month")]
    month: i8,
    #[serde(rename = "last_week")]
    week: i8,
}

#[derive(Serialize)]
struct File<'a> {
    comment_text: &'static str,
    digests: Digests,
    downloads: i8,
    filename: &'a str,
    has_sig: bool,
    md5_digest: Option<&'a str>,
    packagetype: &'static str,
    python_version: &'a str,
    requires_python: Option<&'a str>,
    size: Option<u64>,
    upload_time: Option<String>,
    upload_time_iso_8601: Option<String>,
    url: &'a str,
    yanked: bool,
    yanked_reason: Option<&'a str>,
}

/// Only what is known: neither MD5 nor BLAKE2b is kept.
#[derive(Serialize)]
struct Digests {
    sha256: Digest,
}

impl ReleasePage {
    /// The page.
    pub fn json(&self) -> String {
        let mut releases: BTreeMap<&str, Vec<File>> = BTreeMap::new();
        for file in &self.files {
            releases
                .entry(file.filename.version())
                .or_default()
                .push(entry(file));
        }
        let urls: Vec<&PipFile> = self.files_of_release().collect();
        write(&Page {
            info: self.info(&urls),
            last_serial: self.serial.0,
            releases: self.all_releases.then_some(releases),
            urls: urls.into_iter().map(entry).collect(),
            vulnerabilities: [],
        })
    }

    fn files_of_release(&self) -> impl Iterator<Item = &PipFile> {
        self.files.iter().filter(|f| f.filename.version() == self.version)
    }

    fn info(&self, urls: &[&PipFile]) -> Info<'_> {
        let m = &self.metadata;
        let yanked = !urls.is_empty() && urls.iter().all(|f| f.yanked.is_some());
        let reason = self
            .files_of_release()
            .filter_map(|f| f.yanked.as_deref())
            .find(|r| !r.is_empty());
        let links = m.project_urls.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        let links: BTreeMap<_, _> = links.collect();
        Info {
            author: m.author.as_deref(),
            author_email: m.author_email.as_deref(),
            bugtrack_url: None,
            classifiers: &m.classifiers,
            description: m.description.as_deref().unwrap_or_default(),
            description_content_type: m.description_content_type.as_deref(),
            docs_url: None,
            download_url: None,
            downloads: Downloads {
                day: -1,
                month: -1,
                week: -1,
            },
            dynamic: some(&m.dynamic),
            home_page: m.home_page.as_deref(),
            keywords: m.keywords.as_deref(),
            license: m.license.as_deref(),
            license_expression: m.license_expression.as_deref(),
            license_files: some(&m.license_files),
            maintainer: m.maintainer.as_deref(),
            maintainer_email: m.maintainer_email.as_deref(),
            name: if m.name.is_empty() {
                self.name.as_str()
            } else {
                &m.name
            },
            package_url: &self.project_url,
            platform: None,
            project_url: &self.project_url,
            project_urls: (!links.is_empty()).then_some(links),
            provides_extra: some(&m.provides_extra),
            release_url: format!("{}/{}", self.project_url, self.version),
            requires_dist: some(&m.requires_dist),
            requires_python: m.requires_python.as_deref(),
            summary: m.summary.as_deref(),
            version: &self.version,
            yanked,
            yanked_reason: reason.filter(|_| yanked),
        }
    }
}

fn some(list: &[String]) -> Option<&[String]> {
    (!list.is_empty()).then_some(list)
}

fn entry(file: &PipFile) -> File<'_> {
    let is_wheel = file.filename.kind() == ArtifactKind::Wheel;
    File {
        comment_text: "",
        digests: Digests { sha256: file.sha256 },
        downloads: -1,
        filename: file.filename.as_str(),
        has_sig: false,
        md5_digest: None,
        packagetype: if is_wheel { "bdist_wheel" } else { "sdist" },
        python_version: python_tag(file.filename.arch()),
        requires_python: file.requires_python.as_deref(),
        size: file.size_bytes,
        upload_time: file.upload_time.map(|t| t.strftime("%Y-%m-%dT%H:%M:%S")),
        upload_time_iso_8601: file.upload_time.map(|t| t.strftime("%Y-%m-%dT%H:%M:%S.%6fZ")),
        url: &file.url,
        yanked: file.yanked.is_some(),
        yanked_reason: file.yanked.as_deref().filter(|r| !r.is_empty()),
    }
}

/// The first part of a wheel's tag, after a build number where there is one; `source` for an sdist.
fn python_tag(arch: &str) -> &str {
    let parts: Vec<&str> = arch.split('-').collect();
    parts[parts.len().saturating_sub(3)]
}
