//! A package as a person sees it in a channel: what the channel holds, and the wheels and sdists of what it inherits.

use crate::{Package, ProjectStanding, RepoError, Why, Yard};
use packyard_index::Listed;
use packyard_types::{ArtifactName, ChannelName, ChannelRef, Digest, Ecosystem, ProjectName};
use std::collections::{BTreeMap, BTreeSet};

/// A package that can be had from a channel.
#[derive(Debug, Clone)]
pub struct Offered {
    /// The package; none where only the upstream may have it.
    pub package: Option<Package>,
    /// What is said of it, and where pip looks for it.
    pub standing: ProjectStanding,
    /// The channels that files come from, by filename and digest, where that is not the channel itself.
    inherited: BTreeMap<(String, Digest), ChannelName>,
}

impl Offered {
    /// The channel that a file comes from, where that is not the channel itself.
    pub fn inherited_from(&self, file: &Listed) -> Option<&ChannelName> {
        self.inherited.get(&key(file))
    }

    /// Whether pip is offered its files.
    pub fn offers_files(&self) -> bool {
        self.standing.settings.status.offers_files()
    }
}

fn key(file: &Listed) -> (String, Digest) {
    (file.artifact.name.to_string(), file.artifact.served.digest)
}

impl Yard {
    /// A package of a channel, by its project, a native package name or a filename; of pip's files also those of the
    /// channels that it inherits, the first of each name. With `version` only that release.
    pub async fn offered(
        &self,
        channel: &ChannelRef,
        name: &str,
        version: Option<&str>,
    ) -> Result<Offered, RepoError> {
        if let Ok(file) = ArtifactName::parse(name)
            && let Ok((project, rows)) = self.rows_of_file(channel, &file)
        {
            let of_file = rows.first().map(|l| l.artifact.release_version.clone());
            let version = version.map(str::to_owned).or(of_file);
            return Box::pin(self.offered(channel, project.as_str(), version.as_deref())).await;
        }
        let (project, mut rows) = match self.rows_of(channel, name) {
            Ok(found) => found,
            Err(e @ RepoError::NotFound { .. }) => match ProjectName::parse(name) {
                Ok(project) => (project, Vec::new()),
                Err(_) => return Err(e),
            },
            Err(e) => return Err(e),
        };
        let nothing = rows.is_empty();
        let standing = self.project_standing(channel, &project)?;
        let inherited = inherit(channel, &standing, &mut rows);
        if nothing && rows.is_empty() && !may_be_elsewhere(&standing) {
            self.rows_of(channel, name)?;
        }
        let package = if rows.is_empty() {
            None
        } else {
            let version = version.map(str::to_owned);
            Some(self.package_of(channel, project, rows, version).await?)
        };
        Ok(Offered {
            package,
            standing,
            inherited,
        })
    }
}

/// Whether the upstream may have it, or something is said of it: then there is something to show.
fn may_be_elsewhere(standing: &ProjectStanding) -> bool {
    standing.sources.upstream.is_some()
        || standing.said_by.is_some()
        || matches!(standing.sources.why, Why::Reserved(..))
}

/// Adds the files that the channel inherits, and says whose they are.
fn inherit(
    channel: &ChannelRef,
    standing: &ProjectStanding,
    rows: &mut Vec<Listed>,
) -> BTreeMap<(String, Digest), ChannelName> {
    let pip = |l: &&Listed| l.artifact.name.kind().ecosystem() == Ecosystem::Pip;
    let mut names: BTreeSet<String> = rows
        .iter()
        .filter(pip)
        .map(|l| l.artifact.name.to_string())
        .collect();
    let mut whose = BTreeMap::new();
    let others = standing
        .sources
        .own
        .iter()
        .filter(|own| own.channel != channel.channel);
    for own in others {
        for listed in &own.listed {
            if names.insert(listed.artifact.name.to_string()) {
                whose.insert(key(listed), own.channel.clone());
                rows.push(listed.clone());
            }
        }
    }
    whose
}
