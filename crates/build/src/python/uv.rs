//! The files of a `uv_build` project: the whole directory of its modules below the module root.
//! <https://docs.astral.sh/uv/concepts/build-backend/>

use super::{
    glob::matches,
    select::{Selected, Unsure, join, read, walk},
};
use crate::{BuildError, Diagnostic};
use std::{collections::BTreeSet, path::Path};

/// What `[tool.uv.build-backend]` says.
#[derive(Debug, Clone, Default)]
pub struct Uv {
    /// `module-root`: `src`, or nothing for the project's root.
    pub root: String,
    /// `module-name`, each dotted in a namespace.
    pub modules: Vec<String>,
    /// `namespace`: the modules have no `__init__.py` of their own.
    pub namespace: bool,
    /// `data`, as pairs of scheme and directory.
    pub data: Vec<(String, String)>,
    /// What stays out of the wheel: the defaults, `source-exclude` and `wheel-exclude`.
    pub wheel_exclude: Vec<String>,
    /// What goes into the sdist besides: `source-include`.
    pub source_include: Vec<String>,
    /// What stays out of the sdist: the defaults and `source-exclude`.
    pub source_exclude: Vec<String>,
    /// The readme and licence files.
    pub referenced: Vec<String>,
}

/// Whether a pattern names the path or a directory above it. An exclusion that does not begin with `/` holds anywhere.
fn excluded(patterns: &[String], path: &str) -> bool {
    let ends = path.match_indices('/').map(|(i, _)| i).chain([path.len()]);
    let prefixes: Vec<&str> = ends.map(|end| &path[..end]).collect();
    let meets = |pattern: &str| prefixes.iter().any(|prefix| matches(pattern, prefix));
    patterns.iter().any(|pattern| match pattern.strip_prefix('/') {
        Some(bound) => meets(bound),
        None => meets(&format!("**/{pattern}")),
    })
}

fn directory(rules: &Uv, module: &str) -> String {
    join(&rules.root, &module.replace('.', "/"))
}

/// The files of all modules, by their path in the project.
fn module_files(root: &Path, rules: &Uv) -> Result<BTreeSet<String>, Unsure> {
    let mut out = BTreeSet::new();
    for module in &rules.modules {
        let dir = directory(rules, module);
        let init = if module
            .split('.')
            .next()
            .is_some_and(|top| top.ends_with("-stubs"))
        {
            "__init__.pyi"
        } else {
            "__init__.py"
        };
        if !root.join(&dir).is_dir() || !(rules.namespace || root.join(&dir).join(init).is_file()) {
            return Err(missing(&dir, init).into());
        }
        out.extend(walk(root, &dir, &|_| false)?);
    }
    Ok(out)
}

fn missing(dir: &str, init: &str) -> BuildError {
    let problem = Diagnostic::new(format!("there is no `{dir}/{init}`"));
    problem
        .hint("the module is called like the project; else say `module-name` or `module-root` in [tool.uv.build-backend]")
        .into()
}

pub(super) fn wheel(root: &Path, rules: &Uv) -> Result<Selected, Unsure> {
    let mut out = Selected::default();
    for path in module_files(root, rules)? {
        let site = path
            .strip_prefix(&rules.root)
            .map_or(path.as_str(), |p| p.trim_start_matches('/'));
        if !excluded(&rules.wheel_exclude, &path) {
            out.modules.insert(site.to_owned(), read(root, &path)?);
        }
    }
    for (scheme, dir) in &rules.data {
        for path in walk(root, dir, &|_| false)? {
            let below = path[dir.len()..].trim_start_matches('/');
            if !excluded(&rules.wheel_exclude, &path) {
                out.data.insert(format!("{scheme}/{below}"), read(root, &path)?);
            }
        }
    }
    Ok(out)
}

pub(super) fn sdist(root: &Path, rules: &Uv) -> Result<BTreeSet<String>, Unsure> {
    let mut out = module_files(root, rules)?;
    for (_, dir) in &rules.data {
        out.extend(walk(root, dir, &|_| false)?);
    }
    if !rules.source_include.is_empty() {
        for path in walk(root, "", &|name| name == ".git" || name == ".venv")? {
            let bound = |pattern: &String| pattern.trim_start_matches('/').trim_end_matches('/').to_owned();
            let ends = path.match_indices('/').map(|(i, _)| i).chain([path.len()]);
            let hit = |pattern: &str| ends.clone().any(|end| matches(pattern, &path[..end]));
            if rules.source_include.iter().map(bound).any(|p| hit(&p)) {
                out.insert(path.clone());
            }
        }
    }
    out.retain(|path| !excluded(&rules.source_exclude, path));
    out.extend(rules.referenced.iter().cloned());
    out.insert("pyproject.toml".to_owned());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::excluded;

    #[test]
    fn an_exclusion_holds_anywhere_unless_it_is_bound() {
        let patterns = ["__pycache__".to_owned(), "*.pyc".to_owned(), "/tests".to_owned()];
        assert!(excluded(&patterns, "src/a/__pycache__/b.txt"));
        assert!(excluded(&patterns, "src/a/b.pyc") && excluded(&patterns, "tests/x"));
        assert!(!excluded(&patterns, "src/tests/x"));
    }
}
