//! What depends on a blob, and where a server or an export has it.

use super::Pass;
use crate::RepoError;
use packyard_index::Index;
use packyard_store::Key;
use packyard_types::{Artifact, ArtifactKind, Blob, ChannelName, Digest, Ecosystem, RpmArch};
use std::collections::BTreeMap;

/// One blob: whether it must be there, what for, and where others serve it.
#[derive(Debug, Clone, Default)]
pub(super) struct Need {
    /// Its digest and size; none where only the digest is known.
    pub blob: Option<Blob>,
    /// Whether it must be there.
    pub must: bool,
    /// What depends on it.
    pub needed_by: Vec<String>,
    /// Paths at which a server or an export has it.
    pub served_at: Vec<String>,
}

pub(super) type Needs = BTreeMap<Digest, Need>;

/// Where a blob lies in a store.
pub(super) fn path(digest: &Digest) -> String {
    Key::Blob(*digest).to_string()
}

impl Pass<'_> {
    /// What depends on which blob, as far as the log can be replayed; else as the index has it, which may be all that is
    /// left to ask.
    pub(super) fn needs(&self, fresh: &Index, complete: bool) -> Result<Needs, RepoError> {
        let mut needs = Needs::new();
        let (artifacts, gone): (Vec<(ChannelName, Artifact)>, Vec<Digest>) = if complete {
            (fresh.all_artifacts()?, fresh.all_gone()?)
        } else {
            let index = Index::open_reader(&self.dir.index()).ok();
            let artifacts = index.as_ref().and_then(|i| i.all_artifacts().ok());
            let gone = index.as_ref().and_then(|i| i.all_gone().ok());
            (artifacts.unwrap_or_default(), gone.unwrap_or_default())
        };
        for (channel, artifact) in &artifacts {
            let what = format!("{} in channel {channel}", artifact.name);
            need(
                &mut needs,
                artifact.served,
                true,
                &what,
                served_at(channel, artifact, None),
            );
            need(&mut needs, artifact.received, false, &what, Vec::new());
            for part in &artifact.parts {
                let at = served_at(channel, artifact, Some(part.name.as_str()));
                need(
                    &mut needs,
                    part.blob,
                    true,
                    &format!("{} of {what}", part.name),
                    at,
                );
            }
        }
        for digest in gone {
            needs.entry(digest).or_default().must = false;
        }
        Ok(needs)
    }
}

/// Notes that something depends on a blob.
pub(super) fn need(needs: &mut Needs, blob: Blob, must: bool, what: &str, served_at: Vec<String>) {
    let need = needs.entry(blob.digest).or_default();
    need.blob = Some(blob);
    need.must |= must;
    if !need.needed_by.iter().any(|known| known == what) {
        need.needed_by.push(what.to_owned());
    }
    need.served_at.extend(served_at);
}

/// The paths below a server's root, and below the root of an export of the channel.
fn served_at(channel: &ChannelName, artifact: &Artifact, part: Option<&str>) -> Vec<String> {
    let name = part.map_or_else(|| artifact.name.to_string(), str::to_owned);
    let digest = artifact.served.digest;
    let kind = artifact.name.kind();
    let below = match kind.ecosystem() {
        Ecosystem::Pip => format!("files/{digest}/{name}"),
        Ecosystem::Apt => format!("apt/pool/{digest}/{name}"),
        Ecosystem::Yum => {
            let own = RpmArch::parse(&artifact.arch)
                .ok()
                .and_then(|arch| arch.basearch());
            let basearch = match own {
                _ if kind == ArtifactKind::Srpm => "source".to_owned(),
                Some(arch) => arch.as_str().to_owned(),
                None => "x86_64".to_owned(),
            };
            format!(
                "yum/{}/{basearch}/Packages/{digest}/{name}",
                artifact.distribution
            )
        }
    };
    vec![format!("{channel}/{below}"), below]
}
