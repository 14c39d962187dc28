//! Artifacts: what a channel holds.

use super::bound;
use crate::{Index, IndexError};
use packyard_types::{
    Artifact, ArtifactKey, ChangeId, ChannelName, Digest, DistributionName, Ecosystem, Former, Held,
    ProjectName, Revision, Timestamp,
};
use rusqlite::{OptionalExtension, Row, params};

/// An artifact with what the index knows beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The artifact.
    pub artifact: Artifact,
    /// The change that published it.
    pub published: ChangeId,
    /// When that was.
    pub published_at: Timestamp,
    /// One line about the package.
    pub summary: String,
    /// `Requires-Python` of a wheel or sdist.
    pub requires_python: Option<String>,
    /// The digest of a wheel's METADATA.
    pub metadata: Option<Digest>,
    /// Why it is yanked, where it is; empty where nobody said.
    pub yanked: Option<String>,
}

/// The columns of [`listed`], in its order.
pub(super) const COLUMNS: &str =
    "body, published_n, published_k, published_at, summary, requires_python, metadata, yanked";
/// The rows that hold at revision `?1`.
pub(super) const HOLDS: &str = "from_n <= ?1 AND (to_n IS NULL OR to_n > ?1)";
/// Of those, the ones whose bytes were not destroyed since: what is said of the others is said no more.
const SHOWN: &str = "from_n <= ?1 AND (to_n IS NULL OR to_n > ?1)
    AND served NOT IN (SELECT digest FROM gone WHERE verb = 'purge')";

