//! What each package is in the index files of which repositories.

use super::{Scope, details, primary, updateinfo};
use crate::{
    Item, ViewError,
    rope::{Document, Entry, Group},
};
use packyard_types::{Artifact, BaseArch, Facts, Rope, RpmArch, RpmFacts, Tree};
use std::collections::BTreeSet;

/// One of the index files of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Primary,
    Filelists,
    Other,
    /// Not for source packages.
    Updateinfo,
}

impl Part {
    /// Those that list every package.
    pub(super) const LISTS: [Self; 3] = [Self::Primary, Self::Filelists, Self::Other];

    /// Those of a repository.
    pub(super) fn of(repository: &BaseArch) -> &'static [Self] {
        const ALL: [Part; 4] = [Part::Primary, Part::Filelists, Part::Other, Part::Updateinfo];
        if *repository == source() {
            &Self::LISTS
        } else {
            &ALL
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Filelists => "filelists",
            Self::Other => "other",
            Self::Updateinfo => "updateinfo",
        }
    }

    pub(super) fn document(self) -> &'static dyn Document {
        match self {
            Self::Primary => &primary::Primary,
            Self::Filelists => &details::Filelists,
            Self::Other => &details::Other,
            Self::Updateinfo => &updateinfo::Updateinfo,
        }
    }

    /// `x86_64/primary`.
    pub(super) fn rope_name(self, repository: &BaseArch) -> String {
        format!("{repository}/{}", self.as_str())
    }

    /// Whether a rope of it has entries that those of other repositories have, too.
    pub(super) fn is_shared(self, repository: &BaseArch) -> bool {
        *repository != source()
    }

    /// Whether repomd.xml names it: advisories only where there are any.
    pub(super) fn is_shown(self, rope: &Rope) -> bool {
        self != Self::Updateinfo || rope.entries > 0
    }
}

/// The repository of source packages; its name stands where others have their basearch.
pub(super) fn source() -> BaseArch {
    BaseArch::parse("source").expect("`source` is a word")
}

/// A package's entries and where they belong.
pub(super) struct Listing {
    /// None for `noarch`.
    repository: Option<BaseArch>,
    entries: [Entry; 3],
    /// Its advisory, and its part in that.
    pub(super) update: Option<(Entry, String)>,
}

impl Listing {
    /// Its entry in one of [`Part::LISTS`].
    pub(super) fn entry(&self, part: Part) -> &Entry {
        &self.entries[part as usize]
    }

    pub(super) fn is_in(&self, repository: &BaseArch) -> bool {
        match &self.repository {
            Some(own) => own == repository,
            None => *repository != source(),
        }
    }
}

pub(super) fn listings(scope: &Scope, items: &[Item]) -> Result<Vec<Listing>, ViewError> {
    items.iter().map(|item| listing(scope, item)).collect()
}

fn listing(scope: &Scope, item: &Item) -> Result<Listing, ViewError> {
    let artifact = &item.artifact;
    let foreign = || ViewError::Foreign(artifact.name.to_string());
    let any = artifact.distribution.is_any();
    if !any && artifact.distribution != scope.distribution {
        return Err(foreign());
    }
    let (facts, repository, noarch) = match &item.facts {
        Facts::Rpm(facts) => {
            let arch = RpmArch::parse(&artifact.arch).map_err(|_| foreign())?;
            (facts, arch.basearch(), arch.is_noarch())
        }
        Facts::Srpm(facts) => (facts, Some(source()), false),
        _ => return Err(foreign()),
    };
    let group = Group::new(any, noarch);
    let entry = |part: Part, text: String| Entry::new(part.document(), group, text).ok_or_else(foreign);
    let update = match &item.facts {
        Facts::Srpm(_) => None,
        _ => updateinfo::update(&scope.distribution, artifact, facts),
    };
    Ok(Listing {
        repository,
        entries: lists(artifact, facts, &entry)?,
        update,
    })
}

type MakeEntry<'a> = dyn Fn(Part, String) -> Result<Entry, ViewError> + 'a;

fn lists(artifact: &Artifact, facts: &RpmFacts, entry: &MakeEntry<'_>) -> Result<[Entry; 3], ViewError> {
    Ok([
        entry(Part::Primary, primary::package(artifact, facts))?,
        entry(Part::Filelists, details::filelists_package(artifact, facts))?,
        entry(Part::Other, details::other_package(artifact, facts))?,
    ])
}

/// The repositories that there are: that of source packages, and one for each basearch.
pub(super) fn repositories(scope: &Scope, previous: Option<&Tree>, added: &[Listing]) -> BTreeSet<BaseArch> {
    let mut all = scope.basearches.clone();
    let names = previous.into_iter().flat_map(|tree| tree.ropes.keys());
    let before = names.filter_map(|name| name.split_once('/'));
    all.extend(before.filter_map(|(repository, _)| BaseArch::parse(repository).ok()));
    all.extend(added.iter().filter_map(|l| l.repository.clone()));
    all.insert(source());
    all
}

/// Every listing with every repository that lists it.
pub(super) fn on_each<'a>(
    repositories: &'a BTreeSet<BaseArch>,
    listings: &'a [Listing],
) -> impl Iterator<Item = (&'a BaseArch, &'a Listing)> {
    listings.iter().flat_map(move |listing| {
        let here = repositories.iter().filter(|r| listing.is_in(r));
        here.map(move |repository| (repository, listing))
    })
}

/// The rope of some repository for binary packages.
pub(super) fn any_rope_of(tree: &Tree, part: Part) -> Option<&Rope> {
    let is_one = |name: &str| {
        name.split_once('/')
            .is_some_and(|(repository, p)| p == part.as_str() && repository != source().as_str())
    };
    tree.ropes
        .iter()
        .find(|(name, _)| is_one(name))
        .map(|(_, rope)| rope)
}
