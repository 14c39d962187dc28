//! What was there once: so that withdrawing a second time is no error.

use super::artifacts::{COLUMNS, Listed};
use crate::{Index, IndexError};
use packyard_types::{ChannelName, Digest, DistributionName, TagName};
use rusqlite::params;

impl Index {
    /// What a channel holds no longer under a name: of a project, of a native package, or of a file.
    pub fn left_under(&self, channel: &ChannelName, name: &str) -> Result<Vec<Listed>, IndexError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM artifacts WHERE channel = ?1 AND to_n IS NOT NULL
             AND (project = ?2 OR package = ?2 OR filename = ?2) ORDER BY id"
        );
        self.list(&sql, params![channel.as_str(), name])
    }

    /// What a channel holds no longer of bytes, as served or as received.
    pub fn left_of(&self, channel: &ChannelName, digest: &Digest) -> Result<Vec<Listed>, IndexError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM artifacts WHERE channel = ?1 AND to_n IS NOT NULL
             AND (served = ?2 OR received = ?2) ORDER BY id"
        );
        self.list(&sql, params![channel.as_str(), digest.to_string()])
    }

    /// Whether a channel ever had a tag.
    pub fn was_tagged(&self, channel: &ChannelName, tag: &TagName) -> Result<bool, IndexError> {
        self.was_said(channel, "tag", "$.tag", tag.as_str())
    }

    /// Whether a channel had a distribution that was deleted.
    pub fn was_distribution(
        &self,
        channel: &ChannelName,
        distribution: &DistributionName,
    ) -> Result<bool, IndexError> {
        let verb = "delete-distribution";
        self.was_said(channel, verb, "$.distribution", distribution.as_str())
    }

    fn was_said(
        &self,
        channel: &ChannelName,
        verb: &str,
        key: &str,
        value: &str,
    ) -> Result<bool, IndexError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM changes
            WHERE channel = ?1 AND verb = ?2 AND json_extract(body, ?3) = ?4)";
        let row = params![channel.as_str(), verb, key, value];
        Ok(self.db.prepare_cached(sql)?.query_row(row, |r| r.get(0))?)
    }
}
