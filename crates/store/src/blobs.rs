//! Blobs: immutable bytes under their SHA-256.

use crate::{
    Key, Store, StoreError,
    disk::{Linked, blocking, put_again},
    retry::{Backoff, answered},
    store::{Created, nobody_won},
};
use bytes::Bytes;
use futures::{
    StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use object_store::{GetOptions, GetRange, ObjectStore as _, ObjectStoreExt as _, WriteMultipart};
use packyard_types::{Blob, Digest};
use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
};
use tokio::io::AsyncReadExt as _;

/// Files up to this size are put whole, in one request.
const WHOLE_BYTES: u64 = 8 << 20;
/// Larger ones in parts of this size, a few at a time.
const PART_BYTES: usize = 8 << 20;
const PARTS_IN_FLIGHT: usize = 4;
/// How much of a local file is read at a time.
const READ_BYTES: u64 = 256 << 10;

impl Store {
    /// Whether the blob is there.
    pub async fn has_blob(&self, digest: &Digest) -> Result<bool, StoreError> {
        Ok(self.blob_size(digest).await?.is_some())
    }

    /// Which of these blobs are not there.
    pub async fn missing_blobs(&self, digests: &[Digest]) -> Result<Vec<Digest>, StoreError> {
        /// How many questions are put to a remote store at a time.
        const AT_ONCE: usize = 16;
        if let Some(disk) = &self.disk {
            return disk.missing(digests.to_vec()).await;
        }
        let asked = stream::iter(digests.to_vec())
            .map(|digest| async move { Ok((digest, self.has_blob(&digest).await?)) })
            .buffered(AT_ONCE);
        let missing = asked
            .try_filter_map(|(digest, there): (Digest, bool)| async move { Ok((!there).then_some(digest)) });
        missing.try_collect().await
    }

    /// How many bytes the blob has, if it is there.
    pub async fn blob_size(&self, digest: &Digest) -> Result<Option<u64>, StoreError> {
        self.size(&Key::Blob(*digest)).await
    }

    /// Stores bytes that the caller has hashed. Storing the same again changes nothing.
    pub async fn put_blob(&self, blob: Blob, bytes: Bytes) -> Result<(), StoreError> {
        let key = Key::Blob(blob.digest);
        check_size(&key, blob.size_bytes, bytes.len() as u64)?;
        let mut backoff = Backoff::new();
        loop {
            match self.create(&key, bytes.clone()).await {
                Ok(Created::Now) => {
                    if let Some(disk) = &self.disk {
                        disk.settle_blob(blob.digest, Vec::new()).await?;
                    }
                    return Ok(());
                }
                Ok(Created::Before) if self.is_settled(blob).await? => return Ok(()),
                Ok(Created::Before) => backoff.pause(nobody_won(&key)).await?,
                Err(e) => backoff.pause(e).await?,
            }
        }
    }

    /// Stores a file that the caller has hashed, however large, without reading it into memory.
    ///
    /// A local store links it where it can, so the file must never be written to again; it may be deleted.
    pub async fn put_blob_file(&self, blob: Blob, file: &Path) -> Result<(), StoreError> {
        let key = Key::Blob(blob.digest);
        if let Some(disk) = &self.disk {
            if disk.link(blob, file).await? == Linked::Done {
                return Ok(());
            }
        } else {
            let meta = tokio::fs::metadata(file).await;
            let meta = meta.map_err(|e| StoreError::from_file("read", file, &e))?;
            check_size(&key, blob.size_bytes, meta.len())?;
        }
        if self.is_settled(blob).await? {
            return Ok(());
        }
        if blob.size_bytes <= WHOLE_BYTES {
            let bytes = tokio::fs::read(file).await;
            let bytes = bytes.map_err(|e| StoreError::from_file("read", file, &e))?;
            return self.put_blob(blob, bytes.into()).await;
        }
        self.upload(blob, file).await
    }

    /// All bytes of the blob. They are not hashed again.
    pub async fn read_blob(&self, digest: &Digest) -> Result<Bytes, StoreError> {
        let key = Key::Blob(*digest);
        self.get(&key).await?.ok_or_else(|| missing(&key))
    }

    /// Some bytes of the blob.
    pub async fn read_blob_range(&self, digest: &Digest, range: Range<u64>) -> Result<Bytes, StoreError> {
        let (key, range) = self.within(digest, range).await?;
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let path = key.path();
        answered("read", &key, || self.objects.get_range(&path, range.clone())).await
    }

    /// Some bytes of the blob as a stream of pieces.
    pub async fn stream_blob(
        &self,
        digest: &Digest,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, StoreError>>, StoreError> {
        let (key, range) = self.within(digest, range).await?;
        if range.is_empty() {
            return Ok(stream::empty().boxed());
        }
        match self.local_blob_path(digest) {
            Some(path) => stream_file(key, path, range).await,
            None => self.stream_object(key, range).await,
        }
    }

    /// Destroys a blob. That it may be destroyed, the log must say. One that is not there is destroyed already.
    pub async fn delete_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.delete(&Key::Blob(*digest)).await
    }

    /// The digests of all blobs, sorted.
    pub async fn list_blobs(&self) -> Result<Vec<Digest>, StoreError> {
        let keys = self.list(Key::BLOBS).await?;
        let mut digests: Vec<_> = keys
            .into_iter()
            .filter_map(|key| match key {
                Key::Blob(digest) => Some(digest),
                _ => None,
            })
            .collect();
        digests.sort_unstable();
        Ok(digests)
    }

