//! Trees: the index files of one view, complete for its revision, and the ropes that they are made of.
//!
//! A file's bytes are either in the tree itself (small and signed: `InRelease`, `repomd.xml`), a blob of their own,
//! or one encoding of a rope. A rope is `head`, then chunks, then `foot`. Its plain encoding is the concatenation of
//! their open bytes. Its gzip encoding is one gzip member (RFC 1952) whose deflate stream is, for each part, raw
//! deflate ended by a full flush, closed by an empty final block. Its xz encoding is one stream with a block for each
//! chunk, its zstd encoding a frame for each chunk; both are there only where they are offered.

use crate::{Blob, ChannelName, DistributionName, Invalid, Revision, ServedPath};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// The face of a snapshot that one ecosystem's clients see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// `/{channel}/simple/…`
    Pip,
    /// `/{channel}/apt/…`
    Apt,
    /// `/{channel}/yum/…`
    Yum,
}

impl View {
    /// Its segment in URLs and keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Apt => "apt",
            Self::Yum => "yum",
        }
    }
}

/// Which tree: a channel's view of one distribution. Written `main/apt/bookworm`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TreeKey {
    /// The channel.
    pub channel: ChannelName,
    /// Apt or yum; pip's pages are not listed in trees.
    pub view: View,
    /// The distribution.
    pub distribution: DistributionName,
}

impl fmt::Display for TreeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.channel, self.view.as_str(), self.distribution)
    }
}

impl FromStr for TreeKey {
    type Err = Invalid;
    fn from_str(s: &str) -> Result<Self, Invalid> {
        let bad = || Invalid::new("tree key", s, "it must look like `main/apt/bookworm`");
        let parts: Vec<&str> = s.split('/').collect();
        let [channel, view, distribution] = parts[..] else {
            return Err(bad());
        };
        let view = match view {
            "apt" => View::Apt,
            "yum" => View::Yum,
            _ => return Err(bad()),
        };
        let distribution = DistributionName::parse(distribution)?;
        Ok(Self {
            channel: ChannelName::parse(channel)?,
            view,
            distribution,
        })
    }
}

impl TryFrom<String> for TreeKey {
    type Error = Invalid;
    fn try_from(s: String) -> Result<Self, Invalid> {
        s.parse()
    }
}

impl From<TreeKey> for String {
    fn from(k: TreeKey) -> String {
        k.to_string()
    }
}

/// The index files of one view of one distribution. Paths are below the view's root: `dists/any/InRelease`,
/// `any/x86_64/repodata/repomd.xml`. By-hash names are not listed: they follow from the digests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// Which rules made its ropes and files; a tree of other rules is rendered anew instead of advanced. 0 in trees of
    /// older versions.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub layout: u32,
    /// The revision whose packages apt's Contents files list, where they lag behind the rest; none where they do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contents_as_of: Option<Revision>,
    /// Ropes by a name that is private to the tree.
    pub ropes: BTreeMap<String, Rope>,
    /// Every file.
    pub files: BTreeMap<ServedPath, TreeFile>,
}

// serde's `skip_serializing_if` hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// One index file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeFile {
    /// What it is.
    pub content_type: ContentType,
    /// How long it may be kept.
    pub cache: CachePolicy,
    /// Digest and size of the bytes as served.
    #[serde(flatten)]
    pub blob: Blob,
    /// Where the bytes are.
    pub body: Body,
}

/// Where a file's bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Body {
    /// Here.
    Inline(String),
    /// In the store, under the file's own digest.
    Stored,
    /// One encoding of a rope of the same tree.
    Rope {
        /// Its name in [`Tree::ropes`].
        name: String,
        /// Which encoding.
        encoding: Encoding,
    },
}

/// How a rope's bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// As they are.
    Plain,
    /// One gzip member.
    Gzip,
    /// One xz stream.
    Xz,
    /// Zstandard frames.
    Zstd,
}

/// An index file as an ordered list of content-addressed, already compressed chunks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rope {
    /// Bytes before the first chunk (an XML head; empty for Packages).
    pub head: String,
    /// The chunks, in key order.
    pub chunks: Vec<Chunk>,
    /// Bytes after the last chunk.
    pub foot: String,
    /// Number of entries in all chunks.
    pub entries: u64,
    /// Digest and size of the plain encoding; none where nobody names it, so that nothing has to be inflated to know
    /// it. Trees of older versions have it for every rope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<Blob>,
    /// Digest and size of the gzip encoding.
    pub gzip: Blob,
    /// Digest and size of the xz encoding; none where it is not offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xz: Option<Blob>,
    /// Digest and size of the zstd encoding; none where it is not offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zstd: Option<Blob>,
}

impl Rope {
    /// Length of the plain encoding.
    pub fn open_bytes(&self) -> u64 {
        let chunks: u64 = self.chunks.iter().map(|chunk| chunk.open_bytes).sum();
        (self.head.len() + self.foot.len()) as u64 + chunks
    }
}

/// A run of entries of a rope, stored deflated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// The sort key of its first entry.
    pub first: String,
    /// How many entries it holds, at least 1.
    pub entries: u32,
    /// Length of its open bytes.
    pub open_bytes: u64,
    /// CRC-32 of its open bytes (gzip's).
    pub crc32: u32,
    /// Its raw deflate bytes, ended by a full flush: the name by which it is stored.
    pub deflated: Blob,
    /// Its block of an xz stream; none where its rope is too small for xz to be worth it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xz: Option<XzBlock>,
    /// Its zstd frame; none where nobody asked for zstd.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zstd: Option<Blob>,
}

impl Chunk {
    /// Every blob that it is stored as.
    pub fn blobs(&self) -> impl Iterator<Item = Blob> + '_ {
        let xz = self.xz.iter().map(|block| block.blob);
        std::iter::once(self.deflated).chain(xz).chain(self.zstd)
    }
}

/// A chunk as a block of an xz stream (the .xz file format, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct XzBlock {
    /// Its length without the padding, as the stream's index says it.
    pub unpadded_bytes: u64,
    /// Its bytes, padding and check included.
    #[serde(flatten)]
    pub blob: Blob,
}

/// The content types that packyard serves from trees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContentType {
    /// `text/plain; charset=utf-8`
    Text,
    /// `application/xml`
    Xml,
    /// `application/gzip`
    Gzip,
    /// `application/x-xz`
    Xz,
    /// `application/zstd`
    Zstd,
    /// `application/pgp-signature`
    Signature,
    /// `application/pgp-keys`
    Keys,
}

impl ContentType {
    /// The header's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Xml => "application/xml",
            Self::Gzip => "application/gzip",
            Self::Xz => "application/x-xz",
            Self::Zstd => "application/zstd",
            Self::Signature => "application/pgp-signature",
            Self::Keys => "application/pgp-keys",
        }
    }
}

/// How long an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CachePolicy {
    /// The name carries the digest: for ever. Such a name stays servable after it has left the tree.
    Immutable,
    /// A plain name that moves: a short while, then ask again.
    Moving,
}
