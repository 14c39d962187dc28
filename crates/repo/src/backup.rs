//! A backup: the store as it is at a revision, in a directory or a bucket, taken while others publish.
//!
//! The log decides what a backup holds. Blobs are copied first, then records outside the history, then entries in their
//! order, the newest last, and for a new backup `meta.json` at the very end: whatever moment cuts it off, what is there is
//! a whole older backup, or none. A second run copies what the first has not.
//!
//! What garbage collection deletes while blobs are copied is named by an entry that was written before; when one was, the
//! copying begins again, and goes as far as that entry. Nothing is overwritten that may be better than what is here: a blob
//! that is damaged here is not copied, and said.

mod besides;

use crate::{DataDir, RepoError, commit};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use packyard_store::{Key, ServedAs, Site, Store, is_record};
use packyard_types::{Blob, Digest, Hasher, Revision, ServedPath, Timestamp};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// What is backed up, and where to.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The data directory.
    pub dir: DataDir,
    /// Where to.
    pub site: Arc<dyn Site>,
    /// Whether the private keys are copied too. Not into a bucket.
    pub with_keys: bool,
    /// Whether what was purged or given up leaves the backup too, and staged records that are done with.
    pub prune: bool,
    /// The time.
    pub at: Timestamp,
}

/// What was done.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BackedUp {
    /// Where to.
    pub place: String,
    /// The newest revision of the backup.
    pub revision: Revision,
    /// The one that it had before.
    pub before: Revision,
    /// How many files were copied.
    pub copied: u64,
    /// How many bytes they have.
    pub copied_bytes: u64,
    /// How many were there.
    pub there: u64,
    /// How many files were pruned.
    pub pruned: u64,
    /// How many private keys it holds; 0 where they were not asked for.
    pub keys: u64,
    /// What is damaged here, and was not copied.
    pub damaged: Vec<String>,
}

/// `backup.json`: what the last run left. It is the only one that knows the digest of the newest entry besides an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRecord {
    /// When.
    pub at: Timestamp,
    /// Where it lies; what it is called there.
    pub place: String,
    /// The newest revision.
    pub revision: Revision,
    /// The digest of its entry.
    pub sha256: Digest,
}

/// Where the record lies, in the backup, and in the data directory that it was made from, as `last-backup.json`.
pub const RECORD: &str = "backup.json";

/// How many files are copied at a time.
const AT_ONCE: usize = 4;
/// How often copying begins again because something was given up meanwhile.
const ROUNDS: usize = 16;

impl Backup {
    /// Makes the backup, or brings it up to now.
    pub async fn run(self) -> Result<BackedUp, RepoError> {
        if self.with_keys && self.site.is_remote() {
            return Err(RepoError::Unsupported(
                "private keys do not go into a bucket\nhint: leave --with-keys out, and keep `packyard key export` where \
                 secrets are kept"
                    .to_owned(),
            ));
        }
        let store = Store::open_local(self.dir.root()).await?;
        self.site.begin().await?;
        let there = self.site.list().await?;
        let there = there
            .into_iter()
            .map(|(path, found)| (path.to_string(), found.size_bytes));
        let mut run = Run {
            backup: &self,
            store: &store,
            there: there.collect(),
            done: BackedUp::default(),
            scratch: AtomicU64::new(0),
        };
        run.done.place = self.site.place();
        run.same_yard().await?;
        let head = run.blobs().await?;
        run.entries(head).await?;
        if self.with_keys {
            run.keys()?;
        }
        if self.prune {
            run.prune().await?;
        }
        run.record(head).await?;
        let done = run.done;
        self.site.end().await?;
        Ok(done)
    }
}

struct Run<'a> {
    backup: &'a Backup,
    store: &'a Store,
    /// What the backup has.
    there: BTreeMap<String, u64>,
    done: BackedUp,
    scratch: AtomicU64,
}

/// What became of a file.
enum Copied {
    Bytes(u64),
    Vanished,
    Damaged(String),
}

