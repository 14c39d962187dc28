//! The yum view: `{distribution}/{basearch}/repodata/…`.
//!
//! ```text
//! {distribution}/{basearch}/repodata/repomd.xml                   what the index files are called and hash to
//! {distribution}/{basearch}/repodata/repomd.xml.asc               its detached signature
//! {distribution}/{basearch}/repodata/repomd.xml.key               the public key
//! {distribution}/{basearch}/repodata/{sha256}-primary.xml.gz      names, dependencies, important paths
//! {distribution}/{basearch}/repodata/{sha256}-filelists.xml.gz    all paths
//! {distribution}/{basearch}/repodata/{sha256}-other.xml.gz        changelogs
//! {distribution}/{basearch}/repodata/{sha256}-updateinfo.xml.gz   advisories, where there are any
//! {distribution}/{basearch}/repodata/{sha256}-comps.xml           and other documents that were taken in
//! {distribution}/source/repodata/…                                source packages: the first six of these
//! ```
//!
//! `noarch` is in every basearch. A file is `.zst` instead of `.gz` where the distribution says so.

mod advisory;
mod attached;
mod details;
mod listing;
mod primary;
mod repomd;
mod updateinfo;
mod xml;

pub use attached::Attached;
pub use updateinfo::{advisory_of, updates};

use crate::{
    Advanced, Chunks, Delta, Item, Sign, ViewError,
    edits::{RopeEdits, inline_file, rope_file, served},
    rope::{self, Entry, Limits, Press},
};
use attached::Copies;
use listing::{Listing, Part, any_rope_of, listings, on_each, repositories, source};
use packyard_types::{
    BaseArch, CachePolicy, ContentType, Digest, DistributionName, DocumentKind, Revision, Rope, Timestamp,
    Tree,
};
use repomd::Data;
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
    /// Index files are compressed with zstd instead of gzip.
    pub zstd: bool,
    /// Documents that were taken in.
    pub documents: BTreeMap<DocumentKind, Attached>,
}

/// The rules by which trees are made now ([`Tree::layout`]). 1: updateinfo, and source packages.
pub const LAYOUT: u32 = 1;

/// The tree after `delta`, from the tree before it. With no previous tree, `delta` adds everything.
///
/// What the previous tree has, and what the added items are for, is listed even where the scope does not name it:
/// basearches only grow. `delta` adds everything also where the previous tree has another layout: nothing of that is
/// taken over but its basearches.
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
    let repositories = repositories(scope, previous, &added);
    let previous = previous.filter(|tree| tree.layout == LAYOUT);
    let mut press = Press::new(limits, chunks, previous).with_zstd(scope.zstd);
    let mut edits = RopeEdits::default();
    for repository in &repositories {
        updates_for_every_architecture(repository, previous, &mut edits, &mut press)?;
    }
    for (repository, listing) in on_each(&repositories, &removed) {
        for part in Part::LISTS {
            edits.remove(part.rope_name(repository), listing.entry(part));
        }
        if let Some((update, part)) = listing.update.clone() {
            edits.remove_part(Part::Updateinfo.rope_name(repository), update, part);
        }
    }
    for (repository, listing) in on_each(&repositories, &added) {
        for part in Part::LISTS {
            edits.put(part.rope_name(repository), listing.entry(part).clone());
        }
        if let Some((update, part)) = listing.update.clone() {
            edits.put_part(Part::Updateinfo.rope_name(repository), update, part);
        }
    }
    let mut spliced = BTreeMap::new();
    for repository in &repositories {
        for part in Part::of(repository) {
            let name = part.rope_name(repository);
            let sibling = previous.filter(|_| part.is_shared(repository));
            let sibling = sibling.and_then(|tree| any_rope_of(tree, *part));
            let after = edits.apply(&name, previous, sibling, part.document(), &mut press)?;
            spliced.insert(name, after);
        }
    }
    let mut ropes = rope::hashed(spliced, &mut press)?;
    write_in(scope, &repositories, previous, &mut ropes, &mut press)?;
    let (tree, packed) = tree(scope, &repositories, ropes, previous, sign)?;
    let mut chunks = press.into_new_chunks();
    chunks.extend(packed);
    Ok(Advanced { tree, chunks })
}

pub(crate) fn render_with(
    limits: Limits,
    scope: &Scope,
    items: &[Item],
    sign: &dyn Sign,
) -> Result<Advanced, ViewError> {
    let listings = listings(scope, items)?;
    let repositories = repositories(scope, None, &listings);
    let mut press = Press::new(limits, &crate::view::NoChunks, None).with_zstd(scope.zstd);
    let mut ropes = BTreeMap::new();
    for repository in &repositories {
        let here: Vec<&Listing> = listings.iter().filter(|l| l.is_in(repository)).collect();
        for part in Part::of(repository) {
            let entries = match part {
                Part::Updateinfo => updates_of(&here),
                _ => here.iter().map(|l| l.entry(*part).clone()).collect(),
            };
            let rope = rope::render(part.document(), entries, &mut press);
            ropes.insert(part.rope_name(repository), rope);
        }
    }
    write_in(scope, &repositories, None, &mut ropes, &mut press)?;
    let (tree, packed) = tree(scope, &repositories, ropes, None, sign)?;
    let mut chunks = press.into_new_chunks();
    chunks.extend(packed);
    Ok(Advanced { tree, chunks })
}

