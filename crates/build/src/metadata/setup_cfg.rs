//! `setup.cfg`: the declarative arguments of `setup()`.
//! <https://setuptools.pypa.io/en/latest/userguide/declarative_config.html>

use super::{
    Found,
    ini::{self, Value},
    literal::Literal,
    setup_args::{self, Argument},
    setup_py, tool_setuptools,
};
use crate::{
    BuildError, SourceText,
    python::{PackageFinder, Setuptools, Unsure},
};
use std::{collections::BTreeMap, path::Path};

/// Keys of `[metadata]` and the arguments that they are; of those with two names, both.
const METADATA: [(&str, &str, Form); 22] = [
    ("name", "name", Form::Text),
    ("version", "version", Form::Version),
    ("description", "description", Form::File),
    ("summary", "description", Form::File),
    ("long_description", "long_description", Form::File),
    (
        "long_description_content_type",
        "long_description_content_type",
        Form::Text,
    ),
    ("author", "author", Form::Text),
    ("author_email", "author_email", Form::Text),
    ("maintainer", "maintainer", Form::Text),
    ("maintainer_email", "maintainer_email", Form::Text),
    ("url", "url", Form::Text),
    ("home_page", "url", Form::Text),
    ("download_url", "download_url", Form::Text),
    ("license", "license", Form::Text),
    ("license_files", "license_files", Form::List),
    ("license_file", "license_files", Form::List),
    ("keywords", "keywords", Form::List),
    ("classifiers", "classifiers", Form::FileList),
    ("classifier", "classifiers", Form::FileList),
    ("platforms", "platforms", Form::List),
    ("platform", "platforms", Form::List),
    ("project_urls", "project_urls", Form::Pairs),
];
/// Keys of `[options]`.
const OPTIONS: [(&str, &str, Form); 9] = [
    ("packages", "packages", Form::Packages),
    ("package_dir", "package_dir", Form::Pairs),
    ("py_modules", "py_modules", Form::List),
    ("install_requires", "install_requires", Form::Requirements),
    ("python_requires", "python_requires", Form::Text),
    ("include_package_data", "include_package_data", Form::Flag),
    ("zip_safe", "zip_safe", Form::Flag),
    ("scripts", "scripts", Form::List),
    ("entry_points", "entry_points", Form::File),
];
/// Sections that setuptools itself reads, beside those; what they change is not followed.
const COMMANDS: [&str; 17] = [
    "global",
    "build",
    "build_py",
    "build_ext",
    "build_clib",
    "build_scripts",
    "bdist_wheel",
    "bdist",
    "sdist",
    "install",
    "install_lib",
    "install_data",
    "install_scripts",
    "install_egg_info",
    "dist_info",
    "wheel",
    "files",
];

/// Sections below `[options]` that are read.
const SECTIONS: [&str; 6] = [
    "extras_require",
    "entry_points",
    "package_data",
    "exclude_package_data",
    "data_files",
    "packages.find",
];

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    /// Text, or `file:` and names.
    File,
    FileList,
    /// Text, `file:` or `attr:`.
    Version,
    /// Lines, else parts between commas.
    List,
    /// Lines, else parts between semicolons, or `file:`.
    Requirements,
    Pairs,
    Flag,
    /// `find:`, `find_namespace:` or a list.
    Packages,
}

/// What the file adds to `[project]` of `pyproject.toml`, as a reason to ask the backend.
pub(super) fn adds(root: &Path) -> Result<Option<String>, BuildError> {
    let Some(file) = super::read(root, "setup.cfg")? else {
        return Ok(None);
    };
    let sections = ini::parse(&file)?;
    let adds =
        |name: &str| name == "metadata" || name.starts_with("options") || changes(name, &sections[name]);
    let section = sections.keys().find(|name| adds(name));
    Ok(section.map(|name| format!("[{name}] in setup.cfg adds to pyproject.toml")))
}

