//! `pyproject.toml`: `[project]` (PEP 621, PEP 639) and how the declared backend would find the modules.

use super::{
    Found, Kind, Metadata,
    people::{self, Person},
};
use crate::{
    BuildError, SourceText,
    keys::{Keys, Problems},
    manifest::parse_toml,
    python::{PackageFinder, Selection},
};
use packyard_types::{CoreMetadata, ReleaseVersion};
use std::path::Path;
use toml::Spanned;

/// None where the file has no `[project]` table.
pub(super) fn read(root: &Path, file: &SourceText) -> Result<Option<Found>, BuildError> {
    let toml = parse_toml(file)?;
    let problems = Problems::default();
    let mut keys = Keys::new(file, &problems, "", 0..0, Some(toml.get_ref()));
    let mut project = keys.table("project");
    if !project.exists() {
        let backend = backend_name(&mut keys);
        return Ok(match backend.as_deref() {
            None | Some("setuptools.build_meta" | "setuptools.build_meta:__legacy__") => None,
            Some(other) => Some(Found::backend(format!("its metadata is in the hands of {other}"))),
        });
    }
    let dynamic = project.plain_strings("dynamic");
    let kind = kind(root, &mut keys, &dynamic);
    let metadata = metadata(root, file, project)?;
    match problems.into_inner() {
        none if none.is_empty() => Ok(Some(Found { metadata, kind })),
        found => Err(BuildError::Project(found)),
    }
}

fn backend_name(keys: &mut Keys<'_>) -> Option<String> {
    keys.table("build-system")
        .string("build-backend")
        .map(Spanned::into_inner)
}

/// Whether the modules can be found without the backend. Whatever would make its answer differ from ours hands the
/// project over to it.
fn kind(root: &Path, keys: &mut Keys<'_>, dynamic: &[String]) -> Kind {
    if !dynamic.is_empty() {
        return Kind::Backend(format!("{} is dynamic in pyproject.toml", dynamic.join(", ")));
    }
    let backend = backend_name(keys);
    let mut tool = keys.table("tool");
    match backend.as_deref() {
        None | Some("setuptools.build_meta" | "setuptools.build_meta:__legacy__") => {
            if let Some(file) = ["setup.py", "setup.cfg", "MANIFEST.in"]
                .iter()
                .find(|f| root.join(f).is_file())
            {
                return Kind::Backend(format!("{file} adds to pyproject.toml"));
            }
            setuptools(tool.table("setuptools"))
        }
        Some("hatchling.build") if !tool.table("hatch").has("build") => Kind::Static(Selection::Directory),
        Some("flit_core.buildapi") if !tool.has("flit") => Kind::Static(Selection::Directory),
        Some("uv_build") if !tool.table("uv").has("build-backend") => Kind::Static(Selection::Directory),
        Some(other) => Kind::Backend(format!("the build backend {other} has settings of its own")),
    }
}

/// `[tool.setuptools]`: packages as a list or `find`, package-dir, package-data, py-modules.
fn setuptools(mut keys: Keys<'_>) -> Kind {
    const KNOWN: [&str; 7] = [
        "packages",
        "package-dir",
        "package-data",
        "py-modules",
        "include-package-data",
        "zip-safe",
        "license-files",
    ];
    if let Some(other) = keys
        .names()
        .into_iter()
        .find(|name| !KNOWN.contains(&name.as_str()))
    {
        return Kind::Backend(format!(
            "`{other}` in [tool.setuptools] is for setuptools to read"
        ));
    }
    let moved = keys
        .table("package-dir")
        .pairs()
        .into_iter()
        .any(|(k, v)| !k.is_empty() || v.get_ref().concat() != "src");
    if moved {
        return Kind::Backend("`package-dir` in [tool.setuptools] moves packages".to_owned());
    }
    let packages_is_table = keys.value("packages").is_some_and(|v| v.get_ref().is_table());
    let finder = if packages_is_table {
        let mut find = keys.table("packages").table("find");
        PackageFinder::Find {
            roots: Some(find.plain_strings("where"))
                .filter(|w| !w.is_empty())
                .unwrap_or_else(|| vec![".".into()]),
            include: Some(find.plain_strings("include"))
                .filter(|i| !i.is_empty())
                .unwrap_or_else(|| vec!["*".into()]),
            exclude: find.plain_strings("exclude"),
            namespaces: find.flag("namespaces").unwrap_or(true),
        }
    } else if keys.has("packages") || keys.has("py-modules") {
        PackageFinder::Listed(keys.plain_strings("packages"))
    } else {
        PackageFinder::Automatic
    };
    let pairs = |keys: Keys<'_>| {
        keys.pairs()
            .into_iter()
            .map(|(k, v)| (k, v.into_inner()))
            .collect::<Vec<_>>()
    };
    Kind::Static(Selection::Setuptools {
        finder,
        package_dir: pairs(keys.table("package-dir"))
            .into_iter()
            .map(|(k, v)| (k, v.concat()))
            .collect(),
        modules: keys.plain_strings("py-modules"),
        data: pairs(keys.table("package-data")).into_iter().collect(),
    })
}

