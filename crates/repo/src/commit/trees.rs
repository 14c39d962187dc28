//! The trees that a draft touches are advanced and signed.

use super::draft::Draft;
use crate::{RepoError, keys::Keys, reading::small_blob};
use packyard_index::Index;
use packyard_store::Store;
use packyard_types::{
    Artifact, BaseArch, ChannelName, ComponentName, DebArch, Digest, DistributionName, Ecosystem,
    FactsRecord, RpmArch, Tree, TreeKey, View,
};
use packyard_views::{Advanced, Chunks, Delta, Item, MissingChunk, apt, yum};
use std::collections::BTreeMap;
use tokio::runtime::Handle;

/// Where blobs are found while trees are made: those of the draft, then the store.
struct Lookup<'a> {
    fresh: &'a BTreeMap<Digest, Vec<u8>>,
    index: &'a Index,
    store: &'a Store,
    runtime: &'a Handle,
}

impl Lookup<'_> {
    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, RepoError> {
        if let Some(bytes) = self.fresh.get(digest) {
            return Ok(bytes.clone());
        }
        Ok(self
            .runtime
            .block_on(small_blob(self.store, self.index, digest))?
            .to_vec())
    }

    fn item(&self, artifact: Artifact) -> Result<Item, RepoError> {
        let bytes = self.blob(&artifact.facts.digest)?;
        let damaged = |e: serde_json::Error| RepoError::Damaged {
            what: format!("facts of `{}`", artifact.name),
            reason: e.to_string(),
        };
        let record: FactsRecord = serde_json::from_slice(&bytes).map_err(damaged)?;
        Ok(Item {
            artifact,
            facts: record.facts,
        })
    }

    fn tree(&self, digest: &Digest) -> Result<Tree, RepoError> {
        let damaged = |e: serde_json::Error| RepoError::Damaged {
            what: format!("tree {digest}"),
            reason: e.to_string(),
        };
        serde_json::from_slice(&self.blob(digest)?).map_err(damaged)
    }
}

impl Chunks for Lookup<'_> {
    fn chunk(&self, digest: &Digest) -> Result<Vec<u8>, MissingChunk> {
        self.blob(digest).map_err(|e| MissingChunk {
            digest: *digest,
            reason: e.to_string(),
        })
    }
}

impl Draft {
    /// Advances every tree that the draft touches, and applies the new ones to the index.
    pub fn advance_trees(
        &mut self,
        index: &mut Index,
        store: &Store,
        runtime: &Handle,
        keys: Option<&Keys>,
    ) -> Result<(), RepoError> {
        for channel in self.touched.clone() {
            for distribution in index.distributions(&channel)? {
                for view in [View::Apt, View::Yum] {
                    let key = TreeKey {
                        channel: channel.clone(),
                        view,
                        distribution: distribution.clone(),
                    };
                    self.advance_tree(index, store, runtime, keys, key)?;
                }
            }
        }
        Ok(())
    }

    fn advance_tree(
        &mut self,
        index: &mut Index,
        store: &Store,
        runtime: &Handle,
        keys: Option<&Keys>,
        key: TreeKey,
    ) -> Result<(), RepoError> {
        let lookup = Lookup {
            fresh: &self.small,
            index,
            store,
            runtime,
        };
        let previous = index.tree(&key, None)?;
        let artifacts = match previous {
            Some(_) => self.added_to(index, &key)?,
            None => index.in_distribution(&key.channel, ecosystem(key.view), &key.distribution, None)?,
        };
        if previous.is_some() && artifacts.is_empty() {
            return Ok(());
        }
        let added = artifacts
            .into_iter()
            .map(|a| lookup.item(a))
            .collect::<Result<_, _>>()?;
        let delta = Delta {
            added,
            removed: Vec::new(),
        };
        let previous = previous.map(|d| lookup.tree(&d)).transpose()?;
        let keys = keys.ok_or_else(|| RepoError::ReadOnly("it has no private keys".to_owned()))?;
        let signer = keys.signer(self.at);
        let advanced = match key.view {
            View::Apt => {
                let scope = apt_scope(index, &key, self)?;
                apt::advance(previous.as_ref(), &scope, &delta, &lookup, &signer)?
            }
            View::Yum => {
                let scope = yum_scope(index, &key, self)?;
                yum::advance(previous.as_ref(), &scope, &delta, &lookup, &signer)?
            }
            View::Pip => return Ok(()),
        };
        self.keep(index, key, advanced)
    }

    fn keep(&mut self, index: &mut Index, key: TreeKey, advanced: Advanced) -> Result<(), RepoError> {
        let json = serde_json::to_vec(&advanced.tree).expect("a tree is JSON");
        let digest = Digest::of(&json);
        index.apply_tree(self.revision.0, &key, &digest, &advanced.tree)?;
        self.small.extend(advanced.chunks);
        self.small.insert(digest, json);
        self.trees.insert(key, digest);
        Ok(())
    }

    /// What the draft adds to a distribution's tree. The same bytes may already be there: published to the distribution
    /// before, and now to `any`.
    fn added_to(&self, index: &Index, key: &TreeKey) -> Result<Vec<Artifact>, RepoError> {
        let belongs = |channel: &ChannelName, a: &Artifact| {
            *channel == key.channel
                && a.name.kind().ecosystem() == ecosystem(key.view)
                && (a.distribution == key.distribution || a.distribution.is_any())
        };
        let mut added = Vec::new();
        for (_, artifact) in self.added.iter().filter(|(c, a)| belongs(c, a)) {
            let listed = artifact.distribution != key.distribution
                && index
                    .ever_under(&key.channel, &artifact.key())?
                    .iter()
                    .any(|other| {
                        other.distribution == key.distribution
                            && other.component == artifact.component
                            && other.served == artifact.served
                    });
            if !listed {
                added.push(artifact.clone());
            }
        }
        Ok(added)
    }
}

fn ecosystem(view: View) -> Ecosystem {
    match view {
        View::Pip => Ecosystem::Pip,
        View::Apt => Ecosystem::Apt,
        View::Yum => Ecosystem::Yum,
    }
}

fn apt_scope(index: &Index, key: &TreeKey, draft: &Draft) -> Result<apt::Scope, RepoError> {
    let (channel, distribution): (&ChannelName, &DistributionName) = (&key.channel, &key.distribution);
    let mut architectures: std::collections::BTreeSet<DebArch> = DebArch::defaults().into();
    for arch in index.architectures(channel, distribution, View::Apt)? {
        let arch = DebArch::parse(&arch)?;
        if !arch.is_all() {
            architectures.insert(arch);
        }
    }
    let mut components = std::collections::BTreeSet::from([ComponentName::main()]);
    for component in index.components(channel, distribution, View::Apt)? {
        components.insert(ComponentName::parse(&component)?);
    }
    let (channel, distribution) = (channel.clone(), distribution.clone());
    Ok(apt::Scope {
        channel,
        distribution,
        architectures,
        components,
        at: draft.at,
    })
}

fn yum_scope(index: &Index, key: &TreeKey, draft: &Draft) -> Result<yum::Scope, RepoError> {
    let mut basearches: std::collections::BTreeSet<BaseArch> = BaseArch::defaults().into();
    for arch in index.architectures(&key.channel, &key.distribution, View::Yum)? {
        basearches.extend(RpmArch::parse(&arch)?.basearch());
    }
    let distribution = key.distribution.clone();
    Ok(yum::Scope {
        distribution,
        basearches,
        revision: draft.revision,
        at: draft.at,
    })
}
