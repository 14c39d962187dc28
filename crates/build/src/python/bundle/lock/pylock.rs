//! PEP 751's `pylock.toml`: what holds with the groups that the lock calls its default ones, and without an extra.

use super::{
    super::platform::Platform,
    Hashes, Pin, Terms, lists,
    table::{Table, no_wheel},
};
use crate::{BuildError, Diagnostic, SourceText, manifest::parse_toml};
use pep508_rs::MarkerTree;

/// Reads it.
pub(super) fn read(file: &SourceText, platform: &Platform) -> Result<(Vec<Pin>, Terms), BuildError> {
    let document = parse_toml(file)?;
    let top = Table {
        file,
        table: document.get_ref(),
    };
    version(top)?;
    let terms = terms(top)?;
    let groups = top.texts("default-groups").unwrap_or_default();
    let mut pins = Vec::new();
    for package in top.list("packages") {
        let (name, version, place) = package.package()?;
        let marker = match package.text("marker") {
            Some((text, span)) => package.parsed(&decided(text, &groups), text, span)?,
            None => MarkerTree::default(),
        };
        if !platform.holds(&marker, &[]) {
            continue;
        }
        if package.below("directory").is_some() && !package.has("wheels") {
            if is_root(package, "directory") {
                continue;
            }
            return Err(no_wheel(name, "is a directory", place).into());
        }
        for (key, why) in [
            ("vcs", "comes from version control"),
            ("archive", "comes from an archive"),
        ] {
            if package.has(key) {
                return Err(no_wheel(name, why, place).into());
            }
        }
        let mut hashes = Hashes::default();
        for wheel in package.list("wheels") {
            for (algorithm, digits) in wheel.below("hashes").into_iter().flat_map(|t| t.all_texts()) {
                hashes.add_of(algorithm, digits);
            }
        }
        let has_wheel = package.list("wheels").next().is_some();
        let pin = lists::pin(name, version, has_wheel, hashes, place)?;
        pins.push(Pin { marker, ..pin });
    }
    Ok((pins, terms))
}

/// "Tools MUST raise an error" where they do not know the version.
fn version(top: Table<'_>) -> Result<(), Diagnostic> {
    let hint = "write it anew with the tool that made it";
    let Some((version, span)) = top.text("lock-version") else {
        let problem = Diagnostic::new(format!("`{}` has no `lock-version`", top.file.file()));
        return Err(problem.at(top.file.line(1)).hint(hint));
    };
    if version.split('.').next() == Some("1") {
        return Ok(());
    }
    let problem = Diagnostic::new(format!("lock files of version {version} are not known: 1.0 is"));
    Err(problem.at(top.file.place(span)).hint(hint))
}

/// Which systems it is for.
fn terms(top: Table<'_>) -> Result<Terms, Diagnostic> {
    let wants = top.text("requires-python");
    Ok(Terms {
        requires_python: wants.map(|(text, span)| (text.to_owned(), top.file.place(span))),
        environments: top.markers("environments")?,
    })
}

/// Whether it is the project itself.
fn is_root(package: Table<'_>, key: &str) -> bool {
    let path = package.below(key).and_then(|directory| directory.plain("path"));
    matches!(path, Some("." | "./" | ""))
}

/// A marker in the words of PEP 508: what it says of `extras` and `dependency_groups`, which only a lock knows, is
/// replaced by something that holds, or does not.
fn decided(marker: &str, groups: &[&str]) -> String {
    let mut decided = String::new();
    let mut rest = marker;
    while let Some(start) = rest.find(['\'', '"']) {
        let quote = &rest[start..=start];
        let Some(length) = rest[start + 1..].find(quote) else {
            break;
        };
        let end = start + 1 + length + 1;
        let name = &rest[start + 1..end - 1];
        decided.push_str(&rest[..start]);
        match member(&rest[end..]) {
            Some((is_wanted, list, after)) => {
                let is_there = list == "dependency_groups" && groups.contains(&name);
                decided.push_str(if is_there == is_wanted {
                    "os_name == 'posix'"
                } else {
                    "os_name == ''"
                });
                rest = after;
            }
            None => {
                decided.push_str(&rest[start..end]);
                rest = &rest[end..];
            }
        }
    }
    decided + rest
}

/// `in extras` or `not in dependency_groups`: whether it is to be there, the list, and what comes behind it.
fn member(text: &str) -> Option<(bool, &'static str, &str)> {
    let mut rest = text.trim_start();
    let is_wanted = match rest.strip_prefix("not ") {
        Some(after) => {
            rest = after.trim_start();
            false
        }
        None => true,
    };
    let rest = rest.strip_prefix("in ")?.trim_start();
    let list = ["extras", "dependency_groups"]
        .into_iter()
        .find(|list| rest.starts_with(list))?;
    Some((is_wanted, list, &rest[list.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Platform = Platform {
        minor: None,
        glibc: None,
    };
    const HEAD: &str = "lock-version = '1.0'\ndefault-groups = ['prod']\n";

    fn names(text: String) -> Vec<String> {
        let (pins, _) = read(&SourceText::new("pylock.toml", text), &ANY).unwrap();
        pins.iter()
            .map(|pin| format!("{} {}", pin.name, pin.version))
            .collect()
    }

    fn error(text: &str) -> String {
        read(&SourceText::new("pylock.toml", text), &ANY)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn what_is_optional_or_for_another_system_is_left_out() {
        let wheel = "wheels = [{name = 'x-1-py3-none-any.whl', hashes = {sha256 = 'ab'}}]\n";
        let package =
            |name: &str, more: &str| format!("[[packages]]\nname = '{name}'\nversion = '1.0'\n{more}");
        let marked = |name: &str, marker: &str| package(name, &format!("marker = \"{marker}\"\n{wheel}"));
        let text = [
            HEAD.to_owned(),
            package("a", wheel),
            marked("b", "'extra' in extras"),
            marked("c", "sys_platform == 'win32'"),
            marked("d", "'prod' in dependency_groups or 'docs' in dependency_groups"),
            marked("e", "'docs' in dependency_groups and os_name == 'posix'"),
            marked("f", "'docs' not in  dependency_groups"),
            package("me", "directory = {path = '.'}\n"),
        ];
        assert_eq!(names(text.concat()), ["a 1.0", "d 1.0", "f 1.0"]);
    }

    #[test]
    fn what_is_locked_and_no_wheel_is_shown() {
        let text = format!("{HEAD}[[packages]]\nname = 'a'\nversion = '1.0'\nvcs = {{type = 'git'}}\n");
        let error = error(&text);
        let begin = "`a` comes from version control, and a bundle is made of wheels\n --> pylock.toml:4:8";
        assert!(error.starts_with(begin), "{error}");
    }

    #[test]
    fn a_lock_of_an_unknown_version_is_refused() {
        let newer = error("created-by = 'x'\nlock-version = '2.0'\n");
        assert!(
            newer.starts_with("lock files of version 2.0 are not known: 1.0 is\n --> pylock.toml:2:16"),
            "{newer}"
        );
        let none = error("created-by = 'x'\n");
        assert!(
            none.starts_with("`pylock.toml` has no `lock-version`\n --> pylock.toml:1:1"),
            "{none}"
        );
    }
}
