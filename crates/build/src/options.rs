//! What is to be built.

use crate::Checkout;
use packyard_types::{ArtifactKind, DistributionName, ReleaseVersion, Timestamp};

/// A build's parameters. Everything that could depend on the machine is in here, so that a plan reads neither the clock
/// nor the environment.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What to make; empty for all that the project can be: sdist, wheel, deb and rpm for a Python project, deb and rpm
    /// for others.
    pub formats: Vec<ArtifactKind>,
    /// The distributions to build for; empty for packages that are for `any`.
    pub distributions: Vec<DistributionName>,
    /// The version, where the project leaves it open.
    pub version: Option<ReleaseVersion>,
    /// Whether to build what lies between two releases, as a development version of the next one.
    pub snapshot: bool,
    /// What git says; only looked at where [`needs_checkout`](crate::needs_checkout) says so.
    pub checkout: Option<Checkout>,
    /// The time of a project whose changelog has none: `SOURCE_DATE_EPOCH`, else that of the commit.
    pub source_date: Option<Timestamp>,
    /// `SOURCE_DATE_EPOCH`, where it is set: nothing is dated later.
    pub latest_date: Option<Timestamp>,
    /// How long the project's own build backend may take; ten minutes where nothing is said.
    pub backend_limit: Option<std::time::Duration>,
    /// Variables for the pip that fetches the wheels of a bundle, where pip's own settings do not say it.
    pub pip_settings: Vec<(String, String)>,
}
