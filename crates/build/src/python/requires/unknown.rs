//! What is said when Debian has no package for a requirement.

use super::{
    debian::Debian,
    names::{self, DebRelease},
    place,
};
use crate::Diagnostic;

/// A requirement without a package.
pub(super) struct Unknown {
    /// The PEP 503 name.
    pub name: String,
    /// The requirement as it was written.
    pub text: String,
}

impl Unknown {
    /// The line to add to the project file, with what may have been meant.
    fn line(&self, release: Option<DebRelease>) -> String {
        let nearest = names::nearest(&self.name, release);
        let package = nearest
            .first()
            .map_or_else(|| format!("python3-{}", self.name), |(_, p)| p.clone());
        let line = format!("{} = \"{package}\"", self.name);
        let shown: Vec<String> = nearest
            .iter()
            .map(|(name, package)| format!("{name} ({package})"))
            .collect();
        let elsewhere: Vec<&str> = names::releases(&self.name)
            .into_iter()
            .map(DebRelease::name)
            .collect();
        let mut remarks = Vec::new();
        if !elsewhere.is_empty() {
            let here = release.map_or("bookworm or newer", DebRelease::name);
            remarks.push(format!(
                "`{}` is in {}, not in {here}",
                self.name,
                elsewhere.join(", ")
            ));
        }
        if !shown.is_empty() {
            remarks.push(format!("nearest: {}", shown.join(", ")));
        }
        if remarks.is_empty() {
            line
        } else {
            format!("{line}  # {}", remarks.join("; "))
        }
    }
}

/// One diagnostic for all of them; none where there are none.
pub(super) fn diagnostic(debian: &Debian<'_>, unknown: &[Unknown]) -> Option<Diagnostic> {
    let first = unknown.first()?;
    let texts: Vec<String> = unknown.iter().map(|u| format!("`{}`", u.text)).collect();
    let system = match debian.release {
        None => "Debian".to_owned(),
        Some(release) if release.name() == debian.distribution => debian.distribution.to_owned(),
        Some(release) => format!(
            "{} (which has the names of {})",
            debian.distribution,
            release.name()
        ),
    };
    let mut problem = Diagnostic::new(format!(
        "no package of {system} is known for {}",
        texts.join(", ")
    ));
    for one in unknown {
        let Some(place) = place::of(debian.asked.root, &one.text) else {
            continue;
        };
        problem = if one.name == first.name && problem.place.is_none() {
            problem.at(place)
        } else {
            problem.related(format!("`{}` is required here", one.text), place)
        };
    }
    let lines: Vec<String> = unknown.iter().map(|one| one.line(debian.release)).collect();
    let what = if unknown.len() == 1 {
        "the package"
    } else {
        "the packages"
    };
    Some(problem.hint(format!(
        "name {what} in packyard.toml (\"\" for a requirement that needs none):\n[python.deb-names]\n{}",
        lines.join("\n")
    )))
}
