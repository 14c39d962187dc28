//! The apt view: `dists/{distribution}/…`.
//!
//! ```text
//! dists/{distribution}/InRelease                                        Release, signed inline
//! dists/{distribution}/Release                                          what the index files hash to
//! dists/{distribution}/Release.gpg                                      its detached signature
//! dists/{distribution}/{component}/binary-{arch}/Packages[.gz|.xz|.zst] one stanza for each .deb
//! dists/{distribution}/{component}/i18n/Translation-en[…]               their long descriptions
//! dists/{distribution}/{component}/source/Sources[…]                    one stanza for each .dsc
//! dists/{distribution}/{component}/Contents-{arch|all|source}[.gz]      the paths in them
//! named/dists/{alias}/{InRelease,Release,Release.gpg}                   the same by another name: Suite says it
//! frozen/dists/{name}/{InRelease,Release,Release.gpg}                   the same without Valid-Until, where there is one
//! ```
//!
//! The last two are not paths of URLs: who serves a tree looks there for `dists/{alias}/…`, and for reads as of an
//! earlier revision. apt compares the name in its sources with Suite and Codename, and warns its user where neither is
//! it; so each alias has a Release file of its own, unless the distribution's settings say Suite themselves.
//!
//! Packages for `all` are listed under every architecture, as Debian does it: `Architectures` names `all` and
//! `No-Support-for-Architecture-all: Packages` tells apt that there is no `binary-all/Packages`. Their paths are in
//! `Contents-all` only, which that field does not speak of. Packages and Sources are there in xz where it is worth it,
//! zstd is where the distribution's settings ask for it.
//!
//! What is not here: pdiffs, Release files of single directories, descriptions in other languages than control files
//! have.

mod contents;
mod description;
mod index;
mod layout;
mod listing;
mod packages;
mod release;
mod sources;
mod stanza;
mod translations;

use crate::{
    Advanced, Chunks, ContentsDelta, Delta, Item, Sign, ViewError,
    edits::{RopeEdits, inline_file, rope_file, served},
    rope::{self, Entry, Group, Limits, Press},
};
use index::{Index, SUFFIXES};
use layout::Layout;
use listing::listings;
use packyard_types::{
    CachePolicy, ChannelName, ComponentName, ContentType, DebArch, DistributionName, DistributionSettings,
    Revision, Rope, Timestamp, Tree,
};
pub use release::{Identity, names, public_url};
use std::collections::{BTreeMap, BTreeSet};

/// The rules by which trees are made now ([`Tree::layout`]).
pub const LAYOUT: u32 = 2;

/// Which tree is made, and what goes into its Release file.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The channel: Origin and Label say it, where the settings do not.
    pub channel: ChannelName,
    /// The distribution: Suite and Codename say it, where the settings do not.
    pub distribution: DistributionName,
    /// What else the Release file says, and by which names it is asked for.
    pub settings: DistributionSettings,
    /// Architectures but for `all`; at least the defaults, and never fewer than before.
    pub architectures: BTreeSet<DebArch>,
    /// Components; at least `main`, and never fewer than before.
    pub components: BTreeSet<ComponentName>,
    /// `Date`.
    pub at: Timestamp,
    /// The URL of the yard, without a slash at its end, where it is known: Changelogs and Snapshots are below it.
    pub public_url: Option<String>,
}

/// The tree after `delta`, from the tree before it. With no previous tree, `delta` adds everything; and so it must where
/// the previous one has another layout, for then nothing of it is taken over but its components and architectures.
///
/// What the previous tree has, and what the added items are for, is listed even where the scope does not name it:
/// architectures and components only grow.
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

/// How much a tree's Contents files hold, in bytes before they are packed.
pub fn contents_bytes(tree: &Tree) -> u64 {
    let ropes = tree
        .ropes
        .iter()
        .filter(|(name, _)| index::is_contents_rope(name));
    ropes.map(|(_, rope)| rope.open_bytes()).sum()
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
    let layout = Layout::new(scope).with_previous(previous).with(&added);
    let previous = previous.filter(|tree| tree.layout == LAYOUT);
    let mut edits = contents_edits(scope, delta)?;
    for listing in &removed {
        for index in layout.listing(listing) {
            edits.remove(index.rope(), &listing.stanza);
        }
    }
    for listing in &added {
        for index in layout.listing(listing) {
            edits.put(index.rope(), listing.stanza.clone());
        }
    }
    let mut press = Press::new(limits, chunks, previous).with_zstd(scope.settings.zstd);
    let mut spliced = BTreeMap::new();
    let (translations, others): (Vec<Index>, Vec<Index>) = layout
        .indexes()
        .partition(|index| matches!(index, Index::Translation(_)));
    for index in others {
        let sibling = previous.and_then(|tree| layout.sibling(&index, tree));
        let after = edits.apply(&index.rope(), previous, sibling, index.document(), &mut press)?;
        spliced.insert(index.rope(), after);
    }
    let edits = translations::edits(&layout, &spliced, (&removed, &added), &press)?;
    for index in translations {
        let after = edits.apply(&index.rope(), previous, None, index.document(), &mut press)?;
        spliced.insert(index.rope(), after);
    }
    let ropes = rope::hashed(spliced, &mut press)?;
    let as_of = match delta.contents {
        ContentsDelta::Later(revision) => Some(revision),
        ContentsDelta::Same | ContentsDelta::CatchUp { .. } => None,
    };
    Ok(Advanced {
        tree: tree(scope, &layout, ropes, as_of, sign)?,
        chunks: press.into_new_chunks(),
    })
}

