//! Maintainer scripts and scriptlets: the project's own hooks, and what units, users and modules need.

pub(crate) mod deb;
pub(crate) mod rpm;
mod syntax;

pub(crate) use syntax::shell_error;

use crate::unit::Unit;
use packyard_formats::entries::Owner;
use packyard_types::InstallPath;
use std::collections::BTreeMap;

/// What the scripts of a package have to take care of.
#[derive(Debug, Default)]
pub(crate) struct Chores<'a> {
    /// The package's name.
    pub package: &'a str,
    /// Modules are in the distribution's own site directory.
    pub modules: bool,
    /// The units that it installs.
    pub units: &'a [Unit],
    /// The text of its sysusers.d file, where it has one.
    pub sysusers: Option<&'a str>,
    /// Whether it has a tmpfiles.d file.
    pub tmpfiles: bool,
    /// What is not root's, with its mode.
    pub owned: Vec<(&'a InstallPath, &'a Owner, u16)>,
    /// The project's own scripts by hook.
    pub hooks: BTreeMap<&'static str, String>,
}

impl Chores<'_> {
    /// The text of a hook without its first line, whose options become a `set`.
    fn text(&self, name: &str) -> Option<String> {
        let text = self.hooks.get(name)?;
        let Some(rest) = text.strip_prefix("#!/bin/sh") else {
            return Some(format!("{}\n", text.trim_matches('\n')));
        };
        let (options, body) = rest.split_once('\n').unwrap_or((rest, ""));
        let set = match options.trim() {
            options if options.starts_with('-') => format!("set {options}\n"),
            _ => String::new(),
        };
        Some(format!("{set}{}\n", body.trim_matches('\n')))
    }

    /// A hook in a shell of its own, so that nothing in it ends what packyard adds around it: `exit 0` and `return` end
    /// the hook, and its variables and directory go with it. Under `set -e` the hook's failure is the script's.
    fn hook(&self, name: &str) -> String {
        self.text(name).map_or_else(String::new, |text| {
            format!("\nhook() (\n{text}\n:\n)\nhook \"$@\"\n")
        })
    }

    /// The same without `set -e`: as in any scriptlet, the last command's status is the hook's. A failure ends the
    /// scriptlet.
    fn hook_by_status(&self, name: &str) -> String {
        self.text(name).map_or_else(String::new, |text| {
            format!("hook() (\n:\n{text}\n)\nhook \"$@\"\nhook=$?\n[ $hook -eq 0 ] || exit $hook\n")
        })
    }

    /// The names of units, for a command line; what starts others comes before what is started. A template is left
    /// out: only its instances run, and those are the administrator's.
    fn units(&self, wanted: impl Fn(&Unit) -> bool) -> String {
        let mut units: Vec<&Unit> = self
            .units
            .iter()
            .filter(|u| !u.is_template() && wanted(u))
            .collect();
        units.sort_by_key(|unit| !unit.is_trigger());
        let names: Vec<&str> = units.iter().map(|unit| unit.file_name.as_str()).collect();
        names.join(" ")
    }
}

#[cfg(test)]
mod tests;
