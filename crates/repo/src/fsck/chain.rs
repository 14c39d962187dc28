//! `meta.json`, the entries of the log, and the packs that they bring.

use super::{Cure, Pass, needs};
use crate::{RepoError, backup::backup_record, commit, pack};
use packyard_index::Index;
use packyard_store::{Key, Meta};
use packyard_types::{Blob, Body, Commit, Digest, Revision, Timestamp, Tree};

/// An entry, as far as it could be read.
struct Link {
    digest: Option<Digest>,
    prev: Option<Digest>,
    at: Option<Timestamp>,
    /// Why it cannot be read; none where it can.
    problem: Option<String>,
    /// What it must hash to, where the entry behind it or the index says so.
    expected: Option<Digest>,
}

impl Pass<'_> {
    /// What the store says of itself, in the very bytes that packyard writes.
    pub(super) fn meta(&mut self) -> Result<(), RepoError> {
        let path = Key::Meta.to_string();
        let problem = match self.runtime.block_on(self.store.object(&path))? {
            Some(bytes) => match self.runtime.block_on(self.store.meta()) {
                Err(e) => Some(e.to_string()),
                Ok(_) if !Meta::is_as_written(&bytes) => Some("it is not as it was written".to_owned()),
                Ok(_) => None,
            },
            None => Some("it is missing".to_owned()),
        };
        if let Some(problem) = problem {
            let needed_by = vec!["the whole yard: without it nothing is served".to_owned()];
            self.find(object(&path), problem, needed_by, Cure::Meta);
        }
        Ok(())
    }

    /// The whole chain, and every pack. Says whether all of it is sound.
    pub(super) fn chain(&mut self, index: Option<&Index>) -> Result<bool, RepoError> {
        let numbers = self.objects.keys().filter_map(|path| match Key::parse(path) {
            Some(Key::Log(n)) => Some(n.0),
            _ => None,
        });
        let head = numbers.max().unwrap_or(0);
        let mut links = Vec::new();
        for n in 1..=head {
            links.push(self.link(Revision(n))?);
        }
        self.expect(&mut links, index);
        let mut sound = true;
        for (i, link) in links.iter().enumerate() {
            let n = Revision(i as u64 + 1);
            let wrong = match (&link.problem, link.digest, link.expected) {
                (Some(problem), _, _) => Some(problem.clone()),
                (None, found, Some(expected)) if found != Some(expected) => Some(format!(
                    "it is not the entry that was written, whose sha256 is {expected}"
                )),
                _ => None,
            };
            if let Some(problem) = wrong {
                sound = false;
                let prev = i.checked_sub(1).and_then(|before| links[before].digest);
                let needed_by = vec![format!("revision {n} and every later one")];
                let expected = link.expected;
                let cure = Cure::Entry { n, prev, expected };
                self.find(object(&Key::Log(n).to_string()), problem, needed_by, cure);
                continue;
            }
            sound &= self.packs_of(n, index)?;
        }
        self.report.entries = head;
        self.report.revision = Revision(head);
        if head == 0 {
            let cure = Cure::None("this is no yard yet, or its log is lost");
            self.find(
                "store/log".to_owned(),
                "there is no entry".to_owned(),
                Vec::new(),
                cure,
            );
        }
        Ok(sound && head > 0)
    }

    fn link(&self, n: Revision) -> Result<Link, RepoError> {
        let mut link = Link {
            digest: None,
            prev: None,
            at: None,
            problem: None,
            expected: None,
        };
        let Some(bytes) = self.runtime.block_on(self.store.log_entry(n))? else {
            link.problem = Some("it is missing".to_owned());
            return Ok(link);
        };
        link.digest = Some(Digest::of(&bytes));
        match commit::read_entry(n, &bytes) {
            Ok(commit) => (link.prev, link.at) = (commit.prev, Some(commit.at)),
            Err(RepoError::Damaged { reason, .. }) => link.problem = Some(reason),
            Err(e) => link.problem = Some(e.to_string()),
        }
        Ok(link)
    }

    /// Says from the end what each entry must be: a sound entry names the digest of the one before it. Of the newest one,
    /// and where an entry is damaged, the index knows the digest.
    fn expect(&self, links: &mut [Link], index: Option<&Index>) {
        let mut behind: Option<Option<Digest>> = None;
        for i in (0..links.len()).rev() {
            let n = Revision(i as u64 + 1);
            let link = &mut links[i];
            link.expected = behind.unwrap_or_else(|| self.witness(index, n, link.digest));
            let sound = link.problem.is_none() && link.expected.is_none_or(|e| link.digest == Some(e));
            behind = sound.then_some(link.prev);
        }
        for i in 1..links.len() {
            let earlier = links[i - 1]
                .at
                .zip(links[i].at)
                .is_some_and(|(before, this)| this < before);
            if links[i].problem.is_none() && earlier {
                links[i].problem = Some(format!("its time is before that of entry {i}"));
            }
        }
    }

    /// What else knows the digest of an entry: the index, which has the newest one's twice, and the record of a backup. An
    /// entry that agrees with any of them is sound, and then it is the other that is damaged.
    fn witness(&self, index: Option<&Index>, n: Revision, found: Option<Digest>) -> Option<Digest> {
        let applied = index
            .and_then(|index| index.applied().ok())
            .filter(|applied| applied.revision == n);
        let backed_up = backup_record(self.dir, "backup.json").filter(|record| record.revision == n);
        let known = [
            index.and_then(|index| index.entry_digest(n).ok().flatten()),
            applied.and_then(|applied| applied.digest),
            backed_up.map(|record| record.sha256),
        ];
        let agrees = known.iter().flatten().any(|digest| Some(*digest) == found);
        if agrees {
            found
        } else {
            known.into_iter().flatten().next()
        }
    }

    /// The packs of an entry, and the trees in them.
    fn packs_of(&mut self, n: Revision, index: Option<&Index>) -> Result<bool, RepoError> {
        let Some(bytes) = self.runtime.block_on(self.store.log_entry(n))? else {
            return Ok(false);
        };
        let commit = commit::read_entry(n, &bytes)?;
        let mut sound = true;
        for blob in &commit.packs {
            // Entries that bring the same small blobs have the same pack.
            if self.hashed.get(&blob.digest) == Some(&false) {
                sound = false;
                self.also_needed_by(&blob.digest, depend_on_pack(&commit, index));
                continue;
            }
            let mut problem = self.blob(blob);
            if problem.is_none() {
                let bytes = self.runtime.block_on(self.store.read_blob(&blob.digest))?;
                match pack::contents(*blob, &bytes) {
                    Ok(members) => self.members(&commit, &members, &bytes),
                    Err(e) => {
                        self.hashed.insert(blob.digest, false);
                        problem = Some(e);
                    }
                }
            }
            if let Some(problem) = problem {
                sound = false;
                let path = needs::path(&blob.digest);
                let needed_by = depend_on_pack(&commit, index);
                let cure = Cure::Blob {
                    blob: *blob,
                    served_at: Vec::new(),
                    purge: false,
                };
                self.find(object(&path), problem, needed_by, cure);
            }
        }
        Ok(sound)
    }

    fn also_needed_by(&mut self, pack: &Digest, more: Vec<String>) {
        let object = object(&needs::path(pack));
        if let Some(finding) = self.report.findings.iter_mut().find(|f| f.object == object) {
            finding.needed_by.extend(more);
        }
    }

    /// Notes what the trees of a commit name.
    fn members(&mut self, commit: &Commit, members: &[(Digest, packyard_index::Packed)], bytes: &[u8]) {
        let trees = members
            .iter()
            .filter(|(digest, _)| commit.trees.values().any(|t| t == digest));
        for (_, at) in trees {
            let (Ok(start), Ok(size)) = (usize::try_from(at.start), usize::try_from(at.size_bytes)) else {
                continue;
            };
            let json = bytes.get(start..start + size).unwrap_or_default();
            let Ok(tree) = serde_json::from_slice::<Tree>(json) else {
                continue;
            };
            let chunks = tree.ropes.values().flat_map(|rope| &rope.chunks);
            self.named_by_trees.extend(
                chunks
                    .flat_map(packyard_types::Chunk::blobs)
                    .map(|b: Blob| b.digest),
            );
            let stored = tree.files.values().filter(|f| matches!(f.body, Body::Stored));
            self.named_by_trees.extend(stored.map(|f| f.blob.digest));
        }
    }
}

fn depend_on_pack(commit: &Commit, index: Option<&Index>) -> Vec<String> {
    let mut out = vec![format!(
        "revision {} and every later one, which a replay cannot reach",
        commit.n
    )];
    let added = index
        .and_then(|index| index.added_in(commit.n).ok())
        .unwrap_or_default();
    out.extend(
        added
            .iter()
            .map(|(channel, artifact)| format!("facts of {} in channel {channel}", artifact.name)),
    );
    out.extend(commit.trees.keys().map(|key| format!("the index files of {key}")));
    out
}

/// An object of the store as a file of the data directory.
pub(super) fn object(path: &str) -> String {
    format!("store/{path}")
}
