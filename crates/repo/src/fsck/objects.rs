//! Every object of the store that the chain has not looked at: blobs, and records outside the history.

use super::{
    Cure, Pass,
    chain::object,
    needs::{self, Needs, need},
};
use crate::{RepoError, drafts, oidc, upstream};
use packyard_index::Index;
use packyard_store::{Key, OnceKey, Sealed, StagingKey, UpstreamKey, is_record};
use packyard_types::{Blob, Digest};

impl Pass<'_> {
    /// Looks at all of them.
    pub(super) fn objects(&mut self, fresh: &Index, complete: bool, needs: &Needs) -> Result<(), RepoError> {
        let mut needs = needs.clone();
        let paths: Vec<String> = self.objects.keys().cloned().collect();
        for path in &paths {
            if is_record(path) {
                self.record(path, &mut needs, fresh, complete)?;
            }
        }
        for path in &paths {
            match Key::parse(path) {
                Some(Key::Blob(digest)) if !self.hashed.contains_key(&digest) => self.one(digest, &needs),
                Some(_) => {}
                None if is_record(path) => {}
                None => self.note(format!("{} is none of packyard's", object(path))),
            }
        }
        for (digest, need) in needs.iter().filter(|(_, need)| need.must) {
            if !self.hashed.contains_key(digest) {
                self.missing(*digest, need, fresh)?;
            }
        }
        Ok(())
    }

    /// A blob that is there.
    fn one(&mut self, digest: Digest, needs: &Needs) {
        let need = needs.get(&digest).cloned().unwrap_or_default();
        let size_bytes = self
            .objects
            .get(&needs::path(&digest))
            .copied()
            .unwrap_or_default();
        let blob = need.blob.unwrap_or(Blob { digest, size_bytes });
        let Some(problem) = self.blob(&blob) else {
            return;
        };
        // Given up or purged while it was looked at.
        if problem == "it is missing" && !need.must {
            return;
        }
        let object = object(&needs::path(&digest));
        if need.must || !need.needed_by.is_empty() {
            let cure = Cure::Blob {
                blob,
                served_at: need.served_at,
                purge: need.must,
            };
            self.find(object, problem, need.needed_by, cure);
        } else {
            self.find(object, problem, Vec::new(), Cure::Aside);
        }
    }

    fn missing(&mut self, digest: Digest, need: &needs::Need, fresh: &Index) -> Result<(), RepoError> {
        // A blob that came while the store was listed, or that has been given up meanwhile.
        let Some(blob) = need.blob else { return Ok(()) };
        if self.runtime.block_on(self.store.has_blob(&digest))? || self.gone_by_now(&digest, fresh) {
            return Ok(());
        }
        let cure = Cure::Blob {
            blob,
            served_at: need.served_at.clone(),
            purge: true,
        };
        let object = object(&needs::path(&digest));
        self.find(object, "it is missing".to_owned(), need.needed_by.clone(), cure);
        Ok(())
    }

    fn gone_by_now(&self, digest: &Digest, fresh: &Index) -> bool {
        let known = |index: &Index| index.gone(digest).ok().flatten().is_some();
        known(fresh) || Index::open_reader(&self.dir.index()).is_ok_and(|index| known(&index))
    }

    /// A record outside the history: its seal, and what it names.
    fn record(
        &mut self,
        path: &str,
        needs: &mut Needs,
        fresh: &Index,
        complete: bool,
    ) -> Result<(), RepoError> {
        let Some(stored) = self.runtime.block_on(self.store.object(path))? else {
            return Ok(());
        };
        self.report.records += 1;
        let (staged, kept) = (StagingKey::parse(path), UpstreamKey::parse(path));
        let once = OnceKey::parse(path);
        if staged.is_none() && kept.is_none() && once.is_none() {
            self.note(format!("{} is none of packyard's", object(path)));
            return Ok(());
        }
        let read = match Sealed::of(&stored) {
            Sealed::Broken => Err("its bytes are not those that its seal names".to_owned()),
            Sealed::Whole(record) | Sealed::Without(record) => match (&staged, &kept) {
                (Some(key), _) => drafts::named_by(key, &record),
                (_, Some(key)) => upstream::named_by(key, &record),
                (None, None) => once
                    .map_or(Ok(()), |key| oidc::readable(&key, &record))
                    .map(|()| Vec::new()),
            },
        };
        match read {
            Ok(named) => {
                for (blob, what) in named {
                    let gone = complete && fresh.gone(&blob.digest)?.is_some();
                    need(needs, blob, !gone && kept.is_some(), &what, Vec::new());
                }
            }
            Err(problem) => {
                let (what, lost) = match (&staged, &kept) {
                    _ if once.is_some() => (
                        "trusted publishing".to_owned(),
                        "a CI job that has just begun asks for another token; one that was used can be used again until \
                         it ends",
                    ),
                    (Some(StagingKey::Draft(channel, draft, _)), _) => (
                        format!("draft {draft} of channel {channel}"),
                        "add to the draft again what it lacks",
                    ),
                    (Some(StagingKey::Upload(channel, _)), _) => (
                        format!("an upload to channel {channel} that waits for its release"),
                        "upload it again",
                    ),
                    (Some(StagingKey::Incoming(channel, ..)), _) => (
                        format!("an upload to channel {channel} that waits for its .changes"),
                        "upload it again",
                    ),
                    _ => (
                        "what came from an upstream".to_owned(),
                        "it is fetched again when somebody asks for it",
                    ),
                };
                self.find(object(path), problem, vec![what], Cure::Record { lost });
            }
        }
        Ok(())
    }
}
