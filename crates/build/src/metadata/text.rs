//! Core metadata as text: METADATA of a wheel, PKG-INFO of an sdist.
//! <https://packaging.python.org/en/latest/specifications/core-metadata/>

use packyard_types::CoreMetadata;

/// Writes core metadata 2.4.
pub(crate) fn render_core(m: &CoreMetadata) -> String {
    let mut out = String::from("Metadata-Version: 2.4\n");
    let mut field = |key: &str, value: &str| {
        // A header's value is one line; what the metadata breaks is joined.
        let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
        out.push_str(&format!("{key}: {line}\n"));
    };
    field("Name", &m.name);
    field("Version", &m.version);
    let optional = [
        ("Summary", &m.summary),
        ("Keywords", &m.keywords),
        ("Home-page", &m.home_page),
        ("Author", &m.author),
        ("Author-email", &m.author_email),
        ("Maintainer", &m.maintainer),
        ("Maintainer-email", &m.maintainer_email),
        ("License", &m.license),
        ("License-Expression", &m.license_expression),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            field(key, value);
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
    if let Some(value) = &m.description_content_type {
        field("Description-Content-Type", value);
    }
    if let Some(text) = &m.description {
        out.push('\n');
        out.push_str(text);
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
