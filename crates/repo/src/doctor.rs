//! How a data directory is doing: what will need somebody's hand soon, and what to do. It looks at much less than `fsck`,
//! and takes a moment.

use crate::{DataDir, RepoError, backup::backup_record, keys, yard::blocking};
use packyard_index::Index;
use packyard_store::{Key, Store};
use packyard_types::{Digest, Timestamp};
use serde::Serialize;
use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path};
use tokio::runtime::Handle;

/// How urgent it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// Nothing to do.
    Fine,
    /// Somebody should look at it.
    Look,
    /// Something does not work, or will not.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Symptom {
    /// What: `disk`, `index`, `keys`.
    pub about: &'static str,
    /// How urgent it is.
    pub urgency: Urgency,
    /// What there is to say.
    pub says: String,
    /// What to do; empty where nothing is.
    pub hint: String,
}

/// How old the last backup may be.
const WEEK: i64 = 7 * 86_400;

/// Looks at a data directory, also beside a server.
pub async fn doctor(dir: DataDir, now: Timestamp) -> Result<Vec<Symptom>, RepoError> {
    let store = Store::open_local(dir.root()).await?;
    let runtime = Handle::current();
    blocking(move || {
        let mut visit = Visit {
            dir: &dir,
            store: &store,
            runtime: &runtime,
            now,
            symptoms: Vec::new(),
        };
        visit.log_and_index()?;
        visit.disk();
        visit.keys();
        visit.backup();
        Ok(visit.symptoms)
    })
    .await
}

struct Visit<'a> {
    dir: &'a DataDir,
    store: &'a Store,
    runtime: &'a Handle,
    now: Timestamp,
    symptoms: Vec<Symptom>,
}

