//! `%install`, `%files` and scriptlets of a .spec (rpm's spec.md): what `install`, `cp`, `ln` and `mkdir` put there, as
//! `%files` has it. A line of anything else is left out.

use super::{
    contents,
    draft::{Draft, Table},
};
use crate::{Place, SourceText, glob};
use std::{collections::BTreeMap, path::Path};

/// A section: its head, and its lines with their numbers.
pub(super) struct Section<'a> {
    pub head: &'a str,
    pub at: usize,
    pub lines: Vec<(usize, &'a str)>,
}

/// What a scriptlet is called, and what the project file calls it.
const SCRIPTS: [(&str, &str); 6] = [
    ("%pre", "preinstall"),
    ("%post", "postinstall"),
    ("%preun", "preremove"),
    ("%postun", "postremove"),
    ("%pretrans", "pretrans"),
    ("%posttrans", "posttrans"),
];

/// Macros for directories, as every distribution has them.
const MACROS: [(&str, &str); 16] = [
    ("_bindir", "/usr/bin"),
    ("_sbindir", "/usr/sbin"),
    ("_libexecdir", "/usr/libexec"),
    ("_sysconfdir", "/etc"),
    ("_datadir", "/usr/share"),
    ("_datarootdir", "/usr/share"),
    ("_mandir", "/usr/share/man"),
    ("_docdir", "/usr/share/doc"),
    ("_localstatedir", "/var"),
    ("_sharedstatedir", "/var/lib"),
    ("_unitdir", "/usr/lib/systemd/system"),
    ("_tmpfilesdir", "/usr/lib/tmpfiles.d"),
    ("_rundir", "/run"),
    ("_prefix", "/usr"),
    ("_exec_prefix", "/usr"),
    ("bash_completions_dir", "/usr/share/bash-completion/completions"),
];

/// Stands for the root of what is built.
const ROOT: char = '\0';

/// Translates the sections. `macros` are those that the .spec defines by its tags.
pub(super) fn translate(
    root: &Path,
    file: &SourceText,
    sections: &[Section<'_>],
    macros: &BTreeMap<String, String>,
    draft: &mut Draft,
) {
    let mut spec = Spec {
        root,
        file,
        macros,
        things: Vec::new(),
        directories: Vec::new(),
    };
    for section in sections.iter().filter(|section| section.head == "%install") {
        for (at, line) in joined(&section.lines) {
            if spec.install(&line).is_none() {
                let why = "packyard finds out what is installed, and [[file]] says the rest";
                draft.leave_out(line.trim(), why, Some(file.line(at)));
            }
        }
    }
    for section in sections {
        match SCRIPTS.iter().find(|(head, _)| *head == section.head) {
            Some((_, hook)) => script(file, section, hook, draft),
            None if section.head == "%files" => {
                for (at, line) in &section.lines {
                    spec.listed(line, file.line(*at), draft);
                }
            }
            None if section.head == "%install" => {}
            None => {
                let why = "packyard has no word for it";
                draft.leave_out(section.head, why, Some(file.line(section.at)));
            }
        }
    }
}

/// Lines with something in them, each with those that it goes on in.
fn joined(lines: &[(usize, &str)]) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (at, line) in lines {
        let text = line.trim().trim_end_matches('\\').trim();
        match all.last_mut().filter(|_| goes_on) {
            Some((_, last)) => *last = format!("{last} {text}"),
            None if text.is_empty() || text.starts_with('#') => {}
            None => all.push((*at, text.to_owned())),
        }
        goes_on = line.trim_end().ends_with('\\');
    }
    all
}

/// A scriptlet without what packyard does for units.
fn script(file: &SourceText, section: &Section<'_>, hook: &str, draft: &mut Draft) {
    let own = section.lines.iter().map(|(_, line)| *line);
    let own: Vec<&str> = own
        .filter(|line| !line.trim_start().starts_with("%systemd_"))
        .collect();
    let text = own.join("\n");
    if text.contains('%') {
        let why = "packyard knows no macros: what is yours in it goes into [scripts.rpm]";
        draft.leave_out(section.head, why, Some(file.line(section.at)));
    } else if !text.trim().is_empty() {
        draft.scripts[2].text(hook, text.trim());
    }
}

