//! `pythonX.Ydist(NAME)` and `python3dist(NAME)`, provided and required as Fedora's generators write them
//! (`pythondistdeps.py` of python-rpm-packaging): names by PEP 503; versions without zeros at their end; a range as a
//! rich dependency, sorted; for `foo[bar]` both `dist(foo)` and `dist(foo[bar])`.
//!
//! What they do not do: where the Python is not known (the private layout), a requirement that turns on it is written
//! `(python3dist(NAME) if python3 < 3.11)`.

use super::{
    Asked, Wanted,
    pythons::{Span, Verdict},
};
use crate::{BuildError, Diagnostic};
use packyard_types::{ProjectName, RpmDependency, RpmFlags};
use pep508_rs::pep440_rs::{Operator, PrereleaseKind, Version, VersionSpecifier};
use std::collections::{BTreeMap, BTreeSet};

/// `Requires` of an .rpm: `pythonX.Ydist(NAME)` for a known Python, else `python3dist(NAME)`, sorted.
pub(crate) fn rpm_requires(asked: &Asked<'_>) -> Result<Vec<RpmDependency>, BuildError> {
    let python = asked.pythons.known.map_or("3".to_owned(), ToString::to_string);
    let mut conditions: BTreeMap<(String, Verdict), BTreeSet<String>> = BTreeMap::new();
    let mut problems = Vec::new();
    for ((name, verdict), wanted) in asked.wanted()? {
        if wanted.url {
            problems.push(url(asked, &wanted));
            continue;
        }
        let extras = wanted
            .extras
            .iter()
            .map(|(extra, limits)| (format!("{name}[{extra}]"), limits));
        for (name, limits) in std::iter::once((name.clone(), &wanted.specifiers)).chain(extras) {
            let name = format!("python{python}dist({name})");
            let limits: BTreeSet<String> = limits.iter().map(|specifier| limit(&name, specifier)).collect();
            conditions.insert((name, verdict.clone()), limits);
        }
    }
    if !problems.is_empty() {
        return Err(BuildError::Project(problems));
    }
    let all = conditions
        .into_iter()
        .map(|((name, verdict), limits)| dependency(&conditional(&together(&name, limits), &verdict)));
    Ok(all.collect())
}

fn url(asked: &Asked<'_>, wanted: &Wanted) -> Diagnostic {
    let text = &wanted.texts[0];
    let problem = Diagnostic::new(format!(
        "`{text}` cannot become a dependency of an .rpm: dnf does not fetch from URLs"
    ));
    asked
        .located(problem, text)
        .hint("require a version of the project instead, such as `name>=1.0`")
}

/// All limits on one name.
fn together(name: &str, limits: BTreeSet<String>) -> String {
    match limits.len() {
        0 => name.to_owned(),
        1 => limits.into_iter().collect(),
        _ => format!("({})", limits.into_iter().collect::<Vec<_>>().join(" with ")),
    }
}

/// What holds for some Pythons only.
fn conditional(required: &str, verdict: &Verdict) -> String {
    let Verdict::For(spans) = verdict else {
        return required.to_owned();
    };
    let condition = |span: &Span| match (&span.from, &span.below) {
        (Some(from), Some(below)) => format!("(python3 >= {from} with python3 < {below})"),
        (Some(from), None) => format!("python3 >= {from}"),
        (None, Some(below)) => format!("python3 < {below}"),
        (None, None) => "python3".to_owned(),
    };
    let conditions: Vec<String> = spans.iter().map(condition).collect();
    let condition = if conditions.len() == 1 {
        conditions.concat()
    } else {
        format!("({})", conditions.join(" or "))
    };
    format!("({required} if {condition})")
}

