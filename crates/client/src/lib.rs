//! HTTP out: the JSON API's client, which the command line uses and nothing else.

mod api;
mod download;
mod error;
mod transport;

pub use api::{Api, NewToken, PublishedArtifact, Receipt, ReleaseArtifact, ReleaseRequest};
pub use download::{ExportFile, ExportList, ExportedArtifact, Turn};
pub use error::ClientError;
pub use transport::{Http, Reply, Request, RequestBody, Transport};
