//! What differs: between two revisions of a channel by the validity ranges that begin or end in between, so that it
//! costs what differs; between two channels by looking each artifact of one up in the other.

use super::bound;
use crate::{Index, IndexError};
use packyard_types::{ChannelName, ChannelRef, ProjectName, Revision};
use rusqlite::params;

impl Index {
    /// The projects of which something may differ between two channels, or one at two revisions, sorted. What came and
    /// went in between is among them.
    pub fn projects_that_differ(
        &self,
        one: &ChannelRef,
        other: &ChannelRef,
    ) -> Result<Vec<ProjectName>, IndexError> {
        if one.channel == other.channel {
            return self.touched_between(&one.channel, one.at, other.at);
        }
        // `+` keeps the planner from walking a whole channel for each artifact of the other one.
        let sql = "WITH
              a AS (SELECT * FROM artifacts WHERE channel = ?1 AND from_n <= ?2 AND (to_n IS NULL OR to_n > ?2)),
              b AS (SELECT * FROM artifacts WHERE channel = ?3 AND from_n <= ?4 AND (to_n IS NULL OR to_n > ?4))
            SELECT project FROM a WHERE NOT EXISTS (
                SELECT 1 FROM artifacts o WHERE o.filename = a.filename AND o.channel = ?3
                  AND o.from_n <= ?4 AND (o.to_n IS NULL OR o.to_n > ?4) AND +o.served = a.served
                  AND +o.distribution = a.distribution AND o.component = a.component AND o.yanked IS a.yanked)
            UNION
            SELECT project FROM b WHERE NOT EXISTS (
                SELECT 1 FROM artifacts o WHERE o.filename = b.filename AND o.channel = ?1
                  AND o.from_n <= ?2 AND (o.to_n IS NULL OR o.to_n > ?2) AND +o.served = b.served
                  AND +o.distribution = b.distribution AND o.component = b.component AND o.yanked IS b.yanked)
            ORDER BY 1";
        let row = params![
            one.channel.as_str(),
            bound(one.at),
            other.channel.as_str(),
            bound(other.at)
        ];
        self.project_names(sql, row)
    }

    fn touched_between(
        &self,
        channel: &ChannelName,
        one: Option<Revision>,
        other: Option<Revision>,
    ) -> Result<Vec<ProjectName>, IndexError> {
        let (one, other) = (bound(one), bound(other));
        // `+channel`: the ranges are few rows, the channel is all of them.
        let sql = "SELECT project FROM artifacts WHERE from_n > ?1 AND from_n <= ?2 AND +channel = ?3
            UNION SELECT project FROM artifacts WHERE to_n > ?1 AND to_n <= ?2 AND +channel = ?3 ORDER BY 1";
        self.project_names(sql, params![one.min(other), one.max(other), channel.as_str()])
    }

    fn project_names(&self, sql: &str, row: impl rusqlite::Params) -> Result<Vec<ProjectName>, IndexError> {
        let mut query = self.db.prepare_cached(sql)?;
        let names: Vec<String> = query
            .query_map(row, |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        names.iter().map(|n| Ok(ProjectName::parse(n)?)).collect()
    }
}
