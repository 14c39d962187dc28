//! A store in memory, keys that only mark what they signed, and made-up packages.

use crate::{Advanced, Chunks, HashStates, Item, MissingChunk, Segment, Sign, SignError, inflate, segments};
use packyard_types::{
    Artifact, Blob, ComponentName, DebFacts, Digest, DistributionName, DscFacts, Facts, ProjectName,
    RpmFacts, Tree, TreeFile,
};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

/// Chunks that were stored, and states that were reached.
pub(super) struct Store {
    pub(super) chunks: BTreeMap<Digest, Vec<u8>>,
    states: Option<HashStates>,
    /// How many chunks were asked for.
    pub(super) reads: Cell<usize>,
}

impl Chunks for Store {
    fn chunk(&self, digest: &Digest) -> Result<Vec<u8>, MissingChunk> {
        self.reads.set(self.reads.get() + 1);
        self.chunks.get(digest).cloned().ok_or_else(|| MissingChunk {
            digest: *digest,
            reason: "it was never stored".to_owned(),
        })
    }
    fn states(&self) -> Option<&HashStates> {
        self.states.as_ref()
    }
}

impl Default for Store {
    fn default() -> Self {
        Self {
            chunks: BTreeMap::new(),
            states: Some(HashStates::new()),
            reads: Cell::new(0),
        }
    }
}

impl Store {
    /// The same chunks, and no states.
    pub(super) fn without_states(&self) -> Self {
        Self {
            chunks: self.chunks.clone(),
            states: None,
            reads: Cell::new(0),
        }
    }

    /// Stores what is new and gives the tree.
    pub(super) fn take(&mut self, advanced: Advanced) -> Tree {
        self.chunks.extend(advanced.chunks);
        advanced.tree
    }

    /// A file as a server would send it.
    pub(super) fn read(&self, tree: &Tree, file: &TreeFile) -> Vec<u8> {
        let segments = segments(tree, file);
        let bytes = segments.iter().flat_map(|segment| {
            let bytes = match segment {
                Segment::Bytes(bytes) => bytes.clone(),
                Segment::Chunk { deflated } => self.chunks[&deflated.digest].clone(),
                Segment::Inflate { deflated, open_bytes } => {
                    inflate(&self.chunks[&deflated.digest], *open_bytes).unwrap()
                }
            };
            assert_eq!(bytes.len() as u64, segment.size_bytes());
            bytes
        });
        bytes.collect()
    }

    pub(super) fn text(&self, tree: &Tree, path: &str) -> String {
        let file = &tree.files[&path.parse().unwrap()];
        String::from_utf8(self.read(tree, file)).unwrap()
    }
}

/// Digests of all blobs that a tree's chunks are stored as.
pub(super) fn chunk_digests(tree: &Tree) -> BTreeSet<Digest> {
    let chunks = tree.ropes.values().flat_map(|rope| &rope.chunks);
    chunks
        .flat_map(packyard_types::Chunk::blobs)
        .map(|blob| blob.digest)
        .collect()
}

/// Keys that mark what they signed.
pub(super) struct Marks;

impl Sign for Marks {
    fn clearsign_apt(&self, text: &str) -> Result<String, SignError> {
        Ok(format!("signed by apt\n{text}"))
    }
    fn detached_apt(&self, bytes: &[u8]) -> Result<String, SignError> {
        Ok(format!("apt signature of {}\n", Digest::of(bytes)))
    }
    fn fingerprints_apt(&self) -> Vec<String> {
        vec!["0123456789ABCDEF0123456789ABCDEF01234567".to_owned()]
    }
    fn detached_rpm(&self, bytes: &[u8]) -> Result<String, SignError> {
        Ok(format!("rpm signature of {}\n", Digest::of(bytes)))
    }
    fn public_rpm(&self) -> String {
        "public key\n".to_owned()
    }
}

fn artifact(filename: &str, version: &str, distribution: &str) -> Artifact {
    let name: packyard_types::ArtifactName = filename.parse().unwrap();
    let blob = Blob::of(filename.as_bytes());
    Artifact {
        package: name.package().to_owned(),
        version: version.to_owned(),
        arch: name.arch().to_owned(),
        project: ProjectName::parse(name.package()).unwrap(),
        release_version: version.to_owned(),
        distribution: DistributionName::parse(distribution).unwrap(),
        component: ComponentName::main(),
        received: blob,
        served: blob,
        facts: blob,
        parts: Vec::new(),
        uploaded_at: None,
        name,
    }
}

