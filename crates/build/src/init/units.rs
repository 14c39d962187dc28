//! Unit files, taken as they are, with the programs of the project that they start and the users that they run as.

use super::draft::{Draft, Table};
use crate::files;
use packyard_formats::check::unit::syntax;
use std::path::Path;

/// Where projects keep them.
const DIRECTORIES: [&str; 8] = [
    "",
    "systemd",
    "units",
    "init",
    "contrib/systemd",
    "etc/systemd",
    "packaging",
    "debian",
];
/// Where they keep programs that are no part of a build.
const PROGRAMS: [&str; 5] = ["", "bin", "sbin", "scripts", "libexec"];
/// Users that every system has.
const SYSTEM: [&str; 4] = ["root", "nobody", "daemon", "www-data"];

pub(super) fn find(root: &Path, draft: &mut Draft) {
    for directory in DIRECTORIES {
        in_directory(root, directory, draft);
    }
}

/// Whether there are any.
pub(super) fn in_directory(root: &Path, directory: &str, draft: &mut Draft) -> bool {
    let mut found = false;
    for name in files::names(&root.join(directory)).unwrap_or_default() {
        let path = joined(directory, &name);
        let kind = name.rsplit_once('.').map_or("", |(_, kind)| kind);
        if ["service", "timer", "socket", "path"].contains(&kind) && root.join(&path).is_file() {
            found = true;
            if !draft.read.contains(&path) {
                draft.read.push(path.clone());
            }
            let mut table = Table::new(&format!("[[{kind}]]"));
            table.text("unit", &path);
            draft.add(table);
            around(root, &path, draft);
        }
    }
    found
}

fn joined(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}

/// What a unit needs: its program, if the project has it, and its user.
fn around(root: &Path, path: &str, draft: &mut Draft) {
    let Ok(text) = std::fs::read_to_string(root.join(path)) else {
        return;
    };
    let said = |key: &str| values(&text, key);
    for command in said("ExecStart") {
        let program = command.trim_start_matches(['@', '-', ':', '+', '!']);
        let program = program.split_whitespace().next().unwrap_or_default();
        let Some(base) = program.rsplit('/').next().filter(|_| program.starts_with('/')) else {
            continue;
        };
        let is_there = |directory: &&&str| root.join(joined(directory, base)).is_file();
        if let Some(directory) = PROGRAMS.iter().find(is_there) {
            let source = joined(directory, base);
            let quoted = toml::Value::from(source.as_str()).to_string();
            if draft
                .things
                .iter()
                .any(|table| table.value("source") == Some(&quoted))
            {
                continue;
            }
            let mut table = Table::new("[[file]]");
            table.text("source", &source);
            table.text("target", program);
            table.text("mode", "0755");
            draft.add(table);
        }
    }
    users(root, path, draft);
}

/// What a service says for a key.
fn values(text: &str, key: &str) -> Vec<String> {
    let parsed = syntax::parse(text);
    let own = parsed.assignments.into_iter();
    let own = own.filter(|a| a.section == "Service" && a.key == key);
    own.map(|a| a.value).collect()
}

/// Whom a unit runs as.
pub(super) fn users(root: &Path, path: &str, draft: &mut Draft) {
    let Ok(text) = std::fs::read_to_string(root.join(path)) else {
        return;
    };
    let said = |key: &str| values(&text, key);
    if said("DynamicUser")
        .iter()
        .any(|value| value == "yes" || value == "true")
    {
        return;
    }
    for user in said("User") {
        let is_plain = user
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        if !SYSTEM.contains(&user.as_str()) && is_plain {
            let mut table = Table::new("[[user]]");
            table.text("name", &user);
            draft.add(table);
        }
    }
}

/// Programs of a project that no build tool knows: what may be run in `bin/`.
pub(super) fn programs(root: &Path, draft: &mut Draft) {
    for (directory, target) in [("bin", "/usr/bin/"), ("sbin", "/usr/sbin/")] {
        for name in files::names(&root.join(directory)).unwrap_or_default() {
            let source = format!("{directory}/{name}");
            if root.join(&source).is_file() && !name.starts_with('.') {
                let mut table = Table::new("[[file]]");
                table.text("source", &source);
                table.text("target", target);
                table.text("mode", "0755");
                draft.add(table);
            }
        }
    }
}
