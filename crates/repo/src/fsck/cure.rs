//! Putting right what is wrong. Nothing is destroyed: what is replaced goes to `DIR/damaged/`.
//!
//! Everything is checked before it takes the place of anything: a blob and an entry by the digest that the log names, a
//! record by its seal, a key by a signature and by the log.

use super::{Finding, Fsck, Repaired, Spare, chain::object, needs};
use crate::{DataDir, RepoError, commit, keys, pack};
use packyard_index::Index;
use packyard_store::{Key, Meta, Sealed, Store};
use packyard_types::{Blob, Digest, Hasher, Revision};
use std::{
    fs::{self, File},
    io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};
use tokio::runtime::Handle;

/// What would put a thing right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cure {
    /// A sound `meta.json`, of the same yard.
    Meta,
    /// A sound entry.
    Entry {
        n: Revision,
        prev: Option<Digest>,
        expected: Option<Digest>,
    },
    /// Sound bytes.
    Blob {
        blob: Blob,
        served_at: Vec<String>,
        /// Whether it may be given up instead.
        purge: bool,
    },
    /// Nobody needs it: it is put aside.
    Aside,
    /// A sound record, or none.
    Record { lost: &'static str },
    /// A replay.
    Index,
    /// A sound key.
    Key { file: String },
    /// Nothing that is known here.
    None(&'static str),
}

/// Objects up to this length are tried with each of their bits changed: a search of seconds.
const SEARCHED_BYTES: u64 = 16 << 10;

impl Cure {
    /// What to do, for people.
    pub(super) fn advice(&self) -> String {
        let from = "`packyard fsck --repair --from BACKUP`";
        match self {
            Self::Meta | Self::Key { .. } => format!("{from} takes it back from a backup of this yard"),
            Self::Blob {
                blob, purge: true, ..
            } => format!(
                "{from} takes it back from a backup, a server or an export; or give it up: `packyard purge {}`",
                blob.digest
            ),
            Self::Entry { .. } | Self::Blob { .. } => format!("{from} takes it back from a backup"),
            Self::Aside => "nothing needs it; `packyard fsck --repair` puts it aside".to_owned(),
            Self::Record { lost } => {
                format!("{from} takes it back from a backup; without one --repair puts it aside, and {lost}")
            }
            Self::Index => "`packyard fsck --repair` or `packyard reindex` makes it from the log".to_owned(),
            Self::None(advice) => (*advice).to_owned(),
        }
    }
}

impl Fsck {
    /// Puts right what can be. What cannot be is found again by the next look.
    pub(super) fn cure(
        &self,
        findings: &[Finding],
        store: &Store,
        runtime: &Handle,
    ) -> Result<Vec<Repaired>, RepoError> {
        let mut repaired = Vec::new();
        for finding in findings {
            let Some(cure) = &finding.cure else { continue };
            let work = Work {
                fsck: self,
                store,
                runtime,
                object: &finding.object,
            };
            if let Some(how) = work.by(cure)? {
                repaired.push(Repaired {
                    object: finding.object.clone(),
                    problem: finding.problem.clone(),
                    how,
                });
            }
        }
        Ok(repaired)
    }

    /// Where there is no store at all, all of a backup: that is how one comes back from a bucket.
    pub(super) fn fetch_all(&self, store: &Store, runtime: &Handle) -> Result<Vec<Repaired>, RepoError> {
        if !runtime.block_on(store.inventory())?.is_empty() {
            return Ok(Vec::new());
        }
        for spare in &self.spares {
            let Some(objects) = spare.objects().map_err(|e| failed("listing a backup", e))? else {
                continue;
            };
            // The entries last, in their order, and `meta.json` at the very end: without it there is no yard yet.
            let mut paths: Vec<&String> = objects.keys().collect();
            paths.sort_by_key(|path| {
                (
                    path.as_str() == "meta.json",
                    path.starts_with("log/"),
                    path.as_str(),
                )
            });
            for path in &paths {
                let file = fresh(&self.dir)?;
                if spare
                    .bring(&object(path), file.path())
                    .map_err(|e| failed("reading a backup", e))?
                {
                    runtime.block_on(store.mend(path, file.path()))?;
                }
            }
            return Ok(vec![Repaired {
                object: "store".to_owned(),
                problem: "there was none".to_owned(),
                how: format!("{} files were taken back from {}", paths.len(), spare.place()),
            }]);
        }
        Ok(Vec::new())
    }
}

struct Work<'a> {
    fsck: &'a Fsck,
    store: &'a Store,
    runtime: &'a Handle,
    object: &'a str,
}

