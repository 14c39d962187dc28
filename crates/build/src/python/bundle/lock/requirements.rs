//! Requirements as pip reads them: one a line, `\` goes on, `#` is a remark, `-r` names another file. With hashes they
//! are a lock, and each of them must have one, as pip's `--require-hashes` has it.

use super::{super::platform::Platform, Hashes, Lines, Lock, Pin, Terms, merged};
use crate::{BuildError, Diagnostic, Place, SourceText};
use packyard_types::ProjectName;
use pep508_rs::{
    Requirement, VerbatimUrl, VersionOrUrl,
    pep440_rs::{Operator, Version},
};
use std::path::Path;

/// How deep files may name each other.
const MOST_DEEP: usize = 8;

/// What was found in all files.
#[derive(Default)]
struct Found {
    /// The text of each requirement, its digests, and where it stands.
    requirements: Vec<(String, Hashes, Place)>,
    /// Options for pip, such as an index.
    options: Vec<String>,
}

/// Reads requirements.
pub(super) fn read(
    root: &Path,
    file: &SourceText,
    project: &ProjectName,
    platform: &Platform,
) -> Result<Lock, BuildError> {
    let mut found = Found::default();
    collect(root, file, 0, &mut found)?;
    for (text, _, place) in &found.requirements {
        // What has a scheme is pip's to fetch.
        if !text.contains("://") {
            judge(text, place)?;
        }
    }
    if found.requirements.iter().all(|(_, hashes, _)| hashes.is_empty()) {
        let mut lines: Lines = found.options.into_iter().map(|option| (option, None)).collect();
        let requirements = found.requirements.into_iter();
        lines.extend(requirements.map(|(text, _, place)| (text, Some(place))));
        return Ok(Lock::Open {
            file: Some(file.file().to_owned()),
            lines,
        });
    }
    let mut pins = Vec::new();
    for (text, hashes, place) in found.requirements {
        let problem = |what: &str| Diagnostic::new(format!("`{text}` {what}")).at(place.clone());
        let Ok(requirement) = text.parse::<Requirement<VerbatimUrl>>() else {
            return Err(problem("is not a requirement")
                .hint("write it as PEP 508 says, such as `requests==2.32.0`")
                .into());
        };
        if hashes.is_empty() {
            return Err(problem("has no hash, and others have")
                .hint("write them all anew, with `uv pip compile --generate-hashes` or `pip-compile --generate-hashes`")
                .into());
        }
        let Some(version) = exact(&requirement) else {
            return Err(problem("has hashes, and no exact version")
                .hint("pin it with `==`")
                .into());
        };
        if requirement.name.to_string() != project.as_str() && platform.holds(&requirement.marker, &[]) {
            let name = requirement.name.to_string();
            let pin = Pin::new(&name, &version.to_string(), hashes, place)?;
            pins.push(Pin {
                marker: requirement.marker,
                extras: requirement.extras,
                ..pin
            });
        }
    }
    Ok(Lock::Pins {
        file: file.file().to_owned(),
        pins: merged(pins),
        options: found.options,
        terms: Terms::default(),
    })
}

/// Refuses what pip would not take, or would take from a path.
fn judge(text: &str, place: &Place) -> Result<(), Diagnostic> {
    let problem = |what: String, hint: String| Err(Diagnostic::new(what).at(place.clone()).hint(hint));
    match text.parse::<Requirement<VerbatimUrl>>() {
        Ok(Requirement {
            version_or_url: Some(VersionOrUrl::Url(_)),
            name,
            ..
        }) => problem(
            format!("`{text}` names a path"),
            format!(
                "put the wheel into a directory, name it in `[python] wheels`, and write `{name}==VERSION`"
            ),
        ),
        Ok(_) => Ok(()),
        Err(_) if text.contains('/') => problem(
            format!("`{text}` names a path"),
            "put its wheel into a directory, name it in `[python] wheels`, and write `NAME==VERSION`"
                .to_owned(),
        ),
        Err(_) => problem(
            format!("`{text}` is not a requirement"),
            "write it as PEP 508 says, such as `requests==2.32.0`".to_owned(),
        ),
    }
}

/// The version of `==VERSION`.
fn exact(requirement: &Requirement<VerbatimUrl>) -> Option<Version> {
    let Some(VersionOrUrl::VersionSpecifier(specifiers)) = &requirement.version_or_url else {
        return None;
    };
    let [one] = &specifiers[..] else { return None };
    let is_exact = matches!(one.operator(), Operator::Equal | Operator::ExactEqual);
    is_exact.then(|| one.version().clone())
}

