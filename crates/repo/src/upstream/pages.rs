//! A page of an upstream as it is now. It is kept for as long as the upstream says, within bounds; then it is asked for
//! again, by one request however many wait; and where nobody answers, the one that was kept is served and called stale.

use super::{
    PageAnswer, PageId, Upstreams, lock,
    origin::later,
    record::{FORMAT, PageRecord},
    shelf::Known,
};
use crate::{RepoError, Yard, yard::blocking};
use packyard_formats::{
    fault::Fault,
    repository::upstream::{self, MAX_PAGE_BYTES},
};
use packyard_store::{UpstreamKey, UpstreamRecords};
use packyard_types::{ProjectName, Timestamp, UpstreamUrl};
use std::{
    collections::HashMap,
    ops::RangeInclusive,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::{Semaphore, watch};

/// For how many seconds a page is good, whatever the upstream says.
const FRESH: RangeInclusive<u64> = 60..=600;
/// For how many seconds it is believed that there is none.
const ABSENT: i64 = 60;
/// For how many seconds a page is not asked for again after that failed.
const PAUSE: i64 = 10;
/// For how many seconds where it came and could not be read: that is dear.
const PAUSE_OF_GARBAGE: i64 = 60;
/// How many pages are read at a time, of all upstreams.
const READ_AT_ONCE: usize = 2;
/// How long somebody waits who could have a stale copy.
const PATIENCE_WITH_A_COPY: Duration = Duration::from_secs(5);
/// How long somebody waits who could not: less than pip does (15 s), so that it hears why.
const PATIENCE: Duration = Duration::from_secs(12);

/// A page, and whether the upstream stands by it.
#[derive(Debug, Clone)]
pub struct Current {
    /// The page.
    pub kept: Arc<PageRecord>,
    /// When the upstream said so last.
    pub confirmed_at: Timestamp,
    /// Why it is stale, if it is.
    pub stale: Option<String>,
}

/// The pages that are being asked for. A receiver whose sender is gone has what it waits for.
type UnderWay = Arc<Mutex<HashMap<PageId, watch::Receiver<()>>>>;

/// The pages that are being asked for, and the right to read one that came.
pub struct Asking {
    under_way: UnderWay,
    reading: Semaphore,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            under_way: UnderWay::default(),
            reading: Semaphore::new(READ_AT_ONCE),
        }
    }
}

/// Why there is no page, in words, and for how many seconds it is not asked for again.
struct Refusal(String, i64);

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Self(reason, PAUSE)
    }
}

/// Somebody is asking for a page, until this is dropped.
struct Turn {
    asking: UnderWay,
    id: PageId,
    _done: watch::Sender<()>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.asking).remove(&self.id);
    }
}

impl Known {
    fn nothing() -> Self {
        let never = Timestamp::from_unix_seconds(0);
        Self {
            kept: None,
            confirmed_at: never,
            fresh_until: never,
            failed: None,
        }
    }

    fn kept(kept: PageRecord, now: Timestamp) -> Self {
        let fresh_for = i64::try_from(kept.fresh_for).unwrap_or(0);
        // A record from the future says nothing of how old it is.
        let believed = if kept.fetched_at <= now { fresh_for } else { 0 };
        Self {
            confirmed_at: kept.fetched_at,
            fresh_until: later(kept.fetched_at, believed),
            kept: Some(Arc::new(kept)),
            failed: None,
        }
    }

    fn current(self, stale: Option<String>) -> Option<Current> {
        Some(Current {
            kept: self.kept?,
            confirmed_at: self.confirmed_at,
            stale,
        })
    }
}

/// How long a page is good.
fn fresh_for(max_age: Option<u64>) -> u64 {
    max_age
        .unwrap_or(*FRESH.end())
        .clamp(*FRESH.start(), *FRESH.end())
}

impl Yard {
    /// The page of a project as the upstream has it; none where it says that there is none. `again` insists on asking.
    pub(super) async fn upstream_page(
        &self,
        upstream: &UpstreamUrl,
        project: &ProjectName,
        again: bool,
    ) -> Result<Option<Current>, RepoError> {
        let (all, now) = (self.upstreams(), self.now());
        let id = (upstream.clone(), project.clone());
        let known = self.known_page(&id).await?;
        if let Some((reason, _)) = known.failed.clone().filter(|(_, until)| now < *until) {
            return self.stale(&id, known, reason);
        }
        let asked_now = known.confirmed_at.unix_seconds() >= now.unix_seconds();
        if now < known.fresh_until && (asked_now || !again) {
            return Ok(known.current(None));
        }
        if let Some(reason) = all.origins.paused(upstream, now) {
            return self.stale(&id, known, reason);
        }
        let patience = if known.kept.is_some() {
            PATIENCE_WITH_A_COPY
        } else {
            PATIENCE
        };
        let mut done = self.ask(&id, &known);
        // An error says that whoever asked has done so.
        if tokio::time::timeout(patience, done.changed()).await.is_err() {
            let reason = format!("no answer in {} s", patience.as_secs());
            let failed = Some((reason.clone(), later(self.now(), PAUSE)));
            let known = Known { failed, ..known };
            lock(&all.shelf).put(id.clone(), known.clone());
            return self.stale(&id, known, reason);
        }
        let known = self.known_page(&id).await?;
        match known.failed.clone() {
            Some((reason, _)) => self.stale(&id, known, reason),
            None => Ok(known.current(None)),
        }
    }

