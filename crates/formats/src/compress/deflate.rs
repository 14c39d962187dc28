//! gzip (RFC 1952) by several threads: one member, whose deflate stream (RFC 1951) is made of pieces that were
//! compressed apart. Each piece but the last ends in a full flush, that is at a byte's boundary and with nothing to
//! refer back to, so that pieces can be put together as they are.

use crc32fast::Hasher as Crc32;
use flate2::{Compress, Compression as Level, FlushCompress, Status};
use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    thread::{self, JoinHandle},
};

/// How much a piece holds. Part of what the bytes depend on.
const PIECE_BYTES: usize = 1 << 20;

/// deflate, no flags, no time, level unknown, Unix.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];

/// A gzip file that is being written.
pub struct ParallelGzip<W: Write> {
    out: W,
    piece: Vec<u8>,
    crc32: Crc32,
    size_bytes: u64,
    threads: usize,
    crew: Option<Crew>,
}

impl<W: Write> ParallelGzip<W> {
    /// Writes to `out`. The threads are started when there is a second piece.
    pub fn new(mut out: W, threads: usize) -> io::Result<Self> {
        out.write_all(&HEADER)?;
        Ok(Self {
            out,
            piece: Vec::new(),
            crc32: Crc32::new(),
            size_bytes: 0,
            threads,
            crew: None,
        })
    }

    /// Hands a full piece to the crew, and writes what is ready once enough is under way.
    fn hand_over(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        let crew = self.crew.get_or_insert_with(|| Crew::hire(self.threads));
        crew.begin(piece)?;
        while crew.under_way.len() > self.threads {
            self.out.write_all(&crew.next()?)?;
        }
        Ok(())
    }

    /// Writes what is left, and the trailer.
    pub fn finish(mut self) -> io::Result<W> {
        if let Some(mut crew) = self.crew.take() {
            while !crew.under_way.is_empty() {
                self.out.write_all(&crew.next()?)?;
            }
            crew.dismiss();
        }
        self.out
            .write_all(&deflate(&self.piece, FlushCompress::Finish)?)?;
        self.out.write_all(&self.crc32.finalize().to_le_bytes())?;
        // ISIZE is the size modulo 2^32.
        let size = u32::try_from(self.size_bytes & u64::from(u32::MAX)).expect("masked to 32 bits");
        self.out.write_all(&size.to_le_bytes())?;
        Ok(self.out)
    }
}

impl<W: Write> Write for ParallelGzip<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece is handed over only when there is more, for the last one ends in another way.
        if self.piece.len() == PIECE_BYTES {
            self.hand_over()?;
        }
        let taken = bytes.len().min(PIECE_BYTES - self.piece.len());
        let bytes = &bytes[..taken];
        self.crc32.update(bytes);
        self.piece.extend_from_slice(bytes);
        self.size_bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

type Deflated = io::Result<Vec<u8>>;

/// Threads that compress pieces, and the pieces that they have, oldest first.
struct Crew {
    work: SyncSender<(Vec<u8>, Sender<Deflated>)>,
    under_way: VecDeque<Receiver<Deflated>>,
    threads: Vec<JoinHandle<()>>,
}

impl Crew {
    fn hire(threads: usize) -> Self {
        let (work, jobs) = sync_channel::<(Vec<u8>, Sender<Deflated>)>(threads);
        let jobs = Arc::new(Mutex::new(jobs));
        let member = |_| {
            let jobs = jobs.clone();
            thread::spawn(move || {
                loop {
                    let job = jobs.lock().map(|jobs| jobs.recv());
                    let Ok(Ok((piece, answer))) = job else { break };
                    // Nobody waits for the answer where writing failed.
                    let _ = answer.send(deflate(&piece, FlushCompress::Full));
                }
            })
        };
        Self {
            work,
            under_way: VecDeque::new(),
            threads: (0..threads).map(member).collect(),
        }
    }

    fn begin(&mut self, piece: Vec<u8>) -> io::Result<()> {
        let (answer, result) = channel();
        self.work.send((piece, answer)).map_err(|_| gone())?;
        self.under_way.push_back(result);
        Ok(())
    }

    /// The oldest piece that is under way.
    fn next(&mut self) -> Deflated {
        let oldest = self.under_way.pop_front().ok_or_else(gone)?;
        oldest.recv().map_err(|_| gone())?
    }

    fn dismiss(self) {
        drop(self.work);
        for thread in self.threads {
            // Its work is done; had it panicked, `next` would have said so.
            let _ = thread.join();
        }
    }
}

fn gone() -> io::Error {
    io::Error::other("a thread that compresses has ended")
}

/// One piece, whole.
fn deflate(piece: &[u8], end: FlushCompress) -> Deflated {
    let mut encoder = Compress::new(Level::best(), false);
    let mut out = Vec::with_capacity(piece.len() / 2 + 64);
    loop {
        let read = usize::try_from(encoder.total_in()).expect("a piece is small");
        let before = out.len();
        let status = encoder
            .compress_vec(&piece[read..], &mut out, end)
            .map_err(io::Error::other)?;
        let all_read = encoder.total_in() == piece.len() as u64;
        // A flush is complete when there is room left in the output.
        match status {
            Status::StreamEnd => return Ok(out),
            _ if all_read && end != FlushCompress::Finish && out.len() < out.capacity() => return Ok(out),
            Status::BufError if all_read && end != FlushCompress::Finish && out.len() == before => {
                return Ok(out);
            }
            _ => out.reserve(32 << 10),
        }
    }
}
