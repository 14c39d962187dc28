//! When each token was last used, to the hour. It is a note for people, kept beside the index and not in the log: a
//! token that is used a thousand times a minute writes once an hour, and to lose the file loses nothing else.

use packyard_types::{Timestamp, TokenId};
use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

const HOUR_SECONDS: i64 = 3600;

/// The hours of all tokens, in memory and in `DIR/last-use.json`.
#[derive(Debug)]
pub(crate) struct LastUse {
    path: PathBuf,
    /// Whether this process writes the file; a reader leaves it to the writer.
    writes: bool,
    hours: Mutex<BTreeMap<TokenId, Timestamp>>,
}

impl LastUse {
    /// What is known so far; nothing where the file is not there or cannot be read.
    pub(crate) fn open(path: PathBuf, writes: bool) -> Self {
        let known = std::fs::read(&path)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default();
        Self {
            path,
            writes,
            hours: Mutex::new(known),
        }
    }

    /// A token was used now.
    pub(crate) fn note(&self, token: &TokenId, now: Timestamp) {
        let hour = Timestamp::from_unix_seconds(now.unix_seconds() / HOUR_SECONDS * HOUR_SECONDS);
        let mut hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        if hours.get(token) == Some(&hour) {
            return;
        }
        hours.insert(token.clone(), hour);
        if !self.writes {
            return;
        }
        // Nobody is refused because a note could not be written.
        if let Err(e) = write(&self.path, &hours) {
            tracing::debug!(error = %e, "`{}` could not be written: {e}", self.path.display());
        }
    }

    /// The hour of a token's last use; none where it was never seen.
    pub(crate) fn of(&self, token: &TokenId) -> Option<Timestamp> {
        let hours = self.hours.lock().unwrap_or_else(PoisonError::into_inner);
        hours.get(token).copied()
    }
}

fn write(path: &Path, hours: &BTreeMap<TokenId, Timestamp>) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().tempfile_in(directory)?;
    file.write_all(&serde_json::to_vec(hours)?)?;
    file.persist(path)?;
    Ok(())
}