impl Work<'_> {
    fn by(&self, cure: &Cure) -> Result<Option<String>, RepoError> {
        match cure {
            Cure::Meta => self.taken_back(&[], |bytes, spare| {
                Meta::is_as_written(bytes) && self.is_of_this_yard(spare)
            }),
            Cure::Entry { n, prev, expected } => self.entry(*n, *prev, *expected),
            Cure::Blob { blob, served_at, .. } => self.blob(blob, served_at),
            Cure::Aside => self
                .aside()
                .map(|()| Some("put aside in damaged/: nothing needs it".to_owned())),
            Cure::Record { lost } => {
                let whole = |bytes: &[u8], _: &dyn Spare| {
                    matches!(Sealed::of(&bytes.to_vec().into()), Sealed::Whole(_))
                };
                if let Some(how) = self.taken_back(&[], whole)? {
                    return Ok(Some(how));
                }
                self.aside()?;
                Ok(Some(format!("put aside in damaged/: {lost}")))
            }
            Cure::Index => self.index(),
            Cure::Key { file } => self.key(file),
            Cure::None(_) => Ok(None),
        }
    }

    fn entry(
        &self,
        n: Revision,
        prev: Option<Digest>,
        expected: Option<Digest>,
    ) -> Result<Option<String>, RepoError> {
        if let (Some(digest), Some(bytes)) = (expected, self.bytes()?)
            && let Some(mended) = unflipped(&bytes, &digest)
        {
            self.put_bytes(&mended)?;
            return Ok(Some("one bit had flipped, and was flipped back".to_owned()));
        }
        let sound = |bytes: &[u8], _: &dyn Spare| {
            let read = commit::read_entry(n, bytes);
            let fits = |commit: packyard_types::Commit| prev.is_none() || commit.prev == prev;
            match expected {
                Some(digest) => Digest::of(bytes) == digest,
                None => read.is_ok_and(fits),
            }
        };
        self.taken_back(&[], sound)
    }

    fn blob(&self, blob: &Blob, served_at: &[String]) -> Result<Option<String>, RepoError> {
        let path = needs::path(&blob.digest);
        let size = self
            .store
            .local_object_path(&path)
            .and_then(|p| fs::metadata(p).ok());
        if size.is_some_and(|meta| meta.len() == blob.size_bytes && meta.len() <= SEARCHED_BYTES)
            && let Some(bytes) = self.bytes()?
            && let Some(mended) = unflipped(&bytes, &blob.digest)
        {
            self.put_bytes(&mended)?;
            return Ok(Some("one bit had flipped, and was flipped back".to_owned()));
        }
        if let Some(mended) = self.bytes()?.and_then(|bytes| mended_pack(*blob, &bytes)) {
            self.put_bytes(&mended)?;
            return Ok(Some(
                "one bit of a member had flipped, and was flipped back".to_owned(),
            ));
        }
        let places: Vec<&str> = std::iter::once(self.object)
            .chain(served_at.iter().map(String::as_str))
            .collect();
        for spare in &self.fsck.spares {
            for place in &places {
                let file = fresh(&self.fsck.dir)?;
                // A place that does not answer is as good as one that has nothing.
                if spare.bring(place, file.path()).unwrap_or(false) && hashed(file.path())? == *blob {
                    self.install(file.path())?;
                    return Ok(Some(format!("taken back from {}", spare.place())));
                }
            }
        }
        Ok(None)
    }

    fn key(&self, file: &str) -> Result<Option<String>, RepoError> {
        let dir = self.fsck.dir.keys();
        let path = dir.join(file);
        // Nothing but its mode may be wrong.
        if let Ok(meta) = fs::metadata(&path)
            && meta.permissions().mode() & 0o077 != 0
        {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
                .map_err(io_of("protecting a key"))?;
            return Ok(Some("its mode is 0600 now".to_owned()));
        }
        for spare in &self.fsck.spares {
            // Beside the others, so that it is looked at as they are.
            let room = tempfile::tempdir_in(self.fsck.dir.tmp()).map_err(io_of("making a directory"))?;
            let copy = room.path().join(file);
            if !spare.bring(self.object, &copy).unwrap_or(false) {
                continue;
            }
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o600))
                .map_err(io_of("protecting a key"))?;
            let known = Index::open_reader(&self.fsck.dir.index())
                .ok()
                .and_then(|i| i.keys().ok().flatten());
            let examined = keys::examine(room.path(), known.as_ref(), self.fsck.at);
            if examined.iter().all(|e| e.problem.is_none() && e.note.is_none()) {
                self.aside()?;
                fs::rename(&copy, &path).map_err(io_of("putting a key in its place"))?;
                return Ok(Some(format!("taken back from {}", spare.place())));
            }
        }
        Ok(None)
    }

    /// Makes the index anew. The damaged one is replaced where nobody else has it open, and else emptied and filled.
    fn index(&self) -> Result<Option<String>, RepoError> {
        let dir = &self.fsck.dir;
        let path = dir.index();
        if let Some(_alone) = dir.lock_alone()? {
            for suffix in ["", "-wal", "-shm"] {
                let file = dir.root().join(format!("index.sqlite{suffix}"));
                if file.exists() {
                    put_aside(dir, &file, &format!("index.sqlite{suffix}"))?;
                }
            }
        }
        let (store, runtime) = (self.store, self.runtime);
        let made = Index::open(&path)
            .map_err(RepoError::from)
            .and_then(|mut index| index.transaction(|index| commit::rebuild(index, store, runtime)));
        // Damaged pages may keep it from being emptied; the next look says so again.
        Ok(made
            .ok()
            .map(|revision| format!("made anew from the log, up to revision {revision}")))
    }

    /// Takes the object from the first spare whose copy is sound.
    fn taken_back(
        &self,
        more: &[&str],
        sound: impl Fn(&[u8], &dyn Spare) -> bool,
    ) -> Result<Option<String>, RepoError> {
        for spare in &self.fsck.spares {
            for place in std::iter::once(&self.object).chain(more) {
                let file = fresh(&self.fsck.dir)?;
                if !spare.bring(place, file.path()).unwrap_or(false) {
                    continue;
                }
                let bytes = fs::read(file.path()).map_err(io_of("reading a copy"))?;
                if sound(&bytes, spare.as_ref()) {
                    self.install(file.path())?;
                    return Ok(Some(format!("taken back from {}", spare.place())));
                }
            }
        }
        Ok(None)
    }

    /// Whether a spare has the same first entry.
    fn is_of_this_yard(&self, spare: &dyn Spare) -> bool {
        let first = Key::Log(Revision(1)).to_string();
        let ours = self.runtime.block_on(self.store.object(&first)).ok().flatten();
        let theirs = fresh(&self.fsck.dir).ok().and_then(|file| {
            let there = spare.bring(&object(&first), file.path()).ok()?;
            there.then(|| fs::read(file.path()).ok()).flatten()
        });
        ours.is_some_and(|ours| theirs.is_some_and(|theirs| *ours == *theirs))
    }

    fn path(&self) -> &str {
        self.object.strip_prefix("store/").unwrap_or(self.object)
    }

    fn bytes(&self) -> Result<Option<Vec<u8>>, RepoError> {
        let bytes = self.runtime.block_on(self.store.object(self.path()))?;
        Ok(bytes.map(|bytes| bytes.to_vec()))
    }

    fn put_bytes(&self, bytes: &[u8]) -> Result<(), RepoError> {
        let file = fresh(&self.fsck.dir)?;
        fs::write(file.path(), bytes).map_err(io_of("writing a file"))?;
        self.install(file.path())
    }

    fn install(&self, file: &Path) -> Result<(), RepoError> {
        self.aside()?;
        // As others of the store are: a temporary file is private.
        fs::set_permissions(file, fs::Permissions::from_mode(0o644)).map_err(io_of("writing a file"))?;
        Ok(self.runtime.block_on(self.store.mend(self.path(), file))?)
    }

    /// Keeps what is damaged, out of the way.
    fn aside(&self) -> Result<(), RepoError> {
        let dir = &self.fsck.dir;
        let place = dir.root().join(self.object);
        if place.exists() {
            put_aside(dir, &place, self.object)?;
        }
        Ok(())
    }
}

