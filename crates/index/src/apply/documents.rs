//! Documents of yum repositories come and go.

use crate::{Index, IndexError};
use packyard_types::{ChangeId, ChannelName, DistributionName, Documented};
use rusqlite::params;

impl Index {
    /// A document is put in place of the one that was there, or taken away. Its distribution comes into being with it.
    pub(super) fn set_document(
        &mut self,
        id: ChangeId,
        channel: &ChannelName,
        change: &Documented,
    ) -> Result<(), IndexError> {
        let (n, kind) = (id.revision.0, change.kind.as_str());
        let place = params![channel.as_str(), change.distribution.as_str(), kind, n];
        // What was there earlier in the same revision was never to be seen.
        for sql in [
            "DELETE FROM documents WHERE channel = ?1 AND distribution = ?2 AND kind = ?3 AND from_n = ?4",
            "UPDATE documents SET to_n = ?4
                WHERE channel = ?1 AND distribution = ?2 AND kind = ?3 AND to_n IS NULL",
        ] {
            self.db.prepare_cached(sql)?.execute(place)?;
        }
        let Some(document) = &change.document else {
            return Ok(());
        };
        self.ensure_distribution(id, channel, &change.distribution)?;
        let body = serde_json::to_string(document)?;
        self.db
            .prepare_cached("INSERT INTO documents VALUES (?1, ?2, ?3, ?4, ?5, NULL)")?
            .execute(params![
                channel.as_str(),
                change.distribution.as_str(),
                kind,
                body,
                n
            ])?;
        Ok(())
    }

    /// The documents of a distribution that ends end with it.
    pub(super) fn end_documents(
        &mut self,
        id: ChangeId,
        channel: &ChannelName,
        distribution: &DistributionName,
    ) -> Result<(), IndexError> {
        let sql = "UPDATE documents SET to_n = ?3 WHERE channel = ?1 AND distribution = ?2 AND to_n IS NULL";
        let row = params![channel.as_str(), distribution.as_str(), id.revision.0];
        self.db.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }
}
