//! How targets are fed.

use crate::counted::{Work, measured};
use crate::mutator::Mutator;
use crate::target::Target;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long each target runs where nobody says otherwise.
const SECONDS: u64 = 2;
/// Where the sequence of inputs begins where nobody says otherwise.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
/// The fewest inputs of a run, on however slow a machine.
const LEAST: u64 = 100;
/// How many inputs a fuzzer begins from that chooses the others itself.
const CORPUS: u64 = 200;
/// What no input may take.
const SLOW: Duration = Duration::from_secs(20);

fn said(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not `{text}`")),
    )
}

/// Feeds a target; an input that breaks it is kept in a file.
#[allow(
    clippy::disallowed_methods,
    reason = "how long an input takes is what is asked"
)]
pub fn feed(target: &Target) {
    if let Some(file) = std::env::var_os("PACKYARD_FUZZ_INPUT") {
        (target.run)(&std::fs::read(file).unwrap());
        return;
    }
    let seed = said("PACKYARD_FUZZ_SEED").unwrap_or(SEED);
    if let Some(dir) = std::env::var_os("PACKYARD_FUZZ_CORPUS") {
        return write_corpus(target, seed, &Path::new(&dir).join(target.name));
    }
    if let Some(dir) = std::env::var_os("PACKYARD_FUZZ_INPUTS") {
        return feed_files(target, &Path::new(&dir).join(target.name));
    }
    let time = Duration::from_secs(said("PACKYARD_FUZZ_SECONDS").unwrap_or(SECONDS));
    let (began, mut n, mut worst) = (Instant::now(), 0, (Duration::ZERO, 0));
    let (mut asked, mut held) = (Most::default(), Most::default());
    while n < LEAST || began.elapsed() < time {
        let input = (target.make)(&mut Mutator::new(seed.wrapping_add(n)));
        let at = Instant::now();
        let (outcome, work) = measured(|| catch_unwind(AssertUnwindSafe(|| (target.run)(&input))));
        let took = at.elapsed();
        if outcome.is_err() || took > SLOW {
            let kept =
                std::env::temp_dir().join(format!("packyard-fuzz-{}-{}", target.name, seed.wrapping_add(n)));
            std::fs::write(&kept, &input).unwrap();
            panic!(
                "{}: input {n} of seed {seed} breaks it after {took:?}; it is in {}, try it again with PACKYARD_FUZZ_INPUT",
                target.name,
                kept.display()
            );
        }
        worst = worst.max((took, n));
        asked.meet(work.asked, &input);
        held.meet(work.held, &input);
        n += 1;
    }
    println!(
        "{}: {n} inputs from seed {seed} in {:?}; the slowest, number {}, took {:?}",
        target.name,
        began.elapsed(),
        worst.1,
        worst.0
    );
    println!(
        "{}: the most that one input asked for is {} KiB, and {} KiB at once",
        target.name,
        asked.bytes >> 10,
        held.bytes >> 10
    );
    if let Some(dir) = std::env::var_os("PACKYARD_FUZZ_WORST") {
        let dir = Path::new(&dir);
        asked.keep(&dir.join(format!("{}-asked", target.name)));
        held.keep(&dir.join(format!("{}-held", target.name)));
    }
}

/// Feeds what a fuzzer has found worth keeping, beside the worst that is known.
fn feed_files(target: &Target, dir: &Path) {
    let worst = std::env::var_os("PACKYARD_FUZZ_WORST").map(PathBuf::from);
    let kept = |kind: &str| {
        worst
            .as_ref()
            .map(|dir| dir.join(format!("{}-{kind}", target.name)))
    };
    let mut files: Vec<PathBuf> = kept("asked").into_iter().chain(kept("held")).collect();
    files.extend(std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()));
    let (mut asked, mut held) = (Most::default(), Most::default());
    for file in files.iter().filter(|file| file.is_file()) {
        let input = std::fs::read(file).unwrap();
        let work = work_of(target, &input);
        asked.meet(work.asked, &input);
        held.meet(work.held, &input);
    }
    let (count, asked_kib, held_kib) = (files.len(), asked.bytes >> 10, held.bytes >> 10);
    println!(
        "{}: {count} files; at most {asked_kib} KiB asked for, {held_kib} KiB at once",
        target.name
    );
    if let (Some(asked_at), Some(held_at)) = (kept("asked"), kept("held")) {
        asked.keep(&asked_at);
        held.keep(&held_at);
    }
}

/// Writes inputs for a fuzzer to begin from.
fn write_corpus(target: &Target, seed: u64, dir: &Path) {
    std::fs::create_dir_all(dir).unwrap();
    for n in 0..CORPUS {
        let input = (target.make)(&mut Mutator::new(seed.wrapping_add(n)));
        std::fs::write(dir.join(format!("seed-{n:03}")), input).unwrap();
    }
}

/// The input that took the most of something.
#[derive(Default)]
struct Most {
    bytes: u64,
    input: Vec<u8>,
}

impl Most {
    fn meet(&mut self, bytes: u64, input: &[u8]) {
        if bytes > self.bytes {
            *self = Self {
                bytes,
                input: input.to_vec(),
            };
        }
    }

    fn keep(&self, path: &Path) {
        std::fs::write(path, &self.input).unwrap();
    }
}

/// What an input takes that a target has met before, so that what it makes once is made.
#[allow(dead_code, reason = "only the readers have inputs that are kept")]
pub fn work_of(target: &Target, input: &[u8]) -> Work {
    (target.run)(input);
    measured(|| (target.run)(input)).1
}

/// A test for each target, by its name.
macro_rules! targets {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            $crate::feed::feed(&targets::$name::TARGET);
        }
    )*
        #[allow(dead_code, reason = "only the readers have inputs that are kept")]
        pub const ALL: &[$crate::Target] = &[$(targets::$name::TARGET),*];
    };
}
pub(crate) use targets;
