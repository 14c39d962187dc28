//! How the yard's use cases ask OIDC issuers: over HTTP.

use futures::{FutureExt as _, future::BoxFuture};
use packyard_client::{IndexError, IssuerClient};
use packyard_repo::{AskIssuer, FetchFailed, IssuerAnswer};
use packyard_types::IssuerUrl;

/// Asks over HTTP.
#[derive(Debug, Default)]
pub struct Http(IssuerClient);

impl AskIssuer for Http {
    fn document<'a>(
        &'a self,
        issuer: &'a IssuerUrl,
        url: &'a str,
        limit_bytes: usize,
    ) -> BoxFuture<'a, Result<IssuerAnswer, FetchFailed>> {
        async move {
            let found = self.0.document(issuer.as_str(), url, limit_bytes).await;
            let found = found.map_err(|IndexError { reason, answered }| FetchFailed { reason, answered })?;
            Ok(IssuerAnswer {
                bytes: found.bytes,
                max_age: found.max_age,
            })
        }
        .boxed()
    }
}
