//! `debian/copyright` in the machine-readable format (DEP-5), from the licence that the metadata names and the notices
//! that the licence files hold.

use crate::{
    BuildError,
    metadata::{Meant, meant, read},
    project::Project,
};

/// Licences whose text every Debian system has in /usr/share/common-licenses.
const COMMON: [(&str, &str, &str); 15] = [
    ("Apache-2.0", "Apache-2.0", "Apache-2.0"),
    ("GPL-1.0-only", "GPL-1", "GPL-1"),
    ("GPL-1.0-or-later", "GPL-1+", "GPL-1"),
    ("GPL-2.0-only", "GPL-2", "GPL-2"),
    ("GPL-2.0-or-later", "GPL-2+", "GPL-2"),
    ("GPL-3.0-only", "GPL-3", "GPL-3"),
    ("GPL-3.0-or-later", "GPL-3+", "GPL-3"),
    ("LGPL-2.0-only", "LGPL-2", "LGPL-2"),
    ("LGPL-2.0-or-later", "LGPL-2+", "LGPL-2"),
    ("LGPL-2.1-only", "LGPL-2.1", "LGPL-2.1"),
    ("LGPL-2.1-or-later", "LGPL-2.1+", "LGPL-2.1"),
    ("LGPL-3.0-only", "LGPL-3", "LGPL-3"),
    ("LGPL-3.0-or-later", "LGPL-3+", "LGPL-3"),
    ("MPL-2.0", "MPL-2.0", "MPL-2.0"),
    ("CC0-1.0", "CC0-1.0", "CC0-1.0"),
];

