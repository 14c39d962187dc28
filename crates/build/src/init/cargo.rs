//! `Cargo.toml`: the programs that cargo builds, and cargo-deb's table `[package.metadata.deb]` (its README).

use super::{
    cargo_units, cargo_workspace, contents,
    draft::{Draft, Table},
    generate_rpm, relation,
};
use crate::{BuildError, Place, SourceText, glob, manifest::parse_toml, pattern::Pattern};
use std::{collections::BTreeSet, path::Path};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

const HANDLED: [&str; 19] = [
    "maintainer-scripts",
    "pre-depends",
    "enhances",
    "breaks",
    "systemd-units",
    "name",
    "maintainer",
    "extended-description",
    "section",
    "priority",
    "revision",
    "depends",
    "recommends",
    "suggests",
    "conflicts",
    "provides",
    "replaces",
    "assets",
    "changelog",
];

/// What is found out anyway, or is for a part of packyard that is not the project file.
const NEEDLESS: [(&str, &str); 5] = [
    ("conf-files", "files in /etc are configuration"),
    ("license-file", "licence texts are found by name"),
    ("copyright", "the copyright file is made from the licence texts"),
    (
        "extended-description-file",
        "`description` in [package] is a text",
    ),
    ("separate-debug-symbols", "programs are taken as they were built"),
];

pub(super) fn translate(root: &Path, file: &SourceText, draft: &mut Draft) -> Result<(), BuildError> {
    let document = parse_toml(file)?;
    let top = document.get_ref();
    let Some(package) = table(top.get("package")) else {
        draft.leave_out(
            "the workspace",
            "each of its packages is a project of its own",
            None,
        );
        return Ok(());
    };
    let metadata = table(package.get("metadata"));
    if let Some(deb) = metadata.and_then(|metadata| table(metadata.get("deb"))) {
        cargo_deb(root, file, deb, text(package, "name").unwrap_or_default(), draft)?;
    }
    if let Some((_, rpm)) = metadata.and_then(|metadata| metadata.get_key_value("generate-rpm")) {
        let is_only = metadata.is_some_and(|metadata| metadata.get("deb").is_none());
        generate_rpm::translate(root, file, rpm, is_only, draft);
    }
    let above = cargo_workspace::above(root, top, package)?;
    let shared = match &above {
        Some(file) => Some(parse_toml(file)?),
        None => None,
    };
    let shared = shared.as_ref().map_or(top, |shared| shared.get_ref());
    let shared = table(shared.get("workspace")).and_then(|workspace| table(workspace.get("package")));
    inherited(shared, package, draft);
    if !draft.has_files() {
        programs(root, top, package, draft)?;
    }
    if above.is_some() {
        cargo_workspace::say_where_it_builds(draft);
    }
    Ok(())
}

pub(super) fn table<'a>(value: Option<&'a Spanned<DeValue<'a>>>) -> Option<&'a DeTable<'a>> {
    value?.get_ref().as_table()
}

pub(super) fn text<'a>(table: &'a DeTable<'_>, key: &str) -> Option<&'a str> {
    table.get(key)?.get_ref().as_str()
}

/// What packages of a workspace share, and who wrote it, which packyard's reader of the metadata passes over.
fn inherited(shared: Option<&DeTable<'_>>, package: &DeTable<'_>, draft: &mut Draft) {
    let keys = [
        ("license", "license"),
        ("description", "summary"),
        ("homepage", "homepage"),
        ("repository", "homepage"),
    ];
    let of_all = |key: &str| {
        let is_shared = table(package.get(key)).is_some();
        shared.filter(|_| is_shared).and_then(|shared| text(shared, key))
    };
    for (key, own) in keys {
        if let Some(value) = of_all(key) {
            // Cargo once wrote `MIT/Apache-2.0`.
            let value = if key == "license" {
                value.replace('/', " OR ")
            } else {
                value.to_owned()
            };
            draft.package.text(own, &value);
        }
    }
    if let Some(version) = of_all("version") {
        draft.version.get_or_insert_with(|| version.to_owned());
    }
    let authors = package
        .get("authors")
        .filter(|authors| authors.get_ref().as_array().is_some());
    let authors = authors
        .or_else(|| shared?.get("authors"))
        .and_then(|authors| authors.get_ref().as_array());
    let first = authors.and_then(|authors| authors.first()?.get_ref().as_str());
    if let Some(author) = first.filter(|author| author.contains('@')) {
        draft.package.text("maintainer", author);
    }
}

