//! The yum view: `{distribution}/{basearch}/repodata/…`.
//!
//! ```text
//! {distribution}/{basearch}/repodata/repomd.xml                   what the index files are called and hash to
//! {distribution}/{basearch}/repodata/repomd.xml.asc               its detached signature
//! {distribution}/{basearch}/repodata/repomd.xml.key               the public key
//! {distribution}/{basearch}/repodata/{sha256}-primary.xml.gz      names, dependencies, important paths
//! {distribution}/{basearch}/repodata/{sha256}-filelists.xml.gz    all paths
//! {distribution}/{basearch}/repodata/{sha256}-other.xml.gz        changelogs
//! ```
//!
//! `noarch` is in every basearch. What is not here: source packages, which are passed over.

mod details;
mod primary;
mod repomd;
mod xml;

use crate::{
    Advanced, Chunks, Delta, Item, Sign, ViewError,
    edits::{RopeEdits, inline_file, rope_file, served},
    rope::{self, Document, Entry, Group, Limits, Press},
};
use packyard_types::{
    Artifact, BaseArch, CachePolicy, ContentType, DistributionName, Encoding, Facts, Revision, Rope, RpmArch,
    RpmFacts, Timestamp, Tree,
};
use std::collections::{BTreeMap, BTreeSet};

/// Which tree is made.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The distribution, first part of every path.
    pub distribution: DistributionName,
    /// One repository each; at least the defaults, and never fewer than before. `noarch` is in every one.
    pub basearches: BTreeSet<BaseArch>,
    /// repomd.xml's revision.
    pub revision: Revision,
    /// repomd.xml's timestamps.
    pub at: Timestamp,
}

/// The tree after `delta`, from the tree before it. With no previous tree, `delta` adds everything.
///
/// What the previous tree has, and what the added items are for, is listed even where the scope does not name it:
/// basearches only grow. Source packages are passed over.
pub fn advance(
    previous: Option<&Tree>,
    scope: &Scope,
    delta: &Delta,
    chunks: &dyn Chunks,
    sign: &dyn Sign,
) -> Result<Advanced, ViewError> {
    advance_with(Limits::STORED, previous, scope, delta, chunks, sign)
}

/// The tree that lists `items`, from nothing: what [`advance`] must arrive at by whatever way.
pub fn render(scope: &Scope, items: &[Item], sign: &dyn Sign) -> Result<Advanced, ViewError> {
    render_with(Limits::STORED, scope, items, sign)
}

pub(crate) fn advance_with(
    limits: Limits,
    previous: Option<&Tree>,
    scope: &Scope,
    delta: &Delta,
    chunks: &dyn Chunks,
    sign: &dyn Sign,
) -> Result<Advanced, ViewError> {
    let removed = listings(scope, &delta.removed)?;
    let added = listings(scope, &delta.added)?;
    let basearches = basearches(scope, previous, &added);
    let mut edits = RopeEdits::default();
    for (basearch, listing) in on_each(&basearches, &removed) {
        for part in Part::ALL {
            edits.remove(part.rope_name(basearch), listing.entry(part));
        }
    }
    for (basearch, listing) in on_each(&basearches, &added) {
        for part in Part::ALL {
            edits.put(part.rope_name(basearch), listing.entry(part).clone());
        }
    }
    let mut press = Press::new(limits, chunks, previous);
    let mut spliced = BTreeMap::new();
    for basearch in &basearches {
        for part in Part::ALL {
            let name = part.rope_name(basearch);
            let sibling = previous.and_then(|tree| any_rope_of(tree, part));
            let after = edits.apply(&name, previous, sibling, part.document(), &mut press)?;
            spliced.insert(name, after);
        }
    }
    let ropes = rope::hashed(spliced, &mut press)?;
    Ok(Advanced {
        tree: tree(scope, &basearches, ropes, sign)?,
        chunks: press.into_new_chunks(),
    })
}

pub(crate) fn render_with(
    limits: Limits,
    scope: &Scope,
    items: &[Item],
    sign: &dyn Sign,
) -> Result<Advanced, ViewError> {
    let listings = listings(scope, items)?;
    let basearches = basearches(scope, None, &listings);
    let mut press = Press::new(limits, &crate::view::NoChunks, None);
    let mut ropes = BTreeMap::new();
    for basearch in &basearches {
        let here: Vec<&Listing> = listings.iter().filter(|l| l.is_in(basearch)).collect();
        for part in Part::ALL {
            let entries = here.iter().map(|l| l.entry(part).clone()).collect();
            let rope = rope::render(part.document(), entries, &mut press);
            ropes.insert(part.rope_name(basearch), rope);
        }
    }
    Ok(Advanced {
        tree: tree(scope, &basearches, ropes, sign)?,
        chunks: press.into_new_chunks(),
    })
}

/// One of the three index files of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Primary,
    Filelists,
    Other,
}

impl Part {
    const ALL: [Self; 3] = [Self::Primary, Self::Filelists, Self::Other];

    fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Filelists => "filelists",
            Self::Other => "other",
        }
    }

    fn document(self) -> &'static dyn Document {
        match self {
            Self::Primary => &primary::Primary,
            Self::Filelists => &details::Filelists,
            Self::Other => &details::Other,
        }
    }

    fn package(self, artifact: &Artifact, facts: &RpmFacts) -> String {
        match self {
            Self::Primary => primary::package(artifact, facts),
            Self::Filelists => details::filelists_package(artifact, facts),
            Self::Other => details::other_package(artifact, facts),
        }
    }

    /// `x86_64/primary`.
    fn rope_name(self, basearch: &BaseArch) -> String {
        format!("{basearch}/{}", self.as_str())
    }
}

/// A package's entries and where they belong.
struct Listing {
    /// None for `noarch`.
    basearch: Option<BaseArch>,
    entries: [Entry; 3],
}

impl Listing {
    fn entry(&self, part: Part) -> &Entry {
        &self.entries[part as usize]
    }

    fn is_in(&self, basearch: &BaseArch) -> bool {
        self.basearch.as_ref().is_none_or(|own| own == basearch)
    }
}

fn listings(scope: &Scope, items: &[Item]) -> Result<Vec<Listing>, ViewError> {
    let listed = items.iter().filter(|item| !matches!(item.facts, Facts::Srpm(_)));
    listed.map(|item| listing(scope, item)).collect()
}

fn listing(scope: &Scope, item: &Item) -> Result<Listing, ViewError> {
    let artifact = &item.artifact;
    let foreign = || ViewError::Foreign(artifact.name.to_string());
    let Facts::Rpm(facts) = &item.facts else {
        return Err(foreign());
    };
    let any = artifact.distribution.is_any();
    if !any && artifact.distribution != scope.distribution {
        return Err(foreign());
    }
    let arch = RpmArch::parse(&artifact.arch).map_err(|_| foreign())?;
    let group = Group::new(any, arch.is_noarch());
    let entry = |part: Part| {
        let text = part.package(artifact, facts);
        Entry::new(part.document(), group, text).ok_or_else(foreign)
    };
    Ok(Listing {
        basearch: arch.basearch(),
        entries: [
            entry(Part::Primary)?,
            entry(Part::Filelists)?,
            entry(Part::Other)?,
        ],
    })
}

/// The basearches that have a repository.
fn basearches(scope: &Scope, previous: Option<&Tree>, added: &[Listing]) -> BTreeSet<BaseArch> {
    let mut all = scope.basearches.clone();
    let names = previous.into_iter().flat_map(|tree| tree.ropes.keys());
    let before = names.filter_map(|name| name.split_once('/'));
    all.extend(before.filter_map(|(basearch, _)| BaseArch::parse(basearch).ok()));
    all.extend(added.iter().filter_map(|l| l.basearch.clone()));
    all
}

/// Every listing with every basearch that lists it.
fn on_each<'a>(
    basearches: &'a BTreeSet<BaseArch>,
    listings: &'a [Listing],
) -> impl Iterator<Item = (&'a BaseArch, &'a Listing)> {
    listings.iter().flat_map(move |listing| {
        let here = basearches.iter().filter(|b| listing.is_in(b));
        here.map(move |basearch| (basearch, listing))
    })
}

fn any_rope_of(tree: &Tree, part: Part) -> Option<&Rope> {
    let mut ropes = tree.ropes.iter();
    let of_part = |name: &str| name.split_once('/').is_some_and(|(_, p)| p == part.as_str());
    ropes.find(|(name, _)| of_part(name)).map(|(_, rope)| rope)
}

/// The files that show these ropes.
fn tree(
    scope: &Scope,
    basearches: &BTreeSet<BaseArch>,
    ropes: BTreeMap<String, Rope>,
    sign: &dyn Sign,
) -> Result<Tree, ViewError> {
    let mut files = BTreeMap::new();
    for basearch in basearches {
        let root = format!("{}/{basearch}", scope.distribution);
        let mut parts = Vec::new();
        for part in Part::ALL {
            let name = part.rope_name(basearch);
            let Some(rope) = ropes.get(&name) else { continue };
            let path = format!("{root}/{}", repomd::location(part, rope));
            let file = rope_file(&name, rope, Encoding::Gzip, CachePolicy::Immutable);
            files.extend(file.map(|file| (served(&path), file)));
            parts.push((part, rope));
        }
        let repomd = repomd::repomd(scope, &parts);
        let signature = sign.detached_rpm(repomd.as_bytes())?;
        for (suffix, content_type, text) in [
            ("", ContentType::Xml, repomd),
            (".asc", ContentType::Signature, signature),
            (".key", ContentType::Keys, sign.public_rpm()),
        ] {
            let path = served(&format!("{root}/repodata/repomd.xml{suffix}"));
            files.insert(path, inline_file(content_type, text));
        }
    }
    Ok(Tree {
        ropes,
        files,
        ..Tree::default()
    })
}
