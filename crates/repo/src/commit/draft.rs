//! A commit in the making.

use super::{Committed, Proposal, judge::judge};
use crate::{
    RepoError,
    pack::{Pack, pack},
    retention,
};
use packyard_index::{Applied, Blobs, Index};
use packyard_types::{
    Artifact, COMMIT_FORMAT, Change, ChangeId, ChannelName, Commit, Digest, DistributionName, Held,
    Operation, Origin, Revision, Timestamp, TreeKey, TxnId,
};
use std::collections::{BTreeMap, BTreeSet};

/// Changes that have been judged and applied to the index, on their way to the log.
pub struct Draft {
    /// The revision that it will make.
    pub revision: Revision,
    /// The commit's time: now, but never before its parent.
    pub at: Timestamp,
    parent: Option<Digest>,
    node: String,
    changes: Vec<Change>,
    /// Small blobs of the commit.
    pub small: BTreeMap<Digest, Vec<u8>>,
    /// The blobs of artifacts that become visible with it, which must be in the store.
    named: BTreeSet<Digest>,
    /// The blobs that it destroys or gives up.
    pub doomed: BTreeSet<Digest>,
    /// By channel the filenames of the artifacts that come, go or change their state.
    pub touched: BTreeMap<ChannelName, BTreeSet<String>>,
    /// Distributions whose index files are made anew, whatever they list.
    pub refreshed: BTreeSet<(ChannelName, DistributionName)>,
    /// The trees that it replaces.
    pub trees: BTreeMap<TreeKey, Digest>,
}

/// A draft, written down.
pub struct Sealed {
    /// The entry.
    pub commit: Commit,
    /// Its bytes.
    pub entry: Vec<u8>,
    /// Its small blobs.
    pub pack: Pack,
    /// The large blobs that it names, which must be in the store.
    pub named: BTreeSet<Digest>,
    /// Those that are deleted once it is in the log.
    pub doomed: BTreeSet<Digest>,
}

/// The largest entry, in bytes (DESIGN.md, Commit), and how much of it changes may be: larger ones lie in the pack.
const ENTRY_LIMIT: usize = 1 << 20;
const CHANGES_LIMIT: usize = 1 << 19;

/// Small blobs that are at hand.
pub struct AtHand<'a>(pub &'a BTreeMap<Digest, Vec<u8>>);

impl Blobs for AtHand<'_> {
    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, String> {
        self.0
            .get(digest)
            .cloned()
            .ok_or_else(|| "the commit does not bring it".to_owned())
    }
}

impl Draft {
    /// A draft on top of what has been applied.
    pub fn begin(applied: &Applied, now: Timestamp, node: &str) -> Self {
        Self {
            revision: applied.revision.next(),
            at: now.max(applied.at),
            parent: applied.digest,
            node: node.to_owned(),
            changes: Vec::new(),
            small: BTreeMap::new(),
            named: BTreeSet::new(),
            doomed: BTreeSet::new(),
            touched: BTreeMap::new(),
            refreshed: BTreeSet::new(),
            trees: BTreeMap::new(),
        }
    }

    /// Whether nothing has been added.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Judges a proposal and adds what is new of it, and what it makes surplus. A refused proposal leaves no trace.
    pub fn add(&mut self, index: &mut Index, proposal: &Proposal) -> Result<Committed, RepoError> {
        let Some(operation) = judge(index, &proposal.change.operation, proposal.if_revision)? else {
            let revision = if self.is_empty() {
                index.applied()?.revision
            } else {
                self.revision
            };
            return Ok(Committed {
                revision,
                change: None,
                operation: None,
            });
        };
        let change = Change {
            operation: operation.clone(),
            at: self.at,
            ..proposal.change.clone()
        };
        let (id, next) = (self.next_id(0), self.next_id(1));
        let surplus = index.savepoint(|index| {
            self.touch(index, &change.operation)?;
            index.apply_change(id, &change, &AtHand(&proposal.small))?;
            let surplus = surplus(index, &change)?;
            if let Some(surplus) = &surplus {
                self.touch(index, &surplus.operation)?;
                index.apply_change(next, surplus, &AtHand(&proposal.small))?;
            }
            Ok::<_, RepoError>(surplus)
        })?;
        self.small
            .extend(proposal.small.iter().map(|(d, b)| (*d, b.clone())));
        self.changes.push(change);
        self.changes.extend(surplus);
        Ok(Committed {
            revision: self.revision,
            change: Some(id),
            operation: Some(operation),
        })
    }

    /// The id of the change that is added after `more` others.
    fn next_id(&self, more: usize) -> ChangeId {
        let position =
            u32::try_from(self.changes.len() + 1 + more).expect("a batch has at most 256 proposals");
        ChangeId {
            revision: self.revision,
            position,
        }
    }

