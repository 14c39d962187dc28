//! The oracle: a rope from nothing but its entries, without combining, splicing or looking anything up.

use super::{Document, Entry, Limits, Press, deflate::deflate, entry::Group, xz, zstd};
use packyard_types::{Blob, Chunk, Rope};

/// The rope that lists these entries, in any order. Of two with the same key, the later one counts.
pub(crate) fn render(document: &dyn Document, entries: Vec<Entry>, press: &mut Press<'_>) -> Rope {
    let entries = sorted(entries);
    let head = document.head(entries.len() as u64);
    let foot = document.foot().to_owned();
    let text: String = entries.iter().map(|e| e.text.as_str()).collect();
    let plain = format!("{head}{text}{foot}");
    let runs = cut(&entries, press.limits.times(document.chunk_factor()));
    let parts: Vec<Vec<u8>> = runs.iter().map(|run| deflate(joined(run).as_bytes())).collect();
    let gzip = gzip(&head, &parts, &foot, &plain);
    let mut chunks: Vec<Chunk> = runs.iter().map(|run| press.pack(run)).collect();
    let tight = document.is_offered_tighter();
    let (as_xz, as_zstd) = (
        tight && plain.len() as u64 >= press.limits.xz_bytes,
        document.is_offered_as_zstd() && press.zstd,
    );
    let opened: Vec<String> = runs.iter().map(|run| joined(run)).collect();
    let xz = as_xz.then(|| xz_stream(&opened, &mut chunks, press));
    let zstd = as_zstd.then(|| zstd_frames(&head, &opened, &foot, &mut chunks, press));
    Rope {
        xz: xz
            .filter(|xz| xz.len() * 10 <= gzip.len() * 9)
            .map(|xz| Blob::of(&xz)),
        zstd: zstd.map(|zstd| Blob::of(&zstd)),
        chunks,
        entries: entries.len() as u64,
        plain: document.is_hashed_open().then(|| Blob::of(plain.as_bytes())),
        gzip: Blob::of(&gzip),
        head,
        foot,
    }
}

fn sorted(entries: Vec<Entry>) -> Vec<Entry> {
    let mut sorted: Vec<Entry> = Vec::with_capacity(entries.len());
    let mut all = entries;
    all.sort_by(|a, b| a.key.cmp(&b.key));
    for entry in all {
        if sorted.last().is_some_and(|last| last.key == entry.key) {
            sorted.pop();
        }
        sorted.push(entry);
    }
    sorted
}

/// The rule of [`super`], read from the sorted list.
fn cut(entries: &[Entry], limits: Limits) -> Vec<&[Entry]> {
    let mut runs = Vec::new();
    let (mut start, mut size_bytes) = (0, 0);
    for (i, entry) in entries.iter().enumerate() {
        size_bytes += entry.text.len();
        let next_group = entries.get(i + 1).map(|next| Group::of_key(&next.key));
        let group_ends = next_group != Some(Group::of_key(&entry.key));
        if group_ends || limits.ends(size_bytes, entry) {
            runs.push(&entries[start..=i]);
            (start, size_bytes) = (i + 1, 0);
        }
    }
    runs
}

fn joined(run: &[Entry]) -> String {
    run.iter().map(|e| e.text.as_str()).collect()
}

fn gzip(head: &str, parts: &[Vec<u8>], foot: &str, plain: &str) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(deflate(head.as_bytes()));
    out.extend(parts.concat());
    out.extend(deflate(foot.as_bytes()));
    out.extend([3, 0]);
    out.extend(crc32fast::hash(plain.as_bytes()).to_le_bytes());
    out.extend(&(plain.len() as u64).to_le_bytes()[..4]);
    out
}

/// The xz encoding, written from what the format says, and the blocks in their chunks.
fn xz_stream(opened: &[String], chunks: &mut [Chunk], press: &mut Press<'_>) -> Vec<u8> {
    let mut out = xz::HEADER.to_vec();
    for (open, chunk) in opened.iter().zip(chunks.iter_mut()) {
        let (block, bytes) = xz::block(open.as_bytes());
        chunk.xz = Some(block);
        out.extend(&bytes);
        press.keep(bytes);
    }
    out.extend(xz::back(chunks));
    out
}

/// The zstd encoding, and the frames in their chunks.
fn zstd_frames(
    head: &str,
    opened: &[String],
    foot: &str,
    chunks: &mut [Chunk],
    press: &mut Press<'_>,
) -> Vec<u8> {
    let mut out = zstd::stored(head);
    for (open, chunk) in opened.iter().zip(chunks.iter_mut()) {
        let bytes = zstd::frame(open.as_bytes());
        chunk.zstd = Some(Blob::of(&bytes));
        out.extend(&bytes);
        press.keep(bytes);
    }
    out.extend(zstd::stored(foot));
    if out.is_empty() {
        out.extend(zstd::frame(b""));
    }
    out
}
