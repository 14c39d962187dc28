//! Where small blobs lie.

use crate::{Index, IndexError, Packed};
use packyard_types::Digest;
use rusqlite::OptionalExtension;

impl Index {
    /// The pack that holds a small blob; none for a blob of its own (or an unknown one).
    pub fn packed(&self, digest: &Digest) -> Result<Option<Packed>, IndexError> {
        let sql = "SELECT pack, start, size FROM packed WHERE digest = ?1";
        let row = |r: &rusqlite::Row<'_>| Ok((r.get::<_, String>(0)?, r.get(1)?, r.get(2)?));
        let found = self
            .db
            .prepare_cached(sql)?
            .query_row([digest.to_string()], row)
            .optional()?;
        found
            .map(|(pack, start, size_bytes)| {
                Ok(Packed {
                    pack: pack.parse()?,
                    start,
                    size_bytes,
                })
            })
            .transpose()
    }
}
