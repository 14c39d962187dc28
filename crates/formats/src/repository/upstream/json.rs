//! Pages of JSON (PEP 691, 700, 658/714, 792). Each file is read by itself, so that a page costs little more than its bytes.

use super::{
    Links, MAX_FILE_TEXT, UpstreamFile, UpstreamPage, bounded, fault, known_status, line, link, reason,
};
use crate::fault::Fault;
use packyard_types::{ArtifactName, Timestamp};
use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};
use std::{collections::BTreeMap, fmt};
use url::Url;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Json<'a> {
    #[serde(borrow)]
    files: Files<'a>,
    #[serde(borrow, default)]
    project_status: Option<&'a RawValue>,
}

/// The text of each file, where it lies in the page. A list that goes on for too long is not read to its end.
struct Files<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Files<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(FilesVisitor)
    }
}

struct FilesVisitor;

impl<'de> Visitor<'de> for FilesVisitor {
    type Value = Files<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of files")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Files<'de>, A::Error> {
        let mut files = Vec::new();
        while let Some(file) = list.next_element()? {
            bounded(files.len() + 1).map_err(|fault| de::Error::custom(fault.rule))?;
            files.push(file);
        }
        Ok(Files(files))
    }
}

/// What a part of a page says; nothing where it is not of the expected form, or too long to be honest.
fn part<'a, T: Deserialize<'a>>(text: &'a RawValue) -> Option<T> {
    let text = Some(text.get()).filter(|text| text.len() <= MAX_FILE_TEXT);
    serde_json::from_str(text?).ok()
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct JsonFile {
    filename: String,
    url: String,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    requires_python: Option<String>,
    #[serde(default)]
    upload_time: Option<String>,
    #[serde(default)]
    yanked: Value,
    #[serde(default)]
    core_metadata: Value,
    #[serde(default)]
    dist_info_metadata: Value,
}

/// Reads a page of JSON.
pub(super) fn read(text: &str, base: &Url) -> Result<UpstreamPage, Fault> {
    // What is there in its place is nobody's business: strangers are told this.
    let not_simple = |e: serde_json::Error| {
        if e.is_data() && e.to_string().contains("more than") {
            return fault(format!("the page cannot be taken: {e}"));
        }
        let (line, column) = (e.line(), e.column());
        fault(format!(
            "the page is not JSON of the simple API (line {line}, column {column})"
        ))
    };
    let page: Json = serde_json::from_str(text).map_err(not_simple)?;
    let Files(list) = page.files;
    let (listed, mut links, mut files) = (list.len(), Links::default(), Vec::new());
    for text in list {
        if let Some(file) = part(text).and_then(|file: JsonFile| json_file(&file, base)) {
            files.push(links.counted(file)?);
        }
    }
    let status: Value = page.project_status.and_then(part).unwrap_or_default();
    Ok(UpstreamPage {
        status: status["status"].as_str().map(known_status).unwrap_or_default(),
        reason: status["reason"].as_str().map(reason).unwrap_or_default(),
        left_out: listed - files.len(),
        files,
    })
}

/// When a file was uploaded, where that can be: no index is older than Python.
fn upload_time(text: &str) -> Option<Timestamp> {
    let python = Timestamp::parse("1990-01-01T00:00:00Z").ok()?;
    Timestamp::parse(text).ok().filter(|time| *time >= python)
}

fn json_file(file: &JsonFile, base: &Url) -> Option<UpstreamFile> {
    let metadata = |value: &Value| value["sha256"].as_str().and_then(|d| d.parse().ok());
    Some(UpstreamFile {
        filename: ArtifactName::parse(&file.filename).ok()?,
        url: link(base, &file.url)?,
        sha256: file.hashes.get("sha256")?.parse().ok()?,
        size_bytes: file.size,
        requires_python: file.requires_python.as_deref().and_then(line),
        yanked: match &file.yanked {
            Value::String(why) => Some(reason(why)),
            Value::Bool(true) => Some(String::new()),
            _ => None,
        },
        uploaded_at: file.upload_time.as_deref().and_then(upload_time),
        metadata_sha256: metadata(&file.core_metadata).or_else(|| metadata(&file.dist_info_metadata)),
    })
}
