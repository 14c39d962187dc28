//! What an upstream offers of a project, as pages say it.

use super::origin::moment;
use crate::{app::App, error::ApiError};
use packyard_repo::{FileOrigin, Provenance};
use packyard_types::{ChannelRef, ProjectName};

/// Most files of an upstream that a page shows.
const MOST_ROWS: usize = 200;

/// What an upstream offers.
#[derive(Default)]
pub struct Theirs {
    /// When it stood by its page last.
    pub confirmed: String,
    /// Why that is not now.
    pub stale: Option<String>,
    /// Why nothing is known of it.
    pub failed: Option<String>,
    /// How many of its files cannot be passed on.
    pub left_out: usize,
    /// How many more there are than are shown.
    pub more: usize,
    /// The others.
    pub files: Vec<TheirFile>,
}

/// A file of an upstream.
pub struct TheirFile {
    /// Its name.
    pub name: String,
    /// Where it is had from this channel.
    pub url: String,
    /// Where it comes from.
    pub from: String,
    /// Since when its bytes are here.
    pub fetched: Option<String>,
}

impl Theirs {
    /// Whether the upstream knows the name, or cannot be asked now.
    pub fn is_known(&self) -> bool {
        !self.confirmed.is_empty() || self.failed.is_some()
    }

    /// What the upstream of a channel offers, which is asked for it.
    pub async fn of(
        app: &App,
        segment: &str,
        channel: &ChannelRef,
        project: &ProjectName,
    ) -> Result<Self, ApiError> {
        let found = app.yard.provenance(channel, project, MOST_ROWS).await?;
        let Provenance {
            upstream,
            failed,
            files,
            more,
        } = found;
        let mut theirs = Self {
            failed,
            more,
            ..Self::default()
        };
        if let Some(state) = upstream {
            theirs.confirmed = moment(&state.confirmed_at);
            theirs.stale = state.stale;
            theirs.left_out = state.left_out;
        }
        for (name, digest, origin) in files {
            if let FileOrigin::Upstream { url, fetched_at } = origin {
                theirs.files.push(TheirFile {
                    url: format!("/{segment}/files/{digest}/{}", name.url_segment()),
                    name: name.to_string(),
                    from: url,
                    fetched: fetched_at.as_ref().map(moment),
                });
            }
        }
        Ok(theirs)
    }
}
