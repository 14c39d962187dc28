//! Intake: a file is received into `tmp` while it is hashed, its facts are read from its bytes, an unsigned .rpm is
//! signed. Nothing is in the store before all of that has gone well.

use crate::{
    RepoError, Yard,
    foreign::{Foreign, Verdict},
    keys::Keys,
    yard::blocking,
};
use packyard_formats::{
    intake::{self, Intake, Limits, NotAPackage},
    rpm::signature::Envelope,
};
use packyard_types::{
    Artifact, ArtifactKind, ArtifactName, Blob, ComponentName, Digest, DistributionName, FactsRecord, Hasher,
    Timestamp,
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::NamedTempFile;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How many packages this process reads, copies or signs at a time. More would not be faster, and each takes memory
/// for what is in it.
static READING: Semaphore = Semaphore::const_new(8);

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
}

/// Where an upload lies.
enum Lies {
    /// In `tmp`; it vanishes with this value.
    Temporary(NamedTempFile),
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
            place: Lies::Temporary(self.file),
            blob: self.hasher.finish(),
        }
    }
}

impl Upload {
    /// A blob that the store has, read in place.
    pub(crate) fn stored(path: PathBuf, blob: Blob) -> Self {
        Self {
            place: Lies::Stored(path),
            blob,
        }
    }

    /// Where it lies for now.
    pub fn path(&self) -> &Path {
        match &self.place {
            Lies::Temporary(file) => file.path(),
            Lies::Stored(path) => path,
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
        if let Some(ready) = self.known(&name, &upload.blob.digest, &place).await? {
            return Ok(ready);
        }
        let received = upload.blob;
        let taken = {
            let _turn = turn().await?;
            let signing = match name.kind() {
                ArtifactKind::Rpm | ArtifactKind::Srpm => Some(Signing {
                    keys: Arc::clone(self.writable()?),
                    foreign: foreign.clone(),
                    tmp: self.dir().tmp(),
                    at: self.now(),
                }),
                _ => None,
            };
            let (name, limits) = (name.clone(), limits.clone());
            blocking(move || read(&name, upload, signing.as_ref(), &limits)).await?
        };
        self.store()
            .put_blob_file(taken.served.blob, taken.served.path())
            .await?;
        Ok(Ready::new(name, taken.intake, received, taken.served.blob, place))
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

    /// The artifact that these bytes became when they were published before: nothing is read, signed or stored again.
    pub(crate) async fn known(
        &self,
        name: &ArtifactName,
        received: &Digest,
        place: &Place,
    ) -> Result<Option<Ready>, RepoError> {
        let Some(listed) = self.read(|index| Ok(index.received_before(received, name.as_str())?))? else {
            return Ok(None);
        };
        let served = listed.artifact.served;
        if self.store().blob_size(&served.digest).await? != Some(served.size_bytes) {
            // It is damaged here: the same bytes again mend it.
            return Ok(None);
        }
        let mut small = BTreeMap::new();
        for digest in std::iter::once(listed.artifact.facts.digest).chain(listed.metadata) {
            small.insert(digest, self.small_blob(&digest).await?.to_vec());
        }
        let Place {
            distribution,
            component,
        } = place.clone();
        Ok(Some(Ready {
            artifact: Artifact {
                distribution,
                component,
                ..listed.artifact
            },
            small,
        }))
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
            uploaded_at: None,
            name,
        };
        let mut small: BTreeMap<Digest, Vec<u8>> =
            intake.sidecars.into_iter().map(|b| (Digest::of(&b), b)).collect();
        small.insert(artifact.facts.digest, facts);
        Self { artifact, small }
    }
}

fn read_facts(name: &ArtifactName, path: &Path, limits: &Limits) -> Result<Intake, RepoError> {
    let mut file = File::open(path).map_err(RepoError::io(format!("reading `{name}`")))?;
    Ok(intake::read(name, &mut file, limits)?)
}

/// What signing an .rpm takes.
struct Signing {
    keys: Arc<Keys>,
    foreign: Foreign,
    tmp: PathBuf,
    at: Timestamp,
}

/// A package that has been read: what clients get, and its facts.
struct Taken {
    served: Upload,
    intake: Intake,
}

/// Waits for a turn to read a package.
async fn turn() -> Result<SemaphorePermit<'static>, RepoError> {
    READING.acquire().await.map_err(|_| RepoError::ShuttingDown)
}

/// Reads a package, and signs it where that is due. The facts are those of the file as served.
fn read(
    name: &ArtifactName,
    upload: Upload,
    signing: Option<&Signing>,
    limits: &Limits,
) -> Result<Taken, RepoError> {
    if let Some(signing) = signing
        && let Some(copy) = signed_copy(name, upload.path(), signing)?
    {
        let intake = read_facts(name, copy.path(), limits)?;
        return Ok(Taken { served: copy, intake });
    }
    let intake = read_facts(name, upload.path(), limits)?;
    Ok(Taken {
        served: upload,
        intake,
    })
}

/// A copy of an .rpm with our header signature; none for one whose own is served.
fn signed_copy(name: &ArtifactName, path: &Path, signing: &Signing) -> Result<Option<Upload>, RepoError> {
    let io = || RepoError::io(format!("signing `{name}`"));
    let malformed = |e: packyard_formats::rpm::signature::BadEnvelope| NotAPackage {
        filename: name.to_string(),
        entry: None,
        rule: e.to_string(),
        hint: String::new(),
    };
    let mut file = File::open(path).map_err(io())?;
    let envelope = Envelope::read(&mut file).map_err(malformed)?;
    match &envelope.signed_by {
        Some(key) if *key == signing.keys.rpm_key_id() => return Ok(None),
        Some(key) => match signing.foreign.judge() {
            Verdict::Signed => {}
            Verdict::Refused => {
                return Err(RepoError::ForeignSignature {
                    filename: name.to_string(),
                    key: key.clone(),
                });
            }
        },
        None => {}
    }
    let signature = signing
        .keys
        .sign_rpm_header(&envelope.header, envelope.signing_time(signing.at))
        .map_err(|e| RepoError::Keys(e.to_string()))?;
    let prefix = envelope.signed_prefix(&signature).map_err(malformed)?;
    let mut copy = NamedTempFile::new_in(&signing.tmp).map_err(io())?;
    let mut hasher = Hasher::new();
    copy.write_all(&prefix).map_err(io())?;
    hasher.update(&prefix);
    file.seek(SeekFrom::Start(envelope.prefix.len() as u64))
        .map_err(io())?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = file.read(&mut buffer).map_err(io())?;
        if n == 0 {
            break;
        }
        hasher.update(&buffer[..n]);
        copy.write_all(&buffer[..n]).map_err(io())?;
    }
    Ok(Some(Upload {
        place: Lies::Temporary(copy),
        blob: hasher.finish(),
    }))
}
