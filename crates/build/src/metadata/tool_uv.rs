//! `[tool.uv.build-backend]`. <https://docs.astral.sh/uv/reference/settings/#build-backend>

use super::project_table::{License, Project};
use crate::{
    keys::Keys,
    python::{Selection, Unsure, Uv, plain_path},
};
use packyard_types::ProjectName;
use std::path::Path;

const KNOWN: [&str; 8] = [
    "module-root",
    "module-name",
    "namespace",
    "data",
    "source-include",
    "source-exclude",
    "wheel-exclude",
    "default-excludes",
];

pub(super) fn read(root: &Path, tool: &mut Keys<'_>, project: &mut Project) -> Result<Selection, Unsure> {
    let mut keys = tool.table("uv").table("build-backend");
    if let Some(other) = keys
        .names()
        .into_iter()
        .find(|name| !KNOWN.contains(&name.as_str()))
    {
        return Err(Unsure::Backend(format!(
            "`{other}` in [tool.uv.build-backend] is for uv_build to read"
        )));
    }
    let default = match project.name.strip_suffix("-stubs") {
        Some(name) => format!("{}-stubs", normal(name)),
        None => normal(&project.name),
    };
    let mut modules = keys.plain_strings("module-name");
    if modules.is_empty() {
        modules.push(default);
    }
    let module_root = keys
        .string("module-root")
        .map_or("src".to_owned(), toml::Spanned::into_inner);
    let Some(module_root) = plain_path(&module_root) else {
        return Err(Unsure::Backend(
            "`module-root` in [tool.uv.build-backend] leaves the project".to_owned(),
        ));
    };
    let caches = if keys.flag("default-excludes").unwrap_or(true) {
        ["__pycache__", "*.pyc", "*.pyo"].map(str::to_owned).to_vec()
    } else {
        Vec::new()
    };
    let source_exclude = [caches, keys.plain_strings("source-exclude")].concat();
    let mut data = Vec::new();
    for (scheme, dir) in keys.table("data").string_pairs() {
        let Some(dir) = plain_path(dir.get_ref()).filter(|dir| root.join(dir).is_dir()) else {
            return Err(Unsure::Backend(format!(
                "`data` in [tool.uv.build-backend] is `{}`",
                dir.get_ref()
            )));
        };
        data.push((scheme.into_inner(), dir));
    }
    let mut referenced: Vec<String> = project
        .readme
        .as_ref()
        .and_then(|r| r.file.clone())
        .into_iter()
        .collect();
    if let Some(License::File(file, _)) = &project.license {
        referenced.push(file.clone());
    }
    Ok(Selection::Uv(Uv {
        root: module_root,
        modules,
        namespace: keys.flag("namespace").unwrap_or(false),
        data,
        wheel_exclude: [source_exclude.clone(), keys.plain_strings("wheel-exclude")].concat(),
        source_include: keys.plain_strings("source-include"),
        source_exclude,
        referenced,
    }))
}

fn normal(name: &str) -> String {
    ProjectName::parse(name).map_or(name.to_owned(), |name| name.in_filenames())
}
