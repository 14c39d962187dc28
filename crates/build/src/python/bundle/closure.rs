//! Whether a bundle has all that its parts require, and on which Pythons.

use super::{lock::Terms, platform::Platform, wheel::BundledWheel};
use crate::{Diagnostic, Place};
use packyard_types::ProjectName;
use pep508_rs::{
    ExtraName, Requirement, VerbatimUrl, VersionOrUrl,
    pep440_rs::{Version, VersionSpecifiers},
};
use std::collections::{BTreeMap, BTreeSet};

/// The newest Python that is reckoned with.
pub(super) const NEWEST: u64 = 15;
/// The oldest one.
pub(super) const OLDEST: u64 = 6;

/// A project and its wheels.
pub(super) struct Closure<'a> {
    pub project: &'a ProjectName,
    pub requires_dist: &'a [String],
    pub requires_python: Option<&'a str>,
    pub wheels: &'a [BundledWheel],
    /// What the lock or the requirements ask for, whoever needs it.
    pub roots: &'a [Root],
    pub terms: &'a Terms,
    /// Where the wheels come from, as messages call it.
    pub from: &'a str,
    /// Where what the project itself requires is answered.
    pub place: Option<&'a Place>,
}

/// What a line of a lock or of requirements asks for.
pub(super) type Root = Requirement<VerbatimUrl>;

/// The Pythons 3.N that a bundle runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub least: u64,
    /// The first one that it does not run on; none where nothing is known against any.
    pub below: Option<u64>,
}

/// What is missing: the requirement without its marker, and the words for it.
pub(super) struct Gap {
    pub requirement: Option<String>,
    /// Whether nothing is wrong but the Python.
    is_of_python: bool,
    pub problem: Diagnostic,
}

