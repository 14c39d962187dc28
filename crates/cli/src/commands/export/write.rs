//! The effects: files are fetched from the yard and put into the copy, in their turn.

use super::{
    manifest::Manifest,
    plan::{Need, Trust, need},
};
use anyhow::bail;
use indicatif::ProgressBar;
use packyard_client::{Api, ExportFile, ExportList};
use packyard_store::{Found, ServedAs, Site, StoreError};
use packyard_types::{Blob, ChannelRef, Digest, ServedPath};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};
use tokio::{runtime::Runtime, task::JoinSet};

/// How many files are on their way to the copy at once.
const AT_ONCE: usize = 8;
/// After so many files the manifest is written, so that an export that is cut off goes on where it was.
const CHECKPOINT: usize = 1000;

/// Writes a copy.
pub struct Writer<'a> {
    pub api: &'a Api,
    pub runtime: &'a Runtime,
    pub site: Arc<dyn Site>,
    /// The channel as of the revision that is copied.
    pub at: ChannelRef,
    pub manifest: Manifest,
    /// What lies there.
    pub there: BTreeMap<ServedPath, Found>,
    under_way: JoinSet<Done>,
    /// The digests that are under way.
    coming: BTreeSet<Digest>,
    /// Where the bytes of a digest are in the copy, and whether under a name that never changes.
    present: BTreeMap<(Digest, bool), ServedPath>,
    since_checkpoint: usize,
    scratch_files: usize,
}

/// A file that has been put, or hashed.
struct Done {
    file: ExportFile,
    outcome: Result<Found, StoreError>,
}

impl<'a> Writer<'a> {
    /// Over a site whose manifest has been read.
    pub fn new(
        api: &'a Api,
        runtime: &'a Runtime,
        site: Arc<dyn Site>,
        at: ChannelRef,
        manifest: Manifest,
        there: BTreeMap<ServedPath, Found>,
    ) -> Self {
        Self {
            api,
            runtime,
            site,
            at,
            manifest,
            there,
            under_way: JoinSet::new(),
            coming: BTreeSet::new(),
            present: BTreeMap::new(),
            since_checkpoint: 0,
            scratch_files: 0,
        }
    }

    /// The files that have to be written. What is there already is noted in the manifest.
    pub fn missing(&mut self, list: &ExportList, trust: Trust) -> anyhow::Result<Vec<ExportFile>> {
        let mut missing = BTreeSet::new();
        let mut looks: JoinSet<Result<(ExportFile, Found, bool), StoreError>> = JoinSet::new();
        let mut looked = Vec::new();
        for file in &list.files {
            let known = self.manifest.files.get(&file.path);
            match need(file, known, self.there.get(&file.path), trust) {
                Need::Write => {
                    missing.insert(&file.path);
                }
                Need::Nothing => {
                    let found = self.there[&file.path].clone();
                    self.is_there(file, &found);
                }
                Need::Look(found) => {
                    let (site, file) = (Arc::clone(&self.site), file.clone());
                    looks.spawn_on(
                        async move {
                            let hash = site.hash(&file.path).await?;
                            let same = hash == Some(file.blob);
                            Ok((file, found, same))
                        },
                        self.runtime.handle(),
                    );
                    if looks.len() >= AT_ONCE {
                        looked.extend(self.runtime.block_on(looks.join_next()));
                    }
                }
            }
        }
        while let Some(look) = self.runtime.block_on(looks.join_next()) {
            looked.push(look);
        }
        let mut wrong = BTreeSet::new();
        for look in looked {
            match look?? {
                (file, found, true) => self.is_there(&file, &found),
                (file, _, false) => {
                    wrong.insert(file.path);
                }
            }
        }
        let write = |f: &&ExportFile| missing.contains(&f.path) || wrong.contains(&f.path);
        Ok(list.files.iter().filter(write).cloned().collect())
    }

