//! An index that says what the test wants it to say, and counts what it was asked.

use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream};
use packyard_repo::{Fetch, FetchFailed, FileAnswer, PageAnswer};
use packyard_types::{Digest, UpstreamUrl};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

#[derive(Default)]
struct State {
    down: bool,
    hangs: bool,
    /// Whether files come a piece every twenty seconds.
    drips: bool,
    /// Project to page; the tag is its digest.
    pages: BTreeMap<String, String>,
    /// URL to bytes.
    files: BTreeMap<String, Vec<u8>>,
    asked: Vec<String>,
}

/// The index.
#[derive(Clone, Default)]
pub struct Index(Arc<Mutex<State>>);

pub const URL: &str = "http://index.example/simple/";

impl Index {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap())
    }

    /// Offers a file, under its digest.
    pub fn offers(&self, project: &str, filename: &str, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        self.claims(project, filename, digest, bytes);
        digest
    }

    /// Offers a file of which it says that it has this digest.
    pub fn claims(&self, project: &str, filename: &str, digest: Digest, bytes: &[u8]) {
        self.sizes(project, filename, digest, bytes.len() as u64, bytes);
    }

    /// Offers a file of which it says that it has this digest and size.
    pub fn sizes(&self, project: &str, filename: &str, digest: Digest, size: u64, bytes: &[u8]) {
        let page = format!(
            r#"{{"meta":{{"api-version":"1.4"}},"name":"{project}","files":[{{"filename":"{filename}","url":"/files/{filename}","hashes":{{"sha256":"{digest}"}},"size":{size}}}]}}"#
        );
        self.with(|s| {
            s.pages.insert(project.to_owned(), page);
            s.files
                .insert(format!("http://index.example/files/{filename}"), bytes.to_vec());
        });
    }

    /// Answers with something else than a page.
    pub fn garbles(&self, project: &str) {
        self.with(|s| {
            s.pages
                .insert(project.to_owned(), "Welcome to our hotel".to_owned())
        });
    }

    pub fn is_down(&self, down: bool) {
        self.with(|s| s.down = down);
    }

    pub fn hangs(&self, hangs: bool) {
        self.with(|s| s.hangs = hangs);
    }

    /// Files never arrive whole from now on.
    pub fn drips(&self, drips: bool) {
        self.with(|s| s.drips = drips);
    }

    pub fn forgets(&self, project: &str) {
        self.with(|s| s.pages.remove(project));
    }

    /// What it was asked since this was asked last.
    pub fn asked(&self) -> Vec<String> {
        self.with(|s| std::mem::take(&mut s.asked))
    }

    async fn arrive(&self, url: &str) -> Result<(), FetchFailed> {
        let (down, hangs) = self.with(|s| {
            s.asked.push(url.to_owned());
            (s.down, s.hangs)
        });
        if hangs {
            tokio::time::sleep(Duration::from_hours(1)).await;
        }
        if down {
            let reason = "connection refused".to_owned();
            return Err(FetchFailed {
                reason,
                answered: false,
            });
        }
        Ok(())
    }
}

impl Fetch for Index {
    fn page<'a>(
        &'a self,
        _: &'a UpstreamUrl,
        url: &'a str,
        etag: Option<&'a str>,
        _: u64,
    ) -> BoxFuture<'a, Result<PageAnswer, FetchFailed>> {
        async move {
            self.arrive(url).await?;
            let project = url.trim_end_matches('/').rsplit('/').next().unwrap();
            let Some(page) = self.with(|s| s.pages.get(project).cloned()) else {
                return Ok(PageAnswer::Absent);
            };
            let tag = Digest::of(page.as_bytes()).to_string();
            let max_age = Some(0);
            if etag == Some(&tag) {
                return Ok(PageAnswer::NotModified { max_age });
            }
            Ok(PageAnswer::Page {
                url: url.to_owned(),
                bytes: page.into(),
                etag: Some(tag),
                max_age,
            })
        }
        .boxed()
    }

    fn file<'a>(
        &'a self,
        _: &'a UpstreamUrl,
        url: &'a str,
    ) -> BoxFuture<'a, Result<FileAnswer, FetchFailed>> {
        async move {
            self.arrive(url).await?;
            let bytes = self.with(|s| s.files[url].clone());
            let size_bytes = Some(bytes.len() as u64);
            let pieces: Vec<Bytes> = bytes.chunks(1 << 14).map(Bytes::copy_from_slice).collect();
            let pause = if self.with(|s| s.drips) {
                Duration::from_secs(20)
            } else {
                Duration::from_millis(2)
            };
            let slowly = stream::iter(pieces).then(move |piece| async move {
                tokio::time::sleep(pause).await;
                Ok(piece)
            });
            Ok(FileAnswer {
                size_bytes,
                body: slowly.boxed(),
            })
        }
        .boxed()
    }
}
