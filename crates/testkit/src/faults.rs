//! Faults, as networks and servers make them.

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, path::Path,
};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// What happens to one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: it is carried out and answered.
    None,
    /// It fails and is not carried out.
    FailBefore,
    /// It is carried out, and the answer is lost.
    FailAfter,
    /// It is carried out, and a retry underneath makes the answer "already exists".
    Duplicate,
    /// The answer is "already exists", and nothing is there: the 409 of two writers that cancelled each other.
    Phantom,
    /// It is carried out a little later.
    Delay,
}

/// An object store whose puts meet the faults of a script, over and over. Reads meet its
/// `FailBefore` only.
#[derive(Debug)]
pub struct Faulty {
    inner: Arc<dyn ObjectStore>,
    script: Vec<Fault>,
    puts: AtomicUsize,
    gets: AtomicUsize,
}

impl Faulty {
    /// Wraps a store; put number N meets fault N of the script, which starts again when it ends.
    pub fn new(inner: Arc<dyn ObjectStore>, script: &[Fault]) -> Self {
        Self {
            inner,
            script: script.to_vec(),
            puts: AtomicUsize::new(0),
            gets: AtomicUsize::new(0),
        }
    }

    fn next(&self, counter: &AtomicUsize) -> Fault {
        let n = counter.fetch_add(1, Ordering::Relaxed);
        *self
            .script
            .get(n % self.script.len().max(1))
            .unwrap_or(&Fault::None)
    }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Faulty({})", self.inner)
    }
}

fn lost(what: &str) -> Error {
    Error::Generic {
        store: "faulty",
        source: format!("injected: {what}").into(),
    }
}

fn exists(path: &Path) -> Error {
    Error::AlreadyExists {
        path: path.to_string(),
        source: "injected".into(),
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, at: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let fault = self.next(&self.puts);
        match fault {
            Fault::FailBefore => return Err(lost("the request")),
            Fault::Phantom => return Err(exists(at)),
            Fault::Delay => tokio::time::sleep(Duration::from_millis(3)).await,
            _ => {}
        }
        let answer = self.inner.put_opts(at, payload, options).await;
        match fault {
            Fault::FailAfter => Err(lost("the answer")),
            Fault::Duplicate => Err(exists(at)),
            _ => answer,
        }
    }

    async fn put_multipart_opts(
        &self,
        at: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        if self.next(&self.puts) == Fault::FailBefore {
            return Err(lost("the upload"));
        }
        self.inner.put_multipart_opts(at, options).await
    }

    async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
        if self.next(&self.gets) == Fault::FailBefore {
            return Err(lost("the read"));
        }
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
