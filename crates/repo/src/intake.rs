//! Intake: a file is received into `tmp` while it is hashed, its facts are read from its bytes, an unsigned .rpm is
//! signed. Nothing is in the store before all of that has gone well.

mod known;
mod reading;
mod source;

use crate::{RepoError, Yard, foreign::Foreign, yard::blocking};
pub(crate) use known::is_kept;
use packyard_formats::intake::{Intake, Limits, NotAPackage, claims::Claims};
use packyard_types::{
    Artifact, ArtifactKind, ArtifactName, Blob, ComponentName, Digest, DistributionName, FactsRecord, Hasher,
};
use reading::{Signing, Taken, read, read_bytes, refusal, small_file};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
};
use tempfile::{NamedTempFile, TempPath};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How many packages this process reads, copies or signs at a time. More would not be faster, and each takes memory
/// for what is in it.
static READING: Semaphore = Semaphore::const_new(8);

/// A file of this machine up to this size is read once, into memory: hashed, signed and read there, and written once.
const SMALL_BYTES: u64 = 8 << 20;

/// A file that is arriving.
pub struct Receiver {
    file: NamedTempFile,
    hasher: Hasher,
    what: String,
    limit_bytes: u64,
    received_bytes: u64,
}

/// A file that has arrived: where it lies, and what it is.
pub struct Upload {
    place: Lies,
    /// Digest and size.
    pub blob: Blob,
    /// What an upload form says of it; such a file is also judged by all rules for new ones.
    claims: Option<Claims>,
}

/// Where an upload lies.
enum Lies {
    /// In `tmp`; it vanishes with this value. It is not kept open: hundreds may wait for the disk.
    Temporary(TempPath),
    /// In the store, on this machine's disk, since it was put there under its digest.
    Stored(PathBuf),
}

/// An artifact that is ready to be published: its blobs are in the store, or at hand.
#[derive(Clone)]
pub struct Ready {
    /// The artifact.
    pub artifact: Artifact,
    /// Its facts and sidecars.
    pub small: BTreeMap<Digest, Vec<u8>>,
    /// What to tell who uploads it, in sentences.
    pub warnings: Vec<String>,
}

/// Where an artifact shall go.
#[derive(Debug, Clone)]
pub struct Place {
    /// The OS release.
    pub distribution: DistributionName,
    /// apt's component.
    pub component: ComponentName,
}

impl Receiver {
    /// Where it is being written.
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Takes the next bytes. The write goes to the page cache and is short; the sync comes with the put into the store.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), RepoError> {
        self.received_bytes += bytes.len() as u64;
        if self.received_bytes > self.limit_bytes {
            return Err(RepoError::TooLarge {
                what: self.what.clone(),
                limit_bytes: self.limit_bytes,
            });
        }
        self.hasher.update(bytes);
        self.file
            .write_all(bytes)
            .map_err(RepoError::io(format!("receiving `{}`", self.what)))
    }

    /// The file has arrived.
    pub fn finish(self) -> Upload {
        Upload {
            place: Lies::Temporary(self.file.into_temp_path()),
            blob: self.hasher.finish(),
            claims: None,
        }
    }
}

impl Upload {
    /// A blob that the store has, read in place.
    pub(crate) fn stored(path: PathBuf, blob: Blob) -> Self {
        Self {
            place: Lies::Stored(path),
            blob,
            claims: None,
        }
    }

    /// Where it lies for now.
    pub fn path(&self) -> &Path {
        match &self.place {
            Lies::Temporary(file) => file,
            Lies::Stored(path) => path,
        }
    }

    /// It came by an upload form, which says this of it.
    #[must_use]
    pub fn claiming(self, claims: Claims) -> Self {
        Self {
            claims: Some(claims),
            ..self
        }
    }

    /// Compares it with the digest that the client announced.
    pub fn expect(self, what: &str, claimed: &Digest) -> Result<Self, RepoError> {
        if self.blob.digest == *claimed {
            return Ok(self);
        }
        Err(RepoError::DigestMismatch {
            what: what.to_owned(),
            actual: self.blob.digest,
            claimed: *claimed,
        })
    }
}

impl Yard {
    /// Begins to receive a file.
    pub fn receive(&self, what: &str, limit_bytes: u64) -> Result<Receiver, RepoError> {
        let file =
            NamedTempFile::new_in(self.dir().tmp()).map_err(RepoError::io(format!("receiving `{what}`")))?;
        Ok(Receiver {
            file,
            hasher: Hasher::new(),
            what: what.to_owned(),
            limit_bytes,
            received_bytes: 0,
        })
    }

    /// Takes in a file that lies on disk, by copying it to `tmp`.
    pub async fn receive_file(&self, what: &str, path: &Path, limit_bytes: u64) -> Result<Upload, RepoError> {
        let (mut receiver, path) = (self.receive(what, limit_bytes)?, path.to_owned());
        let _turn = turn().await?;
        blocking(move || {
            let reading = || RepoError::io(format!("reading `{}`", path.display()));
            let mut file = File::open(&path).map_err(reading())?;
            let mut buffer = vec![0; 1 << 16];
            loop {
                match file.read(&mut buffer).map_err(reading())? {
                    0 => return Ok(receiver.finish()),
                    n => receiver.write(&buffer[..n])?,
                }
            }
        })
        .await
    }

