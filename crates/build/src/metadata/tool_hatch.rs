//! `[tool.hatch]`: the build targets and the source of the version.

use super::{
    module_text,
    native::{own_readme, take_dynamic},
    project_table::Project,
    text::parse_core,
};
use crate::{
    keys::Keys,
    python::{Hatchling, Selection, Target, Unsure, plain_path},
};
use packyard_types::ProjectName;
use std::path::Path;
use toml::Spanned;

/// Keys of a target that packyard follows, or that do not matter to what a package holds.
const KNOWN: [&str; 24] = [
    "include",
    "exclude",
    "artifacts",
    "packages",
    "only-include",
    "sources",
    "force-include",
    "ignore-vcs",
    "only-packages",
    "skip-excluded-dirs",
    "shared-data",
    "shared-scripts",
    "targets",
    "reproducible",
    "directory",
    "dev-mode-dirs",
    "dev-mode-exact",
    "dependencies",
    "require-runtime-dependencies",
    "require-runtime-features",
    "support-legacy",
    "strict-naming",
    "macos-max-compat",
    "versions",
];

pub(super) fn read(root: &Path, tool: &mut Keys<'_>, project: &mut Project) -> Result<Selection, Unsure> {
    let unsure = |reason: &str| Err(Unsure::Backend(reason.to_owned()));
    if root.join("hatch.toml").is_file() || root.join("hatch_build.py").is_file() {
        return unsure("hatch.toml or hatch_build.py adds to pyproject.toml");
    }
    let mut keys = tool.table("hatch");
    from_sdist(root, project)?;
    let mut metadata = keys.table("metadata");
    let hooks = metadata.table("hooks").exists();
    if super::requirement::name_themselves(&project.name, &project.extras) {
        return unsure("an extra asks for another one, which hatchling spells out");
    }
    let references = project
        .dependencies
        .iter()
        .chain(project.extras.iter().flat_map(|(_, list)| list));
    if metadata.flag("allow-direct-references") != Some(true)
        && references.into_iter().any(|text| text.contains('@'))
    {
        return unsure("hatchling wants to be told of requirements that are URLs");
    }
    version(root, keys.table("version"), project)?;
    if hooks && !project.dynamic.is_empty() {
        return unsure("[tool.hatch.metadata.hooks] adds metadata");
    }
    let mut build = keys.table("build");
    if build.has("hooks") {
        return unsure("[tool.hatch.build.hooks] runs code");
    }
    let common = Raw::read(&mut build)?;
    let mut targets = build.table("targets");
    let (mut wheel, mut sdist) = (targets.table("wheel"), targets.table("sdist"));
    let (wheel_raw, sdist_raw) = (Raw::read(&mut wheel)?, Raw::read(&mut sdist)?);
    let plain = |c: char| {
        if c.is_alphanumeric() || "._".contains(c) {
            c
        } else {
            '_'
        }
    };
    let mut names: Vec<String> = vec![project.name.chars().map(plain).collect()];
    names.extend(
        ProjectName::parse(&project.name)
            .ok()
            .map(|name| name.in_filenames()),
    );
    names.dedup();
    let mut shared = Vec::new();
    for (key, scheme) in [("shared-data", "data"), ("shared-scripts", "scripts")] {
        for (from, to) in wheel.table(key).string_pairs() {
            let (Some(from), Some(to)) = (plain_path(from.get_ref()), plain_path(to.get_ref())) else {
                return Err(Unsure::Backend(format!(
                    "`{key}` in [tool.hatch.build] leaves the project"
                )));
            };
            shared.push((scheme, from, to));
        }
    }
    let readme = project.readme.as_ref().and_then(|readme| readme.file.clone());
    Ok(Selection::Hatchling(Hatchling {
        wheel: wheel_raw.over(&common),
        sdist: sdist_raw.over(&common),
        names,
        shared,
        referenced: readme.into_iter().collect(),
    }))
}

/// What an sdist's PKG-INFO says of a dynamic field is taken from there.
fn from_sdist(root: &Path, project: &mut Project) -> Result<(), Unsure> {
    let Some(info) = super::read(root, "PKG-INFO")? else {
        return Ok(());
    };
    let core = parse_core(info.text());
    if !core.version.is_empty() && take_dynamic(project, "version") {
        project.version = Some(core.version);
    }
    if let Some(text) = core.description.filter(|_| take_dynamic(project, "readme")) {
        project.readme = Some(own_readme(text, core.description_content_type));
    }
    Ok(())
}

/// The version from a file, by hatchling's usual pattern.
fn version(root: &Path, mut keys: Keys<'_>, project: &mut Project) -> Result<(), Unsure> {
    if !project.dynamic.iter().any(|field| field == "version") {
        return Ok(());
    }
    let source = keys.string("source").map(Spanned::into_inner);
    let path = keys.string("path");
    let plain = source.as_deref().is_none_or(|source| source == "regex") && !keys.has("pattern");
    let (true, Some(path)) = (plain, path) else {
        let source = source.unwrap_or_else(|| "pattern".to_owned());
        return Err(Unsure::Backend(format!(
            "the version comes from `{source}` in [tool.hatch.version]"
        )));
    };
    let Some(file) = super::read(root, path.get_ref())? else {
        keys.problem(
            path.span(),
            format!("`{}` is not there", path.get_ref()),
            "name the file that says `__version__ = \"…\"`",
        );
        return Ok(());
    };
    let Some((version, place)) = module_text::version_line(&file) else {
        keys.problem(
            path.span(),
            format!("`{}` says no version", path.get_ref()),
            "write `__version__ = \"…\"` into it",
        );
        return Ok(());
    };
    take_dynamic(project, "version");
    project.version = Some(version);
    project.version_place = Some(place);
    Ok(())
}

