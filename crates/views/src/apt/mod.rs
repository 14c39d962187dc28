//! The apt view: `dists/{distribution}/…`.
//!
//! ```text
//! dists/{distribution}/InRelease                                   Release, signed inline
//! dists/{distribution}/Release                                     what the index files hash to
//! dists/{distribution}/Release.gpg                                 its detached signature
//! dists/{distribution}/{component}/binary-{arch}/Packages[.gz]     one stanza for each .deb
//! named/dists/{alias}/{InRelease,Release,Release.gpg}              the same by another name: Suite says it
//! frozen/dists/{name}/{InRelease,Release,Release.gpg}              the same without Valid-Until, where there is one
//! ```
//!
//! The last two are not paths of URLs: who serves a tree looks there for `dists/{alias}/…`, and for reads as of an
//! earlier revision. apt compares the name in its sources with Suite and Codename, and warns its user where neither is
//! it; so each alias has a Release file of its own, unless the distribution's settings say Suite themselves.
//!
//! Packages for `all` are listed under every architecture, as Debian does it: `Architectures` names `all` and
//! `No-Support-for-Architecture-all: Packages` tells apt that there is no `binary-all/Packages`.
//!
//! What is not here: Sources, Contents, Translation (descriptions are complete in Packages).

mod packages;
mod release;
mod stanza;

use crate::{
    Advanced, Chunks, Delta, Item, Sign, ViewError,
    edits::{RopeEdits, inline_file, rope_file, served},
    rope::{self, Entry, Group, Limits, Press},
};
use packages::Packages;
use packyard_types::{
    CachePolicy, ChannelName, ComponentName, ContentType, DebArch, DistributionName, DistributionSettings,
    Encoding, Facts, Rope, Timestamp, Tree,
};
pub use release::{Identity, names};
use std::collections::{BTreeMap, BTreeSet};

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
}

/// The tree after `delta`, from the tree before it. With no previous tree, `delta` adds everything.
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
    let mut edits = RopeEdits::default();
    for listing in &removed {
        for name in layout.ropes_of(listing) {
            edits.remove(name, &listing.entry);
        }
    }
    for listing in &added {
        for name in layout.ropes_of(listing) {
            edits.put(name, listing.entry.clone());
        }
    }
    let mut press = Press::new(limits, chunks, previous);
    let mut spliced = BTreeMap::new();
    for (component, arch) in layout.places() {
        let name = rope_name(component, arch);
        let sibling = previous.and_then(|tree| any_rope_of(tree, component));
        let after = edits.apply(&name, previous, sibling, &Packages, &mut press)?;
        spliced.insert(name, after);
    }
    let ropes = rope::hashed(spliced, &press)?;
    Ok(Advanced {
        tree: tree(scope, &layout, ropes, sign)?,
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
    let layout = Layout::new(scope).with(&listings);
    let mut press = Press::new(limits, &crate::view::NoChunks, None);
    let mut ropes = BTreeMap::new();
    for (component, arch) in layout.places() {
        let here = listings
            .iter()
            .filter(|l| l.component == *component && (l.arch.is_all() || l.arch == *arch));
        let entries = here.map(|l| l.entry.clone()).collect();
        ropes.insert(
            rope_name(component, arch),
            rope::render(&Packages, entries, &mut press),
        );
    }
    Ok(Advanced {
        tree: tree(scope, &layout, ropes, sign)?,
        chunks: press.into_new_chunks(),
    })
}

/// A stanza and where it belongs.
struct Listing {
    component: ComponentName,
    arch: DebArch,
    entry: Entry,
}

fn listings(scope: &Scope, items: &[Item]) -> Result<Vec<Listing>, ViewError> {
    items.iter().map(|item| listing(scope, item)).collect()
}

fn listing(scope: &Scope, item: &Item) -> Result<Listing, ViewError> {
    let artifact = &item.artifact;
    let foreign = || ViewError::Foreign(artifact.name.to_string());
    let Facts::Deb(facts) = &item.facts else {
        return Err(foreign());
    };
    let any = artifact.distribution.is_any();
    if !any && artifact.distribution != scope.distribution {
        return Err(foreign());
    }
    let arch = DebArch::parse(&artifact.arch).map_err(|_| foreign())?;
    let group = Group::new(any, arch.is_all());
    let entry = Entry::new(&Packages, group, stanza::stanza(artifact, facts)).ok_or_else(foreign)?;
    Ok(Listing {
        component: artifact.component.clone(),
        arch,
        entry,
    })
}

/// The components and architectures that are listed.
struct Layout {
    components: BTreeSet<ComponentName>,
    architectures: BTreeSet<DebArch>,
}

impl Layout {
    fn new(scope: &Scope) -> Self {
        let mut architectures = scope.architectures.clone();
        architectures.remove(&DebArch::all());
        Self {
            components: scope.components.clone(),
            architectures,
        }
    }

    fn with_previous(mut self, previous: Option<&Tree>) -> Self {
        let names = previous.into_iter().flat_map(|tree| tree.ropes.keys());
        for (component, arch) in names.filter_map(|name| name.split_once('/')) {
            self.components.extend(ComponentName::parse(component));
            self.architectures.extend(DebArch::parse(arch));
        }
        self
    }

    fn with(mut self, listings: &[Listing]) -> Self {
        for listing in listings {
            self.components.insert(listing.component.clone());
            if !listing.arch.is_all() {
                self.architectures.insert(listing.arch.clone());
            }
        }
        self
    }

    fn places(&self) -> impl Iterator<Item = (&ComponentName, &DebArch)> {
        self.components
            .iter()
            .flat_map(|component| self.architectures.iter().map(move |arch| (component, arch)))
    }

    /// The ropes that a listing is in.
    fn ropes_of(&self, listing: &Listing) -> Vec<String> {
        let listed = |arch: &&DebArch| listing.arch.is_all() || listing.arch == **arch;
        let architectures = self.architectures.iter().filter(listed);
        architectures
            .map(|arch| rope_name(&listing.component, arch))
            .collect()
    }
}

/// `main/amd64`.
fn rope_name(component: &ComponentName, arch: &DebArch) -> String {
    format!("{component}/{arch}")
}

fn any_rope_of<'a>(tree: &'a Tree, component: &ComponentName) -> Option<&'a Rope> {
    let mut ropes = tree.ropes.iter();
    let of_component = |name: &str| name.split_once('/').is_some_and(|(c, _)| c == component.as_str());
    ropes.find(|(name, _)| of_component(name)).map(|(_, rope)| rope)
}

/// The files that show these ropes.
fn tree(
    scope: &Scope,
    layout: &Layout,
    ropes: BTreeMap<String, Rope>,
    sign: &dyn Sign,
) -> Result<Tree, ViewError> {
    let root = format!("dists/{}", scope.distribution);
    let mut files = BTreeMap::new();
    let mut hashed = BTreeMap::new();
    for (component, arch) in layout.places() {
        let name = rope_name(component, arch);
        let Some(rope) = ropes.get(&name) else { continue };
        let path = format!("{component}/binary-{arch}/Packages");
        for (encoding, suffix, content_type) in [
            (Encoding::Plain, "", ContentType::Text),
            (Encoding::Gzip, ".gz", ContentType::Gzip),
        ] {
            let file = rope_file(&name, rope, encoding, content_type, CachePolicy::Moving);
            hashed.insert(format!("{path}{suffix}"), file.blob);
            files.insert(served(&format!("{root}/{path}{suffix}")), file);
        }
    }
    for release in release::releases(scope, layout, &hashed) {
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
    Ok(Tree { ropes, files })
}