    /// Takes in a file that lies on this machine's disk; its bytes must be those that another repository's index
    /// vouches for, where one does.
    pub(crate) async fn take_in_file(
        &self,
        name: ArtifactName,
        path: &Path,
        vouched: Option<Digest>,
        place: Place,
        foreign: &Foreign,
        limits: &Limits,
    ) -> Result<Ready, RepoError> {
        let turn = turn().await?;
        let (from, most) = (path.to_owned(), limits.file_bytes.min(SMALL_BYTES));
        let Some((bytes, received)) = blocking(move || small_file(&from, most)).await? else {
            drop(turn);
            let mut upload = self.receive_file(name.as_str(), path, limits.file_bytes).await?;
            if let Some(digest) = vouched {
                upload = upload.expect(name.as_str(), &digest)?;
            }
            return self.take_in(name, upload, place, foreign, limits).await;
        };
        if let Some(claimed) = vouched.filter(|d| *d != received.digest) {
            return Err(RepoError::DigestMismatch {
                what: name.to_string(),
                actual: received.digest,
                claimed,
            });
        }
        self.not_purged(&format!("`{name}`"), &received.digest)?;
        if let Some(ready) = self
            .known(&name, &received.digest, &place, foreign, Some(path))
            .await?
        {
            return Ok(ready);
        }
        let (signing, tmp) = (self.signing(&name, foreign)?, self.dir().tmp());
        let (read_as, limits) = (name.clone(), limits.at(self.now()));
        let taken =
            blocking(move || read_bytes(&read_as, bytes, received, signing.as_ref(), &limits, &tmp)).await?;
        drop(turn);
        self.store_taken(name, taken, received, place).await
    }

    /// Reads an upload's facts, signs it where that is due, and puts it in the store.
    pub(crate) async fn take_in(
        &self,
        name: ArtifactName,
        upload: Upload,
        place: Place,
        foreign: &Foreign,
        limits: &Limits,
    ) -> Result<Ready, RepoError> {
        self.not_purged(&format!("`{name}`"), &upload.blob.digest)?;
        if let Some(ready) = self
            .known(&name, &upload.blob.digest, &place, foreign, Some(upload.path()))
            .await?
        {
            upload
                .claims
                .as_ref()
                .map_or(Ok(()), |claims| ready.agrees_with(claims))?;
            return Ok(ready);
        }
        let received = upload.blob;
        let taken = {
            let _turn = turn().await?;
            let signing = self.signing(&name, foreign)?;
            let (name, limits) = (name.clone(), limits.at(self.now()));
            blocking(move || read(&name, upload, signing.as_ref(), &limits)).await?
        };
        self.store_taken(name, taken, received, place).await
    }

    /// What signing takes, for a kind of package that is signed.
    fn signing(&self, name: &ArtifactName, foreign: &Foreign) -> Result<Option<Signing>, RepoError> {
        Ok(match name.kind() {
            ArtifactKind::Rpm | ArtifactKind::Srpm => Some(Signing {
                keys: self.writable()?,
                foreign: foreign.clone(),
                tmp: self.dir().tmp(),
                at: self.now(),
            }),
            _ => None,
        })
    }

    /// Puts what has been read into the store.
    async fn store_taken(
        &self,
        name: ArtifactName,
        taken: Taken,
        received: Blob,
        place: Place,
    ) -> Result<Ready, RepoError> {
        let Taken { served, intake } = taken;
        self.put_taken(served.blob, served.path()).await?;
        Ok(Ready::new(name, intake, received, served.blob, place))
    }

    /// Bytes that were purged do not come back, not even as a blob that nothing names.
    pub(crate) fn not_purged(&self, what: &str, digest: &Digest) -> Result<(), RepoError> {
        match self.read(|index| Ok(index.gone(digest)?))? {
            Some(gone) if gone.purged => Err(RepoError::Gone {
                what: what.to_owned(),
                revision: gone.revision,
                reason: gone.reason,
            }),
            _ => Ok(()),
        }
    }
}

impl Ready {
    fn new(name: ArtifactName, intake: Intake, received: Blob, served: Blob, place: Place) -> Self {
        let reader = concat!("packyard ", env!("CARGO_PKG_VERSION")).to_owned();
        let record = FactsRecord {
            reader,
            facts: intake.facts,
        };
        let facts = serde_json::to_vec(&record).expect("facts are JSON");
        let artifact = Artifact {
            package: intake.package,
            version: intake.version,
            arch: intake.arch,
            project: intake.project,
            release_version: intake.release_version,
            distribution: place.distribution,
            component: place.component,
            received,
            served,
            facts: Blob::of(&facts),
            parts: Vec::new(),
            uploaded_at: None,
            name,
        };
        let mut small: BTreeMap<Digest, Vec<u8>> =
            intake.sidecars.into_iter().map(|b| (Digest::of(&b), b)).collect();
        small.insert(artifact.facts.digest, facts);
        let of_it = |caution: String| format!("`{}`: {caution}", artifact.name);
        let warnings = intake.cautions.into_iter().map(of_it).collect();
        Self {
            artifact,
            small,
            warnings,
        }
    }

    /// A form that brings what is there already may not say other things of it either.
    fn agrees_with(&self, claims: &Claims) -> Result<(), RepoError> {
        let facts = self.small.get(&self.artifact.facts.digest);
        let Some(record) = facts.and_then(|raw| serde_json::from_slice::<FactsRecord>(raw).ok()) else {
            return Ok(());
        };
        let name = &self.artifact.name;
        let faults = claims.disagreements(name, &record.facts);
        if faults.is_empty() {
            return Ok(());
        }
        Err(refusal(
            faults.into_iter().map(|f| NotAPackage::of(name, f)).collect(),
        ))
    }
}

/// Waits for a turn to read a package.
async fn turn() -> Result<SemaphorePermit<'static>, RepoError> {
    READING.acquire().await.map_err(|_| RepoError::ShuttingDown)
}