fn collect(root: &Path, file: &SourceText, depth: usize, found: &mut Found) -> Result<(), BuildError> {
    for (line, number) in logical(file.text()) {
        let place = file.line(number);
        if let Some(option) = line.strip_prefix('-') {
            let (key, value) = option
                .split_once(['=', ' '])
                .map_or((option, ""), |(key, value)| (key, value.trim()));
            match key.trim_start_matches('-') {
                "r" | "requirement" => {
                    let other = other(root, file, value, &place)?;
                    if depth == MOST_DEEP {
                        let problem = Diagnostic::new("these files name each other in a circle");
                        return Err(problem.at(place).hint("remove one of the `-r`").into());
                    }
                    collect(root, &other, depth + 1, found)?;
                }
                // The project itself, as `pip install -e .` has it.
                "e" | "editable" if matches!(value, "." | "./") => {}
                "e" | "editable" | "c" | "constraint" => {
                    let problem = Diagnostic::new(format!("`{line}` has no place in a bundle")).at(place);
                    return Err(problem.hint("name wheels, by project and version").into());
                }
                "f" | "find-links" if !value.contains("://") => {
                    let above = file.file().rsplit_once('/').map_or("", |(above, _)| above);
                    let directory = root.join(above).join(value);
                    // pip runs elsewhere.
                    let directory = directory.canonicalize().unwrap_or(directory);
                    found
                        .options
                        .push(format!("--find-links {}", directory.display()));
                }
                _ => found.options.push(line),
            }
            continue;
        }
        if matches!(line.as_str(), "." | "./") {
            continue;
        }
        let mut words = line.split(" --hash");
        let text = words.next().unwrap_or_default().trim().to_owned();
        let mut hashes = Hashes::default();
        for word in words {
            hashes.add(word.trim_start_matches(['=', ' ']).trim());
        }
        found.requirements.push((text, hashes, place));
    }
    Ok(())
}

fn other(root: &Path, from: &SourceText, name: &str, place: &Place) -> Result<SourceText, BuildError> {
    let path = match from.file().rsplit_once('/') {
        Some((above, _)) => format!("{above}/{name}"),
        None => name.to_owned(),
    };
    super::named(root, &path, place)
}

/// Lines without remarks, what goes on joined, each with the number of its first line.
fn logical(text: &str) -> Vec<(String, usize)> {
    let mut lines: Vec<(String, usize)> = Vec::new();
    let mut open: Option<(String, usize)> = None;
    for (line, number) in text.lines().zip(1..) {
        let line = if line.trim_start().starts_with('#') {
            ""
        } else {
            line.split(" #").next().unwrap_or_default().trim()
        };
        let (mut so_far, first) = open.take().unwrap_or((String::new(), number));
        let goes_on = line.strip_suffix('\\');
        so_far.push_str(goes_on.unwrap_or(line).trim_end());
        if goes_on.is_some() {
            so_far.push(' ');
            open = Some((so_far, first));
        } else if !so_far.trim().is_empty() {
            lines.push((so_far.trim().to_owned(), first));
        }
    }
    lines.extend(open);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_go_on_are_one_and_keep_their_place() {
        let text = "# all\na==1 \\\n    --hash=sha256:AB \\\n    --hash=sha256:cd  # via b\n\nb==2 # x\n";
        let lines = logical(text);
        assert_eq!(lines[0], ("a==1 --hash=sha256:AB --hash=sha256:cd".into(), 2));
        assert_eq!(lines[1], ("b==2".into(), 6));
    }

    #[test]
    fn a_requirement_without_a_hash_among_others_is_shown() {
        let file = SourceText::new("requirements.txt", "a==1 --hash=sha256:ab\nb==2\n");
        let name = ProjectName::parse("x").unwrap();
        let platform = Platform {
            minor: None,
            glibc: None,
        };
        let error = read(Path::new("."), &file, &name, &platform)
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("`b==2` has no hash, and others have\n --> requirements.txt:2:1"),
            "{error}"
        );
    }

    #[test]
    fn a_path_and_what_is_no_requirement_are_shown() {
        let name = ProjectName::parse("x").unwrap();
        let platform = Platform {
            minor: None,
            glibc: None,
        };
        for (line, message) in [
            ("kit=1.0", "`kit=1.0` is not a requirement"),
            ("./libs/x", "`./libs/x` names a path"),
            (
                "kit @ ./wheels/kit-1.0-py3-none-any.whl",
                "`kit @ ./wheels/kit-1.0-py3-none-any.whl` names a path",
            ),
        ] {
            let file = SourceText::new("requirements.txt", format!("# all\n{line}\n"));
            let error = read(Path::new("."), &file, &name, &platform)
                .unwrap_err()
                .to_string();
            let begin = format!("{message}\n --> requirements.txt:2:1");
            assert!(error.starts_with(&begin), "{error}");
        }
    }
}