    /// Where the blob is, or would be, on a local disk, for readers that need to seek. Never write to it.
    pub fn local_blob_path(&self, digest: &Digest) -> Option<PathBuf> {
        self.disk.as_ref().map(|disk| disk.path(&Key::Blob(*digest)))
    }

    /// All keys below a directory; objects that are not packyard's are left out.
    pub(crate) async fn list(&self, dir: &str) -> Result<Vec<Key>, StoreError> {
        let prefix = object_store::path::Path::from(dir);
        let listed = answered("list", &Key::Meta, || {
            self.objects
                .list(Some(&prefix))
                .try_filter_map(|o| async move { Ok(Key::parse(o.location.as_ref())) })
                .try_collect()
        });
        listed.await.map_err(|e| match e {
            StoreError::Unavailable {
                operation, reason, ..
            } => StoreError::Unavailable {
                operation,
                object: dir.to_owned(),
                reason,
            },
            other => other,
        })
    }

    /// Whether the blob is there for good, and as large as it should be.
    async fn is_settled(&self, blob: Blob) -> Result<bool, StoreError> {
        let key = Key::Blob(blob.digest);
        let Some(stored_bytes) = self.size(&key).await? else {
            return Ok(false);
        };
        check_size(&key, blob.size_bytes, stored_bytes)?;
        if let Some(disk) = &self.disk {
            put_again(&disk.path(&key));
            let dir = disk.path(&key).parent().map(Path::to_owned);
            disk.settle_blob(blob.digest, dir.into_iter().collect()).await?;
        }
        Ok(true)
    }

    /// The range, if the blob has it.
    async fn within(&self, digest: &Digest, range: Range<u64>) -> Result<(Key, Range<u64>), StoreError> {
        let key = Key::Blob(*digest);
        let size_bytes = self.size(&key).await?.ok_or_else(|| missing(&key))?;
        if range.start <= range.end && range.end <= size_bytes {
            return Ok((key, range));
        }
        Err(StoreError::OutOfRange {
            object: key.to_string(),
            start: range.start,
            end: range.end,
            size_bytes,
        })
    }

    /// Uploads in parts. An upload that breaks off starts anew.
    async fn upload(&self, blob: Blob, file: &Path) -> Result<(), StoreError> {
        let mut backoff = Backoff::new();
        loop {
            match self.upload_once(blob, file).await {
                Ok(()) => return Ok(()),
                Err(e) => backoff.pause(e).await?,
            }
        }
    }

    async fn upload_once(&self, blob: Blob, file: &Path) -> Result<(), StoreError> {
        let key = Key::Blob(blob.digest);
        let failed = |e: object_store::Error| StoreError::from_store("write", &key, &e);
        let unread = |e: std::io::Error| StoreError::from_file("read", file, &e);
        let mut source = tokio::fs::File::open(file).await.map_err(unread)?;
        let upload = self.objects.put_multipart(&key.path()).await.map_err(failed)?;
        let mut parts = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        let mut sent_bytes = 0;
        let sent = loop {
            if let Err(e) = parts.wait_for_capacity(PARTS_IN_FLIGHT).await {
                break Err(failed(e));
            }
            let mut part = Vec::with_capacity(PART_BYTES);
            match (&mut source).take(PART_BYTES as u64).read_to_end(&mut part).await {
                Ok(0) => break check_size(&key, blob.size_bytes, sent_bytes),
                Ok(n) => sent_bytes += n as u64,
                Err(e) => break Err(unread(e)),
            }
            parts.put(part.into());
        };
        if let Err(e) = sent {
            // The first error is the one to report; parts that stay behind are invisible.
            let _ = parts.abort().await;
            return Err(e);
        }
        parts.finish().await.map(drop).map_err(failed)
    }

    async fn stream_object(
        &self,
        key: Key,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, StoreError>>, StoreError> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let path = key.path();
        let found = answered("read", &key, || self.objects.get_opts(&path, options.clone())).await?;
        Ok(found
            .into_stream()
            .map_err(move |e| StoreError::from_store("read", &key, &e))
            .boxed())
    }
}

/// Reads larger pieces than `object_store` does: each is a trip to a thread that may block.
async fn stream_file(
    key: Key,
    path: PathBuf,
    range: Range<u64>,
) -> Result<BoxStream<'static, Result<Bytes, StoreError>>, StoreError> {
    let failed = move |e: std::io::Error| StoreError::from_io("read", &key, &e);
    let file = blocking(move || {
        let mut file = File::open(path).map_err(failed)?;
        file.seek(SeekFrom::Start(range.start)).map_err(failed)?;
        Ok(file)
    })
    .await?;
    let pieces = stream::try_unfold(
        (file, range.end - range.start),
        move |(mut file, left_bytes)| async move {
            if left_bytes == 0 {
                return Ok(None);
            }
            let piece_bytes = left_bytes.min(READ_BYTES);
            let (piece, file) = blocking(move || {
                let mut piece = vec![0; usize::try_from(piece_bytes).expect("at most READ_BYTES")];
                file.read_exact(&mut piece).map_err(failed)?;
                Ok((Bytes::from(piece), file))
            })
            .await?;
            Ok(Some((piece, (file, left_bytes - piece_bytes))))
        },
    );
    Ok(pieces.boxed())
}

fn missing(key: &Key) -> StoreError {
    StoreError::NotFound {
        operation: "read",
        object: key.to_string(),
    }
}

pub(crate) fn check_size(key: &Key, expected_bytes: u64, actual_bytes: u64) -> Result<(), StoreError> {
    if expected_bytes == actual_bytes {
        return Ok(());
    }
    Err(StoreError::damaged(
        key,
        format!("it should have {expected_bytes} bytes, and there are {actual_bytes}"),
    ))
}
