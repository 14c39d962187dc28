//! `[tool.setuptools]`: packages as a list or `find`, data, and what `dynamic` takes from files and attributes.
//! <https://setuptools.pypa.io/en/latest/userguide/pyproject_config.html>

use super::{
    module_text,
    native::{own_readme, take_dynamic},
    project_table::Project,
    setup_cfg, setup_py,
};
use crate::{
    glob,
    keys::Keys,
    python::{self, PackageFinder, Selection, Setuptools, Unsure},
};
use std::{collections::BTreeMap, path::Path};
use toml::Spanned;

const KNOWN: [&str; 11] = [
    "packages",
    "package-dir",
    "package-data",
    "exclude-package-data",
    "py-modules",
    "include-package-data",
    "zip-safe",
    "license-files",
    "dynamic",
    "data-files",
    "script-files",
];

pub(super) fn read(root: &Path, tool: &mut Keys<'_>, project: &mut Project) -> Result<Selection, Unsure> {
    if let Some(reason) = setup_cfg::adds(root)? {
        return Err(Unsure::Backend(reason));
    }
    if !setup_py::says_nothing(root)? {
        return Err(Unsure::Backend("setup.py adds to pyproject.toml".to_owned()));
    }
    for table in [
        "distutils",
        "setuptools_scm",
        "setuptools-git-versioning",
        "vcs-versioning",
    ] {
        if tool.has(table) {
            return Err(Unsure::Backend(format!("[tool.{table}] adds to setuptools")));
        }
    }
    let mut keys = tool.table("setuptools");
    if let Some(other) = keys
        .names()
        .into_iter()
        .find(|name| !KNOWN.contains(&name.as_str()))
    {
        return Err(Unsure::Backend(format!(
            "`{other}` in [tool.setuptools] is for setuptools to read"
        )));
    }
    if project.import_names.is_some() || project.import_namespaces.is_some() {
        return Err(Unsure::Backend(
            "setuptools does not read `import-names`".to_owned(),
        ));
    }
    let mut rules = rules(&mut keys);
    if keys.has("license-files") && project.license_files.is_none() {
        let mut files = Vec::new();
        for pattern in keys.plain_strings("license-files") {
            files.extend(glob::glob(root, &pattern)?);
        }
        project.license_files = Some(files);
    }
    rules
        .referenced
        .extend(project.readme.as_ref().and_then(|readme| readme.file.clone()));
    dynamic(root, keys.table("dynamic"), project, &mut rules)?;
    Ok(Selection::Setuptools(rules))
}

fn rules(keys: &mut Keys<'_>) -> Setuptools {
    let lists = |keys: Keys<'_>| -> BTreeMap<String, Vec<String>> {
        let pairs = keys.string_lists().into_iter();
        pairs
            .map(|(key, list)| {
                (
                    key.into_inner(),
                    list.into_iter().map(Spanned::into_inner).collect(),
                )
            })
            .collect()
    };
    let dirs = keys.table("package-dir").string_pairs();
    let data_files = lists(keys.table("data-files"));
    Setuptools {
        finder: finder(keys),
        package_dir: dirs
            .into_iter()
            .map(|(k, v)| (k.into_inner(), v.into_inner()))
            .collect(),
        modules: keys.plain_strings("py-modules"),
        data: every_package(lists(keys.table("package-data"))),
        exclude_data: every_package(lists(keys.table("exclude-package-data"))),
        include_data: keys.flag("include-package-data").unwrap_or(true),
        data_files: data_files.into_iter().collect(),
        scripts: keys.plain_strings("script-files"),
        referenced: Vec::new(),
    }
}

/// The package `*` means every package, as the empty name does.
pub(super) fn every_package(mut data: BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    if let Some(all) = data.remove("*") {
        data.insert(String::new(), all);
    }
    data
}

fn finder(keys: &mut Keys<'_>) -> PackageFinder {
    let is_table = keys.value("packages").is_some_and(|v| v.get_ref().is_table());
    if !is_table {
        return if keys.has("packages") {
            PackageFinder::Listed(keys.plain_strings("packages"))
        } else {
            PackageFinder::Automatic
        };
    }
    let mut find = keys.table("packages").table("find");
    let or = |list: Vec<String>, default: &str| {
        if list.is_empty() {
            vec![default.to_owned()]
        } else {
            list
        }
    };
    PackageFinder::Find {
        roots: or(find.plain_strings("where"), "."),
        include: or(find.plain_strings("include"), "*"),
        exclude: find.plain_strings("exclude"),
        namespaces: find.flag("namespaces").unwrap_or(true),
    }
}

/// `[tool.setuptools.dynamic]`: from an attribute of a module, or from files.
fn dynamic(
    root: &Path,
    mut keys: Keys<'_>,
    project: &mut Project,
    rules: &mut Setuptools,
) -> Result<(), Unsure> {
    for field in project.dynamic.clone() {
        let Some(key) = ["version", "readme", "description", "classifiers", "dependencies"]
            .into_iter()
            .find(|known| *known == field)
        else {
            continue;
        };
        let mut table = keys.table(key);
        if key == "version"
            && let Some(attribute) = table.string("attr")
        {
            let found = attribute_of(root, rules, attribute.get_ref())?;
            let Some((version, place)) = found else {
                let reason = format!("`{}` is no literal", attribute.get_ref());
                return Err(Unsure::Backend(reason));
            };
            (project.version, project.version_place) = (Some(version), Some(place));
            take_dynamic(project, key);
            continue;
        }
        if !table.has("file") {
            continue;
        }
        let text = files(root, &mut table, rules)?;
        match key {
            "version" => project.version = Some(text.trim().to_owned()),
            "readme" => {
                let kind = table.string("content-type").map(Spanned::into_inner);
                project.readme = Some(own_readme(text, kind.or(Some("text/x-rst".to_owned()))));
            }
            "description" => project.summary = text.trim().lines().next().map(str::to_owned),
            "classifiers" => project.classifiers = text.lines().map(str::to_owned).collect(),
            _ => {
                let is_one = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with('#');
                project.dependencies = text.lines().filter(is_one).map(str::to_owned).collect();
                for line in &project.dependencies {
                    super::requirement::split(line)
                        .map_err(|_| Unsure::Backend(format!("`{line}` is no plain requirement")))?;
                }
            }
        }
        take_dynamic(project, key);
    }
    Ok(())
}

/// The files of a `file` directive, one after the other. One that is missing is passed over, as setuptools does.
fn files(root: &Path, table: &mut Keys<'_>, rules: &mut Setuptools) -> Result<String, Unsure> {
    let mut texts = Vec::new();
    for name in table.plain_strings("file") {
        if let Some(file) = super::read(root, &name)? {
            texts.push(file.text().to_owned());
        }
        rules.referenced.push(name);
    }
    Ok(texts.join("\n"))
}

/// `package.module.attribute`, where the module's text says it.
pub(super) fn attribute_of(
    root: &Path,
    rules: &Setuptools,
    name: &str,
) -> Result<Option<module_text::Found>, Unsure> {
    let Some((module, attribute)) = name.trim().rsplit_once('.') else {
        return Ok(None);
    };
    let dir = python::module_path(root, rules, module);
    for path in [format!("{dir}.py"), format!("{dir}/__init__.py")] {
        if root.join(&path).is_file() {
            return Ok(module_text::attribute(root, &path, attribute)?);
        }
    }
    Ok(None)
}
