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

impl Index {
    /// A digest of all rows, so that two indexes can be compared.
    pub fn fingerprint(&self) -> Result<Digest, IndexError> {
        use crate::schema::TABLES;
        use rusqlite::types::ValueRef;
        let mut hasher = packyard_types::Hasher::new();
        for table in TABLES {
            let mut query = self.db.prepare(&format!("SELECT * FROM {table}"))?;
            let columns = query.column_count();
            let mut lines = Vec::new();
            let mut rows = query.query([])?;
            while let Some(r) = rows.next()? {
                let mut line = table.to_owned();
                for i in 0..columns {
                    let cell = match r.get_ref(i)? {
                        ValueRef::Null => "null".to_owned(),
                        ValueRef::Integer(n) => n.to_string(),
                        ValueRef::Real(x) => x.to_string(),
                        ValueRef::Text(t) | ValueRef::Blob(t) => Digest::of(t).to_string(),
                    };
                    line.push_str(&format!("|{cell}"));
                }
                lines.push(line);
            }
            // Rows are compared as a set: the order in a table without a key is not part of the answer.
            lines.sort();
            lines.iter().for_each(|l| hasher.update(l.as_bytes()));
        }
        Ok(hasher.finish().digest)
    }
}
