//! Which descriptions a Translation file has, after some packages have come and gone.
//!
//! A description is there once for each package name that has it, whatever the number of its versions, and rather among
//! those of `any` than among those of the distribution itself. Whether another version has the description of one that
//! goes is read from the Packages files: its neighbours there.

use super::{index::Index, layout::Layout, listing::Listing, packages::Packages};
use crate::{
    ViewError,
    edits::RopeEdits,
    rope::{Document, Entry, Group, Press, Spliced, between},
};
use packyard_types::{Chunk, ComponentName, Digest};
use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

/// A package's name and the digest of its description.
type Told = (String, String);

/// A description that something has changed about.
struct Touched {
    text: String,
    /// Whether a package that was added has it: of `any`, and of the distribution itself.
    added: [bool; 2],
}

/// The edits of all Translation files; `packages` are the Packages files after the delta.
pub(super) fn edits(
    layout: &Layout,
    packages: &BTreeMap<String, Spliced>,
    (removed, added): (&[Listing], &[Listing]),
    press: &Press<'_>,
) -> Result<RopeEdits, ViewError> {
    let mut touched: BTreeMap<(ComponentName, Told), Touched> = BTreeMap::new();
    for (listings, are_added) in [(removed, false), (added, true)] {
        for (listing, description) in described(listings) {
            let one = touched
                .entry((listing.component.clone(), told(description)))
                .or_insert_with(|| Touched {
                    text: description.text.clone(),
                    added: [false; 2],
                });
            one.added[usize::from(!listing.any)] |= are_added;
        }
    }
    let mut edits = RopeEdits::default();
    let mut read = ToldOf::default();
    for ((component, told), Touched { text, added }) in touched {
        let rope = Index::Translation(component.clone()).rope();
        let ropes: Vec<&[Chunk]> = layout
            .packages(&component)
            .filter_map(|index| packages.get(&index.rope()))
            .map(Spliced::chunks)
            .collect();
        let of_any = added[0] || read.is_told(&ropes, true, &told, press)?;
        let of_own = !of_any && (added[1] || read.is_told(&ropes, false, &told, press)?);
        for (any, there) in [(true, of_any), (false, of_own)] {
            let entry = Entry::new(
                &super::description::Translations,
                Group::new(any, true),
                text.clone(),
            );
            let entry = entry.expect("it was an entry of another group");
            if there {
                edits.put(rope.clone(), entry);
            } else {
                edits.remove(rope.clone(), &entry);
            }
        }
    }
    Ok(edits)
}

/// The descriptions that a Translation file has where `listings` are all that a component lists.
pub(super) fn all<'a>(listings: impl Iterator<Item = &'a Listing> + Clone) -> Vec<Entry> {
    let of_any: BTreeSet<Told> = described(listings.clone().filter(|l| l.any))
        .map(|(_, description)| told(description))
        .collect();
    let here = described(listings).filter(|(l, description)| l.any || !of_any.contains(&told(description)));
    here.map(|(_, description)| description.clone()).collect()
}

fn described<'a>(
    listings: impl IntoIterator<Item = &'a Listing>,
) -> impl Iterator<Item = (&'a Listing, &'a Entry)> {
    listings
        .into_iter()
        .filter_map(|l| Some((l, l.description.as_ref()?)))
}

fn told(description: &Entry) -> Told {
    let identity = super::description::Translations.identity(&description.text);
    let identity = identity.expect("an entry has the identity that its key was made of");
    (identity.name.to_owned(), identity.version.into_owned())
}

/// What chunks of Packages files tell of, by their digests.
#[derive(Default)]
struct ToldOf(BTreeMap<Digest, Rc<BTreeSet<Told>>>);

impl ToldOf {
    /// Whether a package of `any`, or of the distribution itself, has a description, in any of these ropes.
    fn is_told(
        &mut self,
        ropes: &[&[Chunk]],
        any: bool,
        told: &Told,
        press: &Press<'_>,
    ) -> Result<bool, ViewError> {
        for every_architecture in [true, false] {
            // What is for every architecture is the same in all ropes.
            let ropes = if every_architecture {
                &ropes[..ropes.len().min(1)]
            } else {
                ropes
            };
            let group = Group::new(any, every_architecture);
            for chunk in ropes.iter().flat_map(|chunks| named(chunks, group, &told.0)) {
                if self.of(chunk, press)?.contains(told) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn of(&mut self, chunk: &Chunk, press: &Press<'_>) -> Result<Rc<BTreeSet<Told>>, ViewError> {
        if let Some(known) = self.0.get(&chunk.deflated.digest) {
            return Ok(Rc::clone(known));
        }
        let entries = press.entries(&Packages, chunk)?;
        let described = entries.iter().filter_map(|entry| {
            let name = Packages.identity(&entry.text)?.name.to_owned();
            Some((
                name,
                between(&entry.text, "\nDescription-md5: ", "\n")?.to_owned(),
            ))
        });
        let told = Rc::new(described.collect());
        self.0.insert(chunk.deflated.digest, Rc::clone(&told));
        Ok(told)
    }
}

/// The chunks of a group that may have packages of a name.
fn named<'a>(chunks: &'a [Chunk], group: Group, name: &str) -> impl Iterator<Item = &'a Chunk> {
    let (from, to) = (format!("{group} {name} "), format!("{group} {name}!"));
    let start = chunks
        .partition_point(|chunk| chunk.first <= from)
        .saturating_sub(1);
    let end = chunks.partition_point(|chunk| chunk.first < to);
    let within = chunks.get(start..end).unwrap_or_default();
    within
        .iter()
        .filter(move |chunk| Group::of_key(&chunk.first) == Some(group))
}
