//! Channels, their distributions and components.

use crate::{Invalid, Revision, invalid::string_type};
use serde::{Deserialize, Serialize};

fn slug(noun: &'static str, s: &str) -> Result<(), Invalid> {
    let bad = |rule| Err(Invalid::new(noun, s, rule));
    if s.is_empty() || s.len() > 100 {
        return bad("it must have 1 to 100 characters");
    }
    if !s
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
    {
        return bad("only lower-case letters, digits, `.`, `_` and `-` are allowed");
    }
    if !s.as_bytes()[0].is_ascii_alphanumeric() {
        return bad("it must begin with a letter or digit");
    }
    Ok(())
}

/// A place to publish to and install from: `[a-z0-9][a-z0-9._-]*`, and none of the words that the server itself uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelName(String);
string_type!(ChannelName);

/// Words that INTERFACE.md keeps for the server.
const RESERVED: [&str; 7] = [
    "api",
    "_",
    "static",
    "healthz",
    "readyz",
    "metrics",
    ".well-known",
];

impl ChannelName {
    /// Parses a channel's name.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        if RESERVED.contains(&s) {
            return Err(Invalid::new(
                "channel name",
                s,
                "this word is reserved for the server",
            ));
        }
        slug("channel name", s)?;
        Ok(Self(s.to_owned()))
    }

    /// `main`, the channel that every yard begins with.
    pub fn main() -> Self {
        Self("main".to_owned())
    }
}

/// A channel as a URL names it: `main`, or `main@12` for what it held at revision 12.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRef {
    /// The channel.
    pub channel: ChannelName,
    /// The revision; none for now.
    pub at: Option<Revision>,
}

impl ChannelRef {
    /// Parses the first segment of a URL's path.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let Some((channel, at)) = s.split_once('@') else {
            return Ok(Self {
                channel: ChannelName::parse(s)?,
                at: None,
            });
        };
        let number = at
            .parse()
            .map_err(|_| Invalid::new("revision", at, "it must be a number"))?;
        Ok(Self {
            channel: ChannelName::parse(channel)?,
            at: Some(Revision(number)),
        })
    }
}

impl std::fmt::Display for ChannelRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.at {
            None => self.channel.fmt(f),
            Some(at) => write!(f, "{}@{at}", self.channel),
        }
    }
}

/// Inside a channel, the OS release that a deb or rpm is for: `bookworm`, `el9`; `any` is part of every one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DistributionName(String);
string_type!(DistributionName);

impl DistributionName {
    /// Parses a distribution's name.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        slug("distribution name", s)?;
        Ok(Self(s.to_owned()))
    }

    /// `any`: part of every distribution of its channel.
    pub fn any() -> Self {
        Self("any".to_owned())
    }

    /// Whether this is `any`.
    pub fn is_any(&self) -> bool {
        self.0 == "any"
    }
}

/// apt's component; `main` unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ComponentName(String);
string_type!(ComponentName);

impl ComponentName {
    /// Parses a component's name.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        slug("component name", s)?;
        Ok(Self(s.to_owned()))
    }

    /// `main`.
    pub fn main() -> Self {
        Self("main".to_owned())
    }
}

/// What `packyard channel set` decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelSettings {
    /// Anybody may read; else only who holds a token that may.
    pub public: bool,
    /// Published files may be replaced (nightly builds).
    pub volatile: bool,
    /// A distribution comes into being with its first artifact.
    pub auto_distributions: bool,
}

impl ChannelSettings {
    /// The settings of `main` in a new yard: public to read, published files never change, auto-distributions.
    pub fn of_main() -> Self {
        Self {
            public: true,
            volatile: false,
            auto_distributions: true,
        }
    }
}