/// The bytes with the one bit changed that gives them this digest; none where no bit does, or they are too many to try.
fn unflipped(bytes: &[u8], digest: &Digest) -> Option<Vec<u8>> {
    if bytes.len() as u64 > SEARCHED_BYTES {
        return None;
    }
    let mut tried = bytes.to_vec();
    for at in 0..tried.len() {
        for bit in 0..8 {
            tried[at] ^= 1 << bit;
            if Digest::of(&tried) == *digest {
                return Some(tried);
            }
            tried[at] ^= 1 << bit;
        }
    }
    None
}

/// A pack of which one member has a flipped bit: its table of contents says which member that is.
fn mended_pack(blob: Blob, bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() as u64 != blob.size_bytes {
        return None;
    }
    let mut mended = bytes.to_vec();
    for (digest, at) in pack::contents(blob, bytes).ok()? {
        let start = usize::try_from(at.start).ok()?;
        let end = start + usize::try_from(at.size_bytes).ok()?;
        if Digest::of(&bytes[start..end]) != digest {
            let member = unflipped(&bytes[start..end], &digest)?;
            mended[start..end].copy_from_slice(&member);
        }
    }
    (Blob::of(&mended) == blob).then_some(mended)
}

fn put_aside(dir: &DataDir, place: &Path, name: &str) -> Result<(), RepoError> {
    let aside = dir.root().join("damaged");
    let mut private = fs::DirBuilder::new();
    private
        .recursive(true)
        .mode(0o700)
        .create(&aside)
        .map_err(io_of("making a directory"))?;
    fs::rename(place, free(&aside, &name.replace('/', "_"))).map_err(io_of("putting a damaged file aside"))
}

