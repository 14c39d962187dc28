//! Finding modules as the declared build backend would.
//!
//! setuptools: <https://setuptools.pypa.io/en/latest/userguide/package_discovery.html>, with `src` and flat layout,
//! `find`, and `package-data`; stubs and `py.typed` belong to a package by themselves.

use super::{Files, glob};
use crate::{BuildError, Diagnostic, files};
use packyard_types::ProjectName;
use std::{collections::BTreeMap, path::Path};

/// Which files are modules.
#[derive(Debug, Clone)]
pub enum Selection {
    /// The setuptools way: packages of `.py` files, with data that is named.
    Setuptools {
        /// How packages are found.
        finder: PackageFinder,
        /// `package-dir`.
        package_dir: BTreeMap<String, String>,
        /// `py-modules`.
        modules: Vec<String>,
        /// `package-data`, patterns by package; `*` or the empty name for all.
        data: BTreeMap<String, Vec<String>>,
    },
    /// The way of hatchling, flit and `uv_build`: everything in the directory that is called like the project.
    Directory,
}

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

/// Directories that automatic discovery in a flat layout leaves out (`FlatLayoutPackageFinder`).
const NOT_PACKAGES: [&str; 29] = [
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
    "benchmark",
    "benchmarks",
    "exercise",
    "exercises",
    "htmlcov",
    "tasks",
    "fabfile",
];
/// Files that automatic discovery in a flat layout leaves out (`FlatLayoutModuleFinder`).
const NOT_MODULES: [&str; 11] = [
    "setup", "conftest", "test", "tests", "example", "examples", "build", "noxfile", "toxfile", "tasks",
    "fabfile",
];

/// Every module file by its path below a site directory.
pub(crate) fn modules(
    root: &Path,
    project: &ProjectName,
    selection: &Selection,
) -> Result<Files, BuildError> {
    match selection {
        Selection::Directory => whole_directory(root, project),
        Selection::Setuptools {
            finder,
            package_dir,
            modules,
            data,
        } => {
            let found = packages(root, finder, package_dir, modules.is_empty())?;
            let mut out = Files::new();
            for (package, dir) in &found.packages {
                package_files(root, package, dir, data, &mut out)?;
            }
            let base = package_dir.get("").map_or(".", String::as_str);
            for module in modules.iter().chain(&found.modules) {
                let dir = if found.modules_dir.is_empty() {
                    base
                } else {
                    &found.modules_dir
                };
                let path = format!("{}.py", module.replace('.', "/"));
                out.insert(path.clone(), read_module(root, &join(dir, &path))?);
            }
            Ok(out)
        }
    }
}

#[derive(Default)]
struct Found {
    /// Dotted name to directory.
    packages: BTreeMap<String, String>,
    modules: Vec<String>,
    modules_dir: String,
}

fn packages(
    root: &Path,
    finder: &PackageFinder,
    package_dir: &BTreeMap<String, String>,
    look_for_modules: bool,
) -> Result<Found, BuildError> {
    let mut found = Found::default();
    match finder {
        PackageFinder::Listed(names) => {
            for name in names {
                let dir = directory_of(name, package_dir);
                if !root.join(&dir).is_dir() {
                    let problem = Diagnostic::new(format!(
                        "the package `{name}` is not in the project: there is no directory `{dir}`"
                    ));
                    return Err(problem.hint("correct `packages`").into());
                }
                found.packages.insert(name.clone(), dir);
            }
        }
        PackageFinder::Find {
            roots,
            include,
            exclude,
            namespaces,
        } => {
            for base in roots {
                for (name, dir) in below(root, base, *namespaces, &|_| true)? {
                    let hit = |patterns: &[String]| patterns.iter().any(|p| glob::matches(p, &name));
                    if hit(include) && !hit(exclude) {
                        found.packages.insert(name, dir);
                    }
                }
            }
        }
        PackageFinder::Automatic => automatic(root, look_for_modules, &mut found)?,
    }
    Ok(found)
}

fn automatic(root: &Path, look_for_modules: bool, found: &mut Found) -> Result<(), BuildError> {
    if root.join("src").is_dir() {
        found.packages = below(root, "src", true, &|_| true)?.into_iter().collect();
        found.modules = python_files(&root.join("src"))?;
        "src".clone_into(&mut found.modules_dir);
        return Ok(());
    }
    let is_package = |top: &str| !NOT_PACKAGES.contains(&top) && !top.starts_with('_');
    found.packages = below(root, ".", true, &is_package)?.into_iter().collect();
    let mut tops: Vec<&str> = found
        .packages
        .keys()
        .map(|name| name.split('.').next().unwrap_or(""))
        .collect();
    tops.dedup();
    if tops.len() > 1 {
        let problem = Diagnostic::new(format!("several top-level packages: {}", tops.join(", ")));
        return Err(problem
            .hint("say which belong to the project: `packages` in [tool.setuptools]")
            .into());
    }
    if found.packages.is_empty() && look_for_modules {
        found.modules = python_files(root)?
            .into_iter()
            .filter(|m| !NOT_MODULES.contains(&m.as_str()))
            .collect();
        if found.modules.len() > 1 {
            let problem = Diagnostic::new(format!("several top-level modules: {}", found.modules.join(", ")));
            return Err(problem
                .hint("say which belong to the project: `py-modules` in [tool.setuptools]")
                .into());
        }
    }
    Ok(())
}

