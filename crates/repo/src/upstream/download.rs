//! A file that is arriving: it is written to a temporary file while whoever wants it reads along.
//!
//! The last bytes are held back until the digest is known to be right, so that nobody ever gets the whole of a wrong file.

use super::lock;
use crate::RepoError;
use bytes::Bytes;
use futures::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use std::{
    fs::File,
    ops::Range,
    os::unix::fs::FileExt as _,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::watch, time::sleep};

/// How much is held back until the digest is known.
const HELD_BACK: u64 = 64 << 10;
/// How much is read at a time.
const PIECE: u64 = 256 << 10;
/// How long a client waits for its first bytes before it is told that they will come.
const FIRST_BYTES: Duration = Duration::from_secs(8);

/// How long somebody waits until the bytes begin to arrive: less than pip does (15 s), so that it hears why.
const PATIENCE: Duration = Duration::from_secs(12);
/// Why a download has not begun.
pub const BUSY: &str = "too many other files are being downloaded";

/// How far a download is.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// Whether it has had its turn, and the upstream gives it.
    pub has_begun: bool,
    /// How many bytes it will have, once that is known.
    pub size_bytes: Option<u64>,
    /// How many are there.
    pub received_bytes: u64,
    /// How it ended, if it has.
    pub end: Option<Result<(), Failure>>,
}

/// Why a download came to nothing.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The upstream did not give it.
    Down(String),
    /// What it gave is not what its page says.
    Wrong(String),
    /// It cannot be written here.
    Here(String),
}

/// One download.
pub struct Download {
    /// What, in words: a filename.
    pub what: String,
    /// The upstream, in words.
    pub upstream: String,
    file: Mutex<Option<Arc<File>>>,
    progress: watch::Sender<Progress>,
}

impl Download {
    /// One that has not begun.
    pub fn new(what: String, upstream: String, size_bytes: Option<u64>) -> Self {
        let progress = Progress {
            size_bytes,
            ..Progress::default()
        };
        Self {
            what,
            upstream,
            file: Mutex::new(None),
            progress: watch::Sender::new(progress),
        }
    }

    /// It begins; where the bytes will be.
    pub fn lies_in(&self, file: File) {
        *lock(&self.file) = Some(Arc::new(file));
        self.tell(|progress| progress.has_begun = true);
    }

    /// Waits until it has begun, or ended. Nobody is told that bytes will come before that.
    async fn begun(&self) -> Result<(), RepoError> {
        let begun = self.until(|p| p.has_begun || p.end.is_some());
        match tokio::time::timeout(PATIENCE, begun).await {
            Ok(seen) => seen.map(drop),
            Err(_) => Err(self.error(&Failure::Down(BUSY.to_owned()))),
        }
    }

    /// Tells how far it is.
    pub fn tell(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_modify(change);
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.progress.borrow().clone()
    }

    /// Waits until its size is known, or it has failed.
    pub async fn size_bytes(&self) -> Result<u64, RepoError> {
        self.begun().await?;
        let known = |p: &Progress| p.size_bytes.is_some() || matches!(p.end, Some(Err(_)));
        let progress = self.until(known).await?;
        match (progress.end, progress.size_bytes) {
            (Some(Err(failure)), _) => Err(self.error(&failure)),
            (_, Some(size_bytes)) => Ok(size_bytes),
            (_, None) => Err(RepoError::ShuttingDown),
        }
    }

    /// Waits until it is here, checked.
    pub async fn finished(&self) -> Result<(), RepoError> {
        self.begun().await?;
        match self.until(|p| p.end.is_some()).await?.end {
            Some(Err(failure)) => Err(self.error(&failure)),
            _ => Ok(()),
        }
    }

    async fn until(&self, is_so: impl FnMut(&Progress) -> bool) -> Result<Progress, RepoError> {
        let mut receiver = self.progress.subscribe();
        let seen = receiver.wait_for(is_so).await;
        Ok(seen.map_err(|_| RepoError::ShuttingDown)?.clone())
    }

    /// As an answer to somebody who wanted it.
    pub fn error(&self, failure: &Failure) -> RepoError {
        let (what, upstream) = (format!("`{}`", self.what), self.upstream.clone());
        match failure.clone() {
            Failure::Down(reason) => RepoError::UpstreamDown {
                what,
                upstream,
                reason,
            },
            Failure::Wrong(reason) => RepoError::UpstreamWrong {
                what,
                upstream,
                reason,
            },
            Failure::Here(reason) => RepoError::Io {
                operation: format!("receiving {what}"),
                source: std::io::Error::other(reason),
            },
        }
    }

    /// The bytes of a range, as they arrive. What fails before the first of them, fails here.
    pub async fn stream(
        self: Arc<Self>,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, RepoError>>, RepoError> {
        let (start, patience) = (range.start, sleep(FIRST_BYTES));
        self.begun().await?;
        tokio::select! {
            seen = self.until(|p| p.end.is_some() || visible(p) > start) => {
                if let Some(Err(failure)) = seen?.end {
                    return Err(self.error(&failure));
                }
            }
            () = patience => {}
        }
        let pieces = stream::try_unfold((self, range), |(download, range)| async move {
            if range.is_empty() {
                return Ok(None);
            }
            let piece = download.piece(range.clone()).await?;
            let rest = range.start + piece.len() as u64..range.end;
            Ok(Some((piece, (download, rest))))
        });
        Ok(pieces.boxed())
    }

    /// The next bytes of a range that is not empty.
    async fn piece(&self, range: Range<u64>) -> Result<Bytes, RepoError> {
        let some = |p: &Progress| p.end.is_some() || visible(p) > range.start;
        let progress = self.until(some).await?;
        if let Some(Err(failure)) = &progress.end {
            return Err(self.error(failure));
        }
        let end = range.end.min(visible(&progress)).min(range.start + PIECE);
        let file = lock(&self.file).clone();
        let (Some(file), true) = (file, range.start < end) else {
            let reason = format!("it ends before byte {}", range.end);
            return Err(self.error(&Failure::Wrong(reason)));
        };
        let what = self.what.clone();
        crate::yard::blocking(move || {
            let mut piece = vec![0; usize::try_from(end - range.start).expect("at most PIECE")];
            file.read_exact_at(&mut piece, range.start)
                .map_err(RepoError::io(format!("reading `{what}`")))?;
            Ok(piece.into())
        })
        .await
    }
}

/// How many bytes may be given away.
fn visible(progress: &Progress) -> u64 {
    match progress.end {
        Some(Ok(())) => progress.received_bytes,
        _ => progress.received_bytes.saturating_sub(HELD_BACK),
    }
}
