//! A devpi export: `dataindex.json`, as `devpi-export` (formerly `devpi-server --export`) writes it, beside the files.
//!
//! Not here: users, access lists, documentation archives, tox results. An index that mirrors another place holds no
//! files of its own, and its export lists none.

use super::{Found, MAX_FOUND, Place, too_many};
use crate::fault::Fault;
use packyard_types::{Digest, Timestamp};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One index of the export, and the release files in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// `user/index`.
    pub name: String,
    /// Its files, relative to the export.
    pub files: Vec<Found>,
}

#[derive(Deserialize)]
struct Export {
    indexes: BTreeMap<String, Index>,
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "type")]
    kind: String,
    relpath: String,
    #[serde(default)]
    entrymapping: Entry,
    #[serde(default)]
    log: Vec<Logged>,
}

#[derive(Deserialize, Default)]
struct Entry {
    last_modified: Option<String>,
    hash_spec: Option<String>,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Logged {
    #[serde(default)]
    what: String,
    #[serde(default)]
    when: Vec<i64>,
}

/// The indexes of an export that hold files, sorted by name.
pub fn stages(dataindex: &[u8]) -> Result<Vec<Stage>, Fault> {
    let export: Export = serde_json::from_slice(dataindex).map_err(|e| {
        Fault::new(
            format!("dataindex.json is not one of a devpi export: {e}"),
            "export again with `devpi-export`",
        )
    })?;
    let mut stages = Vec::new();
    let mut count = 0;
    for (name, index) in export.indexes {
        let files: Vec<Found> = index.files.iter().filter_map(File::found).collect();
        count += files.len();
        if count > MAX_FOUND {
            return Err(too_many("dataindex.json"));
        }
        if !files.is_empty() {
            stages.push(Stage { name, files });
        }
    }
    Ok(stages)
}

impl File {
    fn found(&self) -> Option<Found> {
        if self.kind != "releasefile" {
            return None;
        }
        let entry = &self.entrymapping;
        let old_spec = || entry.hash_spec.as_deref()?.strip_prefix("sha256=");
        let digest = entry.hashes.get("sha256").map(String::as_str).or_else(old_spec);
        let sha256: Option<Digest> = digest.and_then(|d| d.parse().ok());
        let uploaded = self
            .log
            .iter()
            .find(|l| l.what == "upload")
            .and_then(Logged::time);
        let modified = || Timestamp::parse_http_date(entry.last_modified.as_deref()?);
        Some(Found {
            sha256,
            time: uploaded.or_else(modified),
            ..Found::at(Place::below(&self.relpath)?)
        })
    }
}

impl Logged {
    /// `when` is year, month, day, hour, minute, second in UTC.
    fn time(&self) -> Option<Timestamp> {
        let [year, month, day, hour, minute, second] = self.when[..] else {
            return None;
        };
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
        Timestamp::parse(&text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_gives_its_release_files_with_upload_times() {
        let json = r#"{"users":{},"indexes":{"root/pypi":{"files":[]},"ada/dev":{"files":[
{"type":"releasefile","relpath":"ada/dev/a/1/a-1.tar.gz","entrymapping":{"hash_spec":"sha256=2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","last_modified":"Fri, 22 Mar 2019 00:00:01 GMT"},"log":[{"what":"upload","when":[2019,3,22,0,0,0]}]},
{"type":"doczip","relpath":"ada/dev/a/1/a.doc.zip"},
{"type":"releasefile","relpath":"../../etc/passwd"}]}}}"#;
        let stages = stages(json.as_bytes()).unwrap();
        assert_eq!(stages.len(), 1);
        assert_eq!(stages[0].files.len(), 1);
        assert_eq!(stages[0].files[0].sha256, Some(Digest::of(b"hello")));
        assert_eq!(
            stages[0].files[0].time,
            Some(Timestamp::from_unix_seconds(1_553_212_800))
        );
    }
}
