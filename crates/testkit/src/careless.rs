//! Stores that look right and are not: several that are sold as S3-compatible do one of these.

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt as _, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, path::Path,
};
use std::{fmt, sync::Arc};

/// How "put if absent" is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The condition is accepted and ignored.
    Overwrites,
    /// It looks first and writes then: right for one writer, wrong in a race.
    LooksFirst,
}

/// An object store whose "put if absent" is not atomic.
#[derive(Debug)]
pub struct Careless {
    inner: Arc<dyn ObjectStore>,
    how: How,
}

impl Careless {
    /// Wraps a store.
    pub fn new(inner: Arc<dyn ObjectStore>, how: How) -> Self {
        Self { inner, how }
    }
}

impl fmt::Display for Careless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Careless({})", self.inner)
    }
}

#[async_trait]
impl ObjectStore for Careless {
    async fn put_opts(&self, at: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let create = options.mode == PutMode::Create;
        if create && self.how == How::LooksFirst && self.inner.head(at).await.is_ok() {
            return Err(Error::AlreadyExists {
                path: at.to_string(),
                source: "it looked".into(),
            });
        }
        tokio::task::yield_now().await;
        self.inner.put_opts(at, payload, PutMode::Overwrite.into()).await
    }

    async fn put_multipart_opts(
        &self,
        at: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(at, options).await
    }

    async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(at, options).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