/// A name that is not taken.
fn free(dir: &Path, name: &str) -> PathBuf {
    let mut path = dir.join(name);
    let mut n = 1;
    while path.exists() {
        path = dir.join(format!("{name}.{n}"));
        n += 1;
    }
    path
}

/// A new file on the file system of the store.
fn fresh(dir: &DataDir) -> Result<tempfile::NamedTempFile, RepoError> {
    fs::create_dir_all(dir.tmp()).map_err(io_of("making a directory"))?;
    tempfile::NamedTempFile::new_in(dir.tmp()).map_err(io_of("making a file"))
}

fn hashed(file: &Path) -> Result<Blob, RepoError> {
    let mut hasher = Hasher::new();
    let copied = File::open(file).and_then(|mut file| io::copy(&mut file, &mut hasher));
    copied.map_err(io_of("reading a copy"))?;
    Ok(hasher.finish())
}

fn io_of(operation: &str) -> impl Fn(io::Error) -> RepoError {
    move |source| RepoError::Io {
        operation: operation.to_owned(),
        source,
    }
}

fn failed(operation: &str, reason: String) -> RepoError {
    RepoError::Io {
        operation: operation.to_owned(),
        source: io::Error::other(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_flipped_bit_of_a_member_of_a_large_pack_is_flipped_back() {
        let members = [vec![b'x'; 40_000], b"a small one".to_vec(), vec![b'y'; 3000]];
        let pack = pack::pack(
            &members
                .map(|m| (Digest::of(&m), m))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
        );
        let small = pack.bytes.windows(7).position(|w| w == b"a small").unwrap();
        let mut damaged = pack.bytes.clone();
        damaged[small + 3] ^= 16;
        assert_eq!(mended_pack(pack.blob, &damaged), Some(pack.bytes.clone()));
        damaged[small + 4] ^= 16;
        assert_eq!(mended_pack(pack.blob, &damaged), None);
    }
}
