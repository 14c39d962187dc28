//! Going on with a copy that another yard has made: what it holds, and this channel does not, is published here first.
//!
//! So a job with no memory but its last output, as it is usual for hosts of pages, begins with an empty yard and ends
//! with everything that it ever published.

use super::manifest::Manifest;
use crate::report::Report;
use packyard_client::{Api, ClientError, ExportList, ExportedArtifact, ReleaseArtifact, ReleaseRequest};
use packyard_store::Site;
use packyard_types::Digest;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
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
            parts: Vec::new(),
            filename: a.filename.clone(),
            sha256: Some(a.sha256),
            distribution: Some(a.distribution.clone()),
            component: Some(a.component.clone()),
            uploaded_at: Some(a.published_at),
            path: None,
        });
    }
    let note = Some(format!("taken over from the export at {}", site.place()));
    let mut request = ReleaseRequest {
        artifacts,
        note,
        if_revision: None,
        skip_refused: false,
    };
    match api.release(&copy.channel, &request) {
        // When they were published is for who may administrate; the packages are not.
        Err(ClientError::Refused { status: 403, .. }) => {
            request.artifacts.iter_mut().for_each(|a| a.uploaded_at = None);
            api.release(&copy.channel, &request)?;
            report.step("upload times were not kept: the token may publish, and not administrate");
        }
        other => drop(other?),
    }
    yank(api, copy, &lacking)?;
    Ok(names())
}

/// Yanks here what is yanked there, for the same reasons.
fn yank(api: &Api, copy: &Manifest, adopted: &[&ExportedArtifact]) -> anyhow::Result<()> {
    let mut groups: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for a in adopted {
        if let Some(reason) = &a.yanked {
            let group = groups.entry((a.distribution.as_str(), reason.as_str()));
            group.or_default().push(a.filename.as_str());
        }
    }
    for ((distribution, reason), packages) in groups {
        let mut body = json!({ "packages": packages, "distribution": distribution });
        if !reason.is_empty() {
            body["reason"] = json!(reason);
        }
        let _: Value = api.post(&format!("channels/{}/yanks", copy.channel), &body)?;
    }
    Ok(())
}
