//! `systemd-units` and `maintainer-scripts` of cargo-deb's table (its systemd.md): files that are found by the names that
//! debhelper knows, and what is enabled and started of the units.

use super::{
    cargo::{table, text},
    draft::{Draft, Table},
};
use crate::SourceText;
use std::path::Path;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The endings that are looked for, and those for which the project file has another word.
const KINDS: [&str; 6] = ["service", "timer", "socket", "path", "target", "mount"];
const OTHERS: [(&str, &str); 2] = [("tmpfile", "[[tmpfile]]"), ("sysusers", "[[user]]")];

/// `package`: what cargo-deb calls the package.
pub(super) fn translate(root: &Path, file: &SourceText, deb: &DeTable<'_>, package: &str, draft: &mut Draft) {
    let entries = entries(deb);
    let names: Vec<&str> = entries
        .iter()
        .filter_map(|entry| text(entry, "unit-name"))
        .collect();
    scripts(root, file, deb, package, &names, draft);
    for entry in entries {
        let directory = text(entry, "unit-scripts").or(text(deb, "maintainer-scripts"));
        let directory = directory.unwrap_or("systemd").trim_matches('/');
        let search = Search {
            root,
            directory: directory.trim_start_matches("./"),
            package,
            unit: text(entry, "unit-name"),
        };
        let has_units = search.units(draft);
        if !has_units && let Some((key, _)) = deb.get_key_value("systemd-units") {
            let name = search.unit.unwrap_or(package);
            let what = format!("[package.metadata.deb] systemd-units of {name}");
            let why = format!("there is no unit of that name in `{}`", search.directory);
            draft.leave_out(what, why, Some(file.place(key.span())));
        }
        options(file, entry, search.unit, draft);
    }
}

/// One table, or a list of them.
fn entries<'a>(deb: &'a DeTable<'_>) -> Vec<&'a DeTable<'a>> {
    let Some(value) = deb.get("systemd-units") else {
        return Vec::new();
    };
    match value.get_ref() {
        DeValue::Array(all) => all.iter().filter_map(|entry| table(Some(entry))).collect(),
        _ => table(Some(value)).into_iter().collect(),
    }
}

struct Search<'a> {
    root: &'a Path,
    directory: &'a str,
    package: &'a str,
    unit: Option<&'a str>,
}

impl Search<'_> {
    /// Adds the units that there are; says whether there is one.
    fn units(&self, draft: &mut Draft) -> bool {
        let stem = self.unit.unwrap_or(self.package);
        let mut found = false;
        for kind in KINDS {
            for template in ["", "@"] {
                let Some(path) = self.file(kind, template) else {
                    continue;
                };
                found = true;
                self.unit(&path, kind, &format!("{stem}{template}"), draft);
            }
        }
        for (kind, word) in OTHERS {
            if let Some(path) = self.file(kind, "") {
                draft.leave_out(path, format!("say it as a {word}"), None);
            }
        }
        found
    }

    /// The file of a kind that is the most exact.
    fn file(&self, kind: &str, template: &str) -> Option<String> {
        let Self { package, .. } = self;
        let mut names = Vec::new();
        if let Some(unit) = self.unit {
            names.push(format!("{package}{template}.{unit}.{kind}"));
            names.push(format!("{package}.{unit}{template}.{kind}"));
            names.push(format!("{unit}{template}.{kind}"));
        }
        names.push(format!("{package}{template}.{kind}"));
        if template.is_empty() {
            names.push(kind.to_owned());
        }
        let path = |name: String| match self.directory {
            "" | "." => name,
            directory => format!("{directory}/{name}"),
        };
        names
            .into_iter()
            .map(path)
            .find(|path| self.root.join(path).is_file())
    }

    fn unit(&self, path: &str, kind: &str, stem: &str, draft: &mut Draft) {
        let is_known = |table: &Table| table.says("unit") && stem_of(table).as_deref() == Some(stem);
        // What starts others has a table of its own.
        let head = match kind {
            "timer" | "socket" | "path" => format!("[[{kind}]]"),
            _ => "[[service]]".to_owned(),
        };
        if draft
            .things
            .iter()
            .any(|table| table.head == head && is_known(table))
        {
            return;
        }
        let mut unit = Table::new(&head);
        unit.text("unit", path);
        if path.rsplit('/').next() != Some(&format!("{stem}.{kind}")) {
            unit.text("name", stem);
        }
        if !draft.read.iter().any(|read| read == path) {
            draft.read.push(path.to_owned());
        }
        draft.add(unit);
        super::units::users(self.root, path, draft);
    }
}

/// What a unit is called, without its ending.
fn stem_of(table: &Table) -> Option<String> {
    if let Some(name) = table.plain("name") {
        return Some(name);
    }
    let path = table.plain("unit")?;
    let base = path.rsplit('/').next()?;
    Some(base.rsplit_once('.').map_or(base, |(stem, _)| stem).to_owned())
}

/// `enable` and `start` are for the units of the entry's name; without a name, for all.
fn options(file: &SourceText, entry: &DeTable<'_>, unit: Option<&str>, draft: &mut Draft) {
    for (key, value) in entry {
        let name: &str = key.get_ref();
        match (name, value.get_ref().as_bool()) {
            ("enable" | "start", Some(answer)) => {
                let is_meant = |table: &Table| {
                    let stem = || stem_of(table).map(|stem| stem.trim_end_matches('@').to_owned());
                    table.says("unit") && (unit.is_none() || stem().as_deref() == unit)
                };
                let units = draft.things.iter_mut().filter(|table| is_meant(table));
                units.filter(|_| !answer).for_each(|table| table.put(name, false));
            }
            // The last two are so without a word.
            ("unit-scripts" | "unit-name", _) | ("restart-after-upgrade" | "stop-on-upgrade", Some(true)) => {
            }
            _ => {
                let what = format!("[package.metadata.deb] systemd-units.{name}");
                let why = "what an upgrade does is `on-upgrade` in [[service]]";
                draft.leave_out(what, why, Some(file.place(key.span())));
            }
        }
    }
}

/// `maintainer-scripts` is a directory; `#DEBHELPER#` in a script is a comment to its shell.
fn scripts(
    root: &Path,
    file: &SourceText,
    deb: &DeTable<'_>,
    package: &str,
    units: &[&str],
    draft: &mut Draft,
) {
    let place = |value: &Spanned<DeValue<'_>>| file.place(value.span());
    let (Some(directory), Some(value)) = (text(deb, "maintainer-scripts"), deb.get("maintainer-scripts"))
    else {
        return;
    };
    let directory = directory.trim_start_matches("./").trim_end_matches('/');
    for (name, hook) in [
        ("preinst", "preinstall"),
        ("postinst", "postinstall"),
        ("prerm", "preremove"),
        ("postrm", "postremove"),
    ] {
        let of_units = units
            .iter()
            .flat_map(|unit| [format!("{package}.{unit}.{name}"), format!("{unit}.{name}")]);
        let names = of_units.chain([format!("{package}.{name}"), name.to_owned()]);
        let paths = names.map(|name| format!("{directory}/{name}"));
        for path in paths.filter(|path| root.join(path).is_file()) {
            if draft.scripts[1].says(hook) {
                let why = "there is one script for each moment, and another one comes first";
                draft.leave_out(path, why, Some(place(value)));
            } else {
                draft.scripts[1].text(hook, &path);
            }
        }
    }
}
