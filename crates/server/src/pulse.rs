//! Whether a connection is alive: what went over it last, and what it waits for.

use crate::{
    limits::{Traffic, seconds},
    metrics::Metrics,
};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// No moment.
const NEVER: u64 = u64::MAX;

/// What is known of a connection. Moments are milliseconds since it began.
#[derive(Debug)]
pub struct Pulse {
    began: Instant,
    /// Requests whose body or answer is not through.
    in_flight: AtomicUsize,
    /// Since when a header is on its way.
    head_since: AtomicU64,
    /// When something came or went.
    moved: AtomicU64,
    /// Since when the client takes nothing of what is sent.
    stuck_since: AtomicU64,
    /// Bytes that came.
    heard: AtomicU64,
}

/// What a connection deserves.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// To go on.
    Alive,
    /// To be closed: nobody asks anything.
    Idle,
    /// To be told that its request did not come; with nothing said if it never began one.
    Late {
        /// Whether it began one.
        began: bool,
    },
    /// To be cut: nobody takes the answer.
    Stuck,
}

impl Pulse {
    /// Of a connection that begins now. Its first header is waited for from here.
    pub fn new(now: Instant) -> Arc<Self> {
        Arc::new(Self {
            began: now,
            in_flight: AtomicUsize::new(0),
            head_since: AtomicU64::new(0),
            moved: AtomicU64::new(0),
            stuck_since: AtomicU64::new(NEVER),
            heard: AtomicU64::new(0),
        })
    }

    /// A request has arrived; it is in flight until all clones of the answer are dropped.
    pub fn take_off(self: &Arc<Self>) -> Flight {
        self.head_since.store(NEVER, Ordering::Relaxed);
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Flight(Arc::clone(self))
    }

    /// What it deserves at a moment.
    pub fn verdict(&self, now: Instant, traffic: &Traffic) -> Verdict {
        let now = self.at(now);
        let past = |since: &AtomicU64, limit: Duration| {
            let since = since.load(Ordering::Relaxed);
            since != NEVER && u128::from(now.saturating_sub(since)) > limit.as_millis()
        };
        if past(&self.stuck_since, seconds(traffic.send_idle_seconds)) {
            return Verdict::Stuck;
        }
        if self.in_flight.load(Ordering::Relaxed) > 0 {
            return Verdict::Alive;
        }
        if past(&self.head_since, seconds(traffic.header_seconds)) {
            let began = self.heard.load(Ordering::Relaxed) > 0;
            return Verdict::Late { began };
        }
        // What is still being sent moves.
        if past(&self.moved, seconds(traffic.idle_seconds)) {
            return Verdict::Idle;
        }
        Verdict::Alive
    }

    fn at(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.began).as_millis();
        u64::try_from(since).unwrap_or(NEVER - 1)
    }

    fn came(&self, bytes: usize) {
        let now = self.at(Instant::now());
        self.moved.store(now, Ordering::Relaxed);
        self.heard.fetch_add(bytes as u64, Ordering::Relaxed);
        if self.in_flight.load(Ordering::Relaxed) == 0 {
            let _ = self
                .head_since
                .compare_exchange(NEVER, now, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    fn went(&self) {
        self.moved.store(self.at(Instant::now()), Ordering::Relaxed);
        self.stuck_since.store(NEVER, Ordering::Relaxed);
    }

    fn waits(&self) {
        let now = self.at(Instant::now());
        let _ = self
            .stuck_since
            .compare_exchange(NEVER, now, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// A request in flight.
#[derive(Debug)]
pub struct Flight(Arc<Pulse>);

impl Clone for Flight {
    fn clone(&self) -> Self {
        self.0.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.moved.store(self.0.at(Instant::now()), Ordering::Relaxed);
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A stream whose pulse is felt and whose bytes are counted.
pub struct Wire<S> {
    stream: S,
    pulse: Arc<Pulse>,
    metrics: Arc<Metrics>,
}

impl<S> Wire<S> {
    /// Over a stream.
    pub fn new(stream: S, pulse: Arc<Pulse>, metrics: Arc<Metrics>) -> Self {
        Self {
            stream,
            pulse,
            metrics,
        }
    }

    fn sent(&self, done: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &done {
            Poll::Ready(Ok(bytes)) => {
                self.metrics.sent(*bytes);
                self.pulse.went();
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.pulse.waits(),
        }
        done
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let done = Pin::new(&mut self.stream).poll_read(cx, buf);
        let came = buf.filled().len() - before;
        if came > 0 {
            self.metrics.received(came);
            self.pulse.came(came);
        }
        done
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.sent(done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.sent(done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(cx);
        match &done {
            Poll::Ready(Ok(())) => self.pulse.stuck_since.store(NEVER, Ordering::Relaxed),
            Poll::Ready(Err(_)) => {}
            // TLS keeps what the socket does not take.
            Poll::Pending => self.pulse.waits(),
        }
        done
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(pulse: &Pulse, s: u64) -> Verdict {
        pulse.verdict(pulse.began + Duration::from_secs(s), &Traffic::default())
    }

    #[test]
    fn a_header_that_does_not_come_is_late_and_a_connection_between_requests_is_idle() {
        let pulse = Pulse::new(Instant::now());
        assert_eq!(later(&pulse, 29), Verdict::Alive);
        assert_eq!(later(&pulse, 31), Verdict::Late { began: false });
        pulse.came(1);
        assert_eq!(later(&pulse, 31), Verdict::Late { began: true });
        let flight = pulse.take_off();
        assert_eq!(later(&pulse, 3600), Verdict::Alive);
        drop(flight);
        assert_eq!(later(&pulse, 60), Verdict::Alive);
        assert_eq!(later(&pulse, 80), Verdict::Idle);
    }

    #[test]
    fn a_client_that_takes_nothing_of_its_answer_is_stuck_until_it_does() {
        let pulse = Pulse::new(Instant::now());
        let _flight = pulse.take_off();
        pulse.waits();
        assert_eq!(later(&pulse, 121), Verdict::Stuck);
        pulse.went();
        assert_eq!(later(&pulse, 121), Verdict::Alive);
    }
}