fn directory_of(name: &str, package_dir: &BTreeMap<String, String>) -> String {
    if let Some(dir) = package_dir.get(name) {
        return dir.trim_end_matches('/').to_owned();
    }
    match name.rsplit_once('.') {
        Some((parent, last)) => join(&directory_of(parent, package_dir), last),
        None => join(package_dir.get("").map_or(".", String::as_str), name),
    }
}

fn join(dir: &str, name: &str) -> String {
    match dir.trim_end_matches('/') {
        "" | "." => name.to_owned(),
        dir => format!("{}/{name}", dir.trim_start_matches("./")),
    }
}

fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}

/// Every package below a directory, as (dotted name, directory), sorted. Without namespaces, a directory needs
/// `__init__.py`, and so do those above it; with them, a Python file somewhere below it. `is_top` says which may be on
/// top.
fn below(
    root: &Path,
    base: &str,
    namespaces: bool,
    is_top: &dyn Fn(&str) -> bool,
) -> Result<Vec<(String, String)>, BuildError> {
    let mut found = Vec::new();
    for name in files::names(&root.join(base))? {
        if is_identifier(&name) && name != "__pycache__" && is_top(&name) {
            descend(root, &join(base, &name), &name, namespaces, &mut found)?;
        }
    }
    Ok(found)
}

/// Adds the package in `dir` and those below it; says whether any of them holds a Python file.
fn descend(
    root: &Path,
    dir: &str,
    dotted: &str,
    namespaces: bool,
    found: &mut Vec<(String, String)>,
) -> Result<bool, BuildError> {
    files::check_link(root, dir)?;
    let full = root.join(dir);
    if !full.is_dir() || !(namespaces || full.join("__init__.py").is_file()) {
        return Ok(false);
    }
    let at = found.len();
    found.push((dotted.to_owned(), dir.to_owned()));
    let mut has_python = !python_files(&full)?.is_empty();
    for name in files::names(&full)? {
        if is_identifier(&name) && name != "__pycache__" {
            let inner = format!("{dotted}.{name}");
            has_python |= descend(root, &join(dir, &name), &inner, namespaces, found)?;
        }
    }
    if !has_python {
        found.truncate(at);
    }
    Ok(has_python)
}

/// The stems of the Python files of one directory, sorted.
fn python_files(dir: &Path) -> Result<Vec<String>, BuildError> {
    let names = crate::metadata::root_files(dir)?.into_iter();
    let stems = names.filter_map(|name| name.strip_suffix(".py").map(str::to_owned));
    Ok(stems.filter(|stem| is_identifier(stem)).collect())
}

/// A file of a package, which must lie in the project.
fn read_module(root: &Path, path: &str) -> Result<packyard_formats::content::SourceFile, BuildError> {
    files::check_link(root, path)?;
    files::read_file(root, path)
}

/// A package's own files: modules, stubs, `py.typed`, and the data that was named.
fn package_files(
    root: &Path,
    package: &str,
    dir: &str,
    data: &BTreeMap<String, Vec<String>>,
    out: &mut Files,
) -> Result<(), BuildError> {
    let site = package.replace('.', "/");
    for name in files::names(&root.join(dir))? {
        if !name.starts_with('.') {
            files::check_link(root, &join(dir, &name))?;
        }
        if !files::is_file(&root.join(dir), &name)? {
            continue;
        }
        let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
        if extension == "py" || extension == "pyi" || name == "py.typed" {
            out.insert(format!("{site}/{name}"), read_module(root, &join(dir, &name))?);
        }
    }
    for key in ["", "*", package] {
        for pattern in data.get(key).into_iter().flatten() {
            for name in glob::glob(&root.join(dir), pattern)? {
                out.insert(format!("{site}/{name}"), read_module(root, &join(dir, &name))?);
            }
        }
    }
    Ok(())
}

/// Everything in `src/NAME`, `NAME`, or the single module `NAME.py`.
fn whole_directory(root: &Path, project: &ProjectName) -> Result<Files, BuildError> {
    let name = project.in_filenames();
    let mut out = Files::new();
    for base in ["src", "."] {
        let dir = join(base, &name);
        if root.join(&dir).is_dir() {
            files::check_link(root, &dir)?;
            for path in files::below(root, &dir)? {
                let site = if base == "src" {
                    path.trim_start_matches("src/")
                } else {
                    &path
                };
                out.insert(site.to_owned(), read_module(root, &path)?);
            }
            return Ok(out);
        }
        let module = join(base, &format!("{name}.py"));
        if root.join(&module).is_file() {
            out.insert(format!("{name}.py"), read_module(root, &module)?);
            return Ok(out);
        }
    }
    let problem = Diagnostic::new(format!(
        "there is neither `{name}/`, `src/{name}/` nor `{name}.py`"
    ));
    Err(problem
        .hint("the modules of a project lie in a directory that is called like it")
        .into())
}