/// The advisories of a repository, each with the parts of all its packages.
fn updates_of(here: &[&Listing]) -> Vec<Entry> {
    let mut all: BTreeMap<String, (Entry, BTreeSet<String>)> = BTreeMap::new();
    for (update, part) in here.iter().filter_map(|l| l.update.clone()) {
        let (_, parts) = all
            .entry(update.key.clone())
            .or_insert_with(|| (update, BTreeSet::new()));
        parts.insert(part);
    }
    let whole = all.into_values().map(|(update, parts)| Entry {
        text: Part::Updateinfo.document().with_parts(&update.text, &parts),
        ..update
    });
    whole.collect()
}

/// A repository that is new begins with the advisories for noarch packages that another one has.
fn updates_for_every_architecture(
    repository: &BaseArch,
    previous: Option<&Tree>,
    edits: &mut RopeEdits,
    press: &mut Press<'_>,
) -> Result<(), ViewError> {
    let part = Part::Updateinfo;
    let (name, document) = (part.rope_name(repository), part.document());
    let Some(tree) = previous.filter(|tree| !tree.ropes.contains_key(&name)) else {
        return Ok(());
    };
    let sibling = any_rope_of(tree, part).filter(|_| part.is_shared(repository));
    for chunk in sibling.into_iter().flat_map(|rope| &rope.chunks) {
        for update in press.entries(document, chunk)? {
            let parts = document.parts(&update.text);
            for noarch in parts.into_iter().filter(|part| updateinfo::is_noarch(part)) {
                edits.put_part(name.clone(), update.clone(), noarch);
            }
        }
    }
    Ok(())
}

/// Where advisories were written by hand, each repository has a rope of those and of its own. It is made anew where one
/// of the two has changed: that costs what there is of advisories, not what there is of packages.
fn write_in(
    scope: &Scope,
    repositories: &BTreeSet<BaseArch>,
    previous: Option<&Tree>,
    ropes: &mut BTreeMap<String, Rope>,
    press: &mut Press<'_>,
) -> Result<(), ViewError> {
    let Some(written) = scope.documents.get(&DocumentKind::updateinfo()) else {
        return Ok(());
    };
    let document = Part::Updateinfo.document();
    for repository in repositories.iter().filter(|r| **r != source()) {
        let made_name = Part::Updateinfo.rope_name(repository);
        let name = with_written_name(repository, written);
        let Some(made) = ropes.get(&made_name) else {
            continue;
        };
        let before = previous.filter(|tree| tree.ropes.get(&made_name) == Some(made));
        let before = before.and_then(|tree| tree.ropes.get(&name));
        let rope = match before.filter(|rope| rope.zstd.is_some() == scope.zstd) {
            Some(rope) => rope.clone(),
            None => {
                let mut entries = Vec::new();
                for chunk in &made.chunks {
                    entries.extend(press.entries(document, chunk)?);
                }
                let entries = updateinfo::with_written(&written.text(), entries);
                rope::render(document, entries, press)
            }
        };
        ropes.insert(name, rope);
    }
    Ok(())
}

/// The rope of the advisories of a repository and those of a document.
fn with_written_name(repository: &BaseArch, written: &Attached) -> String {
    format!(
        "{}-with-{}",
        Part::Updateinfo.rope_name(repository),
        written.document.blob.digest
    )
}

/// The files that show these ropes, and the bytes of those that are packed anew.
fn tree(
    scope: &Scope,
    repositories: &BTreeSet<BaseArch>,
    ropes: BTreeMap<String, Rope>,
    previous: Option<&Tree>,
    sign: &dyn Sign,
) -> Result<(Tree, BTreeMap<Digest, Vec<u8>>), ViewError> {
    let (mut files, mut packed) = (BTreeMap::new(), BTreeMap::new());
    for repository in repositories {
        let root = format!("{}/{repository}", scope.distribution);
        let mut all = Vec::new();
        for (kind, name) in shown(scope, repository) {
            let Some(rope) = ropes.get(&name).filter(|rope| kind.is_shown(rope)) else {
                continue;
            };
            let data = Data::of_rope(kind.as_str(), rope);
            let path = format!("{root}/{}", data.location());
            let file = rope_file(&name, rope, attached::offered(rope), CachePolicy::Immutable);
            files.extend(file.map(|file| (served(&path), file)));
            all.push(data);
        }
        for (kind, attached) in documents_of(scope, repository) {
            let mut copies = Copies::of(kind, attached, previous);
            packed.append(&mut copies.made);
            let (data, more) = copies.at(&root);
            all.extend(data);
            files.extend(more);
        }
        let repomd = repomd::repomd(scope, &all);
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
    let tree = Tree {
        layout: LAYOUT,
        ropes,
        files,
        ..Tree::default()
    };
    Ok((tree, packed))
}

/// The ropes that a repository shows, and as what.
fn shown(scope: &Scope, repository: &BaseArch) -> Vec<(Part, String)> {
    let written = scope.documents.get(&DocumentKind::updateinfo());
    let name = |part: Part| match written.filter(|_| part == Part::Updateinfo) {
        Some(written) => with_written_name(repository, written),
        None => part.rope_name(repository),
    };
    Part::of(repository)
        .iter()
        .map(|part| (*part, name(*part)))
        .collect()
}

/// The documents that a repository has as they are. Source packages have none.
fn documents_of<'a>(
    scope: &'a Scope,
    repository: &BaseArch,
) -> impl Iterator<Item = (&'a DocumentKind, &'a Attached)> {
    let is_source = *repository == source();
    let all = scope.documents.iter();
    all.filter(move |(kind, _)| !is_source && **kind != DocumentKind::updateinfo())
}
