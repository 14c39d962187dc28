//! The relations of a .deb that a project's requirements become.

use super::{
    AllWanted, Asked, Wanted,
    candidates::Candidates,
    names::{self, DebRelease},
    pythons::Verdict,
    range::DebRange,
    unknown::{self, Unknown},
};
use crate::{BuildError, Diagnostic};
use std::collections::{BTreeMap, BTreeSet};

/// The least Python of the releases that a package for `any` is meant for: bookworm's.
const OLDEST_SUPPORTED_MINOR: u64 = 11;

/// Groups of relations, of which one of each has to hold.
pub(super) type Groups = Vec<Vec<String>>;

/// A project's requirements on a Debian system.
pub(crate) struct Debian<'a> {
    pub asked: Asked<'a>,
    /// `[python.deb-names]`, by PEP 503 name, with extras in brackets.
    pub names: &'a BTreeMap<String, String>,
    /// What the package is for.
    pub distribution: &'a str,
    /// The release of Debian whose names it has; none for `any`.
    pub release: Option<DebRelease>,
    /// Whether only the names are that release's, as for Ubuntu: its versions say nothing then.
    pub is_borrowed: bool,
}

/// What goes into one field of `control`.
#[derive(Debug, Default)]
pub(crate) struct Relations {
    /// The relations, each as it is written, sorted by project.
    pub texts: Vec<String>,
    /// What was guessed or left out.
    pub notes: Vec<String>,
}

impl Relations {
    fn take(&mut self, groups: Groups) {
        for group in groups {
            let text = group.join(" | ");
            if !self.texts.contains(&text) {
                self.texts.push(text);
            }
        }
    }

    /// A package without a version says nothing beside the same one with a version.
    fn without_bare_names(mut self) -> Self {
        let limited: BTreeSet<String> = self
            .texts
            .iter()
            .filter(|text| !text.contains(" | "))
            .filter_map(|text| Some(text.split_once(" (")?.0.to_owned()))
            .collect();
        self.texts.retain(|text| !limited.contains(text));
        self
    }
}

/// What became of one requirement.
enum Answer {
    /// These relations, and what should be said about them.
    Groups(Groups, Vec<String>),
    /// The table does not hold it.
    Unknown,
    /// It cannot be met, or not be said.
    Problem(Box<Diagnostic>),
}

impl Debian<'_> {
    /// `Depends`. A requirement without a package is an error, which shows all of them.
    pub fn depends(&self) -> Result<Relations, BuildError> {
        let mut relations = Relations::default();
        let (mut unknown, mut problems) = (Vec::new(), Vec::new());
        for ((name, verdict), wanted) in self.asked.wanted()? {
            match self.answer(&name, &verdict, &wanted) {
                Answer::Groups(groups, notes) => {
                    relations.take(for_pythons(groups, &verdict));
                    relations.notes.extend(notes);
                }
                Answer::Unknown
                    if self.asked.pythons.known.is_none() && !verdict.reaches(OLDEST_SUPPORTED_MINOR) =>
                {
                    let text = wanted.texts.join("`, `");
                    relations.notes.push(format!(
                        "`{text}` is left out: Debian has no package for it, and it is for Pythons before bookworm's"
                    ));
                }
                Answer::Unknown => unknown.push(Unknown {
                    name,
                    text: wanted.texts[0].clone(),
                }),
                Answer::Problem(problem) => problems.push(*problem),
            }
        }
        problems.extend(unknown::diagnostic(self, &unknown));
        if problems.is_empty() {
            Ok(relations.without_bare_names())
        } else {
            Err(BuildError::Project(problems))
        }
    }

    /// `Suggests`: what the project's own extras want, as far as it is known.
    pub fn suggests(&self, extras: &[String]) -> Result<Relations, BuildError> {
        let mut relations = Relations::default();
        let mut left_out = BTreeSet::new();
        let all: AllWanted = self.asked.wanted_by_extras(extras)?;
        for ((name, verdict), wanted) in all {
            match self.answer(&name, &verdict, &wanted) {
                Answer::Groups(groups, _) => relations.take(for_pythons(groups, &verdict)),
                Answer::Unknown | Answer::Problem(_) => {
                    left_out.insert(name);
                }
            }
        }
        if !left_out.is_empty() {
            let names: Vec<String> = left_out.into_iter().collect();
            relations.notes.push(format!(
                "extras want {}, which the .deb does not suggest: say the Debian package in [python.deb-names]",
                names.join(", ")
            ));
        }
        Ok(relations.without_bare_names())
    }

    fn answer(&self, name: &str, verdict: &Verdict, wanted: &Wanted) -> Answer {
        if let Some(contradiction) = self.contradiction(wanted) {
            return contradiction;
        }
        let (mut groups, mut notes) = match self.names.get(name) {
            Some(own) => match overridden(own, wanted) {
                Ok(groups) => (groups, Vec::new()),
                Err(specifier) => return self.unsayable(wanted, &specifier),
            },
            None if wanted.url => return self.url(name, wanted),
            None => match self.known(name, verdict, wanted) {
                Answer::Groups(groups, notes) => (groups, notes),
                other => return other,
            },
        };
        for extra in wanted.extras.keys() {
            let key = format!("{name}[{extra}]");
            match self.names.get(&key) {
                Some(own) => groups.extend(as_written(own)),
                None => notes.push(format!(
                    "`{key}` is taken to be {}; if the extra needs more, name it in [python.deb-names]: \"{key}\" = \"python3-…\" (\"\" for nothing more)",
                    packages(&groups)
                )),
            }
        }
        Answer::Groups(groups, notes)
    }

    /// What the table says.
    fn known(&self, name: &str, verdict: &Verdict, wanted: &Wanted) -> Answer {
        let releases = match &self.release {
            Some(release) => std::slice::from_ref(release),
            None => &DebRelease::SUPPORTED,
        };
        let candidates = match Candidates::of(name, releases, self.is_borrowed, wanted) {
            Ok(None) => return Answer::Unknown,
            Ok(Some(candidates)) => candidates,
            Err(specifier) => return self.unsayable(wanted, &specifier),
        };
        if let Some(why) = candidates.refusal() {
            let text = &wanted.texts[0];
            let problem = Diagnostic::new(format!("`{text}` is not met: {why}"));
            let hint = "allow that version, or name another package in [python.deb-names]";
            return Answer::Problem(Box::new(self.asked.located(problem, text).hint(hint)));
        }
        let mut notes = candidates.notes(name, *verdict == Verdict::Always, &wanted.texts.join("`, `"));
        notes.extend(candidates.unjudged().map(|package| {
            format!(
                "`{}` is kept as a range of `{package}`, whose version in {} is not known; if that is not the project's, \
                 say the relation in [python.deb-names]",
                wanted.texts.join("`, `"),
                self.distribution
            )
        }));
        Answer::Groups(any_of(candidates.groups()), notes)
    }

    /// Where the specifiers contradict each other.
    fn contradiction(&self, wanted: &Wanted) -> Option<Answer> {
        let range = DebRange::of(&wanted.specifiers, 0).ok()?;
        range.is_empty().then(|| {
            let problem = Diagnostic::new(format!("no version meets `{}`", wanted.texts.join("`, `")));
            let problem = self.asked.located(problem, &wanted.texts[0]);
            Answer::Problem(Box::new(problem.hint("correct the version range")))
        })
    }

    fn unsayable(&self, wanted: &Wanted, specifier: &str) -> Answer {
        let text = &wanted.texts[0];
        let problem = Diagnostic::new(format!(
            "`{text}` cannot become a dependency of a .deb: Debian has no image of `{specifier}`"
        ));
        let problem = self.asked.located(problem, text);
        Answer::Problem(Box::new(problem.hint(
            "leave out the local version (`+…`), or say the relation in [python.deb-names]",
        )))
    }

    fn url(&self, name: &str, wanted: &Wanted) -> Answer {
        let text = &wanted.texts[0];
        let problem = Diagnostic::new(format!(
            "`{text}` cannot become a dependency of a .deb: apt does not fetch from URLs"
        ));
        let problem = self.asked.located(problem, text);
        Answer::Problem(Box::new(problem.hint(format!(
            "name the Debian package that has it: [python.deb-names] {name} = \"python3-{name}\""
        ))))
    }
}

