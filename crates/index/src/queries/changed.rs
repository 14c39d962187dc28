//! What of a channel has changed since a revision, by validity ranges: in the time of what changed, not of what is held.

use super::artifacts::{COLUMNS, Listed};
use crate::{Index, IndexError};
use packyard_types::{ChannelName, Revision};
use rusqlite::{OptionalExtension, params};

/// The difference between a channel as it was and as it is. What is the same in both, though it went and came back
/// between them, is in neither.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// What it held then, in a state in which it does not hold it now.
    pub then: Vec<Listed>,
    /// What it holds now, in a state in which it did not hold it then.
    pub now: Vec<Listed>,
}

impl Index {
    /// What a channel held at `then` and not at `now`, and the other way round.
    pub fn changed_between(
        &self,
        channel: &ChannelName,
        then: Revision,
        now: Revision,
    ) -> Result<Changed, IndexError> {
        // `+` keeps SQLite from walking the whole channel: few rows began or ended since.
        let gone = format!(
            "SELECT {COLUMNS} FROM artifacts INDEXED BY artifacts_by_end
             WHERE to_n IS NOT NULL AND to_n > ?2 AND to_n <= ?3 AND from_n <= ?2 AND +channel = ?1 ORDER BY id"
        );
        let come = format!(
            "SELECT {COLUMNS} FROM artifacts INDEXED BY artifacts_by_revision
             WHERE from_n > ?2 AND from_n <= ?3 AND (to_n IS NULL OR to_n > ?3) AND +channel = ?1 ORDER BY id"
        );
        let (mut then, mut now) = (
            self.list(&gone, params![channel.as_str(), then.0, now.0])?,
            self.list(&come, params![channel.as_str(), then.0, now.0])?,
        );
        let state = |l: &Listed| (packyard_types::Held::of(&l.artifact), l.yanked.clone());
        let were: std::collections::BTreeSet<_> = then.iter().map(state).collect();
        let are: std::collections::BTreeSet<_> = now.iter().map(state).collect();
        then.retain(|l| !are.contains(&state(l)));
        now.retain(|l| !were.contains(&state(l)));
        Ok(Changed { then, now })
    }

    /// The revision that made a channel, where there is one.
    pub fn channel_since(&self, channel: &ChannelName) -> Result<Option<Revision>, IndexError> {
        let sql = "SELECT from_n FROM channels WHERE name = ?1";
        let found = self
            .db
            .prepare_cached(sql)?
            .query_row([channel.as_str()], |r| r.get(0));
        Ok(found.optional()?.map(Revision))
    }

    /// The changes of one revision, in their order.
    pub fn changes_in(&self, revision: Revision) -> Result<Vec<super::history::ChangeRow>, IndexError> {
        let before = Revision(revision.0.saturating_sub(1));
        let mut rows = self.changes_after(before, None, 0)?;
        rows.retain(|row| row.id.revision == revision);
        Ok(rows)
    }
}
