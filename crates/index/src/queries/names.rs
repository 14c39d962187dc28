//! Names: which projects a channel has, and which packages belong to them.

use super::bound;
use crate::{Index, IndexError};
use packyard_types::{ChannelName, ProjectName, Revision};
use rusqlite::params;

impl Index {
    /// The projects that a native package name belongs to, by name: one, as a rule.
    pub fn projects_of_package(
        &self,
        channel: &ChannelName,
        package: &str,
        at: Option<Revision>,
    ) -> Result<Vec<ProjectName>, IndexError> {
        let sql = "SELECT DISTINCT project FROM artifacts
            WHERE channel = ?2 AND ecosystem IN ('pip', 'apt', 'yum') AND package = ?3
              AND from_n <= ?1 AND (to_n IS NULL OR to_n > ?1) ORDER BY 1";
        let mut query = self.db.prepare_cached(sql)?;
        let row = params![bound(at), channel.as_str(), package];
        let names: Vec<String> = query
            .query_map(row, |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        names.iter().map(|n| Ok(ProjectName::parse(n)?)).collect()
    }

    /// Every name that something in a channel can be asked for by: projects and native packages, sorted.
    pub fn names(&self, channel: &ChannelName, at: Option<Revision>) -> Result<Vec<String>, IndexError> {
        let sql = "SELECT project FROM artifacts WHERE channel = ?2 AND from_n <= ?1 AND (to_n IS NULL OR to_n > ?1)
            UNION SELECT package FROM artifacts WHERE channel = ?2 AND from_n <= ?1 AND (to_n IS NULL OR to_n > ?1)
            ORDER BY 1";
        let mut query = self.db.prepare_cached(sql)?;
        let names = query.query_map(params![bound(at), channel.as_str()], |r| r.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }
}
