//! Where small blobs lie.

use crate::{Index, IndexError, Packed};
use packyard_types::{ChannelName, Digest, Revision, Timestamp};
use rusqlite::OptionalExtension;
use std::collections::{BTreeMap, BTreeSet};

impl Index {
    /// The pack that holds a small blob; none for a blob of its own (or an unknown one).
    pub fn packed(&self, digest: &Digest) -> Result<Option<Packed>, IndexError> {
        let sql = "SELECT pack, start, size FROM packed WHERE digest = ?1";
        let row = |r: &rusqlite::Row<'_>| Ok((r.get::<_, String>(0)?, r.get(1)?, r.get(2)?));
        let found = self
            .db
            .prepare_cached(sql)?
            .query_row([digest.to_string()], row)
            .optional()?;
        found
            .map(|(pack, start, size_bytes)| {
                Ok(Packed {
                    pack: pack.parse()?,
                    start,
                    size_bytes,
                })
            })
            .transpose()
    }
}

/// Why a blob is not there any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gone {
    /// The revision that says so.
    pub revision: Revision,
    /// Whether it was destroyed; else it was given up with the revisions that held it, and may come back.
    pub purged: bool,
    /// Why.
    pub reason: String,
}

impl Index {
    /// What became of a blob that was destroyed or given up.
    pub fn gone(&self, digest: &Digest) -> Result<Option<Gone>, IndexError> {
        let sql = "SELECT n, verb, reason FROM gone WHERE digest = ?1";
        let row = |r: &rusqlite::Row<'_>| {
            Ok(Gone {
                revision: Revision(r.get(0)?),
                purged: r.get::<_, String>(1)? == "purge",
                reason: r.get(2)?,
            })
        };
        let found = self.db.prepare_cached(sql)?.query_row([digest.to_string()], row);
        Ok(found.optional()?)
    }

    /// Everything that was ever destroyed.
    pub fn purged(&self) -> Result<Vec<Digest>, IndexError> {
        let sql = "SELECT digest FROM gone WHERE verb = 'purge' ORDER BY digest";
        let mut query = self.db.prepare_cached(sql)?;
        let digests: Vec<String> = query
            .query_map([], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        digests.iter().map(|d| Ok(d.parse()?)).collect()
    }

    /// Everything that was destroyed or given up.
    pub fn all_gone(&self) -> Result<Vec<Digest>, IndexError> {
        let mut query = self
            .db
            .prepare_cached("SELECT digest FROM gone ORDER BY digest")?;
        let mut rows = query.query([])?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            out.push(r.get::<_, String>(0)?.parse()?);
        }
        Ok(out)
    }

    /// Whether an artifact of any revision names a blob, or a pack holds it, or an entry says what became of it.
    pub fn is_named(&self, digest: &Digest) -> Result<bool, IndexError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM artifacts WHERE served = ?1)
            OR EXISTS (SELECT 1 FROM artifacts WHERE received = ?1)
            OR EXISTS (SELECT 1 FROM artifacts WHERE metadata = ?1)
            OR EXISTS (SELECT 1 FROM parts WHERE digest = ?1)
            OR EXISTS (SELECT 1 FROM packed WHERE digest = ?1)
            OR EXISTS (SELECT 1 FROM gone WHERE digest = ?1)";
        Ok(self
            .db
            .prepare_cached(sql)?
            .query_row([digest.to_string()], |r| r.get(0))?)
    }

    /// Every pack that holds something.
    pub fn packs(&self) -> Result<Vec<Digest>, IndexError> {
        let mut query = self.db.prepare("SELECT DISTINCT pack FROM packed")?;
        let mut rows = query.query([])?;
        let mut out = Vec::new();
        while let Some(r) = rows.next()? {
            out.push(r.get::<_, String>(0)?.parse()?);
        }
        Ok(out)
    }

    /// When blobs were given up last.
    pub fn collected_at(&self) -> Result<Option<Timestamp>, IndexError> {
        let sql = "SELECT at FROM changes WHERE verb = 'retire' ORDER BY n DESC, k DESC LIMIT 1";
        let found: Option<String> = self.db.prepare(sql)?.query_row([], |r| r.get(0)).optional()?;
        found.map(|at| Ok(Timestamp::parse(&at)?)).transpose()
    }

    /// The digest of an entry of the log, as it was applied.
    pub fn entry_digest(&self, n: Revision) -> Result<Option<Digest>, IndexError> {
        let mut query = self
            .db
            .prepare_cached("SELECT digest FROM commits WHERE n = ?1")?;
        let found: Option<String> = query.query_row([n.0], |r| r.get(0)).optional()?;
        found.map(|digest| Ok(digest.parse()?)).transpose()
    }

    /// What SQLite finds wrong with its file; empty where it finds nothing.
    pub fn integrity(&self) -> Result<Vec<String>, IndexError> {
        let mut query = self.db.prepare("PRAGMA integrity_check(10)")?;
        let lines: Vec<String> = query
            .query_map([], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// Whether the tables are those of this version.
    pub fn is_current(&self) -> Result<bool, IndexError> {
        let schema: i64 = self.db.query_row("PRAGMA user_version", [], |r| r.get(0))?;
        Ok(schema == crate::schema::SCHEMA)
    }

    /// The digests under which a channel ever served a filename and that were purged.
    pub fn purged_under(&self, channel: &ChannelName, filename: &str) -> Result<Vec<Digest>, IndexError> {
        let sql = "SELECT DISTINCT served FROM artifacts JOIN gone ON digest = served AND verb = 'purge'
            WHERE channel = ?1 AND filename = ?2 ORDER BY served";
        let mut query = self.db.prepare_cached(sql)?;
        let digests: Vec<String> = query
            .query_map([channel.as_str(), filename], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        digests.iter().map(|d| Ok(d.parse()?)).collect()
    }

    /// The revision with which the newest but `count` - 1 states of a channel began; 0 where it had fewer.
    pub fn generation(&self, channel: &ChannelName, count: u32) -> Result<Revision, IndexError> {
        let sql = "SELECT DISTINCT n FROM changes WHERE channel = ?1 AND verb NOT IN ('refresh', 'tag')
            ORDER BY n DESC LIMIT 1 OFFSET ?2";
        let skip = count.saturating_sub(1);
        let found = self
            .db
            .prepare_cached(sql)?
            .query_row(rusqlite::params![channel.as_str(), skip], |r| r.get(0));
        Ok(found.optional()?.map(Revision).unwrap_or_default())
    }

    /// The blobs of packages that no revision would need any longer if channels kept nothing before these floors (and,
    /// as ever, before those that they have) but what is tagged.
    pub fn needless(&self, floors: &BTreeMap<ChannelName, Revision>) -> Result<Vec<Digest>, IndexError> {
        let sql = "SELECT served, received, channel, from_n, to_n, '' FROM artifacts
            UNION ALL SELECT digest, digest, channel, from_n, to_n, name
                FROM parts JOIN artifacts ON id = artifact";
        let mut tags: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        let mut query = self.db.prepare_cached("SELECT channel, at_n FROM tags")?;
        let mut rows = query.query([])?;
        while let Some(r) = rows.next()? {
            tags.entry(r.get(0)?).or_default().push(r.get(1)?);
        }
        // A channel that was deleted has no floor of its own: only one that is given.
        let mut floor_of: BTreeMap<String, u64> = floors
            .iter()
            .map(|(name, floor)| (name.to_string(), floor.0))
            .collect();
        for name in self.channel_names()? {
            let given = floors.get(&name).copied().unwrap_or_default();
            floor_of.insert(name.to_string(), given.max(self.floor(&name)?).0);
        }
        let (mut needed, mut all) = (BTreeSet::new(), BTreeSet::new());
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query([])?;
        while let Some(r) = rows.next()? {
            let blobs = [r.get::<_, String>(0)?, r.get(1)?];
            let (channel, from, to): (String, u64, Option<u64>) = (r.get(2)?, r.get(3)?, r.get(4)?);
            let floor = floor_of.get(&channel).copied();
            let tagged = tags.get(&channel).into_iter().flatten();
            let needs = match to {
                None => true,
                Some(to) => {
                    floor.is_none_or(|floor| to > floor) || tagged.clone().any(|at| from <= *at && *at < to)
                }
            };
            if needs {
                needed.extend(blobs.clone());
            }
            all.extend(blobs);
        }
        let mut out = Vec::new();
        for digest in all.difference(&needed) {
            let digest: Digest = digest.parse()?;
            if self.gone(&digest)?.is_none() {
                out.push(digest);
            }
        }
        Ok(out)
    }

    /// A digest of all rows, so that two indexes can be compared.
    pub fn fingerprint(&self) -> Result<Digest, IndexError> {
        use crate::schema::TABLES;
        use rusqlite::types::ValueRef;
        let mut hasher = packyard_types::Hasher::new();
        for table in TABLES {
            let mut query = self.db.prepare(&format!("SELECT * FROM {table}"))?;
            let columns = query.column_count();
            let mut lines = Vec::new();
            let mut rows = query.query([])?;
            while let Some(r) = rows.next()? {
                let mut line = table.to_owned();
                for i in 0..columns {
                    let cell = match r.get_ref(i)? {
                        ValueRef::Null => "null".to_owned(),
                        ValueRef::Integer(n) => n.to_string(),
                        ValueRef::Real(x) => x.to_string(),
                        ValueRef::Text(t) | ValueRef::Blob(t) => Digest::of(t).to_string(),
                    };
                    line.push_str(&format!("|{cell}"));
                }
                lines.push(line);
            }
            // Rows are compared as a set: the order in a table without a key is not part of the answer.
            lines.sort();
            lines.iter().for_each(|l| hasher.update(l.as_bytes()));
        }
        Ok(hasher.finish().digest)
    }
}
