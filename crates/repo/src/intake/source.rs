//! Taking in a Debian source package: the .dsc, and the files that it names, which are in the store before it, or lie
//! beside it. Whose bytes a release may name holds for each of them.

use super::{Place, Ready, Upload, turn};
use crate::{Access, RepoError, Source, Yard, prepare::no_blob, yard::blocking};
use packyard_formats::{
    dsc::{self, Dsc},
    intake::{self, Limits, NotAPackage},
};
use packyard_types::{ArtifactName, Blob, ChannelName, Part, PartName};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

impl Yard {
    /// Reads a .dsc and its files, and puts into the store what is not there.
    pub(crate) async fn take_in_source(
        &self,
        access: &Access,
        channel: &ChannelName,
        name: ArtifactName,
        source: Source,
        place: Place,
        limits: &Limits,
    ) -> Result<Ready, RepoError> {
        let (upload, beside, directory) = self.the_dsc(access, channel, &name, source, limits).await?;
        let received = upload.blob;
        self.not_purged(&format!("`{name}`"), &received.digest)?;
        let (read_as, path) = (name.clone(), upload.path().to_owned());
        let dsc = blocking(move || parse(&read_as, &path)).await?;
        if let Some(directory) = directory {
            self.take_in_beside(&dsc, &directory, limits).await?;
        }
        let parts = self.parts_of(access, channel, &name, &dsc, &beside).await?;
        let foreign = self.foreign_signatures(channel)?;
        let known = self.known(&name, &received.digest, &place, &foreign, None);
        let mut ready = match known.await? {
            Some(ready) => ready,
            None => {
                let intake = self.read_source(&name, dsc, &parts, limits).await?;
                self.put_taken(received, upload.path()).await?;
                Ready::new(name, intake, received, received, place)
            }
        };
        let records = beside.into_iter().filter(|p| p.name.is_record());
        ready.artifact.parts = parts.into_iter().chain(records).collect();
        ready.artifact.parts.sort();
        Ok(ready)
    }

    /// The .dsc itself; what came with it; the directory where its files lie.
    async fn the_dsc(
        &self,
        access: &Access,
        channel: &ChannelName,
        name: &ArtifactName,
        source: Source,
        limits: &Limits,
    ) -> Result<(Upload, Vec<Part>, Option<PathBuf>), RepoError> {
        let what = name.as_str();
        let directory = |path: &Path| path.parent().map(Path::to_owned);
        Ok(match source {
            Source::Upload(upload) => (upload, Vec::new(), None),
            Source::Staged(digest, beside) => (
                self.fetch_stored(what, &digest, dsc::MAX_BYTES).await?,
                beside,
                None,
            ),
            Source::Stored(digest) => {
                if !self.may_name(access, channel, &digest).await? {
                    return Err(no_blob(what, &digest));
                }
                (
                    self.fetch_stored(what, &digest, dsc::MAX_BYTES).await?,
                    Vec::new(),
                    None,
                )
            }
            Source::File(path) => {
                let upload = self.receive_file(what, &path, limits.file_bytes).await?;
                (upload, Vec::new(), directory(&path))
            }
            Source::Vouched(path, digest) => {
                let upload = self.receive_file(what, &path, limits.file_bytes).await?;
                (upload.expect(what, &digest)?, Vec::new(), directory(&path))
            }
        })
    }

    /// Puts the files of a .dsc on this machine's disk into the store, those that lie beside it.
    async fn take_in_beside(&self, dsc: &Dsc, directory: &Path, limits: &Limits) -> Result<(), RepoError> {
        for file in &dsc.files {
            let path = directory.join(file.name.as_str());
            if self.store().blob_size(&file.sha256).await? == Some(file.size_bytes) || !path.is_file() {
                continue;
            }
            let what = file.name.as_str();
            let upload = self.receive_file(what, &path, limits.file_bytes).await?;
            let upload = upload.expect(what, &file.sha256)?;
            self.put_taken(upload.blob, upload.path()).await?;
        }
        Ok(())
    }

    /// The files that a .dsc names, as blobs of the store; or those that are missing.
    async fn parts_of(
        &self,
        access: &Access,
        channel: &ChannelName,
        name: &ArtifactName,
        dsc: &Dsc,
        beside: &[Part],
    ) -> Result<Vec<Part>, RepoError> {
        let (mut parts, mut missing) = (Vec::with_capacity(dsc.files.len()), Vec::new());
        for file in &dsc.files {
            self.not_purged(&format!("`{}`", file.name), &file.sha256)?;
            let given = beside
                .iter()
                .any(|p| p.name == file.name && p.blob.digest == file.sha256);
            let may = given || self.may_name(access, channel, &file.sha256).await?;
            if may && self.store().blob_size(&file.sha256).await? == Some(file.size_bytes) {
                parts.push(Part {
                    name: file.name.clone(),
                    blob: Blob {
                        digest: file.sha256,
                        size_bytes: file.size_bytes,
                    },
                });
            } else {
                missing.push((file.name.clone(), file.sha256));
            }
        }
        if missing.is_empty() {
            return Ok(parts);
        }
        let orig = missing.iter().any(|(part, _)| part.as_str().contains(".orig"));
        let hint = "send them first: `packyard publish` takes them from beside the .dsc";
        let with_changes = "; for dput build with `dpkg-buildpackage -sa`, whose .changes brings the upstream's tarball along";
        Err(RepoError::MissingParts {
            filename: name.to_string(),
            missing,
            hint: format!("{hint}{}", if orig { with_changes } else { "" }),
        })
    }

    async fn read_source(
        &self,
        name: &ArtifactName,
        dsc: Dsc,
        parts: &[Part],
        limits: &Limits,
    ) -> Result<intake::Intake, RepoError> {
        let mut files = BTreeMap::new();
        for part in parts {
            let most = limits.file_bytes.max(part.blob.size_bytes);
            let file = self
                .fetch_stored(part.name.as_str(), &part.blob.digest, most)
                .await?;
            files.insert(part.name.clone(), file);
        }
        let _turn = turn().await?;
        let (name, limits) = (name.clone(), limits.clone());
        blocking(move || {
            let open = |part: &PartName| {
                let file = files.get(part).ok_or(io::ErrorKind::NotFound)?;
                Ok(Box::new(File::open(file.path())?) as Box<dyn Read>)
            };
            Ok(intake::read_source(&name, dsc, &open, &limits)?)
        })
        .await
    }
}

fn parse(name: &ArtifactName, path: &Path) -> Result<Dsc, RepoError> {
    let mut raw = Vec::new();
    let mut file = File::open(path).map_err(RepoError::io(format!("reading `{name}`")))?;
    let most = &mut file.by_ref().take(dsc::MAX_BYTES + 1);
    most.read_to_end(&mut raw)
        .map_err(RepoError::io(format!("reading `{name}`")))?;
    if raw.len() as u64 > dsc::MAX_BYTES {
        return Err(RepoError::TooLarge {
            what: name.to_string(),
            limit_bytes: dsc::MAX_BYTES,
        });
    }
    Dsc::parse(&raw).map_err(|fault| NotAPackage::of(name, fault).into())
}
