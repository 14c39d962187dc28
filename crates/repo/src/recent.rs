//! What every request asks for, as of the newest revision: the settings of channels, and who has which token. It is
//! kept in memory until the yard goes on. Whoever asks says as of which revision, and has just looked.

use crate::{RepoError, Yard};
use packyard_types::{ChannelName, ChannelSettings, Digest, Revision, Timestamp, TokenGrant, TokenHash};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

/// How long the revision that was seen last is taken for the newest, in microseconds: as much later may show what another
/// process has committed. What this one commits shows at once.
const GLANCE_MICROSECONDS: i64 = 1000;

/// The revision that was seen last, and when. To look takes locks of the index's file, and each request looks.
#[derive(Default)]
pub struct Seen {
    revision: AtomicU64,
    at: AtomicI64,
}

impl Seen {
    /// The revision, where it was looked for a moment ago.
    pub fn just_now(&self, now: Timestamp) -> Option<Revision> {
        let age = now.unix_microseconds() - self.at.load(Ordering::Acquire);
        let revision = self.revision.load(Ordering::Acquire);
        (0..GLANCE_MICROSECONDS)
            .contains(&age)
            .then_some(Revision(revision))
    }

    /// The index shows this revision, and showed it at this time. Gives the newest that anybody has seen.
    pub fn note(&self, revision: Revision, at: Timestamp) -> Revision {
        let before = self.revision.fetch_max(revision.0, Ordering::AcqRel);
        self.at.store(at.unix_microseconds(), Ordering::Release);
        Revision(before.max(revision.0))
    }
}

/// What was read of one revision.
#[derive(Default)]
struct Known {
    revision: Revision,
    channels: HashMap<ChannelName, Arc<ChannelSettings>>,
    tokens: HashMap<Digest, Arc<TokenGrant>>,
}

/// What is remembered.
#[derive(Default)]
pub struct Recent(Mutex<Known>);

impl Recent {
    /// What is known of this revision; nothing where it is a new one.
    fn at(&self, shown: Revision) -> MutexGuard<'_, Known> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.revision < shown {
            *known = Known {
                revision: shown,
                ..Known::default()
            };
        }
        known
    }
}

impl Yard {
    /// A channel's settings, where there is such a channel.
    pub(crate) fn settings_of(
        &self,
        channel: &ChannelName,
        shown: Revision,
    ) -> Result<Option<Arc<ChannelSettings>>, RepoError> {
        if let Some(settings) = self.recent().at(shown).channels.get(channel) {
            return Ok(Some(Arc::clone(settings)));
        }
        let Some(settings) = self.read(|index| Ok(index.channel(channel)?))? else {
            return Ok(None);
        };
        let settings = Arc::new(settings);
        let mut known = self.recent().at(shown);
        // What was read may be older than what others have seen meanwhile.
        if known.revision == shown {
            known.channels.insert(channel.clone(), Arc::clone(&settings));
        }
        Ok(Some(settings))
    }

    /// What a token was granted, where it is one.
    pub(crate) fn grant_of(
        &self,
        hash: &TokenHash,
        shown: Revision,
    ) -> Result<Option<Arc<TokenGrant>>, RepoError> {
        if let Some(grant) = self.recent().at(shown).tokens.get(&hash.0) {
            return Ok(Some(Arc::clone(grant)));
        }
        let Some(grant) = self.read(|index| Ok(index.token(hash)?))? else {
            return Ok(None);
        };
        let grant = Arc::new(grant);
        let mut known = self.recent().at(shown);
        if known.revision == shown {
            known.tokens.insert(hash.0, Arc::clone(&grant));
        }
        Ok(Some(grant))
    }
}
