//! Reading packages: their facts, and the signature that an unsigned .rpm gets. Everything here blocks.

use super::{Lies, Upload};
use crate::{
    RepoError,
    foreign::{Foreign, Verdict},
    keys::Keys,
};
use packyard_formats::{
    fault::Fault,
    intake::{self, Intake, Limits, NotAPackage},
    rpm::signature::Envelope,
};
use packyard_types::{ArtifactName, Blob, Hasher, Timestamp};
use std::{
    fs::File,
    io::{Cursor, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::NamedTempFile;

fn read_facts(name: &ArtifactName, upload: &Upload, limits: &Limits) -> Result<Intake, RepoError> {
    let mut file = File::open(upload.path()).map_err(RepoError::io(format!("reading `{name}`")))?;
    match &upload.claims {
        Some(claims) => intake::read_upload(name, &mut file, limits, claims).map_err(refusal),
        None => intake::read(name, &mut file, limits).map_err(refusal),
    }
}

/// All that is wrong with one file.
pub(super) fn refusal(mut wrong: Vec<NotAPackage>) -> RepoError {
    match wrong.len() {
        1 => wrong.remove(0).into(),
        _ => RepoError::Several(wrong.into_iter().map(RepoError::from).collect()),
    }
}

/// What signing an .rpm takes.
pub(super) struct Signing {
    pub keys: Arc<Keys>,
    pub foreign: Foreign,
    pub tmp: PathBuf,
    pub at: Timestamp,
}

/// A package that has been read: what clients get, and its facts.
pub(super) struct Taken {
    pub served: Upload,
    pub intake: Intake,
}

/// A file's bytes and what they are, where it has no more than `most`.
pub(super) fn small_file(path: &Path, most: u64) -> Result<Option<(Vec<u8>, Blob)>, RepoError> {
    let reading = || RepoError::io(format!("reading `{}`", path.display()));
    let file = File::open(path).map_err(reading())?;
    let expected = file.metadata().map_err(reading())?.len();
    if expected > most {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(expected + 1).unwrap_or_default());
    // It may have grown since.
    file.take(most + 1).read_to_end(&mut bytes).map_err(reading())?;
    if bytes.len() as u64 > most {
        return Ok(None);
    }
    let blob = Blob::of(&bytes);
    Ok(Some((bytes, blob)))
}

/// Reads a package that is in memory, signs it where that is due, and writes what clients get to `tmp`. One that is
/// refused is never written.
pub(super) fn read_bytes(
    name: &ArtifactName,
    mut bytes: Vec<u8>,
    received: Blob,
    signing: Option<&Signing>,
    limits: &Limits,
    tmp: &Path,
) -> Result<Taken, RepoError> {
    let mut blob = received;
    if let Some(signing) = signing
        && let Some(signed) = signed_prefix(name, &mut Cursor::new(&bytes), signing)?
    {
        let rest = usize::try_from(signed.replaces_bytes).ok();
        let rest = rest
            .and_then(|at| bytes.get(at..))
            .expect("the prefix was read from these bytes");
        bytes = [&signed.prefix, rest].concat();
        blob = Blob::of(&bytes);
    }
    let intake = intake::read(name, &mut Cursor::new(&bytes), limits).map_err(refusal)?;
    let writing = || RepoError::io(format!("receiving `{name}`"));
    let mut file = NamedTempFile::new_in(tmp).map_err(writing())?;
    file.write_all(&bytes).map_err(writing())?;
    let place = Lies::Temporary(file.into_temp_path());
    let served = Upload {
        place,
        blob,
        claims: None,
    };
    Ok(Taken { served, intake })
}

/// Reads a package, and signs it where that is due. The facts are those of the file as served.
pub(super) fn read(
    name: &ArtifactName,
    upload: Upload,
    signing: Option<&Signing>,
    limits: &Limits,
) -> Result<Taken, RepoError> {
    if let Some(signing) = signing
        && let Some(copy) = signed_copy(name, upload.path(), signing)?
    {
        let intake = read_facts(name, &copy, limits)?;
        return Ok(Taken { served: copy, intake });
    }
    let intake = read_facts(name, &upload, limits)?;
    Ok(Taken {
        served: upload,
        intake,
    })
}

/// The beginning of an .rpm with our header signature.
struct SignedPrefix {
    prefix: Vec<u8>,
    /// How many bytes of the .rpm as it came it stands for.
    replaces_bytes: u64,
}

/// The signed beginning of an .rpm; none for one whose own is served.
fn signed_prefix(
    name: &ArtifactName,
    file: &mut (impl Read + Seek),
    signing: &Signing,
) -> Result<Option<SignedPrefix>, RepoError> {
    let malformed = |e: packyard_formats::rpm::signature::BadEnvelope| {
        NotAPackage::of(name, Fault::new(e.to_string(), String::new()))
    };
    let envelope = Envelope::read(file).map_err(malformed)?;
    let verdict = signing
        .foreign
        .judge(name.as_str(), &envelope, file, &signing.keys, signing.at)?;
    if verdict == Verdict::Kept {
        return Ok(None);
    }
    let signature = signing
        .keys
        .sign_rpm_header(&envelope.header, envelope.signing_time(signing.at))
        .map_err(|e| RepoError::Keys(e.to_string()))?;
    Ok(Some(SignedPrefix {
        prefix: envelope.signed_prefix(&signature).map_err(malformed)?,
        replaces_bytes: envelope.prefix.len() as u64,
    }))
}

/// Whether an .rpm carries a signature.
pub(super) fn is_signed(path: &Path) -> bool {
    let envelope = File::open(path)
        .ok()
        .and_then(|mut file| Envelope::read(&mut file).ok());
    envelope.is_some_and(|envelope| !envelope.signatures.is_empty())
}

/// A copy of an .rpm with our header signature; none for one whose own is served.
fn signed_copy(name: &ArtifactName, path: &Path, signing: &Signing) -> Result<Option<Upload>, RepoError> {
    let io = || RepoError::io(format!("signing `{name}`"));
    let mut file = File::open(path).map_err(io())?;
    let Some(signed) = signed_prefix(name, &mut file, signing)? else {
        return Ok(None);
    };
    let mut copy = NamedTempFile::new_in(&signing.tmp).map_err(io())?;
    let mut hasher = Hasher::new();
    copy.write_all(&signed.prefix).map_err(io())?;
    hasher.update(&signed.prefix);
    file.seek(SeekFrom::Start(signed.replaces_bytes)).map_err(io())?;
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
        place: Lies::Temporary(copy.into_temp_path()),
        blob: hasher.finish(),
        claims: None,
    }))
}
