//! A commit in the making.

use super::{Committed, Proposal};
use crate::{
    RepoError,
    pack::{Pack, pack},
};
use packyard_index::{Applied, Blobs, Index};
use packyard_types::{
    Artifact, Blob, COMMIT_FORMAT, Change, ChangeId, ChannelName, Commit, Digest, Invalid, Operation,
    Revision, Timestamp, TreeKey, TxnId, Uniqueness,
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
    /// Artifacts that become visible with it.
    pub added: Vec<(ChannelName, Artifact)>,
    /// Channels that it touches.
    pub touched: BTreeSet<ChannelName>,
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
    pub named: Vec<Blob>,
}

/// The largest entry, in bytes (DESIGN.md, Commit).
const ENTRY_LIMIT: usize = 1 << 20;

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
            added: Vec::new(),
            touched: BTreeSet::new(),
            trees: BTreeMap::new(),
        }
    }

    /// Whether nothing has been added.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Judges a proposal and adds what is new of it. A refused proposal leaves no trace.
    pub fn add(&mut self, index: &mut Index, proposal: &Proposal) -> Result<Committed, RepoError> {
        let position = u32::try_from(self.changes.len() + 1).expect("a batch has at most 256 proposals");
        let id = ChangeId {
            revision: self.revision,
            position,
        };
        let Some(operation) = self.judge(index, &proposal.change.operation, proposal.if_revision)? else {
            let revision = if self.is_empty() {
                index.applied()?.revision
            } else {
                self.revision
            };
            return Ok(Committed {
                revision,
                change: None,
                fresh: BTreeSet::new(),
            });
        };
        let change = Change {
            operation,
            at: self.at,
            ..proposal.change.clone()
        };
        index.savepoint(|index| {
            index
                .apply_change(id, &change, &AtHand(&proposal.small))
                .map_err(RepoError::from)
        })?;
        let fresh = self.take(&change, &proposal.small);
        self.changes.push(change);
        Ok(Committed {
            revision: self.revision,
            change: Some(id),
            fresh,
        })
    }

    fn take(&mut self, change: &Change, small: &BTreeMap<Digest, Vec<u8>>) -> BTreeSet<Digest> {
        self.small.extend(small.iter().map(|(d, b)| (*d, b.clone())));
        self.touched.extend(change.operation.channel().cloned());
        let Operation::Publish { channel, artifacts } = &change.operation else {
            return BTreeSet::new();
        };
        self.added
            .extend(artifacts.iter().map(|a| (channel.clone(), a.clone())));
        artifacts.iter().map(|a| a.received.digest).collect()
    }

    /// What of an operation is not so already; none when all of it is.
    fn judge(
        &self,
        index: &Index,
        operation: &Operation,
        if_revision: Option<Revision>,
    ) -> Result<Option<Operation>, RepoError> {
        let fresh = match operation {
            Operation::Publish { channel, artifacts } => {
                let artifacts = fresh_artifacts(index, channel, artifacts)?;
                (!artifacts.is_empty()).then(|| Operation::Publish {
                    channel: channel.clone(),
                    artifacts,
                })
            }
            Operation::Configure { channel, settings } => {
                (index.channel(channel)?.as_ref() != Some(settings)).then(|| operation.clone())
            }
            Operation::Keys { apt, rpm } => {
                (index.public_keys()? != Some((apt.clone(), rpm.clone()))).then(|| operation.clone())
            }
            Operation::Grant(grant) => {
                if index.tokens()?.iter().any(|t| t.grant.id == grant.id) {
                    let rule = "there is a token of this name already";
                    return Err(Invalid::new("token id", grant.id.as_str(), rule).into());
                }
                Some(operation.clone())
            }
            Operation::Revoke { id } => {
                let tokens = index.tokens()?;
                let token = tokens.iter().find(|t| t.grant.id == *id);
                let what = || RepoError::NotFound {
                    what: format!("token `{id}`"),
                    nearest: None,
                };
                token
                    .ok_or_else(what)?
                    .revoked
                    .is_none()
                    .then(|| operation.clone())
            }
        };
        if let (Some(_), Some(expected), Some(channel)) = (&fresh, if_revision, operation.channel()) {
            let current = index.channel_revision(channel)?;
            if current > expected {
                return Err(RepoError::Stale {
                    channel: channel.clone(),
                    expected,
                    current,
                });
            }
        }
        Ok(fresh)
    }

    /// Writes the draft down.
    pub fn seal(self, index: &mut Index) -> Result<Sealed, RepoError> {
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
            trees: self.trees,
            packs: vec![pack.blob],
        };
        let entry = serde_json::to_vec(&commit).expect("a commit is JSON");
        if entry.len() > ENTRY_LIMIT {
            let what = format!("a commit of {} artifacts", self.added.len());
            return Err(RepoError::TooLarge {
                what,
                limit_bytes: ENTRY_LIMIT as u64,
            });
        }
        let named = self.added.iter().map(|(_, a)| a.served).collect();
        Ok(Sealed {
            commit,
            entry,
            pack,
            named,
        })
    }
}

/// The artifacts that the channel does not have. All conflicts are named, not only the first.
pub fn fresh_artifacts(
    index: &Index,
    channel: &ChannelName,
    artifacts: &[Artifact],
) -> Result<Vec<Artifact>, RepoError> {
    let no_channel = || -> Result<RepoError, RepoError> {
        Ok(RepoError::no_channel(
            channel,
            index.channels()?.into_iter().map(|c| c.name),
        ))
    };
    let Some(settings) = index.channel(channel)? else {
        return Err(no_channel()?);
    };
    let distributions = index.distributions(channel)?;
    let (mut fresh, mut refused): (Vec<Artifact>, Vec<RepoError>) = (Vec::new(), Vec::new());
    for artifact in artifacts {
        if !settings.auto_distributions && !distributions.contains(&artifact.distribution) {
            let what = format!("distribution `{}` in channel `{channel}`", artifact.distribution);
            let names = distributions.iter().map(ToString::to_string);
            let nearest = crate::error::nearest(artifact.distribution.as_str(), names);
            refused.push(RepoError::NotFound { what, nearest });
            continue;
        }
        let mut others = index.ever_under(channel, &artifact.key())?;
        others.extend(fresh.iter().filter(|f| f.key() == artifact.key()).cloned());
        match Uniqueness::judge(artifact, &others) {
            Uniqueness::New => fresh.push(artifact.clone()),
            Uniqueness::Same(_) => {}
            Uniqueness::Conflict(other) => {
                refused.push(RepoError::Conflict {
                    channel: channel.clone(),
                    other: Box::new(other.clone()),
                });
            }
        }
    }
    match refused.len() {
        0 => Ok(fresh),
        1 => Err(refused.remove(0)),
        _ => Err(RepoError::Several(refused)),
    }
}