/// A .deb whose control file has these fields after Package, Version, Architecture.
pub(super) fn deb(
    name: &str,
    version: &str,
    arch: &str,
    distribution: &str,
    fields: &[(&str, &str)],
) -> Item {
    let own = [("Package", name), ("Version", version), ("Architecture", arch)];
    let control = own.iter().chain(fields);
    let without_epoch = version.split_once(':').map_or(version, |(_, rest)| rest);
    Item {
        artifact: artifact(
            &format!("{name}_{without_epoch}_{arch}.deb"),
            version,
            distribution,
        ),
        facts: Facts::Deb(DebFacts {
            control: control.map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            md5: "d41d8cd98f00b204e9800998ecf8427e".to_owned(),
            files: Vec::new(),
            changelog: None,
        }),
    }
}

/// The same .deb with these files in it.
pub(super) fn with_files(mut item: Item, files: impl IntoIterator<Item = String>) -> Item {
    if let Facts::Deb(facts) = &mut item.facts {
        facts.files = files.into_iter().collect();
    }
    item
}

/// A source package of one tarball and one .buildinfo, with these files in it.
pub(super) fn dsc(name: &str, version: &str, distribution: &str, files: &[&str]) -> Item {
    let part = |filename: String| packyard_types::Part {
        name: filename.parse().unwrap(),
        blob: Blob::of(filename.as_bytes()),
    };
    let tarball = part(format!("{name}_{version}.tar.xz"));
    let buildinfo = part(format!("{name}_{version}_source.buildinfo"));
    let (digest, size) = (tarball.blob.digest, tarball.blob.size_bytes);
    let control = [
        ("Format", "3.0 (native)".to_owned()),
        ("Source", name.to_owned()),
        ("Binary", format!("{name}, {name}-doc")),
        ("Architecture", "any all".to_owned()),
        ("Version", version.to_owned()),
        ("Maintainer", "Jo Doe <jo@example.org>".to_owned()),
        ("Build-Depends", "debhelper-compat (= 13)".to_owned()),
        (
            "Package-List",
            format!("\n {name}-doc deb doc optional arch=all\n {name} deb devel extra arch=any"),
        ),
        (
            "Checksums-Sha1",
            format!("\n {} {size} {}", "0".repeat(40), tarball.name),
        ),
        ("Checksums-Sha256", format!("\n {digest} {size} {}", tarball.name)),
        ("Files", format!("\n {} {size} {}", "a".repeat(32), tarball.name)),
    ];
    let mut artifact = artifact(&format!("{name}_{version}.dsc"), version, distribution);
    artifact.arch = "source".to_owned();
    artifact.parts = vec![tarball, buildinfo];
    Item {
        artifact,
        facts: Facts::Dsc(DscFacts {
            control: control.map(|(k, v)| (k.to_owned(), v)).into(),
            md5: "d41d8cd98f00b204e9800998ecf8427e".to_owned(),
            files: files.iter().map(|path| (*path).to_owned()).collect(),
            changelog: None,
        }),
    }
}

/// An .rpm of release 1 that says as little as possible.
pub(crate) fn rpm(name: &str, version: &str, arch: &str, distribution: &str) -> (Artifact, RpmFacts) {
    let facts = RpmFacts {
        name: name.to_owned(),
        epoch: 0,
        version: version.to_owned(),
        release: "1".to_owned(),
        arch: arch.to_owned(),
        summary: "A summary".to_owned(),
        description: String::new(),
        packager: String::new(),
        url: String::new(),
        license: "MIT".to_owned(),
        vendor: String::new(),
        group: "Unspecified".to_owned(),
        build_host: "localhost".to_owned(),
        source_rpm: format!("{name}-{version}-1.src.rpm"),
        build_time: 1_553_212_800,
        installed_size_bytes: 0,
        archive_size_bytes: 0,
        header_start: 4504,
        header_end: 6429,
        provides: Vec::new(),
        requires: Vec::new(),
        conflicts: Vec::new(),
        obsoletes: Vec::new(),
        suggests: Vec::new(),
        enhances: Vec::new(),
        recommends: Vec::new(),
        supplements: Vec::new(),
        files: Vec::new(),
        changelog: Vec::new(),
        signed_by: None,
        also_signed_by: Vec::new(),
    };
    let artifact = artifact(
        &format!("{name}-{version}-1.{arch}.rpm"),
        &format!("{version}-1"),
        distribution,
    );
    (artifact, facts)
}
