//! What happened: commits and their changes.

use crate::{Index, IndexError};
use packyard_types::{Actor, ChangeId, ChannelName, Operation, Revision, Timestamp};
use rusqlite::params;

/// A change as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its number.
    pub id: ChangeId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// Why.
    pub note: Option<String>,
    /// What.
    pub operation: Operation,
}

impl Index {
    /// Changes after a revision, oldest first; with a channel only those that changed it.
    pub fn changes_after(
        &self,
        after: Revision,
        channel: Option<&ChannelName>,
        limit: u32,
    ) -> Result<Vec<ChangeRow>, IndexError> {
        let sql = "SELECT n, k, at, actor, note, body FROM changes
            WHERE n > ?1 AND (?2 IS NULL OR channel = ?2) ORDER BY n, k LIMIT ?3";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query(params![after.0, channel.map(ChannelName::as_str), limit])?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            out.push(ChangeRow {
                id: ChangeId {
                    revision: Revision(r.get(0)?),
                    position: r.get(1)?,
                },
                at: Timestamp::parse(&r.get::<_, String>(2)?)?,
                actor: Actor::parse(&r.get::<_, String>(3)?)?,
                note: r.get(4)?,
                operation: serde_json::from_str(&r.get::<_, String>(5)?)?,
            });
        }
        Ok(out)
    }

    /// When a revision was made, where the index has it.
    pub fn committed_at(&self, revision: Revision) -> Result<Option<Timestamp>, IndexError> {
        use rusqlite::OptionalExtension;
        let sql = "SELECT at FROM commits WHERE n = ?1";
        let found: Option<String> = self
            .db
            .prepare_cached(sql)?
            .query_row([revision.0], |r| r.get(0))
            .optional()?;
        found.map(|t| Ok(Timestamp::parse(&t)?)).transpose()
    }
}
