//! `[[user]]`, `[[tmpfile]]` and `[scripts]`.

use crate::{Place, keys::Keys};
use std::collections::BTreeMap;
use toml::Spanned;

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
    /// Other groups that it is a member of.
    pub groups: Vec<String>,
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
    let mut text = |key| {
        let value = keys.string(key)?;
        if value.get_ref().contains(['"', '\n', ':']) {
            let message = format!("`{}` cannot stand in sysusers.d", value.get_ref());
            keys.problem(value.span(), message, "leave out quotes and colons");
        }
        Some(value.into_inner())
    };
    let (description, home, shell) = (text("description"), text("home"), text("shell"));
    for (key, value) in [("home", &home), ("shell", &shell)] {
        if value.as_ref().is_some_and(|path| !path.starts_with('/')) {
            let message = format!("the {key} of a user is an absolute path");
            keys.problem(keys.span(), message, "begin it with `/`");
        }
    }
    let id = keys.number("id");
    let groups = keys.strings("groups");
    let name = name.filter(|name| is_name(&keys, name));
    let groups = groups
        .into_iter()
        .filter(|group| is_name(&keys, group))
        .map(Spanned::into_inner)
        .collect();
    keys.finish();
    let name = name?.into_inner();
    Some(UserKeys {
        description: description.unwrap_or_else(|| name.clone()),
        home: home.unwrap_or_else(|| "/nonexistent".into()),
        shell: shell.unwrap_or_else(|| "/usr/sbin/nologin".into()),
        id,
        groups,
        name,
    })
}

/// What every tool takes for the name of a user (systemd's "strict mode", USER_NAMES).
fn is_name(keys: &Keys<'_>, name: &Spanned<String>) -> bool {
    let text = name.get_ref();
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let ok = begins && text.len() <= 31 && text.bytes().all(legal);
    if !ok {
        let hint = "at most 31 letters, digits, `_` and `-`, of which the first is a letter or `_`";
        keys.problem(
            name.span(),
            format!("`{text}` is not a valid name of a user"),
            hint,
        );
    }
    ok
}

/// A key, what its values can be, and a hint.
type Check = (&'static str, fn(&str) -> bool, &'static str);

pub(super) fn tmpfile(mut keys: Keys<'_>, users: &[UserKeys]) -> Option<TmpfileKeys> {
    let path = keys.required("path").filter(|path| {
        let ok = path.get_ref().starts_with(['/', '%']);
        if !ok {
            let message = format!("`{}` is no absolute path", path.get_ref());
            keys.problem(path.span(), message, "write the whole path, beginning with `/`");
        }
        ok
    });
    for key in ["user", "group"] {
        let Some(value) = keys.string(key) else { continue };
        let name = value.get_ref();
        if !name.starts_with(['%', ':']) && !super::file::is_known_owner(name, users) {
            keys.problem(
                value.span(),
                format!("the {key} `{name}` is not known on every system"),
                format!("declare it: [[user]] with `name = \"{name}\"`"),
            );
        }
    }
    let checks: [Check; 6] = [
        (
            "type",
            is_tmpfile_type,
            "such as `d`, `f`, `L+` or `x`: see tmpfiles.d(5)",
        ),
        ("mode", is_tmpfile_mode, "write four octal digits, such as `0750`"),
        ("user", |_| true, ""),
        ("group", |_| true, ""),
        ("age", is_age, "such as `10d`"),
        ("argument", |_| true, ""),
    ];
    let mut field = |(key, is_right, hint): Check| {
        let Some(value) = keys.string(key) else {
            return "-".to_owned();
        };
        if !is_right(value.get_ref()) {
            keys.problem(
                value.span(),
                format!("`{}` is no {key} of tmpfiles.d", value.get_ref()),
                hint,
            );
        }
        value.into_inner()
    };
    let [mut kind, mode, user, group, age, argument] = checks.map(&mut field);
    if kind == "-" {
        "d".clone_into(&mut kind);
    }
    keys.finish();
    path.map(|path| TmpfileKeys {
        fields: [
            kind,
            one_word(path.into_inner()),
            mode,
            user,
            group,
            age,
            argument,
        ],
    })
}

/// A path as one field of tmpfiles.d(5), which takes quotes around blanks.
fn one_word(path: String) -> String {
    if path.contains(|c: char| c.is_whitespace() || "\"'\\".contains(c)) {
        format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        path
    }
}

fn is_tmpfile_type(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| "fwdDevqQpLcbCxXrRzZtThHaA".contains(c))
        && chars.all(|c| "+!-=~^?$".contains(c))
}

fn is_tmpfile_mode(text: &str) -> bool {
    let digits = text.trim_start_matches(['~', ':']);
    (3..=5).contains(&digits.len()) && digits.bytes().all(|b| (b'0'..=b'7').contains(&b))
}

fn is_age(text: &str) -> bool {
    let text = text
        .rsplit_once(':')
        .map_or(text, |(_, age)| age)
        .trim_start_matches('~');
    text == "-" || packyard_formats::check::unit::is_time_span(text)
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
