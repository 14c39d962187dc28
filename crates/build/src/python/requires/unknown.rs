//! What is said when Debian has no package for a requirement.

use super::{
    debian::Debian,
    names::{self, DebRelease},
    place,
};
use crate::{Diagnostic, nearest::distance};

/// A requirement without a package.
pub(super) struct Unknown {
    /// The PEP 503 name.
    pub name: String,
    /// The requirement as it was written.
    pub text: String,
}

impl Unknown {
    /// What may have been meant, and which other releases have it.
    fn remarks(&self, release: Option<DebRelease>) -> Vec<String> {
        let mut remarks = Vec::new();
        let elsewhere: Vec<&str> = names::releases(&self.name)
            .into_iter()
            .map(DebRelease::name)
            .collect();
        if !elsewhere.is_empty() {
            let here = release.map_or("bookworm or newer", DebRelease::name);
            let list = elsewhere.join(", ");
            remarks.push(format!("`{}` is in {list}, not in {here}", self.name));
        }
        let nearest = names::nearest(&self.name, release);
        let slip = nearest.first().filter(|(name, _)| self.is_slip_of(name));
        if let Some((name, package)) = slip.filter(|_| elsewhere.is_empty()) {
            remarks.push(format!(
                "did you mean `{name}` (its package is {package})? then put the requirement right"
            ));
        } else if !nearest.is_empty() {
            let shown: Vec<String> = nearest
                .iter()
                .map(|(name, package)| format!("{name} ({package})"))
                .collect();
            remarks.push(format!("nearest names to `{}`: {}", self.name, shown.join(", ")));
        }
        remarks
    }

    /// Whether so few characters are wrong that the other name was meant.
    fn is_slip_of(&self, name: &str) -> bool {
        let limit = if self.name.len() > 6 { 2 } else { 1 };
        self.name.len() > 3 && distance(&self.name, name) <= limit
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
    let mut hint: Vec<String> = unknown
        .iter()
        .flat_map(|one| one.remarks(debian.release))
        .collect();
    let what = if unknown.len() == 1 {
        "the package"
    } else {
        "the packages"
    };
    hint.push(format!(
        "name {what} in packyard.toml (\"\" for a requirement that needs none):\n[python.deb-names]"
    ));
    hint.extend(unknown.iter().map(|one| format!("{} = \"python3-…\"", one.name)));
    Some(problem.hint(hint.join("\n")))
}
