//! `[tool.flit]`: the module, what else goes into the sdist, data, and the version and summary from the module itself.

use super::{dialect::Dialect, module_text, native::take_dynamic, project_table::Project};
use crate::{
    BuildError,
    keys::Keys,
    python::{Flit, Selection, Unsure, flit_module, plain_path},
};
use packyard_types::ReleaseVersion;
use std::path::Path;
use toml::Spanned;

pub(super) fn read(
    root: &Path,
    tool: &mut Keys<'_>,
    project: &mut Project,
    dialect: Dialect,
) -> Result<Selection, Unsure> {
    let mut keys = tool.table("flit");
    if ["metadata", "scripts", "entrypoints"]
        .iter()
        .any(|key| keys.names().iter().any(|n| n == key))
    {
        return Err(Unsure::Backend("[tool.flit] says metadata of its own".to_owned()));
    }
    let default = match project.name.strip_suffix("-stubs") {
        Some(name) => format!("{}-stubs", name.replace('-', "_")),
        None => project.name.replace('-', "_"),
    };
    let module = keys
        .table("module")
        .string("name")
        .map_or(default, Spanned::into_inner);
    let data = keys
        .table("external-data")
        .string("directory")
        .map(Spanned::into_inner);
    let data = match data {
        Some(dir) => match plain_path(&dir).filter(|plain| !plain.is_empty() && root.join(plain).is_dir()) {
            Some(plain) => Some(plain),
            None => {
                return Err(Unsure::Backend(format!(
                    "`external-data` of [tool.flit] is `{dir}`"
                )));
            }
        },
        None => None,
    };
    let mut sdist = keys.table("sdist");
    let mut exclude = vec!["**/__pycache__".to_owned(), "**.pyc".to_owned()];
    exclude.extend(sdist.plain_strings("exclude"));
    let include = sdist.plain_strings("include");
    from_module(root, project, &module)?;
    if dialect == Dialect::Flit4 {
        import_names(project, &module);
    }
    let readme = project.readme.as_ref().and_then(|readme| readme.file.clone());
    Ok(Selection::Flit(Flit {
        module,
        data,
        include,
        exclude,
        referenced: readme.into_iter().collect(),
    }))
}

/// The version and the summary where they are dynamic. Later files go over earlier ones.
fn from_module(root: &Path, project: &mut Project, name: &str) -> Result<(), Unsure> {
    let (version, summary) = (
        take_dynamic(project, "version"),
        take_dynamic(project, "description"),
    );
    if !version && !summary {
        return Ok(());
    }
    let module = flit_module(root, name)?;
    if version {
        let Some((text, place)) = version_of(root, &module.path, module.is_package)? else {
            return Err(Unsure::Backend(format!("`__version__` of {name} is no literal")));
        };
        let Ok(parsed) = ReleaseVersion::parse(&text) else {
            return Err(Unsure::Backend(format!("`__version__` of {name} is `{text}`")));
        };
        project.version = Some(parsed.to_string());
        project.version_place = Some(place);
    }
    if summary {
        let Some(line) = module_text::docstring_line(root, &module.file())? else {
            return Err(Unsure::Backend(format!(
                "{name} has no docstring that is a literal"
            )));
        };
        project.summary = Some(line);
    }
    Ok(())
}

fn version_of(root: &Path, path: &str, is_package: bool) -> Result<Option<module_text::Found>, BuildError> {
    if !is_package {
        return module_text::attribute(root, path, "__version__");
    }
    // The files that say it best come last; of those, the package's own.
    for name in ["__init__.py", "version.py", "_version.py", "__version__.py"] {
        let found = module_text::attribute(root, &format!("{path}/{name}"), "__version__")?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// What is imported is known, and flit-core 4 says it (PEP 794).
fn import_names(project: &mut Project, module: &str) {
    take_dynamic(project, "import-names");
    take_dynamic(project, "import-namespaces");
    if project.import_names.is_none() {
        project.import_names = Some(vec![module.to_owned()]);
    }
    if project.import_namespaces.is_none() {
        let above = module.match_indices('.').map(|(i, _)| module[..i].to_owned());
        project.import_namespaces = Some(above.collect());
    }
}