    /// The page that is kept, without asking anybody.
    pub(super) async fn kept_upstream_page(
        &self,
        upstream: &UpstreamUrl,
        project: &ProjectName,
    ) -> Result<Option<Current>, RepoError> {
        let known = self.known_page(&(upstream.clone(), project.clone())).await?;
        let stale = known.failed.clone().map(|(reason, _)| reason);
        Ok(known.current(stale))
    }

    async fn known_page(&self, id: &PageId) -> Result<Known, RepoError> {
        let pages = &self.upstreams().shelf;
        if let Some(known) = lock(pages).get(id) {
            return Ok(known);
        }
        let kept = self.kept_page(id).await?;
        let known = kept.map_or_else(Known::nothing, |kept| Known::kept(kept, self.now()));
        lock(pages).put(id.clone(), known.clone());
        Ok(known)
    }

    fn stale(&self, id: &PageId, known: Known, reason: String) -> Result<Option<Current>, RepoError> {
        if known.kept.is_some() {
            return Ok(known.current(Some(reason)));
        }
        Err(RepoError::UpstreamDown {
            what: format!("the page of `{}`", id.1),
            upstream: id.0.to_string(),
            reason,
        })
    }

    /// Asks for a page, or joins who does. It goes on when nobody waits any more.
    fn ask(&self, id: &PageId, known: &Known) -> watch::Receiver<()> {
        let asking = Arc::clone(&self.upstreams().asking.under_way);
        let mut all = lock(&asking);
        if let Some(receiver) = all.get(id) {
            return receiver.clone();
        }
        let (sender, receiver) = watch::channel(());
        all.insert(id.clone(), receiver.clone());
        drop(all);
        let turn = Turn {
            asking,
            id: id.clone(),
            _done: sender,
        };
        let (yard, known) = (self.clone(), known.clone());
        tokio::spawn(async move {
            let now_known = match yard.refreshed(&turn.id, &known).await {
                Ok(now_known) => now_known,
                Err(Refusal(reason, pause)) => {
                    tracing::warn!(upstream = %turn.id.0, project = %turn.id.1, "an upstream is of no use: {reason}");
                    let failed = Some((reason, later(yard.now(), pause)));
                    Known { failed, ..known }
                }
            };
            lock(&yard.upstreams().shelf).put(turn.id.clone(), now_known);
            drop(turn);
        });
        receiver
    }

    /// What the upstream says now; in words why it says nothing.
    async fn refreshed(&self, id: &PageId, known: &Known) -> Result<Known, Refusal> {
        let Upstreams { way, origins, .. } = self.upstreams();
        let way = way
            .get()
            .ok_or_else(|| "this process asks no other index".to_owned())?;
        let _slot = origins.slots(&id.0).acquire_owned().await;
        let kept = known.kept.as_deref();
        let etag = kept.and_then(|kept| kept.etag.as_deref());
        let url = id.0.page(&id.1);
        let answer = way.fetch.page(&id.0, &url, etag, MAX_PAGE_BYTES).await;
        match &answer {
            Err(e) if !e.answered => origins.silent(&id.0, &e.in_general(), self.now()),
            _ => origins.answered(&id.0),
        }
        if let Err(e) = &answer {
            tracing::warn!(%url, "a page of an upstream did not come: {e}");
        }
        let now = self.now();
        let in_words = |e: RepoError| e.to_string();
        match (answer.map_err(|e| e.in_general())?, known.kept.clone()) {
            (PageAnswer::NotModified { max_age }, Some(kept)) => Ok(Known {
                kept: Some(kept),
                confirmed_at: now,
                fresh_until: later(now, i64::try_from(fresh_for(max_age)).unwrap_or(0)),
                failed: None,
            }),
            (PageAnswer::NotModified { .. }, None) => {
                Err("it says that nothing changed, of nothing".to_owned().into())
            }
            (PageAnswer::TooLarge, _) => Err(Refusal(
                format!("the page has more than {MAX_PAGE_BYTES} bytes"),
                PAUSE_OF_GARBAGE,
            )),
            (PageAnswer::Absent, _) => {
                self.forget_page(id).await.map_err(in_words)?;
                Ok(Known {
                    confirmed_at: now,
                    fresh_until: later(now, ABSENT),
                    ..Known::nothing()
                })
            }
            (
                PageAnswer::Page {
                    url,
                    bytes,
                    etag,
                    max_age,
                },
                kept,
            ) => {
                let project = id.1.clone();
                let reading = self.upstreams().asking.reading.acquire().await;
                let page = blocking(move || Ok(upstream::read(&project, &url, &bytes))).await;
                drop(reading);
                let garbage = |fault: Fault| Refusal(fault.to_string(), PAUSE_OF_GARBAGE);
                let page = page.map_err(in_words)?.map_err(garbage)?;
                let record = PageRecord {
                    v: FORMAT,
                    upstream: id.0.clone(),
                    project: id.1.clone(),
                    fetched_at: now,
                    fresh_for: fresh_for(max_age),
                    etag,
                    page,
                };
                let same = |kept: &Arc<PageRecord>| kept.etag == record.etag && kept.page == record.page;
                if !kept.as_ref().is_some_and(same)
                    && let Err(e) = self.keep_page(&record).await
                {
                    tracing::warn!(upstream = %id.0, project = %id.1, "a page could not be kept: {e}");
                }
                Ok(Known::kept(record, now))
            }
        }
    }

    /// What is not there any more is not served when the upstream is away, either.
    async fn forget_page(&self, id: &PageId) -> Result<(), RepoError> {
        let hex = UpstreamKey::of(&id.0);
        for key in self
            .store()
            .list_upstream(UpstreamRecords::Pages(&hex, &id.1))
            .await?
        {
            self.store().delete_upstream(&key).await?;
        }
        Ok(())
    }
}
