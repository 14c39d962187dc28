//! Opening the index, and its transactions.

use crate::{IndexError, schema};
use packyard_types::{Digest, Revision, Timestamp};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// One connection to the index.
///
/// - Rows are written only through [`Index::transaction`].
/// - The file may be deleted while no process has it open.
#[derive(Debug)]
pub struct Index {
    pub(crate) db: Connection,
}

/// How far the index has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The revision that it shows.
    pub revision: Revision,
    /// SHA-256 of that entry's bytes; none before the first.
    pub digest: Option<Digest>,
    /// When that entry was made.
    pub at: Timestamp,
}

impl Index {
    /// Opens the index for writing; makes it where there is none, and makes it anew where its schema is another.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let shown = |source| IndexError::Sqlite {
            path: path.display().to_string(),
            source,
        };
        match Self::try_open(path) {
            Err(e) if is_damage(&e) => {
                // The log has everything: what cannot be read is thrown away and made anew.
                for suffix in ["", "-wal", "-shm"] {
                    let mut name = path.as_os_str().to_owned();
                    name.push(suffix);
                    let _ = std::fs::remove_file(name);
                }
                Self::try_open(path).map_err(shown)
            }
            other => other.map_err(shown),
        }
    }

    fn try_open(path: &Path) -> rusqlite::Result<Self> {
        let index = Self {
            db: Connection::open(path)?,
        };
        index.settle()?;
        match index.schema()? {
            schema::SCHEMA => index.check()?,
            0 => index.create()?,
            _ => index.recreate()?,
        }
        Ok(index)
    }

    /// Reads a little of every table, so that gross damage shows now.
    fn check(&self) -> rusqlite::Result<()> {
        for table in schema::TABLES {
            self.db.query_row(
                &format!("SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 1)"),
                [],
                |_| Ok(()),
            )?;
        }
        Ok(())
    }

    /// Opens the index for reading only.
    pub fn open_reader(path: &Path) -> Result<Self, IndexError> {
        let shown = |source| IndexError::Sqlite {
            path: path.display().to_string(),
            source,
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(shown)?;
        db.busy_timeout(BUSY).map_err(shown)?;
        db.pragma_update(None, "cache_size", -512).map_err(shown)?;
        Ok(Self { db })
    }

    /// An index in memory, for tests.
    pub fn memory() -> Result<Self, IndexError> {
        let index = Self {
            db: Connection::open_in_memory()?,
        };
        index.create()?;
        Ok(index)
    }

    /// Runs `work` in one write transaction: all of it, or, when it fails, nothing.
    pub fn transaction<T, E: From<IndexError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let run = |db: &Connection, sql| db.execute_batch(sql).map_err(IndexError::from);
        if !self.db.is_autocommit() {
            // Work that panicked left a transaction open.
            run(&self.db, "ROLLBACK")?;
        }
        run(&self.db, "BEGIN IMMEDIATE")?;
        match work(self) {
            Ok(done) => {
                run(&self.db, "COMMIT")?;
                Ok(done)
            }
            Err(e) => {
                // An error of the rollback itself would only hide the one that matters.
                let _ = run(&self.db, "ROLLBACK");
                Err(e)
            }
        }
    }

    /// Runs `work` inside a transaction so that its rows vanish when it fails, and only they.
    pub fn savepoint<T, E: From<IndexError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let run = |db: &Connection, sql| db.execute_batch(sql).map_err(IndexError::from);
        run(&self.db, "SAVEPOINT change")?;
        match work(self) {
            Ok(done) => {
                run(&self.db, "RELEASE change")?;
                Ok(done)
            }
            Err(e) => {
                let _ = run(&self.db, "ROLLBACK TO change; RELEASE change");
                Err(e)
            }
        }
    }

    /// Forgets everything, as before the first commit. Call it inside a transaction.
    pub fn clear(&mut self) -> Result<(), IndexError> {
        for table in schema::TABLES {
            self.db.execute(&format!("DELETE FROM {table}"), [])?;
        }
        self.db.execute(
            "UPDATE applied SET n = 0, digest = NULL, at = '1970-01-01T00:00:00Z'",
            [],
        )?;
        Ok(())
    }

    /// How far it has come.
    pub fn applied(&self) -> Result<Applied, IndexError> {
        let sql = "SELECT n, digest, at FROM applied";
        let row = |r: &rusqlite::Row<'_>| {
            Ok((
                r.get::<_, u64>(0)?,
                r.get::<_, Option<String>>(1)?,
                r.get::<_, String>(2)?,
            ))
        };
        let (n, digest, at) = self.db.query_row(sql, [], row)?;
        let digest = digest.map(|d| d.parse()).transpose()?;
        Ok(Applied {
            revision: Revision(n),
            digest,
            at: Timestamp::parse(&at)?,
        })
    }

    /// The revision that it shows.
    pub fn revision(&self) -> Result<Revision, IndexError> {
        let mut query = self.db.prepare_cached("SELECT n FROM applied")?;
        Ok(Revision(query.query_row([], |r| r.get(0))?))
    }

    fn settle(&self) -> rusqlite::Result<()> {
        self.db.busy_timeout(BUSY)?;
        self.db.pragma_update(None, "journal_mode", "WAL")?;
        // The log is the truth and this can be rebuilt from it: NORMAL loses at most what start-up replays.
        self.db.pragma_update(None, "synchronous", "NORMAL")?;
        self.db.pragma_update(None, "cache_size", -2048)
    }

    fn schema(&self) -> rusqlite::Result<i64> {
        self.db.query_row("PRAGMA user_version", [], |r| r.get(0))
    }

    fn create(&self) -> rusqlite::Result<()> {
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        // Another process may have made it while this one waited for the lock.
        if self.schema()? != schema::SCHEMA {
            self.db.execute_batch(schema::CREATE)?;
            self.db.execute(
                "INSERT INTO applied VALUES (1, 0, NULL, '1970-01-01T00:00:00Z')",
                [],
            )?;
            self.db.pragma_update(None, "user_version", schema::SCHEMA)?;
        }
        self.db.execute_batch("COMMIT")
    }

    fn recreate(&self) -> rusqlite::Result<()> {
        let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let tables: Vec<String> = self
            .db
            .prepare(sql)?
            .query_map([], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for table in tables {
            self.db
                .execute_batch(&format!("DROP TABLE \"{}\"", table.replace('"', "\"\"")))?;
        }
        self.db.pragma_update(None, "user_version", 0)?;
        self.create()
    }
}

/// How long to wait for another process's write.
const BUSY: std::time::Duration = std::time::Duration::from_secs(30);

fn is_damage(e: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(e.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn a_transaction_that_panicked_is_rolled_back_by_the_next_one() {
        let mut index = Index::memory().unwrap();
        let insert = "INSERT INTO keys VALUES (1, 'a')";
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            index.transaction(|index| -> Result<(), IndexError> {
                index.db.execute(insert, [])?;
                panic!("a bug");
            })
        }));
        assert!(panicked.is_err());
        index.transaction(|_| Ok::<(), IndexError>(())).unwrap();
        assert_eq!(index.keys().unwrap(), None);
    }
}
