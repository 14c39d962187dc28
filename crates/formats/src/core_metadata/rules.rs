//! What an index asks of new metadata: as strict as `packaging`, which the public index asks, and no stricter. Metadata
//! before 2.1 was written before most of these rules, and is taken as it is.

use super::{fields, place};
use crate::check::licence::is_spdx_in_any_case;
use crate::fault::{Fault, shown};
use crate::requirement;
use packyard_types::{CoreMetadata, ProjectName};
use std::collections::BTreeSet;

/// Fields, and the version of the specification that brought them. `License-File` is missing: setuptools wrote it for
/// years before 2.4 had it.
const SINCE: [(&str, &str); 6] = [
    ("description-content-type", "2.1"),
    ("provides-extra", "2.1"),
    ("dynamic", "2.2"),
    ("license-expression", "2.4"),
    ("import-name", "2.5"),
    ("import-namespace", "2.5"),
];
/// Fields that there may be many of.
const MULTIPLE: [&str; 18] = [
    "platform",
    "supported-platform",
    "license-file",
    "classifier",
    "requires-dist",
    "requires-external",
    "project-url",
    "provides-extra",
    "provides-dist",
    "obsoletes-dist",
    "dynamic",
    "import-name",
    "import-namespace",
    "requires",
    "provides",
    "obsoletes",
    "setup-requires-dist",
    "extension",
];
/// Fields that there may be one of.
const SINGLE: [&str; 15] = [
    "metadata-version",
    "name",
    "version",
    "summary",
    "description",
    "description-content-type",
    "keywords",
    "home-page",
    "download-url",
    "author",
    "author-email",
    "maintainer",
    "maintainer-email",
    "license",
    "license-expression",
];
/// As many broken rules are told; metadata may have a million lines, and each may be wrong.
const ENOUGH: usize = 20;
const HINT: &str = "write it as the core metadata specification says";
const CONTENT_TYPES: [&str; 3] = ["text/plain", "text/x-rst", "text/markdown"];
/// Words that Python keeps for itself, which no module can be called.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Whether metadata is of this version of the specification or a later one.
pub fn is_since(metadata: &CoreMetadata, version: &str) -> bool {
    place(&metadata.metadata_version) >= place(version)
}

/// Every rule that parsed metadata breaks; `raw` is the file.
pub fn broken(metadata: &CoreMetadata, raw: &[u8]) -> Vec<Fault> {
    if !is_since(metadata, "2.1") {
        return Vec::new();
    }
    let mut rules = Vec::new();
    if std::str::from_utf8(raw).is_err() {
        rules.push("it is not UTF-8".to_owned());
    }
    spelling(metadata, raw, &mut rules);
    requirements(metadata, &mut rules);
    texts(metadata, &mut rules);
    for name in metadata.import_names.iter().chain(&metadata.import_namespaces) {
        if rules.len() >= ENOUGH {
            break;
        }
        if let Err(why) = import_name(name) {
            rules.push(format!("its Import-Name `{}` {why}", shown(name)));
        }
    }
    let told = rules.into_iter().take(ENOUGH);
    told.map(|rule| Fault::new(rule, HINT)).collect()
}

fn spelling(metadata: &CoreMetadata, raw: &[u8], rules: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for (name, value) in fields(raw) {
        if rules.len() >= ENOUGH {
            return;
        }
        if (SINGLE.contains(&name.as_str()) || name == "requires-python") && !seen.insert(name.clone()) {
            rules.push(format!("it has the field `{name}` twice"));
        }
        let since = SINCE.iter().find(|(field, _)| *field == name);
        if let Some((_, since)) = since.filter(|(_, since)| !is_since(metadata, since) && !value.is_empty()) {
            let said = &metadata.metadata_version;
            rules.push(format!(
                "its field `{name}` came with Metadata-Version {since}, and it says {said}"
            ));
        }
    }
    for field in metadata.dynamic.iter().take(1000) {
        let field = field.to_ascii_lowercase();
        let known = SINGLE.contains(&field.as_str()) || MULTIPLE.contains(&field.as_str());
        let known = known || field == "requires-python";
        if !known || ["name", "version", "metadata-version"].contains(&field.as_str()) {
            rules.push(format!(
                "its Dynamic names `{}`, which is no field that may be",
                shown(&field)
            ));
        }
    }
}

fn requirements(metadata: &CoreMetadata, rules: &mut Vec<String>) {
    for text in &metadata.requires_dist {
        if let Err(why) = requirement::check(text) {
            let shown = shown(text);
            rules.push(format!(
                "its Requires-Dist `{shown}` is no requirement (PEP 508): {why}"
            ));
        }
        if rules.len() >= ENOUGH {
            return;
        }
    }
    if let Some(text) = &metadata.requires_python
        && let Err(why) = requirement::check_specifiers(text)
    {
        let shown = shown(text);
        rules.push(format!(
            "its Requires-Python `{shown}` is no version specifier (PEP 440): {why}"
        ));
    }
    for extra in &metadata.provides_extra {
        if rules.len() < ENOUGH && ProjectName::parse(extra).is_err() {
            rules.push(format!("its Provides-Extra `{}` is no name", shown(extra)));
        }
    }
}

fn texts(metadata: &CoreMetadata, rules: &mut Vec<String>) {
    if metadata
        .summary
        .as_ref()
        .is_some_and(|text| text.contains(['\n', '\r']))
    {
        rules.push("its Summary has more than one line".to_owned());
    }
    if let Some(text) = &metadata.description_content_type
        && !is_content_type(text)
    {
        let known = CONTENT_TYPES.join(", ");
        rules.push(format!(
            "its Description-Content-Type `{}` is none of {known} in UTF-8",
            shown(text)
        ));
    }
    if let Some(text) = metadata
        .license_expression
        .as_ref()
        .filter(|text| !is_spdx_in_any_case(text))
    {
        rules.push(format!(
            "its License-Expression `{}` is no SPDX expression",
            shown(text)
        ));
    }
    if is_since(metadata, "2.4") {
        let odd = |file: &&String| {
            file.contains("..") || file.contains(['*', '\\']) || file.starts_with('/') || drive(file)
        };
        for file in metadata.license_files.iter().filter(odd).take(ENOUGH) {
            rules.push(format!(
                "its License-File `{}` is no path inside of the package",
                shown(file)
            ));
        }
    }
}

fn drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

fn is_content_type(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_lowercase();
    let parameter = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim().trim_matches('"');
        match name.trim().to_lowercase().as_str() {
            "charset" => value.eq_ignore_ascii_case("utf-8"),
            "variant" => kind != "text/markdown" || matches!(value, "GFM" | "CommonMark"),
            _ => true,
        }
    };
    CONTENT_TYPES.contains(&kind.as_str()) && parts.all(parameter)
}

fn import_name(text: &str) -> Result<(), &'static str> {
    let (name, option) = text
        .split_once(';')
        .map_or((text, None), |(name, o)| (name, Some(o)));
    if option.is_some_and(|option| option.trim() != "private") {
        return Err("has an option other than `private`");
    }
    let is_identifier = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !KEYWORDS.contains(&part)
    };
    if name.trim_end().split('.').all(is_identifier) {
        Ok(())
    } else {
        Err("is no name that Python can import")
    }
}
