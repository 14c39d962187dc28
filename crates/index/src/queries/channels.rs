//! Channels and their distributions.

use crate::{Index, IndexError};
use packyard_types::{
    ChannelName, ChannelSettings, DistributionName, DistributionSettings, Ecosystem, Revision, TagName, View,
};
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
                (SELECT coalesce(max(n), 0) FROM changes WHERE channel = name AND verb NOT IN ('tag', 'refresh')),
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

    /// The names of all channels, sorted.
    pub fn channel_names(&self) -> Result<Vec<ChannelName>, IndexError> {
        let mut query = self
            .db
            .prepare_cached("SELECT name FROM channels ORDER BY name")?;
        let names: Vec<String> = query
            .query_map([], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        names.iter().map(|n| Ok(ChannelName::parse(n)?)).collect()
    }

    /// The names of channels that were deleted.
    pub fn deleted_channels(&self) -> Result<Vec<ChannelName>, IndexError> {
        let sql = "SELECT DISTINCT channel FROM changes WHERE verb = 'delete-channel'
            AND channel NOT IN (SELECT name FROM channels) ORDER BY 1";
        let mut query = self.db.prepare_cached(sql)?;
        let names: Vec<String> = query
            .query_map([], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        names.iter().map(|n| Ok(ChannelName::parse(n)?)).collect()
    }

    /// The newest revision that changed what a channel offers; 0 where none did.
    pub fn channel_revision(&self, name: &ChannelName) -> Result<Revision, IndexError> {
        let sql =
            "SELECT coalesce(max(n), 0) FROM changes WHERE channel = ?1 AND verb NOT IN ('tag', 'refresh')";
        Ok(Revision(
            self.db
                .prepare_cached(sql)?
                .query_row([name.as_str()], |r| r.get(0))?,
        ))
    }

    /// A channel's distributions with their settings, by name.
    pub fn distributions(
        &self,
        channel: &ChannelName,
    ) -> Result<Vec<(DistributionName, DistributionSettings)>, IndexError> {
        let sql = "SELECT name, settings FROM distributions WHERE channel = ?1 ORDER BY name";
        let mut query = self.db.prepare_cached(sql)?;
        let rows: Vec<(String, String)> = query
            .query_map([channel.as_str()], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        rows.iter()
            .map(|(name, settings)| Ok((DistributionName::parse(name)?, serde_json::from_str(settings)?)))
            .collect()
    }

    /// The distribution that a name means: its own, or an alias.
    pub fn distribution(
        &self,
        channel: &ChannelName,
        name: &str,
    ) -> Result<Option<(DistributionName, DistributionSettings)>, IndexError> {
        let all = self.distributions(channel)?;
        let own = all.iter().position(|(own, _)| own.as_str() == name);
        let at = own.or_else(|| all.iter().position(|(own, s)| s.answers_to(own, name)));
        Ok(at.and_then(|at| all.into_iter().nth(at)))
    }

    /// How many artifacts of an ecosystem, or of any, a distribution holds itself.
    pub fn held_in(
        &self,
        channel: &ChannelName,
        distribution: &DistributionName,
        ecosystem: Option<Ecosystem>,
    ) -> Result<u64, IndexError> {
        let sql = "SELECT count(*) FROM artifacts WHERE channel = ?1 AND distribution = ?2
            AND (?3 IS NULL OR ecosystem = ?3) AND to_n IS NULL";
        let ecosystem = ecosystem.map(|e| e.to_string());
        let row = params![channel.as_str(), distribution.as_str(), ecosystem];
        Ok(self.db.prepare_cached(sql)?.query_row(row, |r| r.get(0))?)
    }

    /// How many Debian source packages a distribution holds itself.
    pub fn sources_in(
        &self,
        channel: &ChannelName,
        distribution: &DistributionName,
    ) -> Result<u64, IndexError> {
        let sql = "SELECT count(*) FROM artifacts WHERE channel = ?1 AND distribution = ?2
            AND ecosystem = 'apt' AND arch = 'source' AND to_n IS NULL";
        let row = params![channel.as_str(), distribution.as_str()];
        Ok(self.db.prepare_cached(sql)?.query_row(row, |r| r.get(0))?)
    }

    /// The oldest revision of a channel that is kept; older ones are there only where they are tagged.
    pub fn floor(&self, channel: &ChannelName) -> Result<Revision, IndexError> {
        let sql = "SELECT coalesce(max(floor), 0) FROM channels WHERE name = ?1";
        let floor = self
            .db
            .prepare_cached(sql)?
            .query_row([channel.as_str()], |r| r.get(0))?;
        Ok(Revision(floor))
    }

    /// A channel's tags, by name.
    pub fn tags(&self, channel: &ChannelName) -> Result<Vec<(TagName, Revision)>, IndexError> {
        let sql = "SELECT name, at_n FROM tags WHERE channel = ?1 ORDER BY name";
        let mut query = self.db.prepare_cached(sql)?;
        let rows: Vec<(String, u64)> = query
            .query_map([channel.as_str()], |r| Ok((r.get(0)?, r.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        rows.iter()
            .map(|(name, n)| Ok((TagName::parse(name)?, Revision(*n))))
            .collect()
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
