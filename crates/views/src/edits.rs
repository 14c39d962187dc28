//! What a delta does to the ropes of a tree.

use crate::{
    ViewError,
    rope::{Document, Edit, Edits, Entry, Group, Press, Spliced, splice},
};
use packyard_types::{Body, CachePolicy, Chunk, ContentType, Encoding, Rope, ServedPath, Tree, TreeFile};
use std::collections::BTreeMap;

/// Edits by rope.
#[derive(Default)]
pub(crate) struct RopeEdits(BTreeMap<String, Edits>);

impl RopeEdits {
    /// Takes an entry out of a rope.
    pub(crate) fn remove(&mut self, rope: String, entry: &Entry) {
        self.0
            .entry(rope)
            .or_default()
            .insert(entry.key.clone(), Edit::Take);
    }

    /// Puts an entry into a rope, also where it was taken out before.
    pub(crate) fn put(&mut self, rope: String, entry: Entry) {
        let edits = self.0.entry(rope).or_default();
        edits.insert(entry.key.clone(), Edit::Put(entry));
    }

    /// Says that so many packages more, or fewer, have these entries of a rope.
    pub(crate) fn count(&mut self, rope: String, entries: Vec<Entry>, by: i64) {
        let edits = self.0.entry(rope).or_default();
        for entry in entries {
            let edit = edits
                .entry(entry.key.clone())
                .or_insert_with(|| Edit::Count(entry, 0));
            if let Edit::Count(_, sum) = edit {
                *sum += by;
            }
        }
    }

    /// Puts a package's part into an entry, also where it was taken out before.
    pub(crate) fn put_part(&mut self, rope: String, entry: Entry, part: String) {
        self.parts_of(rope, entry).insert(part, true);
    }

    /// Takes a package's part out of an entry.
    pub(crate) fn remove_part(&mut self, rope: String, entry: Entry, part: String) {
        self.parts_of(rope, entry).insert(part, false);
    }

    fn parts_of(&mut self, rope: String, entry: Entry) -> &mut BTreeMap<String, bool> {
        let edits = self.0.entry(rope).or_default();
        let edit = edits
            .entry(entry.key.clone())
            .or_insert_with(|| Edit::Parts(entry, BTreeMap::new()));
        match edit {
            Edit::Parts(_, parts) => parts,
            Edit::Put(_) | Edit::Take | Edit::Count(..) => {
                unreachable!("a rope of entries with parts is edited by parts alone")
            }
        }
    }

    /// The rope `name` after these edits, not hashed yet. A rope that is new begins with what `sibling`, a rope of
    /// another architecture, lists for every architecture.
    pub(crate) fn apply(
        &self,
        name: &str,
        previous: Option<&Tree>,
        sibling: Option<&Rope>,
        document: &'static dyn Document,
        press: &mut Press<'_>,
    ) -> Result<Spliced, ViewError> {
        let nothing = Edits::new();
        let edits = self.0.get(name).unwrap_or(&nothing);
        match previous.and_then(|tree| tree.ropes.get(name)) {
            Some(rope) => {
                let zstd = document.is_offered_as_zstd() && press.zstd;
                let chunks = if edits.is_empty() {
                    rope.chunks.clone()
                } else {
                    splice(document, &rope.chunks, edits, press)?
                };
                if chunks == rope.chunks && rope.zstd.is_some() == zstd {
                    return Ok(Spliced::Same(rope.clone()));
                }
                Ok(Spliced::New(document, chunks))
            }
            None => {
                let shared = sibling.map(for_every_architecture).unwrap_or_default();
                Ok(Spliced::New(document, splice(document, &shared, edits, press)?))
            }
        }
    }
}

/// The chunks of the groups that ropes of all architectures share. Groups have chunks of their own.
fn for_every_architecture(rope: &Rope) -> Vec<Chunk> {
    let shared = |c: &&Chunk| Group::of_key(&c.first).is_some_and(Group::is_for_every_architecture);
    rope.chunks.iter().filter(shared).cloned().collect()
}

/// The file that is one encoding of a rope; none where the rope is not offered in it.
pub(crate) fn rope_file(name: &str, rope: &Rope, encoding: Encoding, cache: CachePolicy) -> Option<TreeFile> {
    let (blob, content_type) = match encoding {
        Encoding::Plain => (rope.plain?, ContentType::Text),
        Encoding::Gzip => (rope.gzip, ContentType::Gzip),
        Encoding::Xz => (rope.xz?, ContentType::Xz),
        Encoding::Zstd => (rope.zstd?, ContentType::Zstd),
    };
    let name = name.to_owned();
    Some(TreeFile {
        content_type,
        cache,
        blob,
        body: Body::Rope { name, encoding },
    })
}

/// A small file that the tree itself holds, under a name that moves.
pub(crate) fn inline_file(content_type: ContentType, text: String) -> TreeFile {
    TreeFile {
        content_type,
        cache: CachePolicy::Moving,
        blob: packyard_types::Blob::of(text.as_bytes()),
        body: Body::Inline(text),
    }
}

/// A path that is made of names and words that were parsed.
pub(crate) fn served(path: &str) -> ServedPath {
    ServedPath::parse(path)
        .expect("distributions, components, architectures and digests are whole path parts")
}
