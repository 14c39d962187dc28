//! Artifacts come, change their state, and go.

use super::Blobs;
use crate::{Index, IndexError};
use packyard_types::{
    Artifact, ChangeId, ChannelName, Digest, Facts, FactsRecord, Held, Revision, Timestamp,
};
use rusqlite::{OptionalExtension, params};
use std::collections::BTreeMap;

/// The columns of an artifact that do not depend on its state.
const OWN: &str = "channel, ecosystem, distribution, component, package, version, arch, filename, served, received,
    project, release_version, summary, requires_python, metadata, published_at, published_n, published_k, body";

/// The row that a [`Held`] names, while it holds.
const NAMED: &str = "channel = ?1 AND filename = ?2 AND served = ?3 AND distribution = ?4 AND component = ?5
    AND to_n IS NULL";

impl Index {
    /// Artifacts leave a channel. What it does not hold is passed over.
    pub(super) fn end_artifacts(
        &mut self,
        id: ChangeId,
        channel: &ChannelName,
        held: &[Held],
    ) -> Result<(), IndexError> {
        let sql = format!("UPDATE artifacts SET to_n = ?6 WHERE {NAMED}");
        let mut update = self.db.prepare_cached(&sql)?;
        for h in held {
            update.execute(params![
                channel.as_str(),
                h.filename,
                h.served.to_string(),
                h.distribution.as_str(),
                h.component.as_str(),
                id.revision.0
            ])?;
        }
        Ok(())
    }

    /// Artifacts are yanked for a reason, or offered again.
    pub(super) fn set_yanked(
        &mut self,
        id: ChangeId,
        channel: &ChannelName,
        held: &[Held],
        yanked: Option<&str>,
    ) -> Result<(), IndexError> {
        let sql = format!(
            "INSERT INTO artifacts ({OWN}, yanked, from_n)
             SELECT {OWN}, ?6, ?7 FROM artifacts WHERE {NAMED} RETURNING id"
        );
        let end = format!("UPDATE artifacts SET to_n = ?6 WHERE {NAMED} AND id < ?7");
        let (mut insert, mut update) = (self.db.prepare_cached(&sql)?, self.db.prepare_cached(&end)?);
        for h in held {
            let (served, d, k) = (
                h.served.to_string(),
                h.distribution.as_str(),
                h.component.as_str(),
            );
            let row = params![channel.as_str(), h.filename, served, d, k, yanked, id.revision.0];
            let copy: Option<i64> = insert.query_row(row, |r| r.get(0)).optional()?;
            if let Some(copy) = copy {
                let sql = format!(
                    "INSERT INTO parts SELECT ?6, name, digest FROM parts
                     WHERE artifact = (SELECT id FROM artifacts WHERE {NAMED} AND id < ?6)"
                );
                let row = params![channel.as_str(), h.filename, served, d, k, copy];
                self.db.prepare_cached(&sql)?.execute(row)?;
                let row = params![channel.as_str(), h.filename, served, d, k, id.revision.0, copy];
                update.execute(row)?;
            }
        }
        Ok(())
    }

    /// An artifact comes into a channel, or back into it.
    pub(super) fn insert_artifact(
        &mut self,
        id: ChangeId,
        at: Timestamp,
        channel: &ChannelName,
        artifact: &Artifact,
        yanked: Option<&str>,
        blobs: &dyn Blobs,
    ) -> Result<(), IndexError> {
        self.ensure_distribution(id, channel, &artifact.distribution)?;
        let columns = self.columns(id, artifact, blobs)?;
        let first = self.first_published(channel, artifact)?;
        let (published_at, published) =
            first.unwrap_or_else(|| (artifact.uploaded_at.unwrap_or(at).to_string(), id));
        let sql = format!(
            "INSERT INTO artifacts ({OWN}, yanked, from_n)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21)"
        );
        self.db.prepare_cached(&sql)?.execute(params![
            channel.as_str(),
            artifact.name.kind().ecosystem().to_string(),
            artifact.distribution.as_str(),
            artifact.component.as_str(),
            artifact.package,
            artifact.key().version,
            artifact.arch,
            artifact.name.as_str(),
            artifact.served.digest.to_string(),
            artifact.received.digest.to_string(),
            artifact.project.as_str(),
            artifact.release_version,
            columns.summary,
            columns.requires_python,
            columns.metadata,
            published_at,
            published.revision.0,
            published.position,
            serde_json::to_string(artifact)?,
            yanked,
            id.revision.0
        ])?;
        let row = self.db.last_insert_rowid();
        let sql = "INSERT OR IGNORE INTO parts VALUES (?1, ?2, ?3)";
        let mut insert = self.db.prepare_cached(sql)?;
        for part in &artifact.parts {
            insert.execute(params![row, part.name.as_str(), part.blob.digest.to_string()])?;
        }
        // Bytes that were given up have been brought again.
        let sql = "DELETE FROM gone WHERE digest = ?1 AND verb = 'retire'";
        let mut delete = self.db.prepare_cached(sql)?;
        for digest in artifact.blobs() {
            delete.execute([digest.to_string()])?;
        }
        Ok(())
    }

