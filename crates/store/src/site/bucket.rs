//! A site in a bucket of an object store that speaks S3.

use super::{Found, ServedAs, Site};
use crate::StoreError;
use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::{
    Attribute, Attributes, Error, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMultipartOptions,
    PutOptions, WriteMultipart,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    path::Path as ObjectPath,
};
use packyard_types::{Blob, Hasher, ServedPath};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;

/// Files up to this size are put in one request, larger ones in parts of this size.
const PART_BYTES: usize = 8 << 20;
const PARTS_IN_FLIGHT: usize = 4;

/// What a browser or a cache may keep for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// What is asked for again each time.
const MOVING: &str = "public, max-age=0, must-revalidate";

/// The objects of a bucket whose names begin with a prefix.
///
/// - An object is replaced as a whole; that is what object stores promise.
/// - There is no lock: two copies must not be written to one prefix at the same time.
#[derive(Debug, Clone)]
pub struct BucketSite {
    objects: Arc<dyn ObjectStore>,
    url: String,
    prefix: ObjectPath,
    scratch: Arc<TempDir>,
}

impl BucketSite {
    /// The site at `s3://BUCKET/PREFIX`. The settings are named as their variables in the environment are
    /// (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`); those that nobody knows are passed over.
    pub fn open(bucket: &str, prefix: &str, settings: &[(String, String)]) -> Result<Self, StoreError> {
        let url = format!("s3://{bucket}/{prefix}");
        let failed = |reason: String| StoreError::Denied {
            operation: "use",
            object: url.clone(),
            reason,
        };
        // Set for the whole process; that somebody was quicker is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::new().with_bucket_name(bucket);
        for (name, value) in settings {
            if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
                builder = builder.with_config(key, value);
            }
        }
        let objects = builder.build().map_err(|e| failed(e.to_string()))?;
        let scratch = TempDir::new().map_err(|e| failed(e.to_string()))?;
        Ok(Self {
            objects: Arc::new(objects),
            prefix: ObjectPath::parse(prefix).map_err(|e| failed(e.to_string()))?,
            url: url.trim_end_matches('/').to_owned(),
            scratch: Arc::new(scratch),
        })
    }

    fn key(&self, path: &ServedPath) -> Result<ObjectPath, StoreError> {
        let whole = match self.prefix.as_ref() {
            "" => path.as_str().to_owned(),
            prefix => format!("{prefix}/{path}"),
        };
        ObjectPath::parse(whole).map_err(|e| StoreError::Denied {
            operation: "name",
            object: path.to_string(),
            reason: e.to_string(),
        })
    }

    fn path(&self, meta: &ObjectMeta) -> Option<ServedPath> {
        let rest = meta.location.as_ref().strip_prefix(self.prefix.as_ref())?;
        ServedPath::parse(rest.trim_start_matches('/')).ok()
    }

    fn failed(&self, operation: &'static str, path: &ServedPath, error: &Error) -> StoreError {
        StoreError::of_object(operation, format!("{}/{path}", self.url), error)
    }

    async fn found(&self, path: &ServedPath) -> Result<Found, StoreError> {
        let meta = self.objects.head(&self.key(path)?).await;
        Ok(found(&meta.map_err(|e| self.failed("look up", path, &e))?))
    }

    async fn upload(&self, path: &ServedPath, file: &Path, attributes: Attributes) -> Result<(), StoreError> {
        let unreadable = |e: std::io::Error| StoreError::from_file("read", file, &e);
        let options = PutMultipartOptions {
            attributes,
            ..PutMultipartOptions::default()
        };
        let upload = self.objects.put_multipart_opts(&self.key(path)?, options).await;
        let upload = upload.map_err(|e| self.failed("write", path, &e))?;
        let mut writer = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        let mut source = tokio::fs::File::open(file).await.map_err(unreadable)?;
        let mut buffer = vec![0; 256 << 10];
        loop {
            let n = source.read(&mut buffer).await.map_err(unreadable)?;
            if n == 0 {
                break;
            }
            let room = writer.wait_for_capacity(PARTS_IN_FLIGHT).await;
            room.map_err(|e| self.failed("write", path, &e))?;
            writer.write(&buffer[..n]);
        }
        let finished = writer.finish().await;
        finished.map(|_| ()).map_err(|e| self.failed("write", path, &e))
    }
}

