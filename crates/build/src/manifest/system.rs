//! `[[user]]`, `[[tmpfile]]` and `[scripts]`.

use super::plain;
use crate::{Place, keys::Keys};
use std::collections::BTreeMap;

/// `[[user]]`: a line of sysusers.d(5).
#[derive(Debug, Clone)]
pub struct UserKeys {
    /// User and group name.
    pub name: String,
    /// The comment field.
    pub description: String,
    /// Home directory.
    pub home: String,
    /// Login shell.
    pub shell: String,
    /// A fixed id; none lets the system choose.
    pub id: Option<u32>,
}

/// `[[tmpfile]]`: a line of tmpfiles.d(5).
#[derive(Debug, Clone)]
pub struct TmpfileKeys {
    /// The seven fields.
    pub fields: [String; 7],
}

/// Hooks by name, each with its place.
pub type Hooks = BTreeMap<&'static str, (String, Place)>;

/// `[scripts]`: the text of each script for each format.
#[derive(Debug, Clone, Default)]
pub struct ScriptKeys {
    /// Over all formats, by `preinstall`, `postinstall`, `preremove`, `postremove`.
    pub all: Hooks,
    /// For the .deb only.
    pub deb: Hooks,
    /// For the .rpm only.
    pub rpm: Hooks,
}

/// The script hooks by their names in the project file.
pub const HOOKS: [&str; 4] = ["preinstall", "postinstall", "preremove", "postremove"];
/// The scripts that only an .rpm has: before and after the whole transaction.
pub const RPM_HOOKS: [&str; 2] = ["pretrans", "posttrans"];

pub(super) fn user(mut keys: Keys<'_>) -> Option<UserKeys> {
    let name = keys.required("name");
    let description = plain(keys.string("description"));
    let home = plain(keys.string("home"));
    let shell = plain(keys.string("shell"));
    let id = keys.number("id");
    let bad = |s: &str| s.contains(['"', '\n', ':']);
    for text in [&description, &home, &shell].into_iter().flatten() {
        if bad(text) {
            keys.problem(
                keys.span(),
                format!("`{text}` cannot stand in sysusers.d"),
                "leave out quotes and colons",
            );
        }
    }
    keys.finish();
    let name = name?.into_inner();
    Some(UserKeys {
        description: description.unwrap_or_else(|| name.clone()),
        home: home.unwrap_or_else(|| "/nonexistent".into()),
        shell: shell.unwrap_or_else(|| "/usr/sbin/nologin".into()),
        id,
        name,
    })
}

pub(super) fn tmpfile(mut keys: Keys<'_>) -> Option<TmpfileKeys> {
    let path = keys.required("path");
    let names = ["type", "path", "mode", "user", "group", "age", "argument"];
    let mut fields = names.map(|name| plain(keys.string(name)).unwrap_or_else(|| "-".into()));
    if fields[0] == "-" {
        "d".clone_into(&mut fields[0]);
    }
    keys.finish();
    path.map(|_| TmpfileKeys { fields })
}

pub(super) fn scripts(mut keys: Keys<'_>) -> ScriptKeys {
    fn hooks(keys: &mut Keys<'_>, names: &[&'static str]) -> Hooks {
        let read = |hook: &&'static str| {
            let value = keys.string(hook);
            Some((*hook, super::located(keys, value)?))
        };
        names.iter().filter_map(read).collect()
    }
    let (mut deb, mut rpm) = (keys.table("deb"), keys.table("rpm"));
    let scripts = ScriptKeys {
        all: hooks(&mut keys, &HOOKS),
        deb: hooks(&mut deb, &HOOKS),
        rpm: hooks(&mut rpm, &[&HOOKS[..], &RPM_HOOKS].concat()),
    };
    for keys in [keys, deb, rpm] {
        keys.finish();
    }
    scripts
}
