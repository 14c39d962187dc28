//! How setuptools finds packages: <https://setuptools.pypa.io/en/latest/userguide/package_discovery.html>, with `src`
//! and flat layout, `find` and `find_namespace`.

use super::{
    Setuptools,
    glob::fnmatch,
    select::{Unsure, join},
};
use crate::{BuildError, Diagnostic, files};
use std::{collections::BTreeMap, path::Path};

/// How setuptools finds packages.
#[derive(Debug, Clone)]
pub enum PackageFinder {
    /// `src` or flat layout.
    Automatic,
    /// `find_packages` and its kin.
    Find {
        /// `where`.
        roots: Vec<String>,
        /// `include`.
        include: Vec<String>,
        /// `exclude`.
        exclude: Vec<String>,
        /// Whether directories without `__init__.py` count.
        namespaces: bool,
    },
    /// Named one by one.
    Listed(Vec<String>),
}

/// Directories that automatic discovery in a flat layout leaves out.
const NOT_PACKAGES: [&str; 35] = [
    "ci",
    "bin",
    "debian",
    "doc",
    "docs",
    "documentation",
    "manpages",
    "news",
    "newsfragments",
    "changelog",
    "test",
    "tests",
    "unit_test",
    "unit_tests",
    "example",
    "examples",
    "scripts",
    "tools",
    "util",
    "utils",
    "python",
    "build",
    "dist",
    "venv",
    "env",
    "requirements",
    "tasks",
    "fabfile",
    "site_scons",
    "benchmark",
    "benchmarks",
    "exercise",
    "exercises",
    "htmlcov",
    "[._]*",
];
/// Files that automatic discovery in a flat layout leaves out.
const NOT_MODULES: [&str; 21] = [
    "setup",
    "conftest",
    "test",
    "tests",
    "example",
    "examples",
    "build",
    "toxfile",
    "noxfile",
    "pavement",
    "dodo",
    "tasks",
    "fabfile",
    "[Ss][Cc]onstruct",
    "conanfile",
    "manage",
    "benchmark",
    "benchmarks",
    "exercise",
    "exercises",
    "[._]*",
];

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Dotted name to directory.
    pub packages: BTreeMap<String, String>,
    /// Modules that lie in no package.
    pub modules: Vec<String>,
    /// `package-dir` as it came to be.
    pub package_dir: BTreeMap<String, String>,
}

/// Finds packages and modules.
pub(super) fn find(root: &Path, rules: &Setuptools) -> Result<Found, Unsure> {
    let mut found = Found {
        modules: rules.modules.clone(),
        package_dir: rules.package_dir.clone(),
        ..Found::default()
    };
    let names = match &rules.finder {
        PackageFinder::Listed(names) => names.clone(),
        PackageFinder::Find {
            roots,
            include,
            exclude,
            namespaces,
        } => {
            let mut names = Vec::new();
            let [only] = &roots[..] else {
                return Err(Unsure::Backend("packages are found in several places".to_owned()));
            };
            if !["", "."].contains(&only.trim_end_matches('/')) {
                found
                    .package_dir
                    .entry(String::new())
                    .or_insert_with(|| only.clone());
            }
            let filter = Filter {
                include,
                exclude: &exclude.iter().map(String::as_str).collect::<Vec<_>>(),
                namespaces: *namespaces,
                identifiers: false,
            };
            filter.below(root, only, "", &mut names)?;
            names
        }
        PackageFinder::Automatic if rules.modules.is_empty() => automatic(root, &mut found)?,
        PackageFinder::Automatic => Vec::new(),
    };
    for name in names {
        let dir = directory_of(&name, &found.package_dir);
        found.packages.insert(name, dir);
    }
    Ok(found)
}

/// Which directories are packages.
struct Filter<'a> {
    include: &'a [String],
    exclude: &'a [&'a str],
    /// Whether `__init__.py` is not needed.
    namespaces: bool,
    /// Whether names have to be those of modules; stubs may be on top.
    identifiers: bool,
}

impl Filter<'_> {
    fn below(&self, root: &Path, dir: &str, above: &str, out: &mut Vec<String>) -> Result<(), Unsure> {
        let full = root.join(dir);
        if !full.is_dir() {
            let problem = Diagnostic::new(format!("there is no directory `{dir}` to find packages in"));
            return Err(problem.hint("correct `where`").into());
        }
        for name in files::names(&full)? {
            let path = join(dir, &name);
            files::check_link(root, &path)?;
            if name.contains('.') || !root.join(&path).is_dir() || name == "__pycache__" {
                continue;
            }
            let package = if above.is_empty() {
                name.clone()
            } else {
                format!("{above}.{name}")
            };
            let stubs = above.is_empty() && name.ends_with("-stubs");
            if self.identifiers && !is_identifier(&name) && !stubs
                || !self.namespaces && !root.join(&path).join("__init__.py").is_file()
            {
                continue;
            }
            let excluded =
                self.exclude.iter().any(|pattern| fnmatch(pattern, &package)) || package == "ez_setup";
            if !excluded && self.include.iter().any(|pattern| fnmatch(pattern, &package)) {
                out.push(package.clone());
            }
            let all = [format!("{package}*"), format!("{package}.*")];
            if !self
                .exclude
                .iter()
                .any(|pattern| all.iter().any(|a| a == pattern))
            {
                self.below(root, &path, &package, out)?;
            }
        }
        Ok(())
    }
}

