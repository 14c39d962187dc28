//! A tree made from nothing, to compare the one that is served with: `render` is the oracle of `advance`, and a tree that was
//! advanced ten thousand times must list what one rendering lists.

use super::{
    draft::Draft,
    scope::{apt_scope, yum_scope},
    trees::{Lookup, Memory, ecosystem, layout, listed_in},
};
use crate::{RepoError, reading::OpenPacks};
use packyard_index::Index;
use packyard_store::Store;
use packyard_types::{Body, DistributionSettings, Rope, Tree, TreeKey, View};
use packyard_views::{Sign, SignError, apt, yum};
use std::collections::{BTreeMap, BTreeSet};
use tokio::runtime::Handle;

/// The tree of a key as one rendering of what the index holds gives it, unsigned.
pub fn rendered(
    index: &Index,
    store: &Store,
    runtime: &Handle,
    key: &TreeKey,
    settings: &DistributionSettings,
) -> Result<Tree, RepoError> {
    let (memory, nothing) = (Memory::default(), BTreeMap::new());
    let applied = index.applied()?;
    let draft = Draft::begin(&applied, applied.at, "");
    let lookup = Lookup {
        fresh: &nothing,
        index,
        store,
        runtime,
        memory: &memory,
        packs: OpenPacks::default(),
    };
    let all = index.in_distribution(&key.channel, ecosystem(key.view), &key.distribution, None)?;
    let items = listed_in(&key.distribution, all)
        .into_iter()
        .map(|artifact| lookup.item(artifact))
        .collect::<Result<Vec<_>, _>>()?;
    let made = match key.view {
        View::Apt => {
            let scope = apt_scope(index, key, settings, None, &draft, &memory)?;
            apt::render(&scope, &items, &Nobody)?
        }
        View::Yum => {
            let scope = yum_scope(index, key, settings, None, &draft, &|digest| lookup.blob(digest))?;
            yum::render(&scope, &items, &Nobody)?
        }
        View::Pip => return Ok(Tree::default()),
    };
    Ok(made.tree)
}

/// The ropes in which a tree and its rendering differ, by what they say and not by how it is compressed; none where the tree
/// was made by other rules, and cannot be compared.
pub fn differences(stored: &Tree, fresh: &Tree, view: View) -> Option<BTreeSet<String>> {
    if stored.layout != layout(view) {
        return None;
    }
    let ropes: BTreeSet<&String> = stored.ropes.keys().chain(fresh.ropes.keys()).collect();
    let differ = |name: &&&String| match (stored.ropes.get(**name), fresh.ropes.get(**name)) {
        (Some(a), Some(b)) => said(a) != said(b),
        // What a distribution had once, it keeps, empty.
        (Some(a), None) => a.entries > 0,
        (None, Some(b)) => b.entries > 0,
        (None, None) => false,
    };
    // Contents follow a moment later where they are large.
    let lags = |name: &&&String| stored.contents_as_of.is_some() && is_contents(stored, name);
    let names = ropes.iter().filter(|name| !lags(name)).filter(differ);
    Some(names.map(|name| (*name).clone()).collect())
}

fn is_contents(tree: &Tree, rope: &str) -> bool {
    tree.files.iter().any(|(path, file)| {
        matches!(&file.body, Body::Rope { name, .. } if name == rope)
            && path.file_name().starts_with("Contents")
    })
}

/// What a rope says: its ends, and length and checksum of each chunk, whose bounds follow from what is in them.
fn said(rope: &Rope) -> (&str, &str, Vec<(u32, u64, u32)>) {
    let chunks = rope.chunks.iter().map(|c| (c.entries, c.open_bytes, c.crc32));
    (&rope.head, &rope.foot, chunks.collect())
}

/// Signs nothing: signatures are not compared.
struct Nobody;

impl Sign for Nobody {
    fn clearsign_apt(&self, _: &str) -> Result<String, SignError> {
        Ok(String::new())
    }
    fn detached_apt(&self, _: &[u8]) -> Result<String, SignError> {
        Ok(String::new())
    }
    fn fingerprints_apt(&self) -> Vec<String> {
        Vec::new()
    }
    fn detached_rpm(&self, _: &[u8]) -> Result<String, SignError> {
        Ok(String::new())
    }
    fn public_rpm(&self) -> String {
        String::new()
    }
}
