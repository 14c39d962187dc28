//! One download of a file, however many ask for it. It goes on when those who asked have left, and ends by itself: an
//! upstream that pauses for too long, or sends too much, is hung up on.

use super::{
    FetchFailed, FileAnswer, Way,
    download::{BUSY, Download, Failure},
    lock,
    pace::{Pace, Seconds},
    record::{FORMAT, FileRecord},
};
use crate::{RepoError, Yard, yard::blocking};
use futures::StreamExt as _;
use packyard_types::{Blob, Digest, ProjectName, Timestamp, UpstreamUrl};
use std::{
    collections::HashMap,
    fs::File,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::Semaphore, time::timeout};

/// How many files are downloaded at a time, of all upstreams: more than one of them may have.
const AT_ONCE: usize = 32;
/// How long nothing may arrive.
const IDLE: Duration = Duration::from_secs(30);
/// How long a download may wait for its turn.
const TURN: Duration = Duration::from_mins(1);
/// How long it may take altogether.
const LONGEST: Duration = Duration::from_hours(1);
/// How long a download that is over is joined: until everybody sees the record.
const LINGERS: Duration = Duration::from_secs(5);
/// How long a lie is remembered.
const LIE: Duration = Duration::from_secs(3);

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Job {
    /// The upstream whose page named it.
    pub upstream: UpstreamUrl,
    /// The project.
    pub project: ProjectName,
    /// Its name: an artifact's, perhaps with `.metadata` behind it.
    pub filename: String,
    /// Where it is.
    pub url: String,
    /// What it must hash to.
    pub digest: Digest,
    /// How many bytes it must have, where the page says so.
    pub size_bytes: Option<u64>,
    /// When it was uploaded there.
    pub uploaded_at: Option<Timestamp>,
    /// What the metadata beside it hashes to.
    pub metadata_sha256: Option<Digest>,
    /// The most bytes that it may have, where that is less than for any file.
    pub limit_bytes: u64,
}

type UnderWay = Arc<Mutex<HashMap<(UpstreamUrl, Digest), Arc<Download>>>>;

/// The downloads under way, by upstream and digest: what one upstream gives is not another's.
pub struct Downloads {
    under_way: UnderWay,
    slots: Arc<Semaphore>,
}

impl Default for Downloads {
    fn default() -> Self {
        Self {
            under_way: Arc::default(),
            slots: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

impl Yard {
    /// The download of a file: the one that is under way, or a new one.
    pub(super) fn download(&self, job: &Job) -> Result<Arc<Download>, RepoError> {
        let all = self.upstreams();
        let missing = || RepoError::UpstreamDown {
            what: format!("`{}`", job.filename),
            upstream: job.upstream.to_string(),
            reason: "this process asks no other index".to_owned(),
        };
        let Way { fetch, file_bytes } = all.way.get().ok_or_else(missing)?;
        let mut under_way = lock(&all.downloads.under_way);
        let id = (job.upstream.clone(), job.digest);
        if let Some(download) = under_way.get(&id) {
            return Ok(Arc::clone(download));
        }
        let what = job.filename.clone();
        let download = Arc::new(Download::new(what, job.upstream.to_string(), job.size_bytes));
        under_way.insert(id.clone(), Arc::clone(&download));
        let running = Running {
            yard: self.clone(),
            way: Way {
                fetch: Arc::clone(fetch),
                file_bytes: (*file_bytes).min(job.limit_bytes),
            },
            job: job.clone(),
            download: Arc::clone(&download),
            ended: false,
        };
        let registry = Arc::clone(&all.downloads.under_way);
        // The upstream's own first: who waits for one of those holds none of all.
        let slots = [
            all.origins.file_slots(&job.upstream),
            Arc::clone(&all.downloads.slots),
        ];
        tokio::spawn(async move {
            let lingers = running.run(slots).await;
            tokio::time::sleep(lingers).await;
            lock(&registry).remove(&id);
        });
        Ok(download)
    }
}

/// A download that is being made. Dropped before its end, it says that it came to nothing.
struct Running {
    yard: Yard,
    way: Way,
    job: Job,
    download: Arc<Download>,
    ended: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            self.end(Err(Failure::Down("the download was broken off".to_owned())));
        }
    }
}

impl Running {
    fn end(&mut self, end: Result<(), Failure>) {
        self.ended = true;
        self.download.tell(|progress| progress.end = Some(end));
    }

    /// Makes it. For how long it is to be remembered afterwards.
    async fn run(mut self, [of_it, of_all]: [Arc<Semaphore>; 2]) -> Duration {
        let turn = async {
            Some((
                of_it.acquire_owned().await.ok()?,
                of_all.acquire_owned().await.ok()?,
            ))
        };
        let Ok(Some(_turn)) = timeout(TURN, turn).await else {
            self.end(Err(Failure::Down(BUSY.to_owned())));
            return Duration::ZERO;
        };
        let made = match timeout(LONGEST, self.receive()).await {
            Ok(made) => made,
            Err(_) => Err(Failure::Down(format!(
                "it takes longer than {} s",
                LONGEST.as_secs()
            ))),
        };
        let Job { url, digest, .. } = &self.job;
        match made {
            Ok(()) => LINGERS,
            Err(failure @ Failure::Wrong(_)) => {
                let Failure::Wrong(reason) = &failure else {
                    return Duration::ZERO;
                };
                tracing::error!(%url, %digest, "an upstream gives other bytes than its page says: {reason}");
                self.end(Err(failure));
                LIE
            }
            Err(failure) => {
                let reason = match &failure {
                    Failure::Down(reason) | Failure::Wrong(reason) | Failure::Here(reason) => reason,
                };
                tracing::warn!(%url, %digest, "a file of an upstream did not come: {reason}");
                self.end(Err(failure));
                Duration::ZERO
            }
        }
    }

