//! Which index files a distribution has.

use super::{Scope, index::Index, listing::Listing};
use packyard_types::{ComponentName, DebArch, Rope, Tree};
use std::collections::BTreeSet;

/// The components and architectures that are listed. They only grow.
pub(super) struct Layout {
    pub(super) components: BTreeSet<ComponentName>,
    /// But for `all`.
    pub(super) architectures: BTreeSet<DebArch>,
}

impl Layout {
    pub(super) fn new(scope: &Scope) -> Self {
        let mut architectures = scope.architectures.clone();
        architectures.remove(&DebArch::all());
        Self {
            components: scope.components.clone(),
            architectures,
        }
    }

    /// And those of a tree, whatever its layout.
    pub(super) fn with_previous(mut self, previous: Option<&Tree>) -> Self {
        let paths = previous.into_iter().flat_map(|tree| tree.files.keys());
        for (component, arch) in paths.filter_map(|path| Index::place_of_packages(path.as_str())) {
            self.components.insert(component);
            self.architectures.insert(arch);
        }
        self
    }

    pub(super) fn with(mut self, listings: &[Listing]) -> Self {
        for listing in listings {
            self.components.insert(listing.component.clone());
            let machine = listing.arch.iter().filter(|arch| !arch.is_all());
            self.architectures.extend(machine.cloned());
        }
        self
    }

    /// Every index file.
    pub(super) fn indexes(&self) -> impl Iterator<Item = Index> + '_ {
        self.components.iter().flat_map(|component| {
            let packages = self.packages(component);
            // An architecture of that name would write into the file of source packages.
            let machines = self.architectures.iter().filter(|arch| arch.as_str() != "source");
            let contents = machines.cloned().chain([DebArch::all()]);
            let contents = contents.map(|arch| Index::Contents(component.clone(), arch));
            packages.chain(contents).chain([
                Index::Translation(component.clone()),
                Index::Sources(component.clone()),
                Index::ContentsSource(component.clone()),
            ])
        })
    }

    /// The indexes of a component's packages, one for each architecture.
    pub(super) fn packages(&self, component: &ComponentName) -> impl Iterator<Item = Index> + '_ {
        let component = component.clone();
        let architectures = self.architectures.iter();
        architectures.map(move |arch| Index::Packages(component.clone(), arch.clone()))
    }

    /// The indexes that list a package: for `all`, those of every architecture.
    pub(super) fn listing(&self, listing: &Listing) -> Vec<Index> {
        let component = &listing.component;
        match &listing.arch {
            None => vec![Index::Sources(component.clone())],
            Some(arch) if arch.is_all() => self.packages(component).collect(),
            Some(arch) => vec![Index::Packages(component.clone(), arch.clone())],
        }
    }

    /// The rope that a new one of its kind begins with: another architecture's, for what both list.
    pub(super) fn sibling<'a>(&self, index: &Index, previous: &'a Tree) -> Option<&'a Rope> {
        let Index::Packages(component, _) = index else {
            return None;
        };
        self.packages(component)
            .find_map(|other| previous.ropes.get(&other.rope()))
    }
}
