//! What a package tells systemd: units, sysusers.d and tmpfiles.d.

use super::payload::{Payload, Shape, homepage};
use crate::{
    BuildError, Diagnostic, Place,
    manifest::{Hooks, TimerKeys},
    metadata::read,
    project::Project,
    unit::{self, Unit},
};
use packyard_formats::entries::Entry;
use std::collections::BTreeMap;

/// The units of the project file, installed for the system.
pub(super) fn units(project: &Project, payload: &mut Payload) -> Result<(), BuildError> {
    let summary = super::text::capitalised(&super::text::synopsis(project));
    let documentation = documentation(project, payload);
    for keys in &project.manifest.services {
        let unit = match &keys.unit {
            None => unit::service(keys, &summary, &documentation),
            Some((source, place)) => own_unit(project, source, place, keys)?,
        };
        payload.units.push(unit);
    }
    payload.units.extend(
        project
            .manifest
            .timers
            .iter()
            .map(|keys| unit::timer(keys, &summary, &documentation)),
    );
    for unit in payload.units.clone() {
        payload.put(
            &format!("/usr/lib/systemd/system/{}", unit.file_name),
            Entry::file(unit.text.into_bytes()),
        )?;
    }
    for timer in &project.manifest.timers {
        started_by(timer, payload)?;
    }
    Ok(())
}

/// What a timer starts must be a unit of the package; of a template, any instance.
fn started_by(timer: &TimerKeys, payload: &Payload) -> Result<(), BuildError> {
    let said = timer.service.as_ref();
    let service = said.map_or(timer.name.as_str(), |(name, _)| name);
    let service = service.strip_suffix(".service").unwrap_or(service);
    let template = service.split_once('@').map(|(stem, _)| format!("{stem}@"));
    let is_there = |name: &str| {
        let path = super::payload::path(&format!("/usr/lib/systemd/system/{name}.service"));
        path.is_ok_and(|path| payload.entries.get(&path).is_some())
    };
    if is_there(service) || template.as_deref().is_some_and(is_there) {
        return Ok(());
    }
    let problem = Diagnostic::new(format!(
        "the timer `{}` starts `{service}.service`, which is not in the package",
        timer.name
    ));
    let place = said.map_or(&timer.place, |(_, place)| place);
    Err(problem
        .at(place.clone())
        .hint("name a [[service]] with `service`, or add one")
        .into())
}

/// Programs of services that would have to come from another package.
pub(super) fn notes(project: &Project, payload: &Payload, notes: &mut Vec<String>) {
    const ANYWHERE: [&str; 4] = ["sh", "bash", "env", "python3"];
    for service in &project.manifest.services {
        let exec = service.exec.as_deref().unwrap_or("");
        let word = exec.split_whitespace().next().unwrap_or("");
        let program = word.trim_start_matches(['-', '@', ':', '+', '!', '|']);
        let Some(name) = program.strip_prefix("/usr/bin/") else {
            continue;
        };
        let is_shipped = super::payload::path(program).is_ok_and(|path| payload.entries.get(&path).is_some());
        if !is_shipped && !ANYWHERE.contains(&name) {
            notes.push(format!(
                "{}:{}: the service `{}` runs `{program}`, which the package does not hold; if another one does, \
                 name that in [deb] depends and [rpm] requires",
                service.place.file, service.place.line, service.name
            ));
        }
    }
}

/// A unit file that is taken as it is.
fn own_unit(
    project: &Project,
    source: &str,
    place: &Place,
    keys: &crate::manifest::ServiceKeys,
) -> Result<Unit, BuildError> {
    let Some(file) = read(&project.root, source)? else {
        let problem = Diagnostic::new(format!("`{source}` is not a file of the project")).at(place.clone());
        return Err(problem
            .hint("name a unit file, relative to the project's root")
            .into());
    };
    let problems = unit::check(&file);
    if !problems.is_empty() {
        return Err(BuildError::Project(problems));
    }
    let file_name = format!("{}.service", keys.name);
    Ok(Unit {
        file_name,
        text: file.text().to_owned(),
        boot: keys.boot,
    })
}

/// What a unit's `Documentation=` can say: a man page of the package, else the homepage.
fn documentation(project: &Project, payload: &Payload) -> Vec<String> {
    let page = payload.entries.files().find_map(|(path, _)| {
        let name = path
            .as_str()
            .strip_prefix("/usr/share/man/man")?
            .split_once('/')?
            .1
            .strip_suffix(".gz")?;
        let (stem, section) = name.rsplit_once('.')?;
        Some(format!("man:{stem}({section})"))
    });
    page.or_else(|| homepage(project)).into_iter().collect()
}

/// sysusers.d(5) and tmpfiles.d(5).
pub(super) fn files(project: &Project, shape: &Shape<'_>, payload: &mut Payload) -> Result<(), BuildError> {
    let users = project.manifest.users.iter().map(|user| {
        let id = user.id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        format!(
            "u {} {id} \"{}\" {} {}\n",
            user.name, user.description, user.home, user.shell
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
        let is_word = !value.contains(char::is_whitespace) && !value.starts_with('/');
        let is_file = is_word && project.root.join(value).is_file();
        let is_path = value.contains('/') || value.to_ascii_lowercase().ends_with(".sh");
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
        let text = file.map_or_else(|| value.clone(), |file| file.text().to_owned());
        if text.starts_with("#!") && !text.starts_with("#!/bin/sh") {
            let first = text.lines().next().unwrap_or("");
            let problem = Diagnostic::new(format!(
                "the script `{hook}` is for another interpreter: `{first}`"
            ));
            return Err(problem
                .at(place.clone())
                .hint("write it for /bin/sh: what a package needs is added to it")
                .into());
        }
        hooks.insert(*hook, text);
    }
    Ok(hooks)
}
