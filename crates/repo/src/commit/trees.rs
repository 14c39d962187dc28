//! The trees that a draft touches are advanced and signed.

use super::{
    draft::Draft,
    scope::{apt_scope, yum_scope},
};
use crate::{
    RepoError,
    contents_lag::{Contents, contents},
    keys::KeyRing,
    reading::{OpenPacks, TreeCache, located_blob},
};
use packyard_index::Index;
use packyard_store::Store;
use packyard_types::{
    Artifact, ChannelName, Digest, DistributionName, DistributionSettings, Ecosystem, FactsRecord, Family,
    Held, Revision, Tree, TreeKey, View,
};
use packyard_views::{Advanced, Chunks, ContentsDelta, Delta, HashStates, Item, MissingChunk, apt, yum};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};
use tokio::runtime::Handle;

/// What the committer remembers from one commit to the next. It costs time to forget it, and nothing else.
#[derive(Debug, Default)]
pub struct Memory {
    /// The trees that were advanced or served last.
    pub trees: Arc<TreeCache>,
    /// How far large index files were hashed.
    pub states: HashStates,
    /// The URL under which the yard is served, once who serves it has said it.
    pub public_url: Arc<PublicUrl>,
}

/// The URL under which a yard is served, or that it is served without one; not set where nobody serves it here.
pub type PublicUrl = OnceLock<Option<String>>;

/// Where blobs are found while trees are made: those of the draft, then the store.
pub(super) struct Lookup<'a> {
    pub(super) fresh: &'a BTreeMap<Digest, Vec<u8>>,
    pub(super) index: &'a Index,
    pub(super) store: &'a Store,
    pub(super) runtime: &'a Handle,
    pub(super) memory: &'a Memory,
    pub(super) packs: OpenPacks,
}

impl Lookup<'_> {
    pub(super) fn blob(&self, digest: &Digest) -> Result<Vec<u8>, RepoError> {
        if let Some(bytes) = self.fresh.get(digest) {
            return Ok(bytes.clone());
        }
        let packed = self.index.packed(digest)?;
        let at_hand = packed.as_ref().and_then(|at| self.packs.read(self.store, at));
        if let Some(bytes) = at_hand
            && Digest::of(&bytes) == *digest
        {
            return Ok(bytes);
        }
        Ok(self
            .runtime
            .block_on(located_blob(self.store, digest, packed))?
            .to_vec())
    }

    pub(super) fn item(&self, artifact: Artifact) -> Result<Item, RepoError> {
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

    fn tree(&self, digest: &Digest) -> Result<Arc<Tree>, RepoError> {
        if let Some(tree) = self.memory.trees.get(digest) {
            return Ok(tree);
        }
        let damaged = |e: serde_json::Error| RepoError::Damaged {
            what: format!("tree {digest}"),
            reason: e.to_string(),
        };
        Ok(Arc::new(
            serde_json::from_slice(&self.blob(digest)?).map_err(damaged)?,
        ))
    }
}

impl Chunks for Lookup<'_> {
    fn chunk(&self, digest: &Digest) -> Result<Vec<u8>, MissingChunk> {
        let chunks = &self.memory.trees.chunks;
        if let Some(bytes) = chunks.get(digest) {
            return Ok(bytes.to_vec());
        }
        // Hundreds are asked for, and whoever asks checks them: from a local disk they come as they are.
        let packed = self.index.packed(digest).ok().flatten();
        if let Some(bytes) = packed.and_then(|at| self.packs.read(self.store, &at)) {
            chunks.keep(*digest, &bytes);
            return Ok(bytes);
        }
        self.blob(digest).map_err(|e| MissingChunk {
            digest: *digest,
            reason: e.to_string(),
        })
    }

    fn states(&self) -> Option<&HashStates> {
        Some(&self.memory.states)
    }
}

impl Draft {
    /// Advances every tree that the draft touches, and applies the new ones to the index.
    pub fn advance_trees(
        &mut self,
        index: &mut Index,
        store: &Store,
        runtime: &Handle,
        keys: &KeyRing,
        memory: &Memory,
    ) -> Result<(), RepoError> {
        for (channel, files) in self.touched.clone() {
            let touched = Touched::of(index, &channel, &files, self.before())?;
            for (distribution, settings) in index.distributions(&channel)? {
                for (view, family) in [(View::Apt, Family::Deb), (View::Yum, Family::Rpm)] {
                    if !settings.takes(family) {
                        continue;
                    }
                    let key = TreeKey {
                        channel: channel.clone(),
                        view,
                        distribution: distribution.clone(),
                    };
                    self.advance_tree(index, store, runtime, keys, memory, &key, &settings, &touched)?;
                }
            }
        }
        Ok(())
    }

    /// The revision that it follows.
    fn before(&self) -> Revision {
        Revision(self.revision.0.saturating_sub(1))
    }