/// What becomes of the Contents files.
fn contents_edits(scope: &Scope, delta: &Delta) -> Result<RopeEdits, ViewError> {
    let (removed, added) = match &delta.contents {
        ContentsDelta::Same => (&delta.removed, &delta.added),
        ContentsDelta::Later(_) => return Ok(RopeEdits::default()),
        ContentsDelta::CatchUp { added, removed } => (removed, added),
    };
    let mut edits = RopeEdits::default();
    for (items, by) in [(removed, -1), (added, 1)] {
        for item in items {
            let (index, lines) = contents_of(scope, item)?;
            edits.count(index.rope(), lines, by);
        }
    }
    Ok(edits)
}

/// The lines of a package, and the file that they are in.
fn contents_of(scope: &Scope, item: &Item) -> Result<(Index, Vec<Entry>), ViewError> {
    let (any, arch) = (listing::is_of_any(scope, item)?, listing::arch(item)?);
    let component = item.artifact.component.clone();
    let group = Group::new(any, arch.as_ref().is_none_or(DebArch::is_all));
    let index = match arch {
        Some(arch) => Index::Contents(component, arch),
        None => Index::ContentsSource(component),
    };
    Ok((index, contents::lines(item, group)))
}

pub(crate) fn render_with(
    limits: Limits,
    scope: &Scope,
    items: &[Item],
    sign: &dyn Sign,
) -> Result<Advanced, ViewError> {
    let listings = listings(scope, items)?;
    let layout = Layout::new(scope).with(&listings);
    let mut paths: BTreeMap<Index, Vec<Entry>> = BTreeMap::new();
    for item in items {
        let (index, lines) = contents_of(scope, item)?;
        paths.entry(index).or_default().extend(lines);
    }
    let mut press = Press::new(limits, &crate::view::NoChunks, None).with_zstd(scope.settings.zstd);
    let mut ropes = BTreeMap::new();
    for index in layout.indexes() {
        let entries = match &index {
            Index::Translation(component) => {
                translations::all(listings.iter().filter(|l| l.component == *component))
            }
            Index::Packages(..) | Index::Sources(_) => {
                let here = listings.iter().filter(|l| layout.listing(l).contains(&index));
                here.map(|l| l.stanza.clone()).collect()
            }
            Index::Contents(..) | Index::ContentsSource(_) => {
                summed(index.document(), paths.remove(&index).unwrap_or_default())
            }
        };
        let rope = rope::render(index.document(), entries, &mut press);
        ropes.insert(index.rope(), rope);
    }
    Ok(Advanced {
        tree: tree(scope, &layout, ropes, None, sign)?,
        chunks: press.into_new_chunks(),
    })
}

/// Lines that several packages have, once, with their number.
fn summed(document: &dyn rope::Document, lines: Vec<Entry>) -> Vec<Entry> {
    let mut by_key: BTreeMap<String, (Entry, u64)> = BTreeMap::new();
    for line in lines {
        by_key.entry(line.key.clone()).or_insert((line, 0)).1 += 1;
    }
    let summed = by_key.into_values().map(|(line, count)| Entry {
        text: document.with_count(&line.text, count),
        ..line
    });
    summed.collect()
}

/// The files that show these ropes.
fn tree(
    scope: &Scope,
    layout: &Layout,
    ropes: BTreeMap<String, Rope>,
    contents_as_of: Option<Revision>,
    sign: &dyn Sign,
) -> Result<Tree, ViewError> {
    let root = format!("dists/{}", scope.distribution);
    let mut files = BTreeMap::new();
    let mut hashed = BTreeMap::new();
    for index in layout.indexes() {
        let name = index.rope();
        let Some(rope) = ropes.get(&name) else { continue };
        for (encoding, suffix) in SUFFIXES {
            let Some(file) = rope_file(&name, rope, encoding, CachePolicy::Moving) else {
                continue;
            };
            let path = format!("{}{suffix}", index.path());
            files.insert(served(&format!("{root}/{path}")), file.clone());
            hashed.insert(path, file.blob);
        }
    }
    for release in release::releases(scope, layout, &hashed, sign) {
        let (root, text) = (&release.directory, release.text);
        let inrelease = sign.clearsign_apt(&text)?;
        let signature = sign.detached_apt(text.as_bytes())?;
        for (name, content_type, text) in [
            ("InRelease", ContentType::Text, inrelease),
            ("Release", ContentType::Text, text),
            ("Release.gpg", ContentType::Signature, signature),
        ] {
            files.insert(served(&format!("{root}/{name}")), inline_file(content_type, text));
        }
    }
    Ok(Tree {
        layout: LAYOUT,
        contents_as_of,
        ropes,
        files,
    })
}
