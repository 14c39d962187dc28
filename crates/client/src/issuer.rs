//! OIDC issuers, asked for their configuration and their keys: small documents, quickly, from where they are said to be. No
//! redirect is followed; where an issuer may lead is bounded as for other indexes ([`crate::IndexClient`]).

use crate::index::{Asked, IndexClient, IndexError, IndexPage};
use bytes::Bytes;
use std::time::Duration;

/// How long a document may take altogether: somebody's CI job waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client of OIDC issuers.
#[derive(Debug)]
pub struct IssuerClient(IndexClient);

/// What an issuer answers.
#[derive(Debug, Clone)]
pub struct IssuerDocument {
    /// Its bytes.
    pub bytes: Bytes,
    /// For how many seconds it is right, where it says so.
    pub max_age: Option<u64>,
}

impl Default for IssuerClient {
    fn default() -> Self {
        Self(IndexClient::with_redirects(0))
    }
}

impl IssuerClient {
    /// A document at a URL that an issuer has named, or that follows from its own.
    pub async fn document(
        &self,
        issuer: &str,
        url: &str,
        limit_bytes: usize,
    ) -> Result<IssuerDocument, IndexError> {
        let asked = Asked {
            own: issuer,
            url,
            accept: "application/json",
            etag: None,
            patience: PATIENCE,
            limit_bytes: limit_bytes as u64,
        };
        let useless = |reason: String| IndexError {
            reason,
            answered: true,
        };
        match self.0.whole(&asked).await? {
            IndexPage::Page { bytes, max_age, .. } => Ok(IssuerDocument { bytes, max_age }),
            IndexPage::TooLarge => Err(useless(format!("it is larger than {limit_bytes} bytes"))),
            IndexPage::Absent => Err(useless("there is nothing".to_owned())),
            IndexPage::NotModified { .. } => Err(useless("it answers 304, unasked".to_owned())),
        }
    }
}
