//! The log, on stderr. A busy server writes a line for each request, so those are collected and written together by a
//! thread of their own, within some milliseconds and without a request waiting for it. Everything else is written at
//! once, after the requests before it.

use std::{
    io::{self, IsTerminal, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;

/// How long lines are collected at most.
const PAUSE: Duration = Duration::from_millis(5);
/// Most bytes that are collected: where nobody reads stderr, requests go on, and the log says what it lacks.
const LIMIT_BYTES: usize = 1 << 20;

/// Ends with what was collected written.
pub struct Log(Arc<Lines>);

impl Drop for Log {
    fn drop(&mut self) {
        self.0.write();
    }
}

/// Sends the log to stderr; `RUST_LOG` decides otherwise.
#[must_use]
pub fn start(default: &str) -> Log {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let lines = Arc::<Lines>::default();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Output(Arc::clone(&lines)))
        .with_ansi(colour)
        // Where the log cannot be written there is nowhere to say so, and requests are answered all the same.
        .log_internal_errors(false)
        .init();
    Log(lines)
}

/// Lines that wait to be written.
#[derive(Default)]
struct Lines {
    waiting: Mutex<Waiting>,
    some: Condvar,
    /// Held while bytes go out, so that they go in their order.
    writing: Mutex<()>,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    lost: usize,
    has_writer: bool,
}

impl Lines {
    fn add(self: &Arc<Self>, line: &[u8]) {
        let mut waiting = lock(&self.waiting);
        if waiting.bytes.len() + line.len() > LIMIT_BYTES {
            waiting.lost += 1;
            return;
        }
        let first = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line);
        if !waiting.has_writer {
            let lines = Arc::clone(self);
            let thread = std::thread::Builder::new().name("log".to_owned());
            waiting.has_writer = thread.spawn(move || lines.write_for_ever()).is_ok();
        }
        drop(waiting);
        if first {
            self.some.notify_one();
        }
    }

    fn write_for_ever(&self) {
        loop {
            let waiting = lock(&self.waiting);
            let some = self.some.wait_while(waiting, |w| w.bytes.is_empty());
            drop(some);
            self.write();
            std::thread::sleep(PAUSE);
        }
    }

    fn write(&self) {
        let _in_order = lock(&self.writing);
        let mut waiting = lock(&self.waiting);
        let mut bytes = std::mem::take(&mut waiting.bytes);
        let lost = std::mem::take(&mut waiting.lost);
        drop(waiting);
        if lost > 0 {
            bytes.extend_from_slice(format!("{lost} lines were lost: stderr is not read\n").as_bytes());
        }
        // Nobody may be listening any more; that does not stop the work.
        let _ = io::stderr().write_all(&bytes);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where events are written to: the lines that wait for those of requests, stderr itself for all others.
struct Output(Arc<Lines>);

/// What one event is written to.
enum Line<'a> {
    Collected(&'a Arc<Lines>),
    Direct(io::Stderr),
}

impl<'a> MakeWriter<'a> for Output {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        self.0.write();
        Line::Direct(io::stderr())
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Line<'a> {
        if event.target() == "access" {
            return Line::Collected(&self.0);
        }
        self.make_writer()
    }
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Collected(lines) => {
                lines.add(bytes);
                Ok(bytes.len())
            }
            Self::Direct(stderr) => stderr.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