impl Closure<'_> {
    /// The Pythons in a row on which nothing is missing: around the platform's, else the newest ones.
    pub fn range(&self, platform: &Platform) -> Result<Range, Gap> {
        let on = |minor| Platform {
            minor: Some(minor),
            ..platform.clone()
        };
        let first = match platform.minor {
            Some(minor) => {
                self.complete(platform)?;
                minor
            }
            None => self.newest(on)?,
        };
        let is_complete = |minor: &u64| self.complete(&on(*minor)).is_ok();
        let least = (OLDEST..first).rev().take_while(is_complete).last();
        Ok(Range {
            least: least.unwrap_or(first),
            below: (first..=NEWEST).find(|minor| !is_complete(minor)),
        })
    }

    /// The newest Python on which nothing is missing; else what is.
    fn newest(&self, on: impl Fn(u64) -> Platform) -> Result<u64, Gap> {
        let mut failure: Option<Gap> = None;
        for minor in (OLDEST..=NEWEST).rev() {
            match self.complete(&on(minor)) {
                Ok(()) => return Ok(minor),
                // What says only that the Python is another one says least.
                Err(gap) if failure.as_ref().is_none_or(|known| known.is_of_python) => {
                    failure = Some(gap);
                }
                Err(_) => {}
            }
        }
        let failure = failure.expect("a Python that does not fit has a reason");
        match self.contradiction() {
            Some(problem) if failure.is_of_python => Err(Gap { problem, ..failure }),
            _ => Err(failure),
        }
    }

    /// Two that no Python runs both of.
    fn contradiction(&self) -> Option<Diagnostic> {
        let project = self
            .requires_python
            .map(|wants| (format!("`{}`", self.project), wants, None));
        let lock = self.terms.requires_python.as_ref();
        let lock = lock.map(|(wants, place)| (self.from.to_owned(), wants.as_str(), Some(place)));
        let wheels = self.wheels.iter().filter_map(|wheel| {
            let wants = wheel.core.requires_python.as_deref()?;
            Some((format!("`{}`", wheel.name), wants, wheel.place.as_ref()))
        });
        let all: Vec<_> = project.into_iter().chain(lock).chain(wheels).collect();
        let runs_both = |one: &str, other: &str| {
            (OLDEST..=NEWEST).any(|n| allows(Some(one), n) && allows(Some(other), n))
        };
        for (number, (who, wants, place)) in all.iter().enumerate() {
            let Some((other, also, there)) =
                all[..number].iter().find(|(_, also, _)| !runs_both(wants, also))
            else {
                continue;
            };
            let mut problem = Diagnostic::new(format!(
                "{other} wants Python {also}, and {who} wants Python {wants}: no Python runs both"
            ));
            problem =
                problem.hint("write the lock anew with the tool that made it, for one range of Pythons");
            if let Some(place) = place {
                problem = problem.at((*place).clone());
            }
            return Some(match there {
                Some(there) => problem.related("the other one", (*there).clone()),
                None => problem,
            });
        }
        None
    }

    /// Whether nothing is missing on one Python.
    pub fn complete(&self, platform: &Platform) -> Result<(), Gap> {
        let by_name: BTreeMap<&str, &BundledWheel> = self
            .wheels
            .iter()
            .map(|wheel| (wheel.name.package(), wheel))
            .collect();
        let minor = platform.minor.unwrap_or(NEWEST);
        if !allows(self.requires_python, minor) {
            return Err(not_on(
                &format!("`{}`", self.project),
                self.requires_python,
                minor,
                None,
            ));
        }
        self.meets_terms(platform, minor)?;
        let mut seen: BTreeSet<(String, Option<ExtraName>)> = BTreeSet::new();
        let mut open: Vec<(Option<&BundledWheel>, Option<ExtraName>)> = vec![(None, None)];
        for wanted in self.roots {
            let name = wanted.name.to_string();
            if !platform.holds(&wanted.marker, &[]) || name == self.project.as_str() {
                continue;
            }
            // What has no wheel was not asked for: it is for another system.
            let Some(found) = by_name.get(name.as_str()).copied() else {
                continue;
            };
            let more = wanted.extras.iter().cloned().map(Some);
            for extra in more.chain([None]) {
                if seen.insert((name.clone(), extra.clone())) {
                    open.push((Some(found), extra));
                }
            }
        }
        while let Some((wheel, extra)) = open.pop() {
            let requires = wheel.map_or(self.requires_dist, |wheel| &wheel.core.requires_dist);
            if let Some(wheel) = wheel
                && !allows(wheel.core.requires_python.as_deref(), minor)
            {
                let shown = format!("`{}`", wheel.name);
                return Err(not_on(
                    &shown,
                    wheel.core.requires_python.as_deref(),
                    minor,
                    Some(wheel),
                ));
            }
            let extras: Vec<ExtraName> = extra.into_iter().collect();
            for text in requires {
                let Ok(requirement) = text.parse::<Requirement<VerbatimUrl>>() else {
                    continue;
                };
                let name = requirement.name.to_string();
                if !platform.holds(&requirement.marker, &extras) || name == self.project.as_str() {
                    continue;
                }
                let Some(found) = by_name.get(name.as_str()).copied() else {
                    return Err(self.missing(wheel, text, &requirement));
                };
                if !satisfies(found, &requirement) {
                    return Err(self.other_version(wheel, text, found));
                }
                let more = requirement.extras.iter().cloned().map(Some);
                for extra in more.chain([None]) {
                    if seen.insert((name.clone(), extra.clone())) {
                        open.push((Some(found), extra));
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether the lock is for this system.
    fn meets_terms(&self, platform: &Platform, minor: u64) -> Result<(), Gap> {
        if let Some((wants, place)) = &self.terms.requires_python
            && !allows(Some(wants), minor)
        {
            let gap = not_on(self.from, Some(wants), minor, None);
            let problem = gap.problem.at(place.clone());
            return Err(Gap { problem, ..gap });
        }
        if let Some((environments, place)) = &self.terms.environments
            && !environments.iter().any(|marker| platform.holds(marker, &[]))
        {
            let message = format!("{} is not for {}", self.from, platform.shown());
            let problem = Diagnostic::new(message).at(place.clone());
            return Err(Gap {
                requirement: None,
                is_of_python: true,
                problem: problem.hint("write it anew for that system, too"),
            });
        }
        Ok(())
    }

    fn who(&self, wheel: Option<&BundledWheel>) -> String {
        wheel.map_or_else(
            || format!("`{}`", self.project),
            |wheel| format!("`{}`", wheel.name),
        )
    }

    fn missing(
        &self,
        wheel: Option<&BundledWheel>,
        text: &str,
        requirement: &Requirement<VerbatimUrl>,
    ) -> Gap {
        let message = format!(
            "{} requires `{text}`, which is not in {}",
            self.who(wheel),
            self.from
        );
        let plain = Requirement {
            marker: pep508_rs::MarkerTree::default(),
            ..requirement.clone()
        };
        Gap {
            requirement: Some(plain.to_string()),
            is_of_python: false,
            problem: self.at(
                Diagnostic::new(message).hint("lock it, too: write the lock anew with the tool that made it"),
                wheel,
            ),
        }
    }

    fn other_version(&self, wheel: Option<&BundledWheel>, text: &str, found: &BundledWheel) -> Gap {
        let message = format!(
            "{} requires `{text}`, and the bundle has {} {}",
            self.who(wheel),
            found.name.package(),
            found.name.version()
        );
        Gap {
            requirement: None,
            is_of_python: false,
            problem: self.at(
                Diagnostic::new(message).hint("write the lock anew with the tool that made it"),
                Some(found),
            ),
        }
    }

    /// The place of a wheel's line, or of the lock.
    fn at(&self, problem: Diagnostic, wheel: Option<&BundledWheel>) -> Diagnostic {
        let place = match wheel {
            Some(wheel) => wheel.place.as_ref(),
            None => self.place,
        };
        match place {
            Some(place) => problem.at(place.clone()),
            None => problem,
        }
    }
}

fn not_on(who: &str, wants: Option<&str>, minor: u64, wheel: Option<&BundledWheel>) -> Gap {
    let wants = wants.unwrap_or_default();
    let problem = Diagnostic::new(format!(
        "{who} wants Python {wants}, and this is for Python 3.{minor}"
    ));
    Gap {
        requirement: None,
        is_of_python: true,
        problem: match wheel.and_then(|wheel| wheel.place.clone()) {
            Some(place) => problem.at(place),
            None => problem,
        }
        .hint("lock a version that runs there, or leave that distribution out of --for"),
    }
}

/// Whether `Requires-Python` allows some Python 3.N.
fn allows(requires_python: Option<&str>, minor: u64) -> bool {
    let wanted: Option<VersionSpecifiers> = requires_python.and_then(|text| text.parse().ok());
    let any = |patch| {
        wanted
            .iter()
            .all(|wanted| wanted.contains(&Version::new([3, minor, patch])))
    };
    any(0) || any(99)
}

fn satisfies(wheel: &BundledWheel, requirement: &Requirement<VerbatimUrl>) -> bool {
    let Some(VersionOrUrl::VersionSpecifier(specifiers)) = &requirement.version_or_url else {
        return true;
    };
    let Ok(version) = wheel.name.version().parse::<Version>() else {
        return true;
    };
    // A pre-release that was locked is meant.
    specifiers.iter().all(|specifier| specifier.contains(&version))
}
