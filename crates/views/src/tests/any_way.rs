//! Whatever way a tree has come, it is the tree that is rendered from nothing, and clients can read it.

use super::yard::{Marks, Store, chunk_digests, deb, dsc, rpm, with_files};
use crate::{Advanced, ContentsDelta, Delta, Item, ViewError, apt, rope::Limits, yum};
use flate2::bufread::GzDecoder;
use packyard_types::{
    Artifact, BaseArch, Blob, Body, ChannelName, ComponentName, DebArch, DistributionName,
    DistributionSettings, Document, DocumentKind, Encoding, Facts, Revision, RpmChangelogEntry, RpmFile,
    RpmFileKind, Timestamp, Tree,
};
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
};

/// A few entries a chunk, so that a test has many, and some ropes are hashed by threads.
const SMALL: Limits = Limits::new(600, 1500, 4, 6000, 6000);

/// A view with the two ways to make it.
trait Ways {
    fn items() -> Vec<Item>;
    /// The scope after these items were listed once.
    fn grow(&mut self, item: &Item);
    fn advance(&self, previous: Option<&Tree>, delta: &Delta, store: &Store) -> Result<Advanced, ViewError>;
    fn render(&self, items: &[Item]) -> Result<Advanced, ViewError>;
}

fn day(n: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_700_000_000 + n)
}

/// A text whose length depends on a number, up to 400 bytes.
fn padding(n: usize) -> String {
    "lorem ipsum ".repeat(n * 7 % 33)
}

impl Ways for apt::Scope {
    fn items() -> Vec<Item> {
        let mut items = Vec::new();
        for (i, name) in ["hello", "hello-doc", "libfoo1", "zlib"].into_iter().enumerate() {
            for version in 1..7 {
                for (a, arch) in ["all", "amd64", "arm64", "riscv64"].into_iter().enumerate() {
                    for (d, distribution) in ["any", "bookworm"].into_iter().enumerate() {
                        // Some versions say the same of themselves, in `any` and elsewhere.
                        let text = format!("synopsis\n {}", padding(i + version / 3 + a));
                        let mut item = deb(
                            name,
                            &format!("{version}.{d}"),
                            arch,
                            distribution,
                            &[
                                ("Description", &text),
                                ("Homepage", &padding(i + 5 * version + 3 * a + d)),
                            ],
                        );
                        if i == 3 && a != 0 {
                            item.artifact.component = ComponentName::parse("extra").unwrap();
                        }
                        let paths = (0..version + i).map(|n| format!("usr/share/{}/{n} x", version / 2));
                        items.push(with_files(item, paths));
                    }
                }
            }
        }
        for version in 1..9 {
            for distribution in ["any", "bookworm"] {
                let files = ["debian/control", "debian/rules", &padding(version)];
                items.push(dsc("hello", &version.to_string(), distribution, &files));
            }
        }
        items
    }
    fn grow(&mut self, item: &Item) {
        self.components.insert(item.artifact.component.clone());
        if !matches!(item.facts, Facts::Dsc(_)) {
            self.architectures
                .insert(DebArch::parse(&item.artifact.arch).unwrap());
        }
    }
    fn advance(&self, previous: Option<&Tree>, delta: &Delta, store: &Store) -> Result<Advanced, ViewError> {
        apt::advance_with(SMALL, previous, self, delta, store, &Marks)
    }
    fn render(&self, items: &[Item]) -> Result<Advanced, ViewError> {
        apt::render_with(SMALL, self, items, &Marks)
    }
}

