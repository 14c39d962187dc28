//! From `Requires-Dist` (PEP 508) to the dependencies of a .deb and an .rpm.
//!
//! | module | what it knows |
//! |---|---|
//! | `pythons` | for which Pythons a requirement holds |
//! | `names` | which Debian package holds a project |
//! | `candidates` | which of them can be depended on, in the releases in question |
//! | `range`, `order` | what Debian can say of a version range |
//! | `debian` | the relations of a .deb |
//! | `unknown` | what is said when a project has no package |
//! | `place` | where a requirement was written |
//! | `rpm` | the dependencies of an .rpm, as Fedora's generators write them |
//!
//! Nothing is left out silently: what cannot be said is an error, what is guessed is a note.

mod candidates;
mod debian;
mod names;
mod order;
mod place;
mod pythons;
mod range;
mod rpm;
mod unknown;

pub(crate) use debian::Debian;
pub(crate) use names::DebRelease;
pub(crate) use order::compare as deb_order;
pub(crate) use pythons::{Pythons, environment, least_python};
pub(crate) use rpm::{rpm_named_provides, rpm_provides, rpm_requires};

use crate::{BuildError, Diagnostic};
use packyard_types::ProjectName;
use pep508_rs::{ExtraName, Requirement, VerbatimUrl, VersionOrUrl, pep440_rs::VersionSpecifier};
use pythons::Verdict;
use std::{collections::BTreeMap, path::Path};

/// A project's requirements, and the Pythons that they are judged for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The project, which does not require itself.
    pub project: &'a ProjectName,
    /// Its directory, where requirements are looked for when one must be shown.
    pub root: &'a Path,
    /// `Requires-Dist`.
    pub requires_dist: &'a [String],
    /// The Pythons.
    pub pythons: Pythons<'a>,
}

/// What is required of one project, all that was said about it taken together.
#[derive(Debug, Clone, Default)]
struct Wanted {
    /// As it was written; several, where it was written more than once.
    texts: Vec<String>,
    /// What its version must meet.
    specifiers: Vec<VersionSpecifier>,
    /// Its extras that are wanted, each with what was said where it was named.
    extras: BTreeMap<String, Vec<VersionSpecifier>>,
    /// Where it was given as a URL.
    url: bool,
}

/// What is required, by PEP 503 name and by when it is.
type AllWanted = BTreeMap<(String, Verdict), Wanted>;

impl Asked<'_> {
    /// The requirements that hold without any extra.
    fn wanted(&self) -> Result<AllWanted, BuildError> {
        self.collect(|requirement, text| {
            let marker = marker_text(text);
            self.pythons.verdict(&requirement.marker, marker, &[])
        })
    }

    /// The requirements that hold with one of the project's extras only.
    fn wanted_by_extras(&self, extras: &[String]) -> Result<AllWanted, BuildError> {
        let extras: Vec<ExtraName> = extras.iter().filter_map(|extra| extra.parse().ok()).collect();
        self.collect(|requirement, text| {
            let marker = marker_text(text);
            if self.pythons.verdict(&requirement.marker, marker, &[]) != Verdict::Never {
                return Verdict::Never;
            }
            let with = |extra| {
                self.pythons
                    .verdict(&requirement.marker, marker, std::slice::from_ref(extra))
            };
            extras
                .iter()
                .map(with)
                .find(|v| *v != Verdict::Never)
                .unwrap_or(Verdict::Never)
        })
    }

    fn collect(
        &self,
        verdict: impl Fn(&Requirement<VerbatimUrl>, &str) -> Verdict,
    ) -> Result<AllWanted, BuildError> {
        let mut all = AllWanted::new();
        let mut problems = Vec::new();
        for text in self.requires_dist {
            let requirement: Requirement<VerbatimUrl> = match text.parse() {
                Ok(requirement) => requirement,
                Err(_) => {
                    problems.push(self.not_a_requirement(text));
                    continue;
                }
            };
            let name = requirement.name.to_string();
            let verdict = verdict(&requirement, text);
            if verdict == Verdict::Never || name == self.project.as_str() {
                continue;
            }
            let wanted = all.entry((name, verdict)).or_default();
            wanted.texts.push(text.clone());
            wanted.url |= matches!(requirement.version_or_url, Some(VersionOrUrl::Url(_)));
            let specifiers = specifiers(&requirement);
            add(&mut wanted.specifiers, &specifiers);
            for extra in &requirement.extras {
                add(wanted.extras.entry(extra.to_string()).or_default(), &specifiers);
            }
        }
        if problems.is_empty() {
            Ok(all)
        } else {
            Err(BuildError::Project(problems))
        }
    }

    fn not_a_requirement(&self, text: &str) -> Diagnostic {
        let problem = Diagnostic::new(format!(
            "`{text}` cannot become a dependency of a .deb or .rpm: it is not a requirement whose version has an order"
        ));
        let problem = self.located(problem, text);
        problem.hint("write it as PEP 508 says, such as `requests>=2`; `===` with a text that is no version has no image")
    }

    /// The diagnostic with the place where a requirement was written, where that can be found.
    fn located(&self, problem: Diagnostic, text: &str) -> Diagnostic {
        match place::of(self.root, text) {
            Some(place) => problem.at(place),
            None => problem,
        }
    }
}

fn specifiers(requirement: &Requirement<VerbatimUrl>) -> Vec<VersionSpecifier> {
    match &requirement.version_or_url {
        Some(VersionOrUrl::VersionSpecifier(specifiers)) => specifiers.to_vec(),
        _ => Vec::new(),
    }
}

fn add(known: &mut Vec<VersionSpecifier>, more: &[VersionSpecifier]) {
    for specifier in more {
        if !known.contains(specifier) {
            known.push(specifier.clone());
        }
    }
}

/// What follows the `;`.
fn marker_text(requirement: &str) -> &str {
    requirement.split_once(';').map_or("", |(_, marker)| marker)
}
