//! What belongs to a backup besides the store: keys, its record, and what is taken out of it again.

use super::{BackupRecord, RECORD, Run, io_of, path, served};
use crate::RepoError;
use packyard_index::Index;
use packyard_store::{Key, is_record};
use packyard_types::{Digest, Revision, ServedPath};
use std::{
    collections::BTreeSet,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

impl Run<'_> {
    /// Private keys, mode 0600, in a directory that nobody else may look into.
    pub(super) fn keys(&mut self) -> Result<(), RepoError> {
        let dir = self.backup.dir.keys();
        let target = Path::new(&self.done.place).join("keys");
        for entry in fs::read_dir(&dir).map_err(io_of("reading the keys"))?.flatten() {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if !name.ends_with(".key") {
                continue;
            }
            let place = target.join(&name);
            let bytes = fs::read(entry.path()).map_err(io_of("reading a key"))?;
            if fs::read(&place).ok().as_ref() != Some(&bytes) {
                fs::create_dir_all(&target).map_err(io_of("making a directory"))?;
                fs::set_permissions(&target, Permissions::from_mode(0o700))
                    .map_err(io_of("protecting the keys"))?;
                // Its mode is 0600 from its first moment, since a temporary file's is.
                let file = tempfile::NamedTempFile::new_in(&target).map_err(io_of("writing a key"))?;
                fs::write(file.path(), &bytes).map_err(io_of("writing a key"))?;
                file.as_file().sync_all().map_err(io_of("writing a key"))?;
                file.persist(&place)
                    .map_err(|e| io_of("writing a key")(e.error))?;
            }
            self.done.keys += 1;
        }
        Ok(())
    }

    /// Takes out of the backup what the log says is gone, and records that are done with.
    pub(super) async fn prune(&mut self) -> Result<(), RepoError> {
        let index = Index::open_reader(&self.backup.dir.index())?;
        let gone: BTreeSet<Digest> = index.all_gone()?.into_iter().collect();
        let here = self.store.inventory().await?;
        for p in self.there.keys() {
            let Some(object) = p.strip_prefix("store/") else {
                continue;
            };
            let done_with = match Key::parse(object) {
                Some(Key::Blob(digest)) => gone.contains(&digest),
                Some(_) => false,
                None => is_record(object),
            };
            if done_with && !here.contains_key(object) {
                self.backup.site.remove(&path(object)?).await?;
                self.done.pruned += 1;
            }
        }
        Ok(())
    }

    /// Says in the backup and beside the yard what was done.
    pub(super) async fn record(&self, head: Revision) -> Result<(), RepoError> {
        let Some(entry) = self.store.log_entry(head).await? else {
            return Ok(());
        };
        let record = BackupRecord {
            at: self.backup.at,
            place: self.done.place.clone(),
            revision: head,
            sha256: Digest::of(&entry),
        };
        let json = serde_json::to_vec(&record).expect("a record is JSON");
        let file = self.backup.site.scratch().join(RECORD);
        fs::write(&file, &json).map_err(io_of("writing a record"))?;
        self.backup
            .site
            .put(&ServedPath::parse(RECORD)?, &file, &served())
            .await?;
        self.backup.site.settle().await?;
        // For `doctor`; a yard that cannot be written to can be backed up all the same.
        let _ = fs::write(self.backup.dir.root().join("last-backup.json"), &json);
        Ok(())
    }
}