#[async_trait]
impl Site for BucketSite {
    fn place(&self) -> String {
        self.url.clone()
    }

    fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    async fn begin(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn end(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn is_remote(&self) -> bool {
        true
    }

    async fn read(&self, path: &ServedPath) -> Result<Option<Bytes>, StoreError> {
        let failed = |e: &Error| self.failed("read", path, e);
        match self.objects.get(&self.key(path)?).await {
            Ok(object) => Ok(Some(object.bytes().await.map_err(|e| failed(&e))?)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(failed(&e)),
        }
    }

    async fn list(&self) -> Result<BTreeMap<ServedPath, Found>, StoreError> {
        let all = self.objects.list(Some(&self.prefix));
        let all: Vec<ObjectMeta> = all
            .try_collect()
            .await
            .map_err(|e| StoreError::of_object("list", self.url.clone(), &e))?;
        Ok(all
            .iter()
            .filter_map(|m| Some((self.path(m)?, found(m))))
            .collect())
    }

    async fn hash(&self, path: &ServedPath) -> Result<Option<Blob>, StoreError> {
        let failed = |e: &Error| self.failed("read", path, e);
        let object = match self.objects.get(&self.key(path)?).await {
            Ok(object) => object,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(e) => return Err(failed(&e)),
        };
        let mut hasher = Hasher::new();
        let mut stream = object.into_stream();
        while let Some(piece) = stream.next().await {
            hasher.update(&piece.map_err(|e| failed(&e))?);
        }
        Ok(Some(hasher.finish()))
    }

    async fn put(&self, path: &ServedPath, file: &Path, served: &ServedAs) -> Result<Found, StoreError> {
        let unreadable = |e: std::io::Error| StoreError::from_file("read", file, &e);
        let size = tokio::fs::metadata(file).await.map_err(unreadable)?.len();
        if size > PART_BYTES as u64 {
            self.upload(path, file, attributes(served)).await?;
        } else {
            let bytes: Bytes = tokio::fs::read(file).await.map_err(unreadable)?.into();
            let options = PutOptions::from(attributes(served));
            let key = self.key(path)?;
            let put = self.objects.put_opts(&key, bytes.into(), options).await;
            put.map_err(|e| self.failed("write", path, &e))?;
        }
        tokio::fs::remove_file(file).await.map_err(unreadable)?;
        self.found(path).await
    }

    async fn copy(&self, from: &ServedPath, to: &ServedPath, _: &ServedAs) -> Result<Found, StoreError> {
        let copied = self.objects.copy(&self.key(from)?, &self.key(to)?).await;
        copied.map_err(|e| self.failed("write", to, &e))?;
        self.found(to).await
    }

    async fn local(&self, path: &ServedPath) -> Result<PathBuf, StoreError> {
        let failed = |e: &Error| self.failed("read", path, e);
        let file = self.scratch.path().join(path.as_str().replace('/', "_"));
        let unwritable = |e: std::io::Error| StoreError::from_file("write", &file, &e);
        let object = self.objects.get(&self.key(path)?).await;
        let mut stream = object.map_err(|e| failed(&e))?.into_stream();
        let mut sink = tokio::fs::File::create(&file).await.map_err(unwritable)?;
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|e| failed(&e))?;
            let written = tokio::io::AsyncWriteExt::write_all(&mut sink, &piece).await;
            written.map_err(unwritable)?;
        }
        sink.sync_all().await.map_err(unwritable)?;
        Ok(file)
    }

    async fn remove(&self, path: &ServedPath) -> Result<(), StoreError> {
        match self.objects.delete(&self.key(path)?).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(self.failed("remove", path, &e)),
        }
    }

    async fn settle(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

fn found(meta: &ObjectMeta) -> Found {
    Found {
        size_bytes: meta.size,
        stamp: meta
            .e_tag
            .clone()
            .unwrap_or_else(|| meta.last_modified.to_rfc3339()),
    }
}

fn attributes(served: &ServedAs) -> Attributes {
    let cache = if served.immutable { FOR_EVER } else { MOVING };
    let mut attributes = Attributes::new();
    attributes.insert(Attribute::ContentType, served.content_type.clone().into());
    attributes.insert(Attribute::CacheControl, cache.into());
    attributes
}
