//! `setup.py`, read and not run: a module of imports, constants and one `setup()` of literals and `find_packages()`.
//! Anything else is for the build backend.

use super::{
    Found, Kind, Metadata,
    literal::{self, Literal, Names},
};
use crate::{
    BuildError, Diagnostic, Place, SourceText,
    python::{PackageFinder, Selection},
};
use packyard_types::{CoreMetadata, ReleaseVersion};
use rustpython_ruff_python_ast::{Expr, ExprCall, Stmt};
use std::path::Path;

pub(super) fn read(root: &Path, file: &SourceText) -> Result<Found, BuildError> {
    let module = rustpython_ruff_python_parser::parse_module(file.text()).map_err(|e| {
        let span = e.location.start().to_usize()..e.location.end().to_usize();
        Diagnostic::new(format!("not valid Python: {}", e.error)).at(file.place(span))
    })?;
    if root.join("MANIFEST.in").is_file() {
        return Ok(Found::backend("MANIFEST.in adds to setup.py"));
    }
    let Some(arguments) = setup_arguments(&module.syntax().body) else {
        return Ok(Found::backend("setup.py is more than one setup() of literals"));
    };
    let mut reader = Reader {
        root,
        file,
        metadata: Metadata::default(),
        selection: Setuptools::default(),
    };
    for (key, value) in &arguments {
        if reader.argument(key, value).is_none() {
            return Ok(Found::backend(format!(
                "`{key}` in setup.py is not a plain literal that packyard knows"
            )));
        }
    }
    reader.finish()
}

/// The version, where the one `setup()` of the module states it as a literal, whatever else the module does.
pub(super) fn version(file: &SourceText) -> Option<(String, Place)> {
    let module = rustpython_ruff_python_parser::parse_module(file.text()).ok()?;
    let calls = module
        .syntax()
        .body
        .iter()
        .filter_map(|statement| match statement {
            Stmt::Expr(expression) => expression.value.as_call_expr(),
            _ => None,
        });
    let mut setups = calls.filter(|call| literal::function_name(&call.func) == Some("setup"));
    let setup = setups.next().filter(|_| setups.next().is_none())?;
    let is_version =
        |k: &&rustpython_ruff_python_ast::Keyword| k.arg.as_ref().is_some_and(|name| name == "version");
    let keyword = setup.arguments.keywords.iter().find(is_version)?;
    match literal::read(&keyword.value, &Names::new())? {
        Literal::Text(text, span) => Some((text, file.place(span))),
        _ => None,
    }
}

/// The keyword arguments of the one `setup()`, if the module is nothing but that.
fn setup_arguments(body: &[Stmt]) -> Option<Vec<(String, Literal)>> {
    let mut names = Names::new();
    let mut arguments = None;
    for statement in body {
        match statement {
            Stmt::Import(_) | Stmt::ImportFrom(_) => {}
            Stmt::Assign(assign) => {
                let [Expr::Name(name)] = &assign.targets[..] else {
                    return None;
                };
                names.insert(name.id.to_string(), literal::read(&assign.value, &names)?);
            }
            Stmt::Expr(expression) => match &*expression.value {
                Expr::StringLiteral(_) => {}
                Expr::Call(call) if arguments.is_none() => arguments = Some(keywords(call, &names)?),
                _ => return None,
            },
            _ => return None,
        }
    }
    arguments
}

fn keywords(call: &ExprCall, names: &Names) -> Option<Vec<(String, Literal)>> {
    if literal::function_name(&call.func) != Some("setup") || !call.arguments.args.is_empty() {
        return None;
    }
    let keyword = |k: &rustpython_ruff_python_ast::Keyword| {
        Some((k.arg.as_ref()?.to_string(), literal::read(&k.value, names)?))
    };
    call.arguments.keywords.iter().map(keyword).collect()
}

#[derive(Default)]
struct Setuptools {
    finder: Option<PackageFinder>,
    package_dir: Vec<(String, String)>,
    modules: Vec<String>,
    data: Vec<(String, Vec<String>)>,
}

struct Reader<'a> {
    root: &'a Path,
    file: &'a SourceText,
    metadata: Metadata,
    selection: Setuptools,
}