/// Whether a section of another command changes what is built. What setuptools writes into every sdist does not.
fn changes(name: &str, section: &BTreeMap<String, Value>) -> bool {
    let is_nothing =
        |value: &Value| ["", "0", "false"].contains(&value.text.trim().to_ascii_lowercase().as_str());
    let is_harmless = |(key, value): (&String, &Value)| match name {
        "egg_info" => {
            ["tag_build", "tag_date", "tag_svn_revision"].contains(&key.as_str()) && is_nothing(value)
        }
        "bdist_wheel" | "wheel" => key == "universal" && is_nothing(value),
        "sdist" => key == "formats",
        _ => false,
    };
    (COMMANDS.contains(&name) || name == "egg_info") && !section.iter().all(is_harmless)
}

/// The project of a setup.cfg, and of the setup.py beside it.
pub(super) fn read(root: &Path, file: &SourceText, setup: Option<&SourceText>) -> Result<Found, BuildError> {
    let sections = ini::parse(file)?;
    if let Some((name, _)) = sections.iter().find(|(name, section)| changes(name, section)) {
        return Ok(Found::backend(format!(
            "[{name}] in setup.cfg changes what setuptools builds"
        )));
    }
    let reader = Reader {
        root,
        file,
        sections: &sections,
    };
    let arguments = match reader.arguments() {
        Ok(arguments) => arguments,
        Err(Unsure::Backend(reason)) => return Ok(Found::backend(reason)),
        Err(Unsure::Wrong(error)) => return Err(error),
    };
    match setup {
        Some(setup) => setup_py::read(root, setup, arguments),
        None => setup_args::project(root, "setup.cfg", &arguments),
    }
}

struct Reader<'a> {
    root: &'a Path,
    file: &'a SourceText,
    sections: &'a ini::Sections,
}

