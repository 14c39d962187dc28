//! What channels say of projects, and which revision changed the pages of pip's projects last.

use crate::{Index, IndexError};
use packyard_types::{ChangeId, ChannelName, ProjectName, ProjectSettings, Revision};
use rusqlite::params;

impl Index {
    /// A channel says something of a project, or says it no more.
    pub(super) fn set_project(
        &mut self,
        id: ChangeId,
        channel: &ChannelName,
        project: &ProjectName,
        settings: &ProjectSettings,
    ) -> Result<(), IndexError> {
        let n = id.revision.0;
        // What was said earlier in the same revision was never to be seen.
        for sql in [
            "DELETE FROM projects WHERE channel = ?1 AND project = ?2 AND from_n = ?3",
            "UPDATE projects SET to_n = ?3 WHERE channel = ?1 AND project = ?2 AND to_n IS NULL",
        ] {
            self.db
                .prepare_cached(sql)?
                .execute(params![channel.as_str(), project.as_str(), n])?;
        }
        if !settings.is_default() {
            let json = serde_json::to_string(settings)?;
            let row = params![channel.as_str(), project.as_str(), json, n];
            self.db
                .prepare_cached("INSERT INTO projects VALUES (?1, ?2, ?3, ?4, NULL)")?
                .execute(row)?;
        }
        let sql = "INSERT OR REPLACE INTO python_pages VALUES (?1, ?2, ?3)";
        self.db
            .prepare_cached(sql)?
            .execute(params![channel.as_str(), project.as_str(), n])?;
        Ok(())
    }

    /// Notes the projects whose pages a revision has changed, once all its changes are rows.
    pub(super) fn note_pages(&mut self, n: Revision) -> Result<(), IndexError> {
        for bound in ["from_n", "to_n"] {
            let sql = format!(
                "INSERT OR REPLACE INTO python_pages SELECT DISTINCT channel, project, ?1 FROM artifacts
                 WHERE {bound} = ?1 AND ecosystem = 'pip'"
            );
            self.db.prepare_cached(&sql)?.execute([n.0])?;
        }
        Ok(())
    }
}