impl Visit<'_> {
    fn say(&mut self, about: &'static str, urgency: Urgency, says: impl Into<String>, hint: &str) {
        self.symptoms.push(Symptom {
            about,
            urgency,
            says: says.into(),
            hint: hint.to_owned(),
        });
    }

    fn log_and_index(&mut self) -> Result<(), RepoError> {
        let head = match self.runtime.block_on(self.store.log_head()) {
            Ok(head) => head,
            Err(e) => {
                let hint = "`packyard fsck` says what is damaged and what depends on it";
                self.say("log", Urgency::Bad, e.to_string(), hint);
                return Ok(());
            }
        };
        let who = match self.dir.server() {
            Some(pid) => format!("process {pid} serves it"),
            None => "nobody serves it".to_owned(),
        };
        self.say(
            "log",
            Urgency::Fine,
            format!("the newest revision is {head}; {who}"),
            "",
        );
        let opened = Index::open_reader(&self.dir.index()).and_then(|index| {
            let current = index.is_current()?;
            Ok((index, current))
        });
        let hint = "the next start makes it from the log, and so does `packyard reindex`";
        let index = match opened {
            Ok((index, true)) => index,
            Ok((_, false)) => {
                self.say(
                    "index",
                    Urgency::Look,
                    "it has the tables of another version",
                    hint,
                );
                return Ok(());
            }
            Err(e) => {
                self.say("index", Urgency::Look, format!("it cannot be read: {e}"), hint);
                return Ok(());
            }
        };
        let applied = index.applied()?;
        if applied.revision == head {
            self.say("index", Urgency::Fine, format!("it shows revision {head}"), "");
        } else {
            let says = format!("it shows revision {}, and the log is at {head}", applied.revision);
            self.say(
                "index",
                Urgency::Look,
                says,
                "the next start or commit brings it up",
            );
        }
        if applied.at > self.now {
            let says = format!(
                "it is {}, and the newest revision was made at {}",
                self.now, applied.at
            );
            let hint = "set this machine's clock: commits keep the later time until it has passed";
            self.say("clock", Urgency::Bad, says, hint);
        }
        self.garbage(&index)
    }

    /// What no entry names, and what was given up and is there still.
    fn garbage(&mut self, index: &Index) -> Result<(), RepoError> {
        let mut named: BTreeSet<Digest> = index.packs()?.into_iter().collect();
        for (_, artifact) in index.all_artifacts()? {
            named.extend(artifact.blobs());
        }
        let gone: BTreeSet<Digest> = index.all_gone()?.into_iter().collect();
        let (mut orphans, mut orphan_bytes, mut left) = (0, 0, 0);
        for (path, size) in self.runtime.block_on(self.store.inventory())? {
            if let Some(Key::Blob(digest)) = Key::parse(&path) {
                if gone.contains(&digest) {
                    left += 1;
                } else if !named.contains(&digest) {
                    (orphans, orphan_bytes) = (orphans + 1, orphan_bytes + size);
                }
            }
        }
        let last = match index.collected_at()? {
            Some(at) => format!("blobs were given up last on {at}"),
            None => "nothing was ever given up".to_owned(),
        };
        self.say(
            "garbage",
            if left > 0 { Urgency::Look } else { Urgency::Fine },
            format!(
                "{last}; {left} given up and there still; {orphans} that no revision names, {orphan_bytes} bytes: drafts, \
                 uploads and files of upstreams among them"
            ),
            if left > 0 { "`packyard gc` deletes what was given up and is there still" } else { "" },
        );
        Ok(())
    }

    fn disk(&mut self) {
        let Some((free, all)) = self.store.room() else {
            return;
        };
        let percent = free.saturating_mul(100) / all.max(1);
        let says = format!("{} MiB of {} MiB are free", free >> 20, all >> 20);
        let urgency = match (percent, free) {
            (_, 0..0x1000_0000) => Urgency::Bad,
            (0..10, _) => Urgency::Look,
            _ => Urgency::Fine,
        };
        let hint =
            "keep less: `packyard channel set C --keep N`, then `packyard gc`; or give it a larger disk";
        self.say(
            "disk",
            urgency,
            says,
            if urgency == Urgency::Fine { "" } else { hint },
        );
    }

    fn keys(&mut self) {
        let known = Index::open_reader(&self.dir.index())
            .ok()
            .and_then(|index| index.keys().ok().flatten());
        let all = keys::examine(&self.dir.keys(), known.as_ref(), self.now);
        if all.is_empty() {
            let hint = "put the private keys into keys/ (mode 0600), or publish where they are";
            self.say(
                "keys",
                Urgency::Look,
                "there are none here: nothing can be published",
                hint,
            );
        }
        for examined in &all {
            if let Some(problem) = &examined.problem {
                let says = format!("keys/{}: {problem}", examined.file);
                let hint =
                    "`packyard fsck --repair --from BACKUP` puts it right; `packyard key check` says more";
                self.say("keys", Urgency::Bad, says, hint);
            } else if let Some(note) = &examined.note {
                self.say(
                    "keys",
                    Urgency::Look,
                    format!("keys/{} {note}", examined.file),
                    "`packyard fsck`",
                );
            }
        }
        for (signs, _, key) in known.iter().flat_map(packyard_types::YardKeys::all) {
            for linted in keys::lint::lint(key.as_bytes(), Some(signs), self.now) {
                let urgency = if linted.refused() {
                    Urgency::Bad
                } else {
                    Urgency::Look
                };
                for finding in linted.findings {
                    let says = format!("{} ({}): {}", linted.fingerprint, signs.as_str(), finding.message);
                    self.say("keys", urgency, says, &finding.fix);
                }
            }
        }
        if !all.is_empty() && all.iter().all(|e| e.problem.is_none() && e.note.is_none()) {
            self.say(
                "keys",
                Urgency::Fine,
                format!("{} that sign as the log says", all.len()),
                "",
            );
        }
        for (path, name, most) in [
            (self.dir.keys(), "keys/", 0o700),
            (self.dir.admin_token(), "admin.token", 0o600),
        ] {
            if let Some(mode) = mode(&path)
                && mode & !most != 0
            {
                let says = format!("{name} can be read by others (mode {mode:04o})");
                self.say(
                    "access",
                    Urgency::Bad,
                    says,
                    &format!("chmod {most:o} {}", path.display()),
                );
            }
        }
    }

    fn backup(&mut self) {
        let hint = "`packyard backup DIR` or `packyard backup s3://BUCKET/PREFIX`, daily, to another machine";
        match backup_record(self.dir, "last-backup.json") {
            None => self.say("backup", Urgency::Look, "none was ever made from here", hint),
            Some(last) => {
                let age = self.now.unix_seconds() - last.at.unix_seconds();
                let says = format!("{} has revision {}, since {}", last.place, last.revision, last.at);
                if age > WEEK {
                    self.say("backup", Urgency::Look, says, hint);
                } else {
                    self.say("backup", Urgency::Fine, says, "");
                }
            }
        }
        let damaged = fs::read_dir(self.dir.root().join("damaged")).map_or(0, Iterator::count);
        if damaged > 0 {
            let says = format!("damaged/ holds {damaged} files that were replaced or put aside");
            self.say(
                "repairs",
                Urgency::Look,
                says,
                "delete them once `packyard fsck` finds nothing",
            );
        }
    }
}

fn mode(path: &Path) -> Option<u32> {
    Some(fs::metadata(path).ok()?.permissions().mode() & 0o777)
}
