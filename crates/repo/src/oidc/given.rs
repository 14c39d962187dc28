//! Short tokens that were given for an issuer's: records in `once/token/`, by the digest of their text.

use super::exchange::Used;
use crate::{Access, RepoError, Yard, access::Holder};
use packyard_store::OnceKey;
use packyard_types::{Publisher, Sender, Timestamp, TokenGrant, TokenHash};
use rand::RngCore as _;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// How they begin: no other token does, so that only for them the store is asked.
const PREFIX: &str = "pyd_oidc_";

/// What is kept of one. It names what it was given for in full: who changes a publisher changes what is trusted, and what was
/// given before is given no more.
#[derive(Serialize, Deserialize)]
struct Given {
    publisher: Publisher,
    /// The issuer, and whom it vouched for.
    subject: String,
    expires: Timestamp,
}

/// Why a record of what happens once cannot be read, if so.
pub(crate) fn readable(key: &OnceKey, record: &[u8]) -> Result<(), String> {
    let read = match key {
        OnceKey::Oidc(_) => serde_json::from_slice::<Used>(record).map(drop),
        OnceKey::Token(_) => serde_json::from_slice::<Given>(record).map(drop),
    };
    read.map_err(|e| format!("it cannot be read: {e}"))
}

impl Yard {
    /// Makes one, and keeps it.
    pub(super) async fn give(
        &self,
        publisher: &Publisher,
        subject: String,
        expires: Timestamp,
    ) -> Result<String, RepoError> {
        let mut bits = [0u8; 32];
        rand::rngs::OsRng.fill_bytes(&mut bits);
        let digits: String = bits.iter().map(|b| format!("{b:02x}")).collect();
        let text = format!("{PREFIX}{digits}");
        let given = Given {
            publisher: publisher.clone(),
            subject,
            expires,
        };
        let record = serde_json::to_vec(&given).expect("texts and a time are JSON");
        let key = OnceKey::Token(TokenHash::of(&text));
        self.store().put_once(&key, record.into()).await?;
        Ok(text)
    }

    /// Who sent this token, where it is one that was given for an issuer's; one that is over, or whose publisher is no longer
    /// trusted just so, is refused.
    pub async fn given(&self, token: &str, sender: &Sender) -> Result<Option<Access>, RepoError> {
        if !token.starts_with(PREFIX) {
            return Ok(None);
        }
        let trusted = self.publishers()?;
        if trusted.is_empty() {
            return Ok(None);
        }
        let hash = TokenHash::of(token);
        let Some(given) = self.once_record::<Given>(&OnceKey::Token(hash)).await? else {
            return Ok(None);
        };
        if given.expires <= self.now() || !trusted.contains(&given.publisher) {
            return Err(RepoError::Unauthenticated);
        }
        let publisher = given.publisher;
        let grant = TokenGrant {
            id: publisher.id,
            hash,
            can: publisher.can,
            channels: publisher.channels,
            projects: publisher.projects,
            expires: Some(given.expires),
            networks: Vec::new(),
        };
        let sender = Sender {
            subject: Some(given.subject),
            ..sender.clone()
        };
        Ok(Some(Access::Token(Box::new(Holder { grant, sender }))))
    }

    /// Ends such a token before its time: who is done with it gives it back. Of any other nothing is said.
    pub async fn give_back(&self, token: &str) -> Result<(), RepoError> {
        if token.starts_with(PREFIX) {
            let key = OnceKey::Token(TokenHash::of(token));
            self.store().delete_once(&key).await?;
        }
        Ok(())
    }

    /// Forgets what is over: tokens that were given, and marks of issuers' tokens that would be refused for their age.
    pub(crate) async fn sweep_once(&self) -> Result<(), RepoError> {
        let now = self.now();
        for key in self.store().list_once().await? {
            let until = match key {
                OnceKey::Oidc(_) => self
                    .once_record(&key)
                    .await
                    .map(|used| used.map(|u: Used| u.until)),
                OnceKey::Token(_) => self
                    .once_record(&key)
                    .await
                    .map(|given| given.map(|g: Given| g.expires)),
            };
            match until {
                Ok(Some(until)) if until < now => self.store().delete_once(&key).await?,
                Ok(_) => {}
                // What cannot be read keeps nothing else from being forgotten, and is not forgotten itself.
                Err(e) => tracing::warn!(error = %e, "`{key}` is kept: {e}"),
            }
        }
        Ok(())
    }

    async fn once_record<T: DeserializeOwned>(&self, key: &OnceKey) -> Result<Option<T>, RepoError> {
        let Some(record) = self.store().once(key).await? else {
            return Ok(None);
        };
        let damaged = |e: serde_json::Error| RepoError::Damaged {
            what: format!("`{key}`"),
            reason: e.to_string(),
        };
        serde_json::from_slice(&record).map(Some).map_err(damaged)
    }
}
