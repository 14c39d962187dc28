//! The files of a hatchling project. <https://hatch.pypa.io/latest/config/build/> and
//! <https://hatch.pypa.io/latest/plugins/builder/wheel/#default-file-selection>

use super::{
    Files,
    ignore::Patterns,
    select::{Selected, Unsure, join, read, script},
};
use crate::{BuildError, Diagnostic, files};
use std::{collections::BTreeSet, path::Path};

/// Directories that never count.
const EXCLUDED_DIRECTORIES: [&str; 11] = [
    "__pycache__",
    ".venv",
    ".git",
    ".hg",
    ".hatch",
    ".tox",
    ".nox",
    ".ruff_cache",
    ".pytest_cache",
    ".mypy_cache",
    ".pixi",
];
/// Files that never count.
const EXCLUDED_FILES: [&str; 2] = [".DS_Store", ".git"];

/// What `[tool.hatch.build]` says of the wheel and of the sdist.
#[derive(Debug, Clone, Default)]
pub struct Hatchling {
    /// The wheel's own choice.
    pub wheel: Target,
    /// The sdist's.
    pub sdist: Target,
    /// How the package may be called, in the order in which it is looked for.
    pub names: Vec<String>,
    /// `shared-data` and `shared-scripts`: below `data/` and `scripts/`, from a path of the project.
    pub shared: Vec<(&'static str, String, String)>,
    /// The readme and licence files.
    pub referenced: Vec<String>,
}

/// What one target includes.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// `include`, as in a .gitignore.
    pub include: Vec<String>,
    /// `exclude`.
    pub exclude: Vec<String>,
    /// `artifacts`: what version control ignores and is shipped all the same.
    pub artifacts: Vec<String>,
    /// `packages`.
    pub packages: Vec<String>,
    /// `only-include`.
    pub only_include: Vec<String>,
    /// `sources`: prefixes that are replaced.
    pub sources: Vec<(String, String)>,
    /// `force-include`: from a path of the project.
    pub force_include: Vec<(String, String)>,
    /// Whether .gitignore does not matter.
    pub ignore_vcs: bool,
    /// Whether only directories with `__init__.py` count.
    pub only_packages: bool,
    /// Whether an excluded directory is not even looked into.
    pub skip_excluded_dirs: bool,
}

struct Chooser<'a> {
    root: &'a Path,
    target: &'a Target,
    include: Patterns,
    exclude: Patterns,
    artifacts: Patterns,
    sources: Vec<(String, String)>,
    /// What `force-include` brings anyway.
    reserved: BTreeSet<String>,
}

impl<'a> Chooser<'a> {
    fn new(root: &'a Path, target: &'a Target) -> Result<Self, BuildError> {
        let lines = |list: &[String]| list.to_vec();
        let mut include = lines(&target.include);
        include.extend(target.packages.iter().map(|p| format!("/{p}/")));
        let mut exclude = vec!["*.py[cdo]".to_owned(), "/dist".to_owned()];
        if !target.ignore_vcs {
            exclude.extend(vcs_patterns(root)?);
        }
        exclude.extend(lines(&target.exclude));
        let mut sources = target.sources.clone();
        for package in &target.packages {
            if let Some((above, _)) = package.rsplit_once('/')
                && !sources.iter().any(|(from, _)| *from == format!("{package}/"))
            {
                sources.push((format!("{above}/"), String::new()));
            }
        }
        sources.sort();
        sources.dedup_by(|a, b| a.0 == b.0);
        let patterns = |list: &[String]| Patterns::new(list.iter().map(String::as_str));
        Ok(Self {
            root,
            target,
            include: patterns(&include),
            exclude: patterns(&exclude),
            artifacts: patterns(&target.artifacts),
            sources,
            reserved: target
                .force_include
                .iter()
                .map(|(from, _)| from.clone())
                .collect(),
        })
    }

    /// Where a file goes.
    fn place(&self, path: &str) -> String {
        for (from, to) in &self.sources {
            if from.is_empty() {
                return format!("{to}{path}");
            }
            if let Some(rest) = path.strip_prefix(from.as_str()) {
                return format!("{to}{rest}");
            }
        }
        path.to_owned()
    }

    fn takes(&self, path: &str, explicit: bool, is_package: bool) -> bool {
        self.artifacts.matches(path)
            || (is_package || !self.target.only_packages)
                && !self.exclude.matches(path)
                && (explicit || self.include.is_empty() || self.include.matches(path))
    }

    /// The files that are chosen, each with its place.
    fn files(&self) -> Result<Vec<(String, String)>, Unsure> {
        let mut out = Vec::new();
        let only = if self.target.only_include.is_empty() {
            &self.target.packages
        } else {
            &self.target.only_include
        };
        for start in only {
            if self.root.join(start).is_file() {
                out.push((start.clone(), self.place(start)));
            } else if self.root.join(start).is_dir() {
                self.below(start, true, &mut out)?;
            }
        }
        if only.is_empty() {
            self.below("", false, &mut out)?;
        }
        out.retain(|(path, _)| !self.reserved.contains(path));
        for (from, to) in &self.target.force_include {
            let place = |path: &str| self.place(&join(to, path[from.len()..].trim_start_matches('/')));
            if self.root.join(from).is_file() {
                out.push((from.clone(), self.place(to)));
            } else if self.root.join(from).is_dir() {
                let all = super::select::walk(self.root, from, &|n| EXCLUDED_DIRECTORIES.contains(&n))?;
                out.extend(all.into_iter().map(|path| (path.clone(), place(&path))));
            } else {
                let problem = Diagnostic::new(format!("`{from}` is not there, which force-include names"));
                return Err(problem.hint("correct [tool.hatch.build]").into());
            }
        }
        Ok(out)
    }

