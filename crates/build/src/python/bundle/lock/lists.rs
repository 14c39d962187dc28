//! Lock files that are lists with groups: those of Poetry and PDM.

use super::{
    super::platform::Platform,
    Hashes, Pin,
    table::{Table, no_wheel},
};
use crate::{BuildError, Diagnostic, SourceText, manifest::parse_toml};

/// Reads `poetry.lock`: the group `main`, without what is optional.
pub(super) fn poetry(file: &SourceText, platform: &Platform) -> Result<Vec<Pin>, BuildError> {
    files(file, platform, ("lock-version", 2), "markers", "main")
}

/// Reads `pdm.lock`: the group `default`.
pub(super) fn pdm(file: &SourceText, platform: &Platform) -> Result<Vec<Pin>, BuildError> {
    files(file, platform, ("lock_version", 4), "marker", "default")
}

/// `[[package]]` tables with `files`.
fn files(
    file: &SourceText,
    platform: &Platform,
    version: (&str, u64),
    marker: &str,
    group: &str,
) -> Result<Vec<Pin>, BuildError> {
    let document = parse_toml(file)?;
    let top = Table {
        file,
        table: document.get_ref(),
    };
    newer(top, version)?;
    let mut pins = Vec::new();
    for package in top.list("package") {
        let (name, version, place) = package.package()?;
        let Some(groups) = package.texts("groups") else {
            let problem = Diagnostic::new(format!("{} does not say what `{name}` is for", file.file()));
            return Err(problem
                .at(place)
                .hint("write it anew with a newer version of the tool: it needs `groups`")
                .into());
        };
        let is_wanted = groups.contains(&group) && !package.is("optional");
        // Where groups differ in it, each has its own.
        let holds = match package.below(marker) {
            Some(markers) => markers.marker(group)?,
            None => package.marker(marker)?,
        };
        if !is_wanted || !platform.holds(&holds, &[]) {
            continue;
        }
        if package.has("source")
            && package
                .below("source")
                .is_some_and(|s| s.plain("type") != Some("legacy"))
        {
            return Err(no_wheel(name, "comes from no index", place).into());
        }
        let wheels = package.list("files").filter(|file| {
            file.plain("file")
                .is_some_and(|name| name.to_ascii_lowercase().ends_with(".whl"))
        });
        let mut hashes = Hashes::default();
        let mut has_wheel = false;
        for wheel in wheels {
            has_wheel = true;
            hashes.add(wheel.plain("hash").unwrap_or_default());
        }
        let pin = pin(name, version, has_wheel, hashes, place)?;
        pins.push(Pin { marker: holds, ..pin });
    }
    Ok(pins)
}

/// Refuses a file whose version, below `[metadata]`, is a later one than is known.
fn newer(top: Table<'_>, (key, known): (&str, u64)) -> Result<(), Diagnostic> {
    let metadata = top.below("metadata");
    let Some((version, span)) = metadata.as_ref().and_then(|table| table.text(key)) else {
        return Ok(());
    };
    let major: Option<u64> = version.split('.').next().and_then(|major| major.parse().ok());
    if major.is_some_and(|major| major <= known) {
        return Ok(());
    }
    let problem = Diagnostic::new(format!(
        "{} of version {version} is not known: {known} is",
        top.file.file()
    ));
    let hint = "lock with an older version of the tool, or export the lock as pylock.toml";
    Err(problem.at(top.file.place(span)).hint(hint))
}

/// A pin that must have a version and a wheel.
pub(super) fn pin(
    name: &str,
    version: Option<&str>,
    has_wheel: bool,
    hashes: Hashes,
    place: crate::Place,
) -> Result<Pin, Diagnostic> {
    match version {
        Some(version) if !hashes.is_empty() => Pin::new(name, version, hashes, place),
        Some(version) if has_wheel => {
            let message =
                format!("the wheel of `{name}` {version} has no hash in the lock file that is still trusted");
            let problem = Diagnostic::new(message).at(place);
            Err(problem.hint("lock it with SHA-256, SHA-384 or SHA-512"))
        }
        Some(version) => Err(no_wheel(
            name,
            &format!("{version} has no wheel in the lock file"),
            place,
        )),
        None => Err(no_wheel(name, "has no version in the lock file", place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Platform = Platform {
        minor: None,
        glibc: None,
    };

    fn names(pins: Result<Vec<Pin>, BuildError>) -> Vec<String> {
        pins.unwrap()
            .iter()
            .map(|pin| format!("{} {}", pin.name, pin.version))
            .collect()
    }

    #[test]
    fn what_is_locked_and_no_wheel_is_shown() {
        let text = "[[package]]\nname = 'a'\nversion = '1.0'\ngroups = ['main']\n\
            files = [{file = 'a-1.0.tar.gz', hash = 'sha256:ab'}]\n";
        let error = poetry(&SourceText::new("poetry.lock", text), &ANY)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("`a` 1.0 has no wheel in the lock file, and a bundle"),
            "{error}"
        );
    }

    #[test]
    fn a_marker_of_a_group_counts_for_that_group() {
        let text = "[[package]]\nname = 'a'\nversion = '1.0'\ngroups = ['main', 'dev']\n\
            markers = {main = \"python_version < '3.9'\"}\nfiles = [{file = 'a.whl', hash = 'sha256:ab'}]\n";
        let file = SourceText::new("poetry.lock", text);
        assert_eq!(names(poetry(&file, &ANY)), ["a 1.0"]);
        let newer = Platform {
            minor: Some(11),
            ..ANY
        };
        assert!(names(poetry(&file, &newer)).is_empty());
    }

    #[test]
    fn what_an_extra_has_again_is_the_same_wheel() {
        let kit = "[[package]]\nname = 'kit'\nversion = '1.0'\ngroups = ['default']\n\
            files = [{file = 'kit.whl', hash = 'sha256:ab'}]\n";
        let text = format!("[metadata]\nlock_version = '4.5.0'\n{kit}{kit}extras = ['fast']\n");
        let pins = pdm(&SourceText::new("pdm.lock", text), &ANY).unwrap();
        assert_eq!(super::super::merged(pins).len(), 1);
    }

    #[test]
    fn a_lock_of_a_later_version_is_refused() {
        let file = SourceText::new("poetry.lock", "[metadata]\nlock-version = '3.0'\n");
        let error = poetry(&file, &ANY).unwrap_err().to_string();
        let begin = "poetry.lock of version 3.0 is not known: 2 is\n --> poetry.lock:2:16";
        assert!(error.starts_with(begin), "{error}");
    }
}