impl Ways for yum::Scope {
    fn items() -> Vec<Item> {
        let mut items = Vec::new();
        for (i, name) in ["hello", "hello-doc", "libfoo"].into_iter().enumerate() {
            for version in 1..6 {
                for (a, arch) in ["noarch", "x86_64", "aarch64", "ppc64le"].into_iter().enumerate() {
                    for (d, distribution) in ["any", "el9"].into_iter().enumerate() {
                        let (artifact, mut facts) = rpm(name, &format!("{version}.{d}"), arch, distribution);
                        let n = i + 5 * version + 3 * a + d;
                        facts.description = padding(n);
                        facts.files = (0..n % 11).map(file).collect();
                        // Packages of several names and architectures are of one build.
                        facts.source_rpm = format!("hello-{}-1.src.rpm", facts.version);
                        facts.changelog = changelog(version);
                        items.push(Item {
                            artifact,
                            facts: Facts::Rpm(facts),
                        });
                    }
                }
            }
        }
        for version in 1..5 {
            for distribution in ["any", "el9"] {
                let (artifact, facts) = rpm("hello", &version.to_string(), "src", distribution);
                items.push(Item {
                    artifact,
                    facts: Facts::Srpm(facts),
                });
            }
        }
        items
    }
    fn grow(&mut self, item: &Item) {
        let arch: packyard_types::RpmArch = item.artifact.arch.parse().unwrap();
        self.basearches.extend(arch.basearch());
    }
    fn advance(&self, previous: Option<&Tree>, delta: &Delta, store: &Store) -> Result<Advanced, ViewError> {
        yum::advance_with(SMALL, previous, self, delta, store, &Marks)
    }
    fn render(&self, items: &[Item]) -> Result<Advanced, ViewError> {
        yum::render_with(SMALL, self, items, &Marks)
    }
}

/// Versions 1 and 4 have no advisory.
fn changelog(version: usize) -> Vec<RpmChangelogEntry> {
    let text = match version {
        2 => "- [security: low] CVE-2026-1234",
        3 => "- [bugfix] Crashes less",
        5 => "- [enhancement] More",
        _ => "- Plain",
    };
    vec![RpmChangelogEntry {
        author: "Jo <jo@example.org>".to_owned(),
        at: day(0),
        text: text.to_owned(),
    }]
}

/// An advisory under the id of one that is made, and one of its own.
fn written() -> BTreeMap<DocumentKind, yum::Attached> {
    let text = "<updates><update type='security'><id>hello-2.1-1</id></update>\n<update><id>own</id></update></updates>";
    let attached = yum::Attached {
        document: Document {
            name: "updateinfo.xml".parse().unwrap(),
            blob: Blob::of(text.as_bytes()),
        },
        bytes: text.as_bytes().into(),
    };
    [(DocumentKind::updateinfo(), attached)].into()
}

fn file(n: usize) -> RpmFile {
    RpmFile {
        path: format!("/usr/bin/some-rather-long-name-{n}"),
        kind: RpmFileKind::File,
    }
}

fn apt_scope() -> apt::Scope {
    apt::Scope {
        channel: ChannelName::main(),
        distribution: DistributionName::parse("bookworm").unwrap(),
        settings: DistributionSettings::default(),
        architectures: DebArch::defaults().into(),
        components: [ComponentName::main()].into(),
        at: day(0),
        public_url: None,
    }
}

fn yum_scope() -> yum::Scope {
    yum::Scope {
        distribution: DistributionName::parse("el9").unwrap(),
        basearches: BaseArch::defaults().into(),
        revision: Revision(7),
        at: day(0),
        zstd: false,
        documents: BTreeMap::new(),
    }
}

/// Toggles items step by step: what is listed is taken away, what is not is added.
fn walk<W: Ways>(mut scope: W, steps: &[Vec<usize>]) {
    let all = W::items();
    let mut listed: BTreeMap<Place, Item> = BTreeMap::new();
    let mut store = Store::default();
    let mut previous: Option<Tree> = None;
    for step in steps {
        let mut delta = Delta::default();
        for n in step.iter().map(|n| n % all.len()).collect::<BTreeSet<_>>() {
            let item = &all[n];
            let key = key_of(&item.artifact);
            if listed.remove(&key).is_some() {
                delta.removed.push(item.clone());
            } else {
                scope.grow(item);
                listed.insert(key, item.clone());
                delta.added.push(item.clone());
            }
        }
        let advanced = scope.advance(previous.as_ref(), &delta, &store).unwrap();
        let known = previous.as_ref().map(chunk_digests).unwrap_or_default();
        assert!(
            advanced.chunks.keys().all(|digest| !known.contains(digest)),
            "only new chunks are handed over"
        );
        assert!(
            advanced
                .chunks
                .keys()
                .all(|digest| chunk_digests(&advanced.tree).contains(digest))
        );
        let tree = store.take(advanced);
        let items: Vec<Item> = listed.values().cloned().collect();
        let rendered = scope.render(&items).unwrap();
        assert!(tree.ropes == rendered.tree.ropes, "ropes differ");
        assert!(tree == rendered.tree, "files differ");
        assert_eq!(chunk_digests(&tree), rendered.chunks.keys().copied().collect());
        check_files(&tree, &store);
        previous = Some(tree);
    }
}

