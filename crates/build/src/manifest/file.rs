//! `[[file]]`.

mod owner;
mod target;

pub(super) use owner::is_known_owner;
pub use target::FileTarget;

use super::UserKeys;
use crate::{Diagnostic, Place, keys::Keys};
use owner::owner;
use packyard_formats::entries::{Owner, Role};
use packyard_types::Capabilities;

/// Which formats a file is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FormatFilter {
    /// In the .deb.
    pub deb: bool,
    /// In the .rpm.
    pub rpm: bool,
}

/// `[[file]]`: something to install.
#[derive(Debug, Clone)]
pub struct FileKeys {
    /// `source`: a file or directory of the project, or a pattern of them, with its place in the project file.
    pub source: Option<(String, Place)>,
    /// `symlink`: what the link at the target points to.
    pub symlink: Option<String>,
    /// `dir = true`: a directory.
    pub dir: bool,
    /// `ghost = true`: owned, not shipped.
    pub ghost: bool,
    /// `target`.
    pub target: FileTarget,
    /// Where the target is written.
    pub place: Place,
    /// `mode`, else what the source's executable bit says.
    pub mode: Option<u16>,
    /// `owner` and `group`.
    pub owner: Owner,
    /// `config`, `doc`, `license`.
    pub role: Role,
    /// `config = "missingok"`: the administrator may remove it.
    pub missing_ok: bool,
    /// `capabilities`, which only an .rpm can carry, with their place.
    pub capabilities: Option<(Capabilities, Place)>,
    /// `format`.
    pub format: FormatFilter,
}

/// Reads one `[[file]]`; without `users`, its owner is not judged.
pub(super) fn read(mut keys: Keys<'_>, users: Option<&[UserKeys]>) -> Option<FileKeys> {
    let source = keys.string("source");
    let symlink = keys.string("symlink");
    let (target, place) = target::read(&mut keys, source.is_some()).unzip();
    let (role, missing_ok) = role(&mut keys);
    let capabilities = capabilities(&mut keys);
    let read = FileKeys {
        mode: mode(&mut keys),
        owner: Owner {
            user: owner(&mut keys, "owner", users),
            group: owner(&mut keys, "group", users),
        },
        role,
        missing_ok,
        capabilities,
        dir: keys.flag("dir").unwrap_or(false),
        ghost: keys.flag("ghost").unwrap_or(false),
        format: format(&mut keys),
        source: super::located(&keys, source),
        symlink: symlink.as_ref().map(|to| to.get_ref().clone()),
        target: target?,
        place: place?,
    };
    if let Some(to) = symlink {
        leads_somewhere(&to, &read.target.to_string(), &mut keys);
    }
    let kinds = [
        read.source.is_some(),
        read.symlink.is_some(),
        read.dir,
        read.ghost,
    ];
    if kinds.iter().filter(|kind| **kind).count() != 1 {
        let message = "a [[file]] needs exactly one of `source`, `symlink`, `dir` and `ghost`";
        keys.problem(keys.span(), message, "say what is to be installed at the target");
    }
    contradictions(&read, &mut keys);
    keys.finish();
    Some(read)
}

/// A link with no target cannot be unpacked, and one to itself cannot be followed.
fn leads_somewhere(to: &toml::Spanned<String>, at: &str, keys: &mut Keys<'_>) {
    let text = to.get_ref();
    let (above, base) = at.rsplit_once('/').unwrap_or_default();
    let is_itself = text == at || text == base || *text == format!("./{base}");
    let message = if text.trim().is_empty() {
        "a link has to lead somewhere".to_owned()
    } else if is_itself && !above.is_empty() {
        format!("`{text}` would be a link to itself")
    } else if text.contains(['\0', '\n']) {
        "a link cannot lead to a name with a line break".to_owned()
    } else {
        return;
    };
    keys.problem(
        to.span(),
        message,
        "write the path that the link leads to, such as `../lib/NAME/program`",
    );
}

