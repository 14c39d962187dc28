//! Changes: what a commit is made of.

use crate::{
    Artifact, ChannelName, ChannelSettings, ComponentName, Digest, DistributionName, DistributionSettings,
    Document, DocumentKind, Invalid, ProjectName, ProjectSettings, Publisher, Revision, Sender, TagName,
    Timestamp, TokenGrant, TokenId, YardKeys, invalid::string_type,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who made a change: a token's id, or `local` for somebody with the data directory in their hands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Actor(String);
string_type!(Actor);

impl Actor {
    /// Parses an actor's name: 1 to 200 characters, none of them a control character.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let ok = !s.is_empty() && s.chars().count() <= 200 && !s.chars().any(char::is_control);
        if ok {
            Ok(Self(s.to_owned()))
        } else {
            Err(Invalid::new("actor", s, "1 to 200 printable characters"))
        }
    }

    /// Somebody who works on the data directory directly.
    pub fn local() -> Self {
        Self("local".to_owned())
    }
}

/// One change of a commit: what, by whom, when, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Who made it.
    pub actor: Actor,
    /// From where, and with what; nothing of who worked on the data directory itself.
    #[serde(default, skip_serializing_if = "Sender::is_unknown")]
    pub sender: Sender,
    /// When it was asked for.
    pub at: Timestamp,
    /// Why, in the words of who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What.
    #[serde(flatten)]
    pub operation: Operation,
}

/// One artifact in one place of a channel: what a change that takes something away names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Held {
    /// Its canonical filename.
    pub filename: String,
    /// SHA-256 of its bytes as served.
    pub served: Digest,
    /// The OS release that it is for.
    pub distribution: DistributionName,
    /// apt's component.
    pub component: ComponentName,
}

impl Held {
    /// The place of an artifact.
    pub fn of(artifact: &Artifact) -> Self {
        Self {
            filename: artifact.name.to_string(),
            served: artifact.served.digest,
            distribution: artifact.distribution.clone(),
            component: artifact.component.clone(),
        }
    }
}

/// An artifact that is adopted, in the state in which its origin holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// The artifact, with the place that it gets.
    #[serde(flatten)]
    pub artifact: Artifact,
    /// Why it is yanked, where it is; empty where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yanked: Option<String>,
}

/// A document of a distribution, put in place or taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Documented {
    /// The distribution; what `any` has is in every one that has none of its own.
    pub distribution: DistributionName,
    /// What it is called in repomd.xml.
    pub kind: DocumentKind,
    /// The document; none takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// Where what is adopted comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Origin {
    /// A promotion: a channel, as of a revision.
    Promotion {
        /// Which.
        channel: ChannelName,
        /// As of when.
        revision: Revision,
    },
    /// A rollback: the channel itself, as of a revision.
    Rollback {
        /// As of when.
        revision: Revision,
    },
    /// Retention: what the channel's `keep` does not keep.
    Retention,
}

impl Origin {
    /// Whether a state comes back as it was, also where a distribution has what `any` has.
    pub fn restores(&self) -> bool {
        matches!(self, Self::Rollback { .. })
    }
}

