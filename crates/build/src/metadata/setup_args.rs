//! The arguments of setuptools' `setup()`, wherever they are written: `setup.py` or `setup.cfg`.
//! <https://setuptools.pypa.io/en/latest/references/keywords.html>

use super::{
    Found, Kind, Metadata, Native, dialect,
    literal::Literal,
    requirement::{self, extra_name},
    tool_setuptools::every_package,
};
use crate::{
    BuildError, Diagnostic, Place, glob,
    python::{PackageFinder, Selection, Setuptools, Unsure, parse_entry_points, plain_path},
};
use packyard_types::ReleaseVersion;
use std::path::Path;

/// One argument.
#[derive(Debug, Clone)]
pub(super) struct Argument {
    pub key: String,
    pub value: Literal,
    /// Where the value stands.
    pub place: Option<Place>,
    /// Whether the file can be read without running it, in setuptools' eyes: what it says is not `Dynamic`.
    pub fixed: bool,
}

/// Which field of core metadata is `Dynamic` if its argument is said by code.
const DYNAMIC: [(&str, &str); 18] = [
    ("author", "author"),
    ("author_email", "author-email"),
    ("classifiers", "classifier"),
    ("long_description", "description"),
    ("long_description_content_type", "description-content-type"),
    ("download_url", "download-url"),
    ("url", "home-page"),
    ("keywords", "keywords"),
    ("license", "license"),
    ("maintainer", "maintainer"),
    ("maintainer_email", "maintainer-email"),
    ("platforms", "platform"),
    ("project_urls", "project-url"),
    ("extras_require", "provides-extra"),
    ("install_requires", "requires-dist"),
    ("python_requires", "requires-python"),
    ("description", "summary"),
    ("provides", "provides"),
];

/// Makes a project of the arguments; `file` is what messages name.
pub(super) fn project(root: &Path, file: &str, arguments: &[Argument]) -> Result<Found, BuildError> {
    let mut reader = Reader {
        root,
        metadata: Metadata::default(),
        rules: Setuptools::default(),
        says_files: false,
    };
    for argument in arguments {
        if argument.value == Literal::Nothing {
            continue;
        }
        if reader.argument(argument).is_none() {
            let reason = format!("`{}` in {file} is nothing that packyard can read", argument.key);
            return Ok(Found::backend(reason));
        }
        let dynamic = DYNAMIC
            .iter()
            .find(|(key, _)| *key == argument.key && !argument.fixed);
        let is_empty = matches!(&argument.value, Literal::Text(t, _) if t.is_empty())
            || matches!(&argument.value, Literal::List(l) if l.is_empty());
        if let Some((_, field)) = dynamic.filter(|_| !is_empty) {
            reader.metadata.core.dynamic.push((*field).to_owned());
        }
    }
    match reader.finish(file) {
        Ok(found) => Ok(found),
        Err(Unsure::Backend(reason)) => Ok(Found::backend(reason)),
        Err(Unsure::Wrong(error)) => Err(error),
    }
}

struct Reader<'a> {
    root: &'a Path,
    metadata: Metadata,
    rules: Setuptools,
    says_files: bool,
}

