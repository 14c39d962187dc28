//! Python core metadata, 1.0 to 2.6: `METADATA` of a wheel, `PKG-INFO` of an sdist.
//!
//! <https://packaging.python.org/en/latest/specifications/core-metadata/>: header lines as in an e-mail, then, since
//! 2.1, the description as the body. Fields that nothing here uses are read over. `UNKNOWN`, which old tools write
//! for nothing, reads as nothing.

pub mod rules;

use packyard_types::CoreMetadata;

/// Versions of the specification that are read.
pub const VERSIONS: [&str; 10] = [
    "1.0", "1.1", "1.2", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6",
];

/// Why a text is not core metadata.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadMetadata {
    /// A header line has no colon.
    #[error("line {0} is no `Field: value` line")]
    Line(usize),
    /// A required field is missing.
    #[error("it has no field `{0}`")]
    Missing(&'static str),
    /// The version of the specification is none that is known.
    #[error("its Metadata-Version is `{0}`, which is none of 1.0 to 2.6")]
    Version(String),
    /// The project's version is no PEP 440 version.
    #[error("its Version `{0}` is not a PEP 440 version")]
    ProjectVersion(String),
}

/// Parses a metadata file.
pub fn parse(bytes: &[u8]) -> Result<CoreMetadata, BadMetadata> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let (headers, body) = headers(text)?;
    let mut metadata = CoreMetadata::default();
    for (name, value) in headers {
        set(&mut metadata, &name, value);
    }
    if !body.trim().is_empty() {
        metadata.description = Some(body.to_owned());
    }
    finish(metadata)
}

/// Writes a metadata file; the description is its body.
pub fn write(metadata: &CoreMetadata) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            // A line break in a value would begin another field.
            let folded = value.lines().collect::<Vec<_>>().join("\n        ");
            out.push_str(&format!("{name}: {folded}\n"));
        }
    };
    line("Metadata-Version", &metadata.metadata_version);
    line("Name", &metadata.name);
    line("Version", &metadata.version);
    metadata.dynamic.iter().for_each(|v| line("Dynamic", v));
    for (name, value) in single(metadata) {
        line(name, value.as_deref().unwrap_or_default());
    }
    metadata
        .license_files
        .iter()
        .for_each(|v| line("License-File", v));
    metadata.classifiers.iter().for_each(|v| line("Classifier", v));
    metadata
        .requires_dist
        .iter()
        .for_each(|v| line("Requires-Dist", v));
    for (label, url) in &metadata.project_urls {
        line("Project-URL", &format!("{label}, {url}"));
    }
    metadata
        .provides_extra
        .iter()
        .for_each(|v| line("Provides-Extra", v));
    metadata.import_names.iter().for_each(|v| line("Import-Name", v));
    metadata
        .import_namespaces
        .iter()
        .for_each(|v| line("Import-Namespace", v));
    if let Some(description) = &metadata.description {
        out.push('\n');
        out.push_str(description);
    }
    out
}