    /// Writes files, each turn only when the one before it is whole and safe.
    pub fn write(&mut self, files: &[ExportFile], bar: &ProgressBar) -> anyhow::Result<()> {
        for turn in files.chunk_by(|a, b| a.turn == b.turn) {
            for file in turn {
                bar.set_message(file.path.file_name().to_owned());
                self.start(file)?;
                bar.inc(1);
            }
            self.finish_all()?;
            self.runtime.block_on(self.site.settle())?;
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// Writes the manifest as it stands.
    pub fn save(&mut self) -> anyhow::Result<()> {
        let path = Manifest::path();
        let file = self.scratch(&self.manifest.bytes())?;
        let served = ServedAs {
            content_type: "application/json".to_owned(),
            immutable: false,
        };
        self.runtime.block_on(self.site.put(&path, &file, &served))?;
        self.runtime.block_on(self.site.settle())?;
        self.since_checkpoint = 0;
        Ok(())
    }

    /// Removes files, and forgets them.
    pub fn remove(&mut self, paths: &BTreeSet<ServedPath>) -> anyhow::Result<()> {
        for path in paths {
            self.runtime.block_on(self.site.remove(path))?;
            self.manifest.files.remove(path);
        }
        Ok(())
    }

    fn start(&mut self, file: &ExportFile) -> anyhow::Result<()> {
        if self.coming.contains(&file.blob.digest) {
            self.finish_all()?;
        }
        let served = ServedAs {
            content_type: file.content_type.clone(),
            immutable: file.immutable,
        };
        let (site, file) = (Arc::clone(&self.site), file.clone());
        self.coming.insert(file.blob.digest);
        match self.source(&file)? {
            Source::Copy(from) => self.under_way.spawn_on(
                async move {
                    let outcome = site.copy(&from, &file.path, &served).await;
                    Done { file, outcome }
                },
                self.runtime.handle(),
            ),
            Source::File(from) => self.under_way.spawn_on(
                async move {
                    let outcome = site.put(&file.path, &from, &served).await;
                    Done { file, outcome }
                },
                self.runtime.handle(),
            ),
        };
        while self.under_way.len() >= AT_ONCE {
            self.finish_one()?;
        }
        if self.since_checkpoint >= CHECKPOINT {
            self.save()?;
        }
        Ok(())
    }

    /// The bytes of a file: from the list, from another file of the copy, or from the yard.
    fn source(&mut self, file: &ExportFile) -> anyhow::Result<Source> {
        if let Some(text) = &file.text {
            if Blob::of(text.as_bytes()) != file.blob {
                bail!(
                    "`{}` came damaged from {}\nhint: try again",
                    file.path,
                    self.api.place()
                );
            }
            return Ok(Source::File(self.scratch(text.as_bytes())?));
        }
        // In a bucket the policy of caching is copied with the bytes.
        let same = self.present.get(&(file.blob.digest, file.immutable));
        let other = self.present.get(&(file.blob.digest, !file.immutable));
        let from = same.or(other.filter(|_| !self.site.is_remote()));
        if let Some(from) = from {
            return Ok(Source::Copy(from.clone()));
        }
        let to = self.scratch_path();
        self.api.download(&self.at, &file.path, file.blob, &to)?;
        Ok(Source::File(to))
    }

    fn finish_one(&mut self) -> anyhow::Result<()> {
        if let Some(done) = self.runtime.block_on(self.under_way.join_next()) {
            let Done { file, outcome } = done?;
            self.is_there(&file, &outcome?);
            self.since_checkpoint += 1;
        }
        Ok(())
    }

    fn finish_all(&mut self) -> anyhow::Result<()> {
        while !self.under_way.is_empty() {
            self.finish_one()?;
        }
        self.coming.clear();
        Ok(())
    }

    fn is_there(&mut self, file: &ExportFile, found: &Found) {
        self.manifest.note(&file.path, file.blob, file.immutable, found);
        self.present
            .entry((file.blob.digest, file.immutable))
            .or_insert_with(|| file.path.clone());
    }

    fn scratch_path(&mut self) -> PathBuf {
        self.scratch_files += 1;
        self.site.scratch().join(format!("file-{}", self.scratch_files))
    }

    fn scratch(&mut self, bytes: &[u8]) -> anyhow::Result<PathBuf> {
        let path = self.scratch_path();
        std::fs::write(&path, bytes)?;
        Ok(path)
    }
}

enum Source {
    /// Another file of the copy.
    Copy(ServedPath),
    /// A file in the scratch directory.
    File(PathBuf),
}
