//! How chunks are packed besides deflate: as blocks of an xz stream, and as zstd frames.

use super::{xz, zstd};
use packyard_types::XzBlock;
use std::thread;

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

/// Texts, each packed as asked, on every processor: how many there are does not show in what comes out.
pub(crate) fn packed(texts: &[(String, Coats)]) -> Vec<Packed> {
    let pack = |(text, asked): &(String, Coats)| Packed {
        xz: asked.xz.then(|| xz::block(text.as_bytes())),
        zstd: asked.zstd.then(|| zstd::frame(text.as_bytes())),
    };
    let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if texts.len() < 2 || processors < 2 {
        return texts.iter().map(pack).collect();
    }
    thread::scope(|scope| {
        let shares = texts.chunks(texts.len().div_ceil(processors));
        let threads: Vec<_> = shares
            .map(|share| scope.spawn(move || share.iter().map(pack).collect::<Vec<_>>()))
            .collect();
        let done = threads.into_iter().map(|thread| match thread.join() {
            Ok(packed) => packed,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        done.flatten().collect()
    })
}