/// Keys that say nothing of what the others name.
fn contradictions(read: &FileKeys, keys: &mut Keys<'_>) {
    let (what, without): (&str, &[&'static str]) = match read {
        FileKeys { symlink: Some(_), .. } => (
            "a link has no {}: what it leads to has",
            &["mode", "owner", "group"],
        ),
        FileKeys { dir: true, .. } => ("a directory has no {}: files have", &["config", "doc", "license"]),
        _ => ("", &[]),
    };
    for key in without {
        if let Some(value) = keys
            .value(key)
            .filter(|value| value.get_ref().as_bool() != Some(false))
        {
            let message = what.replace("{}", &format!("`{key}`"));
            keys.problem(value.span(), message, format!("remove `{key}`"));
        }
    }
    if let (Some((_, place)), None) = (&read.capabilities, &read.source) {
        let message = "only a file with a `source` can have capabilities";
        let problem = Diagnostic::new(message).at(place.clone());
        keys.problems
            .borrow_mut()
            .push(problem.hint("remove `capabilities`"));
    }
    if read.ghost && !read.format.rpm {
        let message = "only an .rpm can own a file that is not shipped";
        keys.problem(keys.span(), message, "leave `format` out, or the whole [[file]]");
    }
}

/// `"0755"`, or 0o755 as a TOML number.
fn mode(keys: &mut Keys<'_>) -> Option<u16> {
    use toml::de::DeValue;
    let value = keys.value("mode")?;
    let parsed = match value.get_ref() {
        DeValue::Integer(n) if n.radix() == 8 => u16::from_str_radix(n.as_str(), 8).ok(),
        DeValue::String(s) => u16::from_str_radix(s.trim_start_matches("0o"), 8).ok(),
        _ => None,
    };
    let mode = parsed.filter(|mode| *mode <= 0o7777);
    if mode.is_none() {
        keys.problem(
            value.span(),
            "`mode` must be an octal number",
            "write it as \"0644\" or 0o644",
        );
    }
    mode
}

/// `capabilities = "cap_net_bind_service=ep"`: of a program.
fn capabilities(keys: &mut Keys<'_>) -> Option<(Capabilities, Place)> {
    let place = keys.value("capabilities").map(toml::Spanned::span)?;
    let capabilities = keys.parsed("capabilities", Capabilities::parse)?;
    Some((capabilities, keys.file.place(place)))
}

/// What the file is for, and whether it may be missing.
fn role(keys: &mut Keys<'_>) -> (Role, bool) {
    let (config, missing_ok) = config(keys).unzip();
    let (doc, license) = (keys.flag("doc") == Some(true), keys.flag("license") == Some(true));
    let role = one_role(keys, config, doc, license);
    (role, missing_ok == Some(true))
}

/// `config`: true, or what `%config(…)` of a spec file can say.
fn config(keys: &mut Keys<'_>) -> Option<(Role, bool)> {
    let value = keys.value("config")?;
    match (value.get_ref().as_bool(), value.get_ref().as_str()) {
        (Some(true), _) => Some((Role::Config { noreplace: false }, false)),
        (Some(false), _) => None,
        (_, Some("noreplace")) => Some((Role::Config { noreplace: true }, false)),
        (_, Some("missingok")) => Some((Role::Config { noreplace: false }, true)),
        (_, Some("noreplace,missingok" | "missingok,noreplace")) => {
            Some((Role::Config { noreplace: true }, true))
        }
        _ => {
            keys.problem(
                value.span(),
                "`config` must be true, false, \"noreplace\", \"missingok\" or \"noreplace,missingok\"",
                "\"noreplace\" keeps what the administrator changed; a .deb always does",
            );
            None
        }
    }
}

fn one_role(keys: &mut Keys<'_>, config: Option<Role>, doc: bool, license: bool) -> Role {
    match (config, doc, license) {
        (Some(config), false, false) => config,
        (None, true, false) => Role::Doc,
        (None, false, true) => Role::License,
        (None, false, false) => Role::Plain,
        _ => {
            keys.problem(
                keys.span(),
                "a file is only one of `config`, `doc` and `license`",
                "remove the others",
            );
            Role::Plain
        }
    }
}

fn format(keys: &mut Keys<'_>) -> FormatFilter {
    let formats = keys.strings("format");
    let mut filter = FormatFilter {
        deb: formats.is_empty(),
        rpm: formats.is_empty(),
    };
    for format in formats {
        match format.get_ref().as_str() {
            "deb" => filter.deb = true,
            "rpm" => filter.rpm = true,
            other => keys.problem(
                format.span(),
                format!("no file goes into `{other}` this way"),
                "use deb or rpm",
            ),
        }
    }
    filter
}