/// What a change does. An operation that a reader does not know is a log of a newer format: it is refused, not skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Operation {
    /// A release: its artifacts become visible together.
    Publish {
        /// Where to.
        channel: ChannelName,
        /// Never empty.
        artifacts: Vec<Artifact>,
        /// What they take the place of; only in a volatile channel.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        replaces: Vec<Held>,
    },
    /// Artifacts that the yard has are taken over from elsewhere, or from earlier, and others leave, in one step.
    Adopt {
        /// Where to.
        channel: ChannelName,
        /// Where from.
        from: Origin,
        /// What becomes visible.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        add: Vec<Adopted>,
        /// What is visible no longer.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remove: Vec<Held>,
        /// What becomes of documents; only in a rollback.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        documents: Vec<Documented>,
    },
    /// Artifacts leave a channel. Their bytes stay.
    Remove {
        /// Which channel.
        channel: ChannelName,
        /// Never empty.
        artifacts: Vec<Held>,
    },
    /// Artifacts are withdrawn: pip takes them only when asked for by version, apt and yum list them no longer.
    Yank {
        /// Which channel.
        channel: ChannelName,
        /// Never empty.
        artifacts: Vec<Held>,
        /// For who installs it; empty where nobody said.
        reason: String,
    },
    /// Yanked artifacts are offered again.
    Unyank {
        /// Which channel.
        channel: ChannelName,
        /// Never empty.
        artifacts: Vec<Held>,
    },
    /// A channel is created, or its settings are replaced.
    Configure {
        /// Which channel.
        channel: ChannelName,
        /// All its settings.
        settings: ChannelSettings,
    },
    /// A channel ends, with all that it holds.
    DeleteChannel {
        /// Which.
        channel: ChannelName,
    },
    /// A distribution is declared, or its settings are replaced.
    Distribution {
        /// In which channel.
        channel: ChannelName,
        /// Which.
        distribution: DistributionName,
        /// All its settings.
        settings: DistributionSettings,
    },
    /// A distribution that holds nothing ends.
    DeleteDistribution {
        /// In which channel.
        channel: ChannelName,
        /// Which.
        distribution: DistributionName,
    },
    /// A document of a distribution's yum repositories is put in place, or taken away.
    Document {
        /// In which channel.
        channel: ChannelName,
        /// Which, and what becomes of it.
        #[serde(flatten)]
        change: Documented,
    },
    /// The index files of a distribution are signed anew, with what they list as it is.
    Refresh {
        /// In which channel.
        channel: ChannelName,
        /// Which distribution.
        distribution: DistributionName,
    },
    /// A revision of a channel gets a name, or a name ends.
    Tag {
        /// Which channel.
        channel: ChannelName,
        /// The name.
        tag: TagName,
        /// The revision; none ends the tag. (`at` is when the change was made.)
        #[serde(rename = "names")]
        at: Option<Revision>,
    },
    /// A channel says something of a project as a whole, or says it no more.
    Project {
        /// Which channel.
        channel: ChannelName,
        /// Which project.
        project: ProjectName,
        /// All that it says.
        settings: ProjectSettings,
    },
    /// Bytes are destroyed, in every channel and at every revision. A tombstone stays.
    Purge {
        /// Of the bytes as served or as received.
        digest: Digest,
        /// Why; shown to who asks for them.
        reason: String,
    },
    /// Revisions of channels are given up, and with them the bytes that only they hold.
    Retire {
        /// By channel the oldest revision that is kept; tagged ones are kept too.
        floors: BTreeMap<ChannelName, Revision>,
        /// The blobs that no revision needs any longer.
        blobs: Vec<Digest>,
    },
    /// The yard's signing keys, public halves. Every index file is signed anew by those that sign now.
    Keys(YardKeys),
    /// A token is granted.
    Grant(TokenGrant),
    /// A token ends.
    Revoke {
        /// Which.
        id: TokenId,
    },
    /// A trusted publisher is added.
    Trust(Publisher),
    /// A trusted publisher is trusted no more.
    Distrust {
        /// Which.
        id: TokenId,
    },
}

impl Operation {
    /// The word for it in logs and pages.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Publish { .. } => "publish",
            Self::Adopt { from, .. } => match from {
                Origin::Promotion { .. } => "promote",
                Origin::Rollback { .. } => "rollback",
                Origin::Retention => "retention",
            },
            Self::Remove { .. } => "remove",
            Self::Yank { .. } => "yank",
            Self::Unyank { .. } => "unyank",
            Self::Configure { .. } => "configure",
            Self::DeleteChannel { .. } => "delete-channel",
            Self::Distribution { .. } => "distribution",
            Self::DeleteDistribution { .. } => "delete-distribution",
            Self::Document { .. } => "document",
            Self::Refresh { .. } => "refresh",
            Self::Tag { .. } => "tag",
            Self::Project { .. } => "project",
            Self::Purge { .. } => "purge",
            Self::Retire { .. } => "retire",
            Self::Keys(_) => "keys",
            Self::Grant(_) => "grant",
            Self::Revoke { .. } => "revoke",
            Self::Trust(_) => "trust",
            Self::Distrust { .. } => "distrust",
        }
    }

    /// The channel that it changes, where it changes one.
    pub fn channel(&self) -> Option<&ChannelName> {
        match self {
            Self::Publish { channel, .. }
            | Self::Adopt { channel, .. }
            | Self::Remove { channel, .. }
            | Self::Yank { channel, .. }
            | Self::Unyank { channel, .. }
            | Self::Configure { channel, .. }
            | Self::DeleteChannel { channel }
            | Self::Distribution { channel, .. }
            | Self::DeleteDistribution { channel, .. }
            | Self::Document { channel, .. }
            | Self::Refresh { channel, .. }
            | Self::Tag { channel, .. }
            | Self::Project { channel, .. } => Some(channel),
            Self::Purge { .. }
            | Self::Retire { .. }
            | Self::Keys(_)
            | Self::Grant(_)
            | Self::Revoke { .. }
            | Self::Trust(_)
            | Self::Distrust { .. } => None,
        }
    }

    /// Whether it changes what the channel offers: what `if_revision` is about. A tag and a fresh signature do not.
    pub fn changes_content(&self) -> bool {
        !matches!(self, Self::Refresh { .. } | Self::Tag { .. })
    }
}
