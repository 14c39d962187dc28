//! Trees and the files in them.

use super::{bound, history::modified_at};
use crate::{Index, IndexError};
use packyard_types::{ChannelName, Digest, Revision, ServedPath, Timestamp, TreeKey, View};
use rusqlite::{OptionalExtension, Row, params};

/// A file of a view: which tree it is in, and under what name there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedFile {
    /// The tree's digest.
    pub tree: Digest,
    /// The file's path in the tree.
    pub path: ServedPath,
    /// `Last-Modified` of the revision that brought it.
    pub modified: Timestamp,
}

/// A tree as it stands at a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTree {
    /// Which.
    pub key: TreeKey,
    /// The digest of its JSON.
    pub digest: Digest,
}

impl Index {
    /// The tree of a key.
    pub fn tree(&self, key: &TreeKey, at: Option<Revision>) -> Result<Option<Digest>, IndexError> {
        let sql = "SELECT digest FROM trees WHERE key = ?1 AND from_n <= ?2 AND (to_n IS NULL OR to_n > ?2)";
        let row = params![key.to_string(), bound(at)];
        let found: Option<String> = self
            .db
            .prepare_cached(sql)?
            .query_row(row, |r| r.get(0))
            .optional()?;
        found.map(|d| Ok(d.parse()?)).transpose()
    }

    /// When the newest tree of a key was made: the Date of its Release file.
    pub fn tree_made_at(&self, key: &TreeKey) -> Result<Option<Timestamp>, IndexError> {
        let sql =
            "SELECT c.at FROM trees t JOIN commits c ON c.n = t.from_n WHERE t.key = ?1 AND t.to_n IS NULL";
        let found: Option<String> = self
            .db
            .prepare_cached(sql)?
            .query_row([key.to_string()], |r| r.get(0))
            .optional()?;
        found.map(|at| Ok(Timestamp::parse(&at)?)).transpose()
    }

    /// Every tree as of a revision.
    pub fn trees(&self, at: Option<Revision>) -> Result<Vec<StoredTree>, IndexError> {
        let sql =
            "SELECT key, digest FROM trees WHERE from_n <= ?1 AND (to_n IS NULL OR to_n > ?1) ORDER BY key";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query([bound(at)])?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            let (key, digest) = (r.get::<_, String>(0)?, r.get::<_, String>(1)?);
            out.push(StoredTree {
                key: key.parse()?,
                digest: digest.parse()?,
            });
        }
        Ok(out)
    }

    /// The file at a path. A name that carries its digest stays servable after it has left the tree, but not in a channel
    /// that was deleted and made anew.
    pub fn served_file(
        &self,
        channel: &ChannelName,
        view: View,
        path: &ServedPath,
        at: Option<Revision>,
    ) -> Result<Option<ServedFile>, IndexError> {
        let sql = "SELECT f.tree, f.path, c.modified,
              EXISTS (SELECT 1 FROM commits p WHERE p.n = c.n - 1 AND p.modified = c.modified)
            FROM tree_files f LEFT JOIN commits c ON c.n = f.from_n
            WHERE channel = ?1 AND view = ?2 AND path = ?3 AND from_n <= ?4
              AND (to_n IS NULL OR to_n > ?4 OR immutable)
              AND (to_n IS NULL OR to_n > (SELECT max(life.from_n) FROM channels life WHERE life.name = ?1))
            ORDER BY from_n DESC LIMIT 1";
        let row = params![channel.as_str(), view.as_str(), path.as_str(), bound(at)];
        self.db
            .prepare_cached(sql)?
            .query_row(row, raw_file)
            .optional()?
            .map(file)
            .transpose()
    }

    /// The file of a directory that has this digest, or ever had it (apt's by-hash).
    pub fn served_by_hash(
        &self,
        channel: &ChannelName,
        view: View,
        directory: &str,
        digest: &Digest,
    ) -> Result<Option<ServedFile>, IndexError> {
        let sql = "SELECT f.tree, f.path, c.modified,
              EXISTS (SELECT 1 FROM commits p WHERE p.n = c.n - 1 AND p.modified = c.modified)
            FROM tree_files f LEFT JOIN commits c ON c.n = f.from_n
            WHERE channel = ?1 AND view = ?2 AND dir = ?3 AND sha256 = ?4
              AND (to_n IS NULL OR to_n > (SELECT max(life.from_n) FROM channels life WHERE life.name = ?1))
            ORDER BY from_n DESC LIMIT 1";
        let row = params![channel.as_str(), view.as_str(), directory, digest.to_string()];
        self.db
            .prepare_cached(sql)?
            .query_row(row, raw_file)
            .optional()?
            .map(file)
            .transpose()
    }
}

fn raw_file(r: &Row<'_>) -> rusqlite::Result<(String, String, Option<i64>, bool)> {
    Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
}

fn file(
    (tree, path, modified, shared): (String, String, Option<i64>, bool),
) -> Result<ServedFile, IndexError> {
    let modified = modified_at(modified.unwrap_or_default(), shared);
    Ok(ServedFile {
        tree: tree.parse()?,
        path: ServedPath::parse(&path)?,
        modified,
    })
}
