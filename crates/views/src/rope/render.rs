//! The oracle: a rope from nothing but its entries, without combining, splicing or looking anything up.

use super::{Document, Entry, Press, deflate::deflate, entry::Group};
use packyard_types::{Blob, Chunk, Rope};

/// The rope that lists these entries, in any order. Of two with the same key, the later one counts.
pub(crate) fn render(document: &dyn Document, entries: Vec<Entry>, press: &mut Press<'_>) -> Rope {
    let entries = sorted(entries);
    let head = document.head(entries.len() as u64);
    let foot = document.foot().to_owned();
    let text: String = entries.iter().map(|e| e.text.as_str()).collect();
    let plain = format!("{head}{text}{foot}");
    let runs = cut(&entries, press);
    let parts: Vec<Vec<u8>> = runs.iter().map(|run| deflate(joined(run).as_bytes())).collect();
    let gzip = gzip(&head, &parts, &foot, &plain);
    let chunks: Vec<Chunk> = runs.iter().map(|run| press.pack(run)).collect();
    Rope {
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
fn cut<'a>(entries: &'a [Entry], press: &Press<'_>) -> Vec<&'a [Entry]> {
    let mut runs = Vec::new();
    let (mut start, mut size_bytes) = (0, 0);
    for (i, entry) in entries.iter().enumerate() {
        size_bytes += entry.text.len();
        let next_group = entries.get(i + 1).map(|next| Group::of_key(&next.key));
        let group_ends = next_group != Some(Group::of_key(&entry.key));
        if group_ends || press.limits.ends(size_bytes, entry) {
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
