//! Where each file of a project comes from, and why: for people who ask.

use crate::{PythonSources, RepoError, Why, Yard};
use packyard_types::{ArtifactName, ChannelName, ChannelRef, Digest, ProjectName, Timestamp};
use std::collections::BTreeSet;

/// Where the files of a project come from.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// Why the upstream is asked for the name, or why not.
    pub why: Why,
    /// What the upstream says, where it is asked and something came.
    pub upstream: Option<UpstreamState>,
    /// Why the upstream is of no use, where it is asked and nothing came.
    pub failed: Option<String>,
    /// The files that the project's page lists, in its order, each with its digest.
    pub files: Vec<(ArtifactName, Digest, FileOrigin)>,
    /// How many files of the upstream are not among them, because there are so many.
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

impl Provenance {
    /// The reason in a sentence.
    pub fn reason(&self) -> String {
        match &self.why {
            Why::NoUpstream => "The channel has no upstream.".to_owned(),
            Why::Published(channel) => {
                format!(
                    "The name is, or was, published in channel `{channel}`, so the upstream is never asked for it."
                )
            }
            Why::Reserved(channel, pattern) => {
                format!(
                    "Channel `{channel}` keeps names like `{pattern}` for itself, so the upstream is never asked for it."
                )
            }
            Why::Open => "The project is open: the upstream's files are offered beside its own.".to_owned(),
            Why::Unknown => "No channel ever held the name, so it comes from the upstream.".to_owned(),
        }
    }
}

impl Yard {
    /// Where the files of a project come from: all that the channels hold, and of the upstream's the last so many, since
    /// each is looked for in the store. The upstream is asked as by any client.
    pub async fn provenance(
        &self,
        channel: &ChannelRef,
        project: &ProjectName,
        most: usize,
    ) -> Result<Provenance, RepoError> {
        let sources = self.python_sources(channel, project)?;
        let offer = self.offer(channel, project, &sources, false).await;
        let PythonSources {
            own, why, upstream, ..
        } = sources;
        let mut found = Provenance {
            why,
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
        let current = offer.current();
        let page = &current.kept.page;
        let too_large = if page.status.offers_files() {
            page.files.len() - offer.offered().count()
        } else {
            0
        };
        found.upstream = Some(UpstreamState {
            url: upstream.page(project),
            confirmed_at: current.confirmed_at,
            stale: current.stale.clone(),
            left_out: page.left_out + too_large,
        });
        let offered = offer.offered().filter(|f| seen.insert(f.filename.clone()));
        let offered: Vec<_> = offered.collect();
        found.more = offered.len().saturating_sub(most);
        for file in offered.into_iter().skip(found.more) {
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
