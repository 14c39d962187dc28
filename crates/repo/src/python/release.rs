//! `/pypi/{project}[/{version}]/json`: what the metadata of a release says, and every file of the project.

use super::{
    Rendered,
    assemble::{merged, pip_file},
    no_project,
};
use crate::{RepoError, Yard, lookup};
use packyard_index::Listed;
use packyard_types::{
    Artifact, ArtifactKind, ChannelRef, CoreMetadata, Facts, ProjectName, release_order, same_release,
};
use packyard_views::pip::ReleasePage;

impl Yard {
    /// The page of a release, or of the newest that is offered.
    pub(super) async fn release_page(
        &self,
        channel: ChannelRef,
        project: ProjectName,
        version: Option<String>,
        base: String,
    ) -> Result<Rendered, RepoError> {
        let (at, name) = (channel.clone(), project.clone());
        let sources = self
            .read_blocking(move |index| lookup::sources(index, &at, &name))
            .await?;
        let listed: Vec<&Listed> = sources.own.iter().flat_map(|s| &s.listed).collect();
        let chosen = match &version {
            Some(version) => listed
                .iter()
                .map(|l| l.artifact.name.version())
                .find(|own| same_release(own, version)),
            None => newest(&listed),
        };
        let Some(chosen) = chosen else {
            return Err(match version {
                None => no_project(&project, &channel),
                Some(version) => RepoError::NotFound {
                    what: format!(
                        "release `{version}` of `{project}` in channel `{}`",
                        channel.channel
                    ),
                    nearest: None,
                },
            });
        };
        let metadata = match speaker(&listed, chosen) {
            Some(artifact) => self.core_metadata(artifact).await?,
            None => CoreMetadata::default(),
        };
        let offered = listed.iter().filter(|_| sources.settings.status.offers_files());
        let mut files = merged(offered.map(|l| pip_file(l)));
        for file in &mut files {
            file.url = file.url.replacen("../..", &base, 1);
        }
        let page = ReleasePage {
            project_url: format!("{base}/packages/{project}"),
            name: project,
            version: chosen.to_owned(),
            metadata,
            serial: sources.changed.min(channel.at.unwrap_or(sources.changed)),
            files,
            all_releases: version.is_none(),
        };
        Ok(Rendered {
            text: page.json(),
            serial: page.serial,
        })
    }

    async fn core_metadata(&self, artifact: &Artifact) -> Result<CoreMetadata, RepoError> {
        Ok(match self.facts(artifact).await? {
            Facts::Wheel(facts) | Facts::Sdist(facts) => facts.metadata,
            Facts::Deb(_) | Facts::Dsc(_) | Facts::Rpm(_) | Facts::Srpm(_) => CoreMetadata::default(),
        })
    }
}

/// The newest release, a yanked one only where all are.
fn newest<'a>(listed: &[&'a Listed]) -> Option<&'a str> {
    let rank = |l: &&&'a Listed| (l.yanked.is_none(), l.artifact.name.version());
    let best = listed.iter().max_by(|a, b| {
        let ((a_offered, a), (b_offered, b)) = (rank(a), rank(b));
        a_offered.cmp(&b_offered).then_with(|| release_order(a, b))
    });
    best.map(|l| l.artifact.name.version())
}

/// The file whose metadata speaks for a release: a wheel's, which is what gets installed, else the sdist's.
fn speaker<'a>(listed: &[&'a Listed], version: &str) -> Option<&'a Artifact> {
    let of_release = || {
        let all = listed.iter().map(|l| &l.artifact);
        all.filter(|a| same_release(a.name.version(), version))
    };
    let wheel = of_release().find(|a| a.name.kind() == ArtifactKind::Wheel);
    wheel.or_else(|| of_release().next())
}