pub(crate) fn single(metadata: &CoreMetadata) -> [(&'static str, &Option<String>); 11] {
    [
        ("Summary", &metadata.summary),
        ("Description-Content-Type", &metadata.description_content_type),
        ("Keywords", &metadata.keywords),
        ("Home-page", &metadata.home_page),
        ("Author", &metadata.author),
        ("Author-email", &metadata.author_email),
        ("Maintainer", &metadata.maintainer),
        ("Maintainer-email", &metadata.maintainer_email),
        ("License", &metadata.license),
        ("License-Expression", &metadata.license_expression),
        ("Requires-Python", &metadata.requires_python),
    ]
}

pub(crate) type Fields = Vec<(String, String)>;

/// The header fields as they are there, names in lower case, and nothing left out.
pub(crate) fn fields(bytes: &[u8]) -> Fields {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    headers(text).map(|(fields, _)| fields).unwrap_or_default()
}

/// Whether what a resolver reads of an sdist is what its wheels will say (PEP 643): metadata 2.2 or later, and none of
/// those fields is `Dynamic`.
pub fn is_static(metadata: &CoreMetadata) -> bool {
    const READ: [&str; 5] = [
        "name",
        "version",
        "requires-dist",
        "requires-python",
        "provides-extra",
    ];
    let dynamic = |field: &String| READ.contains(&field.trim().to_ascii_lowercase().as_str());
    place(&metadata.metadata_version) >= place("2.2") && !metadata.dynamic.iter().any(dynamic)
}

/// Where a version of the specification stands among all; none for an unknown one.
pub(crate) fn place(version: &str) -> Option<usize> {
    VERSIONS.iter().position(|v| *v == version)
}

/// Splits the header fields, unfolded but for their line breaks, from the body.
fn headers(text: &str) -> Result<(Fields, &str), BadMetadata> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut rest = text;
    for at in 1.. {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            return Ok((fields, after));
        }
        if let Some((_, value)) = fields.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            value.push('\n');
            value.push_str(unindent(line));
        } else {
            let (name, value) = line.split_once(':').ok_or(BadMetadata::Line(at))?;
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(BadMetadata::Line(at));
            }
            fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        rest = after;
    }
    Ok((fields, ""))
}

/// Continuation lines of a Description header begin with eight blanks, or with seven and a `|`.
fn unindent(line: &str) -> &str {
    line.strip_prefix("       |")
        .or_else(|| line.strip_prefix("        "))
        .unwrap_or(line.trim_start())
}

fn set(metadata: &mut CoreMetadata, name: &str, value: String) {
    if value.is_empty() || value == "UNKNOWN" {
        return;
    }
    let one = match name {
        "metadata-version" => return metadata.metadata_version = value,
        "name" => return metadata.name = value,
        "version" => return metadata.version = value,
        "license-file" => return metadata.license_files.push(value),
        "classifier" => return metadata.classifiers.push(value),
        "requires-dist" => return metadata.requires_dist.push(value),
        "provides-extra" => return metadata.provides_extra.push(value),
        "dynamic" => return metadata.dynamic.push(value),
        "import-name" => return metadata.import_names.push(value),
        "import-namespace" => return metadata.import_namespaces.push(value),
        "project-url" => {
            let (label, url) = value.split_once(',').unwrap_or(("", &value));
            return metadata
                .project_urls
                .push((label.trim().to_owned(), url.trim().to_owned()));
        }
        "summary" => &mut metadata.summary,
        "description" => &mut metadata.description,
        "description-content-type" => &mut metadata.description_content_type,
        "keywords" => &mut metadata.keywords,
        "home-page" => &mut metadata.home_page,
        "author" => &mut metadata.author,
        "author-email" => &mut metadata.author_email,
        "maintainer" => &mut metadata.maintainer,
        "maintainer-email" => &mut metadata.maintainer_email,
        "license" => &mut metadata.license,
        "license-expression" => &mut metadata.license_expression,
        "requires-python" => &mut metadata.requires_python,
        _ => return,
    };
    one.get_or_insert(value);
}

fn finish(mut metadata: CoreMetadata) -> Result<CoreMetadata, BadMetadata> {
    let required = [
        ("Metadata-Version", &metadata.metadata_version),
        ("Name", &metadata.name),
        ("Version", &metadata.version),
    ];
    if let Some((name, _)) = required.iter().find(|(_, value)| value.is_empty()) {
        return Err(BadMetadata::Missing(name));
    }
    if !VERSIONS.contains(&metadata.metadata_version.as_str()) {
        return Err(BadMetadata::Version(metadata.metadata_version));
    }
    match metadata.version.parse::<pep440_rs::Version>() {
        Ok(version) => metadata.version = version.to_string(),
        Err(_) => return Err(BadMetadata::ProjectVersion(metadata.version)),
    }
    Ok(metadata)
}
