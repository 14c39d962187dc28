//! Projects as a channel lists them: one row a project.

use super::bound;
use crate::{Index, IndexError};
use packyard_types::{ChannelName, DistributionName, ProjectName, Revision, Timestamp, release_order};
use rusqlite::params;
use std::collections::BTreeMap;

/// A project as a channel lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageSummary {
    /// Its name.
    pub project: ProjectName,
    /// One line about it.
    pub summary: String,
    /// The newest release version that is offered.
    pub latest: String,
    /// When that was.
    pub published_at: Timestamp,
    /// The kinds of its artifacts, in words, sorted.
    pub ecosystems: Vec<String>,
    /// The newest release version of each kind.
    pub newest: BTreeMap<String, String>,
    /// Why all of it is yanked, where it is; empty where nobody said.
    pub yanked: Option<String>,
    /// Whether the summary is that of a Debian source package, which any other is better than.
    says_source: bool,
}

/// A row of [`PackageSummary`]: one artifact.
struct Row {
    summary: String,
    source: bool,
    version: String,
    published_at: String,
    ecosystem: String,
    yanked: Option<String>,
}

impl PackageSummary {
    fn of(project: ProjectName, row: Row) -> Result<Self, IndexError> {
        Ok(Self {
            project,
            published_at: Timestamp::parse(&row.published_at)?,
            ecosystems: vec![row.ecosystem.clone()],
            newest: BTreeMap::from([(row.ecosystem, row.version.clone())]),
            summary: row.summary,
            says_source: row.source,
            latest: row.version,
            yanked: row.yanked,
        })
    }

    /// Adds another artifact of the project; the newest release that is offered speaks for it.
    fn learn(&mut self, row: Row) -> Result<(), IndexError> {
        if self.yanked.is_none() && row.yanked.is_some() {
            return Ok(());
        }
        if self.yanked.is_some() && row.yanked.is_none() {
            *self = Self::of(self.project.clone(), row)?;
            return Ok(());
        }
        if let Err(place) = self.ecosystems.binary_search(&row.ecosystem) {
            self.ecosystems.insert(place, row.ecosystem.clone());
        }
        let newest = self.newest.entry(row.ecosystem).or_default();
        if not_older(&row.version, newest) {
            newest.clone_from(&row.version);
        }
        if not_older(&row.version, &self.latest) {
            self.published_at = Timestamp::parse(&row.published_at)?;
            self.latest = row.version;
            if self.says_source || !row.source {
                (self.summary, self.says_source) = (row.summary, row.source);
            }
        } else if self.says_source && !row.source {
            (self.summary, self.says_source) = (row.summary, false);
        }
        Ok(())
    }
}

fn not_older(version: &str, than: &str) -> bool {
    version == than || release_order(version, than).is_ge()
}

impl Index {
    /// The projects of a channel by name. With `search` those with an artifact whose project, package or summary has
    /// that text; with a distribution what its machines see: its own and `any`'s.
    pub fn projects(
        &self,
        channel: &ChannelName,
        search: Option<&str>,
        distribution: Option<&DistributionName>,
        at: Option<Revision>,
    ) -> Result<Vec<PackageSummary>, IndexError> {
        let sql = "WITH here AS (
              SELECT id, project, package, summary, release_version, published_at, ecosystem, yanked,
                ecosystem = 'apt' AND arch = 'source' AS source FROM artifacts
              WHERE channel = ?2 AND from_n <= ?1 AND (to_n IS NULL OR to_n > ?1)
                AND (?4 IS NULL OR distribution IN (?4, 'any')))
            SELECT project, summary, release_version, published_at, ecosystem, yanked, source FROM here
            WHERE ?3 IS NULL OR project IN (SELECT project FROM here WHERE instr(project, lower(?3))
              OR instr(lower(package), lower(?3)) OR instr(lower(summary), lower(?3)))
            ORDER BY project, id";
        let mut query = self.db.prepare_cached(sql)?;
        let distribution = distribution.map(DistributionName::as_str);
        let mut rows = query.query(params![bound(at), channel.as_str(), search, distribution])?;
        let mut out: Vec<PackageSummary> = Vec::new();
        while let Some(r) = rows.next()? {
            let project: String = r.get(0)?;
            let row = Row {
                summary: r.get(1)?,
                version: r.get(2)?,
                published_at: r.get(3)?,
                ecosystem: r.get(4)?,
                yanked: r.get(5)?,
                source: r.get(6)?,
            };
            match out.last_mut().filter(|last| last.project.as_str() == project) {
                Some(last) => last.learn(row)?,
                None => out.push(PackageSummary::of(ProjectName::parse(&project)?, row)?),
            }
        }
        Ok(out)
    }

    /// How many projects and artifacts a channel holds.
    pub fn counts(&self, channel: &ChannelName, at: Option<Revision>) -> Result<(u64, u64), IndexError> {
        let sql = "SELECT count(DISTINCT project), count(*) FROM artifacts
            WHERE channel = ?2 AND from_n <= ?1 AND (to_n IS NULL OR to_n > ?1)";
        let mut query = self.db.prepare_cached(sql)?;
        Ok(query.query_row(params![bound(at), channel.as_str()], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })?)
    }
}