/// What `%install` puts there.
struct Thing {
    target: String,
    /// Of the project; none of a link.
    source: Option<String>,
    link: Option<String>,
    mode: Option<String>,
}

/// A path below the root of what is built, as it will be.
fn in_root(word: &str) -> Option<String> {
    Some(word.strip_prefix(ROOT)?.replace("//", "/"))
}

/// A command of the shell, by its words.
struct Command<'a> {
    name: &'a str,
    plain: Vec<&'a str>,
    mode: Option<&'a str>,
    flags: String,
}

impl<'a> Command<'a> {
    /// None of one with long options.
    fn parse(line: &'a str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let mut command = Self {
            name: words.next()?,
            plain: Vec::new(),
            mode: None,
            flags: String::new(),
        };
        while let Some(word) = words.next() {
            let Some(flags) = word.strip_prefix('-') else {
                command.plain.push(word);
                continue;
            };
            if flags.starts_with('-') {
                return None;
            }
            let mode = flags.split_once('m').filter(|_| command.name == "install");
            match mode {
                Some((_, "")) => command.mode = words.next(),
                Some((_, digits)) => command.mode = Some(digits),
                None => {}
            }
            command.flags.push_str(flags);
        }
        Some(command)
    }
}

struct Spec<'a> {
    root: &'a Path,
    file: &'a SourceText,
    macros: &'a BTreeMap<String, String>,
    things: Vec<Thing>,
    directories: Vec<String>,
}

