//! `[project]` of `pyproject.toml`, before a build backend makes core metadata of it.
//! <https://packaging.python.org/en/latest/specifications/pyproject-toml/> (PEP 621, 639, 794).

use super::{EntryPoints, Meant, people::Person, requirement};
use crate::{BuildError, Place, SourceText, glob, keys::Keys, nearest::nearest};
use packyard_types::{ProjectName, ReleaseVersion};
use std::path::Path;
use toml::Spanned;

/// What the table says.
#[derive(Debug, Clone, Default)]
pub(super) struct Project {
    pub name: String,
    pub name_place: Option<Place>,
    pub version: Option<String>,
    pub version_place: Option<Place>,
    pub summary: Option<String>,
    pub readme: Option<Readme>,
    pub requires_python: Option<String>,
    pub requires_python_place: Option<Place>,
    pub license: Option<License>,
    /// What `license-files` stands for, where it is there.
    pub license_files: Option<Vec<String>>,
    pub keywords: Vec<String>,
    pub classifiers: Vec<String>,
    pub urls: Vec<(String, String)>,
    pub authors: Vec<Person>,
    pub maintainers: Vec<Person>,
    /// Requirements, checked and as they were written.
    pub dependencies: Vec<String>,
    /// The same by extra, as it was written.
    pub extras: Vec<(String, Vec<String>)>,
    pub entry_points: EntryPoints,
    pub import_names: Option<Vec<String>>,
    pub import_namespaces: Option<Vec<String>>,
    /// What is left to the backend.
    pub dynamic: Vec<String>,
}

/// The long description.
#[derive(Debug, Clone, Default)]
pub(super) struct Readme {
    pub file: Option<String>,
    pub text: String,
    pub content_type: Option<String>,
}

/// The licence, in its three forms.
#[derive(Debug, Clone)]
pub(super) enum License {
    /// An SPDX expression (PEP 639).
    Expression(String),
    /// `{text = …}`.
    Text(String),
    /// `{file = …}`: its name and what it holds.
    File(String, String),
}

/// Every key that `dynamic` may name.
const FIELDS: [&str; 17] = [
    "version",
    "description",
    "readme",
    "requires-python",
    "license",
    "license-files",
    "authors",
    "maintainers",
    "keywords",
    "classifiers",
    "urls",
    "scripts",
    "gui-scripts",
    "entry-points",
    "dependencies",
    "optional-dependencies",
    "import-names",
];

/// Reads the table; what is wrong is added to the problems of `keys`. `lenient` is for a backend that passes over keys
/// that the specification does not know, and over licence classifiers beside an expression.
pub(super) fn read(
    root: &Path,
    file: &SourceText,
    mut keys: Keys<'_>,
    lenient: bool,
) -> Result<Project, BuildError> {
    let mut project = Project::default();
    identity(file, &mut keys, &mut project);
    project.summary = keys.string("description").map(Spanned::into_inner);
    if let Some(text) = requires_python(&mut keys) {
        project.requires_python_place = Some(file.place(text.span()));
        project.requires_python = Some(text.into_inner());
    }
    project.readme = readme(root, &mut keys)?;
    project.license = license(root, &mut keys)?;
    let files_table = lenient
        && keys
            .value("license-files")
            .is_some_and(|v| v.get_ref().is_table());
    if !files_table {
        project.license_files = license_files(root, &mut keys, project.license.as_ref())?;
    }
    project.keywords = keys.plain_strings("keywords");
    project.classifiers = classifiers(&mut keys, project.license.as_ref().filter(|_| !lenient));
    let urls = keys.table("urls").string_pairs();
    project.urls = urls
        .into_iter()
        .map(|(k, v)| (k.into_inner(), v.into_inner()))
        .collect();
    project.authors = people(&mut keys, "authors");
    project.maintainers = people(&mut keys, "maintainers");
    for text in keys.strings("dependencies") {
        project.dependencies.extend(checked(&keys, &text));
    }
    extras(&mut keys, &mut project);
    project.entry_points = super::entry_points::read(&mut keys);
    let list = |keys: &mut Keys<'_>, key| keys.has(key).then(|| keys.plain_strings(key));
    project.import_names = list(&mut keys, "import-names");
    project.import_namespaces = list(&mut keys, "import-namespaces");
    project.dynamic = dynamic(&mut keys);
    if files_table {
        // An older form, for the backend to read.
        project.dynamic.push("license-files".to_owned());
    }
    if lenient {
        keys.finish_near();
    } else {
        keys.finish();
    }
    Ok(project)
}

