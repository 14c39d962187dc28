//! How the yard's use cases ask other indexes: over HTTP.

use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream};
use packyard_client::{IndexClient, IndexError, IndexPage};
use packyard_repo::{Fetch, FetchFailed, FileAnswer, PageAnswer};
use packyard_types::UpstreamUrl;

/// Asks over HTTP.
#[derive(Debug, Default)]
pub struct Http(IndexClient);

fn failed(e: IndexError) -> FetchFailed {
    let IndexError { reason, answered } = e;
    FetchFailed { reason, answered }
}

impl Fetch for Http {
    fn page<'a>(
        &'a self,
        upstream: &'a UpstreamUrl,
        url: &'a str,
        etag: Option<&'a str>,
        limit_bytes: u64,
    ) -> BoxFuture<'a, Result<PageAnswer, FetchFailed>> {
        async move {
            Ok(
                match self
                    .0
                    .page(upstream, url, etag, limit_bytes)
                    .await
                    .map_err(failed)?
                {
                    IndexPage::NotModified { max_age } => PageAnswer::NotModified { max_age },
                    IndexPage::Absent => PageAnswer::Absent,
                    IndexPage::TooLarge => PageAnswer::TooLarge,
                    IndexPage::Page {
                        url,
                        bytes,
                        etag,
                        max_age,
                    } => PageAnswer::Page {
                        url,
                        bytes,
                        etag,
                        max_age,
                    },
                },
            )
        }
        .boxed()
    }

    fn file<'a>(
        &'a self,
        upstream: &'a UpstreamUrl,
        url: &'a str,
    ) -> BoxFuture<'a, Result<FileAnswer, FetchFailed>> {
        async move {
            let file = self.0.file(upstream, url).await.map_err(failed)?;
            let size_bytes = file.size_bytes();
            let body = stream::try_unfold(file, |mut file| async move {
                let piece = file.piece().await.map_err(failed)?;
                Ok(piece.map(|piece| (piece, file)))
            });
            Ok(FileAnswer {
                size_bytes,
                body: body.boxed(),
            })
        }
        .boxed()
    }
}
