//! The vocabulary of packyard. Everything here is a value: nothing in this crate reads a clock, a file or the
//! environment. A string from outside becomes one of these types at the border, and stays one.
//!
//! | file | nouns |
//! |---|---|
//! | `digest` | [`Digest`], [`Hasher`], [`Blob`] |
//! | `name` | [`ProjectName`], [`DebName`], [`RpmName`] |
//! | `version` | [`ReleaseVersion`] and its Debian and RPM images |
//! | `release_order` | which of several release versions is the newest |
//! | `arch` | [`DebArch`], [`RpmArch`], [`BaseArch`] |
//! | `filename` | [`ArtifactName`], [`ArtifactKind`], [`Ecosystem`] |
//! | `capabilities` | [`Capabilities`] of a file |
//! | `path` | [`InstallPath`], [`ServedPath`] |
//! | `channel` | [`ChannelName`], [`DistributionName`], [`ComponentName`], [`ChannelSettings`], [`TagName`] |
//! | `distribution` | [`DistributionSettings`], [`Alias`], [`Family`] |
//! | `project` | [`ProjectSettings`], [`ProjectStatus`] |
//! | `upstream` | [`UpstreamUrl`], [`NamePattern`] |
//! | `document` | [`Document`], [`DocumentKind`] |
//! | `advisory` | [`Advisory`] |
//! | `draft` | [`DraftId`] |
//! | `time` | [`Timestamp`] |
//! | `facts` | [`Facts`]: what was read from an artifact's bytes, once |
//! | `artifact` | [`Artifact`], [`Uniqueness`] |
//! | `revision` | [`Revision`], [`ChangeId`] |
//! | `change` | [`Change`], [`Operation`] |
//! | `commit` | [`Commit`] |
//! | `keys` | [`YardKeys`], [`KeyUse`], [`KeyState`] |
//! | `tree` | [`Tree`], [`TreeKey`], [`Rope`], [`Chunk`] |
//! | `snapshot` | [`Snapshot`] |
//! | `text` | [`seen`]: what nobody sees of a text |
//! | [`stanza`] | how large the fields of a Debian package may be |

mod advisory;
mod arch;
mod artifact;
mod capabilities;
mod change;
mod channel;
mod commit;
mod digest;
mod distribution;
mod document;
mod draft;
mod facts;
mod filename;
mod invalid;
mod keys;
mod name;
mod native_order;
mod path;
mod project;
mod publisher;
mod release_order;
mod revision;
mod sender;
mod snapshot;
pub mod stanza;
mod text;
mod time;
mod token;
mod tree;
mod upstream;
mod version;

pub use advisory::{AdvisedPackage, Advisory};
pub use arch::{BaseArch, DebArch, RpmArch};
pub use artifact::{Artifact, ArtifactKey, Former, Part, PartName, Uniqueness};
pub use capabilities::Capabilities;
pub use change::{Actor, Adopted, Change, Documented, Held, Operation, Origin};
pub use channel::{
    At, ChannelName, ChannelRef, ChannelSettings, ChannelSpec, ComponentName, DistributionName,
    ForeignSignatures, Keep, TagName,
};
pub use commit::{COMMIT_FORMAT, Commit, TxnId};
pub use digest::{Blob, Digest, Hasher};
pub use distribution::{Alias, DistributionSettings, Family};
pub use document::{Document, DocumentKind, DocumentName};
pub use draft::DraftId;
pub use facts::{
    CoreMetadata, DebFacts, DscFacts, Facts, FactsRecord, PythonFacts, RpmChangelogEntry, RpmDependency,
    RpmFacts, RpmFile, RpmFileKind, RpmFlags,
};
pub use filename::{ArtifactKind, ArtifactName, Ecosystem};
pub use invalid::Invalid;
pub use keys::{KeyState, KeyUse, OtherKey, YardKeys};
pub use name::{DebName, ProjectName, RpmName};
pub use native_order::native_order;
pub use path::{InstallPath, ServedPath};
pub use project::{ProjectSettings, ProjectStatus};
pub use publisher::{IssuerUrl, Publisher};
pub use release_order::{release_order, same_release, version_order};
pub use revision::{ChangeId, Revision};
pub use sender::Sender;
pub use snapshot::{ChannelState, Refused, Snapshot};
pub use text::{is_unseen, seen};
pub use time::Timestamp;
pub use token::{Permission, Permissions, TokenGrant, TokenHash, TokenId};
pub use tree::{
    Body, CachePolicy, Chunk, ContentType, Encoding, Rope, Tree, TreeFile, TreeKey, View, XzBlock,
};
pub use upstream::{NamePattern, UpstreamUrl};
pub use version::{ReleaseVersion, normal_pep440};
