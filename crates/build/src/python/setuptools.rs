//! The files of a setuptools project: packages with their `.py` files, stubs and `py.typed`, and the data that is named
//! or listed. <https://setuptools.pypa.io/en/latest/userguide/datafiles.html>

use super::{
    Files,
    discover::{self, Found, PackageFinder},
    filelist::{self, Names},
    glob,
    select::{Selected, Unsure, join, plain_path, read, script},
};
use crate::{BuildError, Diagnostic, metadata::Metadata};
use packyard_formats::content::SourceFile;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// What setuptools is told about files, in whichever file.
#[derive(Debug, Clone)]
pub struct Setuptools {
    /// How packages are found.
    pub finder: PackageFinder,
    /// `package-dir`.
    pub package_dir: BTreeMap<String, String>,
    /// `py-modules`.
    pub modules: Vec<String>,
    /// `package-data`, patterns by package; the empty name for all.
    pub data: BTreeMap<String, Vec<String>>,
    /// `exclude-package-data`.
    pub exclude_data: BTreeMap<String, Vec<String>>,
    /// `include-package-data`.
    pub include_data: bool,
    /// `data-files`, patterns by directory.
    pub data_files: Vec<(String, Vec<String>)>,
    /// `script-files`.
    pub scripts: Vec<String>,
    /// Files that the metadata is made of.
    pub referenced: Vec<String>,
}

impl Default for Setuptools {
    fn default() -> Self {
        Self {
            finder: PackageFinder::Automatic,
            package_dir: BTreeMap::new(),
            modules: Vec::new(),
            data: BTreeMap::new(),
            exclude_data: BTreeMap::new(),
            include_data: false,
            data_files: Vec::new(),
            scripts: Vec::new(),
            referenced: Vec::new(),
        }
    }
}

/// Stubs and the mark of a typed package are data of every package.
const IMPLICIT_DATA: [&str; 2] = ["*.pyi", "py.typed"];

pub(super) fn wheel(root: &Path, rules: &Setuptools, metadata: &Metadata) -> Result<Selected, Unsure> {
    let found = discover::find(root, rules)?;
    let mut out = Selected::default();
    for (site, path) in module_files(root, rules, &found)? {
        out.modules.insert(site, read(root, &path)?);
    }
    let listed = if rules.include_data {
        manifest(root, rules, &found, metadata)?
    } else {
        Names::new()
    };
    for (package, path) in data(root, rules, &found, &listed)? {
        let dir = &found.packages[&package];
        let below = &path[dir.len()..].trim_start_matches('/');
        let site = join(&package.replace('.', "/"), below);
        out.modules.insert(site, read(root, &path)?);
    }
    installed(root, rules, &mut out.data)?;
    let names = found.packages.keys().chain(&found.modules);
    let tops: BTreeSet<&str> = names.map(|name| name.split('.').next().unwrap_or(name)).collect();
    let text = format!("{}\n", tops.into_iter().collect::<Vec<_>>().join("\n"));
    let file = SourceFile {
        content: text.into_bytes().into(),
        executable: false,
    };
    out.dist_info.insert("top_level.txt".to_owned(), file);
    Ok(out)
}

pub(super) fn sdist(root: &Path, rules: &Setuptools, metadata: &Metadata) -> Result<Names, Unsure> {
    let found = discover::find(root, rules)?;
    let mut list = manifest(root, rules, &found, metadata)?;
    list.retain(|path| root.join(path).is_file());
    Ok(list)
}

/// The Python files, as pairs of place and path.
fn module_files(root: &Path, rules: &Setuptools, found: &Found) -> Result<Vec<(String, String)>, Unsure> {
    let mut out = Vec::new();
    for (package, dir) in &found.packages {
        if !root.join(dir).is_dir() {
            let problem = Diagnostic::new(format!(
                "the package `{package}` is not in the project: there is no directory `{dir}`"
            ));
            return Err(problem.hint("correct `packages`").into());
        }
        for path in glob::glob(root, &join(dir, "*.py"))? {
            if path != "setup.py" {
                let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
                out.push((join(&package.replace('.', "/"), &name), path));
            }
        }
    }
    let base = discover::directory_of("", &found.package_dir);
    for module in &found.modules {
        if module.contains('.') {
            return Err(Unsure::Backend(format!(
                "the module `{module}` lies in a package"
            )));
        }
        let path = join(&base, &format!("{module}.py"));
        if !root.join(&path).is_file() {
            let problem = Diagnostic::new(format!("there is no `{path}`, which `py-modules` names"));
            return Err(problem.hint("correct `py-modules`").into());
        }
        out.push((format!("{module}.py"), path));
    }
    let _ = rules;
    Ok(out)
}

