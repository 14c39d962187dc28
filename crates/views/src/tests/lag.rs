//! Trees of other layouts, and Contents that lag behind.

use super::yard::{Marks, Store, deb, rpm, with_files};
use crate::{ContentsDelta, Delta, Item, apt, yum};
use packyard_types::{
    ChannelName, ComponentName, DebArch, DistributionName, DistributionSettings, Facts, Revision, Timestamp,
    Tree,
};

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

fn package(name: &str, version: &str) -> Item {
    let item = deb(name, version, "amd64", "any", &[("Description", name)]);
    with_files(
        item,
        [format!("usr/bin/{name}"), format!("usr/share/{name}/{version}")],
    )
}

fn adds(added: Vec<Item>) -> Delta {
    Delta {
        added,
        ..Delta::default()
    }
}

fn advance(store: &mut Store, previous: Option<&Tree>, delta: &Delta) -> Tree {
    store.take(apt::advance(previous, &scope(), delta, store, &Marks).unwrap())
}

#[test]
fn contents_that_lag_stay_as_they_were_and_catch_up_to_what_is_rendered() {
    let mut store = Store::default();
    let first = advance(&mut store, None, &adds(vec![package("aa", "1")]));
    let later = Delta {
        removed: vec![package("aa", "1")],
        contents: ContentsDelta::Later(Revision(4)),
        ..adds(vec![package("bb", "1"), package("aa", "2")])
    };
    let lagging = advance(&mut store, Some(&first), &later);
    assert_eq!(lagging.contents_as_of, Some(Revision(4)));
    let contents = "dists/any/main/Contents-amd64";
    assert_eq!(store.text(&lagging, contents), store.text(&first, contents));
    assert!(
        store
            .text(&lagging, "dists/any/main/binary-amd64/Packages")
            .contains("Package: bb\n")
    );
    let release = store.text(&lagging, "dists/any/Release");
    let named = lagging.files[&contents.parse().unwrap()].blob.digest.to_string();
    assert!(
        release.contains(&named),
        "Release names the Contents that are served"
    );

    // Another package comes with the commit that catches up.
    let catch_up = Delta {
        contents: ContentsDelta::CatchUp {
            added: vec![package("bb", "1"), package("aa", "2"), package("cc", "1")],
            removed: vec![package("aa", "1")],
        },
        ..adds(vec![package("cc", "1")])
    };
    let caught_up = advance(&mut store, Some(&lagging), &catch_up);
    let items = [package("aa", "2"), package("bb", "1"), package("cc", "1")];
    assert!(caught_up == apt::render(&scope(), &items, &Marks).unwrap().tree);
}

#[test]
fn a_tree_of_another_layout_is_rendered_anew_and_keeps_its_components_and_architectures() {
    let mut store = Store::default();
    let mut extra = package("xx", "1");
    extra.artifact.component = ComponentName::parse("extra").unwrap();
    let riscv = deb("tool", "1", "riscv64", "any", &[]);
    let mut older = advance(&mut store, None, &adds(vec![extra, riscv, package("old", "1")]));
    older.layout = apt::LAYOUT - 1;
    // Its chunks are not looked at.
    let nothing = Store::default();
    let delta = adds(vec![package("aa", "1")]);
    let tree = apt::advance(Some(&older), &scope(), &delta, &nothing, &Marks)
        .unwrap()
        .tree;
    let mut grown = scope();
    grown.components.insert(ComponentName::parse("extra").unwrap());
    grown.architectures.insert(DebArch::parse("riscv64").unwrap());
    assert!(tree == apt::render(&grown, &[package("aa", "1")], &Marks).unwrap().tree);
    let json = serde_json::to_string(&tree).unwrap();
    let begins = format!("{{\"layout\":{},", apt::LAYOUT);
    assert!(json.starts_with(&begins), "{}", &json[..40]);
    assert_eq!(
        serde_json::from_str::<Tree>("{\"ropes\":{},\"files\":{}}")
            .unwrap()
            .layout,
        0
    );
}

#[test]
fn a_repository_of_another_layout_is_rendered_anew_and_keeps_its_basearches() {
    let scope = yum::Scope {
        distribution: DistributionName::any(),
        basearches: ["x86_64".parse().unwrap()].into(),
        revision: Revision(2),
        at: Timestamp::from_unix_seconds(0),
        zstd: false,
        documents: std::collections::BTreeMap::new(),
    };
    let package = |name: &str, arch: &str| {
        let (artifact, facts) = rpm(name, "1", arch, "any");
        let facts = Facts::Rpm(facts);
        Item { artifact, facts }
    };
    let before = adds(vec![package("old", "noarch"), package("tool", "riscv64")]);
    let mut older = yum::advance(None, &scope, &before, &Store::default(), &Marks)
        .unwrap()
        .tree;
    older.layout = yum::LAYOUT - 1;
    // As the first layout had it: nothing but lists, and no sources.
    older
        .ropes
        .retain(|name, _| !name.contains("updateinfo") && !name.starts_with("source/"));
    let delta = adds(vec![package("aa", "noarch")]);
    // Its chunks are not looked at: there are none.
    let tree = yum::advance(Some(&older), &scope, &delta, &Store::default(), &Marks)
        .unwrap()
        .tree;
    let mut grown = scope.clone();
    grown.basearches.insert("riscv64".parse().unwrap());
    assert!(tree == yum::render(&grown, &delta.added, &Marks).unwrap().tree);
    assert_eq!(tree.layout, yum::LAYOUT);
}

#[test]
fn a_description_goes_with_the_last_version_that_has_it_and_is_there_once() {
    let mut store = Store::default();
    let of = |version: &str, distribution: &str| {
        deb(
            "aa",
            version,
            "amd64",
            distribution,
            &[("Description", "same\n text")],
        )
    };
    let mut bookworm = scope();
    bookworm.distribution = DistributionName::parse("bookworm").unwrap();
    let mut tree: Option<Tree> = None;
    let mut step = |added: Vec<Item>, removed: Vec<Item>| {
        let delta = Delta {
            removed,
            ..adds(added)
        };
        let after = apt::advance(tree.as_ref(), &bookworm, &delta, &store, &Marks).unwrap();
        let after = store.take(after);
        let text = store.text(&after, "dists/bookworm/main/i18n/Translation-en");
        tree = Some(after);
        text.matches("Package: aa\n").count()
    };
    assert_eq!(step(vec![of("1", "bookworm"), of("2", "bookworm")], vec![]), 1);
    assert_eq!(step(vec![of("3", "any")], vec![]), 1, "in `any`, too");
    assert_eq!(step(vec![], vec![of("1", "bookworm")]), 1);
    assert_eq!(
        step(vec![], vec![of("3", "any")]),
        1,
        "another version still has it"
    );
    assert_eq!(step(vec![], vec![of("2", "bookworm")]), 0);
}
