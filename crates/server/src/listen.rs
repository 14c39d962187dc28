//! Listening, and stopping: SIGTERM and SIGINT let what is in flight finish.

use crate::{app::App, router::router};
use axum::serve::ListenerExt;
use packyard_repo::{Clock, Yard};
use packyard_types::Timestamp;
use std::{
    future::{Future, IntoFuture},
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

/// How long requests in flight may take to finish when the process is asked to end.
const LONGEST_STOP: Duration = Duration::from_secs(30);

/// A server that accepts connections.
pub struct Listening {
    listener: TcpListener,
    app: App,
}

impl Listening {
    /// Binds an address; port 0 picks a free one.
    pub async fn bind(app: App, address: SocketAddr) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            app,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the process is asked to end, then finishes what is in flight.
    pub async fn run(self) -> io::Result<()> {
        let stop = stop_signal()?;
        // Every one of them writes.
        let chores = if self.app.yard.is_reader() {
            Vec::new()
        } else {
            vec![
                tokio::spawn(sweep(self.app.yard.clone())),
                tokio::spawn(renew(self.app.yard.clone())),
                tokio::spawn(retain(self.app.yard.clone())),
                tokio::spawn(refresh_indexes(self.app.yard.clone())),
            ]
        };
        let service = router(self.app).into_make_service_with_connect_info::<SocketAddr>();
        // Small answers go out at once.
        let listener = self.listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let (stopping, stopped) = tokio::sync::oneshot::channel();
        let graceful = async move {
            stop.await;
            let _ = stopping.send(());
        };
        let serve = axum::serve(listener, service)
            .with_graceful_shutdown(graceful)
            .into_future();
        // A client that never finishes its request does not keep the process alive.
        let overdue = async move {
            let _ = stopped.await;
            tokio::time::sleep(LONGEST_STOP).await;
        };
        let done = tokio::select! {
            done = serve => done,
            () = overdue => {
                tracing::warn!("some requests did not finish in {} s; they are cut off", LONGEST_STOP.as_secs());
                Ok(())
            }
        };
        chores.iter().for_each(tokio::task::JoinHandle::abort);
        done
    }
}

/// Forgets, now and daily, what waited too long to be published.
async fn sweep(yard: Yard) {
    const DAY: Duration = Duration::from_hours(24);
    loop {
        if let Err(e) = yard.sweep_staging().await {
            tracing::warn!(error = %e, "old drafts and uploads could not be swept: {e}");
        }
        tokio::time::sleep(DAY).await;
    }
}

/// Takes away, now and hourly, what channels that keep days keep no longer.
async fn retain(yard: Yard) {
    const HOUR: Duration = Duration::from_hours(1);
    loop {
        if let Err(e) = yard.retain_in_time().await {
            tracing::warn!(error = %e, "retention failed: {e}");
        }
        tokio::time::sleep(HOUR).await;
    }
}

/// Signs anew what would expire. It looks again whenever a revision was made, since that may have brought what expires
/// sooner.
async fn renew(yard: Yard) {
    const TICK: Duration = Duration::from_millis(500);
    const AFTER_A_FAILURE: Duration = Duration::from_secs(30);
    let (mut seen, mut due) = (None, None);
    loop {
        let now = yard.now();
        let newest = yard.applied().map(|applied| applied.revision).ok();
        if seen != newest || due.is_some_and(|due| due <= now) {
            match yard.renew().await {
                Ok(next) => (seen, due) = (newest, next),
                Err(e) => {
                    tracing::error!(error = %e, "Release files could not be signed anew: {e}");
                    tokio::time::sleep(AFTER_A_FAILURE).await;
                }
            }
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Brings up, at first and then at most once a minute, index files that are not as they would be made now.
async fn refresh_indexes(yard: Yard) {
    const PAUSE: Duration = Duration::from_mins(1);
    let mut seen = None;
    loop {
        let newest = yard.applied().map(|applied| applied.revision).ok();
        if seen != newest {
            match yard.refresh_indexes().await {
                Ok(()) => seen = newest,
                Err(e) => tracing::error!(error = %e, "index files could not be brought up: {e}"),
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: requests in flight are finished first");
    })
}

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| Timestamp::from_system_time(SystemTime::now()))
}
