//! What channels say of projects, and when a page of pip's changed last.

use super::bound;
use crate::{Index, IndexError};
use packyard_types::{ChannelName, ProjectName, ProjectSettings, Revision};
use rusqlite::{OptionalExtension, params};

impl Index {
    /// What a channel says of a project, now or as of a revision; nothing is the default.
    pub fn project_settings(
        &self,
        channel: &ChannelName,
        project: &ProjectName,
        at: Option<Revision>,
    ) -> Result<ProjectSettings, IndexError> {
        let sql = "SELECT settings FROM projects
            WHERE from_n <= ?1 AND (to_n IS NULL OR to_n > ?1) AND channel = ?2 AND project = ?3";
        let row = params![bound(at), channel.as_str(), project.as_str()];
        let found: Option<String> = self
            .db
            .prepare_cached(sql)?
            .query_row(row, |r| r.get(0))
            .optional()?;
        Ok(found.map_or_else(|| Ok(ProjectSettings::default()), |s| serde_json::from_str(&s))?)
    }

    /// The projects of which a channel says something, by name.
    pub fn projects_with_settings(
        &self,
        channel: &ChannelName,
        at: Option<Revision>,
    ) -> Result<Vec<(ProjectName, ProjectSettings)>, IndexError> {
        let sql = "SELECT project, settings FROM projects
            WHERE from_n <= ?1 AND (to_n IS NULL OR to_n > ?1) AND channel = ?2 ORDER BY project";
        let mut query = self.db.prepare_cached(sql)?;
        let rows: Vec<(String, String)> = query
            .query_map(params![bound(at), channel.as_str()], |r| {
                Ok((r.get(0)?, r.get(1)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        rows.iter()
            .map(|(name, settings)| Ok((ProjectName::parse(name)?, serde_json::from_str(settings)?)))
            .collect()
    }

    /// Whether a channel of this name holds or has held a wheel or an sdist of a project, also before it was deleted and
    /// created anew: who depends on the name does not know of that.
    pub fn ever_python(&self, channel: &ChannelName, project: &ProjectName) -> Result<bool, IndexError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM artifacts WHERE channel = ?1 AND project = ?2 AND ecosystem = 'pip')";
        let row = params![channel.as_str(), project.as_str()];
        Ok(self.db.prepare_cached(sql)?.query_row(row, |r| r.get(0))?)
    }

    /// The newest revision that changed what a channel's page of a project shows; none where there never was one.
    pub fn python_changed(
        &self,
        channel: &ChannelName,
        project: &ProjectName,
    ) -> Result<Option<Revision>, IndexError> {
        let sql = "SELECT n FROM python_pages WHERE channel = ?1 AND project = ?2";
        let row = params![channel.as_str(), project.as_str()];
        let found = self
            .db
            .prepare_cached(sql)?
            .query_row(row, |r| r.get(0))
            .optional()?;
        Ok(found.map(Revision))
    }

    /// The newest revision that changed any page of pip's in a channel; 0 where none did.
    pub fn python_changed_any(&self, channel: &ChannelName) -> Result<Revision, IndexError> {
        let sql = "SELECT coalesce(max(n), 0) FROM python_pages WHERE channel = ?1";
        let n = self
            .db
            .prepare_cached(sql)?
            .query_row([channel.as_str()], |r| r.get(0))?;
        Ok(Revision(n))
    }

    /// The projects of a channel with wheels or sdists, by name, each with the revision that changed its page last.
    pub fn python_listing(
        &self,
        channel: &ChannelName,
        at: Option<Revision>,
    ) -> Result<Vec<(String, Revision)>, IndexError> {
        if let Some(at) = at {
            let names = self.python_projects(channel, Some(at))?;
            return Ok(names.into_iter().map(|name| (name, at)).collect());
        }
        // What is held now is answered by an index alone: rows are long, and there may be a hundred thousand.
        let sql = "SELECT held.project, coalesce(pages.n, 0)
            FROM (SELECT DISTINCT project FROM artifacts INDEXED BY artifacts_of_pip
                  WHERE channel = ?1 AND ecosystem = 'pip' AND to_n IS NULL) held
            LEFT JOIN python_pages pages ON pages.channel = ?1 AND pages.project = held.project ORDER BY 1";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([channel.as_str()], |r| Ok((r.get(0)?, Revision(r.get(1)?))))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The revision that set a channel's settings; 0 where there is no such channel.
    pub fn configured_at(&self, channel: &ChannelName) -> Result<Revision, IndexError> {
        let sql = "SELECT coalesce(max(set_n), 0) FROM channels WHERE name = ?1";
        let n = self
            .db
            .prepare_cached(sql)?
            .query_row([channel.as_str()], |r| r.get(0))?;
        Ok(Revision(n))
    }
}