/// The data of every package, as pairs of package and path.
fn data(
    root: &Path,
    rules: &Setuptools,
    found: &Found,
    listed: &Names,
) -> Result<Vec<(String, String)>, Unsure> {
    let owners: BTreeMap<&str, &str> = found
        .packages
        .iter()
        .map(|(package, dir)| (dir.as_str(), package.as_str()))
        .collect();
    let mut out = Vec::new();
    for path in listed {
        let above = path.match_indices('/').map(|(i, _)| &path[..i]).rev();
        let Some((package, dir)) = above.into_iter().find_map(|dir| Some((*owners.get(dir)?, dir))) else {
            continue;
        };
        let name = &path[dir.len() + 1..];
        let is_module = name
            .strip_suffix(".py")
            .is_some_and(|stem| !name.contains('/') && discover::is_identifier(stem));
        if !is_module && root.join(path).is_file() {
            out.push((package.to_owned(), path.clone()));
        }
    }
    for (package, dir) in &found.packages {
        let named = |map: &BTreeMap<String, Vec<String>>| {
            let both = ["", package.as_str()]
                .into_iter()
                .filter_map(|key| map.get(key).cloned());
            both.flatten().collect::<Vec<_>>()
        };
        let patterns = IMPLICIT_DATA
            .map(str::to_owned)
            .into_iter()
            .chain(named(&rules.data));
        for pattern in patterns {
            let Some(pattern) = plain_path(&pattern) else {
                return Err(Unsure::Backend(format!(
                    "`package-data` leaves its package: `{pattern}`"
                )));
            };
            let files = glob::glob(root, &join(dir, &pattern))?;
            out.extend(files.into_iter().map(|path| (package.clone(), path)));
        }
        let excluded: Vec<String> = named(&rules.exclude_data)
            .iter()
            .map(|pattern| join(dir, pattern))
            .collect();
        out.retain(|(p, path)| p != package || !excluded.iter().any(|x| glob::fnmatch(x, path)));
    }
    Ok(out)
}

/// `data-files` and `script-files`.
fn installed(root: &Path, rules: &Setuptools, out: &mut Files) -> Result<(), Unsure> {
    for (dir, patterns) in &rules.data_files {
        let Some(dir) = plain_path(dir) else {
            return Err(Unsure::Backend(format!("`data-files` go to `{dir}`")));
        };
        for path in expanded(root, patterns)? {
            let name = path.rsplit('/').next().unwrap_or(&path);
            out.insert(join("data", &join(&dir, name)), read(root, &path)?);
        }
    }
    for path in &rules.scripts {
        let name = path.rsplit('/').next().unwrap_or(path);
        let file = script(read(root, path)?, path)?;
        let file = SourceFile {
            executable: true,
            ..file
        };
        out.insert(format!("scripts/{name}"), file);
    }
    Ok(())
}

fn expanded(root: &Path, patterns: &[String]) -> Result<Vec<String>, BuildError> {
    let mut out = Vec::new();
    for pattern in patterns {
        let found = glob::glob(root, pattern)?;
        if found.is_empty() && !pattern.contains(['*', '?', '[']) {
            let problem = Diagnostic::new(format!("`{pattern}` is not there, which `data-files` names"));
            return Err(problem.hint("correct `data-files`").into());
        }
        out.extend(found);
    }
    Ok(out)
}

/// The whole list of files that setuptools knows of.
fn manifest(root: &Path, rules: &Setuptools, found: &Found, metadata: &Metadata) -> Result<Names, Unsure> {
    let mut list = Names::new();
    filelist::defaults(root, &mut list)?;
    list.extend(
        module_files(root, rules, found)?
            .into_iter()
            .map(|(_, path)| path),
    );
    list.extend(
        data(root, rules, found, &Names::new())?
            .into_iter()
            .map(|(_, path)| path),
    );
    for (_, patterns) in &rules.data_files {
        list.extend(expanded(root, patterns)?);
    }
    list.extend(rules.scripts.iter().cloned());
    let egg = format!("{}.egg-info", metadata.core.name.replace('-', "_"));
    let base = discover::directory_of("", &found.package_dir);
    filelist::listed_before(root, &join(&base, &egg), &mut list)?;
    filelist::manifest_in(root, &mut list)?;
    list.extend(metadata.core.license_files.iter().cloned());
    list.extend(rules.referenced.iter().cloned());
    filelist::prune(
        &format!("{}-{}", metadata.core.name, metadata.core.version),
        &mut list,
    );
    Ok(list)
}
