//! Listening, and stopping: SIGTERM and SIGINT let what is in flight finish.

use crate::{
    app::App,
    connection::Door,
    connections::Connections,
    descriptors::raise_limit,
    router::{router, watching},
    supervisor::{News, Supervisor},
    tls::Tls,
};
use axum::Router;
use packyard_repo::{Clock, Yard};
use packyard_types::Timestamp;
use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// How long requests in flight may take to finish when the process is asked to end.
const LONGEST_STOP: Duration = Duration::from_secs(30);

/// A server that accepts connections.
pub struct Listening {
    listener: TcpListener,
    /// Where machines that watch ask, if they have a listener of their own.
    watched: Option<TcpListener>,
    tls: Option<Tls>,
    app: App,
}

impl Listening {
    /// Binds an address; port 0 picks a free one.
    pub async fn bind(app: App, address: SocketAddr) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            watched: None,
            tls: None,
            app,
        })
    }

    /// Binds a second address, at which `/metrics`, `/healthz` and `/readyz` are, without TLS.
    pub async fn watched_at(self, address: SocketAddr) -> io::Result<Self> {
        let watched = Some(TcpListener::bind(address).await?);
        Ok(Self { watched, ..self })
    }

    /// Speaks TLS only.
    pub fn with_tls(self, tls: Tls) -> Self {
        Self {
            tls: Some(tls),
            ..self
        }
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Where machines that watch ask, if that is elsewhere.
    pub fn watched_address(&self) -> io::Result<Option<SocketAddr>> {
        self.watched.as_ref().map(TcpListener::local_addr).transpose()
    }

    /// Serves until the process is asked to end, then finishes what is in flight. The supervisor hears of it.
    pub async fn run(self, supervisor: Supervisor) -> io::Result<()> {
        let stop = stop_signal()?;
        let Self {
            listener,
            watched,
            tls,
            app,
        } = self;
        raise_limit(&app.settings.traffic);
        let acceptor = tls.as_ref().map(Tls::acceptor).transpose();
        let acceptor = acceptor.map_err(io::Error::other)?;
        let mut chores = Vec::new();
        // Every one of them writes.
        if !app.yard.is_reader() {
            chores.push(tokio::spawn(sweep(app.yard.clone())));
            chores.push(tokio::spawn(renew(app.yard.clone())));
            chores.push(tokio::spawn(retain(app.yard.clone())));
            chores.push(tokio::spawn(refresh_indexes(app.yard.clone())));
        }
        if let Some(tls) = tls {
            chores.push(tokio::spawn(async move {
                if let Err(e) = tls.watch().await {
                    tracing::error!(error = %e, "the certificate is not watched: {e}");
                }
            }));
        }
        let (stopping, stopped) = watch::channel(());
        let door = |router: Router, tls, open: &Arc<Connections>| {
            Arc::new(Door {
                router,
                app: app.clone(),
                tls,
                open: Arc::clone(open),
                stop: stopped.clone(),
            })
        };
        let mut gates = vec![tokio::spawn(accept(
            listener,
            door(router(app.clone()), acceptor, &app.open),
        ))];
        if let Some(watched) = watched {
            // Who watches is let in however many others there are.
            let own = Arc::default();
            gates.push(tokio::spawn(accept(
                watched,
                door(watching(app.clone()), None, &own),
            )));
        }
        drop(stopped);
        supervisor.tell(News::Ready);
        chores.push(tokio::spawn(supervisor.clone().watch(app.yard.clone())));
        stop.await;
        supervisor.tell(News::Stopping);
        for gate in gates {
            gate.abort();
            let _ = gate.await;
        }
        let _ = stopping.send(());
        // A client that never finishes its request does not keep the process alive.
        if tokio::time::timeout(LONGEST_STOP, stopping.closed())
            .await
            .is_err()
        {
            let seconds = LONGEST_STOP.as_secs();
            tracing::warn!("some requests did not finish in {seconds} s; they are cut off");
        }
        chores.iter().for_each(tokio::task::JoinHandle::abort);
        Ok(())
    }
}

/// Accepts connections, each of which is served by a task of its own.
async fn accept(listener: TcpListener, door: Arc<Door>) {
    loop {
        let (stream, peer) = next(&listener).await;
        tokio::spawn(Arc::clone(&door).welcome(stream, peer));
    }
}

/// The next connection. Where the process lacks file descriptors it waits for some: those that are open go on.
async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    const PAUSE: Duration = Duration::from_millis(500);
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The client has gone already.
            Err(e) if is_gone(&e) => {}
            Err(e) => {
                tracing::error!(error = %e, "no connection could be accepted: {e}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn is_gone(e: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(e.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
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
    let (mut seen, mut old) = (None, true);
    loop {
        let newest = yard.applied().map(|applied| applied.revision).ok();
        if seen != newest {
            let repositories = if old {
                yard.refresh_repositories().await
            } else {
                Ok(())
            };
            old = old && repositories.is_err();
            match repositories.and(yard.refresh_indexes().await) {
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