/// Licence classifiers, for projects that say it only there.
const CLASSIFIERS: [(&str, &str); 8] = [
    ("MIT License", "MIT"),
    ("Apache Software License", "Apache-2.0"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    ("ISC License (ISCL)", "ISC"),
    ("GNU General Public License v3 (GPLv3)", "GPL-3.0-only"),
    (
        "GNU General Public License v3 or later (GPLv3+)",
        "GPL-3.0-or-later",
    ),
    ("GNU General Public License v2 (GPLv2)", "GPL-2.0-only"),
    (
        "GNU General Public License v2 or later (GPLv2+)",
        "GPL-2.0-or-later",
    ),
];

/// What a project says about its licence.
pub(super) enum License {
    /// An SPDX expression, or what [package] has in its place.
    Said(String),
    /// A well-known licence, spelled in another way.
    Understood { said: String, id: &'static str },
    /// A text of which it is not clear what is meant.
    NotSpdx(String),
    /// Nothing.
    Missing,
}

/// What the project file says, then the metadata, then the classifiers.
pub(super) fn judged(project: &Project) -> License {
    let core = &project.metadata.core;
    let is_spdx = |text: &str| spdx::Expression::parse(text).is_ok();
    let own = project.manifest.package.license.clone();
    if let Some(said) = own.or_else(|| core.license_expression.clone()) {
        return match meant(&said) {
            _ if is_spdx(&said) => License::Said(said),
            Meant::Id(id) => License::Understood { said, id },
            Meant::OneOf(_) | Meant::Unknown => License::NotSpdx(said),
        };
    }
    // A longer text is the licence itself, not its name.
    let is_name = |text: &&String| !text.trim().is_empty() && !text.contains('\n') && text.len() < 100;
    let named = core.license.as_ref().filter(is_name);
    match named.map(|said| (said.clone(), meant(said))) {
        Some((said, _)) if is_spdx(&said) => return License::Said(said),
        Some((said, Meant::Id(id))) => return License::Understood { said, id },
        _ => {}
    }
    let words = core
        .classifiers
        .iter()
        .filter_map(|c| c.strip_prefix("License :: OSI Approved :: "));
    let classified = words
        .filter_map(|word| CLASSIFIERS.iter().find(|(name, _)| *name == word))
        .map(|(_, id)| (*id).to_owned())
        .next();
    match (classified, named) {
        (Some(id), _) => License::Said(id),
        (None, Some(said)) => License::NotSpdx(said.clone()),
        (None, None) => License::Missing,
    }
}

/// The licence as an SPDX expression, where anything says one.
pub(super) fn license(project: &Project) -> Option<String> {
    match judged(project) {
        License::Said(id) => Some(id),
        License::Understood { id, .. } => Some(id.to_owned()),
        License::NotSpdx(_) | License::Missing => None,
    }
}

/// The text of `/usr/share/doc/PACKAGE/copyright`.
pub(super) fn copyright(project: &Project) -> Result<String, BuildError> {
    let id = match judged(project) {
        // DEP-5 knows names of one word.
        License::NotSpdx(said) => said.split_whitespace().collect::<Vec<_>>().join("-"),
        _ => license(project).unwrap_or_else(|| "unspecified".to_owned()),
    };
    let names = if project.metadata.core.license_files.is_empty() {
        crate::metadata::default_license_files(&project.root)?
    } else {
        project.metadata.core.license_files.clone()
    };
    let mut texts = Vec::new();
    for name in names {
        texts.extend(read(&project.root, &name)?.map(|file| file.text().to_owned()));
    }
    let mut out = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n".to_owned();
    out.push_str(&format!("Upstream-Name: {}\n", project.metadata.core.name));
    if let Some(author) = &project.maintainer {
        out.push_str(&format!("Upstream-Contact: {author}\n"));
    }
    if let Some(url) = super::payload::homepage(project) {
        out.push_str(&format!("Source: {url}\n"));
    }
    let holders = notices(&texts).unwrap_or_else(|| fallback_notice(project));
    out.push_str(&format!(
        "\nFiles: *\nCopyright: {}\nLicense: {}\n",
        holders.join("\n           "),
        debian_expression(&id)
    ));
    let ids: Vec<&str> = id
        .split([' ', '(', ')'])
        .filter(|w| !w.is_empty() && !["AND", "OR", "WITH"].contains(w))
        .collect();
    if ids.len() > 1 {
        ids.iter().for_each(|id| out.push_str(&paragraph(id, &texts)));
    } else {
        out.push_str(&terms(&id, &texts));
    }
    Ok(out)
}

/// The paragraph of one licence of several.
fn paragraph(id: &str, texts: &[String]) -> String {
    format!("\nLicense: {}\n{}", short_name(id), terms(id, texts))
}

fn terms(id: &str, texts: &[String]) -> String {
    if let Some((_, _, file)) = COMMON.iter().find(|(spdx, _, _)| *spdx == id) {
        return format!(
            " On Debian systems, the complete text of this license can be found in\n /usr/share/common-licenses/{file}.\n"
        );
    }
    let own = texts.iter().find(|text| text.contains(id)).or(texts.first());
    let known = || spdx::license_id(id).map(spdx::LicenseId::text);
    let Some(text) = own.map(String::as_str).or_else(known) else {
        return format!(" The terms are those of {id}.\n");
    };
    let is_notice = |line: &&str| !line.trim_start().to_ascii_lowercase().starts_with("copyright");
    let body: Vec<&str> = text.lines().filter(is_notice).collect();
    let body = body.join("\n");
    let line = |line: &str| {
        if line.trim().is_empty() {
            " .\n".to_owned()
        } else {
            format!(" {}\n", line.trim_end())
        }
    };
    let lines: Vec<String> = body.trim_matches('\n').lines().map(line).collect();
    lines.concat().replace(" .\n .\n", " .\n")
}

/// The holders in the `Copyright` lines of the licence files.
fn notices(texts: &[String]) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for line in texts.iter().flat_map(|text| text.lines()) {
        let line = line.trim();
        let Some(rest) = line
            .strip_prefix("Copyright ")
            .or_else(|| line.strip_prefix("copyright "))
        else {
            continue;
        };
        let rest = rest
            .trim_start_matches("(c)")
            .trim_start_matches("(C)")
            .trim_start_matches('©')
            .trim();
        let dated = rest.starts_with(|c: char| c.is_ascii_digit());
        if dated && !found.iter().any(|f| f == rest) {
            found.push(rest.to_owned());
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The authors, over the years of the changelog.
fn fallback_notice(project: &Project) -> Vec<String> {
    let core = &project.metadata.core;
    let maintainer = || project.maintainer.as_ref().map(ToString::to_string);
    let who = core
        .author_email
        .as_deref()
        .map(crate::metadata::readable)
        .or_else(|| core.author.clone())
        .or_else(maintainer)
        .unwrap_or_else(|| project.name.to_string());
    let last = project.date.strftime("%Y").clone();
    let first = project.changelog.as_ref().ok().and_then(|log| {
        let dates = log.entries.iter().filter_map(|entry| entry.date);
        dates.min().map(|date| date.strftime("%Y").clone())
    });
    let years = match first {
        Some(first) if first < last => format!("{first}-{last}"),
        _ => last,
    };
    vec![format!("{years} {who}")]
}

/// DEP-5's name of an SPDX licence.
fn short_name(id: &str) -> &str {
    match COMMON.iter().find(|(spdx, _, _)| *spdx == id) {
        Some((_, name, _)) => name,
        None if id == "MIT" => "Expat",
        None => id,
    }
}

/// DEP-5 writes `or` and `and`.
fn debian_expression(expression: &str) -> String {
    let word = |word: &str| match word {
        "AND" => "and".to_owned(),
        "OR" => "or".to_owned(),
        "WITH" => "with".to_owned(),
        id => short_name(id.trim_matches(['(', ')'])).to_owned(),
    };
    expression
        .split_whitespace()
        .map(word)
        .collect::<Vec<_>>()
        .join(" ")
}
