//! The Release files: what the index files of a distribution hash to, once for each name that it is asked for by.
//!
//! Fields as apt reads them (apt's `debmetaindex.cc`), in Debian's order. Origin, Label, Suite, Codename, Version and
//! NotAutomatic should never change, or apt asks its user. The uncompressed Packages is always listed, or apt silently
//! ignores the index.

use super::{Layout, Scope};
use crate::Sign;
use packyard_types::{
    Blob, Body, ChannelName, DistributionName, DistributionSettings, ServedPath, Timestamp, Tree,
};
use std::{collections::BTreeMap, fmt::Display};

/// A Release file and the directory that it is served from.
pub(super) struct Release {
    pub directory: String,
    pub text: String,
}

/// The words by which apt knows a repository again: where one changes, it asks its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who makes it.
    pub origin: String,
    /// What it is.
    pub label: String,
    /// What its sources may call it: `stable`.
    pub suite: String,
    /// Of the OS release.
    pub version: Option<String>,
    /// What its sources may call it: `bookworm`.
    pub codename: String,
    /// Whether nothing is installed from it unasked.
    pub not_automatic: bool,
}

impl Identity {
    /// What the Release file that is asked for by the distribution's own name says.
    pub fn new(
        channel: &ChannelName,
        distribution: &DistributionName,
        settings: &DistributionSettings,
    ) -> Self {
        let said = |said: &Option<String>, else_: String| said.clone().unwrap_or(else_);
        Self {
            origin: said(&settings.origin, format!("packyard {channel}")),
            label: said(&settings.label, format!("packyard {channel}")),
            suite: said(&settings.suite, distribution.to_string()),
            version: settings.version.clone(),
            codename: said(&settings.codename, distribution.to_string()),
            not_automatic: settings.not_automatic,
        }
    }

    /// Whether apt takes it for what a source calls `name`.
    pub fn is_called(&self, name: &str) -> bool {
        self.suite == name || self.codename == name
    }

    /// The fields that differ, as (field, before, after).
    pub fn changes(&self, after: &Self) -> Vec<(&'static str, String, String)> {
        let fields = |i: &Self| {
            [
                ("Origin", i.origin.clone()),
                ("Label", i.label.clone()),
                ("Suite", i.suite.clone()),
                ("Version", i.version.clone().unwrap_or_default()),
                ("Codename", i.codename.clone()),
                (
                    "NotAutomatic",
                    if i.not_automatic { "yes" } else { "no" }.to_owned(),
                ),
            ]
        };
        let pairs = fields(self).into_iter().zip(fields(after));
        pairs
            .filter(|((_, a), (_, b))| a != b)
            .map(|((field, a), (_, b))| (field, a, b))
            .collect()
    }
}

/// The aliases that have a Release file of their own: where the settings leave Suite to us, it is the alias.
pub fn names(
    channel: &ChannelName,
    distribution: &DistributionName,
    settings: &DistributionSettings,
) -> Vec<String> {
    let own = Identity::new(channel, distribution, settings);
    let aliases = settings.aliases.iter().map(ToString::to_string);
    aliases
        .filter(|alias| settings.suite.is_none() && !own.is_called(alias))
        .collect()
}

/// The URL of the yard that a tree's Release file was made with.
pub fn public_url(tree: &Tree, channel: &ChannelName, distribution: &DistributionName) -> Option<String> {
    let path = ServedPath::parse(&format!("dists/{distribution}/Release")).ok()?;
    let Body::Inline(text) = &tree.files.get(&path)?.body else {
        return None;
    };
    let said = text.lines().find_map(|line| line.strip_prefix("Changelogs: "))?;
    let below = changelogs("", channel);
    Some(said.strip_suffix(&below)?.to_owned())
}

/// The template of changelogs' URLs (apt fills in `@CHANGEPATH@`).
fn changelogs(url: &str, channel: &ChannelName) -> String {
    format!("{url}/{channel}/apt/changelogs/@CHANGEPATH@")
}

/// All Release files; `hashed` are the index files by their path below the distribution's directory.
pub(super) fn releases(
    scope: &Scope,
    layout: &Layout,
    hashed: &BTreeMap<String, Blob>,
    sign: &dyn Sign,
) -> Vec<Release> {
    let Scope {
        channel,
        distribution,
        settings,
        at,
        ..
    } = scope;
    let own = Identity::new(channel, distribution, settings);
    let mut called = vec![(
        format!("dists/{distribution}"),
        distribution.to_string(),
        own.clone(),
    )];
    for alias in names(channel, distribution, settings) {
        let suite = alias.clone();
        called.push((
            format!("named/dists/{alias}"),
            alias,
            Identity { suite, ..own.clone() },
        ));
    }
    let end = settings.valid_for_seconds.map(|seconds| {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        Timestamp::from_unix_seconds(at.unix_seconds().saturating_add(seconds))
    });
    let mut out = Vec::new();
    let signed_by = if settings.signed_by {
        sign.fingerprints_apt()
    } else {
        Vec::new()
    };
    let release = |identity: &Identity, end| release(scope, layout, hashed, identity, end, &signed_by);
    for (directory, name, identity) in called {
        let text = release(&identity, end);
        out.push(Release { directory, text });
        if end.is_some() {
            let directory = format!("frozen/dists/{name}");
            let text = release(&identity, None);
            out.push(Release { directory, text });
        }
    }
    out
}

fn release(
    scope: &Scope,
    layout: &Layout,
    hashed: &BTreeMap<String, Blob>,
    identity: &Identity,
    end: Option<Timestamp>,
    signed_by: &[String],
) -> String {
    let mut out = String::new();
    let mut field = |name: &str, value: &str| out.push_str(&format!("{name}: {value}\n"));
    field("Origin", &identity.origin);
    field("Label", &identity.label);
    field("Suite", &identity.suite);
    if let Some(version) = &identity.version {
        field("Version", version);
    }
    field("Codename", &identity.codename);
    if let Some(url) = &scope.public_url {
        let channel = &scope.channel;
        field("Changelogs", &changelogs(url, channel));
        field("Snapshots", &format!("{url}/{channel}@@SNAPSHOTID@/apt/"));
    }
    field("Date", &scope.at.release_date());
    if let Some(end) = end {
        field("Valid-Until", &end.release_date());
    }
    if identity.not_automatic {
        field("NotAutomatic", "yes");
        field("ButAutomaticUpgrades", "yes");
    }
    if !signed_by.is_empty() {
        field("Signed-By", &signed_by.join(", "));
    }
    field("Acquire-By-Hash", "yes");
    field("No-Support-for-Architecture-all", "Packages");
    field("Architectures", &format!("all {}", words(&layout.architectures)));
    field("Components", &words(&layout.components));
    let Scope {
        channel,
        distribution,
        ..
    } = scope;
    let description = || format!("Packages of channel {channel} for {distribution}");
    field(
        "Description",
        &scope.settings.description.clone().unwrap_or_else(description),
    );
    out.push_str("SHA256:\n");
    for (path, blob) in hashed {
        out.push_str(&format!(" {} {:>16} {path}\n", blob.digest, blob.size_bytes));
    }
    out
}

fn words<T: Display>(all: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = all.into_iter().map(|one| one.to_string()).collect();
    all.join(" ")
}