/// Every directory below one, as a package.
fn every(root: &Path, dir: &str, above: &str) -> Result<Vec<String>, Unsure> {
    let filter = Filter {
        include: &["*".to_owned()],
        exclude: &[],
        namespaces: true,
        identifiers: false,
    };
    let mut names = Vec::new();
    filter.below(root, dir, above, &mut names)?;
    Ok(names)
}

/// Discovery without configuration: `package-dir`, then `src`, then the root.
fn automatic(root: &Path, found: &mut Found) -> Result<Vec<String>, Unsure> {
    let mut explicit = found
        .package_dir
        .iter()
        .filter(|(package, _)| !package.is_empty())
        .peekable();
    if explicit.peek().is_some() {
        let mut names = Vec::new();
        for (package, dir) in explicit {
            names.push(package.clone());
            names.extend(every(root, dir, package)?);
        }
        return Ok(names);
    }
    let src = found.package_dir.get("").map_or("src", String::as_str).to_owned();
    if root.join(&src).is_dir() {
        found
            .package_dir
            .entry(String::new())
            .or_insert_with(|| src.clone());
        found.modules = python_files(&root.join(&src))?;
        return every(root, &src, "");
    }
    flat(root, found)
}

fn flat(root: &Path, found: &mut Found) -> Result<Vec<String>, Unsure> {
    let below: Vec<String> = NOT_PACKAGES.iter().map(|name| format!("{name}.*")).collect();
    let exclude: Vec<&str> = NOT_PACKAGES
        .into_iter()
        .chain(below.iter().map(String::as_str))
        .collect();
    let filter = Filter {
        include: &["*".to_owned()],
        exclude: &exclude,
        namespaces: true,
        identifiers: true,
    };
    let mut names = Vec::new();
    filter.below(root, ".", "", &mut names)?;
    leave_out_what_is_no_code(root, &mut names)?;
    let tops: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| !name.contains('.') && !name.ends_with("-stubs"))
        .collect();
    one_of("packages", "packages", &tops)?;
    if tops.is_empty() {
        let is_own = |module: &String| !NOT_MODULES.iter().any(|pattern| fnmatch(pattern, module));
        found.modules = python_files(root)?.into_iter().filter(is_own).collect();
        let modules: Vec<&str> = found.modules.iter().map(String::as_str).collect();
        one_of("modules", "py-modules", &modules)?;
    }
    Ok(names)
}

/// `etc` and `man` beside the one package are no packages. setuptools would refuse to choose; here it is plain what is
/// meant.
fn leave_out_what_is_no_code(root: &Path, names: &mut Vec<String>) -> Result<(), Unsure> {
    let mut data = Vec::new();
    for top in names.iter().filter(|name| !name.contains('.')) {
        let files = files::below(root, top)?;
        let is_code = |file: &String| file.ends_with(".py") || file.ends_with(".pyi");
        if !files.iter().any(is_code) {
            data.push(top.clone());
        }
    }
    let is_data = |name: &String| data.iter().any(|top| name.split('.').next() == Some(top));
    if names.iter().any(|name| !is_data(name)) {
        names.retain(|name| !is_data(name));
    }
    Ok(())
}

fn one_of(what: &str, key: &str, names: &[&str]) -> Result<(), BuildError> {
    if names.len() < 2 {
        return Ok(());
    }
    let problem = Diagnostic::new(format!("several top-level {what}: {}", names.join(", ")));
    Err(problem
        .hint(format!(
            "say which belong to the project: `{key}` in [tool.setuptools]"
        ))
        .into())
}

/// Where a package lies; the empty name for modules that lie in none.
pub(super) fn directory_of(name: &str, package_dir: &BTreeMap<String, String>) -> String {
    if let Some(dir) = package_dir.get(name) {
        return dir.trim_end_matches('/').trim_start_matches("./").to_owned();
    }
    match name.rsplit_once('.') {
        Some((parent, last)) => join(&directory_of(parent, package_dir), last),
        None if name.is_empty() => String::new(),
        None => join(package_dir.get("").map_or("", String::as_str), name),
    }
}

pub(super) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}

/// The stems of the Python files of one directory, sorted.
fn python_files(dir: &Path) -> Result<Vec<String>, BuildError> {
    let names = crate::metadata::root_files(dir)?.into_iter();
    let stems = names.filter_map(|name| name.strip_suffix(".py").map(str::to_owned));
    Ok(stems.filter(|stem| is_identifier(stem)).collect())
}

/// Where a module lies, without the end of its file name.
pub(crate) fn module_path(root: &Path, rules: &Setuptools, module: &str) -> String {
    let mut package_dir = rules.package_dir.clone();
    let above = match &rules.finder {
        PackageFinder::Find { roots, .. } => roots
            .first()
            .filter(|dir| !["", "."].contains(&dir.as_str()))
            .cloned(),
        PackageFinder::Automatic if root.join("src").is_dir() => Some("src".to_owned()),
        _ => None,
    };
    if let Some(above) = above {
        package_dir.entry(String::new()).or_insert(above);
    }
    directory_of(module, &package_dir)
}
