//! The files that a .changes names, as blobs of the store: sent before, or held by the channel.

use super::{DeliveryPlace, artifact_of, not_a_package};
use crate::{Access, RepoError, Upload, Yard, yard::blocking};
use packyard_formats::{
    archive::contents::{DigestKind, Digester},
    changes::{Changes, File, FileKind},
    dsc::{Dsc, Listed},
    fault::{DAMAGED, Fault},
};
use packyard_types::{ArtifactName, Blob, Digest, Held, Part, PartName};
use std::{collections::BTreeMap, io::Read as _};

/// The files of an upload.
pub(super) struct Named<'a> {
    changes: &'a Changes,
    blobs: BTreeMap<&'a PartName, Blob>,
}

impl Yard {
    /// Finds every file that a .changes names. All that are missing or differ are told.
    pub(super) async fn named_files<'a>(
        &self,
        access: &Access,
        to: &DeliveryPlace,
        called: &str,
        changes: &'a Changes,
    ) -> Result<Named<'a>, RepoError> {
        let (mut blobs, mut missing, mut wrong) = (BTreeMap::new(), Vec::new(), Vec::new());
        for File { listed, kind } in &changes.files {
            let staged = self.staged_file(access, to, &listed.name).await?;
            let blob = match staged {
                Some(blob) if blob.digest == listed.sha256 => Some(blob),
                _ => self.held_file(to, listed).await?,
            };
            match (blob, staged) {
                (Some(blob), _) => match self.is_as_listed(listed, blob).await? {
                    Ok(()) => _ = blobs.insert(&listed.name, blob),
                    Err(fault) => wrong.push(fault),
                },
                (None, Some(other)) => wrong.push(other_digest(listed, &other)),
                (None, None) if *kind == FileKind::Buildinfo && self.is_told(to, listed, changes)? => {}
                (None, None) => missing.push((listed.name.clone(), listed.sha256)),
            }
        }
        let wrong = wrong.into_iter().map(|fault| not_a_package(called, fault).into());
        let mut wrong: Vec<RepoError> = wrong.collect();
        if !missing.is_empty() {
            wrong.push(RepoError::MissingParts {
                filename: called.to_owned(),
                missing,
                hint: "send them first, and the .changes again".to_owned(),
            });
        }
        RepoError::all(wrong)?;
        Ok(Named { changes, blobs })
    }

    /// A file that the channel holds already, as an artifact or a part of one.
    async fn held_file(&self, to: &DeliveryPlace, listed: &Listed) -> Result<Option<Blob>, RepoError> {
        let digest = &listed.sha256;
        let held = self.read(|index| {
            let mut holders = index.holders(digest)?;
            holders.extend(index.holders_of_part(digest)?);
            Ok(holders.iter().any(|(channel, _)| *channel == to.channel))
        })?;
        if !held {
            return Ok(None);
        }
        let size = self.store().blob_size(digest).await?;
        Ok(size.map(|size_bytes| Blob {
            digest: *digest,
            size_bytes,
        }))
    }

    /// Whether a package of this upload has come here already, with a record of this name as another distribution was
    /// told it first: then this one was sent, and not kept.
    fn is_told(&self, to: &DeliveryPlace, record: &Listed, changes: &Changes) -> Result<bool, RepoError> {
        let told = self.read(|index| Ok(index.with_part(&to.channel, &record.name, None)?))?;
        let of_upload = |digest: &Digest| changes.files.iter().any(|f| f.listed.sha256 == *digest);
        let mut told = told.iter().map(|l| &l.artifact);
        Ok(told.any(|a| {
            a.distribution == to.distribution && a.component == to.component && of_upload(&a.served.digest)
        }))
    }

    /// Whether the channel holds this very file in this very place.
    pub(super) fn is_held_there(
        &self,
        to: &DeliveryPlace,
        filename: &str,
        digest: &Digest,
    ) -> Result<bool, RepoError> {
        let place = Held {
            filename: filename.to_owned(),
            served: *digest,
            distribution: to.distribution.clone(),
            component: to.component.clone(),
        };
        self.read(|index| Ok(index.held_at(&to.channel, &place)?.is_some()))
    }

    /// Whether bytes have the size and the older digests, too, that a .changes says of them.
    async fn is_as_listed(&self, listed: &Listed, blob: Blob) -> Result<Result<(), Fault>, RepoError> {
        if blob.size_bytes != listed.size_bytes {
            let rule = format!(
                "it has {} bytes where the .changes says {}",
                blob.size_bytes, listed.size_bytes
            );
            return Ok(Err(Fault::new(rule, DAMAGED).at(&listed.name)));
        }
        let upload = self
            .fetch_stored(listed.name.as_str(), &blob.digest, blob.size_bytes)
            .await?;
        let (md5, sha1) = old_digests(&listed.name, upload).await?;
        for (kind, found, said) in [
            ("MD5", md5, Some(&listed.md5)),
            ("SHA-1", sha1, listed.sha1.as_ref()),
        ] {
            if let Some(said) = said
                && *said != found
            {
                let rule = format!("its {kind} is `{found}` where the .changes says `{said}`");
                let fault = Fault::new(rule, "let dpkg-genchanges write the .changes anew");
                return Ok(Err(fault.at(&listed.name).between(found, said)));
            }
        }
        Ok(Ok(()))
    }
}