/// The packages of groups, for a sentence.
fn packages(groups: &Groups) -> String {
    let all = groups
        .iter()
        .flatten()
        .filter_map(|relation| relation.split(' ').next());
    let names: BTreeSet<&str> = all.collect();
    if names.is_empty() {
        return "no package".to_owned();
    }
    names
        .into_iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What [python.deb-names] says, word by word.
fn as_written(own: &str) -> Groups {
    let groups = own.split(',').map(str::trim).filter(|group| !group.is_empty());
    groups
        .map(|group| group.split('|').map(|r| r.trim().to_owned()).collect())
        .collect()
}

/// What [python.deb-names] says; the range of the requirement is added where it names no version and one package, or
/// alternatives. The error is the specifier that has no image.
fn overridden(own: &str, wanted: &Wanted) -> Result<Groups, String> {
    let groups = as_written(own);
    if own.contains('(') || groups.len() != 1 {
        return Ok(groups);
    }
    let mut choices = Vec::new();
    for package in &groups[0] {
        let range =
            DebRange::of(&wanted.specifiers, names::epoch_of(package)).map_err(ToString::to_string)?;
        choices.push(range.groups(package));
    }
    Ok(any_of(choices))
}

/// Relations of which one set has to hold: every way to pick one group from each, joined.
fn any_of(choices: Vec<Groups>) -> Groups {
    let mut out: Groups = vec![Vec::new()];
    for choice in choices {
        let mut next = Groups::new();
        for before in &out {
            for group in &choice {
                let mut joined = before.clone();
                joined.extend(
                    group
                        .iter()
                        .filter(|relation| !before.contains(relation))
                        .cloned(),
                );
                next.push(joined);
            }
        }
        out = next;
    }
    out.retain(|group| !group.is_empty());
    out
}

/// What holds for some Pythons only: the relations, or another Python.
fn for_pythons(groups: Groups, verdict: &Verdict) -> Groups {
    if groups.is_empty() || *verdict == Verdict::Always {
        return groups;
    }
    let mut others: Option<DebRange> = None;
    for span in verdict.spans_without() {
        let range = DebRange::interval(span.from, span.below.map(|below| format!("{below}~~")));
        others = Some(others.map_or(range.clone(), |known| known.or(&range)));
    }
    let Some(others) = others else { return groups };
    any_of(vec![groups, others.groups("python3")])
}

#[cfg(test)]
mod tests;
