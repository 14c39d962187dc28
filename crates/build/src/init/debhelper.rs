//! The files of `debian/` by which debhelper installs something: dh_install(1), dh_link(1), dh_installdirs(1),
//! dh_installman(1), dh_installdocs(1), dh_installexamples(1), and those that it puts where their name says.

use super::draft::{Draft, Table};
use crate::{BuildError, Place, SourceText, files, metadata, pattern::Pattern};
use std::path::Path;

/// What is no part of how files are installed, or what packyard reads elsewhere.
const DONE: &str = "control changelog source tests watch upstream README.Debian README.source gbp.conf files compat \
    copyright lintian-overrides";

/// Files that are installed as they are, and where; `NAME` is the package.
const PLACED: [(&str, &str); 11] = [
    ("logrotate", "/etc/logrotate.d/NAME"),
    ("default", "/etc/default/NAME"),
    ("pam", "/etc/pam.d/NAME"),
    ("cron.d", "/etc/cron.d/NAME"),
    ("cron.hourly", "/etc/cron.hourly/NAME"),
    ("cron.daily", "/etc/cron.daily/NAME"),
    ("cron.weekly", "/etc/cron.weekly/NAME"),
    ("cron.monthly", "/etc/cron.monthly/NAME"),
    ("udev", "/usr/lib/udev/rules.d/60-NAME.rules"),
    ("modprobe", "/etc/modprobe.d/NAME.conf"),
    ("bash-completion", "/usr/share/bash-completion/completions/NAME"),
];

/// The files of one package, which may go without its name where there is no other.
pub(super) fn neighbours(
    root: &Path,
    package: &str,
    is_only: bool,
    draft: &mut Draft,
) -> Result<(), BuildError> {
    for name in files::names(&root.join("debian")).unwrap_or_default() {
        let path = format!("debian/{name}");
        let own = name.strip_prefix(&format!("{package}."));
        let what = own.unwrap_or(if is_only { &name } else { "" });
        let kind = name.rsplit('.').next().unwrap_or_default();
        let translate: fn(&Line<'_>, &mut Draft) -> Result<(), BuildError> = match what {
            "install" => installed,
            "links" => |line, draft| {
                links(line, draft);
                Ok(())
            },
            "dirs" => |line, draft| {
                directories(line, draft);
                Ok(())
            },
            "manpages" => manual_pages,
            "docs" => documents,
            "examples" => examples,
            "tmpfiles" => |line, draft| {
                temporary_files(line, draft);
                Ok(())
            },
            "preinst" | "postinst" | "prerm" | "postrm" => {
                let why = "it is for debhelper's snippets: what is yours in it goes into [scripts.deb]";
                draft.leave_out(path, why, None);
                continue;
            }
            _ if DONE
                .split_whitespace()
                .any(|known| known == name || known == what) =>
            {
                continue;
            }
            _ if ["service", "timer", "socket", "path"].contains(&kind) => continue,
            _ => {
                match PLACED.iter().find(|(known, _)| *known == what) {
                    Some((_, target)) => put(&path, &target.replace("NAME", package), draft),
                    None => draft.leave_out(path, "packyard does not build with debhelper", None),
                }
                continue;
            }
        };
        let Some(file) = metadata::read(root, &path)? else {
            continue;
        };
        for (at, line) in file.text().lines().enumerate() {
            let line = Line {
                root,
                package,
                text: line.trim(),
                words: line.split_whitespace().collect(),
                place: place(&file, at),
            };
            if line.text.is_empty() || line.text.starts_with('#') {
                continue;
            }
            if line.text.contains("${") || line.words.contains(&"=>") {
                line.leave_out(line.text, "it is for what debhelper has built", draft);
                continue;
            }
            translate(&line, draft)?;
        }
    }
    Ok(())
}

fn place(file: &SourceText, at: usize) -> Place {
    file.line(at + 1)
}

/// One line of such a file.
struct Line<'a> {
    root: &'a Path,
    package: &'a str,
    text: &'a str,
    words: Vec<&'a str>,
    place: Place,
}

impl Line<'_> {
    fn leave_out(&self, what: &str, why: &str, draft: &mut Draft) {
        draft.leave_out(what, why, Some(self.place.clone()));
    }

    /// A source in a directory, by its own name: as a pattern where that says the same, else each that is found.
    fn put(&self, source: &str, directory: &str, doc: bool, draft: &mut Draft) -> Result<(), BuildError> {
        let source = source.trim_start_matches("./").trim_end_matches('/');
        let target = format!("/{}", directory.trim_matches('/'));
        let target = if target == "/" { target } else { target + "/" };
        let mut add = |source: &str| {
            let mut table = Table::new("[[file]]");
            table.text("source", source);
            table.text("target", &target);
            if doc {
                table.put("doc", true);
            }
            draft.add(table);
        };
        let pattern = Pattern::parse(source).filter(|_| !self.root.join(source).exists());
        let is_inside = !source.starts_with('/') && !source.split('/').any(|part| part == "..");
        let found = match &pattern {
            _ if !is_inside => Vec::new(),
            Some(pattern) => pattern.find(self.root)?,
            None if self.root.join(source).exists() => vec![source.to_owned()],
            None => Vec::new(),
        };
        if found.is_empty() {
            self.leave_out(source, "it is not there", draft);
            return Ok(());
        }
        match pattern {
            Some(pattern) if !source[pattern.base().len()..].contains('/') => add(source),
            _ => found.iter().for_each(|one| add(one)),
        }
        Ok(())
    }
}

