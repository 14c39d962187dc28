//! All that a channel offers to pip at once, with what it inherits: for copies. A single name is looked up in
//! [`crate::lookup`].

use crate::{RepoError, Yard, lookup::chain};
use packyard_index::{Index, Listed};
use packyard_types::{
    ArtifactName, ChannelName, ChannelRef, Digest, Ecosystem, ProjectName, ProjectSettings, Revision,
};
use std::collections::{BTreeMap, BTreeSet};

/// What a channel holds, and the wheels and sdists that it inherits, but for those whose names are taken by others.
/// What an upstream has is not among it: a static copy holds what is here.
pub(crate) fn held_with_inherited(
    index: &Index,
    channel: &ChannelName,
    revision: Revision,
) -> Result<Vec<Listed>, RepoError> {
    let mut held = index.held(channel, Some(revision))?;
    let mut taken: BTreeMap<ArtifactName, Digest> = BTreeMap::new();
    for l in held.iter().filter(|l| is_pip(l)) {
        taken.insert(l.artifact.name.clone(), l.artifact.served.digest);
    }
    for (parent, _) in chain(index, channel)?.into_iter().skip(1) {
        for l in index.held(&parent, Some(revision))?.into_iter().filter(is_pip) {
            let digest = l.artifact.served.digest;
            if *taken.entry(l.artifact.name.clone()).or_insert(digest) == digest {
                held.push(l);
            }
        }
    }
    Ok(held)
}

fn is_pip(l: &Listed) -> bool {
    l.artifact.name.kind().ecosystem() == Ecosystem::Pip
}

impl Yard {
    /// What is said of the projects with wheels or sdists, where anything is.
    pub(crate) fn python_settings(
        &self,
        channel: &ChannelRef,
        held: &[Listed],
    ) -> Result<BTreeMap<ProjectName, ProjectSettings>, RepoError> {
        let projects: BTreeSet<&ProjectName> = held
            .iter()
            .filter(|l| is_pip(l))
            .map(|l| &l.artifact.project)
            .collect();
        self.read(|index| {
            let chain = chain(index, &channel.channel)?;
            // The first that says something, as for the page of a project.
            let of_one = |p: &ProjectName| {
                let mut said = ProjectSettings::default();
                for (name, _) in &chain {
                    if said.is_default() {
                        said = index.project_settings(name, p, channel.at)?;
                    }
                }
                Ok((p.clone(), said))
            };
            projects.into_iter().map(of_one).collect()
        })
    }
}
