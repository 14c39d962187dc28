//! `[package.metadata.generate-rpm]` of a `Cargo.toml` (cargo-generate-rpm's README): the .rpm beside cargo-deb's .deb,
//! or alone.

use super::{
    cargo::{table, text},
    contents,
    draft::{Draft, Table},
};
use crate::{SourceText, pattern::Pattern};
use std::path::Path;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Its relations are called as ours.
const RELATIONS: [&str; 7] = [
    "requires",
    "recommends",
    "suggests",
    "supplements",
    "conflicts",
    "provides",
    "obsoletes",
];

const SCRIPTS: [(&str, &str); 6] = [
    ("pre_install_script", "preinstall"),
    ("post_install_script", "postinstall"),
    ("pre_uninstall_script", "preremove"),
    ("post_uninstall_script", "postremove"),
    ("pre_trans_script", "pretrans"),
    ("post_trans_script", "posttrans"),
];

/// `is_only`: no cargo-deb beside it says what a .deb holds.
pub(super) fn translate(
    root: &Path,
    file: &SourceText,
    rpm: &Spanned<DeValue<'_>>,
    is_only: bool,
    draft: &mut Draft,
) {
    let Some(rpm) = rpm.get_ref().as_table() else {
        return;
    };
    fields(root, rpm, draft);
    for key in RELATIONS {
        let Some(named) = table(rpm.get(key)) else {
            continue;
        };
        let relation = |(name, version): (&str, &str)| match version.trim() {
            "*" | "" => name.to_owned(),
            version => format!("{name} {version}"),
        };
        let pairs = named.iter().filter_map(|(name, version)| {
            let name: &str = name.get_ref();
            Some(relation((name, version.get_ref().as_str()?)))
        });
        let all: Vec<String> = pairs.collect();
        draft.rpm.list(key, &all);
    }
    let assets = rpm.get("assets").and_then(|assets| assets.get_ref().as_array());
    let mut own = Vec::new();
    for asset in assets.into_iter().flatten() {
        match asset
            .get_ref()
            .as_table()
            .and_then(|asset| one_asset(root, asset))
        {
            Some(table) => own.push(table),
            None => {
                let place = Some(file.place(asset.span()));
                draft.leave_out("an asset", "it does not say what is installed where", place);
            }
        }
    }
    if is_only {
        for table in own {
            put(root, table, draft);
        }
    } else {
        beside(root, own, draft);
    }
    unknown(file, rpm, draft);
}

fn fields(root: &Path, rpm: &DeTable<'_>, draft: &mut Draft) {
    for (key, own) in [
        ("summary", "summary"),
        ("license", "license"),
        ("url", "homepage"),
    ] {
        if let Some(value) = text(rpm, key) {
            draft.package.text(own, value);
        }
    }
    for key in ["name", "release", "vendor"] {
        if let Some(value) = text(rpm, key) {
            draft.rpm.text(key, value);
        }
    }
    let epoch = rpm.get("epoch").map(Spanned::get_ref);
    if let Some(DeValue::Integer(number)) = epoch
        && let Ok(number) = number.as_str().parse::<i64>()
    {
        draft.rpm.put("epoch", number);
    }
    for (key, hook) in SCRIPTS {
        if let Some(value) = text(rpm, key) {
            let is_file = !value.contains('\n') && root.join(value).is_file();
            draft.scripts[2].text(hook, if is_file { value } else { value.trim() });
        }
    }
}

/// An asset as a `[[file]]`; a pattern's target is a directory in both.
fn one_asset(root: &Path, asset: &DeTable<'_>) -> Option<Table> {
    let (source, target) = (text(asset, "source")?, text(asset, "dest")?);
    let mut file = Table::new("[[file]]");
    file.text("source", source.trim_start_matches("./"));
    let is_pattern = Pattern::parse(source).is_some() && !root.join(source).exists();
    let slash = if is_pattern && !target.ends_with('/') {
        "/"
    } else {
        ""
    };
    file.text("target", &format!("{target}{slash}"));
    if let Some(mode) = text(asset, "mode") {
        file.text("mode", &super::contents::mode(mode));
    }
    for (key, own) in [("user", "owner"), ("group", "group"), ("caps", "capabilities")] {
        if let Some(value) = text(asset, key) {
            file.text(own, value);
        }
    }
    match asset.get("config").map(Spanned::get_ref) {
        Some(value) if value.as_bool() == Some(true) => file.put("config", true),
        Some(value) => value
            .as_str()
            .into_iter()
            .for_each(|word| file.text("config", word)),
        None => {}
    }
    if asset
        .get("doc")
        .is_some_and(|doc| doc.get_ref().as_bool() == Some(true))
    {
        file.put("doc", true);
    }
    Some(file)
}

/// A `[[file]]`, or the unit that it is.
fn put(root: &Path, mut table: Table, draft: &mut Draft) {
    let (Some(source), Some(target)) = (table.remove("source"), table.remove("target")) else {
        return;
    };
    contents::put(root, &source, &target, table, draft);
}

/// What both tables install alike is for both; the rest is for the format of its table.
fn beside(root: &Path, own: Vec<Table>, draft: &mut Draft) {
    let (mut both, mut only): (Vec<Table>, Vec<Table>) = (Vec::new(), Vec::new());
    for table in own {
        if draft.things.iter().any(|other| other.says_the_same(&table)) {
            both.push(table);
        } else {
            only.push(table);
        }
    }
    for table in draft.things.iter_mut().filter(|table| table.head == "[[file]]") {
        if !both.iter().any(|own| own.says_the_same(table)) {
            table.list("format", &["deb".to_owned()]);
        }
    }
    for mut table in only {
        table.list("format", &["rpm".to_owned()]);
        put(root, table, draft);
    }
}

fn unknown(file: &SourceText, rpm: &DeTable<'_>, draft: &mut Draft) {
    const KNOWN: [&str; 8] = [
        "assets", "name", "summary", "license", "url", "release", "vendor", "epoch",
    ];
    for (key, _) in rpm {
        let name: &str = key.get_ref();
        let is_script = SCRIPTS.iter().any(|(known, _)| *known == name);
        if KNOWN.contains(&name) || RELATIONS.contains(&name) || is_script {
            continue;
        }
        let why = match name {
            "version" => "the changelog says it",
            "auto-req" | "require-sh" => "packyard finds out what programs need",
            _ => "packyard has no word for it",
        };
        let what = format!("[package.metadata.generate-rpm] {name}");
        draft.leave_out(what, why, Some(file.place(key.span())));
    }
}