    /// When an artifact first came into this channel, where it has been there before.
    fn first_published(
        &self,
        channel: &ChannelName,
        artifact: &Artifact,
    ) -> Result<Option<(String, ChangeId)>, IndexError> {
        let sql = "SELECT published_at, published_n, published_k FROM artifacts
            WHERE channel = ?1 AND filename = ?2 AND served = ?3 AND distribution = ?4 ORDER BY id LIMIT 1";
        let row = params![
            channel.as_str(),
            artifact.name.as_str(),
            artifact.served.digest.to_string(),
            artifact.distribution.as_str()
        ];
        let read = |r: &rusqlite::Row<'_>| {
            let revision = Revision(r.get(1)?);
            let position = r.get(2)?;
            Ok((r.get(0)?, ChangeId { revision, position }))
        };
        Ok(self.db.prepare_cached(sql)?.query_row(row, read).optional()?)
    }

    /// What the columns say: from the facts that the commit brings, else from another row of the same artifact.
    fn columns(&self, id: ChangeId, artifact: &Artifact, blobs: &dyn Blobs) -> Result<Columns, IndexError> {
        let digest = artifact.facts.digest;
        let unreadable = |reason| IndexError::Blob {
            digest,
            revision: id.revision.0,
            reason,
        };
        match blobs.blob(&digest) {
            Ok(bytes) => {
                let record: FactsRecord =
                    serde_json::from_slice(&bytes).map_err(|e| unreadable(e.to_string()))?;
                Ok(Columns::of(&record.facts))
            }
            Err(reason) => {
                let sql = "SELECT summary, requires_python, metadata FROM artifacts
                    WHERE filename = ?1 AND served = ?2 LIMIT 1";
                let row = params![artifact.name.as_str(), artifact.served.digest.to_string()];
                let read = |r: &rusqlite::Row<'_>| {
                    Ok(Columns {
                        summary: r.get(0)?,
                        requires_python: r.get(1)?,
                        metadata: r.get(2)?,
                    })
                };
                let known = self.db.prepare_cached(sql)?.query_row(row, read).optional()?;
                known.ok_or_else(|| unreadable(reason))
            }
        }
    }

    /// Bytes are destroyed: whatever channel holds them holds them no longer.
    pub(super) fn purge(&mut self, id: ChangeId, digest: &Digest, reason: &str) -> Result<(), IndexError> {
        // The other half of an .rpm that was signed at intake goes with it, and what belongs to nothing else.
        let mut halves = self.halves(digest)?;
        // What only ever came from an upstream is in no row.
        if halves.is_empty() {
            halves.push(*digest);
        }
        let insert = "INSERT INTO gone VALUES (?1, ?2, 'purge', ?3)
            ON CONFLICT (digest) DO UPDATE SET n = ?2, verb = 'purge', reason = ?3";
        let mut insert = self.db.prepare_cached(insert)?;
        for half in halves {
            insert.execute(params![half.to_string(), id.revision.0, reason])?;
        }
        let digest = digest.to_string();
        let end = "UPDATE artifacts SET to_n = ?2 WHERE to_n IS NULL AND (served = ?1 OR received = ?1
            OR id IN (SELECT artifact FROM parts WHERE digest = ?1))";
        self.db
            .prepare_cached(end)?
            .execute(params![digest, id.revision.0])?;
        Ok(())
    }

    /// Old revisions of channels are given up, with the blobs that only they hold.
    pub(super) fn retire(
        &mut self,
        id: ChangeId,
        floors: &BTreeMap<ChannelName, Revision>,
        blobs: &[Digest],
    ) -> Result<(), IndexError> {
        let mut raise = self
            .db
            .prepare_cached("UPDATE channels SET floor = max(floor, ?2) WHERE name = ?1")?;
        for (channel, floor) in floors {
            raise.execute(params![channel.as_str(), floor.0])?;
        }
        let mut insert = self
            .db
            .prepare_cached("INSERT OR IGNORE INTO gone VALUES (?1, ?2, 'retire', '')")?;
        for digest in blobs {
            insert.execute(params![digest.to_string(), id.revision.0])?;
        }
        Ok(())
    }
}

/// What queries ask of facts without opening them.
struct Columns {
    summary: String,
    requires_python: Option<String>,
    metadata: Option<String>,
}

impl Columns {
    fn of(facts: &Facts) -> Self {
        let plain = |summary: &str| Self {
            summary: summary.to_owned(),
            requires_python: None,
            metadata: None,
        };
        match facts {
            Facts::Wheel(f) | Facts::Sdist(f) => Self {
                summary: f.metadata.summary.clone().unwrap_or_default(),
                requires_python: f.metadata.requires_python.clone(),
                metadata: f.metadata_blob.map(|b| b.digest.to_string()),
            },
            Facts::Deb(f) => plain(
                f.field("Description")
                    .unwrap_or_default()
                    .lines()
                    .next()
                    .unwrap_or_default(),
            ),
            Facts::Dsc(f) => plain(&format!("source of {}", f.field("Binary").unwrap_or_default())),
            Facts::Rpm(f) | Facts::Srpm(f) => plain(&f.summary),
        }
    }
}
