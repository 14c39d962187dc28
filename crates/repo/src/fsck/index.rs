//! `index.sqlite` against a replay, and the index files that clients get.

use super::{Cure, Pass};
use crate::{
    RepoError,
    commit::{catch_up, catch_up_to, differences, rendered},
    keys,
    reading::located_blob,
};
use packyard_index::{Index, StoredTree};
use packyard_types::{Digest, Hasher, Tree, View};
use packyard_views::{Segment, inflate, segments};
use std::fs;

fn inflated(bytes: &[u8], open_bytes: u64, digest: &Digest) -> Result<Vec<u8>, RepoError> {
    inflate(bytes, open_bytes).map_err(|e| RepoError::Damaged {
        what: format!("chunk {digest}"),
        reason: e.to_string(),
    })
}

/// How often an index that a server writes meanwhile is looked at again.
const TRIES: usize = 20;

impl Pass<'_> {
    /// Replays the log into an index in memory, and compares the one in use with it on the way. Says whether that could be
    /// done.
    pub(super) fn replay(&mut self, fresh: &mut Index) -> bool {
        let path = self.dir.index();
        if path.exists() {
            if let Some(problem) = self.compare(fresh) {
                self.find(
                    "index.sqlite".to_owned(),
                    problem,
                    vec!["every answer".to_owned()],
                    Cure::Index,
                );
            }
        } else {
            self.note("there is no index.sqlite: the next start makes it from the log".to_owned());
        }
        let (store, runtime) = (self.store, self.runtime);
        match fresh.transaction(|index| catch_up(index, store, runtime)) {
            Ok(revision) => {
                self.report.revision = revision;
                true
            }
            Err(e) => {
                let n = fresh.revision().unwrap_or_default().next();
                let needed_by = vec![format!("revision {n} and every later one")];
                let (object, problem) = match e {
                    RepoError::Damaged { what, reason } => (what, reason),
                    other => (format!("log entry {n}"), other.to_string()),
                };
                self.find(
                    object,
                    problem,
                    needed_by,
                    Cure::None("nothing here can mend it; restore a backup"),
                );
                false
            }
        }
    }

    /// What is wrong with the index in use, if anything.
    fn compare(&mut self, fresh: &mut Index) -> Option<String> {
        let opened = Index::open_reader(&self.dir.index()).and_then(|index| {
            let current = index.is_current()?;
            Ok((index, current))
        });
        let index = match opened {
            Ok((index, true)) => index,
            Ok((_, false)) => {
                self.note(
                    "index.sqlite has the tables of another version: the next start makes it anew from the log".to_owned(),
                );
                return None;
            }
            Err(e) => return Some(format!("it cannot be opened: {e}")),
        };
        match index.integrity() {
            Ok(wrong) if wrong.is_empty() => {}
            Ok(wrong) => return Some(format!("SQLite finds it damaged: {}", wrong.join("; "))),
            Err(e) => return Some(format!("it cannot be read: {e}")),
        }
        for _ in 0..TRIES {
            let looked = (|| Ok::<_, packyard_index::IndexError>((index.applied()?, index.fingerprint()?)))();
            let (applied, ours) = match looked {
                Ok(looked) => looked,
                Err(e) => return Some(format!("it cannot be read: {e}")),
            };
            if index.applied().ok().as_ref() != Some(&applied) {
                continue;
            }
            let (store, runtime) = (self.store, self.runtime);
            let reached = fresh.transaction(|index| catch_up_to(index, store, runtime, applied.revision));
            // What keeps the log from being replayed is said when all of it is.
            let reached = reached.ok()?;
            if reached < applied.revision {
                let shown = applied.revision;
                return Some(format!(
                    "it shows revision {shown}, and the log ends at {reached}"
                ));
            }
            if reached > applied.revision {
                continue;
            }
            let same = fresh.fingerprint().is_ok_and(|fresh| fresh == ours)
                && fresh.applied().is_ok_and(|fresh| fresh == applied);
            return (!same).then(|| "it differs from a replay of the log".to_owned());
        }
        self.note("the index changed all the time; it was not compared with a replay".to_owned());
        None
    }

    /// Every index file of every current tree, and each tree against a rendering. Of older trees: that what they name is
    /// where a replay finds it; the packs that hold it have been hashed.
    pub(super) fn trees(&mut self, fresh: &Index) -> Result<(), RepoError> {
        for stored in fresh.trees(None)? {
            match self.tree(fresh, &stored.digest) {
                Ok(tree) => {
                    self.files_of(fresh, &stored, &tree);
                    self.against_a_rendering(fresh, &stored, &tree)?;
                }
                Err(e) => self.find(
                    format!("tree {}", stored.key),
                    e.to_string(),
                    vec![format!("the index files of {}", stored.key)],
                    Cure::None("sign it anew: change a setting of the distribution, or publish to it"),
                ),
            }
        }
        for digest in std::mem::take(&mut self.named_by_trees) {
            let packed = fresh.packed(&digest)?.is_some();
            if !packed && !self.objects.contains_key(&super::needs::path(&digest)) {
                self.find(
                    format!("chunk {digest}"),
                    "no pack holds it".to_owned(),
                    vec!["an index file".to_owned()],
                    Cure::None("nothing here can mend it; restore a backup"),
                );
            }
        }
        Ok(())
    }

    fn small(&self, fresh: &Index, digest: &Digest) -> Result<Vec<u8>, RepoError> {
        let packed = fresh.packed(digest)?;
        Ok(self
            .runtime
            .block_on(located_blob(self.store, digest, packed))?
            .to_vec())
    }

    fn tree(&self, fresh: &Index, digest: &Digest) -> Result<Tree, RepoError> {
        serde_json::from_slice(&self.small(fresh, digest)?).map_err(|e| RepoError::Damaged {
            what: format!("tree {digest}"),
            reason: e.to_string(),
        })
    }

    fn files_of(&mut self, fresh: &Index, stored: &StoredTree, tree: &Tree) {
        for (path, file) in &tree.files {
            self.report.index_files += 1;
            let mut hasher = Hasher::new();
            let mut problem = None;
            for segment in segments(tree, file) {
                let bytes = match segment {
                    Segment::Bytes(bytes) => Ok(bytes),
                    Segment::Chunk { deflated } => self.small(fresh, &deflated.digest),
                    Segment::Inflate { deflated, open_bytes } => self
                        .small(fresh, &deflated.digest)
                        .and_then(|bytes| inflated(&bytes, open_bytes, &deflated.digest)),
                };
                match bytes {
                    Ok(bytes) => hasher.update(&bytes),
                    Err(e) => problem = Some(e.to_string()),
                }
            }
            let found = hasher.finish();
            if problem.is_none() && found != file.blob {
                let (is, should) = (found.digest, file.blob.digest);
                problem = Some(format!("it adds up to sha256 {is}, not {should}"));
            }
            if let Some(problem) = problem {
                let view = stored.key.view.as_str();
                let object = format!("{}/{view}/{path}", stored.key.channel);
                let needed_by = vec![format!("clients of {}", stored.key)];
                let advice = "sign it anew: change a setting of the distribution, or publish to it";
                self.find(object, problem, needed_by, Cure::None(advice));
            }
        }
    }

    fn against_a_rendering(
        &mut self,
        fresh: &Index,
        stored: &StoredTree,
        tree: &Tree,
    ) -> Result<(), RepoError> {
        let key = &stored.key;
        if key.view == View::Pip {
            return Ok(());
        }
        let Some((_, settings)) = fresh.distribution(&key.channel, key.distribution.as_str())? else {
            return Ok(());
        };
        let made = match rendered(fresh, self.store, self.runtime, key, &settings) {
            Ok(made) => made,
            Err(e) => {
                let needed_by = vec![format!("the index files of {key}, at the next publish")];
                let cure = Cure::None("nothing here can mend it; restore a backup");
                self.find(
                    format!("tree {key}"),
                    format!("it cannot be rendered anew: {e}"),
                    needed_by,
                    cure,
                );
                return Ok(());
            }
        };
        match differences(tree, &made, key.view) {
            None => self.note(format!(
                "the index files of {key} were made by the rules of another version; they were not compared with a rendering"
            )),
            Some(differ) => {
                self.report.rendered += 1;
                for rope in differ {
                    self.find(
                        format!("tree {key}"),
                        format!("`{rope}` lists something else than a rendering of what the channel holds"),
                        vec![format!("clients of {key}")],
                        Cure::None("report this: it is a bug; a publish of the same distribution does not mend it"),
                    );
                }
            }
        }
        Ok(())
    }

    /// The private keys: each against the log, and by a signature.
    pub(super) fn keys(&mut self, fresh: &Index, complete: bool) -> Result<(), RepoError> {
        let known = if complete { fresh.keys()? } else { None };
        if fs::read_dir(self.dir.keys()).map_or(true, |mut all| all.next().is_none()) {
            self.note("there are no private keys here: this copy can be read, and not written to".to_owned());
            return Ok(());
        }
        for examined in keys::examine(&self.dir.keys(), known.as_ref(), self.at) {
            let object = format!("keys/{}", examined.file);
            self.report.keys += 1;
            if let Some(problem) = examined.problem {
                let needed_by = vec!["publishing: index files and packages are signed with it".to_owned()];
                let cure = Cure::Key { file: examined.file };
                self.find(object, problem, needed_by, cure);
            } else if let Some(note) = examined.note {
                self.note(format!("{object} {note}"));
            }
        }
        Ok(())
    }
}