fn metadata(root: &Path, file: &SourceText, mut keys: Keys<'_>) -> Result<Metadata, BuildError> {
    let plain = |value: Option<Spanned<String>>| value.map(Spanned::into_inner);
    let name = keys.required("name");
    let version = keys.string("version");
    if let Some(version) = &version
        && let Err(e) = ReleaseVersion::parse(version.get_ref())
    {
        keys.problem(
            version.span(),
            format!("`{}` is not a valid {}", e.value, e.noun),
            e.rule,
        );
    }
    let requires_python = keys.string("requires-python");
    let (author, author_email) = people::fields(&people(&mut keys, "authors"));
    let (maintainer, maintainer_email) = people::fields(&people(&mut keys, "maintainers"));
    let mut core = CoreMetadata {
        name: name.as_ref().map(|n| n.get_ref().clone()).unwrap_or_default(),
        version: version.as_ref().map(|v| v.get_ref().clone()).unwrap_or_default(),
        summary: plain(keys.string("description")),
        requires_python: requires_python.as_ref().map(|text| text.get_ref().clone()),
        keywords: Some(keys.plain_strings("keywords").join(",")).filter(|k| !k.is_empty()),
        classifiers: keys.plain_strings("classifiers"),
        requires_dist: requirements(&mut keys),
        project_urls: keys
            .table("urls")
            .pairs()
            .into_iter()
            .map(|(k, v)| (k, v.get_ref().concat()))
            .collect(),
        author,
        author_email,
        maintainer,
        maintainer_email,
        ..CoreMetadata::default()
    };
    license(root, &mut keys, &mut core)?;
    extras(&mut keys, &mut core);
    let readme = readme(root, &mut keys, &mut core)?;
    let metadata = Metadata {
        entry_points: entry_points(&mut keys),
        name_place: name.map(|n| file.place(n.span())),
        version_place: version.map(|v| file.place(v.span())),
        requires_python_place: requires_python.map(|text| file.place(text.span())),
        core,
        readme,
    };
    keys.has("import-names");
    keys.has("import-namespaces");
    keys.finish();
    Ok(metadata)
}

fn people(keys: &mut Keys<'_>, key: &'static str) -> Vec<Person> {
    let person = |mut keys: Keys<'_>| {
        let person = Person {
            name: keys.string("name").map(Spanned::into_inner),
            email: keys.string("email").map(Spanned::into_inner),
        };
        keys.finish();
        person
    };
    keys.tables(key).into_iter().map(person).collect()
}

/// A string is an SPDX expression (PEP 639); a table is the older form.
fn license(root: &Path, keys: &mut Keys<'_>, core: &mut CoreMetadata) -> Result<(), BuildError> {
    let value = keys.value("license");
    if value.is_some_and(|v| v.get_ref().is_table()) {
        let mut table = keys.table("license");
        let file = table.string("file").map(Spanned::into_inner);
        core.license = table.string("text").map(Spanned::into_inner);
        core.license_files.extend(file);
    } else if let Some(text) = keys.string("license") {
        if let Err(e) = spdx::Expression::parse(text.get_ref()) {
            let message = format!(
                "`{}` is not an SPDX licence expression: {}",
                text.get_ref(),
                e.reason
            );
            keys.problem(
                text.span(),
                message,
                "such as MIT, Apache-2.0 or MIT OR Apache-2.0",
            );
        }
        core.license_expression = Some(text.into_inner());
    }
    let said = keys.has("license-files");
    for pattern in keys.strings("license-files") {
        let found = crate::python::glob(root, pattern.get_ref())?;
        if found.is_empty() {
            let message = format!("no file matches `{}`", pattern.get_ref());
            keys.problem(pattern.span(), message, "name a file of the project");
        }
        core.license_files.extend(found);
    }
    if !said {
        core.license_files.extend(super::default_license_files(root)?);
    }
    core.license_files.sort();
    core.license_files.dedup();
    Ok(())
}

