//! Packages that try to write more into an index than their own entry.

use super::yard::{Marks, Store, deb, rpm};
use crate::{Delta, Item, ViewError, apt, yum};
use packyard_types::{
    BaseArch, ChannelName, ComponentName, DebArch, DistributionName, DistributionSettings, Facts, Revision,
    Timestamp,
};

fn packages(item: Item) -> Result<String, ViewError> {
    let scope = apt::Scope {
        channel: ChannelName::main(),
        distribution: DistributionName::any(),
        settings: DistributionSettings::default(),
        architectures: [DebArch::parse("amd64").unwrap()].into(),
        components: [ComponentName::main()].into(),
        at: Timestamp::from_unix_seconds(0),
    };
    let delta = Delta {
        added: vec![item],
        removed: Vec::new(),
    };
    let mut store = Store::default();
    let tree = store.take(apt::advance(None, &scope, &delta, &Store::default(), &Marks)?);
    Ok(store.text(&tree, "dists/any/main/binary-amd64/Packages"))
}

#[test]
fn a_control_value_cannot_add_a_field_or_end_the_stanza() {
    let fields = [
        (
            "Description",
            "x\n\nPackage: evil\r\nSHA256: 0\n\t\n kept\u{b}\u{85}.",
        ),
        ("Homepage\nEvil", "y"),
        ("sha256", "0000"),
        ("Filename", "../../etc/passwd"),
        ("description", "twice"),
        ("Depends", "  "),
    ];
    let text = packages(deb("foo", "1", "all", "any", &fields)).unwrap();
    let digest = deb("foo", "1", "all", "any", &[]).artifact.served.digest;
    let expected = format!(
        "Package: foo\nVersion: 1\nArchitecture: all\nDescription: x\n .\n Package: evil\n SHA256: 0\n .\n kept\u{fffd}\u{fffd}.\n\
         Filename: pool/{digest}/foo_1_all.deb\nSize: 13\nMD5sum: d41d8cd98f00b204e9800998ecf8427e\nSHA256: {digest}\n\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn an_artifact_of_another_world_or_distribution_is_refused() {
    let (artifact, facts) = rpm("foo", "1", "noarch", "any");
    let error = packages(Item {
        artifact,
        facts: Facts::Rpm(facts),
    })
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`foo-1-1.noarch.rpm` does not belong in this view"
    );
    assert!(packages(deb("foo", "1", "all", "bookworm", &[])).is_err());
}

#[test]
fn a_header_cannot_add_elements_and_stays_well_formed() {
    let (artifact, mut facts) = rpm("foo", "1", "noarch", "any");
    facts.summary = "</summary></package><package>&\u{1}\u{ffff}".to_owned();
    facts.url = "http://example.org/?a=1&b=\"2\"".to_owned();
    facts.files = vec![packyard_types::RpmFile {
        path: "/usr/bin/a<b&\u{8}".to_owned(),
        kind: packyard_types::RpmFileKind::File,
    }];
    let scope = yum::Scope {
        distribution: DistributionName::any(),
        basearches: BaseArch::defaults().into(),
        revision: Revision(1),
        at: Timestamp::from_unix_seconds(0),
    };
    let delta = Delta {
        added: vec![Item {
            artifact,
            facts: Facts::Rpm(facts),
        }],
        removed: Vec::new(),
    };
    let mut store = Store::default();
    let tree = store.take(yum::advance(None, &scope, &delta, &Store::default(), &Marks).unwrap());
    for (name, rope) in &tree.ropes {
        let text = plain(&store, rope);
        assert_eq!(text.matches("<package ").count(), 1, "{name}: {text}");
        let mut reader = quick_xml::Reader::from_str(&text);
        while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
    }
    let primary = plain(&store, &tree.ropes["x86_64/primary"]);
    assert!(
        primary.contains(
            "<summary>&lt;/summary&gt;&lt;/package&gt;&lt;package&gt;&amp;\u{fffd}\u{fffd}</summary>"
        )
    );
    assert!(primary.contains("<file>/usr/bin/a&lt;b&amp;\u{fffd}</file>"));
}

/// The plain encoding of a rope that no file shows.
fn plain(store: &Store, rope: &packyard_types::Rope) -> String {
    let mut text = rope.head.clone();
    for chunk in &rope.chunks {
        let open = crate::inflate(&store.chunks[&chunk.deflated.digest], chunk.open_bytes).unwrap();
        text.push_str(&String::from_utf8(open).unwrap());
    }
    text + &rope.foot
}
