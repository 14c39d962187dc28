//! Channels, distributions and tags come, change and end.

use crate::{Index, IndexError};
use packyard_types::{
    ChangeId, ChannelName, ChannelSettings, DistributionName, DistributionSettings, Family, Revision,
    TagName, TreeKey, View,
};
use rusqlite::params;

impl Index {
    /// A channel is created, with `any`, or its settings are replaced.
    pub(super) fn configure(
        &mut self,
        id: ChangeId,
        channel: &ChannelName,
        settings: &ChannelSettings,
    ) -> Result<(), IndexError> {
        let sql = "INSERT INTO channels VALUES (?1, ?2, ?3, 0, ?3) ON CONFLICT (name) DO UPDATE SET settings = ?2, set_n = ?3";
        let settings = serde_json::to_string(settings)?;
        self.db
            .prepare_cached(sql)?
            .execute(params![channel.as_str(), settings, id.revision.0])?;
        self.ensure_distribution(id, channel, &DistributionName::any())
    }

    /// A channel ends, and with it its distributions and tags. Its artifacts leave it; the keys that they claim stay
    /// claimed.
    pub(super) fn delete_channel(&mut self, id: ChangeId, channel: &ChannelName) -> Result<(), IndexError> {
        for (distribution, _) in self.distributions(channel)? {
            self.delete_distribution(id, channel, &distribution)?;
        }
        let n = id.revision.0;
        for end in [
            "UPDATE artifacts SET to_n = ?2 WHERE channel = ?1 AND to_n IS NULL",
            "UPDATE projects SET to_n = ?2 WHERE channel = ?1 AND to_n IS NULL",
        ] {
            self.db
                .prepare_cached(end)?
                .execute(params![channel.as_str(), n])?;
        }
        for sql in [
            "DELETE FROM tags WHERE channel = ?1",
            "DELETE FROM channels WHERE name = ?1",
        ] {
            self.db.prepare_cached(sql)?.execute([channel.as_str()])?;
        }
        Ok(())
    }

    /// A distribution is there, with settings that say nothing where it was not.
    pub(super) fn ensure_distribution(
        &mut self,
        id: ChangeId,
        channel: &ChannelName,
        distribution: &DistributionName,
    ) -> Result<(), IndexError> {
        let sql = "INSERT OR IGNORE INTO distributions VALUES (?1, ?2, '{}', ?3)";
        self.db.prepare_cached(sql)?.execute(params![
            channel.as_str(),
            distribution.as_str(),
            id.revision.0
        ])?;
        Ok(())
    }

    /// A distribution is declared, or its settings are replaced. Index files of a family that it does not take end.
    pub(super) fn set_distribution(
        &mut self,
        id: ChangeId,
        channel: &ChannelName,
        distribution: &DistributionName,
        settings: &DistributionSettings,
    ) -> Result<(), IndexError> {
        let sql = "INSERT INTO distributions VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (channel, name) DO UPDATE SET settings = ?3";
        let json = serde_json::to_string(settings)?;
        self.db.prepare_cached(sql)?.execute(params![
            channel.as_str(),
            distribution.as_str(),
            json,
            id.revision.0
        ])?;
        for (view, family) in [(View::Apt, Family::Deb), (View::Yum, Family::Rpm)] {
            if !settings.takes(family) {
                self.end_tree(id, channel, distribution, view)?;
            }
        }
        Ok(())
    }

    /// A distribution ends.
    pub(super) fn delete_distribution(
        &mut self,
        id: ChangeId,
        channel: &ChannelName,
        distribution: &DistributionName,
    ) -> Result<(), IndexError> {
        self.end_tree(id, channel, distribution, View::Apt)?;
        self.end_tree(id, channel, distribution, View::Yum)?;
        self.end_documents(id, channel, distribution)?;
        let sql = "DELETE FROM distributions WHERE channel = ?1 AND name = ?2";
        self.db
            .prepare_cached(sql)?
            .execute([channel.as_str(), distribution.as_str()])?;
        Ok(())
    }

    fn end_tree(
        &mut self,
        id: ChangeId,
        channel: &ChannelName,
        distribution: &DistributionName,
        view: View,
    ) -> Result<(), IndexError> {
        let key = TreeKey {
            channel: channel.clone(),
            view,
            distribution: distribution.clone(),
        };
        for sql in [
            "UPDATE trees SET to_n = ?2 WHERE key = ?1 AND to_n IS NULL",
            "UPDATE tree_files SET to_n = ?2 WHERE key = ?1 AND to_n IS NULL",
        ] {
            self.db
                .prepare_cached(sql)?
                .execute(params![key.to_string(), id.revision.0])?;
        }
        Ok(())
    }

    /// A revision of a channel gets a name, or the name ends.
    pub(super) fn set_tag(
        &mut self,
        id: ChangeId,
        channel: &ChannelName,
        tag: &TagName,
        at: Option<Revision>,
    ) -> Result<(), IndexError> {
        match at {
            None => {
                let sql = "DELETE FROM tags WHERE channel = ?1 AND name = ?2";
                self.db
                    .prepare_cached(sql)?
                    .execute([channel.as_str(), tag.as_str()])?;
            }
            Some(at) => {
                let sql = "INSERT OR REPLACE INTO tags VALUES (?1, ?2, ?3, ?4)";
                let row = params![channel.as_str(), tag.as_str(), at.0, id.revision.0];
                self.db.prepare_cached(sql)?.execute(row)?;
            }
        }
        Ok(())
    }
}
