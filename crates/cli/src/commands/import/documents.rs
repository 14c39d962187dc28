//! What a yum repository has beside its packages: groups, advisories, and whatever else its repomd.xml names.

use super::{look::Seen, outcome::Outcome, root::Root};
use anyhow::Context as _;
use packyard_client::{Api, ClientError};
use packyard_formats::{
    documents::{MAX_DOCUMENT_BYTES, is_made_of_a_changelog},
    repository::{unpacked, yum::Metadata},
};
use packyard_types::{ChannelName, Digest, DistributionName, DocumentKind, DocumentName};
use std::collections::BTreeMap;

/// A document that goes along.
#[derive(Debug, Clone)]
pub struct Carried {
    /// Where it was found.
    pub shown: String,
    /// Where it goes; where what names none goes, without it.
    pub distribution: Option<DistributionName>,
    /// What repomd.xml calls it.
    pub kind: DocumentKind,
    /// Its name, without the digest before it.
    pub name: DocumentName,
    /// Its bytes; unpacked where they are read.
    pub bytes: Vec<u8>,
}

/// Deltas name packages that are not taken over.
const NOT_CARRIED: [&str; 2] = ["prestodelta", "deltainfo"];

/// Reads the documents of a repository. What cannot be had is a fault, and the rest goes along.
pub fn look(
    root: &Root,
    named: &BTreeMap<String, Metadata>,
    distribution: Option<&DistributionName>,
    seen: &mut Seen,
) {
    for (kind, metadata) in named {
        // Only newer createrepo_c names a packed group `group`; older ones have a plain one, too.
        let kind = match kind.as_str() {
            "group_gz" | "group_xz" if !named.contains_key("group") => "group",
            other => other,
        };
        let Ok(kind) = DocumentKind::parse(kind) else {
            continue;
        };
        if NOT_CARRIED.contains(&kind.as_str()) {
            continue;
        }
        let shown = root.shown(&metadata.path);
        match read(root, &kind, metadata) {
            Ok((name, bytes)) if kind == DocumentKind::updateinfo() => {
                let carry = |bytes| Carried {
                    shown,
                    distribution: distribution.cloned(),
                    kind,
                    name,
                    bytes,
                };
                seen.documents.extend(written_by_hand(bytes).map(carry));
            }
            Ok((name, bytes)) => seen.documents.push(Carried {
                shown,
                distribution: distribution.cloned(),
                kind,
                name,
                bytes,
            }),
            Err(e) => seen.faults.push((shown, format!("{e:#}"))),
        }
    }
}

fn read(root: &Root, kind: &DocumentKind, metadata: &Metadata) -> anyhow::Result<(DocumentName, Vec<u8>)> {
    let bytes = root
        .read(&metadata.path)?
        .context("it is not there, and repomd.xml names it")?;
    anyhow::ensure!(
        metadata.sha256.is_none_or(|d| d == Digest::of(&bytes)),
        "it is not the file that repomd.xml names"
    );
    let file = metadata.path.rsplit('/').next().unwrap_or_default();
    let (name, bytes) = if *kind == DocumentKind::group() {
        ("comps.xml", unpacked(file, &bytes)?)
    } else if *kind == DocumentKind::updateinfo() {
        ("updateinfo.xml", unpacked(file, &bytes)?)
    } else {
        (without_digest(file), bytes)
    };
    anyhow::ensure!(
        bytes.len() as u64 <= MAX_DOCUMENT_BYTES,
        "it is larger than {} MiB",
        MAX_DOCUMENT_BYTES >> 20
    );
    Ok((DocumentName::parse(name)?, bytes))
}

/// An updateinfo without what a yard has made of changelogs, which comes with the packages; nothing where that is all.
fn written_by_hand(bytes: Vec<u8>) -> Option<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Some(bytes);
    };
    let all = packyard_views::yum::updates(text);
    let made: Vec<&str> = all
        .iter()
        .map(|(_, update)| *update)
        .filter(|u| is_made_of_a_changelog(u))
        .collect();
    if !made.is_empty() && made.len() == all.len() {
        return None;
    }
    let mut left = text.to_owned();
    for update in made {
        left = left.replacen(update, "", 1);
    }
    Some(left.into_bytes())
}

/// `modules.yaml.gz` of `DIGEST-modules.yaml.gz`.
fn without_digest(file: &str) -> &str {
    match file.split_once('-') {
        Some((digest, name)) if digest.len() >= 32 && digest.bytes().all(|b| b.is_ascii_hexdigit()) => name,
        _ => file,
    }
}

/// Puts the documents where they go. Of several of one kind in one place the last one stays, as it would with dnf's.
pub fn send(
    api: &Api,
    channel: &ChannelName,
    default: Option<&DistributionName>,
    carried: Vec<Carried>,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    #[derive(serde::Deserialize)]
    struct Put {
        changed: bool,
    }
    let any = DistributionName::any();
    for one in carried {
        let distribution = one.distribution.as_ref().or(default).unwrap_or(&any);
        let (kind, name) = (&one.kind, &one.name);
        let path = format!("channels/{channel}/distributions/{distribution}/documents/{kind}?name={name}");
        let file = tempfile::NamedTempFile::new().context("making a temporary file")?;
        std::fs::write(file.path(), &one.bytes).context("writing a temporary file")?;
        match api.put_file::<Put>(&path, file.path()) {
            Ok(put) => {
                let verb = if put.changed {
                    "brought along"
                } else {
                    "there already"
                };
                outcome.remarks.push(format!("{name} of {distribution}: {verb}"));
            }
            Err(ClientError::Refused { detail, .. }) => {
                outcome
                    .remarks
                    .push(format!("`{}` was not brought along: {detail}", one.shown));
            }
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}