impl Index {
    /// Every artifact that the channel has, or ever had, under a key.
    pub fn ever_under(&self, channel: &ChannelName, key: &ArtifactKey) -> Result<Vec<Former>, IndexError> {
        let sql = "SELECT body, to_n IS NULL FROM artifacts
            WHERE channel = ?1 AND ecosystem = ?2 AND package = ?3 AND version = ?4 AND arch = ?5 ORDER BY id";
        let row = params![
            channel.as_str(),
            key.ecosystem.to_string(),
            key.package,
            key.version,
            key.arch
        ];
        let mut query = self.db.prepare_cached(sql)?;
        let rows: Vec<(String, bool)> = query
            .query_map(row, |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        rows.into_iter()
            .map(|(body, held)| {
                let artifact = serde_json::from_str(&body)?;
                Ok(Former { artifact, held })
            })
            .collect()
    }

    /// The artifacts that a distribution offers: its own and those of `any`, but for yanked ones.
    pub fn in_distribution(
        &self,
        channel: &ChannelName,
        ecosystem: Ecosystem,
        distribution: &DistributionName,
        at: Option<Revision>,
    ) -> Result<Vec<Artifact>, IndexError> {
        let sql = format!(
            "SELECT body FROM artifacts WHERE {HOLDS} AND yanked IS NULL
             AND channel = ?2 AND ecosystem = ?3 AND distribution IN (?4, 'any') ORDER BY id"
        );
        let row = params![
            bound(at),
            channel.as_str(),
            ecosystem.to_string(),
            distribution.as_str()
        ];
        let mut query = self.db.prepare_cached(&sql)?;
        let bodies: Vec<String> = query
            .query_map(row, |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        bodies.iter().map(|b| Ok(serde_json::from_str(b)?)).collect()
    }

    /// The versions of a package that a distribution and `any` hold, yanked ones too: version, filename, and where.
    pub fn versions_in(
        &self,
        channel: &ChannelName,
        distribution: &DistributionName,
        key: &ArtifactKey,
    ) -> Result<Vec<(String, String, DistributionName)>, IndexError> {
        let sql = "SELECT version, filename, distribution FROM artifacts WHERE to_n IS NULL
            AND channel = ?1 AND ecosystem = ?2 AND package = ?3 AND arch = ?4 AND distribution IN (?5, 'any')";
        let row = params![
            channel.as_str(),
            key.ecosystem.to_string(),
            key.package,
            key.arch,
            distribution.as_str()
        ];
        let mut query = self.db.prepare_cached(sql)?;
        let rows: Vec<(String, String, String)> = query
            .query_map(row, |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?;
        rows.into_iter()
            .map(|(version, filename, held_in)| Ok((version, filename, DistributionName::parse(&held_in)?)))
            .collect()
    }

    /// Whether a channel holds an artifact in a place, and the row that it holds.
    pub fn held_at(&self, channel: &ChannelName, held: &Held) -> Result<Option<Listed>, IndexError> {
        let rows = self.with_filename(channel, &held.filename, None)?;
        Ok(rows.into_iter().find(|l| Held::of(&l.artifact) == *held))
    }

    /// Where bytes are held, as served or as received: channel and filename.
    pub fn holders(&self, digest: &Digest) -> Result<Vec<(ChannelName, Artifact)>, IndexError> {
        let sql = "SELECT channel, body FROM artifacts WHERE to_n IS NULL AND (served = ?1 OR received = ?1)";
        let mut query = self.db.prepare_cached(sql)?;
        let rows: Vec<(String, String)> = query
            .query_map([digest.to_string()], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        rows.iter()
            .map(|(channel, body)| Ok((ChannelName::parse(channel)?, serde_json::from_str(body)?)))
            .collect()
    }

    /// A project's artifacts of one ecosystem or of all, in the order in which they were published.
    pub fn of_project(
        &self,
        channel: &ChannelName,
        project: &ProjectName,
        ecosystem: Option<Ecosystem>,
        at: Option<Revision>,
    ) -> Result<Vec<Listed>, IndexError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM artifacts WHERE {SHOWN}
             AND channel = ?2 AND project = ?3 AND (?4 IS NULL OR ecosystem = ?4) ORDER BY id"
        );
        let ecosystem = ecosystem.map(|e| e.to_string());
        let row = params![bound(at), channel.as_str(), project.as_str(), ecosystem];
        self.list(&sql, row)
    }

    /// Everything that the channel holds, project by project, each in the order in which it was published.
    pub fn held(&self, channel: &ChannelName, at: Option<Revision>) -> Result<Vec<Listed>, IndexError> {
        let sql =
            format!("SELECT {COLUMNS} FROM artifacts WHERE {HOLDS} AND channel = ?2 ORDER BY project, id");
        self.list(&sql, params![bound(at), channel.as_str()])
    }

    /// The artifacts with this filename, newest last.
    pub fn with_filename(
        &self,
        channel: &ChannelName,
        filename: &str,
        at: Option<Revision>,
    ) -> Result<Vec<Listed>, IndexError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM artifacts WHERE {HOLDS} AND channel = ?2 AND filename = ?3 ORDER BY id"
        );
        self.list(&sql, params![bound(at), channel.as_str(), filename])
    }

