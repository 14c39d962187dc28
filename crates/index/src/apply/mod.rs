//! A commit becomes rows. The committer calls this before its commit is put, start-up and tailing call it after they
//! have read one: the same code, so that a rebuilt index equals one that grew.

mod artifacts;
mod channels;
mod documents;
mod projects;

use crate::{Index, IndexError};
use packyard_types::{
    Blob, CachePolicy, Change, ChangeId, ChannelName, Commit, Digest, Operation, Timestamp, Tree, TreeKey,
};
use rusqlite::params;

/// Where the bytes of small blobs come from while a commit is applied.
pub trait Blobs {
    /// The bytes.
    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, String>;
}

/// Where a small blob lies: in a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// The pack.
    pub pack: Digest,
    /// First byte.
    pub start: u64,
    /// Length in bytes.
    pub size_bytes: u64,
}

impl Index {
    /// Applies one change of commit `id.revision`. It has been judged; here it only becomes rows.
    pub fn apply_change(
        &mut self,
        id: ChangeId,
        change: &Change,
        blobs: &dyn Blobs,
    ) -> Result<(), IndexError> {
        self.insert_change(id, change)?;
        match &change.operation {
            Operation::Publish {
                channel,
                artifacts,
                replaces,
            } => {
                self.end_artifacts(id, channel, replaces)?;
                artifacts
                    .iter()
                    .try_for_each(|a| self.insert_artifact(id, change.at, channel, a, None, blobs))
            }
            Operation::Adopt {
                channel,
                add,
                remove,
                documents,
                ..
            } => {
                documents
                    .iter()
                    .try_for_each(|d| self.set_document(id, channel, d))?;
                self.end_artifacts(id, channel, remove)?;
                add.iter().try_for_each(|a| {
                    let yanked = a.yanked.as_deref();
                    self.insert_artifact(id, change.at, channel, &a.artifact, yanked, blobs)
                })
            }
            Operation::Remove { channel, artifacts } => self.end_artifacts(id, channel, artifacts),
            Operation::Yank {
                channel,
                artifacts,
                reason,
            } => self.set_yanked(id, channel, artifacts, Some(reason)),
            Operation::Unyank { channel, artifacts } => self.set_yanked(id, channel, artifacts, None),
            Operation::Configure { channel, settings } => self.configure(id, channel, settings),
            Operation::DeleteChannel { channel } => self.delete_channel(id, channel),
            Operation::Distribution {
                channel,
                distribution,
                settings,
            } => self.set_distribution(id, channel, distribution, settings),
            Operation::DeleteDistribution {
                channel,
                distribution,
            } => self.delete_distribution(id, channel, distribution),
            Operation::Document { channel, change } => self.set_document(id, channel, change),
            // What it changes is in the commit's trees.
            Operation::Refresh { .. } => Ok(()),
            Operation::Tag { channel, tag, at } => self.set_tag(id, channel, tag, *at),
            Operation::Project {
                channel,
                project,
                settings,
            } => self.set_project(id, channel, project, settings),
            Operation::Purge { digest, reason } => self.purge(id, digest, reason),
            Operation::Retire { floors, blobs } => self.retire(id, floors, blobs),
            Operation::Keys(keys) => {
                let sql = "INSERT OR REPLACE INTO keys VALUES (?1, ?2)";
                let body = serde_json::to_string(keys)?;
                self.db
                    .prepare_cached(sql)?
                    .execute(params![id.revision.0, body])?;
                Ok(())
            }
            Operation::Grant(grant) => {
                let sql = "INSERT OR REPLACE INTO tokens VALUES (?1, ?2, ?3, ?4, NULL)";
                let body = serde_json::to_string(grant)?;
                let row = params![grant.id.as_str(), grant.hash.0.to_string(), body, id.revision.0];
                self.db.prepare_cached(sql)?.execute(row)?;
                Ok(())
            }
            Operation::Revoke { id: token } => {
                let sql = "UPDATE tokens SET to_n = ?2 WHERE id = ?1 AND to_n IS NULL";
                self.db
                    .prepare_cached(sql)?
                    .execute(params![token.as_str(), id.revision.0])?;
                Ok(())
            }
            Operation::Trust(publisher) => {
                let sql = "INSERT OR REPLACE INTO publishers VALUES (?1, ?2, ?3, NULL)";
                let body = serde_json::to_string(publisher)?;
                let row = params![publisher.id.as_str(), body, id.revision.0];
                self.db.prepare_cached(sql)?.execute(row)?;
                Ok(())
            }
            Operation::Distrust { id: publisher } => {
                let sql = "UPDATE publishers SET to_n = ?2 WHERE id = ?1 AND to_n IS NULL";
                self.db
                    .prepare_cached(sql)?
                    .execute(params![publisher.as_str(), id.revision.0])?;
                Ok(())
            }
        }
    }

    /// Notes where the small blobs of a pack lie.
    pub fn apply_pack(&mut self, members: &[(Digest, Packed)]) -> Result<(), IndexError> {
        let mut insert = self
            .db
            .prepare_cached("INSERT OR IGNORE INTO packed VALUES (?1, ?2, ?3, ?4)")?;
        for (digest, at) in members {
            insert.execute(params![
                digest.to_string(),
                at.pack.to_string(),
                at.start,
                at.size_bytes
            ])?;
        }
        Ok(())
    }

