//! A channel with an upstream: pages that are kept, files that are fetched once, and what is never asked for.

mod files;
mod index;
mod pages;

use crate::room::Room;
use index::{Index, URL};
use packyard_repo::{Coding, Form, PythonPage, RepoError, Wish, Yard};
use packyard_types::{ArtifactName, ChannelName, ChannelRef, ChannelSettings, Digest, ProjectName};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// A yard whose channel `main` has an upstream, and a clock.
struct Stage {
    room: Room,
    yard: Yard,
    index: Index,
    clock: Arc<AtomicI64>,
}

impl Stage {
    async fn new() -> Self {
        let (room, clock) = (Room::new(), Arc::new(AtomicI64::new(1_700_000_000)));
        let yard = room.open_at(&clock).await;
        let settings = ChannelSettings {
            upstream: Some(URL.parse().unwrap()),
            reserved: std::iter::once("corp-*".parse().unwrap()).collect(),
            ..ChannelSettings::of_main()
        };
        crate::room::configure(&yard, &ChannelName::main(), settings).await;
        let index = Index::default();
        yard.ask_upstreams_by(Arc::new(index.clone()), 1 << 20);
        Self {
            room,
            yard,
            index,
            clock,
        }
    }

    /// The same yard in another process, a moment later.
    async fn again(self) -> Self {
        let Self {
            room,
            yard,
            index,
            clock,
        } = self;
        drop(yard);
        let yard = room.open_at(&clock).await;
        yard.ask_upstreams_by(Arc::new(index.clone()), 1 << 20);
        Self {
            room,
            yard,
            index,
            clock,
        }
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// A project's page as JSON, and since when it is stale.
    async fn page(&self, project: &str) -> Result<(serde_json::Value, Option<i64>), RepoError> {
        let wish = Wish {
            channel: ChannelRef::now(ChannelName::main()),
            page: PythonPage::Project(ProjectName::parse(project).unwrap(), Form::Json),
            coding: Coding::Identity,
        };
        let shown = self.yard.applied().unwrap().revision;
        let page = self.yard.python_page(wish, shown).await?;
        let json = serde_json::from_slice(&page.bytes).unwrap();
        Ok((
            json,
            page.stale_since.map(packyard_types::Timestamp::unix_seconds),
        ))
    }

    /// The filenames on a page.
    async fn files(&self, project: &str) -> Vec<String> {
        let (page, _) = self.page(project).await.unwrap();
        let files = page["files"].as_array().unwrap();
        files
            .iter()
            .map(|f| f["filename"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The bytes of a file, as a client gets them.
    async fn bytes(&self, digest: &Digest, filename: &str) -> Result<Vec<u8>, RepoError> {
        fetched(&self.yard, digest, filename).await
    }
}

async fn fetched(yard: &Yard, digest: &Digest, filename: &str) -> Result<Vec<u8>, RepoError> {
    fetched_from(yard, &ChannelName::main(), digest, filename).await
}

async fn fetched_from(
    yard: &Yard,
    channel: &ChannelName,
    digest: &Digest,
    filename: &str,
) -> Result<Vec<u8>, RepoError> {
    use futures::TryStreamExt as _;
    let name = ArtifactName::parse(filename).unwrap();
    let served = yard.python_file(channel, digest, &name).await?;
    let size = served.blob.size_bytes;
    let pieces: Vec<bytes::Bytes> = yard.stream(served, 0..size).await?.try_collect().await?;
    Ok(pieces.concat())
}