fn cargo_deb(
    root: &Path,
    file: &SourceText,
    deb: &DeTable<'_>,
    package: &str,
    draft: &mut Draft,
) -> Result<(), BuildError> {
    let is_plain = |text: &&str| !text.contains('$');
    for (key, own) in [
        ("name", "name"),
        ("section", "section"),
        ("priority", "priority"),
        ("revision", "revision"),
    ] {
        if let Some(value) = text(deb, key).filter(|value| !value.is_empty()) {
            draft.deb.text(own, value);
        }
    }
    for (key, own) in [
        ("maintainer", "maintainer"),
        ("extended-description", "description"),
        ("changelog", "changelog"),
    ] {
        if let Some(value) = text(deb, key) {
            draft.package.text(own, value.trim());
        }
    }
    for key in [
        "pre-depends",
        "enhances",
        "breaks",
        "depends",
        "recommends",
        "suggests",
        "conflicts",
        "provides",
        "replaces",
    ] {
        let Some(value) = deb.get(key) else { continue };
        let said: Vec<&str> = match value.get_ref() {
            DeValue::String(text) => text.split(',').map(str::trim).collect(),
            other => other
                .as_array()
                .map(|all| all.iter().filter_map(|v| v.get_ref().as_str()).collect())
                .unwrap_or_default(),
        };
        let plain: Vec<String> = said
            .iter()
            .copied()
            .filter(is_plain)
            .map(relation::for_deb)
            .collect();
        for variable in said.iter().filter(|text| text.contains('$')) {
            draft.leave_out(
                format!("{key} {variable}"),
                "packyard finds out what programs need",
                Some(file.place(value.span())),
            );
        }
        draft.deb.list(key, &plain);
    }
    if let Some(assets) = deb.get("assets").and_then(|value| value.get_ref().as_array()) {
        let configs: Vec<&str> = list(deb, "conf-files");
        for asset in assets {
            let place = file.place(asset.span());
            one_asset(root, asset.get_ref(), place, &configs, draft)?;
        }
    }
    let called = text(deb, "name").unwrap_or(package);
    cargo_units::translate(root, file, deb, called, draft);
    for (key, value) in deb {
        let name: &str = key.get_ref();
        let place = Some(file.place(key.span()));
        if let Some((_, why)) = NEEDLESS.iter().find(|(known, _)| *known == name) {
            draft.leave_out(format!("[package.metadata.deb] {name}"), *why, place);
        } else if !(HANDLED.contains(&name)) {
            let said = value
                .get_ref()
                .as_str()
                .map(|text| format!(" = {text}"))
                .unwrap_or_default();
            draft.leave_out(
                format!("[package.metadata.deb] {name}{said}"),
                "packyard has no word for it",
                place,
            );
        }
    }
    Ok(())
}

fn list<'a>(table: &'a DeTable<'_>, key: &str) -> Vec<&'a str> {
    let all = table.get(key).and_then(|value| value.get_ref().as_array());
    all.map(|all| all.iter().filter_map(|item| item.get_ref().as_str()).collect())
        .unwrap_or_default()
}

/// `[source, target, mode]`, or a table that says the same.
fn one_asset(
    root: &Path,
    asset: &DeValue<'_>,
    place: Place,
    configs: &[&str],
    draft: &mut Draft,
) -> Result<(), BuildError> {
    let at = |number: usize| asset.as_array()?.get(number)?.get_ref().as_str();
    let named = |key: &str| text(asset.as_table()?, key);
    let (source, target) = (at(0).or(named("source")), at(1).or(named("dest")));
    let mode = at(2).or(named("mode"));
    let (Some(source), Some(target)) = (source, target) else {
        draft.leave_out("an asset", "it does not say what is installed where", Some(place));
        return Ok(());
    };
    let mut table = Table::new("[[file]]");
    if let Some(mode) = mode {
        table.text("mode", &format!("{:0>4}", mode.trim_start_matches('0')));
    }
    let target = format!("/{}", target.trim_start_matches('/'));
    let is_config = |target: &str| {
        configs
            .iter()
            .any(|path| path.trim_start_matches('/') == &target[1..])
    };
    let mut put = |source: &str, target: &str| {
        let mut table = table.clone();
        let whole = if target.ends_with('/') {
            format!("{target}{}", source.rsplit('/').next().unwrap_or(source))
        } else {
            target.to_owned()
        };
        if is_config(&whole) {
            table.put("config", true);
        }
        contents::put(root, source, target, table, draft);
    };
    put(source, &target);
    // cargo-deb keeps what lies below the first wildcard, too. A configuration file among it is named by itself.
    if let Some(pattern) = Pattern::parse(source) {
        let directory = target.trim_end_matches('/');
        for one in pattern.find(root)? {
            let whole = format!("{directory}/{}", &one[pattern.base().len()..]);
            if is_config(&whole) {
                put(&one, &whole);
            }
        }
    }
    Ok(())
}

/// What cargo builds, where it puts it.
fn programs(
    root: &Path,
    top: &DeTable<'_>,
    package: &DeTable<'_>,
    draft: &mut Draft,
) -> Result<(), BuildError> {
    let mut names = BTreeSet::new();
    for bin in top
        .get("bin")
        .and_then(|value| value.get_ref().as_array())
        .into_iter()
        .flatten()
    {
        names.extend(
            bin.get_ref()
                .as_table()
                .and_then(|bin| text(bin, "name"))
                .map(str::to_owned),
        );
    }
    if root.join("src/main.rs").is_file() {
        names.extend(text(package, "name").map(str::to_owned));
    }
    for path in glob::glob(root, "src/bin/*.rs")? {
        let name = path.trim_start_matches("src/bin/").trim_end_matches(".rs");
        names.insert(name.to_owned());
    }
    for name in names {
        let mut table = Table::new("[[file]]");
        table.remark = Some(cargo_workspace::BUILD.to_owned());
        table.text("source", &format!("target/release/{name}"));
        table.text("target", "/usr/bin/");
        table.text("mode", "0755");
        draft.add(table);
    }
    Ok(())
}
