//! What a package tells systemd: units, sysusers.d and tmpfiles.d.

use super::payload::{Payload, Shape, homepage};
use crate::{
    BuildError, Diagnostic, Place, SourceText,
    manifest::{Hooks, UnitKeys},
    metadata::read,
    project::Project,
    scripts::shell_error,
    unit::{Surroundings, Unit},
};
use packyard_formats::{check::unit::program, entries::Entry};
use std::collections::BTreeMap;

/// The units of the project file, installed for the system.
pub(super) fn units(project: &Project, shape: &Shape<'_>, payload: &mut Payload) -> Result<(), BuildError> {
    let manifest = &project.manifest;
    let summary = super::text::capitalised(&super::text::synopsis(project));
    let all: Vec<&UnitKeys> = manifest.services.iter().chain(&manifest.triggers).collect();
    twice(&all)?;
    for keys in all {
        let around = Surroundings {
            summary: &summary,
            documentation: &documentation(project, shape, payload, keys),
            triggers: &manifest.triggers,
        };
        let unit = match &keys.given {
            None => Unit::written(keys, &around),
            Some((source, place)) => given(project, source, place, keys, &around)?,
        };
        let path = format!("{}/{}", shape.unit_directory(), unit.file_name);
        payload.put(&path, Entry::file(unit.text.clone().into_bytes()))?;
        payload.units.push(unit);
    }
    Ok(())
}

/// Two units of one name.
fn twice(all: &[&UnitKeys]) -> Result<(), BuildError> {
    let mut seen = BTreeMap::new();
    for keys in all {
        if let Some(first) = seen.insert(keys.file_name(), &keys.place) {
            let problem = Diagnostic::new(format!("two units are called `{}`", keys.file_name()));
            let problem = problem
                .at(keys.place.clone())
                .related("the other one", first.clone());
            return Err(problem.hint("give one of them another `name`").into());
        }
    }
    Ok(())
}

/// A unit file that is taken as it is.
fn given(
    project: &Project,
    source: &str,
    place: &Place,
    keys: &UnitKeys,
    around: &Surroundings<'_>,
) -> Result<Unit, BuildError> {
    match read(&project.root, source)? {
        Some(file) => Ok(Unit::given(keys, file, around)),
        None => {
            let problem =
                Diagnostic::new(format!("`{source}` is not a file of the project")).at(place.clone());
            Err(problem
                .hint("name a unit file, relative to the project's root")
                .into())
        }
    }
}

/// What a unit's `Documentation=` can say: the man page that is called like the unit, like what it starts, like its
/// program or like the package, in this order; else the homepage.
fn documentation(project: &Project, shape: &Shape<'_>, payload: &Payload, keys: &UnitKeys) -> Vec<String> {
    let pages: Vec<(&str, &str)> = payload
        .entries
        .files()
        .filter_map(|(path, _)| page(path.as_str()))
        .collect();
    let stem = |unit: &str| {
        let name = unit.rsplit_once('.').map_or(unit, |(stem, _)| stem);
        name.split('@').next().unwrap_or(name).to_owned()
    };
    let started = keys.starts();
    let service = project
        .manifest
        .services
        .iter()
        .find(|other| Some(other.file_name()) == started);
    let runs = |keys: &UnitKeys| {
        let command = keys.value("Service", "ExecStart")?.values.last()?;
        Some(program(command)?.rsplit('/').next()?.to_owned())
    };
    let names = [
        Some(stem(&keys.file_name())),
        started.as_deref().map(stem),
        runs(keys).or_else(|| runs(service?)),
        Some(project.name.as_str().to_owned()),
        Some(shape.package.to_owned()),
    ];
    let called = |name: String| pages.iter().find(|(stem, _)| *stem == name);
    let page = names.into_iter().flatten().find_map(called);
    let page = page.map(|(stem, section)| format!("man:{stem}({section})"));
    page.or_else(|| homepage(project)).into_iter().collect()
}

/// Name and section of a man page in no language of its own.
fn page(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix("/usr/share/man/man")?;
    let name = rest.split_once('/')?.1;
    name.strip_suffix(".gz").unwrap_or(name).rsplit_once('.')
}

