//! Packages that try to write more into an index than their own entry.

use super::yard::{Marks, Store, deb, dsc, rpm, with_files};
use crate::{ContentsDelta, Delta, Item, ViewError, apt, yum};
use packyard_types::{
    BaseArch, ChannelName, ComponentName, DebArch, DistributionName, DistributionSettings, Facts, Revision,
    Timestamp,
};

fn scope() -> apt::Scope {
    apt::Scope {
        channel: ChannelName::main(),
        distribution: DistributionName::any(),
        settings: DistributionSettings::default(),
        architectures: [DebArch::parse("amd64").unwrap()].into(),
        components: [ComponentName::main()].into(),
        at: Timestamp::from_unix_seconds(0),
        public_url: None,
    }
}

fn packages(item: Item) -> Result<String, ViewError> {
    file(item, "main/binary-amd64/Packages")
}

fn file(item: Item, path: &str) -> Result<String, ViewError> {
    let scope = scope();
    let delta = Delta {
        added: vec![item],
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let mut store = Store::default();
    let tree = store.take(apt::advance(None, &scope, &delta, &Store::default(), &Marks)?);
    Ok(store.text(&tree, &format!("dists/any/{path}")))
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
    let item = deb("foo", "1", "all", "any", &fields);
    let text = packages(item.clone()).unwrap();
    let digest = deb("foo", "1", "all", "any", &[]).artifact.served.digest;
    let md5 = "e910254594ff55f288f45208b5d5d8a8";
    let expected = format!(
        "Package: foo\nVersion: 1\nArchitecture: all\nDescription: x\nDescription-md5: {md5}\n\
         Filename: pool/{digest}/foo_1_all.deb\nSize: 13\nMD5sum: d41d8cd98f00b204e9800998ecf8427e\nSHA256: {digest}\n\n"
    );
    assert_eq!(text, expected);
    let described = "x\n .\n Package: evil\n SHA256: 0\n .\n kept\u{fffd}\u{fffd}.";
    assert_eq!(
        file(item, "main/i18n/Translation-en").unwrap(),
        format!("Package: foo\nDescription-md5: {md5}\nDescription-en: {described}\n\n")
    );
}

#[test]
fn a_field_that_apt_could_not_read_is_left_out() {
    let large = "x".repeat((256 << 10) + 1);
    let (word, name) = ("d".repeat(70_000), "N".repeat(101));
    let fields = [
        ("Description", &*large),
        ("Section", &*word),
        ("Depends", &*word),
        (&*name, "y"),
        ("Homepage", "z"),
    ];
    let item = deb("foo", "1", "all", "any", &fields);
    let text = packages(item.clone()).unwrap();
    assert!(
        text.starts_with("Package: foo\nVersion: 1\nArchitecture: all\nHomepage: z\nFilename: "),
        "{text}"
    );
    assert_eq!(file(item, "main/i18n/Translation-en").unwrap(), "");
    let many: Vec<(String, String)> = (0..5)
        .map(|n| (format!("X-{n}"), "x".repeat(250 << 10)))
        .collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (&**name, &**value)).collect();
    let text = packages(deb("foo", "1", "all", "any", &many)).unwrap();
    assert!(text.len() < 1 << 20 && text.contains("\nSHA256: "));
}

#[test]
fn a_path_cannot_add_a_line_to_contents() {
    let paths = [
        "usr/bin/a\nbin/sh\t\tbase/evil",
        "b\r\nc",
        "ends in blanks  ",
        "usr/bin/plain",
    ];
    let item = deb(
        "foo",
        "1",
        "amd64",
        "any",
        &[("Section", "web evil/x\nbin/sh base/evil")],
    );
    let item = with_files(item, paths.map(str::to_owned));
    assert_eq!(
        file(item, "main/Contents-amd64").unwrap(),
        "b\u{fffd}\u{fffd}c foo\nends in blanks\u{fffd}\u{fffd} foo\n\
         usr/bin/a\u{fffd}bin/sh\u{fffd}\u{fffd}base/evil foo\nusr/bin/plain foo\n"
    );
}

#[test]
fn a_dsc_cannot_name_files_that_did_not_come_with_it_or_end_its_stanza() {
    let mut item = dsc("foo", "1", "any", &[]);
    let digest = item.artifact.served.digest;
    let tarball = item.artifact.parts[0].blob;
    let Facts::Dsc(facts) = &mut item.facts else {
        unreachable!()
    };
    for (name, value) in &mut facts.control {
        if name.starts_with("Checksums-Sha256") || name == "Files" {
            value.push_str(&format!(
                "\n {} 7 ../../etc/passwd\n\nPackage: evil",
                "a".repeat(64)
            ));
        }
    }
    facts
        .control
        .push(("Directory".to_owned(), "elsewhere".to_owned()));
    facts
        .control
        .push(("X-More".to_owned(), "a\n\nPackage: evil".to_owned()));
    let text = file(item, "main/source/Sources").unwrap();
    let files = format!(
        "Checksums-Sha256:\n {digest} {} foo_1.dsc\n {} {} foo_1.tar.xz\n\n",
        "foo_1.dsc".len(),
        tarball.digest,
        tarball.size_bytes
    );
    assert!(text.ends_with(&files), "{text}");
    assert!(text.contains("X-More: a\n .\n Package: evil\n"), "{text}");
    assert_eq!(text.matches("\n\n").count(), 1, "{text}");
    assert_eq!(text.matches("Directory: ").count(), 1, "{text}");
}

#[test]
fn a_package_of_ten_thousand_files_and_many_versions_is_one_line_a_path() {
    let paths: Vec<String> = (0..10_000).map(|n| format!("usr/share/big/{n}")).collect();
    let item = |version: &str| with_files(deb("big", version, "all", "any", &[]), paths.clone());
    let scope = scope();
    let mut store = Store::default();
    let mut tree = None;
    for version in ["1", "2", "3"] {
        let delta = Delta {
            added: vec![item(version)],
            ..Delta::default()
        };
        tree = Some(store.take(apt::advance(tree.as_ref(), &scope, &delta, &store, &Marks).unwrap()));
    }
    let delta = Delta {
        removed: vec![item("2"), item("3")],
        ..Delta::default()
    };
    let all = tree.unwrap();
    let one = store.take(apt::advance(Some(&all), &scope, &delta, &store, &Marks).unwrap());
    for (tree, blanks) in [(all, " \t"), (one, " ")] {
        let text = store.text(&tree, "dists/any/main/Contents-all");
        assert_eq!(text.lines().count(), 10_000);
        assert!(text.contains(&format!("usr/share/big/77{blanks}big\n")));
    }
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
    facts.changelog = vec![packyard_types::RpmChangelogEntry {
        author: "Jo <\"><package >".to_owned(),
        at: Timestamp::from_unix_seconds(0),
        text: "- [security] </update>\n</update>\n        <package \u{1}".to_owned(),
    }];
    let scope = yum::Scope {
        distribution: DistributionName::any(),
        basearches: BaseArch::defaults().into(),
        revision: Revision(1),
        at: Timestamp::from_unix_seconds(0),
        zstd: false,
        documents: std::collections::BTreeMap::new(),
    };
    let delta = Delta {
        added: vec![Item {
            artifact,
            facts: Facts::Rpm(facts),
        }],
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let mut store = Store::default();
    let tree = store.take(yum::advance(None, &scope, &delta, &Store::default(), &Marks).unwrap());
    for (name, rope) in tree.ropes.iter().filter(|(name, _)| !name.starts_with("source/")) {
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
