//! repomd.xml: what the index files of a repository are called and hash to.

use super::Scope;
use packyard_types::{Blob, Rope};

/// One `data` element: a file of the repository.
pub(super) struct Data {
    /// Its `type`.
    pub(super) kind: String,
    /// The bytes as they are served.
    pub(super) blob: Blob,
    /// What stands behind the digest in its name: `primary.xml.gz`.
    pub(super) name: String,
    /// Length of what it unpacks to; none where it is not packed.
    pub(super) open_bytes: Option<u64>,
}

impl Data {
    /// A rope: as zstd where it is offered so, for repomd.xml may name each type once.
    pub(super) fn of_rope(kind: &str, rope: &Rope) -> Self {
        let (blob, suffix) = match rope.zstd {
            Some(zstd) => (zstd, "zst"),
            None => (rope.gzip, "gz"),
        };
        Self {
            kind: kind.to_owned(),
            blob,
            name: format!("{kind}.xml.{suffix}"),
            open_bytes: Some(rope.open_bytes()),
        }
    }

    /// `repodata/{sha256}-primary.xml.gz`: a name that never means other bytes.
    pub(super) fn location(&self) -> String {
        format!("repodata/{}-{}", self.blob.digest, self.name)
    }
}

/// The text of repomd.xml. There is no `open-checksum`, which is optional: to know it, every publish would inflate and
/// hash the whole channel (docs/decisions/0010). Its timestamps are the revision's, so that they go forward in a rollback too: yum 3
/// refuses data that is older than what it has.
pub(super) fn repomd(scope: &Scope, files: &[Data]) -> String {
    let revision = scope.revision.0;
    let timestamp = scope.at.unix_seconds();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n  \
         <revision>{revision}</revision>\n"
    );
    for data in files {
        out.push_str(&format!(
            "  <data type=\"{}\">\n    \
             <checksum type=\"sha256\">{}</checksum>\n    \
             <location href=\"{}\"/>\n    \
             <timestamp>{timestamp}</timestamp>\n    \
             <size>{}</size>\n",
            data.kind,
            data.blob.digest,
            data.location(),
            data.blob.size_bytes,
        ));
        if let Some(open_bytes) = data.open_bytes {
            out.push_str(&format!("    <open-size>{open_bytes}</open-size>\n"));
        }
        out.push_str("  </data>\n");
    }
    out.push_str("</repomd>\n");
    out
}
