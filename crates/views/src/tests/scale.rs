//! What publishing costs in a channel with thousands of packages, with the limits that are stored.

use super::yard::{Marks, Store, chunk_digests, deb};
use crate::{ContentsDelta, Delta, Item, apt};
use packyard_types::{
    ChannelName, Chunk, ComponentName, DebArch, DistributionName, DistributionSettings, Timestamp, Tree,
};

fn package(name: usize, version: usize, arch: &str) -> Item {
    let text = format!(
        "package number {name}\n{}",
        " some text of version\n".repeat(20 + version % 17)
    );
    let version = format!("1.{version}-1");
    deb(
        &format!("package{name}"),
        &version,
        arch,
        "any",
        &[("Description", &text)],
    )
}

/// Few names with many versions: what a continuous build publishes.
fn many() -> Vec<Item> {
    let packages = (0..3).flat_map(|name| (0..500).map(move |version| (name, version)));
    packages
        .flat_map(|(name, version)| [package(name, version, "all"), package(name, version, "amd64")])
        .collect()
}

fn scope() -> apt::Scope {
    apt::Scope {
        channel: ChannelName::main(),
        distribution: DistributionName::any(),
        settings: DistributionSettings::default(),
        architectures: DebArch::defaults().into(),
        components: [ComponentName::main()].into(),
        at: Timestamp::from_unix_seconds(0),
        public_url: None,
    }
}

fn published(store: &mut Store) -> Tree {
    let everything = Delta {
        added: many(),
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    store.take(apt::advance(None, &scope(), &everything, &Store::default(), &Marks).unwrap())
}

#[test]
fn chunks_keep_their_limits_and_architectures_share_them() {
    let mut store = Store::default();
    let tree = published(&mut store);
    let (amd64, arm64) = (
        &tree.ropes["main/packages/amd64"],
        &tree.ropes["main/packages/arm64"],
    );
    assert!(amd64.chunks.len() > 10, "{} chunks", amd64.chunks.len());
    let full = amd64.chunks.iter().filter(|c| c.open_bytes >= 64 << 10).count();
    assert!(
        full >= amd64.chunks.len() - 2,
        "only the last chunk of each group is small"
    );
    assert!(amd64.chunks.iter().all(|c| c.open_bytes < (256 << 10) + 2048));
    let stored = |chunks: &[Chunk]| -> Vec<_> { chunks.iter().map(|c| c.deflated).collect() };
    assert_eq!(stored(&arm64.chunks), stored(&amd64.chunks[..arm64.chunks.len()]));
    let json = serde_json::to_string(&tree).unwrap();
    assert!(
        json.len() < 600 * 2 * amd64.chunks.len() + 12_000,
        "{} bytes",
        json.len()
    );
    assert_eq!(serde_json::from_str::<Tree>(&json).unwrap(), tree);
}

#[test]
fn a_package_for_all_costs_one_chunk_for_all_architectures() {
    let mut store = Store::default();
    let tree = published(&mut store);
    let one = Delta {
        added: vec![package(1, 777, "all")],
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let advanced = apt::advance(Some(&tree), &scope(), &one, &store, &Marks).unwrap();
    // Deflated and as xz; and its description.
    assert!(
        advanced.chunks.len() <= 2 * 2 + 2,
        "{} blobs are new",
        advanced.chunks.len()
    );
    let kept = chunk_digests(&advanced.tree)
        .intersection(&chunk_digests(&tree))
        .count();
    assert!(kept + 2 * 2 + 2 >= chunk_digests(&tree).len());
    let mut items = many();
    items.push(package(1, 777, "all"));
    assert_eq!(apt::render(&scope(), &items, &Marks).unwrap().tree, advanced.tree);
}
