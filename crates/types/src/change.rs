//! Changes: what a commit is made of.

use crate::{
    Artifact, ChannelName, ChannelSettings, Invalid, Timestamp, TokenGrant, TokenId, invalid::string_type,
};
use serde::{Deserialize, Serialize};

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
    /// When it was asked for.
    pub at: Timestamp,
    /// Why, in the words of who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What.
    #[serde(flatten)]
    pub operation: Operation,
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
    },
    /// A channel is created, or its settings are replaced.
    Configure {
        /// Which channel.
        channel: ChannelName,
        /// All its settings.
        settings: ChannelSettings,
    },
    /// The yard's signing keys, public halves: armoured OpenPGP, the current pair.
    Keys {
        /// Ed25519, signs apt's Release files.
        apt: String,
        /// RSA, signs repomd.xml and packages.
        rpm: String,
    },
    /// A token is granted.
    Grant(TokenGrant),
    /// A token ends.
    Revoke {
        /// Which.
        id: TokenId,
    },
}

impl Operation {
    /// The word for it in logs and pages.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Publish { .. } => "publish",
            Self::Configure { .. } => "configure",
            Self::Keys { .. } => "keys",
            Self::Grant(_) => "grant",
            Self::Revoke { .. } => "revoke",
        }
    }

    /// The channel that it changes, where it changes one.
    pub fn channel(&self) -> Option<&ChannelName> {
        match self {
            Self::Publish { channel, .. } | Self::Configure { channel, .. } => Some(channel),
            Self::Keys { .. } | Self::Grant(_) | Self::Revoke { .. } => None,
        }
    }
}