impl Named<'_> {
    /// The bytes of a file.
    pub fn blob(&self, name: &PartName) -> Option<Blob> {
        self.blobs.get(name).copied()
    }

    /// The packages.
    pub fn artifacts(&self) -> impl Iterator<Item = (&ArtifactName, Blob)> {
        let files = self.changes.files.iter();
        files.filter_map(|f| Some((artifact_of(&f.kind)?, self.blob(&f.listed.name)?)))
    }

    /// The files of the source package.
    pub fn parts(&self) -> Vec<Part> {
        self.of(&FileKind::Part)
    }

    /// The .buildinfo files.
    pub fn records(&self) -> Vec<Part> {
        self.of(&FileKind::Buildinfo)
    }

    fn of(&self, kind: &FileKind) -> Vec<Part> {
        let files = self.changes.files.iter().filter(|f| f.kind == *kind);
        let part = |f: &File| {
            let blob = self.blob(&f.listed.name)?;
            let name = f.listed.name.clone();
            Some(Part { name, blob })
        };
        files.filter_map(part).collect()
    }

    /// Whether every file of the source package is one that its .dsc names, with the same bytes.
    pub fn agrees_with(&self, dsc: Option<&Dsc>) -> Result<(), Fault> {
        for file in self.changes.files.iter().filter(|f| f.kind == FileKind::Part) {
            let Listed { name, sha256, .. } = &file.listed;
            let Some(dsc) = dsc else {
                let rule = "it belongs to a source package, and the .changes names no .dsc";
                return Err(Fault::new(rule, "upload the .dsc with it").at(name));
            };
            match dsc.file(name) {
                Some(said) if said.sha256 == *sha256 => {}
                Some(said) => {
                    let rule = "the .changes and the .dsc say different digests of it";
                    let fault = Fault::new(rule, "build the source package and the .changes together");
                    let (found, said) = (sha256.to_string(), said.sha256.to_string());
                    return Err(fault.at(name).between(found, said));
                }
                None => {
                    let rule = "the .dsc does not name it";
                    return Err(
                        Fault::new(rule, "build the source package and the .changes together").at(name),
                    );
                }
            }
        }
        Ok(())
    }
}

fn other_digest(listed: &Listed, found: &Blob) -> Fault {
    let (found, said) = (found.digest.to_string(), listed.sha256.to_string());
    let rule = format!("its SHA-256 is `{found}` where the .changes says `{said}`");
    let hint = "send the file again that the .changes was made for, then the .changes";
    Fault::new(rule, hint).at(&listed.name).between(found, said)
}

async fn old_digests(name: &PartName, upload: Upload) -> Result<(String, String), RepoError> {
    let what = name.to_string();
    blocking(move || {
        let reading = || RepoError::io(format!("reading `{what}`"));
        let mut file = std::fs::File::open(upload.path()).map_err(reading())?;
        let mut digests = [Digester::new(DigestKind::Md5), Digester::new(DigestKind::Sha1)];
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer).map_err(reading())? {
                0 => break,
                n => digests.iter_mut().for_each(|d| d.update(&buffer[..n])),
            }
        }
        let [md5, sha1] = digests.map(|d| d.finish().unwrap_or_default());
        Ok((md5, sha1))
    })
    .await
}
