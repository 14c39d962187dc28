//! Channels, their distributions and components.

use crate::{Invalid, NamePattern, Revision, Timestamp, UpstreamUrl, invalid::string_type};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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

/// The name of a revision of a channel. It begins with a letter, so that it is neither a number nor a date.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagName(String);
string_type!(TagName);

impl TagName {
    /// Parses a tag's name: `[A-Za-z][A-Za-z0-9._-]*`, at most 100 characters.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        let begins = s.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
        if begins && s.len() <= 100 && s.bytes().all(plain) {
            return Ok(Self(s.to_owned()));
        }
        let rule = "it begins with a letter and has at most 100 letters, digits, `.`, `_` and `-`";
        Err(Invalid::new("tag", s, rule))
    }
}

/// As of when: what follows the `@`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// A revision, by its number.
    Revision(Revision),
    /// A revision, by the name that the channel gave it.
    Tag(TagName),
    /// The last revision until then. A day counts to its end.
    Time(Timestamp),
}

impl At {
    /// Parses `12`, `tag`, `2026-03-01` or `2026-03-01T12:00:00Z`.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        if s.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Ok(Self::Tag(TagName::parse(s)?));
        }
        if let Ok(n) = s.parse() {
            return Ok(Self::Revision(Revision(n)));
        }
        let end_of_day = format!("{s}T23:59:59.999999Z");
        let time = Timestamp::parse(if s.contains('T') { s } else { &end_of_day });
        let rule = "it must be a revision (`12`), a tag (it begins with a letter) or a date (`2026-03-01`)";
        time.map(Self::Time)
            .map_err(|_| Invalid::new("revision", s, rule))
    }
}

impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Revision(n) => n.fmt(f),
            Self::Tag(tag) => tag.fmt(f),
            Self::Time(time) => time.fmt(f),
        }
    }
}

/// A channel as a URL or a command names it: `main`, `main@12`, `main@tag`, `main@2026-03-01`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSpec {
    /// The channel.
    pub channel: ChannelName,
    /// As of when; none for now.
    pub at: Option<At>,
}

impl ChannelSpec {
    /// Parses the first segment of a URL's path.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let (channel, at) = match s.split_once('@') {
            None => (s, None),
            Some((channel, at)) => (channel, Some(At::parse(at)?)),
        };
        Ok(Self {
            channel: ChannelName::parse(channel)?,
            at,
        })
    }
}

impl std::fmt::Display for ChannelSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.at {
            None => self.channel.fmt(f),
            Some(at) => write!(f, "{}@{at}", self.channel),
        }
    }
}

impl std::str::FromStr for ChannelSpec {
    type Err = Invalid;
    fn from_str(s: &str) -> Result<Self, Invalid> {
        Self::parse(s)
    }
}

/// A channel as of a revision that is known to have been made: `main@12`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChannelRef {
    /// The channel.
    pub channel: ChannelName,
    /// The revision; none for now.
    pub at: Option<Revision>,
}

impl ChannelRef {
    /// A channel as it is now.
    pub fn now(channel: ChannelName) -> Self {
        Self { channel, at: None }
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
    /// What of it is kept; everything where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// What becomes of an .rpm that somebody else has signed.
    #[serde(default, skip_serializing_if = "ForeignSignatures::is_default")]
    pub foreign_signatures: ForeignSignatures,
    /// Armoured public keys of those whose .changes are taken by `incoming/`; anybody's who may publish where there are
    /// none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uploader_keys: Vec<String>,
    /// Armoured public keys of others whose signatures of .rpms are kept; clients find them in `key.asc`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub package_keys: Vec<String>,
    /// The channels whose wheels and sdists it offers too, the first that has a file counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inherits: Vec<ChannelName>,
    /// The index that is asked for the wheels and sdists of names which neither it nor what it inherits has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<UpstreamUrl>,
    /// Names that are never asked of the upstream, whether they are here or not.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub reserved: BTreeSet<NamePattern>,
}

/// How much a channel keeps, counted for each project, distribution and architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Keep {
    /// The newest releases, so many.
    Releases(u32),
    /// What was published in the last days, so many, and the newest release.
    Days(u32),
    /// What a tagged revision holds, and the newest release.
    Tagged,
}

impl Keep {
    /// Parses `5`, `90d` or `tagged`.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let positive = |n: &str| n.parse::<u32>().ok().filter(|n| *n > 0);
        let parsed = match s.strip_suffix('d') {
            _ if s == "tagged" => Some(Self::Tagged),
            Some(days) => positive(days).map(Self::Days),
            None => positive(s).map(Self::Releases),
        };
        let rule = "it must be a number of releases (`5`), a number of days (`90d`) or `tagged`";
        parsed.ok_or_else(|| Invalid::new("retention", s, rule))
    }
}

impl std::fmt::Display for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Releases(n) => n.fmt(f),
            Self::Days(n) => write!(f, "{n}d"),
            Self::Tagged => f.write_str("tagged"),
        }
    }
}

impl std::str::FromStr for Keep {
    type Err = Invalid;
    fn from_str(s: &str) -> Result<Self, Invalid> {
        Self::parse(s)
    }
}

impl TryFrom<String> for Keep {
    type Error = Invalid;
    fn try_from(s: String) -> Result<Self, Invalid> {
        Self::parse(&s)
    }
}

impl From<Keep> for String {
    fn from(k: Keep) -> String {
        k.to_string()
    }
}

/// What becomes of an .rpm that carries a signature by a key that is not the yard's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForeignSignatures {
    /// It stays as it is.
    Keep,
    /// The yard's takes its place.
    Replace,
    /// The upload is refused.
    #[default]
    Refuse,
}

impl ForeignSignatures {
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde calls it so
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl std::str::FromStr for ForeignSignatures {
    type Err = Invalid;
    fn from_str(s: &str) -> Result<Self, Invalid> {
        Ok(match s {
            "keep" => Self::Keep,
            "replace" => Self::Replace,
            "refuse" => Self::Refuse,
            _ => {
                let rule = "it must be keep, replace or refuse";
                return Err(Invalid::new("way with foreign signatures", s, rule));
            }
        })
    }
}

impl ChannelSettings {
    /// The settings of `main` in a new yard: public to read, published files never change, auto-distributions.
    pub fn of_main() -> Self {
        Self {
            public: true,
            volatile: false,
            auto_distributions: true,
            keep: None,
            foreign_signatures: ForeignSignatures::default(),
            uploader_keys: Vec::new(),
            package_keys: Vec::new(),
            inherits: Vec::new(),
            upstream: None,
            reserved: BTreeSet::new(),
        }
    }
}
