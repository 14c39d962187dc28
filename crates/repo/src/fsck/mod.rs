//! Is everything there, and is it what it says it is? The chain of the log, every blob's digest, every index file against
//! its digest and against a fresh rendering, the index against a replay, keys, and the records outside the history.
//!
//! | file | what it looks at |
//! |---|---|
//! | `chain` | `meta.json`, the entries, their packs |
//! | `objects` | every other object of the store: blobs, records outside the history |
//! | `index` | `index.sqlite` against a replay, trees against their digests and a rendering |
//! | `needs` | what depends on a blob |
//! | `cure` | putting right what can be put right |
//! | `spare` | where sound copies come from |
//!
//! It needs no yard that opens: what is damaged is often what keeps one from opening. A check changes nothing; beside a
//! server it may find the log longer at its end than at its start, and takes what has been given up meanwhile for that.

mod chain;
mod cure;
mod index;
mod needs;
mod objects;
mod spare;

pub use spare::{DirectorySpare, Spare};

use crate::{DataDir, RepoError, Yard, yard::blocking};
use cure::Cure;
use packyard_index::Index;
use packyard_store::Store;
use packyard_types::{Artifact, Blob, ChannelName, Digest, Hasher, Revision, Timestamp};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io,
    sync::Arc,
};
use tokio::runtime::Handle;

/// What was looked at, and what is wrong.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FsckReport {
    /// The newest revision that could be read.
    pub revision: Revision,
    /// How many log entries were read.
    pub entries: u64,
    /// How many blobs were hashed.
    pub blobs: u64,
    /// How many index files were put together and hashed.
    pub index_files: u64,
    /// How many trees were compared with a fresh rendering.
    pub rendered: u64,
    /// How many records outside the history were read.
    pub records: u64,
    /// How many private keys were tried.
    pub keys: u64,
    /// What was put right.
    pub repaired: Vec<Repaired>,
    /// What is not wrong, and worth knowing.
    pub notes: Vec<String>,
    /// What is wrong; empty when all is well.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which: a file of the data directory, or an index file as clients ask for it.
    pub object: String,
    /// What is wrong with it.
    pub problem: String,
    /// What depends on it.
    pub needed_by: Vec<String>,
    /// What would mend it.
    pub mend: String,
    #[serde(skip)]
    pub(crate) cure: Option<Cure>,
}

/// One thing that was put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// Which.
    pub object: String,
    /// What was wrong.
    pub problem: String,
    /// What was done.
    pub how: String,
}

/// What to check, and whether to put right what is wrong.
#[derive(Clone)]
pub struct Fsck {
    /// The data directory. Nobody needs to have it open.
    pub dir: DataDir,
    /// The time, for the trial of the keys.
    pub at: Timestamp,
    /// Whether to repair.
    pub repair: bool,
    /// Where sound copies may be.
    pub spares: Vec<Arc<dyn Spare>>,
}

/// How often a repair looks again: what was mended may uncover what could not be seen before.
const PASSES: usize = 8;

impl Fsck {
    /// Looks at everything, and repairs where that is asked for.
    pub async fn run(self) -> Result<FsckReport, RepoError> {
        let store = Store::open_local(self.dir.root()).await?;
        let runtime = Handle::current();
        blocking(move || self.passes(&store, &runtime)).await
    }

    fn passes(&self, store: &Store, runtime: &Handle) -> Result<FsckReport, RepoError> {
        let mut repaired = Vec::new();
        if self.repair {
            repaired.extend(self.fetch_all(store, runtime)?);
        }
        for pass in 1.. {
            let mut report = Pass::new(&self.dir, self.at, store, runtime)?.look()?;
            let before = repaired.len();
            if self.repair && pass < PASSES {
                repaired.extend(self.cure(&report.findings, store, runtime)?);
            }
            if repaired.len() == before {
                report.repaired = repaired;
                return Ok(report);
            }
        }
        unreachable!("the last pass repairs nothing")
    }
}