impl Reader<'_> {
    fn arguments(&self) -> Result<Vec<Argument>, Unsure> {
        let mut out = Vec::new();
        let mut referenced = Vec::new();
        for (section, known) in [("metadata", &METADATA[..]), ("options", &OPTIONS[..])] {
            for (key, value) in self.sections.get(section).into_iter().flatten() {
                let Some((_, argument, form)) = known.iter().find(|(name, _, _)| name == key) else {
                    if key == "obsoletes" || key == "provides" || section == "options" {
                        return Err(Unsure::Backend(format!(
                            "`{key}` in setup.cfg is for setuptools to read"
                        )));
                    }
                    // setuptools passes over what it does not know.
                    continue;
                };
                let literal = self.literal(*form, value, &mut referenced)?;
                out.push(self.argument(argument, literal, Some(value)));
            }
        }
        for (section, argument, form) in [
            ("options.extras_require", "extras_require", Form::Requirements),
            ("options.entry_points", "entry_points", Form::List),
            ("options.package_data", "package_data", Form::List),
            ("options.exclude_package_data", "exclude_package_data", Form::List),
            ("options.data_files", "data_files", Form::List),
        ] {
            let Some(entries) = self.sections.get(section) else {
                continue;
            };
            let mut map = Vec::new();
            for (key, value) in entries {
                map.push((key.clone(), self.literal(form, value, &mut referenced)?));
            }
            out.push(self.argument(argument, Literal::Map(map), None));
        }
        let other = self
            .sections
            .keys()
            .filter_map(|name| name.strip_prefix("options."));
        if let Some(other) = other.into_iter().find(|name| !SECTIONS.contains(name)) {
            return Err(Unsure::Backend(format!(
                "[options.{other}] in setup.cfg is for setuptools to read"
            )));
        }
        let files = referenced
            .into_iter()
            .map(|name| Literal::Text(name, 0..0))
            .collect();
        out.push(self.argument("referenced", Literal::List(files), None));
        Ok(out)
    }

    fn argument(&self, key: &str, value: Literal, from: Option<&Value>) -> Argument {
        Argument {
            key: key.to_owned(),
            value,
            place: from.map(|value| self.file.place(value.span.clone())),
            fixed: key != "download_url",
        }
    }

    fn literal(&self, form: Form, value: &Value, referenced: &mut Vec<String>) -> Result<Literal, Unsure> {
        let text = value.text.trim();
        let plain = |text: &str| Literal::Text(text.to_owned(), value.span.clone());
        let list = |text: &str, separator: char| {
            let parts: Vec<&str> = if text.contains('\n') {
                text.lines().collect()
            } else {
                text.split(separator).collect()
            };
            let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
            Literal::List(parts.map(plain).collect())
        };
        Ok(match form {
            Form::Text if text.starts_with("file:") => {
                return Err(Unsure::Backend(
                    "`file:` in setup.cfg where none is read".to_owned(),
                ));
            }
            Form::Text => plain(text),
            Form::File => plain(&self.text(text, referenced)?),
            Form::FileList => list(&self.text(text, referenced)?, ','),
            Form::Requirements => list(&self.text(text, referenced)?, ';'),
            Form::List => list(text, ','),
            Form::Flag => Literal::Flag(["1", "true", "yes"].contains(&text.to_ascii_lowercase().as_str())),
            Form::Version => self.version(text, value, referenced)?,
            Form::Packages => self.packages(text).unwrap_or_else(|| list(text, ',')),
            Form::Pairs => {
                let pairs = list(text, ',').texts().unwrap_or_default();
                let pair = |line: String| {
                    let (key, value) = line.split_once('=')?;
                    Some((key.trim().to_owned(), plain(value.trim())))
                };
                let pairs: Option<Vec<_>> = pairs.into_iter().map(pair).collect();
                Literal::Map(
                    pairs.ok_or_else(|| {
                        Unsure::Backend(format!("`{text}` in setup.cfg is no list of pairs"))
                    })?,
                )
            }
        })
    }

    /// A text, or what the files hold that `file:` names.
    fn text(&self, text: &str, referenced: &mut Vec<String>) -> Result<String, Unsure> {
        let Some(names) = text.strip_prefix("file:") else {
            return Ok(text.to_owned());
        };
        let mut texts = Vec::new();
        for name in names.split(',').map(str::trim) {
            if let Some(file) = super::read(self.root, name)? {
                texts.push(file.text().to_owned());
                referenced.push(name.to_owned());
            }
        }
        Ok(texts.join("\n"))
    }

    fn version(&self, text: &str, value: &Value, referenced: &mut Vec<String>) -> Result<Literal, Unsure> {
        let Some(attribute) = text.strip_prefix("attr:") else {
            let text = self.text(text, referenced)?;
            return Ok(Literal::Text(text.trim().to_owned(), value.span.clone()));
        };
        let mut rules = Setuptools::default();
        let options = self.sections.get("options");
        if let Some(dirs) = options.and_then(|o| o.get("package_dir")) {
            let pairs = self.literal(Form::Pairs, dirs, referenced)?;
            let pairs = pairs.map().unwrap_or_default().iter();
            rules.package_dir = pairs.filter_map(|(k, v)| Some((k.clone(), v.text()?))).collect();
        }
        if let Some(packages) = options.and_then(|o| o.get("packages")) {
            rules.finder = PackageFinder::Listed(Vec::new());
            if packages.text.trim().starts_with("find") {
                let roots = self.find_key("where").unwrap_or_else(|| vec![".".to_owned()]);
                rules.finder = PackageFinder::Find {
                    roots,
                    include: Vec::new(),
                    exclude: Vec::new(),
                    namespaces: false,
                };
            }
        }
        match tool_setuptools::attribute_of(self.root, &rules, attribute)? {
            Some((version, _)) => Ok(Literal::Text(version, value.span.clone())),
            None => Err(Unsure::Backend(format!("`{}` is no literal", attribute.trim()))),
        }
    }

    fn find_key(&self, key: &str) -> Option<Vec<String>> {
        let value = self.sections.get("options.packages.find")?.get(key)?;
        let list = self.literal(Form::List, value, &mut Vec::new()).ok()?.texts()?;
        (!list.is_empty()).then_some(list)
    }

    fn packages(&self, text: &str) -> Option<Literal> {
        let namespaces = match text {
            "find:" => false,
            "find_namespace:" => true,
            _ => return None,
        };
        let list =
            |texts: Vec<String>| Literal::List(texts.into_iter().map(|t| Literal::Text(t, 0..0)).collect());
        let arguments = ["where", "include", "exclude"].into_iter().filter_map(|key| {
            let mut found = self.find_key(key)?;
            if key == "where" {
                found.truncate(1);
            }
            Some((key.to_owned(), list(found)))
        });
        Some(Literal::FindPackages {
            namespaces,
            arguments: arguments.collect(),
        })
    }
}