/// One limit on a name, in the words of a spec file.
fn limit(name: &str, specifier: &VersionSpecifier) -> String {
    let version = rpm_dist_version(specifier.version());
    let release = |cut, more| series(specifier.version(), cut, more);
    let bound = specifier.version();
    let is_plain = !bound.any_prerelease() && !bound.is_post();
    match specifier.operator() {
        Operator::GreaterThanEqual => format!("{name} >= {version}"),
        Operator::LessThanEqual => format!("{name} <= {version}"),
        // Post-releases of the bound are not above it, pre-releases not below it.
        Operator::GreaterThan if is_plain => format!("{name} > {version}.0"),
        Operator::GreaterThan => format!("{name} > {version}"),
        Operator::LessThan if is_plain => format!("{name} < {version}~~"),
        Operator::LessThan => format!("{name} < {version}"),
        Operator::Equal | Operator::ExactEqual => format!("{name} = {version}"),
        Operator::NotEqual => format!("({name} < {version} or {name} > {version})"),
        Operator::NotEqualStar => {
            format!("({name} < {}~~ or {name} >= {})", release(0, 0), release(0, 1))
        }
        Operator::EqualStar => {
            format!("({name} >= {} with {name} < {})", release(0, 0), release(0, 1))
        }
        Operator::TildeEqual => format!("({name} >= {version} with {name} < {})", release(1, 1)),
    }
}

/// A version's release, `cut` numbers shorter, with `more` added to its last number.
fn series(version: &Version, cut: usize, more: u64) -> String {
    let mut release = version.release().to_vec();
    release.truncate(release.len().saturating_sub(cut).max(1));
    if let Some(last) = release.last_mut() {
        *last = last.saturating_add(more);
    }
    rpm_dist_version(&Version::new(release).with_epoch(version.epoch()))
}

/// A version as Fedora's generators write it: zeros at the end of the release left out, and of pre-release,
/// development release and post-release the first that there is.
fn rpm_dist_version(version: &Version) -> String {
    let mut release = version.release().to_vec();
    while release.len() > 1 && release.last() == Some(&0) {
        release.pop();
    }
    let release: Vec<String> = release.iter().map(u64::to_string).collect();
    let epoch = match version.epoch() {
        0 => String::new(),
        epoch => format!("{epoch}:"),
    };
    let end = match (version.pre(), version.dev(), version.post()) {
        (Some(pre), _, _) => {
            let word = match pre.kind {
                PrereleaseKind::Alpha => "a",
                PrereleaseKind::Beta => "b",
                PrereleaseKind::Rc => "rc",
            };
            format!("~{word}{}", pre.number)
        }
        (None, Some(dev), _) => format!("~~dev{dev}"),
        (None, None, Some(post)) => format!("^post{post}"),
        (None, None, None) => String::new(),
    };
    format!("{epoch}{}{end}", release.join("."))
}

/// The dependency that a spec file would write so.
fn dependency(text: &str) -> RpmDependency {
    let operator = |word: &str| match word {
        "=" => Some(RpmFlags::Equal),
        "<" => Some(RpmFlags::Less),
        "<=" => Some(RpmFlags::LessOrEqual),
        ">" => Some(RpmFlags::Greater),
        ">=" => Some(RpmFlags::GreaterOrEqual),
        _ => None,
    };
    let words: Vec<&str> = text.split(' ').collect();
    let (name, flags, version) = match words[..] {
        [name, word, version] if !text.starts_with('(') => (name, operator(word), version),
        _ => (text, None, ""),
    };
    RpmDependency {
        name: name.to_owned(),
        flags,
        version: version.to_owned(),
        pre: false,
    }
}

/// What a library .rpm provides for a Python: `pythonX.Ydist(NAME)` and `python3dist(NAME)`.
pub(crate) fn rpm_provides(project: &ProjectName, version: &Version, python: &Version) -> Vec<RpmDependency> {
    let version = rpm_dist_version(version);
    let names = [
        format!("python{python}dist({project})"),
        format!("python3dist({project})"),
    ];
    names
        .map(|name| dependency(&format!("{name} = {version}")))
        .into()
}

/// The other names of a package `python3-NAME`, as `%python_provide` gives them: `python-NAME` and `pythonX.Y-NAME`.
/// `evr` is the package's own version, with epoch and release.
pub(crate) fn rpm_named_provides(package: &str, evr: &str, python: &Version) -> Vec<RpmDependency> {
    let Some(name) = package.strip_prefix("python3-") else {
        return Vec::new();
    };
    let names = [format!("python-{name}"), format!("python{python}-{name}")];
    names.map(|name| dependency(&format!("{name} = {evr}"))).into()
}

#[cfg(test)]
mod tests;