    /// Notes what an operation, which has been judged and is about to be applied, touches.
    fn touch(&mut self, index: &Index, operation: &Operation) -> Result<(), RepoError> {
        if let Some(channel) = operation.channel() {
            self.touched.entry(channel.clone()).or_default();
        }
        match operation {
            Operation::Publish {
                channel,
                artifacts,
                replaces,
            } => {
                artifacts.iter().for_each(|a| self.name_blobs(a));
                self.touch_files(channel, artifacts.iter().map(|a| a.name.to_string()));
                self.touch_held(channel, replaces);
            }
            Operation::Adopt {
                channel,
                add,
                remove,
                documents,
                ..
            } => {
                for document in documents {
                    self.touch_documents(index, channel, &document.distribution)?;
                }
                add.iter().for_each(|a| self.name_blobs(&a.artifact));
                self.touch_files(channel, add.iter().map(|a| a.artifact.name.to_string()));
                self.touch_held(channel, remove);
            }
            Operation::Remove { channel, artifacts }
            | Operation::Yank {
                channel, artifacts, ..
            }
            | Operation::Unyank { channel, artifacts } => self.touch_held(channel, artifacts),
            Operation::Distribution {
                channel,
                distribution,
                ..
            }
            | Operation::Refresh {
                channel,
                distribution,
            } => {
                self.refreshed.insert((channel.clone(), distribution.clone()));
            }
            Operation::Document { channel, change } => {
                self.touch_documents(index, channel, &change.distribution)?;
            }
            Operation::Purge { digest, .. } => {
                self.doomed.insert(*digest);
                self.doomed.extend(index.halves(digest)?);
                let holders = index.holders(digest)?.into_iter();
                for (channel, artifact) in holders.chain(index.holders_of_part(digest)?) {
                    self.touch_files(&channel, [artifact.name.to_string()]);
                }
            }
            Operation::Retire { blobs, .. } => self.doomed.extend(blobs),
            // Who signs, and which keys are named in what is signed, is part of every index file.
            Operation::Keys(_) => {
                for channel in index.channel_names()? {
                    for (distribution, _) in index.distributions(&channel)? {
                        self.refreshed.insert((channel.clone(), distribution));
                    }
                    self.touched.entry(channel).or_default();
                }
            }
            Operation::Configure { .. }
            | Operation::DeleteChannel { .. }
            | Operation::DeleteDistribution { .. }
            | Operation::Tag { .. }
            | Operation::Project { .. }
            | Operation::Grant(_)
            | Operation::Revoke { .. }
            | Operation::Trust(_)
            | Operation::Distrust { .. } => {}
        }
        Ok(())
    }

    /// Notes that documents of a distribution change; those of `any` are shown in every one.
    fn touch_documents(
        &mut self,
        index: &Index,
        channel: &ChannelName,
        of: &DistributionName,
    ) -> Result<(), RepoError> {
        self.refreshed.insert((channel.clone(), of.clone()));
        if of.is_any() {
            let all = index.distributions(channel)?.into_iter();
            self.refreshed
                .extend(all.map(|(name, _)| (channel.clone(), name)));
        }
        Ok(())
    }

    fn name_blobs(&mut self, artifact: &Artifact) {
        self.named.insert(artifact.served.digest);
        self.named.extend(artifact.parts.iter().map(|p| p.blob.digest));
    }

    fn touch_held(&mut self, channel: &ChannelName, held: &[Held]) {
        self.touch_files(channel, held.iter().map(|h| h.filename.clone()));
    }

    fn touch_files(&mut self, channel: &ChannelName, files: impl IntoIterator<Item = String>) {
        self.touched.entry(channel.clone()).or_default().extend(files);
    }

    /// Writes the draft down.
    pub fn seal(mut self, index: &mut Index) -> Result<Sealed, RepoError> {
        let changes = serde_json::to_vec(&self.changes).expect("changes are JSON");
        let count = self.changes.len();
        let changes_blob = (changes.len() > CHANGES_LIMIT).then(|| {
            self.changes.clear();
            let digest = Digest::of(&changes);
            self.small.insert(digest, changes);
            digest
        });
        let pack = pack(&self.small);
        index.apply_pack(&pack.members)?;
        let commit = Commit {
            v: COMMIT_FORMAT,
            n: self.revision,
            txn: TxnId::from_random(rand::random()),
            prev: self.parent,
            at: self.at,
            node: self.node,
            writer: concat!("packyard ", env!("CARGO_PKG_VERSION")).to_owned(),
            changes: self.changes,
            changes_blob,
            trees: self.trees,
            packs: vec![pack.blob],
        };
        let entry = serde_json::to_vec(&commit).expect("a commit is JSON");
        if entry.len() > ENTRY_LIMIT {
            let what = format!("a commit of {count} changes");
            return Err(RepoError::TooLarge {
                what,
                limit_bytes: ENTRY_LIMIT as u64,
            });
        }
        Ok(Sealed {
            commit,
            entry,
            pack,
            named: self.named,
            doomed: self.doomed,
        })
    }
}

/// What a release makes surplus in a channel that keeps a number of releases: it leaves in the same revision. What a
/// rollback brings back is left alone.
fn surplus(index: &Index, change: &Change) -> Result<Option<Change>, RepoError> {
    let (channel, came): (&ChannelName, Vec<Held>) = match &change.operation {
        Operation::Publish {
            channel, artifacts, ..
        } => (channel, artifacts.iter().map(Held::of).collect()),
        Operation::Adopt {
            channel,
            from: Origin::Promotion { .. },
            add,
            ..
        } => (channel, add.iter().map(|a| Held::of(&a.artifact)).collect()),
        _ => return Ok(None),
    };
    retention::after_release(index, channel, &came, change.at)
}
