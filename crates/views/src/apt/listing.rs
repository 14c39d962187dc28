//! What the indexes say of one package.

use super::{Scope, description, packages, sources};
use crate::{
    Item, ViewError,
    rope::{Entry, Group},
};
use packyard_types::{ComponentName, DebArch, Facts};

/// A package's stanzas and where they belong.
pub(super) struct Listing {
    pub(super) component: ComponentName,
    /// None for a source package.
    pub(super) arch: Option<DebArch>,
    /// Whether it is of distribution `any`.
    pub(super) any: bool,
    /// In Packages or Sources.
    pub(super) stanza: Entry,
    /// In Translation-en, where it has a description.
    pub(super) description: Option<Entry>,
}

/// The listings of packages of a scope; anything else is refused.
pub(super) fn listings(scope: &Scope, items: &[Item]) -> Result<Vec<Listing>, ViewError> {
    items.iter().map(|item| listing(scope, item)).collect()
}

fn listing(scope: &Scope, item: &Item) -> Result<Listing, ViewError> {
    let artifact = &item.artifact;
    let foreign = || ViewError::Foreign(artifact.name.to_string());
    let (any, arch) = (is_of_any(scope, item)?, arch(item)?);
    let group = Group::new(any, arch.as_ref().is_none_or(DebArch::is_all));
    let (stanza, description) = match &item.facts {
        Facts::Deb(facts) => {
            let stanza = packages::stanza(artifact, facts);
            let stanza = Entry::new(&packages::Packages, group, stanza);
            let translated = description::stanza(artifact, facts);
            let shared = Group::new(any, true);
            let description =
                translated.and_then(|text| Entry::new(&description::Translations, shared, text));
            (stanza, description)
        }
        Facts::Dsc(facts) => {
            let stanza = sources::stanza(artifact, facts);
            (Entry::new(&sources::Sources, group, stanza), None)
        }
        _ => return Err(foreign()),
    };
    Ok(Listing {
        component: artifact.component.clone(),
        arch,
        any,
        stanza: stanza.ok_or_else(foreign)?,
        description,
    })
}

/// Whether a package is of distribution `any`; an error where it is neither of that nor of the scope's.
pub(super) fn is_of_any(scope: &Scope, item: &Item) -> Result<bool, ViewError> {
    let distribution = &item.artifact.distribution;
    if !distribution.is_any() && *distribution != scope.distribution {
        return Err(ViewError::Foreign(item.artifact.name.to_string()));
    }
    Ok(distribution.is_any())
}

/// The architecture of a package; none of a source package. What is no package of apt's is refused.
pub(super) fn arch(item: &Item) -> Result<Option<DebArch>, ViewError> {
    let foreign = || ViewError::Foreign(item.artifact.name.to_string());
    match item.facts {
        Facts::Deb(_) => DebArch::parse(&item.artifact.arch)
            .map(Some)
            .map_err(|_| foreign()),
        Facts::Dsc(_) => Ok(None),
        _ => Err(foreign()),
    }
}