    #[allow(clippy::too_many_arguments)]
    fn advance_tree(
        &mut self,
        index: &mut Index,
        store: &Store,
        runtime: &Handle,
        keys: &KeyRing,
        memory: &Memory,
        key: &TreeKey,
        settings: &DistributionSettings,
        touched: &Touched,
    ) -> Result<(), RepoError> {
        let lookup = Lookup {
            fresh: &self.small,
            index,
            store,
            runtime,
            memory,
            packs: OpenPacks::default(),
        };
        let previous = index
            .tree(key, None)?
            .map(|digest| lookup.tree(&digest))
            .transpose()?;
        let previous = previous.as_deref();
        let place = (key.channel.clone(), key.distribution.clone());
        let refreshed = previous.is_none() || self.refreshed.contains(&place);
        let (added, removed) = touched.difference(key);
        if !refreshed && added.is_empty() && removed.is_empty() {
            return Ok(());
        }
        // A tree of other rules tells nothing of what it lists.
        let current = previous.filter(|tree| tree.layout == layout(key.view));
        let (added, removed) = match current {
            Some(_) => (added, removed),
            None => {
                let all =
                    index.in_distribution(&key.channel, ecosystem(key.view), &key.distribution, None)?;
                (listed_in(&key.distribution, all), Vec::new())
            }
        };
        let items = |artifacts: Vec<Artifact>| -> Result<Vec<Item>, RepoError> {
            artifacts.into_iter().map(|a| lookup.item(a)).collect()
        };
        let many = added.len() + removed.len();
        let contents = match contents(current, many, refreshed, self.before()) {
            Contents::Same => ContentsDelta::Same,
            Contents::Later(as_of) => ContentsDelta::Later(as_of),
            Contents::CatchUp(as_of) => {
                let missed = Touched::since(index, &key.channel, as_of, self.revision)?;
                let (added, removed) = missed.difference(key);
                ContentsDelta::CatchUp {
                    added: items(added)?,
                    removed: items(removed)?,
                }
            }
        };
        let delta = Delta {
            added: items(added)?,
            removed: items(removed)?,
            contents,
        };
        let keys = crate::rotation::signing(keys, index)?;
        let signer = keys.signer(self.at);
        let advanced = match key.view {
            View::Apt => {
                let scope = apt_scope(index, key, settings, previous, self, memory)?;
                apt::advance(previous, &scope, &delta, &lookup, &signer)?
            }
            View::Yum => {
                let scope = yum_scope(index, key, settings, previous, self, &|digest| {
                    lookup.blob(digest)
                })?;
                yum::advance(previous, &scope, &delta, &lookup, &signer)?
            }
            View::Pip => return Ok(()),
        };
        self.keep(index, key.clone(), advanced, memory)
    }

    fn keep(
        &mut self,
        index: &mut Index,
        key: TreeKey,
        advanced: Advanced,
        memory: &Memory,
    ) -> Result<(), RepoError> {
        let json = serde_json::to_vec(&advanced.tree).expect("a tree is JSON");
        let digest = Digest::of(&json);
        index.apply_tree(self.revision.0, &key, &digest, &advanced.tree)?;
        for (digest, bytes) in &advanced.chunks {
            memory.trees.chunks.keep(*digest, bytes);
        }
        self.small.extend(advanced.chunks);
        self.small.insert(digest, json);
        self.trees.insert(key, digest);
        memory.trees.put(digest, Arc::new(advanced.tree));
        Ok(())
    }
}

/// The artifacts of the filenames that a draft touches, before it and after it.
struct Touched {
    before: Vec<Artifact>,
    after: Vec<Artifact>,
}

impl Touched {
    fn of(
        index: &Index,
        channel: &ChannelName,
        files: &BTreeSet<String>,
        before: Revision,
    ) -> Result<Self, RepoError> {
        let rows = |at| -> Result<Vec<Artifact>, RepoError> {
            let mut out = Vec::new();
            for file in files {
                let rows = index.with_filename(channel, file, at)?;
                let offered = rows.into_iter().filter(|l| l.yanked.is_none());
                out.extend(offered.map(|l| l.artifact));
            }
            Ok(out)
        };
        Ok(Self {
            before: rows(Some(before))?,
            after: rows(None)?,
        })
    }

    /// Everything of a channel that has changed since a revision.
    fn since(index: &Index, channel: &ChannelName, then: Revision, now: Revision) -> Result<Self, RepoError> {
        let changed = index.changed_between(channel, then, now)?;
        let rows = changed.then.iter().chain(&changed.now);
        let files = rows.map(|l| l.artifact.name.to_string()).collect();
        Self::of(index, channel, &files, then)
    }

    /// What a tree lists now and did not before, and the other way round.
    fn difference(&self, key: &TreeKey) -> (Vec<Artifact>, Vec<Artifact>) {
        let listed = |all: &[Artifact]| {
            let here = all
                .iter()
                .filter(|a| a.name.kind().ecosystem() == ecosystem(key.view));
            listed_in(&key.distribution, here.cloned().collect())
        };
        let (before, after) = (listed(&self.before), listed(&self.after));
        let places = |all: &[Artifact]| -> BTreeSet<Held> { all.iter().map(Held::of).collect() };
        let (were, are) = (places(&before), places(&after));
        let added = after
            .into_iter()
            .filter(|a| !were.contains(&Held::of(a)))
            .collect();
        let removed = before
            .into_iter()
            .filter(|a| !are.contains(&Held::of(a)))
            .collect();
        (added, removed)
    }
}

/// Those of `artifacts` that a distribution lists: its own, and those of `any`. Bytes that are in both are listed once
/// in each component, as its own.
pub(super) fn listed_in(distribution: &DistributionName, artifacts: Vec<Artifact>) -> Vec<Artifact> {
    let place = |a: &Artifact| (a.name.to_string(), a.served.digest, a.component.clone());
    let own: BTreeSet<_> = artifacts
        .iter()
        .filter(|a| a.distribution == *distribution)
        .map(place)
        .collect();
    let listed = |a: &Artifact| {
        a.distribution == *distribution || (a.distribution.is_any() && !own.contains(&place(a)))
    };
    artifacts.into_iter().filter(listed).collect()
}

pub(super) fn ecosystem(view: View) -> Ecosystem {
    match view {
        View::Pip => Ecosystem::Pip,
        View::Apt => Ecosystem::Apt,
        View::Yum => Ecosystem::Yum,
    }
}

/// The rules by which trees of a view are made now.
pub(super) fn layout(view: View) -> u32 {
    match view {
        View::Apt => apt::LAYOUT,
        View::Yum => yum::LAYOUT,
        View::Pip => 0,
    }
}
