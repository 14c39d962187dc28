//! What a .deb and an .rpm need beside files: a changelog, a maintainer, a licence. All that is missing is told at once.

use super::{
    bundle,
    copyright::{self, License},
    deb,
    target::Target,
};
use crate::{
    BuildError, Diagnostic, Place,
    metadata::{self, Meant},
    project::Project,
};
use packyard_types::ArtifactKind;

/// Says everything that is missing for what is wanted, and how a licence was understood.
pub(super) fn check(project: &Project, wanted: &[Target], notes: &mut Vec<String>) -> Result<(), BuildError> {
    bundle::check(project, wanted)?;
    let wants = |kind| wanted.iter().any(|target| target.kind == kind);
    let wants_rpm = wants(ArtifactKind::Rpm) || wants(ArtifactKind::Srpm);
    if !wants_rpm && !wants(ArtifactKind::Deb) && !wants(ArtifactKind::Dsc) {
        return Ok(());
    }
    let mut problems = Vec::new();
    let found = [
        deb::changelog(project).map(|_| ()),
        deb::defaults(project, project.name.as_str()).map(|_| ()),
    ];
    for one in found {
        match one {
            Err(BuildError::Project(more)) => problems.extend(more),
            other => other?,
        }
    }
    match (license_problem(project, notes), wants_rpm) {
        (Some(problem), true) => problems.push(problem),
        (Some(problem), false) => notes.push(problem.message),
        (None, _) => {}
    }
    if problems.is_empty() {
        return Ok(());
    }
    let can_do_without = project.python.is_some() && problems.iter().all(|problem| problem.place.is_none());
    if can_do_without && let Some(last) = problems.last_mut() {
        let hint = last.hint.take().unwrap_or_default();
        last.hint = Some(format!("{hint}\n`--format sdist,wheel` needs none of it"));
    }
    Err(BuildError::Project(problems))
}

/// Why an .rpm has no licence, where it has none.
fn license_problem(project: &Project, notes: &mut Vec<String>) -> Option<Diagnostic> {
    let said = match copyright::judged(project) {
        License::Said(_) => return None,
        License::Understood { said, id } => {
            notes.push(format!("the licence `{said}` is understood as {id}"));
            return None;
        }
        License::NotSpdx(said) => said,
        License::Missing => {
            let problem = Diagnostic::new(format!(
                "`{}` names no licence, which an .rpm needs",
                project.name
            ));
            let hint =
                "write `license = \"MIT\"`, or another SPDX expression, into the metadata or [package]";
            return Some(problem.hint(hint));
        }
    };
    let (message, hint) = match metadata::meant(&said) {
        Meant::OneOf(ids) => (
            format!("the licence `{said}` can be more than one"),
            format!("write {}", ids.join(" or ")),
        ),
        _ => (
            format!("the licence `{said}` is no SPDX expression, which an .rpm needs"),
            "write one such as MIT or GPL-2.0-or-later, or a name of your own that begins with LicenseRef-"
                .into(),
        ),
    };
    let problem = Diagnostic::new(message).hint(format!("{hint}, into the metadata or [package] license"));
    Some(match said_at(project, "license", &said) {
        Some(place) => problem.at(place),
        None => problem,
    })
}

/// Nobody can be reached: nobody is named, or without a mail address.
pub(super) fn no_maintainer(project: &Project) -> Diagnostic {
    let hint =
        "write `maintainer = \"Name <mail@example.org>\"` into [package], or authors into the metadata";
    let core = &project.metadata.core;
    let named = [("maintainer", &core.maintainer), ("author", &core.author)];
    let named = named
        .into_iter()
        .find_map(|(role, name)| Some((role, name.as_deref()?)));
    let Some((role, name)) = named else {
        let message = "nobody is named as the maintainer, which a .deb and an .rpm need";
        return Diagnostic::new(message).hint(hint);
    };
    let problem = Diagnostic::new(format!(
        "the {role} `{name}` has no mail address, which the maintainer of a .deb and an .rpm needs"
    ));
    let problem = problem
        .hint("add `email = \"…\"`, or write `maintainer = \"Name <mail@example.org>\"` into [package]");
    match said_at(project, role, name) {
        Some(place) => problem.at(place),
        None => problem,
    }
}

/// Where a text stands behind the name of its key, on the same line or below, in the files that say such things.
fn said_at(project: &Project, key: &str, text: &str) -> Option<Place> {
    [
        "packyard.toml",
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "Cargo.toml",
    ]
    .iter()
    .find_map(|name| {
        let file = metadata::read(&project.root, name).ok().flatten()?;
        let behind = file.text().find(key)?;
        let at = behind + file.text()[behind..].find(text)?;
        Some(file.place(at..at + text.len()))
    })
}