fn identity(file: &SourceText, keys: &mut Keys<'_>, project: &mut Project) {
    if let Some(name) = keys.required("name") {
        if let Err(e) = ProjectName::parse(name.get_ref()) {
            keys.problem(
                name.span(),
                format!("`{}` is not a valid {}", e.value, e.noun),
                e.rule,
            );
        }
        project.name_place = Some(file.place(name.span()));
        project.name = name.into_inner();
    }
    if let Some(version) = keys.string("version") {
        if let Err(e) = ReleaseVersion::parse(version.get_ref()) {
            keys.problem(
                version.span(),
                format!("`{}` is not a valid {}", e.value, e.noun),
                e.rule,
            );
        }
        project.version_place = Some(file.place(version.span()));
        project.version = Some(version.into_inner());
    }
}

fn requires_python(keys: &mut Keys<'_>) -> Option<Spanned<String>> {
    let text = keys.string("requires-python")?;
    if let Err(e) = text.get_ref().parse::<pep440_rs::VersionSpecifiers>() {
        let message = format!(
            "`{}` says no versions of Python: {}",
            text.get_ref(),
            first_line(&e.to_string())
        );
        keys.problem(text.span(), message, "such as `>=3.9`");
    }
    Some(text)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("").trim_end_matches(':').to_owned()
}

fn dynamic(keys: &mut Keys<'_>) -> Vec<String> {
    let mut out = Vec::new();
    for field in keys.strings("dynamic") {
        let name = field.get_ref().as_str();
        if !FIELDS.contains(&name) && name != "import-namespaces" {
            let hint = match (name, nearest(name, FIELDS.into_iter())) {
                ("name", _) => "the name is always written out".to_owned(),
                (_, Some(near)) => format!("did you mean `{near}`?"),
                _ => "remove it".to_owned(),
            };
            keys.problem(field.span(), format!("`{name}` cannot be dynamic"), hint);
        } else if keys.names().iter().any(|key| key == name) {
            let message = format!("`{name}` is dynamic, and [project] says it as well");
            keys.problem(field.span(), message, "keep one of them");
        }
        out.push(field.into_inner());
    }
    out
}

fn people(keys: &mut Keys<'_>, key: &'static str) -> Vec<Person> {
    let person = |mut keys: Keys<'_>| {
        let (name, email) = (keys.string("name"), keys.string("email"));
        if name.is_none() && email.is_none() && keys.names().is_empty() {
            keys.problem(
                keys.span(),
                format!("nobody is named in `{key}`"),
                "add a `name` or an `email`",
            );
        }
        if let Some(email) = email.as_ref().filter(|email| !email.get_ref().contains('@')) {
            let message = format!("`{}` is no mail address", email.get_ref());
            keys.problem(email.span(), message, "such as `name@example.org`");
        }
        keys.finish();
        Person {
            name: name.map(Spanned::into_inner),
            email: email.map(Spanned::into_inner),
        }
    };
    keys.tables(key).into_iter().map(person).collect()
}

/// A string is an SPDX expression; a table is the older form.
fn license(root: &Path, keys: &mut Keys<'_>) -> Result<Option<License>, BuildError> {
    if !keys.value("license").is_some_and(|v| v.get_ref().is_table()) {
        let Some(text) = keys.string("license") else {
            return Ok(None);
        };
        let usual = super::spdx::usual(text.get_ref());
        if let Err(reason) = &usual {
            let message = format!("`{}` is not an SPDX licence expression: {reason}", text.get_ref());
            let hint = match super::meant(text.get_ref()) {
                Meant::Id(id) => format!("write `{id}`"),
                Meant::OneOf(ids) => format!("write {}", ids.join(" or ")),
                Meant::Unknown => "such as MIT, Apache-2.0 or MIT OR Apache-2.0".to_owned(),
            };
            keys.problem(text.span(), message, hint);
        }
        return Ok(Some(License::Expression(
            usual.unwrap_or_else(|_| text.into_inner()),
        )));
    }
    let mut table = keys.table("license");
    let (file, text) = (table.string("file"), table.string("text"));
    if file.is_some() == text.is_some() && table.names().iter().all(|name| name == "file" || name == "text") {
        table.problem(
            table.span(),
            "[project.license] needs one of `file` and `text`",
            "or write an SPDX expression",
        );
    }
    table.finish();
    let Some(file) = file else {
        return Ok(text.map(|text| License::Text(text.into_inner())));
    };
    match super::read(root, file.get_ref())? {
        Some(content) => Ok(Some(License::File(file.into_inner(), content.text().to_owned()))),
        None => {
            not_there(keys, &file);
            Ok(None)
        }
    }
}

