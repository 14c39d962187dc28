//! `uv.lock`: the whole graph of a project, of which what the project itself requires is followed, without its groups
//! and extras.

use super::{
    super::platform::Platform,
    Hashes, Pin, Terms, lists,
    table::{Table, no_wheel},
};
use crate::{BuildError, Diagnostic, SourceText, manifest::parse_toml};
use packyard_types::ProjectName;
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

/// A package of the graph: its name and version, and an extra of it.
type Node<'a> = (&'a str, &'a str, Option<&'a str>);

/// The version that is known; others are refused, as uv does.
const VERSION: u64 = 1;

/// Reads what the project needs.
pub(super) fn read(
    file: &SourceText,
    project: &ProjectName,
    platform: &Platform,
) -> Result<(Vec<Pin>, Terms), BuildError> {
    let document = parse_toml(file)?;
    let top = Table {
        file,
        table: document.get_ref(),
    };
    if let Some((version, span)) = top.number("version").filter(|(version, _)| *version != VERSION) {
        let problem = Diagnostic::new(format!("uv.lock of version {version} is not known: {VERSION} is"));
        return Err(problem
            .at(file.place(span))
            .hint("export it: `uv export --format pylock.toml --output-file pylock.toml`")
            .into());
    }
    let wants = top.text("requires-python");
    let terms = Terms {
        requires_python: wants.map(|(text, span)| (text.to_owned(), file.place(span))),
        environments: top.markers("supported-markers")?,
    };
    let mut packages: BTreeMap<&str, Vec<Table<'_>>> = BTreeMap::new();
    for package in top.list("package") {
        packages.entry(package.package()?.0).or_default().push(package);
    }
    let Some([root]) = packages.get(project.as_str()).map(Vec::as_slice) else {
        let problem = Diagnostic::new(format!("`{}` does not have `{project}`", file.file()));
        return Err(problem
            .at(file.line(1))
            .hint("write it anew with `uv lock`, in the directory of the project")
            .into());
    };
    let mut seen: BTreeSet<Node<'_>> = BTreeSet::new();
    let mut wanted: Vec<Node<'_>> = needs(*root, None, &packages, platform)?;
    let mut pins = BTreeMap::new();
    while let Some(node) = wanted.pop() {
        if !seen.insert(node) || node.0 == project.as_str() {
            continue;
        }
        let (name, version, extra) = node;
        let found = packages
            .get(name)
            .into_iter()
            .flatten()
            .find(|package| package.plain("version").unwrap_or_default() == version);
        let Some(package) = found else { continue };
        wanted.extend(needs(*package, extra, &packages, platform)?);
        if let Entry::Vacant(entry) = pins.entry((name, version)) {
            entry.insert(pin(*package)?);
        }
    }
    Ok((pins.into_values().collect(), terms))
}

/// What a package requires, with one of its extras or without.
fn needs<'a>(
    package: Table<'a>,
    extra: Option<&str>,
    packages: &BTreeMap<&str, Vec<Table<'a>>>,
    platform: &Platform,
) -> Result<Vec<Node<'a>>, BuildError> {
    let required: Vec<Table<'a>> = match extra {
        None => package.list("dependencies").collect(),
        Some(extra) => package
            .below("optional-dependencies")
            .into_iter()
            .flat_map(|extras| extras.list(extra))
            .collect(),
    };
    let mut nodes = Vec::new();
    for one in required {
        if !platform.holds(&one.marker("marker")?, &[]) {
            continue;
        }
        let (name, version, place) = one.package()?;
        // A version is there only where the lock has several of them.
        let only = || match packages.get(name).map(Vec::as_slice) {
            Some([package]) => Some(package.plain("version").unwrap_or_default()),
            _ => None,
        };
        let Some(version) = version.or_else(only) else {
            let problem = Diagnostic::new(format!("the lock file does not have `{name}`")).at(place);
            return Err(problem.hint("write it anew with `uv lock`").into());
        };
        nodes.push((name, version, None));
        for extra in one.texts("extra").unwrap_or_default() {
            nodes.push((name, version, Some(extra)));
        }
    }
    Ok(nodes)
}

fn pin(package: Table<'_>) -> Result<Pin, Diagnostic> {
    let (name, version, place) = package.package()?;
    if let Some(source) = package.below("source") {
        for (key, why) in [
            ("git", "comes from git"),
            ("directory", "is a directory"),
            ("editable", "is another project of the workspace"),
            ("virtual", "is another project of the workspace"),
        ] {
            if source.has(key) {
                return Err(no_wheel(name, why, place));
            }
        }
    }
    let mut hashes = Hashes::default();
    let mut has_wheel = false;
    for wheel in package.list("wheels") {
        has_wheel = true;
        hashes.add(wheel.plain("hash").unwrap_or_default());
    }
    let pin = lists::pin(name, version, has_wheel, hashes, place)?;
    // What needs it is what the project requires, which is followed again.
    Ok(Pin {
        is_root: false,
        ..pin
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "version = 1\n\
        [[package]]\nname = 'app'\nversion = '1'\nsource = {editable = '.'}\n\
        dependencies = [{name = 'a', extra = ['fast']}, {name = 'w', marker = \"sys_platform == 'win32'\"}]\n\
        [package.dev-dependencies]\ndev = [{name = 'd'}]\n\
        [[package]]\nname = 'a'\nversion = '1'\nwheels = [{url = 'https://x/a.whl', hash = 'sha256:aa'}]\n\
        [package.optional-dependencies]\nfast = [{name = 'b'}]\nslow = [{name = 'd'}]\n\
        [[package]]\nname = 'b'\nversion = '2'\nsource = {registry = 'https://x'}\n\
        dependencies = [{name = 'a'}]\nwheels = [{url = 'https://x/b.whl', hash = 'sha256:bb'}]\n\
        [[package]]\nname = 'd'\nversion = '3'\nsource = {git = 'https://x/d'}\n\
        [[package]]\nname = 'w'\nversion = '4'\n";

    fn pins(text: String) -> Result<Vec<String>, BuildError> {
        let platform = Platform {
            minor: None,
            glibc: None,
        };
        let project = ProjectName::parse("app").unwrap();
        let (pins, _) = read(&SourceText::new("uv.lock", text), &project, &platform)?;
        Ok(pins
            .iter()
            .map(|pin| format!("{} {}", pin.name, pin.version))
            .collect())
    }

    #[test]
    fn what_the_project_requires_is_followed_with_its_extras() {
        assert_eq!(pins(LOCK.into()).unwrap(), ["a 1", "b 2"]);
    }

    #[test]
    fn what_comes_from_git_is_shown_where_it_is_needed() {
        let error = pins(LOCK.replace("'fast']", "'slow']")).unwrap_err().to_string();
        assert!(
            error.starts_with("`d` comes from git, and a bundle is made of wheels"),
            "{error}"
        );
    }

    #[test]
    fn a_lock_of_another_project_is_refused() {
        let error = pins(LOCK.replace("'app'", "'other'")).unwrap_err().to_string();
        assert!(error.starts_with("`uv.lock` does not have `app`"), "{error}");
    }

    #[test]
    fn a_lock_of_an_unknown_version_is_refused() {
        let error = pins(LOCK.replace("version = 1\n", "version = 9\n"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("uv.lock of version 9 is not known: 1 is\n --> uv.lock:1:11"),
            "{error}"
        );
    }
}
