//! Going on with a copy that another yard has made: what it holds, and this channel does not, is published here first.
//!
//! So a job with no memory but its last output, as it is usual for hosts of pages, begins with an empty yard and ends
//! with everything that it ever published.

use super::manifest::Manifest;
use crate::report::Report;
use packyard_client::{Api, ExportList, ReleaseArtifact, ReleaseRequest};
use packyard_store::Site;
use packyard_types::Digest;
use std::collections::BTreeSet;
use tokio::runtime::Runtime;

/// Publishes what the copy holds and the channel does not, in one revision; gives the filenames.
pub fn adopt(
    api: &Api,
    runtime: &Runtime,
    site: &dyn Site,
    copy: &Manifest,
    list: &ExportList,
    dry_run: bool,
    report: &Report,
) -> anyhow::Result<Vec<String>> {
    let held: BTreeSet<(Digest, &str, &str)> = list
        .artifacts
        .iter()
        .map(|a| (a.sha256, a.distribution.as_str(), a.component.as_str()))
        .collect();
    let lacking: Vec<_> = copy
        .artifacts
        .iter()
        .filter(|a| !held.contains(&(a.sha256, a.distribution.as_str(), a.component.as_str())))
        .collect();
    let names = || lacking.iter().map(|a| a.filename.to_string()).collect();
    if lacking.is_empty() || dry_run {
        return Ok(names());
    }
    let mut artifacts = Vec::with_capacity(lacking.len());
    for a in &lacking {
        report.step(format_args!("taking over {}", a.filename));
        let file = runtime.block_on(site.local(&a.path))?;
        api.put_blob(&copy.channel, &a.sha256, &file)?;
        artifacts.push(ReleaseArtifact {
            filename: a.filename.clone(),
            sha256: Some(a.sha256),
            path: None,
            uploaded_at: None,
            distribution: Some(a.distribution.clone()),
            component: Some(a.component.clone()),
        });
    }
    let note = Some(format!("taken over from the export at {}", site.place()));
    let request = ReleaseRequest {
        artifacts,
        note,
        if_revision: None,
        skip_refused: false,
    };
    api.release(&copy.channel, &request)?;
    Ok(names())
}
