//! Channels and their distributions.

use crate::{Index, IndexError};
use packyard_types::{ChannelName, ChannelSettings, DistributionName, Revision, View};
use rusqlite::{OptionalExtension, params};

/// A channel as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRow {
    /// Its name.
    pub name: ChannelName,
    /// Its settings.
    pub settings: ChannelSettings,
    /// The newest revision that changed it.
    pub revision: Revision,
    /// How many projects it holds.
    pub projects: u64,
    /// How many artifacts it holds.
    pub artifacts: u64,
}

impl Index {
    /// A channel's settings, where it exists.
    pub fn channel(&self, name: &ChannelName) -> Result<Option<ChannelSettings>, IndexError> {
        let sql = "SELECT settings FROM channels WHERE name = ?1";
        let found: Option<String> = self
            .db
            .prepare_cached(sql)?
            .query_row([name.as_str()], |r| r.get(0))
            .optional()?;
        found.map(|s| Ok(serde_json::from_str(&s)?)).transpose()
    }

    /// All channels, by name.
    pub fn channels(&self) -> Result<Vec<ChannelRow>, IndexError> {
        let sql = "SELECT name, settings,
                (SELECT coalesce(max(n), 0) FROM changes WHERE channel = name),
                (SELECT count(DISTINCT project) FROM artifacts WHERE channel = name AND to_n IS NULL),
                (SELECT count(*) FROM artifacts WHERE channel = name AND to_n IS NULL)
            FROM channels ORDER BY name";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query([])?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            out.push(ChannelRow {
                name: ChannelName::parse(&r.get::<_, String>(0)?)?,
                settings: serde_json::from_str(&r.get::<_, String>(1)?)?,
                revision: Revision(r.get(2)?),
                projects: r.get(3)?,
                artifacts: r.get(4)?,
            });
        }
        Ok(out)
    }

    /// The newest revision that changed a channel; 0 where none did.
    pub fn channel_revision(&self, name: &ChannelName) -> Result<Revision, IndexError> {
        let sql = "SELECT coalesce(max(n), 0) FROM changes WHERE channel = ?1";
        Ok(Revision(
            self.db
                .prepare_cached(sql)?
                .query_row([name.as_str()], |r| r.get(0))?,
        ))
    }

    /// A channel's distributions, by name.
    pub fn distributions(&self, channel: &ChannelName) -> Result<Vec<DistributionName>, IndexError> {
        let sql = "SELECT name FROM distributions WHERE channel = ?1 ORDER BY name";
        let mut query = self.db.prepare_cached(sql)?;
        let names: Vec<String> = query
            .query_map([channel.as_str()], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        names.iter().map(|n| Ok(DistributionName::parse(n)?)).collect()
    }

    /// Every architecture that a distribution (with `any`) has ever listed; they only grow.
    pub fn architectures(
        &self,
        channel: &ChannelName,
        distribution: &DistributionName,
        view: View,
    ) -> Result<Vec<String>, IndexError> {
        self.ever(channel, distribution, view, "arch")
    }

    /// Every component that a distribution (with `any`) has ever listed; they only grow.
    pub fn components(
        &self,
        channel: &ChannelName,
        distribution: &DistributionName,
        view: View,
    ) -> Result<Vec<String>, IndexError> {
        self.ever(channel, distribution, view, "component")
    }

    fn ever(
        &self,
        channel: &ChannelName,
        distribution: &DistributionName,
        view: View,
        column: &'static str,
    ) -> Result<Vec<String>, IndexError> {
        let sql = format!(
            "SELECT DISTINCT {column} FROM artifacts
             WHERE channel = ?1 AND ecosystem = ?2 AND distribution IN (?3, 'any') ORDER BY 1"
        );
        let mut query = self.db.prepare_cached(&sql)?;
        let row = params![channel.as_str(), view.as_str(), distribution.as_str()];
        Ok(query
            .query_map(row, |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?)
    }
}