    async fn receive(&mut self) -> Result<(), Failure> {
        let here = |e: RepoError| Failure::Here(e.to_string());
        let answer = timeout(IDLE, self.way.fetch.file(&self.job.upstream, &self.job.url)).await;
        let FileAnswer { size_bytes, mut body } =
            answer.map_err(|_| silent())?.map_err(|e| self.failed(&e))?;
        let wanted = self.job.size_bytes.or(size_bytes);
        if let (Some(promised), Some(coming)) = (self.job.size_bytes, size_bytes)
            && promised != coming
        {
            let reason = format!("it has {coming} bytes, not {promised} as the page says");
            return Err(Failure::Wrong(reason));
        }
        self.fits(size_bytes.unwrap_or(0), wanted)?;
        let mut receiver = self
            .yard
            .receive(&self.job.filename, self.way.file_bytes)
            .map_err(here)?;
        let file = File::open(receiver.path()).map_err(|e| Failure::Here(e.to_string()))?;
        self.download.lies_in(file);
        self.download.tell(|progress| progress.size_bytes = wanted);
        let (mut so_far, mut pace, mut seconds) = (0, Pace::default(), Seconds::begin());
        loop {
            let piece = timeout(IDLE, body.next()).await.map_err(|_| silent())?;
            let Some(piece) = piece else { break };
            let piece = piece.map_err(|e| self.failed(&e))?;
            so_far += piece.len() as u64;
            self.fits(so_far, wanted)?;
            if let Some(reason) = pace.too_slow(seconds.passed(), so_far, self.is_watched()) {
                return Err(Failure::Down(reason));
            }
            receiver.write(&piece).map_err(here)?;
            self.download.tell(|progress| progress.received_bytes = so_far);
        }
        // Nothing more is asked of the upstream.
        drop(body);
        let upload = receiver.finish();
        self.is_right(upload.blob)?;
        self.download.tell(|progress| progress.size_bytes = Some(so_far));
        // Whoever reads along may have the rest while the disk catches up.
        self.end(Ok(()));
        let kept = self.keep(upload).await;
        if let Err(e) = kept {
            tracing::warn!(url = %self.job.url, "a file of an upstream could not be kept: {e}");
        }
        Ok(())
    }

    /// The log says why; strangers are told less.
    fn failed(&self, e: &FetchFailed) -> Failure {
        tracing::warn!(url = %self.job.url, "a file of an upstream breaks off: {e}");
        Failure::Down(e.in_general())
    }

    /// Whether somebody reads along: whoever does holds the download, as this and the registry do.
    fn is_watched(&self) -> bool {
        Arc::strong_count(&self.download) > 2
    }

    /// Whether so many bytes may come.
    fn fits(&self, bytes: u64, wanted: Option<u64>) -> Result<(), Failure> {
        let most = self.way.file_bytes;
        if bytes > most {
            return Err(Failure::Wrong(format!(
                "it has more than {most} bytes, which is the limit here"
            )));
        }
        match wanted {
            Some(wanted) if bytes > wanted => Err(Failure::Wrong(format!(
                "it has more than the {wanted} bytes that were promised"
            ))),
            _ => Ok(()),
        }
    }

    fn is_right(&self, blob: Blob) -> Result<(), Failure> {
        let digest = &self.job.digest;
        let promised = self.download.progress().size_bytes;
        if promised.is_some_and(|promised| blob.size_bytes < promised) {
            let promised = promised.unwrap_or_default();
            return Err(Failure::Down(format!(
                "it broke off after {} of {promised} bytes",
                blob.size_bytes
            )));
        }
        if blob.digest != *digest {
            let reason = format!("it has sha256 {}, not {digest} as the page says", blob.digest);
            return Err(Failure::Wrong(reason));
        }
        Ok(())
    }

    /// The blob first, then the record that needs it.
    async fn keep(&self, upload: crate::Upload) -> Result<(), RepoError> {
        let Job { filename, digest, .. } = &self.job;
        // Purged while it came.
        self.yard.not_purged(&format!("`{filename}`"), digest)?;
        let _whole = self.yard.taking_in().await?;
        self.yard
            .store()
            .put_blob_file(upload.blob, upload.path())
            .await?;
        let record = FileRecord {
            v: FORMAT,
            filename: filename.clone(),
            project: self.job.project.clone(),
            upstream: self.job.upstream.clone(),
            url: self.job.url.clone(),
            size_bytes: upload.blob.size_bytes,
            fetched_at: self.yard.now(),
            uploaded_at: self.job.uploaded_at,
            metadata_sha256: self.job.metadata_sha256,
        };
        self.yard.keep_file(digest, &record).await?;
        // Deleting a large file takes a moment.
        blocking(move || {
            drop(upload);
            Ok(())
        })
        .await
    }
}

fn silent() -> Failure {
    Failure::Down(format!("nothing arrived for {} s", IDLE.as_secs()))
}
