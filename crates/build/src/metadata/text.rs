//! Core metadata as text: METADATA of a wheel, PKG-INFO of an sdist.
//! <https://packaging.python.org/en/latest/specifications/core-metadata/>

use super::Metadata;
use packyard_types::CoreMetadata;

/// Writes core metadata, of the version that it names.
pub(crate) fn render(metadata: &Metadata) -> String {
    let m = &metadata.core;
    let mut out = String::new();
    let version = if m.metadata_version.is_empty() {
        "2.4"
    } else {
        &m.metadata_version
    };
    let mut field = |key: &str, value: &str| {
        // A header's value goes on over lines that are indented; a blank one would end the headers.
        let lines: Vec<&str> = value.lines().map(str::trim_end).collect();
        let folded = lines.join("\n        ");
        out.push_str(&format!("{key}: {}\n", folded.trim_end()));
    };
    field("Metadata-Version", version);
    field("Name", &m.name);
    field("Version", &m.version);
    // What is one line by its nature is joined.
    let line = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let optional = [
        ("Summary", m.summary.as_ref().map(line)),
        ("Keywords", m.keywords.clone()),
        ("Home-page", m.home_page.clone()),
        ("Author", m.author.clone()),
        ("Author-email", m.author_email.clone()),
        ("Maintainer", m.maintainer.clone()),
        ("Maintainer-email", m.maintainer_email.clone()),
        ("License", m.license.clone()),
        ("License-Expression", m.license_expression.clone()),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            field(key, &value);
        }
    }
    let lists = [("License-File", &m.license_files), ("Classifier", &m.classifiers)];
    for (key, values) in lists {
        values.iter().for_each(|value| field(key, value));
    }
    for (label, url) in &m.project_urls {
        field("Project-URL", &format!("{label}, {url}"));
    }
    if let Some(value) = &m.requires_python {
        field("Requires-Python", value);
    }
    let lists = [
        ("Requires-Dist", &m.requires_dist),
        ("Provides-Extra", &m.provides_extra),
        ("Dynamic", &m.dynamic),
    ];
    for (key, values) in lists {
        values.iter().for_each(|value| field(key, value));
    }
    metadata.other.iter().for_each(|(key, value)| field(key, value));
    if let Some(value) = &m.description_content_type {
        field("Description-Content-Type", value);
    }
    if let Some(text) = &m.description {
        out.push('\n');
        out.push_str(text);
        if !text.is_empty() && !text.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

/// Reads what a build backend wrote; the fields that packages are made of.
pub(crate) fn parse_core(text: &str) -> CoreMetadata {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut m = CoreMetadata::default();
    let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
    for line in unfolded.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.trim().to_owned();
        match key.to_ascii_lowercase().as_str() {
            "metadata-version" => m.metadata_version = value,
            "name" => m.name = value,
            "version" => m.version = value,
            "summary" => m.summary = Some(value),
            "keywords" => m.keywords = Some(value),
            "home-page" => m.home_page = Some(value),
            "author" => m.author = Some(value),
            "author-email" => m.author_email = Some(value),
            "maintainer" => m.maintainer = Some(value),
            "maintainer-email" => m.maintainer_email = Some(value),
            "license" => m.license = Some(value),
            "license-expression" => m.license_expression = Some(value),
            "license-file" => m.license_files.push(value),
            "classifier" => m.classifiers.push(value),
            "requires-python" => m.requires_python = Some(value),
            "requires-dist" => m.requires_dist.push(value),
            "provides-extra" => m.provides_extra.push(value),
            "dynamic" => m.dynamic.push(value),
            "description-content-type" => m.description_content_type = Some(value),
            "project-url" => {
                let (label, url) = value.split_once(',').unwrap_or(("", &value));
                m.project_urls
                    .push((label.trim().to_owned(), url.trim().to_owned()));
            }
            _ => {}
        }
    }
    m.description = (!body.is_empty()).then(|| body.to_owned());
    m
}
