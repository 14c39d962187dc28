//! The pip view: pages of the simple index, from values.
//!
//! Implements PEP 503 (HTML), 592 (yanked), 629 (version), 658 and 714 (metadata beside a wheel), 691 (JSON) and 700
//! (versions, sizes, times): version 1.1 of the API. What is not here: PEP 740 (provenance) and 792 (project status),
//! which 1.1 does not ask for; content negotiation, which is the server's.

mod html;
mod json;

use packyard_types::{ArtifactName, Digest, ProjectName, Timestamp};

/// The version of the simple API that the pages say they follow (PEP 629).
pub const API_VERSION: &str = "1.1";
/// The media type of HTML pages for whoever does not ask for another.
pub const TEXT_HTML: &str = "text/html; charset=utf-8";
/// The media type of HTML pages (PEP 691).
pub const SIMPLE_HTML: &str = "application/vnd.pypi.simple.v1+html";
/// The media type of JSON pages (PEP 691).
pub const SIMPLE_JSON: &str = "application/vnd.pypi.simple.v1+json";

/// `/{channel}/simple/`: all projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootPage {
    /// In the order in which they are shown.
    pub projects: Vec<ProjectName>,
}

/// `/{channel}/simple/{project}/`: a project's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectPage {
    /// The project.
    pub name: ProjectName,
    /// In the order in which they are shown.
    pub files: Vec<PipFile>,
}

/// A wheel or sdist, as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipFile {
    /// Its name; the version is read from it.
    pub filename: ArtifactName,
    /// Where it is, absolute or relative to the page, without a fragment.
    pub url: String,
    /// What it hashes to.
    pub sha256: Digest,
    /// How large it is.
    pub size_bytes: u64,
    /// `Requires-Python`, as the metadata spells it.
    pub requires_python: Option<String>,
    /// What `{url}.metadata` hashes to, where there is such a file.
    pub metadata_sha256: Option<Digest>,
    /// When it was published.
    pub upload_time: Timestamp,
    /// Why it was yanked, where it was; empty where nobody said.
    pub yanked: Option<String>,
}

impl RootPage {
    /// The page as HTML5.
    pub fn html(&self) -> String {
        html::root(self)
    }

    /// The page as JSON.
    pub fn json(&self) -> String {
        json::root(self)
    }
}

impl ProjectPage {
    /// The page as HTML5.
    pub fn html(&self) -> String {
        html::project(self)
    }

    /// The page as JSON.
    pub fn json(&self) -> String {
        json::project(self)
    }
}
