//! Where files come from, and why, as pages say it.

use packyard_repo::{FileOrigin, Listed, Offered, ProjectStanding, Provenance};
use packyard_types::{
    ArtifactName, ChannelName, ChannelSettings, Digest, Ecosystem, Part, RpmArch, Timestamp,
};

/// Where pip looks for a name, and which indexes it never asks for it.
pub struct Lookup {
    /// The channels, in order.
    pub channels: Vec<ChannelName>,
    /// The upstream that the lookup would end with.
    pub upstream: Option<String>,
    /// Whether it is asked for this name.
    pub asked: bool,
    /// Why, or why not.
    pub because: String,
}

impl Lookup {
    /// That of a project in a channel with this chain.
    pub fn of(chain: &[(ChannelName, ChannelSettings)], standing: &ProjectStanding) -> Self {
        Self {
            channels: chain.iter().map(|(name, _)| name.clone()).collect(),
            upstream: standing.upstream.as_ref().map(ToString::to_string),
            asked: standing.sources.upstream.is_some(),
            because: standing.sources.why.because(),
        }
    }

    /// Whether anything but the channel itself is looked at.
    pub fn is_wide(&self) -> bool {
        self.channels.len() > 1 || self.upstream.is_some()
    }

    /// Whether something may come from the upstream.
    pub fn is_asked(&self) -> bool {
        self.asked
    }
}

/// A moment as people read it, to the second.
pub fn moment(at: &Timestamp) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..19)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => text,
    }
}

/// What an upstream offers of a project.
pub struct UpstreamFiles {
    /// Why nothing is known of it.
    pub failed: Option<String>,
    /// Its page, when it stood by it last, and why that is stale.
    pub page: Option<(String, String, Option<String>)>,
    /// How many of its files cannot be passed on.
    pub left_out: usize,
    /// Its files, the newest first.
    pub files: Vec<UpstreamFile>,
    /// How many more there are.
    pub more: usize,
}

/// A file of an upstream.
pub struct UpstreamFile {
    /// Its name.
    pub name: String,
    /// Where it is downloaded from here.
    pub url: String,
    /// Where it comes from.
    pub from: String,
    /// When it was fetched; none where nobody has asked for it yet.
    pub fetched: Option<String>,
}

impl UpstreamFiles {
    /// Those of a channel; none where the upstream has none, or is not asked.
    pub fn of(segment: &str, found: Provenance) -> Option<Self> {
        if found.upstream.is_none() && found.failed.is_none() {
            return None;
        }
        let file = |(name, digest, origin): (ArtifactName, Digest, FileOrigin)| match origin {
            FileOrigin::Upstream { url, fetched_at } => Some(UpstreamFile {
                url: format!("/{segment}/files/{digest}/{}", name.url_segment()),
                name: name.to_string(),
                from: url,
                fetched: fetched_at.as_ref().map(moment),
            }),
            FileOrigin::Own | FileOrigin::Inherited(_) => None,
        };
        let state = found.upstream;
        Some(Self {
            failed: found.failed,
            left_out: state.as_ref().map_or(0, |s| s.left_out),
            page: state.map(|s| (s.url, moment(&s.confirmed_at), s.stale)),
            files: found.files.into_iter().rev().filter_map(file).collect(),
            more: found.more,
        })
    }
}

/// A file as a page shows it.
pub struct FileRow {
    /// Its name.
    pub name: String,
    /// Where it is downloaded; none where it is not offered.
    pub url: Option<String>,
    /// The OS release that it is for.
    pub distribution: String,
    /// Its size, for people.
    pub size: String,
    /// Its size.
    pub size_bytes: u64,
    /// SHA-256.
    pub sha256: String,
    /// Why it is yanked, where it is.
    pub yanked: Option<String>,
    /// The channel that it is inherited from.
    pub from: Option<ChannelName>,
}

impl FileRow {
    /// A file that a channel of the lookup holds.
    pub fn of(segment: &str, listed: &Listed, offered: &Offered) -> Self {
        let a = &listed.artifact;
        let is_pip = a.name.kind().ecosystem() == Ecosystem::Pip;
        let offers = !is_pip || offered.offers_files();
        let from = offered.inherited_from(listed);
        Self {
            name: a.name.to_string(),
            url: offers.then(|| url(segment, listed)),
            distribution: if is_pip {
                String::new()
            } else {
                a.distribution.to_string()
            },
            size: size(a.served.size_bytes),
            size_bytes: a.served.size_bytes,
            sha256: a.served.digest.to_string(),
            yanked: listed.yanked.clone(),
            from: from.cloned(),
        }
    }
}

impl FileRow {
    /// The files that belong to an artifact.
    pub fn parts_of(segment: &str, listed: &Listed) -> Vec<Self> {
        let a = &listed.artifact;
        let row = |part: &Part| Self {
            name: part.name.to_string(),
            url: Some(format!("/{segment}/apt/pool/{}/{}", a.served.digest, part.name)),
            distribution: a.distribution.to_string(),
            size: size(part.blob.size_bytes),
            size_bytes: part.blob.size_bytes,
            sha256: part.blob.digest.to_string(),
            yanked: listed.yanked.clone(),
            from: None,
        };
        a.parts.iter().map(row).collect()
    }
}

/// Where an artifact is downloaded: its immutable URL.
fn url(segment: &str, listed: &Listed) -> String {
    let a = &listed.artifact;
    let (digest, file) = (a.served.digest, a.name.url_segment());
    match a.name.kind().ecosystem() {
        Ecosystem::Pip => format!("/{segment}/files/{digest}/{file}"),
        Ecosystem::Apt => format!("/{segment}/apt/pool/{digest}/{file}"),
        Ecosystem::Yum => {
            let arch = RpmArch::parse(&a.arch).ok().and_then(|r| r.basearch());
            let basearch = arch.map_or_else(|| "x86_64".to_owned(), |b| b.to_string());
            format!(
                "/{segment}/yum/{}/{basearch}/Packages/{digest}/{file}",
                a.distribution
            )
        }
    }
}

/// A size as people read it.
fn size(bytes: u64) -> String {
    let mut tenths = bytes.saturating_mul(10);
    for unit in ["bytes", "kB", "MB", "GB"] {
        if tenths < 10_000 || unit == "GB" {
            return match unit {
                "bytes" => format!("{bytes} {unit}"),
                _ => format!("{}.{} {unit}", tenths / 10, tenths % 10),
            };
        }
        tenths = (tenths + 500) / 1000;
    }
    format!("{bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_rounded_to_what_people_read() {
        for (bytes, shown) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (34_567, "34.6 kB"),
            (12_000_000, "12.0 MB"),
            (4_500_000_000_000, "4500.0 GB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }
}
