//! Trusted publishing: who comes with a token that an OIDC issuer has signed gets a short one of this yard for it, if a
//! publisher is trusted whom the issuer's token describes. Nobody stores a secret.
//!
//! | file | what |
//! |---|---|
//! | `publishers` | whom is trusted: added, listed, removed |
//! | `issuers` | the keys of issuers, kept for a while |
//! | `exchange` | the one token for the other |
//! | `given` | the short token: kept, found, given back, forgotten |
//!
//! What is given is no revision of the log: it would be the largest part of it, and means nothing a quarter of an hour later.
//! It lies in `once/` of the store, which all nodes share; so do the marks of the issuers' tokens that were used. What is
//! *done* with it is in the log, with the publisher as the actor and the issuer's subject.

mod exchange;
mod given;
mod issuers;
mod publishers;

pub use exchange::Exchanged;
pub(crate) use given::readable;
pub(crate) use issuers::Issuers;
pub use issuers::{AskIssuer, IssuerAnswer};
pub use publishers::{PublisherWish, Trusted};

use packyard_types::Timestamp;

/// Why nothing is given for an issuer's token, as PyPI's clients print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is no token, or none that counts: not signed by its issuer, out of date, for somebody else.
    InvalidToken,
    /// It is one, and nobody whom it describes is trusted.
    InvalidPublisher,
    /// Several publishers are whom it describes.
    AmbiguousPublisher,
    /// Something was given for it before.
    ReusedToken,
}

impl Refusal {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidToken => "invalid-token",
            Self::InvalidPublisher => "invalid-publisher",
            Self::AmbiguousPublisher => "ambiguous-publisher",
            Self::ReusedToken => "invalid-reuse-token",
        }
    }
}

/// Some time later; or earlier.
fn after(time: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(time.unix_seconds().saturating_add(seconds))
}
