//! Documents that were taken in, served as they are; package groups packed, too: yum 3 wants them open, others do not
//! mind.

use super::repomd::Data;
use crate::{edits::served, rope::gzip_member};
use packyard_types::{
    Blob, Body, CachePolicy, ContentType, Digest, Document, DocumentKind, Encoding, ServedPath, Tree,
    TreeFile,
};
use std::{collections::BTreeMap, sync::Arc};

/// A document with its bytes.
#[derive(Debug, Clone)]
pub struct Attached {
    /// Its name and digest.
    pub document: Document,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

impl Attached {
    /// Its text; what was taken in as XML is UTF-8.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// What every repository of a distribution has of a document.
pub(super) struct Copies {
    data: Vec<Data>,
    /// Packed bytes that are not stored yet.
    pub(super) made: BTreeMap<Digest, Vec<u8>>,
}

impl Copies {
    /// The copies of a document. What the previous tree has of it is not packed again.
    pub(super) fn of(kind: &DocumentKind, attached: &Attached, previous: Option<&Tree>) -> Self {
        let document = &attached.document;
        let mut copies = Self {
            data: vec![Data {
                kind: kind.to_string(),
                blob: document.blob,
                name: document.name.to_string(),
                open_bytes: None,
            }],
            made: BTreeMap::new(),
        };
        if *kind == DocumentKind::group() {
            let name = format!("{}.gz", document.name);
            let packed = previous.and_then(|tree| packed_before(tree, document, &name));
            let blob = packed.unwrap_or_else(|| {
                let bytes = gzip_member(&attached.bytes);
                let blob = Blob::of(&bytes);
                copies.made.insert(blob.digest, bytes);
                blob
            });
            copies.data.push(Data {
                kind: format!("{kind}_gz"),
                blob,
                name,
                open_bytes: Some(document.blob.size_bytes),
            });
        }
        copies
    }

    /// The elements of repomd.xml and the files of the repository at a root.
    pub(super) fn at(self, root: &str) -> (Vec<Data>, Vec<(ServedPath, TreeFile)>) {
        let files = self.data.iter().map(|data| {
            let file = TreeFile {
                content_type: content_type(&data.name),
                cache: CachePolicy::Immutable,
                blob: data.blob,
                body: Body::Stored,
            };
            (served(&format!("{root}/{}", data.location())), file)
        });
        let files = files.collect();
        (self.data, files)
    }
}

/// The packed form of a document in a repository of a tree that has the document itself.
fn packed_before(tree: &Tree, document: &Document, name: &str) -> Option<Blob> {
    let plain = format!("/{}-{}", document.blob.digest, document.name);
    let (path, _) = tree
        .files
        .iter()
        .find(|(path, _)| path.as_str().ends_with(&plain))?;
    let root = path.as_str().strip_suffix(&plain)?;
    let suffix = format!("-{name}");
    let mut beside = tree
        .files
        .iter()
        .filter(|(path, _)| path.as_str().starts_with(root) && path.as_str().ends_with(&suffix));
    beside.next().map(|(_, file)| file.blob)
}

fn content_type(name: &str) -> ContentType {
    match name.rsplit_once('.').map(|(_, suffix)| suffix) {
        Some("xml") => ContentType::Xml,
        Some("gz") => ContentType::Gzip,
        Some("xz") => ContentType::Xz,
        Some("zst") => ContentType::Zstd,
        _ => ContentType::Text,
    }
}

/// The encoding of a rope that a repository names, and only that.
pub(super) fn offered(rope: &packyard_types::Rope) -> Encoding {
    match rope.zstd {
        Some(_) => Encoding::Zstd,
        None => Encoding::Gzip,
    }
}