type Place = (String, String);

fn key_of(artifact: &Artifact) -> Place {
    (artifact.distribution.to_string(), artifact.name.to_string())
}

/// Every file has the digest that the tree says, and unpacks to what the plain one is: a gzip encoding is one member, an
/// xz encoding one stream, and both end where the file ends.
fn check_files(tree: &Tree, store: &Store) {
    for (path, file) in &tree.files {
        let bytes = store.read(tree, file);
        assert_eq!(Blob::of(&bytes), file.blob, "{path}");
        let Body::Rope { name, encoding } = &file.body else {
            continue;
        };
        let open = opened(*encoding, &bytes);
        let rope = &tree.ropes[name];
        assert_eq!(open.len() as u64, rope.open_bytes(), "{path}");
        assert!(rope.plain.is_none_or(|plain| plain == Blob::of(&open)), "{path}");
    }
}

fn opened(encoding: Encoding, bytes: &[u8]) -> Vec<u8> {
    let mut open = Vec::new();
    match encoding {
        Encoding::Plain => open.extend(bytes),
        Encoding::Gzip => {
            let mut decoder = GzDecoder::new(bytes);
            decoder.read_to_end(&mut open).unwrap();
            assert!(decoder.into_inner().is_empty(), "one member");
        }
        Encoding::Xz => {
            let one = liblzma::stream::Stream::new_stream_decoder(u64::MAX, 0).unwrap();
            let mut decoder = liblzma::bufread::XzDecoder::new_stream(bytes, one);
            decoder.read_to_end(&mut open).unwrap();
            assert!(decoder.into_inner().is_empty(), "one stream");
        }
        Encoding::Zstd => open = zstd::stream::decode_all(bytes).unwrap(),
    }
    open
}