    /// Replaces a tree: its old files end, its new ones begin, at revision `n`.
    pub fn apply_tree(
        &mut self,
        n: u64,
        key: &TreeKey,
        digest: &Digest,
        tree: &Tree,
    ) -> Result<(), IndexError> {
        let end = "UPDATE trees SET to_n = ?2 WHERE key = ?1 AND to_n IS NULL";
        self.db
            .prepare_cached(end)?
            .execute(params![key.to_string(), n])?;
        let insert = "INSERT INTO trees VALUES (?1, ?2, ?3, NULL)";
        self.db
            .prepare_cached(insert)?
            .execute(params![key.to_string(), digest.to_string(), n])?;
        let end = "UPDATE tree_files SET to_n = ?2 WHERE key = ?1 AND to_n IS NULL";
        self.db
            .prepare_cached(end)?
            .execute(params![key.to_string(), n])?;
        let insert = "INSERT INTO tree_files VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL)";
        let mut insert = self.db.prepare_cached(insert)?;
        for (path, file) in &tree.files {
            insert.execute(params![
                key.channel.as_str(),
                key.view.as_str(),
                path.as_str(),
                path.directory(),
                file.blob.digest.to_string(),
                file.cache == CachePolicy::Immutable,
                digest.to_string(),
                key.to_string(),
                n
            ])?;
        }
        Ok(())
    }

    /// The last step of applying a commit: the index shows revision N.
    pub fn apply_commit(&mut self, commit: &Commit, entry: &Blob) -> Result<(), IndexError> {
        let (n, at, digest) = (commit.n.0, commit.at.to_string(), entry.digest.to_string());
        let insert = "INSERT INTO commits VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let modified = self.next_modified(commit.at)?;
        let row = params![n, at, commit.node, commit.writer, digest, modified];
        self.db.prepare_cached(insert)?.execute(row)?;
        let update = "UPDATE applied SET n = ?1, digest = ?2, at = ?3";
        self.db.prepare_cached(update)?.execute(params![n, digest, at])?;
        self.note_pages(commit.n)
    }

    /// `Last-Modified` of a revision, in whole seconds: another one for each, though several are made in a second, since
    /// apt asks by nothing else; and never in the future. So it lags by as much as a burst of revisions may need.
    fn next_modified(&self, at: Timestamp) -> Result<i64, IndexError> {
        const LAG_SECONDS: i64 = 600;
        let last: i64 = self
            .db
            .query_row("SELECT coalesce(max(modified), 0) FROM commits", [], |r| r.get(0))?;
        let at = at.unix_seconds();
        Ok((at - LAG_SECONDS).max(last + 1).min(at))
    }

    fn insert_change(&mut self, id: ChangeId, change: &Change) -> Result<(), IndexError> {
        let sql = "INSERT INTO changes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        self.db.prepare_cached(sql)?.execute(params![
            id.revision.0,
            id.position,
            change.at.to_string(),
            change.actor.as_str(),
            serde_json::to_string(&change.sender)?,
            change.note,
            change.operation.verb(),
            change.operation.channel().map(ChannelName::as_str),
            serde_json::to_string(&change.operation)?
        ])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use packyard_types::{COMMIT_FORMAT, Revision, TxnId};
    use std::collections::BTreeMap;

    fn commit(n: u64, at: i64) -> Commit {
        Commit {
            v: COMMIT_FORMAT,
            n: Revision(n),
            txn: TxnId::from_random(n.into()),
            prev: None,
            at: Timestamp::from_unix_seconds(at),
            node: "test".to_owned(),
            writer: "test".to_owned(),
            changes: Vec::new(),
            changes_blob: None,
            trees: BTreeMap::new(),
            packs: Vec::new(),
        }
    }

    #[test]
    fn revisions_of_one_second_have_last_modified_times_of_their_own_and_none_in_the_future() {
        let mut index = Index::memory().unwrap();
        let now = 1_700_000_000;
        let mut seen = Vec::new();
        for n in 1..=50 {
            index
                .apply_commit(&commit(n, now), &Blob::of(&n.to_be_bytes()))
                .unwrap();
            seen.push(index.modified(Revision(n)).unwrap().unix_seconds());
        }
        assert!(seen.windows(2).all(|pair| pair[0] < pair[1]), "{seen:?}");
        assert!(seen.iter().all(|s| *s <= now));
    }

    #[test]
    fn a_revision_that_shares_its_second_with_the_one_before_is_told_from_it() {
        let mut index = Index::memory().unwrap();
        let (now, many) = (1_700_000_000, 700);
        for n in 1..=many {
            index
                .apply_commit(&commit(n, now), &Blob::of(&n.to_be_bytes()))
                .unwrap();
        }
        let second = Timestamp::from_unix_seconds(now);
        let at = |n: u64| index.modified(Revision(n)).unwrap();
        assert!(at(1) < second && at(1) == at(1).whole_second());
        assert_eq!(at(many), second.half_a_second_later());
        assert_eq!(at(many).unix_seconds(), now);
    }
}