/// The requirements, each checked, as PEP 508 writes them.
fn requirements(keys: &mut Keys<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for text in keys.strings("dependencies") {
        out.extend(requirement(keys, &text));
    }
    out
}

fn requirement(keys: &Keys<'_>, text: &Spanned<String>) -> Option<String> {
    normal_requirement(text.get_ref())
        .map_err(|e| {
            let message = format!("`{}` is not a requirement: {e}", text.get_ref());
            keys.problem(
                text.span(),
                message,
                "such as `requests>=2` or `tomli; python_version < '3.11'`",
            );
        })
        .ok()
}

/// A requirement in its usual spelling; the marker stays as it was written.
pub(super) fn normal_requirement(text: &str) -> Result<String, String> {
    let mut parsed: pep508_rs::Requirement<pep508_rs::VerbatimUrl> = text
        .parse()
        .map_err(|e: pep508_rs::Pep508Error| e.message.to_string())?;
    if parsed.marker.is_true() {
        return Ok(parsed.to_string());
    }
    let marker = text
        .rsplit_once(';')
        .map_or("", |(_, marker)| marker.trim())
        .to_owned();
    parsed.marker = pep508_rs::MarkerTree::TRUE;
    Ok(format!("{parsed} ; {marker}"))
}

fn extras(keys: &mut Keys<'_>, core: &mut CoreMetadata) {
    for (extra, texts) in keys.table("optional-dependencies").pairs() {
        let name = packyard_types::ProjectName::parse(&extra).map_or(extra, String::from);
        for text in texts.get_ref() {
            let text = Spanned::new(texts.span(), text.clone());
            let Some(plain) = requirement(keys, &text) else {
                continue;
            };
            core.requires_dist.push(with_extra(&plain, &name));
        }
        core.provides_extra.push(name);
    }
}

/// `x ; marker` becomes `x ; (marker) and extra == 'name'`.
pub(super) fn with_extra(requirement: &str, extra: &str) -> String {
    match requirement.split_once(" ; ") {
        Some((head, marker)) if marker.contains(" or ") => {
            format!("{head} ; ({marker}) and extra == '{extra}'")
        }
        Some((head, marker)) => format!("{head} ; {marker} and extra == '{extra}'"),
        None => format!("{requirement} ; extra == '{extra}'"),
    }
}

/// A file, or a table of `file` or `text` and `content-type`.
fn readme(root: &Path, keys: &mut Keys<'_>, core: &mut CoreMetadata) -> Result<Option<String>, BuildError> {
    let is_table = keys.value("readme").is_some_and(|v| v.get_ref().is_table());
    let mut content_type = None;
    let file = if is_table {
        let mut table = keys.table("readme");
        content_type = table.string("content-type").map(Spanned::into_inner);
        core.description = table.string("text").map(Spanned::into_inner);
        let file = table.string("file");
        table.finish();
        file
    } else {
        keys.string("readme")
    };
    core.description_content_type = content_type
        .clone()
        .or(core.description.as_ref().map(|_| "text/plain".into()));
    let Some(file) = file else { return Ok(None) };
    match super::read(root, file.get_ref())? {
        Some(text) => core.description = Some(text.text().to_owned()),
        None => keys.problem(
            file.span(),
            format!("`{}` is not there", file.get_ref()),
            "name a file of the project",
        ),
    }
    let by_name = super::content_type(file.get_ref());
    core.description_content_type = content_type.or(Some(by_name.to_owned()));
    Ok(Some(file.into_inner()))
}

fn entry_points(keys: &mut Keys<'_>) -> super::EntryPoints {
    let mut points = super::EntryPoints::new();
    for (key, group) in [("scripts", "console_scripts"), ("gui-scripts", "gui_scripts")] {
        let pairs = keys.table(key).pairs();
        if !pairs.is_empty() {
            let pairs = pairs
                .into_iter()
                .map(|(name, value)| (name, value.into_inner().concat()));
            points.insert(group.to_owned(), pairs.collect());
        }
    }
    let mut groups = keys.table("entry-points");
    for name in groups.names() {
        let pairs = groups.table_named(&name).pairs();
        points.insert(
            name,
            pairs
                .into_iter()
                .map(|(k, v)| (k, v.into_inner().concat()))
                .collect(),
        );
    }
    points
}
