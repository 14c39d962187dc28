//! What trees are made for: the names, architectures, components and documents of a distribution.

use super::{draft::Draft, trees::Memory};
use crate::RepoError;
use packyard_index::Index;
use packyard_types::{
    BaseArch, ChannelName, ComponentName, DebArch, Digest, DistributionName, DistributionSettings,
    DocumentKind, RpmArch, Tree, TreeKey, View,
};
use packyard_views::{apt, yum};
use std::collections::{BTreeMap, BTreeSet};

/// What an apt tree is made for.
pub fn apt_scope(
    index: &Index,
    key: &TreeKey,
    settings: &DistributionSettings,
    previous: Option<&Tree>,
    draft: &Draft,
    memory: &Memory,
) -> Result<apt::Scope, RepoError> {
    let (channel, distribution): (&ChannelName, &DistributionName) = (&key.channel, &key.distribution);
    let mut architectures: BTreeSet<DebArch> = DebArch::defaults().into();
    let ever = match previous {
        // What it has stays, and to ask for all that was ever listed would read a row for every package.
        Some(_) => Vec::new(),
        None => index.architectures(channel, distribution, View::Apt)?,
    };
    architectures.extend(settings.deb_architectures());
    for arch in &ever {
        let arch = DebArch::parse(arch)?;
        // Source packages are of every machine, and of none.
        if !arch.is_all() && arch.as_str() != "source" {
            architectures.insert(arch);
        }
    }
    let mut components = BTreeSet::from([ComponentName::main()]);
    components.extend(settings.components.iter().cloned());
    if previous.is_none() {
        for component in index.components(channel, distribution, View::Apt)? {
            components.insert(ComponentName::parse(&component)?);
        }
    }
    // Who does not serve the yard leaves what its server said.
    let public_url = match memory.public_url.get() {
        Some(known) => known.clone(),
        None => previous.and_then(|tree| apt::public_url(tree, channel, distribution)),
    };
    let (channel, distribution) = (channel.clone(), distribution.clone());
    Ok(apt::Scope {
        channel,
        distribution,
        settings: settings.clone(),
        architectures,
        components,
        at: draft.at,
        public_url,
    })
}

/// What a yum tree is made for. `blob` finds the bytes of its documents.
pub fn yum_scope(
    index: &Index,
    key: &TreeKey,
    settings: &DistributionSettings,
    previous: Option<&Tree>,
    draft: &Draft,
    blob: &dyn Fn(&Digest) -> Result<Vec<u8>, RepoError>,
) -> Result<yum::Scope, RepoError> {
    let mut basearches: BTreeSet<BaseArch> = BaseArch::defaults().into();
    let ever = match previous {
        Some(_) => Vec::new(),
        None => index.architectures(&key.channel, &key.distribution, View::Yum)?,
    };
    basearches.extend(settings.basearches());
    for arch in &ever {
        basearches.extend(RpmArch::parse(arch)?.basearch());
    }
    let distribution = key.distribution.clone();
    Ok(yum::Scope {
        distribution,
        basearches,
        revision: draft.revision,
        at: draft.at,
        zstd: settings.zstd,
        documents: attached(index, key, blob)?,
    })
}

/// The documents that a distribution shows, with their bytes.
fn attached(
    index: &Index,
    key: &TreeKey,
    blob: &dyn Fn(&Digest) -> Result<Vec<u8>, RepoError>,
) -> Result<BTreeMap<DocumentKind, yum::Attached>, RepoError> {
    let shown = index.documents_shown(&key.channel, &key.distribution)?;
    let with_bytes = shown.into_iter().map(|(kind, document)| {
        let bytes = blob(&document.blob.digest)?.into();
        Ok((kind, yum::Attached { document, bytes }))
    });
    with_bytes.collect()
}