impl Spec<'_> {
    /// A text without macros and variables; none where one is not known.
    fn expanded(&self, text: &str) -> Option<String> {
        let mut text = text.replace(['"', '\''], "");
        for name in [
            "%{buildroot}",
            "%buildroot",
            "${RPM_BUILD_ROOT}",
            "$RPM_BUILD_ROOT",
        ] {
            text = text.replace(name, &ROOT.to_string());
        }
        let own = self
            .macros
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in own.chain(MACROS) {
            text = text.replace(&format!("%{{{name}}}"), value);
            text = text.replace(&format!("%{{?{name}}}"), value);
        }
        (!text.contains(['%', '$', '`', ';', '|', '&', '>'])).then_some(text)
    }

    /// One command of `%install`; none where it is not understood.
    fn install(&mut self, line: &str) -> Option<()> {
        let line = self.expanded(line)?;
        let Command {
            name,
            plain,
            mode,
            flags,
        } = Command::parse(&line)?;
        match name {
            "rm" if plain.iter().all(|word| *word == ROOT.to_string()) => Some(()),
            "mkdir" => self.directories(&plain),
            "install" if flags.contains('d') => self.directories(&plain),
            "install" | "cp" => self.copy(&plain, mode),
            "ln" => {
                let [end, path] = plain[..] else { return None };
                self.things.push(Thing {
                    target: in_root(path).filter(|path| !path.ends_with('/'))?,
                    source: None,
                    link: Some(end.trim_start_matches(ROOT).to_owned()),
                    mode: None,
                });
                Some(())
            }
            _ => None,
        }
    }

    /// `source… target`, where a target with a slash, of several, or that is there is a directory.
    fn copy(&mut self, words: &[&str], mode: Option<&str>) -> Option<()> {
        let (to, sources) = words.split_last()?;
        let to = in_root(to)?;
        let inside = |source: &&str| !source.contains(ROOT) && self.root.join(source).exists();
        if sources.is_empty() || !sources.iter().all(inside) {
            return None;
        }
        let is_directory = to.ends_with('/') || sources.len() > 1 || self.directories.contains(&to);
        for source in sources {
            let source = source.trim_end_matches('/');
            let base = source.rsplit('/').next().unwrap_or(source);
            let target = if is_directory {
                format!("{}/{base}", to.trim_end_matches('/'))
            } else {
                to.clone()
            };
            self.things.push(Thing {
                target,
                source: Some(source.to_owned()),
                link: None,
                mode: mode.map(contents::mode),
            });
        }
        Some(())
    }

    fn directories(&mut self, words: &[&str]) -> Option<()> {
        for word in words {
            let path = word.strip_prefix(ROOT)?.trim_end_matches('/');
            self.directories.push(path.to_owned());
        }
        Some(())
    }

    /// One line of `%files`.
    fn listed(&self, line: &str, place: Place, draft: &mut Draft) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with("%defattr") {
            return;
        }
        let mut keys = Table::new("[[file]]");
        let Some(paths) = self.keys(line, &mut keys) else {
            draft.leave_out(line, "packyard has no word for it", Some(place));
            return;
        };
        for path in paths {
            if !path.starts_with('/') {
                self.document(&path, &keys, draft);
            } else if keys.says("ghost") || keys.says("dir") {
                let mut table = keys.clone();
                table.text("target", &path);
                draft.add(table);
            } else if !self.put(&path, &keys, draft) {
                let why = "no line of %install that is understood puts it there";
                draft.leave_out(path, why, Some(place.clone()));
            }
        }
    }

    /// The paths of a line, and what it says of them as keys.
    fn keys(&self, line: &str, keys: &mut Table) -> Option<Vec<String>> {
        let mut rest = line.to_owned();
        while let Some(at) = rest.find("%attr(") {
            let end = at + rest[at..].find(')')?;
            let inner = rest[at + 6..end].to_owned();
            let words: Vec<&str> = inner.split(',').map(str::trim).collect();
            for (key, word) in ["mode", "owner", "group"].into_iter().zip(&words) {
                match *word {
                    "-" | "root" => {}
                    mode if key == "mode" => keys.text(key, &contents::mode(mode)),
                    name => keys.text(key, name),
                }
            }
            rest.replace_range(at..=end, " ");
        }
        let mut paths = Vec::new();
        for word in rest.split_whitespace() {
            match word {
                "%dir" => keys.put("dir", true),
                "%ghost" => keys.put("ghost", true),
                "%doc" => keys.put("doc", true),
                "%license" => keys.put("license", true),
                "%config" => keys.put("config", true),
                "%config(noreplace)" => keys.text("config", "noreplace"),
                "%config(missingok)" => keys.text("config", "missingok"),
                word => paths.push(self.expanded(word)?),
            }
        }
        Some(paths)
    }

    /// Everything that `%install` put at a path, below it or where a pattern says.
    fn put(&self, path: &str, keys: &Table, draft: &mut Draft) -> bool {
        let below = format!("{}/", path.trim_end_matches('/'));
        let is_meant = |thing: &&Thing| {
            thing.target == path.trim_end_matches('/')
                || thing.target.starts_with(&below)
                || glob::matches(path, &thing.target)
        };
        let meant: Vec<&Thing> = self.things.iter().filter(is_meant).collect();
        let is_made = self
            .directories
            .iter()
            .any(|made| *made == path.trim_end_matches('/'));
        if meant.is_empty() && is_made {
            let mut table = keys.clone();
            table.put("dir", true);
            table.text("target", path.trim_end_matches('/'));
            draft.add(table);
            return true;
        }
        for thing in &meant {
            let mut table = keys.clone();
            if let Some(link) = &thing.link {
                for key in ["mode", "owner", "group"] {
                    table.remove(key);
                }
                table.text("symlink", link);
                table.text("target", &thing.target);
                draft.add(table);
            } else if let Some(source) = &thing.source {
                if let Some(mode) = &thing.mode {
                    table.text("mode", mode);
                }
                contents::put(self.root, source, &thing.target, table, draft);
            }
        }
        !meant.is_empty()
    }

    /// `%doc NEWS`: a file of the project. What packyard installs by itself is not said again.
    fn document(&self, name: &str, keys: &Table, draft: &mut Draft) {
        let package = self.macros.get("name").map_or("", String::as_str);
        let upper = name.to_uppercase();
        let is_known = ["README", "LICEN", "COPYING", "CHANGE", "NEWS", "HISTORY"];
        let is_own = is_known.iter().any(|known| upper.starts_with(known)) || keys.says("license");
        if is_own || package.is_empty() {
            return;
        }
        if self.root.join(name).exists() {
            let mut table = keys.clone();
            table.text("source", name);
            table.text("target", &format!("/usr/share/doc/{package}/"));
            draft.add(table);
        } else {
            draft.leave_out(name, format!("it is not there ({})", self.file.file()), None);
        }
    }
}
