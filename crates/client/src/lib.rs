//! HTTP out: the JSON API's client, which the command line uses and nothing else.

mod api;
mod download;
mod error;
mod fetch;
mod transport;

pub use api::{Api, NewToken, PublishedArtifact, Receipt, ReleaseArtifact, ReleaseRequest};
pub use download::{ExportFile, ExportList, ExportedArtifact, Turn};
pub use error::ClientError;
pub use fetch::{Fetch, FetchError};
pub use transport::{Http, Reply, Request, RequestBody, Transport};