/// The keys of one table; what is not said there is said in the table above.
#[derive(Default)]
struct Raw {
    include: Option<Vec<String>>,
    exclude: Option<Vec<String>>,
    artifacts: Option<Vec<String>>,
    packages: Option<Vec<String>>,
    only_include: Option<Vec<String>>,
    sources: Option<Vec<(String, String)>>,
    force_include: Option<Vec<(String, String)>>,
    flags: [Option<bool>; 3],
}

impl Raw {
    fn read(keys: &mut Keys<'_>) -> Result<Self, Unsure> {
        if let Some(other) = keys
            .names()
            .into_iter()
            .find(|name| !KNOWN.contains(&name.as_str()))
        {
            return Err(Unsure::Backend(format!(
                "`{other}` in [tool.hatch.build] is for hatchling to read"
            )));
        }
        if keys.flag("strict-naming") == Some(false) {
            return Err(Unsure::Backend(
                "`strict-naming` is off in [tool.hatch.build]".to_owned(),
            ));
        }
        let leaves = || Unsure::Backend("a path in [tool.hatch.build] leaves the project".to_owned());
        let list = |keys: &mut Keys<'_>, key| keys.has(key).then(|| keys.plain_strings(key));
        let paths = |keys: &mut Keys<'_>, key| {
            let list = list(keys, key).map(|l| l.iter().map(|p| plain_path(p).ok_or_else(leaves)).collect());
            list.transpose()
        };
        let sources = sources(keys)?;
        let force = keys
            .has("force-include")
            .then(|| keys.table("force-include").string_pairs());
        let force = force.map(|pairs| {
            let pair = |(from, to): (Spanned<String>, Spanned<String>)| {
                let to = plain_path(to.get_ref().trim_start_matches('/'));
                Ok((
                    plain_path(from.get_ref()).ok_or_else(leaves)?,
                    to.ok_or_else(leaves)?,
                ))
            };
            pairs.into_iter().map(pair).collect::<Result<Vec<_>, Unsure>>()
        });
        Ok(Self {
            include: list(keys, "include"),
            exclude: list(keys, "exclude"),
            artifacts: list(keys, "artifacts"),
            packages: paths(keys, "packages")?,
            only_include: paths(keys, "only-include")?,
            sources,
            force_include: force.transpose()?,
            flags: ["ignore-vcs", "only-packages", "skip-excluded-dirs"].map(|key| keys.flag(key)),
        })
    }

    fn over(&self, common: &Self) -> Target {
        fn or<T: Clone>(own: Option<&Vec<T>>, common: Option<&Vec<T>>) -> Vec<T> {
            own.or(common).cloned().unwrap_or_default()
        }
        let flag = |i: usize| self.flags[i].or(common.flags[i]).unwrap_or(false);
        let mut packages = or(self.packages.as_ref(), common.packages.as_ref());
        packages.sort();
        Target {
            include: or(self.include.as_ref(), common.include.as_ref()),
            exclude: or(self.exclude.as_ref(), common.exclude.as_ref()),
            artifacts: or(self.artifacts.as_ref(), common.artifacts.as_ref()),
            packages,
            only_include: or(self.only_include.as_ref(), common.only_include.as_ref()),
            sources: or(self.sources.as_ref(), common.sources.as_ref()),
            force_include: or(self.force_include.as_ref(), common.force_include.as_ref()),
            ignore_vcs: flag(0),
            only_packages: flag(1),
            skip_excluded_dirs: flag(2),
        }
    }
}

/// `sources`: a list of prefixes that fall away, or a table of what they become.
fn sources(keys: &mut Keys<'_>) -> Result<Option<Vec<(String, String)>>, Unsure> {
    let Some(value) = keys.value("sources") else {
        return Ok(None);
    };
    let pairs: Vec<(String, String)> = if value.get_ref().is_table() {
        let pairs = keys.table("sources").string_pairs();
        pairs
            .into_iter()
            .map(|(from, to)| (from.into_inner(), to.into_inner()))
            .collect()
    } else {
        keys.plain_strings("sources")
            .into_iter()
            .map(|from| (from, String::new()))
            .collect()
    };
    let directory = |path: &str| {
        let plain = plain_path(path)?;
        Some(if plain.is_empty() {
            plain
        } else {
            format!("{plain}/")
        })
    };
    let pair = |(from, to): (String, String)| Some((directory(&from)?, directory(&to)?));
    match pairs.into_iter().map(pair).collect() {
        Some(pairs) => Ok(Some(pairs)),
        None => Err(Unsure::Backend(
            "`sources` in [tool.hatch.build] leaves the project".to_owned(),
        )),
    }
}