impl Reader<'_> {
    /// Takes one argument of `setup()`; none if it cannot be understood.
    fn argument(&mut self, key: &str, value: &Literal) -> Option<()> {
        if *value == Literal::Nothing {
            return Some(());
        }
        let place = match value {
            Literal::Text(_, span) => Some(self.file.place(span.clone())),
            _ => None,
        };
        let core = &mut self.metadata.core;
        match key {
            "name" => {
                core.name = value.text()?;
                self.metadata.name_place = place;
            }
            "version" => {
                core.version = value.text()?;
                self.metadata.version_place = place;
            }
            "description" => core.summary = Some(value.text()?),
            "long_description" => core.description = Some(value.text()?),
            "long_description_content_type" => core.description_content_type = Some(value.text()?),
            "author" => core.author = Some(value.text()?),
            "author_email" => core.author_email = Some(value.text()?),
            "maintainer" => core.maintainer = Some(value.text()?),
            "maintainer_email" => core.maintainer_email = Some(value.text()?),
            "url" => core.home_page = Some(value.text()?),
            "license" => core.license = Some(value.text()?),
            "license_files" => core.license_files = value.texts()?,
            "keywords" => core.keywords = Some(value.texts()?.join(",")),
            "classifiers" => core.classifiers = value.texts()?,
            "python_requires" => {
                core.requires_python = Some(value.text()?);
                self.metadata.requires_python_place = place;
            }
            "install_requires" => {
                let own = requirements(&value.texts()?)?;
                core.requires_dist.splice(0..0, own);
            }
            "extras_require" => self.extras(value)?,
            "project_urls" => core.project_urls = pairs(value)?,
            "entry_points" => self.entry_points(value)?,
            "packages" => self.selection.finder = Some(finder(value)?),
            "package_dir" => {
                let moved = pairs(value)?;
                let is_src = moved
                    .iter()
                    .all(|(package, dir)| package.is_empty() && dir == "src");
                self.selection.package_dir = is_src.then_some(moved)?;
            }
            "py_modules" => self.selection.modules = value.texts()?,
            "package_data" => {
                let lists = value.map()?.iter().map(|(k, v)| Some((k.clone(), v.texts()?)));
                self.selection.data = lists.collect::<Option<_>>()?;
            }
            "zip_safe" | "platforms" | "download_url" => {}
            "include_package_data" if *value == Literal::Flag(false) => {}
            _ => return None,
        }
        Some(())
    }

    fn extras(&mut self, value: &Literal) -> Option<()> {
        for (extra, list) in value.map()? {
            if extra.contains(':') {
                return None;
            }
            let name = packyard_types::ProjectName::parse(extra).ok()?.to_string();
            for requirement in requirements(&list.texts()?)? {
                self.metadata
                    .core
                    .requires_dist
                    .push(super::pyproject::with_extra(&requirement, &name));
            }
            self.metadata.core.provides_extra.push(name);
        }
        Some(())
    }

    fn entry_points(&mut self, value: &Literal) -> Option<()> {
        for (group, list) in value.map()? {
            let point = |text: String| {
                let (name, target) = text.split_once('=')?;
                Some((name.trim().to_owned(), target.trim().to_owned()))
            };
            let points = list.texts()?.into_iter().map(point).collect::<Option<_>>()?;
            self.metadata.entry_points.insert(group.clone(), points);
        }
        Some(())
    }

    fn finish(mut self) -> Result<Found, BuildError> {
        self.check()?;
        self.license()?;
        self.readme()?;
        let Setuptools {
            finder,
            package_dir,
            modules,
            data,
        } = self.selection;
        let listed = !modules.is_empty();
        let selection = Selection::Setuptools {
            finder: finder.unwrap_or(if listed {
                PackageFinder::Listed(Vec::new())
            } else {
                PackageFinder::Automatic
            }),
            package_dir: package_dir.into_iter().collect(),
            modules,
            data: data.into_iter().collect(),
        };
        Ok(Found {
            metadata: self.metadata,
            kind: Kind::Static(selection),
        })
    }

    fn check(&self) -> Result<(), BuildError> {
        let metadata = &self.metadata;
        if metadata.core.name.is_empty() {
            let problem = Diagnostic::new("setup() has no `name`").at(self.file.line(1));
            return Err(problem.hint("add name=\"…\"").into());
        }
        if let (Err(e), Some(place)) = (
            ReleaseVersion::parse(&metadata.core.version),
            &metadata.version_place,
        ) {
            let problem = Diagnostic::new(format!("`{}` is not a valid {}", e.value, e.noun));
            return Err(problem.at(place.clone()).hint(e.rule).into());
        }
        Ok(())
    }

    /// An SPDX expression goes into the field for one (PEP 639), unless classifiers say the licence too.
    fn license(&mut self) -> Result<(), BuildError> {
        let core = &mut self.metadata.core;
        let classified = core.classifiers.iter().any(|c| c.starts_with("License ::"));
        let is_spdx = |text: &String| spdx::Expression::parse(text).is_ok();
        if !classified && core.license.as_ref().is_some_and(is_spdx) {
            core.license_expression = core.license.take();
        }
        if core.license_files.is_empty() {
            core.license_files = super::default_license_files(self.root)?;
        }
        Ok(())
    }

    /// setuptools takes no readme by itself; an index shows nothing then, and `twine check --strict` refuses it.
    fn readme(&mut self) -> Result<(), BuildError> {
        self.metadata.readme = super::default_readme(self.root)?;
        let core: &mut CoreMetadata = &mut self.metadata.core;
        if core.description.is_some() {
            return Ok(());
        }
        if let Some(name) = &self.metadata.readme
            && let Some(text) = super::read(self.root, name)?
        {
            core.description = Some(text.text().to_owned());
            core.description_content_type = Some(super::content_type(name).to_owned());
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

fn pairs(value: &Literal) -> Option<Vec<(String, String)>> {
    value
        .map()?
        .iter()
        .map(|(key, value)| Some((key.clone(), value.text()?)))
        .collect()
}

fn requirements(texts: &[String]) -> Option<Vec<String>> {
    texts
        .iter()
        .map(|text| super::pyproject::normal_requirement(text).ok())
        .collect()
}
