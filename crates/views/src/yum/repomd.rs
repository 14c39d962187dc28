//! repomd.xml: what the index files of a repository are called and hash to.

use super::{Part, Scope};
use packyard_types::Rope;

/// `repodata/{sha256}-primary.xml.gz`: a name that never means other bytes.
pub(super) fn location(part: Part, rope: &Rope) -> String {
    format!("repodata/{}-{}.xml.gz", rope.gzip.digest, part.as_str())
}

/// The text of repomd.xml. There is no `open-checksum`, which is optional: to know it, every publish would inflate and
/// hash the whole channel (docs/decisions/0010). Its timestamps are the revision's, so that they go forward in a rollback too: yum 3
/// refuses data that is older than what it has.
pub(super) fn repomd(scope: &Scope, parts: &[(Part, &Rope)]) -> String {
    let revision = scope.revision.0;
    let timestamp = scope.at.unix_seconds();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\">\n  \
         <revision>{revision}</revision>\n"
    );
    for (part, rope) in parts {
        out.push_str(&format!(
            "  <data type=\"{}\">\n    \
             <checksum type=\"sha256\">{}</checksum>\n    \
             <location href=\"{}\"/>\n    \
             <timestamp>{timestamp}</timestamp>\n    \
             <size>{}</size>\n    \
             <open-size>{}</open-size>\n  \
             </data>\n",
            part.as_str(),
            rope.gzip.digest,
            location(*part, rope),
            rope.gzip.size_bytes,
            rope.open_bytes(),
        ));
    }
    out.push_str("</repomd>\n");
    out
}
