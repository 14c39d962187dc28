//! How chunks are packed besides deflate: as blocks of an xz stream, and as zstd frames.

use super::{xz, zstd};
use packyard_types::XzBlock;
use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

/// How chunks of a rope are packed besides deflate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coats {
    pub(crate) xz: bool,
    pub(crate) zstd: bool,
}

/// A chunk's text, packed.
pub(crate) struct Packed {
    pub(crate) xz: Option<(XzBlock, Vec<u8>)>,
    pub(crate) zstd: Option<Vec<u8>>,
}

/// Texts that are being packed.
pub(crate) struct Packing {
    count: usize,
    done: Receiver<(usize, thread::Result<Packed>)>,
}

/// A text that waits for a packer.
struct Job {
    position: usize,
    text: String,
    asked: Coats,
    answer: Sender<(usize, thread::Result<Packed>)>,
}

/// Begins to pack texts, each as asked, on every processor: how many there are does not show in what comes out.
pub(crate) fn begin_to_pack(texts: Vec<(String, Coats)>) -> Packing {
    let (answer, done) = channel();
    let count = texts.len();
    for (position, (text, asked)) in texts.into_iter().enumerate() {
        let answer = answer.clone();
        let job = Job {
            position,
            text,
            asked,
            answer,
        };
        packers().send(job).expect("packers do not end");
    }
    Packing { count, done }
}

impl Packing {
    /// What the texts were packed into, in their order.
    pub(crate) fn finish(self) -> Vec<Packed> {
        let mut all: Vec<_> = self.done.iter().take(self.count).collect();
        all.sort_by_key(|(position, _)| *position);
        let packed = all
            .into_iter()
            .map(|(_, packed)| packed.unwrap_or_else(|panic| resume_unwind(panic)));
        packed.collect()
    }
}

/// The way to the packers: a thread for each processor. They stay, since xz takes 11 MB for a block, and an allocator keeps
/// that much for each thread that has ever asked for it.
fn packers() -> &'static Sender<Job> {
    static PACKERS: OnceLock<Sender<Job>> = OnceLock::new();
    PACKERS.get_or_init(|| {
        let (way, jobs) = channel::<Job>();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            let jobs = Arc::clone(&jobs);
            thread::spawn(move || {
                while let Some(job) = next(&jobs) {
                    let packed = catch_unwind(AssertUnwindSafe(|| pack(&job.text, job.asked)));
                    // Who asked may have given up.
                    let _ = job.answer.send((job.position, packed));
                }
            });
        }
        way
    })
}

fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn pack(text: &str, asked: Coats) -> Packed {
    Packed {
        xz: asked.xz.then(|| xz::block(text.as_bytes())),
        zstd: asked.zstd.then(|| zstd::frame(text.as_bytes())),
    }
}
