//! `nfpm.yaml` (nfpm's documentation, "Configuration"): one file for several formats, translated table by table.

use super::{
    contents::{self, For},
    draft::{Draft, Table},
    relation,
    section::Section,
    yaml,
};
use crate::{BuildError, SourceText};
use std::path::Path;

/// The names under which nfpm looks for it.
pub(super) const NAMES: [&str; 4] = ["nfpm.yaml", "nfpm.yml", ".nfpm.yaml", ".nfpm.yml"];

/// Lists of relations: nfpm's key, and what Debian and RPM call it.
const RELATIONS: [(&str, &str, &str); 6] = [
    ("depends", "depends", "requires"),
    ("recommends", "recommends", "recommends"),
    ("suggests", "suggests", "suggests"),
    ("conflicts", "conflicts", "conflicts"),
    ("provides", "provides", "provides"),
    ("replaces", "replaces", "obsoletes"),
];

const FROM_LOG: &str = "the changelog says it";
const FOUND_OUT: &str = "it is found out";
const NO_ROOM: &str = "packyard has no word for it";

pub(super) fn translate(root: &Path, file: &SourceText, draft: &mut Draft) -> Result<(), BuildError> {
    let document = yaml::parse(file)?;
    let mut keys = Section::of(file, "", &document)?;
    // What is said for one format is said before what is said for both, and contents of its own are instead of them.
    let mut own_contents = Vec::new();
    if let Some(mut overrides) = keys.section("overrides")? {
        for format in ["deb", "rpm"] {
            if let Some(mut own) = overrides.section(format)? {
                if overridden(root, format, &mut own, draft)? {
                    own_contents.push(format);
                }
                own.finish(draft);
            }
        }
        overrides.finish(draft);
    }
    about(&mut keys, draft)?;
    for (key, deb, rpm) in RELATIONS {
        let texts = keys.texts(key, draft)?;
        relations(&mut draft.deb, deb, &texts, relation::for_deb);
        relations(&mut draft.rpm, rpm, &texts, relation::for_rpm);
    }
    if let Some(mut scripts) = keys.section("scripts")? {
        hooks(&mut scripts, 0, draft)?;
        scripts.finish(draft);
    }
    deb(&mut keys, draft)?;
    rpm(&mut keys, draft)?;
    let all = keys.list("contents")?;
    let wanted = match own_contents[..] {
        [] => For::Both,
        ["deb"] => For::Only("rpm"),
        ["rpm"] => For::Only("deb"),
        _ => For::None,
    };
    contents::translate(root, file, all, wanted, draft)?;
    keys.without(
        "umask",
        "modes are said in [[file]], else those of programs and files",
        draft,
    );
    keys.without("mtime", "all files have the time of the release", draft);
    keys.without("disable_globbing", "a name that is there is no pattern", draft);
    keys.finish(draft);
    Ok(())
}

fn relations(table: &mut Table, key: &str, texts: &[String], write: fn(&str) -> String) {
    let texts: Vec<String> = texts.iter().map(|text| write(text)).collect();
    table.list(key, &texts);
}

fn about(keys: &mut Section<'_>, draft: &mut Draft) -> Result<(), BuildError> {
    for key in ["name", "maintainer", "homepage", "license"] {
        if let Some(text) = keys.text(key, draft)? {
            draft.package.text(key, &text);
        }
    }
    if let Some(text) = keys.text("description", draft)? {
        let mut paragraphs = text.trim().splitn(2, '\n');
        let synopsis = paragraphs.next().unwrap_or_default().trim().trim_end_matches('.');
        draft.package.text("summary", synopsis);
        if let Some(rest) = paragraphs.next().map(str::trim).filter(|rest| !rest.is_empty()) {
            draft.package.text("description", rest);
        }
    }
    if let Some(text) = keys.text("section", draft)? {
        draft.deb.text("section", &text);
    }
    if let Some(text) = keys.text("priority", draft)? {
        draft.deb.text("priority", &text);
    }
    if let Some(text) = keys.text("vendor", draft)? {
        draft.rpm.text("vendor", &text);
    }
    if let Some(text) = keys.text("release", draft)? {
        draft.deb.text("revision", &text);
        draft.rpm.text("release", &text);
    }
    if let Some(text) = keys.text("epoch", draft)? {
        match text.parse() {
            Ok(epoch) => draft.epoch = Some(epoch),
            Err(_) => keys.without("epoch", "an epoch is a whole number from 0", draft),
        }
    }
    draft.version = keys.text("version", draft)?;
    keys.without("version_schema", FROM_LOG, draft);
    keys.without("prerelease", FROM_LOG, draft);
    keys.without("version_metadata", FROM_LOG, draft);
    if keys.value("arch").and_then(yaml::Item::text) != Some("all") {
        keys.without("arch", FOUND_OUT, draft);
    }
    if keys.value("platform").and_then(yaml::Item::text) != Some("linux") {
        keys.without("platform", "packages are for Linux", draft);
    }
    keys.without(
        "changelog",
        "packyard reads other changelogs (docs/changelog.md)",
        draft,
    );
    Ok(())
}

