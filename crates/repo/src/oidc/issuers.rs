//! The keys of issuers: fetched when they are needed, kept for a while, fetched again when a token names one that is not
//! there. Only issuers that a publisher names are ever asked: what a token says of its issuer is looked up, not followed.

use super::{Refusal, after};
use crate::{FetchFailed, RepoError, Yard};
use bytes::Bytes;
use futures::future::BoxFuture;
use packyard_formats::jwt::{
    Claims, JwtError, KeySet, MAX_DISCOVERY_BYTES, MAX_KEYS_BYTES, Unverified, key_set_url,
};
use packyard_types::{IssuerUrl, Timestamp};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// How long keys are kept where the issuer does not say.
const KEPT_SECONDS: i64 = 3600;
/// How long they are kept at least, and at most, whatever it says: a stranger's tokens must not have it asked all the time,
/// and a key that it has given up must not be good for ever.
const KEPT_BOUNDS: (i64, i64) = (60, 86_400);
/// How long an issuer is not asked again because of a key that it does not have.
const PAUSE_SECONDS: i64 = 60;
/// The same after it did not answer.
const PAUSE_AFTER_FAILURE_SECONDS: i64 = 5;

/// What strangers are told of an issuer that is of no use; the log says more.
const IN_GENERAL: &str = "it does not answer, or not as it should";

/// Asks issuers. This crate knows nothing of HTTP: who does implements it, and bounds it in time. Nothing is followed to
/// another place, and an issuer may name places that are as far away as itself.
pub trait AskIssuer: Send + Sync {
    /// A document at a URL that the issuer has named, or that follows from its own.
    fn document<'a>(
        &'a self,
        issuer: &'a IssuerUrl,
        url: &'a str,
        limit_bytes: usize,
    ) -> BoxFuture<'a, Result<IssuerAnswer, FetchFailed>>;
}

/// What an issuer answers.
#[derive(Debug, Clone)]
pub struct IssuerAnswer {
    /// The document.
    pub bytes: Bytes,
    /// For how many seconds it is right, where that is said.
    pub max_age: Option<u64>,
}

/// What this process knows of issuers.
#[derive(Default)]
pub(crate) struct Issuers {
    way: OnceLock<Arc<dyn AskIssuer>>,
    /// One question to an issuer at a time: who waits for it finds its answer.
    known: Mutex<BTreeMap<IssuerUrl, Arc<tokio::sync::Mutex<Known>>>>,
}

/// What is known of one.
#[derive(Default)]
struct Known {
    /// Its keys, and until when they are taken for them.
    keys: Option<(KeySet, Timestamp)>,
    /// Until when it is not asked again.
    pause: Option<Timestamp>,
    /// Whether it was of no use when it was asked last.
    failed: bool,
}

impl Issuers {
    fn of(&self, issuer: &IssuerUrl) -> Arc<tokio::sync::Mutex<Known>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(issuer.clone()).or_default())
    }
}

impl Yard {
    /// Says how issuers are asked; the first word counts. Without it, no publisher can be trusted by their tokens.
    pub fn ask_issuers_by(&self, way: Arc<dyn AskIssuer>) {
        let _ = self.issuers().way.set(way);
    }

    /// What a token says, if its issuer has signed it: one that a publisher names.
    pub(super) async fn verified(&self, issuer: &IssuerUrl, token: &Unverified) -> Result<Claims, RepoError> {
        let known = self.issuers().of(issuer);
        let mut known = known.lock().await;
        let now = self.now();
        let waits = known.pause.is_some_and(|until| now < until);
        let fresh = known.keys.as_ref().filter(|(_, until)| now < *until);
        if let Some((keys, _)) = fresh {
            match token.verify(keys) {
                // It may be a new key of the issuer's.
                Err(JwtError::UnknownKey(_)) if !waits => {}
                done => return done.map_err(|e| invalid(&e)),
            }
        } else if known.failed && waits {
            return Err(down(issuer, IN_GENERAL.to_owned()));
        }
        if let Err(reason) = self.ask_issuer(issuer, &mut known).await {
            tracing::warn!(%issuer, "the keys of issuer `{issuer}` cannot be had: {reason}");
            return Err(down(issuer, IN_GENERAL.to_owned()));
        }
        let (keys, _) = known.keys.as_ref().expect("asked with success");
        let verified = token.verify(keys);
        if matches!(verified, Err(JwtError::UnknownKey(_))) {
            known.pause = Some(after(now, PAUSE_SECONDS));
        }
        verified.map_err(|e| invalid(&e))
    }

    /// Why the keys of an issuer cannot be had, if so: for who is about to trust it.
    pub(super) async fn objection_to(&self, issuer: &IssuerUrl) -> Option<String> {
        let known = self.issuers().of(issuer);
        let mut known = known.lock().await;
        let asked = self.ask_issuer(issuer, &mut known).await;
        asked.err().map(|reason| down(issuer, reason).to_string())
    }

    async fn ask_issuer(&self, issuer: &IssuerUrl, known: &mut Known) -> Result<(), String> {
        let now = self.now();
        match self.fetch_keys(issuer).await {
            Ok((keys, max_age)) => {
                let (least, most) = KEPT_BOUNDS;
                let kept = max_age.map_or(KEPT_SECONDS, |age| i64::try_from(age).unwrap_or(most));
                *known = Known {
                    keys: Some((keys, after(now, kept.clamp(least, most)))),
                    pause: None,
                    failed: false,
                };
                Ok(())
            }
            Err(reason) => {
                known.pause = Some(after(now, PAUSE_AFTER_FAILURE_SECONDS));
                known.failed = true;
                Err(reason)
            }
        }
    }

    /// The keys of an issuer, and for how long they are right, where it says so.
    async fn fetch_keys(&self, issuer: &IssuerUrl) -> Result<(KeySet, Option<u64>), String> {
        let way = self.issuers().way.get();
        let way = way.ok_or("nothing here can ask for them")?;
        let configuration = issuer.configuration();
        let found = way.document(issuer, &configuration, MAX_DISCOVERY_BYTES).await;
        let found = found.map_err(|e| format!("`{configuration}`: {e}"))?;
        let url = key_set_url(&found.bytes, issuer).map_err(|e| format!("`{configuration}`: {e}"))?;
        let found = way.document(issuer, &url, MAX_KEYS_BYTES).await;
        let found = found.map_err(|e| format!("`{url}`: {e}"))?;
        let keys = KeySet::parse(&found.bytes).map_err(|e| format!("`{url}`: {e}"))?;
        Ok((keys, found.max_age))
    }
}

/// What is wrong with a token.
pub(super) fn invalid(e: &JwtError) -> RepoError {
    let hint = match e {
        JwtError::UnknownKey(_) => "the issuer may have begun to use another key: try again in a minute",
        _ => "",
    };
    RepoError::NotVouched {
        refusal: Refusal::InvalidToken,
        why: format!("the issuer's token is not taken: {e}"),
        hint: hint.to_owned(),
    }
}

fn down(issuer: &IssuerUrl, reason: String) -> RepoError {
    RepoError::IssuerDown {
        issuer: issuer.clone(),
        reason,
    }
}