fn put(source: &str, target: &str, draft: &mut Draft) {
    let mut table = Table::new("[[file]]");
    table.text("source", source);
    table.text("target", target);
    draft.add(table);
}

/// `source… directory`; one alone goes where it lies.
fn installed(line: &Line<'_>, draft: &mut Draft) -> Result<(), BuildError> {
    let (sources, directory) = match &line.words[..] {
        [only] if line.root.join(only).exists() => {
            let directory = only.rsplit_once('/').map_or("", |(directory, _)| directory);
            (vec![*only], directory)
        }
        [_] => {
            line.leave_out(line.text, "it is for what debhelper has built", draft);
            return Ok(());
        }
        [sources @ .., directory] => (sources.to_vec(), *directory),
        [] => return Ok(()),
    };
    for source in sources {
        line.put(source, directory, false, draft)?;
    }
    Ok(())
}

/// `what-it-points-to link`, in pairs. Below one directory of the root a link is relative (Debian Policy 10.5).
fn links(of: &Line<'_>, draft: &mut Draft) {
    let plain = |path: &str| path.trim_matches('/').to_owned();
    for pair in of.words.chunks(2) {
        let [target, path] = pair else {
            of.leave_out(of.text, "a link needs two paths", draft);
            return;
        };
        let (to, link) = (plain(target), plain(path));
        let mut table = Table::new("[[file]]");
        table.text("symlink", &leading(&link, &to));
        table.text("target", &format!("/{link}"));
        draft.add(table);
    }
}

/// What a link says that leads from one path to another.
fn leading(link: &str, to: &str) -> String {
    let (from, to): (Vec<&str>, Vec<&str>) = (link.split('/').collect(), to.split('/').collect());
    if from.len() < 2 || to.len() < 2 || from[0] != to[0] {
        return format!("/{}", to.join("/"));
    }
    let directory = &from[..from.len() - 1];
    let same = directory
        .iter()
        .zip(&to[..to.len() - 1])
        .take_while(|(a, b)| a == b)
        .count();
    let up = vec![".."; directory.len() - same];
    [&up[..], &to[same..]].concat().join("/")
}

fn directories(line: &Line<'_>, draft: &mut Draft) {
    for word in &line.words {
        let mut table = Table::new("[[file]]");
        table.put("dir", true);
        table.text("target", &format!("/{}", word.trim_matches('/')));
        draft.add(table);
    }
}

/// `lamp.1`, `lamp.de.1`, `man/*.8`: the section is the last ending, a language is the one before it.
fn manual_pages(line: &Line<'_>, draft: &mut Draft) -> Result<(), BuildError> {
    for word in &line.words {
        let name = word.trim_end_matches(".gz");
        let section = name.rsplit('.').next().unwrap_or_default();
        let language = name
            .rsplit('/')
            .next()
            .and_then(|base| base.split('.').rev().nth(1));
        let is_language = |text: &str| {
            let code = text.split(['_', '@']).next().unwrap_or_default();
            (2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase())
        };
        let has_language = name
            .rsplit('/')
            .next()
            .is_some_and(|base| base.split('.').count() > 2)
            && language.is_some_and(is_language);
        if !section.starts_with(|c: char| ('1'..='9').contains(&c)) || has_language {
            line.leave_out(word, "its section and language are not in its name's end", draft);
            continue;
        }
        line.put(word, &format!("usr/share/man/man{}", &section[..1]), false, draft)?;
    }
    Ok(())
}

fn documents(line: &Line<'_>, draft: &mut Draft) -> Result<(), BuildError> {
    for word in &line.words {
        line.put(word, &format!("usr/share/doc/{}", line.package), true, draft)?;
    }
    Ok(())
}

fn examples(line: &Line<'_>, draft: &mut Draft) -> Result<(), BuildError> {
    for word in &line.words {
        line.put(
            word,
            &format!("usr/share/doc/{}/examples", line.package),
            true,
            draft,
        )?;
    }
    Ok(())
}

/// tmpfiles.d(5): type, path, mode, user, group, age, argument.
fn temporary_files(line: &Line<'_>, draft: &mut Draft) {
    if line.text.contains(['"', '\'']) {
        line.leave_out(line.text, "say it as a [[tmpfile]]", draft);
        return;
    }
    let keys = ["type", "path", "mode", "user", "group", "age", "argument"];
    let mut table = Table::new("[[tmpfile]]");
    for (key, word) in keys.iter().zip(&line.words).filter(|(_, word)| **word != "-") {
        table.text(key, word);
    }
    draft.add(table);
}

#[cfg(test)]
mod tests {
    use super::leading;

    #[test]
    fn links_lead_as_debian_wants_them() {
        for (link, to, expected) in [
            ("usr/bin/b", "usr/bin/a", "a"),
            ("usr/bin/b", "usr/share/x/a", "../share/x/a"),
            ("usr/bin/b", "opt/x/a", "/opt/x/a"),
            ("usr/x", "usr/x/y", "x/y"),
        ] {
            assert_eq!(leading(link, to), expected);
        }
    }
}
