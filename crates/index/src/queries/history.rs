//! What happened: commits and their changes.

use crate::{Index, IndexError};
use packyard_types::{Actor, ChangeId, ChannelName, Operation, Revision, Sender, Timestamp};
use rusqlite::{OptionalExtension, params};

/// A change as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its number.
    pub id: ChangeId,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// From where, and with what.
    pub sender: Sender,
    /// Why.
    pub note: Option<String>,
    /// What.
    pub operation: Operation,
}

impl Index {
    /// Changes after a revision, oldest first; with a channel only those that changed it. About `limit` of them: a
    /// revision is never cut in two, so that asking again after the last one misses nothing.
    pub fn changes_after(
        &self,
        after: Revision,
        channel: Option<&ChannelName>,
        limit: u32,
    ) -> Result<Vec<ChangeRow>, IndexError> {
        let sql = "SELECT n, k, at, actor, sender, note, body FROM changes
            WHERE n > ?1 AND (?2 IS NULL OR channel = ?2)
              AND n <= coalesce((SELECT n FROM changes WHERE n > ?1 AND (?2 IS NULL OR channel = ?2)
                                 ORDER BY n LIMIT 1 OFFSET ?3), n)
            ORDER BY n, k";
        self.change_rows(
            sql,
            params![
                after.0.min(i64::MAX as u64),
                channel.map(ChannelName::as_str),
                limit
            ],
        )
    }

    /// The newest changes of a channel up to a revision, newest first. What was before it was made anew is not its own.
    pub fn newest_changes(
        &self,
        channel: &ChannelName,
        at: Option<Revision>,
        limit: u32,
    ) -> Result<Vec<ChangeRow>, IndexError> {
        let sql = "SELECT n, k, at, actor, sender, note, body FROM changes WHERE channel = ?1 AND n <= ?2
              AND n >= (SELECT coalesce(max(from_n), 0) FROM channels WHERE name = ?1)
            ORDER BY n DESC, k DESC LIMIT ?3";
        self.change_rows(sql, params![channel.as_str(), super::bound(at), limit])
    }

    fn change_rows(&self, sql: &str, row: impl rusqlite::Params) -> Result<Vec<ChangeRow>, IndexError> {
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query(row)?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            out.push(ChangeRow {
                id: ChangeId {
                    revision: Revision(r.get(0)?),
                    position: r.get(1)?,
                },
                at: Timestamp::parse(&r.get::<_, String>(2)?)?,
                actor: Actor::parse(&r.get::<_, String>(3)?)?,
                sender: serde_json::from_str(&r.get::<_, String>(4)?)?,
                note: r.get(5)?,
                operation: serde_json::from_str(&r.get::<_, String>(6)?)?,
            });
        }
        Ok(out)
    }

    /// The last revision that was made until a time; none before the first.
    pub fn revision_at(&self, time: Timestamp) -> Result<Option<Revision>, IndexError> {
        // Times of commits never go back, and all are written alike but for the fraction of the second.
        let sql = "SELECT n, at FROM commits ORDER BY n DESC";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query([])?;
        while let Some(r) = rows.next()? {
            if Timestamp::parse(&r.get::<_, String>(1)?)? <= time {
                return Ok(Some(Revision(r.get(0)?)));
            }
        }
        Ok(None)
    }

    /// When a revision was made.
    pub fn made_at(&self, revision: Revision) -> Result<Option<Timestamp>, IndexError> {
        let sql = "SELECT at FROM commits WHERE n = ?1";
        let at: Option<String> = self
            .db
            .prepare_cached(sql)?
            .query_row([revision.0], |r| r.get(0))
            .optional()?;
        at.map(|at| Ok(Timestamp::parse(&at)?)).transpose()
    }

    /// `Last-Modified` of a revision; of none before the first. Where the revision before it has the same second, which
    /// is so when there was more than one in a second for minutes, it is half a second later: who has seen that second
    /// may have seen the one before.
    pub fn modified(&self, revision: Revision) -> Result<Timestamp, IndexError> {
        let sql = "SELECT c.modified, EXISTS (SELECT 1 FROM commits p WHERE p.n = c.n - 1 AND p.modified = c.modified)
            FROM commits c WHERE c.n = ?1";
        let found: Option<(i64, bool)> = self
            .db
            .prepare_cached(sql)?
            .query_row([revision.0], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        let (seconds, shared) = found.unwrap_or_default();
        Ok(modified_at(seconds, shared))
    }
}

/// The time of a revision whose `Last-Modified` is this second, of its own or shared with the revision before it.
pub(super) fn modified_at(seconds: i64, shared: bool) -> Timestamp {
    let second = Timestamp::from_unix_seconds(seconds);
    if shared {
        second.half_a_second_later()
    } else {
        second
    }
}