    /// The artifact with this served digest and filename, now or at any time: what an immutable URL names.
    pub fn ever_served(
        &self,
        channel: &ChannelName,
        served: &Digest,
        filename: &str,
    ) -> Result<Option<Listed>, IndexError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM artifacts WHERE channel = ?1 AND filename = ?2 AND served = ?3
             AND (to_n IS NULL OR to_n > (SELECT max(life.from_n) FROM channels life WHERE life.name = ?1))
             ORDER BY id LIMIT 1"
        );
        let row = params![channel.as_str(), filename, served.to_string()];
        self.db
            .prepare_cached(&sql)?
            .query_row(row, raw_listed)
            .optional()?
            .map(listed)
            .transpose()
    }

    /// The artifact that these received bytes became under this filename, in any channel and at any time.
    pub fn received_before(&self, received: &Digest, filename: &str) -> Result<Option<Listed>, IndexError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM artifacts WHERE filename = ?1 AND received = ?2 ORDER BY id DESC LIMIT 1"
        );
        let row = params![filename, received.to_string()];
        self.db
            .prepare_cached(&sql)?
            .query_row(row, raw_listed)
            .optional()?
            .map(listed)
            .transpose()
    }

    /// The artifact that these received bytes became in this channel under this filename, since it came into being.
    pub fn received_in(
        &self,
        channel: &ChannelName,
        received: &Digest,
        filename: &str,
    ) -> Result<Option<Listed>, IndexError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM artifacts WHERE channel = ?1 AND filename = ?2 AND received = ?3
             AND (to_n IS NULL OR to_n > (SELECT max(life.from_n) FROM channels life WHERE life.name = ?1))
             ORDER BY to_n IS NULL DESC, id DESC LIMIT 1"
        );
        let row = params![channel.as_str(), filename, received.to_string()];
        self.db
            .prepare_cached(&sql)?
            .query_row(row, raw_listed)
            .optional()?
            .map(listed)
            .transpose()
    }

    /// The names of projects with wheels or sdists, sorted.
    pub fn python_projects(
        &self,
        channel: &ChannelName,
        at: Option<Revision>,
    ) -> Result<Vec<String>, IndexError> {
        let sql = format!(
            "SELECT DISTINCT project FROM artifacts WHERE {SHOWN} AND channel = ?2 AND ecosystem = 'pip' ORDER BY 1"
        );
        let mut query = self.db.prepare_cached(&sql)?;
        let names = query.query_map(params![bound(at), channel.as_str()], |r| r.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }

    /// The artifacts that one revision added, with their channels.
    pub fn added_in(&self, revision: Revision) -> Result<Vec<(ChannelName, Artifact)>, IndexError> {
        let mut query = self
            .db
            .prepare_cached("SELECT channel, body FROM artifacts WHERE from_n = ?1 ORDER BY id")?;
        let mut rows = query.query([revision.0])?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            let channel = ChannelName::parse(&r.get::<_, String>(0)?)?;
            out.push((channel, serde_json::from_str(&r.get::<_, String>(1)?)?));
        }
        Ok(out)
    }

    /// Every artifact of every channel, now or at any time, whose bytes are still there (for fsck).
    pub fn all_artifacts(&self) -> Result<Vec<(ChannelName, Artifact)>, IndexError> {
        let mut query = self.db.prepare_cached(
            "SELECT channel, body FROM artifacts WHERE served NOT IN (SELECT digest FROM gone)
                 GROUP BY channel, body ORDER BY min(id)",
        )?;
        let mut rows = query.query([])?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            let channel = ChannelName::parse(&r.get::<_, String>(0)?)?;
            out.push((channel, serde_json::from_str(&r.get::<_, String>(1)?)?));
        }
        Ok(out)
    }

    pub(super) fn list(&self, sql: &str, row: impl rusqlite::Params) -> Result<Vec<Listed>, IndexError> {
        let mut query = self.db.prepare_cached(sql)?;
        let raw: Vec<RawListed> = query
            .query_map(row, raw_listed)?
            .collect::<rusqlite::Result<_>>()?;
        raw.into_iter().map(listed).collect()
    }
}

type RawListed = (
    (String, u64, u32, String),
    (String, Option<String>, Option<String>, Option<String>),
);

fn raw_listed(r: &Row<'_>) -> rusqlite::Result<RawListed> {
    Ok((
        (r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?),
        (r.get(4)?, r.get(5)?, r.get(6)?, r.get(7)?),
    ))
}

fn listed(
    ((body, n, k, at), (summary, requires_python, metadata, yanked)): RawListed,
) -> Result<Listed, IndexError> {
    Ok(Listed {
        artifact: serde_json::from_str(&body)?,
        published: ChangeId {
            revision: Revision(n),
            position: k,
        },
        published_at: Timestamp::parse(&at)?,
        summary,
        requires_python,
        metadata: metadata.map(|d| d.parse()).transpose()?,
        yanked,
    })
}
