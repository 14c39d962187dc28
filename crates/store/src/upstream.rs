//! What came from other indexes, and when: records outside the history, put if absent, never overwritten. Of a page the
//! newest counts, and older ones may be deleted; that of a file stays.
//!
//! ```text
//! upstream/pages/<hex>/<project>/<time>.json   a page; <hex> is the SHA-256 of the upstream's URL
//! upstream/files/<sha256>/<hex>.json           a file, whose bytes are a blob; <hex> as above
//! ```

use crate::{Staged, Store, StoreError};
use bytes::Bytes;
use object_store::path::Path;
use packyard_types::{Digest, ProjectName, Timestamp, UpstreamUrl};
use std::fmt;

/// The name of a record of something that came from an upstream.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UpstreamKey {
    /// `upstream/pages/<hex>/<project>/<time>.json`
    Page(Digest, ProjectName, Timestamp),
    /// `upstream/files/<sha256>/<hex>.json`
    File(Digest, Digest),
}

/// Some of these records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamRecords<'a> {
    /// The pages of a project, by the digest of the upstream's URL.
    Pages(&'a Digest, &'a ProjectName),
    /// All files.
    Files,
    /// The upstreams that a file came from.
    File(&'a Digest),
}

impl UpstreamKey {
    /// How an upstream is called in keys.
    pub fn of(upstream: &UpstreamUrl) -> Digest {
        Digest::of(upstream.as_str().as_bytes())
    }

    /// The key that has this path; none for a path that is not packyard's.
    pub fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.strip_suffix(".json")?.split('/').collect();
        let key = match parts[..] {
            ["upstream", "pages", hex, project, time] => {
                let time = Timestamp::parse(time).ok()?;
                Self::Page(hex.parse().ok()?, project.parse().ok()?, time)
            }
            ["upstream", "files", digest, hex] => Self::File(digest.parse().ok()?, hex.parse().ok()?),
            _ => return None,
        };
        (key.to_string() == path).then_some(key)
    }

    fn path(&self) -> Path {
        Path::from(self.to_string())
    }
}

impl fmt::Display for UpstreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // As long for every time, so that names sort as times do.
            Self::Page(hex, project, time) => {
                let time = time.strftime("%Y%m%dT%H%M%S.%6fZ");
                write!(f, "{}/{time}.json", UpstreamRecords::Pages(hex, project))
            }
            Self::File(digest, hex) => write!(f, "{}/{hex}.json", UpstreamRecords::File(digest)),
        }
    }
}

impl fmt::Display for UpstreamRecords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pages(hex, project) => write!(f, "upstream/pages/{hex}/{project}"),
            Self::Files => f.write_str("upstream/files"),
            Self::File(digest) => write!(f, "{}/{digest}", Self::Files),
        }
    }
}

impl Store {
    /// Puts a record, unless there is one.
    pub async fn put_upstream(&self, key: &UpstreamKey, bytes: Bytes) -> Result<Staged, StoreError> {
        self.put_record(key, &key.path(), bytes).await
    }

    /// A record, if it is there.
    pub async fn upstream(&self, key: &UpstreamKey) -> Result<Option<Bytes>, StoreError> {
        self.record(key, &key.path()).await
    }

    /// The keys of some records, sorted: of pages, the newest last.
    pub async fn list_upstream(&self, of: UpstreamRecords<'_>) -> Result<Vec<UpstreamKey>, StoreError> {
        self.list_records(&of, UpstreamKey::parse).await
    }

    /// Deletes a record; one that is not there is deleted already.
    pub async fn delete_upstream(&self, key: &UpstreamKey) -> Result<(), StoreError> {
        self.delete_record(key, &key.path()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_drawn_and_read_back() {
        let url = UpstreamUrl::parse("http://index.example/simple/").unwrap();
        let (hex, hello) = (UpstreamKey::of(&url), Digest::of(b"hello"));
        let time = Timestamp::parse("2026-01-02T03:04:05.000006Z").unwrap();
        let table = [
            (
                UpstreamKey::Page(hex, "hello-world".parse().unwrap(), time),
                format!("upstream/pages/{hex}/hello-world/20260102T030405.000006Z.json"),
            ),
            (
                UpstreamKey::File(hello, hex),
                format!("upstream/files/{hello}/{hex}.json"),
            ),
        ];
        for (key, path) in table {
            assert_eq!(key.to_string(), path);
            assert_eq!(key.path().as_ref(), path);
            assert_eq!(UpstreamKey::parse(&path), Some(key));
        }
        for path in [
            format!("upstream/pages/{hex}/Hello/20260102T030405.000006Z.json"),
            format!("upstream/pages/{hex}/hello/20260102T030405Z.json"),
            format!("upstream/files/{hello}/x.json"),
            "upstream/files".to_owned(),
        ] {
            assert_eq!(UpstreamKey::parse(&path), None, "{path}");
        }
    }

    #[tokio::test]
    async fn the_newest_page_of_a_project_is_the_last_that_is_listed() {
        let store = Store::memory();
        let (hex, name) = (Digest::of(b"url"), "hello".parse::<ProjectName>().unwrap());
        for seconds in [9, 1_553_212_800, 5_000_000_000] {
            let key = UpstreamKey::Page(hex, name.clone(), Timestamp::from_unix_seconds(seconds));
            store.put_upstream(&key, Bytes::from_static(b"{}")).await.unwrap();
        }
        let other = UpstreamKey::Page(
            hex,
            "hello-world".parse().unwrap(),
            Timestamp::from_unix_seconds(6_000_000_000),
        );
        store
            .put_upstream(&other, Bytes::from_static(b"{}"))
            .await
            .unwrap();
        let keys = store
            .list_upstream(UpstreamRecords::Pages(&hex, &name))
            .await
            .unwrap();
        assert_eq!(keys.len(), 3);
        let newest = UpstreamKey::Page(hex, name.clone(), Timestamp::from_unix_seconds(5_000_000_000));
        assert_eq!(keys.last(), Some(&newest));
        store.delete_upstream(&newest).await.unwrap();
        assert_eq!(store.upstream(&newest).await.unwrap(), None);
    }
}