/// `preinstall` and its like: scripts of the project.
fn hooks(keys: &mut Section<'_>, table: usize, draft: &mut Draft) -> Result<(), BuildError> {
    for key in ["preinstall", "postinstall", "preremove", "postremove"] {
        if let Some(path) = keys.text(key, draft)? {
            draft.scripts[table].text(key, path.trim_start_matches("./"));
        }
    }
    Ok(())
}

/// `overrides.deb` and `overrides.rpm`; whether they have contents of their own.
fn overridden(
    root: &Path,
    format: &'static str,
    own: &mut Section<'_>,
    draft: &mut Draft,
) -> Result<bool, BuildError> {
    for (key, deb, rpm) in RELATIONS {
        let texts = own.texts(key, draft)?;
        if format == "deb" {
            relations(&mut draft.deb, deb, &texts, relation::for_deb);
        } else {
            relations(&mut draft.rpm, rpm, &texts, relation::for_rpm);
        }
    }
    if let Some(mut scripts) = own.section("scripts")? {
        hooks(&mut scripts, if format == "deb" { 1 } else { 2 }, draft)?;
        scripts.finish(draft);
    }
    let file = own.file();
    let all = own.list("contents")?;
    contents::translate(root, file, all, For::Only(format), draft)?;
    deb_keys(own, draft, format == "deb")?;
    Ok(!all.is_empty())
}

/// What may stand in `overrides.deb` as well as in `deb`.
fn deb_keys(keys: &mut Section<'_>, draft: &mut Draft, is_deb: bool) -> Result<(), BuildError> {
    if !is_deb {
        return rpm(keys, draft);
    }
    deb(keys, draft)
}

fn deb(keys: &mut Section<'_>, draft: &mut Draft) -> Result<(), BuildError> {
    let Some(mut deb) = keys.section("deb")? else {
        return Ok(());
    };
    compression(&mut deb, "deb", draft)?;
    if let Some(mut scripts) = deb.section("scripts")? {
        for key in ["rules", "templates", "config"] {
            scripts.without(key, "packages ask no questions", draft);
        }
        scripts.finish(draft);
    }
    for (key, own) in [("breaks", "breaks"), ("predepends", "pre-depends")] {
        let texts = deb.texts(key, draft)?;
        relations(&mut draft.deb, own, &texts, relation::for_deb);
    }
    deb.without("triggers", NO_ROOM, draft);
    deb.without(
        "signature",
        "apt believes the repository's signature, which the server makes",
        draft,
    );
    deb.without("fields", NO_ROOM, draft);
    deb.without("arch", FOUND_OUT, draft);
    deb.finish(draft);
    Ok(())
}

fn rpm(keys: &mut Section<'_>, draft: &mut Draft) -> Result<(), BuildError> {
    let Some(mut rpm) = keys.section("rpm")? else {
        return Ok(());
    };
    compression(&mut rpm, "rpm", draft)?;
    if let Some(text) = rpm.text("group", draft)? {
        draft.rpm.text("group", &text);
    }
    rpm.without("summary", "it is the first line of the description", draft);
    if let Some(mut scripts) = rpm.section("scripts")? {
        for key in ["pretrans", "posttrans"] {
            if let Some(path) = scripts.text(key, draft)? {
                draft.scripts[2].text(key, path.trim_start_matches("./"));
            }
        }
        scripts.finish(draft);
    }
    rpm.without("packager", "it is the maintainer", draft);
    rpm.without("signature", "the server signs what it takes in", draft);
    rpm.without("prefixes", NO_ROOM, draft);
    rpm.without("arch", FOUND_OUT, draft);
    rpm.without("buildhost", "packages do not tell where they were made", draft);
    rpm.finish(draft);
    Ok(())
}

/// `gzip:9` and its like; levels are packyard's own.
fn compression(keys: &mut Section<'_>, format: &str, draft: &mut Draft) -> Result<(), BuildError> {
    let Some(text) = keys.text("compression", draft)? else {
        return Ok(());
    };
    let name = text.split(':').next().unwrap_or_default();
    if ["gzip", "xz", "zstd"].contains(&name) {
        let table = if format == "deb" {
            &mut draft.deb
        } else {
            &mut draft.rpm
        };
        table.text("compression", name);
    } else {
        keys.without("compression", "it can be gzip, xz or zstd", draft);
    }
    Ok(())
}
