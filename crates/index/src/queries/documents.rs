//! The documents of yum repositories.

use super::bound;
use crate::{Index, IndexError};
use packyard_types::{ChannelName, DistributionName, Document, DocumentKind, Revision};
use rusqlite::params;
use std::collections::BTreeMap;

/// Documents by the distribution that has them, and what they are.
pub type Documents = BTreeMap<(DistributionName, DocumentKind), Document>;

impl Index {
    /// All documents of a channel, now or as of a revision.
    pub fn documents(&self, channel: &ChannelName, at: Option<Revision>) -> Result<Documents, IndexError> {
        let sql = "SELECT distribution, kind, body FROM documents
            WHERE from_n <= ?1 AND (to_n IS NULL OR to_n > ?1) AND channel = ?2";
        let mut query = self.db.prepare_cached(sql)?;
        let rows: Vec<(String, String, String)> = query
            .query_map(params![bound(at), channel.as_str()], |r| {
                Ok((r.get(0)?, r.get(1)?, r.get(2)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let parsed = rows.iter().map(|(distribution, kind, body)| {
            let key = (DistributionName::parse(distribution)?, DocumentKind::parse(kind)?);
            Ok((key, serde_json::from_str(body)?))
        });
        parsed.collect()
    }

    /// The documents that a distribution shows now: its own, and those of `any` of which it has none of its own.
    pub fn documents_shown(
        &self,
        channel: &ChannelName,
        distribution: &DistributionName,
    ) -> Result<BTreeMap<DocumentKind, Document>, IndexError> {
        let (mut shown, mut own) = (BTreeMap::new(), BTreeMap::new());
        for ((of, kind), document) in self.documents(channel, None)? {
            if of == *distribution {
                own.insert(kind, document);
            } else if of.is_any() {
                shown.insert(kind, document);
            }
        }
        shown.extend(own);
        Ok(shown)
    }
}
