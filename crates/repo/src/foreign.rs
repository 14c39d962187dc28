//! Signatures of others on an .rpm: replaced where the channel says so, else refused.
//!
//! Not here yet: `keep`. It needs the other's key in the channel, so that `yum/key.asc` holds it; until a channel can hold
//! one, such a package is refused, for clients that check signatures could not install it.

use crate::{RepoError, Yard};
use packyard_types::{ChannelName, ForeignSignatures};

/// What a channel does with an .rpm that somebody else has signed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Foreign {
    way: ForeignSignatures,
}

/// What is done with one .rpm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Our signature takes the place of the one that is there.
    Signed,
    /// It may not come in.
    Refused,
}

impl Foreign {
    /// The verdict on a signature by somebody else's key.
    pub(crate) fn judge(&self) -> Verdict {
        match self.way {
            ForeignSignatures::Replace => Verdict::Signed,
            ForeignSignatures::Keep | ForeignSignatures::Refuse => Verdict::Refused,
        }
    }
}

impl Yard {
    /// The channel's way with foreign signatures.
    pub(crate) fn foreign_signatures(&self, channel: &ChannelName) -> Result<Foreign, RepoError> {
        let settings = self.read(|index| Ok(index.channel(channel)?))?;
        Ok(settings.map_or_else(Foreign::default, |s| Foreign {
            way: s.foreign_signatures,
        }))
    }
}
