//! What can go wrong in a use case. Each variant is one kind of answer; its text names the object and the operation,
//! its [`RepoError::hint`] says what to do.

use crate::oidc::Refusal;
use packyard_formats::intake::NotAPackage;
use packyard_index::{IndexError, Lacking};
use packyard_store::{Shortage, StoreError};
use packyard_types::{
    Alias, Artifact, ChannelName, Digest, DistributionName, DraftId, Family, Invalid, IssuerUrl, PartName,
    ProjectName, ProjectStatus, Refused, Revision, Timestamp,
};
use packyard_views::ViewError;
use std::{collections::BTreeSet, path::PathBuf};

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum RepoError {
    /// A value is not what it claims to be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The bytes are not those that the request names.
    #[error("`{what}` has sha256 {actual}, not {claimed} as the request says")]
    DigestMismatch {
        /// The file.
        what: String,
        /// What arrived.
        actual: Digest,
        /// What was announced.
        claimed: Digest,
    },
    /// A channel, distribution, package or file that is not there.
    #[error("there is no {what}")]
    NotFound {
        /// Kind and name: "channel `mian`".
        what: String,
        /// The nearest name that is there.
        nearest: Option<String>,
    },
    /// A name or version that means several things.
    #[error("{what}: it may be {}", .candidates.join(" or "))]
    Ambiguous {
        /// What is ambiguous, and where.
        what: String,
        /// What can be typed instead, with the files that it means.
        candidates: Vec<String>,
    },
    /// What a channel says of a project forbids it.
    #[error("project `{project}` in channel `{channel}` is {status} and {consequence}{}", reason_of(.reason))]
    Closed {
        /// The project.
        project: ProjectName,
        /// The channel that says so.
        channel: ChannelName,
        /// What it is.
        status: ProjectStatus,
        /// Why.
        reason: String,
        /// What follows: "takes no new files".
        consequence: &'static str,
    },
    /// Other bytes are published under the same name.
    #[error("`{}` {} in channel `{channel}`, distribution `{}` (sha256 {})", .other.name, published(*.held), .other.distribution, .other.received.digest)]
    Conflict {
        /// The channel.
        channel: ChannelName,
        /// Whether the channel still holds it.
        held: bool,
        /// What is published.
        other: Box<Artifact>,
    },
    /// Files that a .dsc or .changes names have not been sent, or are none of the caller's to name.
    #[error("`{filename}` names files that are not here: {}", listed(.missing))]
    MissingParts {
        /// What names them.
        filename: String,
        /// They, by name and SHA-256.
        missing: Vec<(PartName, Digest)>,
        /// How they are sent.
        hint: String,
    },
    /// An upload is not by whom the channel takes uploads from.
    #[error("`{filename}` {why}")]
    NotByUploader {
        /// The file.
        filename: String,
        /// What is wrong with its signature.
        why: String,
        /// What to do.
        hint: String,
    },
    /// An upload is for another place than the one that it was sent to.
    #[error("`{filename}` is for distribution `{meant}`, and was sent to `{sent}`")]
    OtherDistribution {
        /// The file.
        filename: String,
        /// What it says.
        meant: String,
        /// What the URL says.
        sent: DistributionName,
        /// The channel.
        channel: ChannelName,
        /// What `sent` is called besides, where it has been declared.
        aliases: Option<BTreeSet<Alias>>,
    },
    /// What was named has been withdrawn.
    #[error("`{filename}` is yanked in channel `{channel}`{}", reason_of(.reason))]
    Yanked {
        /// The artifact.
        filename: String,
        /// Where.
        channel: ChannelName,
        /// Why; empty where nobody said.
        reason: String,
    },
    /// A name that means something else already.
    #[error("{what} is taken: {by}")]
    Taken {
        /// Kind and name: "tag `v1`".
        what: String,
        /// What it means.
        by: String,
        /// What to do.
        hint: String,
    },
    /// It still holds something.
    #[error("{what} is not empty: it holds {holds}")]
    NotEmpty {
        /// Kind and name.
        what: String,
        /// What it holds, in words.
        holds: String,
        /// What to do.
        hint: String,
    },
    /// A package manager's package does not go into another's distribution.
    #[error("`{filename}` does not belong in distribution `{distribution}`, whose family is {family}")]
    WrongFamily {
        /// The artifact.
        filename: String,
        /// The distribution.
        distribution: DistributionName,
        /// What it takes.
        family: Family,
    },
    /// A distribution that only goes forward has a newer one, or the same in another spelling.
    #[error(
        "`{filename}` (version {version}) is not newer than `{held}` (version {held_version}) in distribution \
         `{held_in}`, and distribution `{distribution}` takes only newer versions"
    )]
    NotNewer {
        /// The artifact.
        filename: String,
        /// Its version.
        version: String,
        /// The channel.
        channel: ChannelName,
        /// The distribution that takes only newer ones.
        distribution: DistributionName,
        /// The newest that is there.
        held: String,
        /// Its version.
        held_version: String,
        /// Where it is: the same distribution, or `any`.
        held_in: DistributionName,
    },
    /// What was there has been destroyed, or given up with the revisions that held it.
    #[error("{what} is gone since revision {revision}{}", reason_of(.reason))]
    Gone {
        /// Kind and name.
        what: String,
        /// The revision that says so.
        revision: Revision,
        /// Why; empty where nobody said.
        reason: String,
    },
    /// `if_revision` no longer holds.
    #[error("channel `{channel}` changed in revision {current}, after revision {expected}")]
    Stale {
        /// The channel.
        channel: ChannelName,
        /// What the request expects.
        expected: Revision,
        /// The newest revision that changed it.
        current: Revision,
    },
    /// A draft takes no more.
    #[error("draft `{draft}` {why}")]
    DraftClosed {
        /// Which.
        draft: DraftId,
        /// What has become of it.
        why: String,
    },
    /// A draft has expired before anybody committed it.
    #[error("draft `{draft}` expired at {at}, and what it held is gone")]
    DraftExpired {
        /// Which.
        draft: DraftId,
        /// When.
        at: Timestamp,
    },
    /// Somebody else is committing a draft.
    #[error("draft `{0}` is being committed by somebody else")]
    DraftBusy(DraftId),
    /// A draft has other bytes under the same name.
    #[error("draft `{draft}` holds `{}` with other contents for distribution `{}` (sha256 {})", .other.name, .other.distribution, .other.received.digest)]
    DraftHolds {
        /// Which.
        draft: DraftId,
        /// What it holds.
        other: Box<Artifact>,
    },
    /// What a draft holds was destroyed before anybody committed it.
    #[error("draft `{draft}` holds `{filename}`, which is gone since revision {revision}{}", reason_of(.reason))]
    DraftHoldsPurged {
        /// Which.
        draft: DraftId,
        /// The channel that its release is for.
        channel: ChannelName,
        /// What it holds.
        filename: String,
        /// The revision that destroyed it.
        revision: Revision,
        /// Why; empty where nobody said.
        reason: String,
    },
    /// An upload is not the package that its name says.
    #[error(transparent)]
    NotAPackage(#[from] NotAPackage),
    /// A kind of artifact that no view lists yet.
    #[error("`{0}` is a source package, and those are not hosted yet")]
    Unsupported(String),
    /// An .rpm carries a signature that the channel does not take.
    #[error("`{filename}` {says}")]
    ForeignSignature {
        /// The file.
        filename: String,
        /// What is said of it.
        says: String,
        /// What to do.
        hint: String,
    },
    /// A file or request is too large.
    #[error("`{what}` is larger than the limit of {limit_bytes} bytes")]
    TooLarge {
        /// The file.
        what: String,
        /// The limit.
        limit_bytes: u64,
    },
    /// Several things are wrong; all of them.
    #[error("{} things are wrong", .0.len())]
    Several(Vec<RepoError>),
    /// Nobody is known to be asking.
    #[error("a valid token is needed")]
    Unauthenticated,
    /// Who is asking may not do this.
    #[error("this token may not {0}")]
    Forbidden(String),
    /// This process has no private keys, or no right to write.
    #[error("this yard is read-only here: {0}")]
    ReadOnly(String),
    /// The data directory cannot be used.
    #[error("data directory `{}`: {reason}", .path.display())]
    DataDir {
        /// The directory or the file in it.
        path: PathBuf,
        /// What is wrong.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// A temporary file could not be written or read.
    #[error("{operation}: {source}")]
    Io {
        /// What was done to which file.
        operation: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// An index file could not be made.
    #[error(transparent)]
    View(#[from] ViewError),
    /// A key could not be made, read or used.
    #[error("signing keys: {0}")]
    Keys(String),
    /// The signing keys are not in the state that a step of their replacement begins with.
    #[error("{reason}")]
    Rotation {
        /// What state they are in.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// A key may not sign here.
    #[error("key {key} may not sign here: {reason}")]
    KeyRefused {
        /// Its fingerprint.
        key: String,
        /// Why.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// The log or a blob is not what it should be.
    #[error("{what} is damaged: {reason}")]
    Damaged {
        /// Which object.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A token of an OIDC issuer for which nothing is given.
    #[error("{why}")]
    NotVouched {
        /// The kind of reason, for machines.
        refusal: Refusal,
        /// What is wrong.
        why: String,
        /// What to do.
        hint: String,
    },
    /// An OIDC issuer whose keys cannot be had.
    #[error("the keys of issuer `{issuer}` cannot be had: {reason}")]
    IssuerDown {
        /// The issuer.
        issuer: IssuerUrl,
        /// What happened.
        reason: String,
    },
    /// Another index does not answer, and there is no copy.
    #[error("{what} cannot be had from upstream `{upstream}`: {reason}")]
    UpstreamDown {
        /// What was wanted.
        what: String,
        /// The index.
        upstream: String,
        /// What happened.
        reason: String,
    },
    /// Another index gives something else than it says.
    #[error("{what} from upstream `{upstream}` is not what it should be: {reason}")]
    UpstreamWrong {
        /// What was wanted.
        what: String,
        /// The index.
        upstream: String,
        /// What it gave.
        reason: String,
    },
    /// The committer has ended (the process is shutting down).
    #[error("the yard is shutting down")]
    ShuttingDown,
    /// More changes wait than may.
    #[error("{waiting} changes wait to be committed already")]
    Busy {
        /// How many.
        waiting: usize,
    },
}

fn listed(missing: &[(PartName, Digest)]) -> String {
    let each = missing
        .iter()
        .map(|(name, digest)| format!("`{name}` (sha256 {digest})"));
    each.collect::<Vec<_>>().join(", ")
}

fn published(held: bool) -> &'static str {
    if held {
        "is already published with other contents"
    } else {
        "was published here before with other contents, and removed; other bytes never take its name:"
    }
}

fn reason_of(reason: &str) -> String {
    match reason {
        "" => String::new(),
        reason => format!(": {reason}"),
    }
}

impl RepoError {
    /// What to do about it, where there is something.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Conflict { .. } => "bump the version; published files never change".to_owned(),
            Self::OtherDistribution { meant, sent, channel, aliases, .. } => {
                let verb = if aliases.is_some() { "set" } else { "create" };
                let known = aliases.iter().flatten().map(Alias::as_str);
                let all: Vec<&str> = known.chain([meant.as_str()]).collect();
                format!(
                    "send it to `{meant}`, build it for `{sent}`, or let `{sent}` be known by that name: `packyard \
                     distribution {verb} {channel}/{sent} --alias {}`",
                    all.join(",")
                )
            }
            Self::MissingParts { hint, .. } | Self::NotByUploader { hint, .. } | Self::NotVouched { hint, .. } if !hint.is_empty() => hint.clone(),
            Self::NotNewer { channel, distribution, .. } => format!(
                "build it with a higher version, remove what is there, or take older ones too with `packyard \
                 distribution set {channel}/{distribution} --no-only-newer`"
            ),
            Self::WrongFamily { .. } => {
                "publish it to another distribution, or to `any`, which is part of every one".to_owned()
            }
            Self::Yanked { channel, .. } => {
                format!("promote another version, or offer it again with `packyard unyank --channel {channel}`")
            }
            Self::Ambiguous { .. } => "say which: write one of them in its place".to_owned(),
            Self::Closed { project, channel, .. } => {
                format!("`packyard project set {project} --channel {channel} --status active` opens it again")
            }
            Self::Stale { channel, current, .. } => {
                format!("`packyard log {channel}` shows what changed; if it may stay, try again with revision {current}")
            }
            Self::DraftClosed { .. } => "collect the next release under another id".to_owned(),
            Self::DraftExpired { .. } => "collect it again under another id".to_owned(),
            Self::Busy { .. } | Self::DraftBusy(_) | Self::IssuerDown { .. } => "try again in a moment".to_owned(),
            Self::DraftHolds { draft, .. } => format!(
                "build each artifact once; or discard the draft with `packyard draft discard {draft}` and collect it anew"
            ),
            Self::DraftHoldsPurged { draft, channel, .. } => format!(
                "discard the draft with `packyard draft discard {draft} --channel {channel}`, and collect the rest anew"
            ),
            Self::NotFound { nearest: Some(name), .. } => format!("did you mean `{name}`?"),
            Self::NotAPackage(e) if !e.hint.is_empty() => e.hint.clone(),
            Self::DataDir { hint, .. } | Self::Taken { hint, .. } | Self::KeyRefused { hint, .. } | Self::Rotation { hint, .. } | Self::NotEmpty { hint, .. } | Self::ForeignSignature { hint, .. }
                if !hint.is_empty() =>
            {
                hint.clone()
            }
            Self::TooLarge { .. } => "raise the limit with `packyard serve --max-upload BYTES`".to_owned(),
            Self::Unauthenticated => {
                "send it as `Authorization: Bearer TOKEN`, or as the password of any user".to_owned()
            }
            Self::UpstreamDown { .. } => "try again in a moment; what was fetched before is served".to_owned(),
            Self::UpstreamWrong { .. } => {
                "nothing of it was kept; ask whoever runs that index, or set another with `packyard channel set --upstream`"
                    .to_owned()
            }
            Self::Damaged { .. } => "run `packyard fsck`, then restore the object from a backup".to_owned(),
            Self::Io { .. } | Self::Index(_) => match self.shortage()? {
                Shortage::Space => {
                    "free some space on the disk of the data directory, and send the same request again".to_owned()
                }
                Shortage::Writing => {
                    "is the data directory owned by the server's user, and its file system mounted for writing? then send the \
                     same request again"
                        .to_owned()
                }
                Shortage::Resources => {
                    "try again in a moment; if it happens often, allow the server more open files (`ulimit -n`, \
                     `LimitNOFILE=`) or memory"
                        .to_owned()
                }
            },
            _ => return None,
        })
    }

    /// Wraps an I/O error with what was being done.
    pub fn io(operation: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let operation = operation.into();
        move |source| Self::Io { operation, source }
    }

    /// One error of several, or all of them.
    pub fn all(wrong: Vec<Self>) -> Result<(), Self> {
        let each = |error| match error {
            Self::Several(all) => all,
            one => vec![one],
        };
        let mut wrong: Vec<Self> = wrong.into_iter().flat_map(each).collect();
        match wrong.len() {
            0 => Ok(()),
            1 => Err(wrong.remove(0)),
            _ => Err(Self::Several(wrong)),
        }
    }

    /// There is no such distribution.
    pub fn no_distribution(
        channel: &ChannelName,
        name: &str,
        others: impl IntoIterator<Item = String>,
    ) -> Self {
        Self::NotFound {
            what: format!("distribution `{name}` in channel `{channel}`"),
            nearest: nearest(name, others),
        }
    }

    /// There is no such channel.
    pub fn no_channel(name: &ChannelName, others: impl IntoIterator<Item = ChannelName>) -> Self {
        let nearest = nearest(name.as_str(), others.into_iter().map(String::from));
        Self::NotFound {
            what: format!("channel `{name}`"),
            nearest,
        }
    }

    /// Turns a verdict of the vocabulary into an answer.
    pub fn refused(channel: &ChannelName, refused: Refused) -> Self {
        match refused {
            Refused::NoChannel(name) => Self::no_channel(&name, []),
            Refused::NoDistribution { distribution, .. } => {
                let what = format!("distribution `{distribution}` in channel `{channel}`");
                Self::NotFound { what, nearest: None }
            }
            Refused::Conflict { other } => Self::Conflict {
                channel: channel.clone(),
                held: true,
                other,
            },
        }
    }
}

/// The candidate that is most like `name`, if any is like it at all: at most a third of its letters differ.
pub(crate) fn nearest(name: &str, candidates: impl IntoIterator<Item = String>) -> Option<String> {
    let far = name.chars().count().max(3) / 3 + 1;
    let measured = candidates.into_iter().map(|c| (edit_distance(name, &c), c));
    measured.filter(|(d, _)| *d <= far).min().map(|(_, c)| c)
}

/// Levenshtein's distance, one row at a time.
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

impl RepoError {
    /// What the machine lacks, where that is the reason.
    pub fn shortage(&self) -> Option<Shortage> {
        match self {
            Self::Io { source, .. } => Shortage::of(source),
            Self::Store(e) => e.shortage(),
            Self::NotAPackage(e) if e.is_ours => Some(Shortage::Resources),
            Self::Index(e) => match e.shortage()? {
                Lacking::Space => Some(Shortage::Space),
                Lacking::Writing => Some(Shortage::Writing),
                Lacking::Resources => Some(Shortage::Resources),
            },
            _ => None,
        }
    }

    /// Whether the disk is full.
    pub fn is_full(&self) -> bool {
        self.shortage() == Some(Shortage::Space)
    }

    /// Whether the same request may succeed a moment later.
    pub fn is_unavailable(&self) -> bool {
        self.shortage().is_some_and(|lacks| lacks != Shortage::Space)
            || matches!(
                self,
                Self::ShuttingDown
                    | Self::Busy { .. }
                    | Self::ReadOnly(_)
                    | Self::DraftBusy(_)
                    | Self::UpstreamDown { .. }
                    | Self::IssuerDown { .. }
                    | Self::Store(StoreError::Unavailable { .. })
            )
    }
}
