//! The files of a flit-core project: one module or package, found by its name in the root or in `src`, with everything
//! in it. <https://flit.pypa.io/en/stable/pyproject_toml.html>

use super::{
    glob,
    select::{Selected, Unsure, join, read, walk},
};
use crate::{BuildError, Diagnostic};
use std::{collections::BTreeSet, path::Path};

/// What `[tool.flit]` says.
#[derive(Debug, Clone, Default)]
pub struct Flit {
    /// The import name, dotted in a namespace.
    pub module: String,
    /// `external-data.directory`.
    pub data: Option<String>,
    /// `sdist.include`.
    pub include: Vec<String>,
    /// `sdist.exclude`.
    pub exclude: Vec<String>,
    /// What the metadata is made of: the readme and licence files.
    pub referenced: Vec<String>,
}

/// Where a module lies.
#[derive(Debug)]
pub(crate) struct Module {
    /// `src` or nothing.
    pub prefix: &'static str,
    /// Its directory or file.
    pub path: String,
    pub is_package: bool,
}

impl Module {
    /// The file with its docstring.
    pub fn file(&self) -> String {
        if self.is_package {
            format!("{}/__init__.py", self.path)
        } else {
            self.path.clone()
        }
    }
}

fn is_cache(name: &str) -> bool {
    name == "__pycache__" || name.ends_with(".pyc")
}

/// Finds the module; more or less than one place is an error.
pub(crate) fn find(root: &Path, module: &str) -> Result<Module, BuildError> {
    let name = module.replace('.', "/");
    let mut found = Vec::new();
    for prefix in ["", "src"] {
        let dir = join(prefix, &name);
        let file = format!("{dir}.py");
        for (path, is_package) in [(dir, true), (file, false)] {
            let full = root.join(&path);
            if if is_package { full.is_dir() } else { full.is_file() } {
                found.push(Module {
                    prefix,
                    path,
                    is_package,
                });
            }
        }
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Diagnostic::new(format!(
            "the module `{module}` is not in the project: there is neither `{name}/`, `{name}.py`, `src/{name}/` nor `src/{name}.py`"
        ))
        .hint("a flit project is called like its module; else say `name` in [tool.flit.module]")
        .into()),
        _ => {
            let places: Vec<String> = found.iter().map(|m| format!("`{}`", m.path)).collect();
            let problem = Diagnostic::new(format!("the module `{module}` lies in {}", places.join(" and in ")));
            Err(problem.hint("keep one of them").into())
        }
    }
}

fn module_files(root: &Path, module: &Module) -> Result<Vec<String>, Unsure> {
    if !module.is_package {
        return Ok(vec![module.path.clone()]);
    }
    let all = walk(root, &module.path, &is_cache)?;
    Ok(all.into_iter().filter(|f| !f.ends_with(".pyc")).collect())
}

fn data_files(root: &Path, rules: &Flit) -> Result<Vec<String>, Unsure> {
    match &rules.data {
        Some(dir) => walk(root, dir, &|name| name == "__pycache__"),
        None => Ok(Vec::new()),
    }
}

pub(super) fn wheel(root: &Path, rules: &Flit) -> Result<Selected, Unsure> {
    let module = find(root, &rules.module)?;
    let mut out = Selected::default();
    for path in module_files(root, &module)? {
        let site = path.strip_prefix("src/").filter(|_| module.prefix == "src");
        out.modules
            .insert(site.unwrap_or(&path).to_owned(), read(root, &path)?);
    }
    let data = rules.data.as_deref().unwrap_or("");
    for path in data_files(root, rules)? {
        let below = path[data.len()..].trim_start_matches('/');
        out.data.insert(format!("data/{below}"), read(root, &path)?);
    }
    Ok(out)
}

pub(super) fn sdist(root: &Path, rules: &Flit) -> Result<BTreeSet<String>, Unsure> {
    let module = find(root, &rules.module)?;
    let excluded = Globbed::new(root, &rules.exclude)?;
    let mut out: BTreeSet<String> = module_files(root, &module)?.into_iter().collect();
    out.extend(data_files(root, rules)?);
    let included = Globbed::new(root, &rules.include)?;
    out.extend(included.files);
    for dir in included.directories {
        out.extend(walk(root, &dir, &|name| name == "__pycache__")?);
    }
    out.retain(|path| !excluded.has(path));
    out.extend(rules.referenced.iter().cloned());
    out.insert("pyproject.toml".to_owned());
    Ok(out)
}

/// What patterns stand for: files, and directories with all that they hold.
struct Globbed {
    files: BTreeSet<String>,
    directories: BTreeSet<String>,
}

impl Globbed {
    fn new(root: &Path, patterns: &[String]) -> Result<Self, BuildError> {
        let (mut files, mut directories) = (BTreeSet::new(), BTreeSet::new());
        for pattern in patterns {
            let pattern = pattern.trim_end_matches('/');
            files.extend(glob::glob(root, pattern)?);
            directories.extend(glob::directories(root, pattern)?);
        }
        Ok(Self { files, directories })
    }

    fn has(&self, path: &str) -> bool {
        let above = path.match_indices('/').map(|(i, _)| &path[..i]);
        self.files.contains(path) || above.into_iter().any(|dir| self.directories.contains(dir))
    }
}
