//! What every store must do, whatever it lies on and whatever goes wrong underneath.
//!
//! - A blob that was put is there, whole; putting it again changes nothing.
//! - A record outside the history is put once, and is gone when it was deleted.
//! - Every number of the log is given to one writer; none is skipped, none is lost, none is written twice.

use bytes::Bytes;
use futures::TryStreamExt as _;
use packyard_store::{
    Appended, DraftRecord, META_FORMAT, Meta, Staged, Staging, StagingKey, Store, StoreError,
};
use packyard_types::{Blob, ChannelName, Digest, DraftId, Revision, TxnId};
use std::{collections::BTreeSet, fmt, io::Write as _};

/// Runs the suite on an empty store, from which nothing may be missing afterwards.
///
/// # Panics
///
/// When the store does not conform.
pub async fn conformance(store: &Store) {
    store.probe_atomic_create().await.must("probe");
    the_first_meta_stays(store).await;
    blobs_come_back_whole(store).await;
    files_come_back_whole(store).await;
    what_is_not_there_is_said_so(store).await;
    records_are_put_once_and_may_be_deleted(store).await;
    a_number_belongs_to_one_writer(store).await;
    racing_writers_lose_nothing(store).await;
}

trait Must<T> {
    fn must(self, what: &str) -> T;
}

impl<T, E: fmt::Debug> Must<T> for Result<T, E> {
    #[track_caller]
    fn must(self, what: &str) -> T {
        match self {
            Ok(value) => value,
            Err(e) => panic!("{what}: {e:?}"),
        }
    }
}

async fn the_first_meta_stays(store: &Store) {
    let meta = |yard: &str| Meta {
        format: META_FORMAT,
        yard: yard.to_owned(),
    };
    assert_eq!(
        store.meta_or_create(meta("one")).await.must("create"),
        meta("one")
    );
    assert_eq!(store.meta_or_create(meta("two")).await.must("read"), meta("one"));
}

async fn blobs_come_back_whole(store: &Store) {
    for bytes in [Bytes::new(), Bytes::from_static(b"hello"), patterned(700_000)] {
        let blob = Blob::of(&bytes);
        assert!(!store.has_blob(&blob.digest).await.must("has"));
        for _ in 0..2 {
            store.put_blob(blob, bytes.clone()).await.must("put");
        }
        comes_back(store, blob, &bytes).await;
    }
    let wrong = Blob {
        size_bytes: 3,
        ..Blob::of(b"four")
    };
    assert!(store.put_blob(wrong, Bytes::from_static(b"four")).await.is_err());
    assert!(!store.has_blob(&wrong.digest).await.must("has"));
}

async fn files_come_back_whole(store: &Store) {
    // One that is put whole, and one that goes in parts.
    for size_bytes in [1_000_001, 17_000_003] {
        let bytes = patterned(size_bytes);
        let blob = Blob::of(&bytes);
        let mut file = tempfile::NamedTempFile::new().must("make a file");
        file.write_all(&bytes).must("write a file");
        for _ in 0..2 {
            store.put_blob_file(blob, file.path()).await.must("put a file");
        }
        drop(file);
        comes_back(store, blob, &bytes).await;
    }
}

async fn comes_back(store: &Store, blob: Blob, bytes: &Bytes) {
    let (digest, size_bytes) = (&blob.digest, blob.size_bytes);
    assert!(store.has_blob(digest).await.must("has"));
    assert_eq!(store.blob_size(digest).await.must("size"), Some(size_bytes));
    assert_eq!(store.read_blob(digest).await.must("read"), bytes);
    assert!(store.list_blobs().await.must("list").contains(digest));
    let whole = bytes.len();
    for range in [0..whole, 0..0, whole / 3..whole / 2, whole..whole] {
        let wanted = range.start as u64..range.end as u64;
        let part = store
            .read_blob_range(digest, wanted.clone())
            .await
            .must("read a range");
        assert_eq!(part, bytes[range.clone()]);
        let stream = store.stream_blob(digest, wanted).await.must("stream");
        let pieces: Vec<Bytes> = stream.try_collect().await.must("read a stream");
        assert_eq!(pieces.concat(), bytes[range]);
    }
    let beyond = store.read_blob_range(digest, 0..size_bytes + 1).await;
    assert!(matches!(beyond, Err(StoreError::OutOfRange { .. })), "{beyond:?}");
}

async fn what_is_not_there_is_said_so(store: &Store) {
    let nothing = Digest::of(b"never stored");
    assert_eq!(store.blob_size(&nothing).await.must("size"), None);
    let refused = store.read_blob(&nothing).await.err().map(|e| e.to_string());
    let wanted = format!("could not read `blobs/sha256/{}", &nothing.to_string()[..2]);
    assert!(
        refused.as_ref().is_some_and(|e| e.starts_with(&wanted)),
        "{refused:?}"
    );
    assert!(
        store
            .stream_blob(&nothing, 0..1)
            .await
            .is_err_and(|e| e.is_not_found())
    );
    assert_eq!(store.log_entry(Revision(1)).await.must("read"), None);
    assert_eq!(store.log_head().await.must("head"), Revision(0));
}

