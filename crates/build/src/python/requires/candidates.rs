//! The packages that hold a project in the releases in question, and what they must meet.

use super::{
    Wanted,
    debian::Groups,
    names::{self, DebRelease, Holder},
    range::DebRange,
};
use pep508_rs::pep440_rs::VersionSpecifiers;
use std::collections::BTreeMap;

/// Of one project, over some releases.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// What may be depended on. Where releases have a package under different epochs, its ranges are joined.
    ranges: BTreeMap<String, DebRange>,
    /// Packages with a version of their own, whose project's version does not meet the requirement.
    refused: Vec<String>,
    /// Such packages that meet it, which apt cannot see.
    checked: Vec<String>,
    /// Such packages of a release that only lends its names: what they hold where it is built for is not known.
    unjudged: Vec<String>,
    /// Releases that do not have the project.
    missing: Vec<&'static str>,
}

impl Candidates {
    /// None where no release has the project. The error is the specifier that Debian has no image of.
    pub fn of(
        name: &str,
        releases: &[DebRelease],
        is_borrowed: bool,
        wanted: &Wanted,
    ) -> Result<Option<Self>, String> {
        let mut candidates = Self::default();
        for release in releases {
            match names::holder(name, *release) {
                Some(mut holder) => {
                    if is_borrowed && holder.holds.take().is_some() && !wanted.specifiers.is_empty() {
                        candidates.unjudged.push(holder.package.clone());
                    }
                    candidates.add(holder, *release, wanted)?;
                }
                None => candidates.missing.push(release.name()),
            }
        }
        Ok((candidates.missing.len() < releases.len()).then_some(candidates))
    }

    fn add(&mut self, holder: Holder, release: DebRelease, wanted: &Wanted) -> Result<(), String> {
        let range = match &holder.holds {
            None => DebRange::of(&wanted.specifiers, holder.epoch).map_err(ToString::to_string)?,
            Some(version) => {
                let specifiers: VersionSpecifiers = wanted.specifiers.iter().cloned().collect();
                let held = format!("{}'s {} holds {version}", release.name(), holder.package);
                if !specifiers.is_empty() && !specifiers.contains(version) {
                    self.refused.push(held);
                    return Ok(());
                }
                self.checked.extend((!specifiers.is_empty()).then_some(held));
                DebRange::all()
            }
        };
        let known = self.ranges.entry(holder.package).or_insert_with(|| range.clone());
        *known = known.or(&range);
        Ok(())
    }

    /// Why there is nothing to depend on, where there is not.
    pub fn refusal(&self) -> Option<String> {
        self.ranges.is_empty().then(|| self.refused.join(", "))
    }

    /// Packages whose own versions may not be the project's, and whose range is kept nevertheless.
    pub fn unjudged(&self) -> impl Iterator<Item = &str> {
        self.unjudged.iter().map(String::as_str)
    }

    /// What a package must meet, for each package.
    pub fn groups(&self) -> Vec<Groups> {
        self.ranges
            .iter()
            .map(|(package, range)| range.groups(package))
            .collect()
    }

    /// What should be known about them.
    pub fn notes(&self, name: &str, is_always_wanted: bool, requirement: &str) -> Vec<String> {
        let mut notes = Vec::new();
        if is_always_wanted && !self.missing.is_empty() {
            notes.push(format!(
                "`{name}` has no package in {}",
                self.missing.join(" and ")
            ));
        }
        if !self.refused.is_empty() {
            notes.push(format!(
                "`{requirement}` is not met everywhere: {}",
                self.refused.join(", ")
            ));
        }
        if !self.checked.is_empty() {
            notes.push(format!(
                "`{requirement}` is checked now and not by apt, for the package has a version of its own: {}",
                self.checked.join(", ")
            ));
        }
        notes
    }
}
