//! From a project and its changelog to an sdist, a wheel, a .deb and an .rpm.
//!
//! [`plan`] reads the project and decides everything; [`build`] makes the files; [`list`] says what they will hold.
//! None of them reads the clock or the environment: what a build depends on is in [`Options`].
//!
//! | module | nouns |
//! |---|---|
//! | `changelog` | entries, dialects, rendering for Debian and RPM, adding items |
//! | `manifest` | the project file, key by key |
//! | `metadata` | `pyproject.toml`, `setup.py`, `Cargo.toml` |
//! | `python` | modules, dist-info, launchers, requirements, the PEP 517 backend |
//! | `unit` | systemd units |
//! | `scripts` | maintainer scripts and scriptlets |
//! | `checkout` | what version control knows, passed in |
//! | `project` | all of the above, gathered and judged together |
//! | `plan` | what each artifact is made of |
//! | `release` | the artifacts, made |
//! | `scratch` | what is not to be left behind |
//! | `init` | the first project file, from what other tools know |
//! | `eject` | `debian/` or a .spec, written into the project |
//! | `diagnostic` | what is wrong, shown as a compiler shows it |

pub mod changelog;
mod checkout;
mod diagnostic;
mod eject;
mod error;
mod files;
mod glob;
mod init;
mod keys;
pub mod manifest;
mod metadata;
mod options;
mod pattern;
mod plan;
mod project;
mod python;
mod release;
mod scratch;
mod scripts;
mod unit;

use packyard_formats::nearest;

pub use checkout::{Checkout, ReleaseTag, newest_release_tag};
pub use diagnostic::{Diagnostic, Fix, Place, Severity, SourceText};
pub use eject::{Ejected, eject_debian, eject_spec};
pub use error::BuildError;
pub use init::{Initial, LeftOut, init, write_initial};
pub use options::Options;
pub use plan::{Family, KNOWN_DISTRIBUTIONS, KnownDistribution, Plan, Planned, plan};
pub use project::{changelog_defaults, changelog_name, metadata_version, needs_checkout, project_name};
pub use release::{Beside, BuiltArtifact, ListedFile, Listing, Progress, RELEASE_FILE, Release, build, list};
pub use scratch::abandon;