async fn records_are_put_once_and_may_be_deleted(store: &Store) {
    let (main, id) = (ChannelName::main(), DraftId::parse("run-7").must("an id"));
    let drafts = Staging::Draft(&main, &id);
    let key = |record| StagingKey::Draft(main.clone(), id.clone(), record);
    let added = key(DraftRecord::Added(Digest::of(b"place")));
    let (one, two) = (Bytes::from_static(b"one"), Bytes::from_static(b"two"));
    assert_eq!(store.staged(&added).await.must("read"), None);
    assert_eq!(store.list_staged(drafts).await.must("list"), []);
    assert_eq!(store.stage(&added, one.clone()).await.must("put"), Staged::Ours);
    assert_eq!(store.stage(&added, one.clone()).await.must("put"), Staged::Ours);
    assert_eq!(
        store.stage(&added, two).await.must("put"),
        Staged::Theirs(one.clone())
    );
    assert_eq!(store.staged(&added).await.must("read"), Some(one.clone()));
    assert!(store.is_staged(&added).await.must("look up"));
    let upload = StagingKey::Upload(main.clone(), Digest::of(b"blob"));
    store.stage(&upload, one).await.must("put");
    assert_eq!(store.list_staged(drafts).await.must("list"), std::slice::from_ref(&added));
    assert_eq!(store.list_staged(Staging::Uploads).await.must("list"), [upload]);
    for _ in 0..2 {
        store.unstage(&added).await.must("delete");
    }
    assert!(!store.is_staged(&added).await.must("look up"));
    assert_eq!(store.list_staged(Staging::Drafts).await.must("list"), []);
}

async fn a_number_belongs_to_one_writer(store: &Store) {
    let (ours, theirs) = (TxnId::from_random(1), TxnId::from_random(2));
    let first = Revision(1);
    let won = store
        .append(first, &ours, entry(first, &ours))
        .await
        .must("append");
    assert_eq!(won, Appended::Ours);
    let echo = store
        .append(first, &ours, entry(first, &ours))
        .await
        .must("append again");
    assert_eq!(echo, Appended::Ours);
    let lost = store
        .append(first, &theirs, entry(first, &theirs))
        .await
        .must("append");
    assert_eq!(lost, Appended::Theirs(entry(first, &ours)));
    assert_eq!(
        store.log_entry(first).await.must("read"),
        Some(entry(first, &ours))
    );
    assert_eq!(store.log_head().await.must("head"), first);
}

async fn racing_writers_lose_nothing(store: &Store) {
    const WRITERS: u128 = 4;
    const COMMITS: u128 = 12;
    let mut racing = tokio::task::JoinSet::new();
    for writer in 1..=WRITERS {
        let store = store.clone();
        racing.spawn(async move {
            let mut head = Revision(1);
            for commit in 0..COMMITS {
                let txn = TxnId::from_random(writer << 64 | commit);
                head = commit_once(&store, head, &txn).await;
            }
        });
    }
    racing.join_all().await;
    let last = 1 + u64::try_from(WRITERS * COMMITS).must("a small number");
    assert_eq!(store.log_head().await.must("head"), Revision(last));
    let mut seen = BTreeSet::new();
    for n in 1..=last {
        let bytes = store.log_entry(Revision(n)).await.must("read");
        let text = bytes.map(|b| String::from_utf8_lossy(&b).into_owned());
        let text = text.unwrap_or_else(|| panic!("entry {n} is missing"));
        let (number, txn) = text.split_once(",\"txn\"").unwrap_or_else(|| panic!("{text}"));
        assert_eq!(number, format!("{{\"n\":{n}"));
        assert!(seen.insert(txn.to_owned()), "committed twice: {text}");
    }
}

/// As a committer does: what others won is applied (here, only counted), and the next number is tried.
async fn commit_once(store: &Store, mut head: Revision, txn: &TxnId) -> Revision {
    loop {
        let n = head.next();
        match store.append(n, txn, entry(n, txn)).await.must("append") {
            Appended::Ours => return n,
            Appended::Theirs(_) => head = n,
        }
    }
}

fn entry(n: Revision, txn: &TxnId) -> Bytes {
    Bytes::from(format!("{{\"n\":{n},\"txn\":\"{txn}\"}}"))
}

fn patterned(size_bytes: usize) -> Bytes {
    (0..size_bytes)
        .map(|i| u8::try_from(i % 251).unwrap_or(0))
        .collect()
}
