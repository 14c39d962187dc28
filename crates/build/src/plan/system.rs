//! What a package tells systemd: units, sysusers.d and tmpfiles.d.

use super::payload::{Payload, Shape, homepage};
use crate::{
    BuildError, Diagnostic, Place,
    metadata::read,
    project::Project,
    unit::{self, Unit},
};
use packyard_formats::entries::Entry;

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
    Ok(())
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