impl Reader<'_> {
    /// Takes one argument; none if it cannot be understood.
    fn argument(&mut self, argument: &Argument) -> Option<()> {
        let value = &argument.value;
        let core = &mut self.metadata.core;
        match argument.key.as_str() {
            "name" => {
                core.name = value.text()?;
                self.metadata.name_place.clone_from(&argument.place);
            }
            "version" => {
                core.version = value.text()?;
                self.metadata.version_place.clone_from(&argument.place);
            }
            "description" => core.summary = value.text()?.trim().lines().next().map(str::to_owned),
            "long_description" => core.description = Some(value.text()?),
            "long_description_content_type" => core.description_content_type = Some(value.text()?),
            "author" => core.author = Some(value.text()?),
            "author_email" => core.author_email = Some(value.text()?),
            "maintainer" => core.maintainer = Some(value.text()?),
            "maintainer_email" => core.maintainer_email = Some(value.text()?),
            "url" => core.home_page = Some(value.text()?),
            "download_url" => self.metadata.other.push(("Download-URL".into(), value.text()?)),
            "license" => core.license = Some(value.text()?).filter(|text| !text.is_empty()),
            "keywords" => core.keywords = Some(listed(value)?.join(",")).filter(|k| !k.is_empty()),
            "classifiers" => core.classifiers = value.texts()?,
            "python_requires" => {
                let text = value.text()?;
                text.parse::<pep440_rs::VersionSpecifiers>().ok()?;
                core.requires_python = Some(text);
                self.metadata.requires_python_place.clone_from(&argument.place);
            }
            "install_requires" => {
                let own = requirements(value)?;
                core.requires_dist
                    .splice(0..0, own.iter().map(requirement::Split::plain));
            }
            "extras_require" => self.extras(value)?,
            "project_urls" => core.project_urls = pairs(value)?,
            "platforms" => {
                let own = listed(value)?.into_iter().map(|p| ("Platform".to_owned(), p));
                self.metadata.other.extend(own);
            }
            "entry_points" => self.entry_points(value)?,
            "license_files" => {
                let mut files = Vec::new();
                for pattern in value.texts()? {
                    files.extend(glob::glob(self.root, &pattern).ok()?);
                }
                core.license_files = files;
                self.says_files = true;
            }
            key => self.files(key, value)?,
        }
        Some(())
    }

    /// Arguments about files.
    fn files(&mut self, key: &str, value: &Literal) -> Option<()> {
        let rules = &mut self.rules;
        match key {
            "packages" => rules.finder = finder(value)?,
            "package_dir" => rules.package_dir = pairs(value)?.into_iter().collect(),
            "py_modules" => rules.modules = value.texts()?,
            "package_data" => rules.data = every_package(lists(value)?.into_iter().collect()),
            "exclude_package_data" => rules.exclude_data = every_package(lists(value)?.into_iter().collect()),
            "include_package_data" => rules.include_data = *value == Literal::Flag(true),
            "scripts" => {
                let plain = value.texts()?.into_iter().map(|path| plain_path(&path));
                rules.scripts = plain.collect::<Option<_>>()?;
            }
            "data_files" => rules.data_files = lists(value)?,
            "referenced" => rules.referenced = value.texts()?,
            // Neither changes what is built; the last two are no longer known.
            "zip_safe" | "test_suite" | "tests_require" => {}
            _ => return None,
        }
        Some(())
    }

    fn extras(&mut self, value: &Literal) -> Option<()> {
        for (extra, list) in value.map()? {
            if extra.contains(':') {
                return None;
            }
            let name = extra_name(extra);
            for requirement in requirements(list)? {
                self.metadata
                    .core
                    .requires_dist
                    .push(requirement.with_extra(&name));
            }
            self.metadata.core.provides_extra.push(name);
        }
        Some(())
    }

    fn entry_points(&mut self, value: &Literal) -> Option<()> {
        if let Literal::Text(text, _) = value {
            self.metadata.entry_points = parse_entry_points(text);
            return Some(());
        }
        for (group, list) in value.map()? {
            let point = |text: String| {
                let (name, target) = text.split_once('=')?;
                Some((name.trim().to_owned(), target.trim().to_owned()))
            };
            let points = lines(list)?.into_iter().map(point).collect::<Option<_>>()?;
            self.metadata.entry_points.insert(group.clone(), points);
        }
        self.metadata.entry_points.retain(|_, points| !points.is_empty());
        Some(())
    }

    fn finish(mut self, file: &str) -> Result<Found, Unsure> {
        let metadata = &mut self.metadata;
        if metadata.core.name.is_empty() {
            return Err(Unsure::Backend(format!("{file} says no name")));
        }
        if let (Err(e), Some(place)) = (
            ReleaseVersion::parse(&metadata.core.version),
            &metadata.version_place,
        ) {
            let problem = Diagnostic::new(format!("`{}` is not a valid {}", e.value, e.noun));
            return Err(problem.at(place.clone()).hint(e.rule).into());
        }
        if !self.says_files {
            metadata.core.license_files = dialect::setuptools_license_files(self.root)?;
        }
        if !metadata.core.license_files.is_empty() {
            metadata.core.dynamic.push("license-file".to_owned());
        }
        "2.4".clone_into(&mut metadata.core.metadata_version);
        self.readme()?;
        Ok(Found {
            metadata: self.metadata,
            kind: Kind::Static(Box::new(Native {
                selection: Selection::Setuptools(self.rules),
                python_tag: "py3",
            })),
        })
    }

    /// setuptools takes no readme by itself; an index shows nothing then, and `twine check --strict` refuses it.
    fn readme(&mut self) -> Result<(), BuildError> {
        self.metadata.readme = super::default_readme(self.root)?;
        let core = &mut self.metadata.core;
        if core.description.is_some() {
            return Ok(());
        }
        if let Some(name) = &self.metadata.readme
            && let Some(text) = super::read(self.root, name)?
        {
            core.description = Some(text.text().to_owned());
            core.description_content_type = super::content_type(name).or(Some("text/plain".to_owned()));
        }
        Ok(())
    }
}

fn finder(value: &Literal) -> Option<PackageFinder> {
    let Literal::FindPackages {
        namespaces,
        arguments,
    } = value
    else {
        return value.texts().map(PackageFinder::Listed);
    };
    if arguments
        .keys()
        .any(|key| !["where", "exclude", "include"].contains(&key.as_str()))
    {
        return None;
    }
    let list = |key: &str, default: &[&str]| match arguments.get(key) {
        Some(value) => value.texts(),
        None => Some(default.iter().map(|s| (*s).to_owned()).collect()),
    };
    Some(PackageFinder::Find {
        roots: list("where", &["."])?,
        include: list("include", &["*"])?,
        exclude: list("exclude", &[])?,
        namespaces: *namespaces,
    })
}

/// Strings by name.
fn pairs(value: &Literal) -> Option<Vec<(String, String)>> {
    let pair = |(key, value): &(String, Literal)| Some((key.clone(), value.text()?));
    value.map()?.iter().map(pair).collect()
}

/// Lists of strings by name: a dictionary, or a list of pairs.
fn lists(value: &Literal) -> Option<Vec<(String, Vec<String>)>> {
    if let Literal::List(items) = value {
        let pair = |item: &Literal| match item {
            Literal::List(pair) => match &pair[..] {
                [Literal::Text(dir, _), files] => Some((dir.clone(), files.texts()?)),
                _ => None,
            },
            _ => None,
        };
        return items.iter().map(pair).collect();
    }
    let pair = |(key, value): &(String, Literal)| Some((key.clone(), value.texts()?));
    value.map()?.iter().map(pair).collect()
}

/// A list of strings; a string is a list with commas.
fn listed(value: &Literal) -> Option<Vec<String>> {
    match value {
        Literal::Text(text, _) => Some(text.split(',').map(|part| part.trim().to_owned()).collect()),
        other => other.texts(),
    }
}

/// A list of lines; a string is cut into them. Comments are none.
fn lines(value: &Literal) -> Option<Vec<String>> {
    let all = value.texts()?.join("\n");
    let lines = all
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    Some(lines.map(str::to_owned).collect())
}

fn requirements(value: &Literal) -> Option<Vec<requirement::Split>> {
    let split = |text: String| requirement::split(&text).ok();
    lines(value)?.into_iter().map(split).collect()
}