/// One look at everything.
struct Pass<'a> {
    dir: &'a DataDir,
    at: Timestamp,
    store: &'a Store,
    runtime: &'a Handle,
    report: FsckReport,
    /// Every object of the store.
    objects: BTreeMap<String, u64>,
    /// What has been hashed, and what of it is sound.
    hashed: BTreeMap<Digest, bool>,
    /// The chunks and stored files that any tree names.
    named_by_trees: BTreeSet<Digest>,
}

impl<'a> Pass<'a> {
    fn new(
        dir: &'a DataDir,
        at: Timestamp,
        store: &'a Store,
        runtime: &'a Handle,
    ) -> Result<Self, RepoError> {
        let objects = runtime.block_on(store.inventory())?;
        Ok(Self {
            dir,
            at,
            store,
            runtime,
            report: FsckReport::default(),
            objects,
            hashed: BTreeMap::new(),
            named_by_trees: BTreeSet::new(),
        })
    }

    fn look(mut self) -> Result<FsckReport, RepoError> {
        let ours = Index::open_reader(&self.dir.index()).ok();
        self.meta()?;
        let sound = self.chain(ours.as_ref())?;
        let mut fresh = Index::memory()?;
        let complete = sound && self.replay(&mut fresh);
        drop(ours);
        let needs = self.needs(&fresh, complete)?;
        self.objects(&fresh, complete, &needs)?;
        if complete {
            self.trees(&fresh)?;
        }
        self.keys(&fresh, complete)?;
        Ok(self.report)
    }

    fn find(&mut self, object: String, problem: String, needed_by: Vec<String>, cure: Cure) {
        self.report.findings.push(Finding {
            object,
            problem,
            needed_by,
            mend: cure.advice(),
            cure: Some(cure),
        });
    }

    fn note(&mut self, note: String) {
        self.report.notes.push(note);
    }

    /// What an object hashes to, if it is there.
    fn hash(&self, path: &str) -> Result<Option<Blob>, String> {
        let Some(place) = self.store.local_object_path(path) else {
            let bytes = self.runtime.block_on(self.store.object(path));
            return Ok(bytes.map_err(|e| e.to_string())?.map(|b| Blob::of(&b)));
        };
        let mut file = match File::open(place) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(|e| e.to_string())?,
        };
        let mut hasher = Hasher::new();
        io::copy(&mut file, &mut hasher).map_err(|e| e.to_string())?;
        Ok(Some(hasher.finish()))
    }

    /// What is wrong with a blob that must be there, if anything. Each is hashed once.
    fn blob(&mut self, blob: &Blob) -> Option<String> {
        self.report.blobs += 1;
        let problem = match self.hash(&needs::path(&blob.digest)) {
            Ok(Some(found)) if found == *blob => None,
            Ok(Some(found)) if found.size_bytes == blob.size_bytes => {
                Some(format!("its bytes have sha256 {}", found.digest))
            }
            Ok(Some(found)) => Some(format!(
                "it has {} bytes, not {}",
                found.size_bytes, blob.size_bytes
            )),
            Ok(None) => Some("it is missing".to_owned()),
            Err(e) => Some(format!("it cannot be read: {e}")),
        };
        self.hashed.insert(blob.digest, problem.is_none());
        problem
    }
}

impl Yard {
    /// Looks at everything. Nothing is changed.
    pub async fn fsck(&self) -> Result<FsckReport, RepoError> {
        let check = Fsck {
            dir: self.dir().clone(),
            at: self.now(),
            repair: false,
            spares: Vec::new(),
        };
        let (store, runtime) = (self.store().clone(), Handle::current());
        blocking(move || check.passes(&store, &runtime)).await
    }

    /// A digest of the whole index: two indexes that answer alike have the same.
    pub fn fingerprint(&self) -> Result<Digest, RepoError> {
        self.read(|index| Ok(index.fingerprint()?))
    }

    /// Every artifact of every channel, now or at any time, with its channel.
    pub fn artifacts(&self) -> Result<Vec<(ChannelName, Artifact)>, RepoError> {
        self.read(|index| Ok(index.all_artifacts()?))
    }
}
