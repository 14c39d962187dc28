//! The pip view: pages of the simple index, from values.
//!
//! Implements PEP 503 (HTML), 592 (yanked), 629 (version), 658 and 714 (metadata beside a file), 691 (JSON), 700
//! (versions, sizes, times), 740 (provenance: the key is there, and nobody can attest yet) and 792 (project status):
//! version 1.4 of the API. HTML stays as it is here whatever later versions add (PEP 833). `/pypi/{project}/json` is
//! not part of that API; it has the shape that PyPI's has. What is not here: content negotiation, which is the server's.

mod html;
mod json;
mod legacy;

pub use legacy::ReleasePage;

use packyard_types::{ArtifactName, Digest, ProjectName, ProjectStatus, Revision, Timestamp};

/// The version of the simple API that the pages say they follow (PEP 629).
pub const API_VERSION: &str = "1.4";
/// The media type of HTML pages for whoever does not ask for another.
pub const TEXT_HTML: &str = "text/html; charset=utf-8";
/// The media type of HTML pages (PEP 691).
pub const SIMPLE_HTML: &str = "application/vnd.pypi.simple.v1+html";
/// The media type of JSON pages (PEP 691).
pub const SIMPLE_JSON: &str = "application/vnd.pypi.simple.v1+json";

/// `/{channel}/simple/`: all projects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootPage {
    /// In the order in which they are shown, each with the revision that changed its page last.
    pub projects: Vec<(ProjectName, Revision)>,
    /// The revision that changed any of them last.
    pub serial: Revision,
}

/// `/{channel}/simple/{project}/`: a project's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectPage {
    /// The project.
    pub name: ProjectName,
    /// Its status (PEP 792), and why it has it; empty where nobody said.
    pub status: (ProjectStatus, String),
    /// The revision that changed the page last.
    pub serial: Revision,
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
    /// How large it is; unknown only of files that come from an upstream which does not say so.
    pub size_bytes: Option<u64>,
    /// `Requires-Python`, as the metadata spells it.
    pub requires_python: Option<String>,
    /// What `{url}.metadata` hashes to, where there is such a file.
    pub metadata_sha256: Option<Digest>,
    /// When it was published; unknown likewise.
    pub upload_time: Option<Timestamp>,
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