    fn below(&self, dir: &str, explicit: bool, out: &mut Vec<(String, String)>) -> Result<(), Unsure> {
        let names = files::names(&self.root.join(dir))?;
        let is_package = names.iter().any(|name| name == "__init__.py");
        for name in names {
            let path = join(dir, &name);
            let full = self.root.join(&path);
            if full.is_dir() {
                let skipped = EXCLUDED_DIRECTORIES.contains(&name.as_str())
                    || self.reserved.contains(&path)
                    || !explicit
                        && self.target.skip_excluded_dirs
                        && self.exclude.matches(&format!("{path}/_"));
                if !skipped {
                    if full.is_symlink() {
                        files::check_link(self.root, &path)?;
                        return Err(Unsure::Backend(format!(
                            "the symbolic link `{path}` is a directory"
                        )));
                    }
                    self.below(&path, explicit, out)?;
                }
            } else if !EXCLUDED_FILES.contains(&name.as_str()) && self.takes(&path, explicit, is_package) {
                out.push((path.clone(), self.place(&path)));
            }
        }
        Ok(())
    }
}

/// The lines of the nearest .gitignore, up to the root of the repository.
fn vcs_patterns(root: &Path) -> Result<Vec<String>, BuildError> {
    let top = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    for dir in top.ancestors() {
        let file = dir.join(".gitignore");
        if file.is_file() {
            let text = std::fs::read_to_string(&file).map_err(|source| BuildError::Read {
                file: ".gitignore".into(),
                source,
            })?;
            let lines: Vec<String> = text.lines().map(str::to_owned).collect();
            // A project that lies in an ignored directory is not ignored by that.
            let here = top.to_string_lossy();
            let whole = Patterns::new(lines.iter().map(String::as_str)).matches(here.trim_start_matches('/'));
            return Ok(if whole { Vec::new() } else { lines });
        }
        if dir.join(".git").exists() {
            break;
        }
    }
    Ok(Vec::new())
}

/// The wheel's target with the package that is found by the project's name, where nothing is said.
fn wheel_target(root: &Path, rules: &Hatchling) -> Result<Target, Unsure> {
    let mut target = rules.wheel.clone();
    if !(target.include.is_empty() && target.packages.is_empty() && target.only_include.is_empty()) {
        return Ok(target);
    }
    for name in &rules.names {
        let is_package = |dir: &str| root.join(dir).join("__init__.py").is_file();
        if is_package(name) {
            target.packages = vec![name.clone()];
            return Ok(target);
        }
        let in_src = format!("src/{name}");
        if is_package(&in_src) {
            target.packages = vec![in_src];
            return Ok(target);
        }
        let file = format!("{name}.py");
        if root.join(&file).is_file() {
            target.only_include = vec![file];
            return Ok(target);
        }
        let tops = files::names(root)?;
        let spaces: Vec<&String> = tops
            .iter()
            .filter(|top| !top.starts_with('.') && is_package(&format!("{top}/{name}")))
            .collect();
        if let [space] = spaces[..] {
            target.packages = vec![space.clone()];
            return Ok(target);
        }
    }
    let name = rules.names.first().cloned().unwrap_or_default();
    let problem = Diagnostic::new(format!(
        "there is neither `{name}/`, `src/{name}/` nor `{name}.py`"
    ));
    Err(problem
        .hint("the modules of a project lie in a directory that is called like it; else say `packages` in [tool.hatch.build.targets.wheel]")
        .into())
}

pub(super) fn wheel(root: &Path, rules: &Hatchling) -> Result<Selected, Unsure> {
    let target = wheel_target(root, rules)?;
    let mut out = Selected::default();
    for (path, place) in Chooser::new(root, &target)?.files()? {
        out.modules.insert(place, read(root, &path)?);
    }
    for (scheme, from, to) in &rules.shared {
        shared(root, scheme, from, to, &mut out.data)?;
    }
    Ok(out)
}

fn shared(root: &Path, scheme: &str, from: &str, to: &str, out: &mut Files) -> Result<(), Unsure> {
    let paths = if root.join(from).is_dir() {
        super::select::walk(root, from, &|n| EXCLUDED_DIRECTORIES.contains(&n))?
    } else {
        vec![from.to_owned()]
    };
    for path in paths {
        let below = path[from.len()..].trim_start_matches('/');
        let place = if below.is_empty() {
            to.to_owned()
        } else {
            join(to, below)
        };
        let file = read(root, &path)?;
        let file = if scheme == "scripts" {
            script(file, &path)?
        } else {
            file
        };
        out.insert(format!("{scheme}/{place}"), file);
    }
    Ok(())
}

pub(super) fn sdist(root: &Path, rules: &Hatchling) -> Result<BTreeSet<String>, Unsure> {
    let chooser = Chooser::new(root, &rules.sdist)?;
    let mut out: BTreeSet<String> = chooser.files()?.into_iter().map(|(path, _)| path).collect();
    out.extend(rules.referenced.iter().cloned());
    out.insert("pyproject.toml".to_owned());
    if root.join(".gitignore").is_file() {
        out.insert(".gitignore".to_owned());
    }
    out.remove("PKG-INFO");
    Ok(out)
}
