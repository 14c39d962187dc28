//! Where each file of a project comes from, and why: for people who ask.

use crate::{PythonSources, RepoError, Yard};
use packyard_types::{ArtifactName, ChannelName, ChannelRef, Digest, ProjectName, Timestamp};
use std::collections::BTreeSet;

/// Where the files of a project come from.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// What the upstream says, where it is asked and something came.
    pub upstream: Option<UpstreamState>,
    /// Why the upstream is of no use, where it is asked and nothing came.
    pub failed: Option<String>,
    /// The files that the project's page lists, in its order, each with its digest.
    pub files: Vec<(ArtifactName, Digest, FileOrigin)>,
    /// How many more the upstream has.
    pub more: usize,
}

/// Where a file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileOrigin {
    /// From the channel itself.
    Own,
    /// From a channel that it inherits.
    Inherited(ChannelName),
    /// From the upstream.
    Upstream {
        /// Where its bytes are.
        url: String,
        /// When they came; none where nobody has asked for them yet.
        fetched_at: Option<Timestamp>,
    },
}

/// What is known of an upstream's page.
#[derive(Debug, Clone)]
pub struct UpstreamState {
    /// Its address.
    pub url: String,
    /// When the upstream stood by it last.
    pub confirmed_at: Timestamp,
    /// Why it is stale, if it is.
    pub stale: Option<String>,
    /// How many of its files cannot be passed on.
    pub left_out: usize,
}

impl Yard {
    /// Where the files of a project come from, with so many of the upstream's, which is asked as by any client.
    pub async fn provenance(
        &self,
        channel: &ChannelRef,
        project: &ProjectName,
        most: usize,
    ) -> Result<Provenance, RepoError> {
        let sources = self.python_sources(channel, project)?;
        let offer = self.offer(channel, project, &sources, false).await;
        let PythonSources { own, upstream, .. } = sources;
        let mut found = Provenance {
            upstream: None,
            failed: None,
            files: Vec::new(),
            more: 0,
        };
        let mut seen = BTreeSet::new();
        for source in own {
            for listed in source.listed {
                let artifact = listed.artifact;
                if !seen.insert(artifact.name.clone()) {
                    continue;
                }
                let origin = if source.channel == channel.channel {
                    FileOrigin::Own
                } else {
                    FileOrigin::Inherited(source.channel.clone())
                };
                found.files.push((artifact.name, artifact.served.digest, origin));
            }
        }
        let (offer, upstream) = match (offer, upstream) {
            (Ok(Some(offer)), Some(upstream)) => (offer, upstream),
            (Ok(_), _) => return Ok(found),
            (Err(e), _) => {
                found.failed = Some(e.to_string());
                return Ok(found);
            }
        };
        let own_files = found.files.len();
        let current = offer.current();
        let page = &current.kept.page;
        found.upstream = Some(UpstreamState {
            url: upstream.page(project),
            confirmed_at: current.confirmed_at,
            stale: current.stale.clone(),
            left_out: page.left_out,
        });
        for file in page.files.iter().filter(|_| page.status.offers_files()) {
            if !seen.insert(file.filename.clone()) {
                continue;
            }
            if found.files.len() - own_files == most {
                found.more += 1;
                continue;
            }
            let kept = self.kept_file(&upstream, &file.sha256).await?;
            let origin = FileOrigin::Upstream {
                url: file.url.clone(),
                fetched_at: kept.map(|kept| kept.fetched_at),
            };
            found.files.push((file.filename.clone(), file.sha256, origin));
        }
        Ok(found)
    }
}