fn steps() -> impl Strategy<Value = Vec<Vec<usize>>> {
    prop::collection::vec(prop::collection::vec(any::<usize>(), 0..40), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn apt_advances_to_what_is_rendered(steps in steps()) {
        walk(apt_scope(), &steps);
    }

    #[test]
    fn apt_advances_to_what_is_rendered_whatever_the_settings_say(steps in steps(), seconds in 0u64..900_000) {
        let settings = DistributionSettings {
            aliases: ["stable".parse().unwrap(), "12".parse().unwrap()].into(),
            suite: (seconds % 2 == 0).then(|| "stable".to_owned()),
            valid_for_seconds: Some(seconds).filter(|s| s % 3 != 0),
            not_automatic: seconds % 5 == 0,
            zstd: seconds % 2 == 1,
            signed_by: seconds % 7 == 0,
            ..DistributionSettings::default()
        };
        walk(apt::Scope { settings, ..apt_scope() }, &steps);
    }

    #[test]
    fn yum_advances_to_what_is_rendered(steps in steps()) {
        walk(yum_scope(), &steps);
    }

    #[test]
    fn yum_advances_to_what_is_rendered_with_zstd_and_advisories_by_hand(steps in steps()) {
        let (zstd, documents) = (true, written());
        walk(yum::Scope { zstd, documents, ..yum_scope() }, &steps);
    }
}

#[test]
fn a_rope_that_goes_on_from_a_known_state_is_hashed_as_from_the_beginning() {
    let (items, scope) = (apt::Scope::items(), apt_scope());
    let mut store = Store::default();
    let everything = Delta {
        added: items.clone(),
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let before = store.take(scope.advance(None, &everything, &store).unwrap());
    let longest = before.ropes.values().map(|rope| rope.chunks.len()).max();
    assert!(
        longest > Some(30),
        "{longest:?} chunks: too few for a state in the middle"
    );
    let bare = store.without_states();
    for item in &items {
        let one = Delta {
            added: Vec::new(),
            removed: vec![item.clone()],
            contents: ContentsDelta::Same,
        };
        let resumed = apt::advance_with(SMALL, Some(&before), &scope, &one, &store, &Marks).unwrap();
        let afresh = apt::advance_with(SMALL, Some(&before), &scope, &one, &bare, &Marks).unwrap();
        assert!(resumed.tree == afresh.tree, "without {}", item.artifact.name);
    }
    let (resumed, afresh) = (store.reads.get(), bare.reads.get());
    assert!(
        4 * resumed < 3 * afresh,
        "{resumed} chunks were read, {afresh} without states"
    );
}

#[test]
fn everything_at_once_then_one_by_one_away() {
    let all: Vec<usize> = (0..apt::Scope::items().len()).collect();
    let mut steps = vec![all.clone()];
    steps.extend(all.chunks(17).map(<[usize]>::to_vec));
    walk(apt_scope(), &steps);
}

#[test]
fn one_more_package_changes_few_chunks() {
    let items = apt::Scope::items();
    let scope = apt_scope();
    let mut store = Store::default();
    let (last, others) = items.split_last().unwrap();
    let everything = Delta {
        added: others.to_vec(),
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let before = store.take(scope.advance(None, &everything, &Store::default()).unwrap());
    let one = Delta {
        added: vec![last.clone()],
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let advanced = scope.advance(Some(&before), &one, &store).unwrap();
    assert!(chunk_digests(&before).len() > 20);
    // Deflated, and as xz: in Packages, in Translation-en, in Contents, which is never xz.
    assert!(
        advanced.chunks.len() <= 2 * 2 + 2 + 1,
        "{} blobs are new",
        advanced.chunks.len()
    );
}

#[test]
fn a_new_architecture_begins_with_the_packages_for_all() {
    let scope = apt_scope();
    let mut store = Store::default();
    let all = Delta {
        added: vec![deb("doc", "1", "all", "any", &[])],
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let before = store.take(scope.advance(None, &all, &Store::default()).unwrap());
    let riscv = Delta {
        added: vec![deb("tool", "1", "riscv64", "bookworm", &[])],
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let after = store.take(scope.advance(Some(&before), &riscv, &store).unwrap());
    let packages = store.text(&after, "dists/bookworm/main/binary-riscv64/Packages");
    assert!(
        packages.contains("Package: doc\n") && packages.contains("Package: tool\n"),
        "{packages}"
    );
    assert!(
        store
            .text(&after, "dists/bookworm/Release")
            .contains("Architectures: all amd64 arm64 riscv64\n")
    );
}

#[test]
fn the_same_delta_again_changes_no_rope() {
    let scope = apt_scope();
    let mut store = Store::default();
    let delta = Delta {
        // But for paths, which are counted.
        added: apt::Scope::items()
            .into_iter()
            .filter(|item| matches!(item.facts, Facts::Deb(_)))
            .map(|item| with_files(item, []))
            .collect(),
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let before = store.take(scope.advance(None, &delta, &Store::default()).unwrap());
    let again = scope.advance(Some(&before), &delta, &store).unwrap();
    assert!(again.chunks.is_empty());
    assert_eq!(again.tree, before);
}

#[test]
fn an_empty_index_is_the_gzip_of_nothing() {
    let tree = apt_scope()
        .advance(None, &Delta::default(), &Store::default())
        .unwrap()
        .tree;
    let store = Store::default();
    check_files(&tree, &store);
    let file = &tree.files[&"dists/bookworm/main/binary-amd64/Packages.gz".parse().unwrap()];
    assert_eq!(file.blob.size_bytes, 20);
}

#[test]
fn a_damaged_chunk_is_named() {
    let scope = apt_scope();
    let delta = Delta {
        added: vec![deb("doc", "1", "all", "any", &[])],
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let mut store = Store::default();
    let before = store.take(scope.advance(None, &delta, &Store::default()).unwrap());
    store.chunks.values_mut().for_each(|bytes| bytes[3] ^= 1);
    let more = Delta {
        added: vec![deb("doc", "2", "all", "any", &[])],
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let error = scope.advance(Some(&before), &more, &store).unwrap_err();
    assert!(matches!(error, ViewError::Damaged { .. }), "{error}");
}
