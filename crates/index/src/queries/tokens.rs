//! Access tokens, trusted publishers and signing keys.

use crate::{Index, IndexError};
use packyard_types::{Publisher, Revision, TokenGrant, TokenHash, YardKeys};
use rusqlite::OptionalExtension;

/// A token as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// What was granted.
    pub grant: TokenGrant,
    /// The revision that revoked it.
    pub revoked: Option<Revision>,
}

impl Index {
    /// The grant of a token that has not been revoked.
    pub fn token(&self, hash: &TokenHash) -> Result<Option<TokenGrant>, IndexError> {
        let sql = "SELECT body FROM tokens WHERE hash = ?1 AND to_n IS NULL";
        let found: Option<String> = self
            .db
            .prepare_cached(sql)?
            .query_row([hash.0.to_string()], |r| r.get(0))
            .optional()?;
        found.map(|b| Ok(serde_json::from_str(&b)?)).transpose()
    }

    /// All tokens, by id.
    pub fn tokens(&self) -> Result<Vec<TokenRow>, IndexError> {
        let mut query = self
            .db
            .prepare_cached("SELECT body, to_n FROM tokens ORDER BY id")?;
        let mut rows = query.query([])?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            let revoked = r.get::<_, Option<u64>>(1)?.map(Revision);
            out.push(TokenRow {
                grant: serde_json::from_str(&r.get::<_, String>(0)?)?,
                revoked,
            });
        }
        Ok(out)
    }

    /// The publishers that are trusted, by id.
    pub fn publishers(&self) -> Result<Vec<Publisher>, IndexError> {
        let sql = "SELECT body FROM publishers WHERE to_n IS NULL ORDER BY id";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query([])?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            out.push(serde_json::from_str(&r.get::<_, String>(0)?)?);
        }
        Ok(out)
    }

    /// The signing keys; none before the yard's first.
    pub fn keys(&self) -> Result<Option<YardKeys>, IndexError> {
        let sql = "SELECT body FROM keys ORDER BY n DESC LIMIT 1";
        let body: Option<String> = self
            .db
            .prepare_cached(sql)?
            .query_row([], |r| r.get(0))
            .optional()?;
        Ok(body.map(|b| serde_json::from_str(&b)).transpose()?)
    }

    /// The signing keys of every time, the newest first.
    pub fn keys_ever(&self) -> Result<Vec<YardKeys>, IndexError> {
        let mut statement = self.db.prepare_cached("SELECT body FROM keys ORDER BY n DESC")?;
        let mut rows = statement.query([])?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            out.push(serde_json::from_str(&r.get::<_, String>(0)?)?);
        }
        Ok(out)
    }
}
