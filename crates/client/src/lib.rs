//! HTTP out: the JSON API's client, which the command line uses and nothing else; places that are imported from; other
//! indexes that a server asks.

mod api;
mod download;
mod drafts;
mod error;
mod fetch;
mod index;
mod issuer;
mod patience;
mod reach;
mod transport;
mod upload;

pub use api::{
    Api, Needed, NewToken, PublishedArtifact, Receipt, Refused, ReleaseArtifact, ReleasePart, ReleaseRequest,
};
pub use download::{ExportFile, ExportList, ExportedArtifact, LostArtifact, Turn};
pub use drafts::{Draft, DraftArtifact, Drafts};
pub use error::ClientError;
pub use fetch::{Fetch, FetchError};
pub use index::{IndexClient, IndexError, IndexFile, IndexPage};
pub use issuer::{IssuerClient, IssuerDocument};
pub use transport::{Http, Reply, Request, RequestBody, Transport};