/// sysusers.d(5) and tmpfiles.d(5).
pub(super) fn files(project: &Project, shape: &Shape<'_>, payload: &mut Payload) -> Result<(), BuildError> {
    let users = project.manifest.users.iter().map(|user| {
        let id = user.id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        format!(
            "u {} {id} \"{}\" {} {}\n{}",
            user.name,
            user.description,
            user.home,
            user.shell,
            user.groups
                .iter()
                .map(|group| format!("m {} {group}\n", user.name))
                .collect::<String>()
        )
    });
    let users: Vec<String> = users.collect();
    if !users.is_empty() {
        let text = users.concat();
        payload.put(
            &format!("/usr/lib/sysusers.d/{}.conf", shape.package),
            Entry::file(text.clone().into_bytes()),
        )?;
        payload.sysusers = Some(text);
    }
    let lines: Vec<String> = project
        .manifest
        .tmpfiles
        .iter()
        .map(|line| line.fields.join(" ") + "\n")
        .collect();
    if !lines.is_empty() {
        let text = lines.concat();
        payload.put(
            &format!("/usr/lib/tmpfiles.d/{}.conf", shape.package),
            Entry::file(text.into_bytes()),
        )?;
        payload.tmpfiles = true;
    }
    Ok(())
}

/// The hooks of one format; a value that is the path of a file of the project is that file's text.
pub(super) fn hooks(
    project: &Project,
    all: &Hooks,
    own: &Hooks,
) -> Result<BTreeMap<&'static str, String>, BuildError> {
    let mut hooks = BTreeMap::new();
    for (hook, (value, place)) in all.iter().chain(own) {
        // One word is a file of the project or a command; a command with a path is one of the system.
        let value = value.trim();
        let is_word = !value.is_empty() && !value.contains(char::is_whitespace) && !value.starts_with('/');
        let is_file = is_word && project.root.join(value).is_file();
        let is_directory = is_word && project.root.join(value).is_dir();
        let is_path = is_directory || value.contains('/') || value.to_ascii_lowercase().ends_with(".sh");
        if is_word && is_path && !is_file {
            let problem =
                Diagnostic::new(format!("`{value}` is not a file of the project")).at(place.clone());
            return Err(problem
                .hint("name a script, relative to the project's root, or write the commands themselves")
                .into());
        }
        let file = if is_file {
            read(&project.root, value)?
        } else {
            None
        };
        let text = file.as_ref().map_or(value, SourceText::text);
        for_the_shell(hook, text, file.as_ref(), place)?;
        hooks.insert(*hook, text.to_owned());
    }
    Ok(hooks)
}

/// The first line that ends in a carriage return.
fn carriage_return(text: &str) -> Option<usize> {
    text.split('\n')
        .position(|line| line.ends_with('\r'))
        .map(|line| line + 1)
}

/// A hook is for /bin/sh, and /bin/sh can read it. `file` is where its text is, else it is the key's value.
fn for_the_shell(hook: &str, text: &str, file: Option<&SourceText>, key: &Place) -> Result<(), Diagnostic> {
    if text.starts_with("#!") && !text.starts_with("#!/bin/sh") {
        let first = text.lines().next().unwrap_or("");
        let problem = Diagnostic::new(format!(
            "the script `{hook}` is for another interpreter: `{first}`"
        ));
        return Err(problem
            .at(key.clone())
            .hint("write it for /bin/sh: what a package needs is added to it"));
    }
    if let Some(line) = carriage_return(text) {
        let message = format!(
            "line {line} of the script `{hook}` ends as on Windows, and the shell reads the carriage return, too"
        );
        let place = file.map_or_else(|| key.clone(), |file| file.line(line));
        return Err(Diagnostic::new(message)
            .at(place)
            .hint("write it with line feeds alone: `dos2unix`, or `* text eol=lf` in .gitattributes"));
    }
    let Some(error) = shell_error(text) else {
        return Ok(());
    };
    let message = format!("the shell cannot read the script `{hook}`: {}", error.message);
    // A script that misses its end is refused on the line after its last.
    let line = error.line.map(|line| line.clamp(1, text.lines().count().max(1)));
    let problem = match (file, line) {
        (Some(file), line) => Diagnostic::new(message)
            .at(file.line(line.unwrap_or(1)))
            .hint(format!("`sh -n {}` shows it, too", file.file())),
        (None, Some(line)) if text.lines().count() > 1 => {
            let shown = text.lines().nth(line - 1).unwrap_or("").trim();
            let hint = format!("the shell stops at its line {line}, `{shown}`");
            Diagnostic::new(message).at(key.clone()).hint(hint)
        }
        (None, _) => Diagnostic::new(message)
            .at(key.clone())
            .hint("it has to be what /bin/sh can run"),
    };
    Err(problem)
}