fn not_there(keys: &Keys<'_>, file: &Spanned<String>) {
    let message = format!("`{}` is not there", file.get_ref());
    keys.problem(file.span(), message, "name a file of the project");
}

fn license_files(
    root: &Path,
    keys: &mut Keys<'_>,
    license: Option<&License>,
) -> Result<Option<Vec<String>>, BuildError> {
    let Some(value) = keys.value("license-files") else {
        return Ok(None);
    };
    if matches!(license, Some(License::Text(_) | License::File(..))) {
        let hint = "write `license` as an SPDX expression";
        keys.problem(
            value.span(),
            "`license-files` does not go together with `license` as a table",
            hint,
        );
    }
    if value.get_ref().is_table() {
        keys.problem(
            value.span(),
            "`license-files` must be a list of patterns, not a table",
            "such as [\"LICENSE*\"]",
        );
        return Ok(None);
    }
    let mut files = Vec::new();
    for pattern in keys.strings("license-files") {
        let plain = pattern.get_ref();
        if plain.starts_with('/') || plain.split('/').any(|part| part == "..") {
            let message = format!("the licence file `{plain}` is not in the project");
            keys.problem(pattern.span(), message, "name a file of the project");
            continue;
        }
        let found = glob::glob(root, plain)?;
        if found.is_empty() {
            keys.problem(
                pattern.span(),
                format!("no file matches `{plain}`"),
                "name a file of the project",
            );
        }
        files.extend(found);
    }
    Ok(Some(files))
}

/// A licence expression makes licence classifiers wrong (PEP 639).
fn classifiers(keys: &mut Keys<'_>, license: Option<&License>) -> Vec<String> {
    let all = keys.strings("classifiers");
    let own = all.iter().find(|c| c.get_ref().starts_with("License :: "));
    if let (Some(classifier), Some(License::Expression(expression))) = (own, license) {
        let message = format!("`{}` says again what `license` says", classifier.get_ref());
        keys.problem(
            classifier.span(),
            message,
            format!("remove it: `license = \"{expression}\"` is enough"),
        );
    }
    all.into_iter().map(Spanned::into_inner).collect()
}

fn checked(keys: &Keys<'_>, text: &Spanned<String>) -> Option<String> {
    let Err(problem) = requirement::split(text.get_ref()) else {
        return Some(text.get_ref().clone());
    };
    let message = format!(
        "`{}` is not a requirement: {}",
        text.get_ref(),
        first_line(&problem)
    );
    keys.problem(
        text.span(),
        message,
        "such as `requests>=2` or `tomli; python_version < '3.11'`",
    );
    None
}

fn extras(keys: &mut Keys<'_>, project: &mut Project) {
    let mut seen: Vec<String> = Vec::new();
    for (extra, texts) in keys.table("optional-dependencies").string_lists() {
        let name = requirement::extra_name(extra.get_ref());
        if seen.contains(&name) {
            let message = format!("`{}` is the same extra as one above", extra.get_ref());
            keys.problem(extra.span(), message, "keep one of them");
        }
        seen.push(name);
        let list = texts.iter().filter_map(|text| checked(keys, text)).collect();
        project.extras.push((extra.into_inner(), list));
    }
}

/// A file, or a table of `file` or `text` and `content-type`.
fn readme(root: &Path, keys: &mut Keys<'_>) -> Result<Option<Readme>, BuildError> {
    let mut readme = Readme::default();
    let file = if keys.value("readme").is_some_and(|v| v.get_ref().is_table()) {
        let mut table = keys.table("readme");
        let (file, text) = (table.string("file"), table.string("text"));
        let kind = table.required("content-type");
        if file.is_some() == text.is_some() {
            table.problem(
                table.span(),
                "[project.readme] needs one of `file` and `text`",
                "name the file",
            );
        }
        table.finish();
        readme.content_type = kind.map(Spanned::into_inner);
        readme.text = text.map(Spanned::into_inner).unwrap_or_default();
        file
    } else {
        let Some(file) = keys.string("readme") else {
            return Ok(None);
        };
        readme.content_type = super::content_type(file.get_ref());
        Some(file)
    };
    if let Some(file) = file {
        match super::read(root, file.get_ref())? {
            Some(text) => text.text().clone_into(&mut readme.text),
            None => not_there(keys, &file),
        }
        readme.file = Some(file.into_inner());
    }
    Ok(Some(readme))
}
