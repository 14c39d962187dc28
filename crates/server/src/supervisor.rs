//! What a service manager hears of a server: that it accepts connections, that it is alive, that it stops. How that is
//! said is the affair of who starts it (sd_notify(3) is in `cli`).
//!
//! Alive is not that a timer fires. It is that a task of the runtime runs, that the index answers it, and that the
//! committer gets on with what waits for it.

use packyard_repo::{RepoError, Yard};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How long changes may wait without one of them being through. The largest promotions and retentions take seconds, on
/// a slow disk minutes.
const LONGEST_COMMIT: Duration = Duration::from_mins(10);

/// One thing that a service manager hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News<'a> {
    /// Connections are accepted.
    Ready,
    /// It works.
    Alive,
    /// It does not, and why; [`News::Alive`] is not said until it does again.
    Stuck(&'a str),
    /// What is in flight is finished, and nothing else is begun.
    Stopping,
}

/// Who is told, and how often that the server is alive.
#[derive(Clone)]
pub struct Supervisor {
    tell: Arc<dyn Fn(News<'_>) + Send + Sync>,
    every: Option<Duration>,
}

impl Supervisor {
    /// Somebody who is told; with `every`, also that the server is alive.
    pub fn new(tell: impl Fn(News<'_>) + Send + Sync + 'static, every: Option<Duration>) -> Self {
        Self {
            tell: Arc::new(tell),
            every,
        }
    }

    /// Nobody.
    pub fn none() -> Self {
        Self::new(|_| {}, None)
    }

    /// Tells something.
    pub fn tell(&self, news: News<'_>) {
        (self.tell)(news);
    }

    /// Looks again and again whether a yard's server works.
    pub async fn watch(self, yard: Yard) {
        let Some(every) = self.every else { return };
        let mut patience = Patience::default();
        loop {
            let index = tokio::time::timeout(every, answers(yard.clone()));
            let seen = match index.await {
                Ok(Ok(())) => patience.look(Progress::of(&yard), Instant::now()),
                Ok(Err(e)) => Err(format!("the index does not answer: {e}")),
                Err(_) => Err("the index does not answer in time".to_owned()),
            };
            match seen {
                Ok(()) => self.tell(News::Alive),
                Err(why) => {
                    tracing::error!("the watchdog is not told that the server is alive: {why}");
                    self.tell(News::Stuck(&why));
                }
            }
            tokio::time::sleep(every).await;
        }
    }
}

/// The index says which revision it holds, read by a thread that may block as those of requests may.
async fn answers(yard: Yard) -> Result<(), RepoError> {
    let read = tokio::task::spawn_blocking(move || yard.applied().map(drop));
    // Whether the thread panicked is the same to who watches.
    read.await.unwrap_or(Err(RepoError::ShuttingDown))
}

/// How far a committer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Progress {
    /// Changes wait for it, or are at work.
    is_asked: bool,
    /// Batches that it has done with.
    done: u64,
}

impl Progress {
    /// Of a yard; who only reads is asked for nothing.
    fn of(yard: &Yard) -> Self {
        let figures = yard.figures();
        Self {
            is_asked: figures.is_some_and(|f| f.waiting() > 0),
            done: figures.map_or(0, |f| f.commits() + f.failures()),
        }
    }
}

/// Since when a committer is where it is, while it is asked for more.
#[derive(Debug, Default)]
struct Patience(Option<(u64, Instant)>);

impl Patience {
    fn look(&mut self, at: Progress, now: Instant) -> Result<(), String> {
        let since = match self.0 {
            Some((done, since)) if at.is_asked && done == at.done => since,
            _ => now,
        };
        self.0 = at.is_asked.then_some((at.done, since));
        let waited = now.saturating_duration_since(since);
        if waited > LONGEST_COMMIT {
            let seconds = waited.as_secs();
            return Err(format!("no change was committed for {seconds} s, and some wait"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn after(began: Instant, minutes: u64) -> Instant {
        began + Duration::from_mins(minutes)
    }

    #[test]
    fn a_committer_that_is_asked_and_does_nothing_for_long_is_stuck() {
        let began = Instant::now();
        let mut patience = Patience::default();
        let busy = |done| Progress { is_asked: true, done };
        assert!(patience.look(busy(3), began).is_ok());
        assert!(patience.look(busy(3), after(began, 9)).is_ok());
        let stuck = patience.look(busy(3), after(began, 11)).unwrap_err();
        assert_eq!(stuck, "no change was committed for 660 s, and some wait");
        // It got on, so its time begins anew.
        assert!(patience.look(busy(4), after(began, 12)).is_ok());
        assert!(patience.look(busy(4), after(began, 21)).is_ok());
    }

    #[test]
    fn a_committer_that_nobody_asks_may_idle_for_ever() {
        let began = Instant::now();
        let mut patience = Patience::default();
        let idle = |is_asked| Progress { is_asked, done: 3 };
        assert!(patience.look(idle(true), began).is_ok());
        assert!(patience.look(idle(false), after(began, 600)).is_ok());
        assert!(patience.look(idle(true), after(began, 1200)).is_ok());
    }

    #[test]
    fn nothing_is_told_while_the_runtime_hangs() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let dir = tempfile::TempDir::new().unwrap();
        let open = packyard_repo::OpenYard {
            dir: packyard_repo::DataDir::new(dir.path()),
            clock: crate::system_clock(),
            node: "here".to_owned(),
            keys: None,
        };
        let yard = runtime.block_on(Yard::open(open)).unwrap();
        let (sender, told) = mpsc::channel();
        let say = move |news: News<'_>| {
            let _ = sender.send(news == News::Alive);
        };
        let supervisor = Supervisor::new(say, Some(Duration::from_millis(20)));
        runtime.spawn(supervisor.watch(yard));
        let soon = Duration::from_secs(20);
        assert!(told.recv_timeout(soon).unwrap() && told.recv_timeout(soon).unwrap());

        // The only worker is busy with something that does not yield.
        let (go_on, held) = mpsc::channel::<()>();
        let (begun, hangs) = mpsc::channel();
        runtime.spawn(async move {
            begun.send(()).unwrap();
            let _ = held.recv();
        });
        hangs.recv_timeout(soon).unwrap();
        while told.try_recv().is_ok() {}
        assert!(told.recv_timeout(Duration::from_millis(400)).is_err());
        drop(go_on);
        assert!(told.recv_timeout(soon).unwrap());
    }
}