impl Run<'_> {
    /// Refuses a backup of another yard, and one that has gone its own way.
    async fn same_yard(&mut self) -> Result<(), RepoError> {
        let refused = |reason: String| RepoError::Unsupported(format!("`{}` {reason}", self.done.place));
        let meta = Key::Meta.to_string();
        let ours = self.store.object(&meta).await?;
        let theirs = self.backup.site.read(&path(&meta)?).await?;
        if theirs.is_some() && theirs != ours {
            return Err(refused(
                "is the backup of another yard\nhint: choose another place".to_owned(),
            ));
        }
        let logged = self
            .there
            .keys()
            .filter_map(|p| match Key::parse(p.strip_prefix("store/")?) {
                Some(Key::Log(n)) => Some(n),
                _ => None,
            });
        let Some(newest) = logged.max() else { return Ok(()) };
        let entry = Key::Log(newest).to_string();
        // The newest one may be what a crash left, empty: it is written again.
        let theirs = self
            .backup
            .site
            .read(&path(&entry)?)
            .await?
            .filter(|bytes| !bytes.is_empty());
        if theirs.is_some() && theirs != self.store.object(&entry).await? {
            return Err(refused(format!(
                "has another revision {newest}: something was published to it, or this yard was put back\nhint: choose \
                 another place for new backups, and keep that one"
            )));
        }
        self.done.before = newest;
        Ok(())
    }

    /// Copies blobs and records until nothing of them was given up meanwhile. Gives the revision that they are enough for.
    async fn blobs(&mut self) -> Result<Revision, RepoError> {
        let mut head = self.store.log_head().await?;
        for _ in 0..ROUNDS {
            let objects = self.store.inventory().await?;
            // A record names blobs that were there before it: the list of records must not be the newer one.
            let records: Vec<(String, u64)> = objects
                .iter()
                .filter(|(p, _)| is_record(p))
                .map(|(p, n)| (p.clone(), *n))
                .collect();
            let blobs: Vec<(String, u64)> = self
                .store
                .inventory()
                .await?
                .into_iter()
                .filter(|(p, _)| matches!(Key::parse(p), Some(Key::Blob(_))))
                .collect();
            let mut vanished = self.copy_all(blobs).await?;
            self.backup.site.settle().await?;
            vanished |= self.copy_all(records).await?;
            self.backup.site.settle().await?;
            let now = self.store.log_head().await?;
            if !vanished && !self.gave_up(head, now).await? {
                return Ok(head);
            }
            head = now;
        }
        Err(RepoError::Unsupported(
            "blobs are given up faster than they can be copied\nhint: try again when no garbage is collected"
                .to_owned(),
        ))
    }

    /// Whether an entry between two revisions took blobs away.
    async fn gave_up(&self, after: Revision, last: Revision) -> Result<bool, RepoError> {
        let mut n = after;
        while n < last {
            n = n.next();
            let Some(entry) = self.store.log_entry(n).await? else {
                return Ok(true);
            };
            let text = String::from_utf8_lossy(&entry);
            let takes = ["\"do\":\"retire\"", "\"do\":\"purge\"", "\"changes_blob\""];
            if takes.iter().any(|verb| text.contains(verb)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Copies those that the backup lacks. Whether one was there no more.
    async fn copy_all(&mut self, all: Vec<(String, u64)>) -> Result<bool, RepoError> {
        let lacking: Vec<(String, u64)> = all
            .into_iter()
            .filter(|(p, size)| self.there.get(&format!("store/{p}")) != Some(size))
            .collect();
        let this = &*self;
        let copied: Vec<(String, u64, Copied)> = stream::iter(lacking)
            .map(|(p, size)| async move {
                let copied = this.copy(&p).await?;
                Ok::<_, RepoError>((p, size, copied))
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        let mut vanished = false;
        for (p, size, copied) in copied {
            match copied {
                Copied::Bytes(bytes) => {
                    self.done.copied += 1;
                    self.done.copied_bytes += bytes;
                    self.there.insert(format!("store/{p}"), size);
                }
                Copied::Vanished => vanished = true,
                Copied::Damaged(problem) => {
                    let known = format!("store/{p}: {problem}");
                    if !self.done.damaged.contains(&known) {
                        self.done.damaged.push(known);
                    }
                }
            }
        }
        Ok(vanished)
    }

    async fn copy(&self, object: &str) -> Result<Copied, RepoError> {
        let number = self.scratch.fetch_add(1, Ordering::Relaxed);
        let file = self.backup.site.scratch().join(format!("file-{number}"));
        let Some(from) = self.store.local_object_path(object) else {
            return Err(RepoError::Unsupported(
                "only a store on a local disk can be backed up".to_owned(),
            ));
        };
        let to = file.clone();
        let copied =
            crate::yard::blocking(move || copied(&from, &to).map_err(io_of("copying a file"))).await?;
        let Some(blob) = copied else {
            return Ok(Copied::Vanished);
        };
        if let Some(Key::Blob(digest)) = Key::parse(object)
            && digest != blob.digest
        {
            let _ = fs::remove_file(&file);
            return Ok(Copied::Damaged(format!("its bytes have sha256 {}", blob.digest)));
        }
        self.backup.site.put(&path(object)?, &file, &served()).await?;
        Ok(Copied::Bytes(blob.size_bytes))
    }

    /// Copies the entries up to a revision in their order, checking the chain, and `meta.json` last.
    async fn entries(&mut self, head: Revision) -> Result<(), RepoError> {
        let mut n = Revision(0);
        let mut before: Option<Digest> = None;
        while n < head {
            n = n.next();
            let entry = self.store.log_entry(n).await?;
            let damaged = |reason: String| RepoError::Damaged {
                what: format!("log entry {n}"),
                reason,
            };
            let entry = entry.ok_or_else(|| damaged("it is missing".to_owned()))?;
            if commit::read_entry(n, &entry)?.prev != before {
                return Err(damaged(
                    "it does not follow the one before it; `packyard fsck` says more".to_owned(),
                ));
            }
            before = Some(Digest::of(&entry));
            let object = Key::Log(n).to_string();
            let known = self.there.get(&format!("store/{object}"));
            if known == Some(&(entry.len() as u64)) {
                continue;
            }
            if n == head {
                self.backup.site.settle().await?;
            }
            self.copy_all(vec![(object, entry.len() as u64)]).await?;
        }
        self.backup.site.settle().await?;
        let meta = Key::Meta.to_string();
        let size = self
            .store
            .object(&meta)
            .await?
            .map_or(0, |bytes| bytes.len() as u64);
        self.copy_all(vec![(meta, size)]).await?;
        self.backup.site.settle().await?;
        self.done.there = (self.there.keys().filter(|p| p.starts_with("store/")).count() as u64)
            .saturating_sub(self.done.copied);
        self.done.revision = head;
        Ok(())
    }
}

/// What the last backup left in a directory: in a backup itself, or, by `last-backup.json`, in the yard.
pub fn backup_record(dir: &DataDir, file: &str) -> Option<BackupRecord> {
    serde_json::from_slice(&fs::read(dir.root().join(file)).ok()?).ok()
}

/// Copies and hashes; none where there is nothing to copy any more.
fn copied(from: &Path, to: &Path) -> io::Result<Option<Blob>> {
    let mut source = match File::open(from) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut sink = File::create(to)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        let n = io::Read::read(&mut source, &mut buffer)?;
        if n == 0 {
            return Ok(Some(hasher.finish()));
        }
        hasher.update(&buffer[..n]);
        io::Write::write_all(&mut sink, &buffer[..n])?;
    }
}

fn path(object: &str) -> Result<ServedPath, RepoError> {
    Ok(ServedPath::parse(&format!("store/{object}"))?)
}

fn served() -> ServedAs {
    ServedAs {
        content_type: "application/octet-stream".to_owned(),
        immutable: false,
    }
}

fn io_of(operation: &str) -> impl Fn(io::Error) -> RepoError {
    move |source| RepoError::Io {
        operation: operation.to_owned(),
        source,
    }
}
