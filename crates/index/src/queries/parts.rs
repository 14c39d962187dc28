//! Files that belong to artifacts.

use super::{
    artifacts::{COLUMNS, HOLDS, Listed},
    bound,
};
use crate::{Index, IndexError};
use packyard_types::{Artifact, ChannelName, Digest, PartName, Revision};
use rusqlite::params;

impl Index {
    /// All bytes that go when these are destroyed, of whatever any channel has, or ever had: an artifact as served and as
    /// received, by either of them, and those of its parts that nobody else names; or a part.
    pub fn halves(&self, digest: &Digest) -> Result<Vec<Digest>, IndexError> {
        let sql = "SELECT served FROM artifacts WHERE served = ?1 OR received = ?1
            UNION SELECT received FROM artifacts WHERE served = ?1 OR received = ?1
            UNION SELECT digest FROM parts WHERE digest = ?1";
        let mut halves = self.digests(sql, digest)?;
        let sql = "SELECT DISTINCT p.digest FROM parts p JOIN artifacts a ON a.id = p.artifact
            WHERE a.served = ?1 OR a.received = ?1 ORDER BY p.digest";
        for part in self.digests(sql, digest)? {
            if !halves.contains(&part) && !self.is_anothers(&part, digest)? {
                halves.push(part);
            }
        }
        Ok(halves)
    }

    /// Whether bytes are those of another artifact than the one of `digest`, or of a file of it, or what was read from
    /// one, in whatever channel and whenever. Who may upload chooses what parts there are, and they may be anybody's.
    fn is_anothers(&self, bytes: &Digest, digest: &Digest) -> Result<bool, IndexError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM artifacts WHERE served = ?1 OR received = ?1)
            OR EXISTS (SELECT 1 FROM parts q JOIN artifacts b ON b.id = q.artifact
                WHERE q.digest = ?1 AND b.served <> ?2 AND b.received <> ?2
                AND b.served NOT IN (SELECT digest FROM gone WHERE verb = 'purge'))
            OR EXISTS (SELECT 1 FROM artifacts WHERE metadata = ?1)
            OR EXISTS (SELECT 1 FROM artifacts WHERE json_extract(body, '$.facts.digest') = ?1)
            OR EXISTS (SELECT 1 FROM documents WHERE instr(body, ?1))";
        let row = params![bytes.to_string(), digest.to_string()];
        Ok(self.db.prepare_cached(sql)?.query_row(row, |r| r.get(0))?)
    }

    fn digests(&self, sql: &str, of: &Digest) -> Result<Vec<Digest>, IndexError> {
        let mut query = self.db.prepare_cached(sql)?;
        let digests: Vec<String> = query
            .query_map([of.to_string()], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        digests.iter().map(|d| Ok(d.parse()?)).collect()
    }

    /// The artifacts that channels hold and that a part of these bytes belongs to.
    pub fn holders_of_part(&self, digest: &Digest) -> Result<Vec<(ChannelName, Artifact)>, IndexError> {
        let sql = "SELECT channel, body FROM artifacts
            WHERE to_n IS NULL AND id IN (SELECT artifact FROM parts WHERE digest = ?1) ORDER BY id";
        let mut query = self.db.prepare_cached(sql)?;
        let rows: Vec<(String, String)> = query
            .query_map([digest.to_string()], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        rows.iter()
            .map(|(channel, body)| Ok((ChannelName::parse(channel)?, serde_json::from_str(body)?)))
            .collect()
    }

    /// The artifacts of a channel that have a part of this name, newest last.
    pub fn with_part(
        &self,
        channel: &ChannelName,
        name: &PartName,
        at: Option<Revision>,
    ) -> Result<Vec<Listed>, IndexError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM artifacts WHERE {HOLDS} AND channel = ?2
             AND id IN (SELECT artifact FROM parts WHERE name = ?3) ORDER BY id"
        );
        self.list(&sql, params![bound(at), channel.as_str(), name.as_str()])
    }

    /// The artifacts with this served digest and a part of this name, now or at any time: what an immutable URL names.
    pub fn ever_with_part(
        &self,
        channel: &ChannelName,
        served: &Digest,
        name: &PartName,
    ) -> Result<Vec<Listed>, IndexError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM artifacts WHERE channel = ?1 AND served = ?2
             AND (to_n IS NULL OR to_n > (SELECT max(life.from_n) FROM channels life WHERE life.name = ?1))
             AND id IN (SELECT artifact FROM parts WHERE name = ?3) ORDER BY id"
        );
        self.list(&sql, params![channel.as_str(), served.to_string(), name.as_str()])
    }
}
