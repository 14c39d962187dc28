//! Complete files as clients see them, in `tests/golden/`. `PACKYARD_BLESS=1` writes them anew; read the difference.
//!
//! `primary.xml`, `filelists.xml` and `other.xml` are what createrepo_c 0.17.3 made of an .rpm with these facts, but
//! for what is ours: the location, the time of the file, and the last line's end.

use super::yard::{Marks, Store, deb, dsc, rpm, with_files};
use crate::{
    ContentsDelta, Delta, Item, apt,
    pip::{PipFile, ProjectPage, ReleasePage, RootPage},
    yum,
};
use flate2::read::GzDecoder;
use packyard_types::{
    BaseArch, Blob, ChannelName, ComponentName, CoreMetadata, DebArch, Digest, DistributionName,
    DistributionSettings, Facts, ProjectStatus, Revision, RpmChangelogEntry, RpmDependency, RpmFile,
    RpmFileKind, RpmFlags, Timestamp,
};
use std::{fs, io::Read, path::Path};

fn assert_golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("PACKYARD_BLESS").is_some() {
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    assert_eq!(actual, expected, "{name}");
}

fn at() -> Timestamp {
    Timestamp::parse("2026-02-03T04:05:06.789Z").unwrap()
}

#[test]
fn release_files_say_what_the_settings_say_and_each_alias_has_one() {
    let said = |text: &str| Some(text.to_owned());
    let mut scope = apt::Scope {
        channel: ChannelName::main(),
        distribution: DistributionName::parse("bookworm").unwrap(),
        settings: DistributionSettings {
            aliases: ["stable".parse().unwrap(), "12".parse().unwrap()].into(),
            origin: said("Example"),
            label: said("Example Tools"),
            version: said("12"),
            description: said("Tools for bookworm"),
            not_automatic: true,
            valid_for_seconds: Some(604_800),
            signed_by: true,
            ..DistributionSettings::default()
        },
        architectures: DebArch::defaults().into(),
        components: [ComponentName::main()].into(),
        at: at(),
        public_url: Some("https://packages.example.org".to_owned()),
    };
    let store = Store::default();
    let made = |scope: &apt::Scope| {
        apt::advance(None, scope, &Delta::default(), &store, &Marks)
            .unwrap()
            .tree
    };
    let tree = made(&scope);
    assert_golden(
        "Release-with-settings",
        &store.text(&tree, "dists/bookworm/Release"),
    );
    let suites = |tree: &packyard_types::Tree| -> Vec<String> {
        let releases = tree.files.keys().filter(|p| p.file_name() == "Release");
        let line = |p: &packyard_types::ServedPath| {
            let text = store.text(tree, p.as_str());
            let suite = text.lines().find(|l| l.starts_with("Suite: ")).unwrap();
            format!("{p}: {suite}, ends: {}", text.contains("\nValid-Until: "))
        };
        releases.map(line).collect()
    };
    assert_eq!(
        suites(&tree),
        [
            "dists/bookworm/Release: Suite: bookworm, ends: true",
            "frozen/dists/12/Release: Suite: 12, ends: false",
            "frozen/dists/bookworm/Release: Suite: bookworm, ends: false",
            "frozen/dists/stable/Release: Suite: stable, ends: false",
            "named/dists/12/Release: Suite: 12, ends: true",
            "named/dists/stable/Release: Suite: stable, ends: true",
        ]
    );
    scope.settings.suite = said("stable");
    scope.settings.valid_for_seconds = None;
    assert_eq!(
        suites(&made(&scope)),
        ["dists/bookworm/Release: Suite: stable, ends: false"],
        "a Suite that was said is not overridden"
    );
}

#[test]
fn apt_files_of_a_distribution() {
    let scope = apt::Scope {
        channel: ChannelName::main(),
        distribution: DistributionName::parse("bookworm").unwrap(),
        settings: DistributionSettings::default(),
        architectures: DebArch::defaults().into(),
        components: [ComponentName::main()].into(),
        at: at(),
        public_url: None,
    };
    let description = "greets the world\n Long text, first paragraph.\n .\n  * a list";
    let fields = [
        ("Source", "hello-world"),
        ("Maintainer", "Jo Doe <jo@example.org>"),
        ("Installed-Size", "23"),
        ("X-Vendor", "kept in its place"),
        ("Depends", "python3 (>= 3.9), adduser"),
        ("Section", "web"),
        ("Priority", "optional"),
        ("Homepage", "https://example.org/hello"),
        ("Description", description),
        ("Description-md5", "not ours"),
    ];
    let with = |item, paths: &[&str]| with_files(item, paths.iter().map(|p| (*p).to_owned()));
    let mut contrib = with(
        deb("extra", "1", "amd64", "bookworm", &[("Section", "contrib/misc")]),
        &["usr/bin/extra"],
    );
    contrib.artifact.component = ComponentName::parse("contrib").unwrap();
    let delta = Delta {
        added: vec![
            with(
                deb("hello-world", "1:1.1.3~rc1+b2-1", "all", "any", &fields),
                &[
                    "usr/bin/hello",
                    "usr/share/doc/hello-world/a file with blanks",
                    "usr/share/ü",
                ],
            ),
            with(
                deb("hello-world", "1.1.2-1", "all", "any", &fields),
                &["usr/bin/hello", "usr/bin/old"],
            ),
            with(
                deb(
                    "greeter",
                    "0.1",
                    "amd64",
                    "bookworm",
                    &[("Description", "greets")],
                ),
                &["usr/bin/greeter"],
            ),
            deb(
                "greeter",
                "0.1",
                "arm64",
                "bookworm",
                &[("Description", "greets")],
            ),
            deb("silent", "1", "amd64", "bookworm", &[]),
            dsc("hello", "1.0", "bookworm", &["debian/control", "src/hello.c"]),
            contrib,
        ],
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let mut store = Store::default();
    let tree = store.take(apt::advance(None, &scope, &delta, &Store::default(), &Marks).unwrap());
    for (golden, path) in [
        ("Packages", "main/binary-amd64/Packages"),
        ("Translation-en", "main/i18n/Translation-en"),
        ("Sources", "main/source/Sources"),
        ("Contents-all", "main/Contents-all"),
        ("Contents-amd64", "main/Contents-amd64"),
        ("Contents-amd64-contrib", "contrib/Contents-amd64"),
        ("Contents-source", "main/Contents-source"),
        ("Release", "Release"),
    ] {
        assert_golden(golden, &store.text(&tree, &format!("dists/bookworm/{path}")));
    }
    let paths: Vec<&str> = tree
        .files
        .keys()
        .map(packyard_types::ServedPath::as_str)
        .collect();
    assert_golden("apt-paths", &(paths.join("\n") + "\n"));
}

fn needs(name: &str, flags: RpmFlags, version: &str) -> RpmDependency {
    let flags = Some(flags);
    let version = version.to_owned();
    RpmDependency {
        flags,
        version,
        ..plain(name)
    }
}

fn plain(name: &str) -> RpmDependency {
    RpmDependency {
        name: name.to_owned(),
        flags: None,
        version: String::new(),
        pre: false,
    }
}

fn file(path: &str, kind: RpmFileKind) -> RpmFile {
    let path = path.to_owned();
    RpmFile { path, kind }
}

fn change(author: &str, at: i64, text: &str) -> RpmChangelogEntry {
    RpmChangelogEntry {
        author: author.to_owned(),
        at: Timestamp::from_unix_seconds(at),
        text: text.to_owned(),
    }
}

/// What rpm says of the package that createrepo_c was run on.
fn hello_rpm() -> Item {
    let (mut artifact, mut facts) = rpm("hello", "1.2", "noarch", "any");
    artifact.name = "hello-1.2-3.noarch.rpm".parse().unwrap();
    artifact.version = "1:1.2-3".to_owned();
    artifact.served = Blob {
        digest: "d93a4de5a646f529417c718a4507ad23ce3810f3107f4dd0d3dfa51f35bb8c1c"
            .parse()
            .unwrap(),
        size_bytes: 7183,
    };
    facts.epoch = 1;
    facts.release = "3".to_owned();
    facts.summary = "Says hello & <more>".to_owned();
    facts.description = "First line.\n\nSecond \"line\" with a tab\there.".to_owned();
    facts.packager = "Jo \"Q\" <jo@example.org>".to_owned();
    facts.url = "https://example.org/hello".to_owned();
    facts.source_rpm = "hello-1.2-3.src.rpm".to_owned();
    facts.installed_size_bytes = 9;
    facts.archive_size_bytes = 788;
    facts.header_end = 7013;
    facts.provides = vec![
        needs("config(hello)", RpmFlags::Equal, "1:1.2-3"),
        needs("hello", RpmFlags::Equal, "1:1.2-3"),
        needs("hi", RpmFlags::Equal, "1.2"),
    ];
    facts.requires = vec![
        plain("(foo >= 1 with foo < 2)"),
        needs("python3", RpmFlags::GreaterOrEqual, "3.9"),
        RpmDependency {
            pre: true,
            ..plain("shadow-utils")
        },
    ];
    facts.conflicts = vec![needs("old", RpmFlags::Less, "2:1.0-1")];
    facts.recommends = vec![plain("bash")];
    facts.files = vec![
        file("/etc/hello", RpmFileKind::Dir),
        file("/etc/hello/hello.conf", RpmFileKind::File),
        file("/usr/bin/hello", RpmFileKind::File),
        file("/usr/share/hello", RpmFileKind::Dir),
        file("/usr/share/hello/data", RpmFileKind::File),
        file("/var/log/hello.log", RpmFileKind::Ghost),
    ];
    facts.changelog = vec![
        change("Jo <jo@example.org> - 1.2-3", 1_553_256_000, "- Newest \"one\""),
        change("Jo <jo@example.org> - 1.1-1", 1_553_169_600, "- Older & first"),
    ];
    Item {
        artifact,
        facts: Facts::Rpm(facts),
    }
}

#[test]
fn yum_files_of_a_basearch() {
    let scope = yum::Scope {
        distribution: DistributionName::any(),
        basearches: BaseArch::defaults().into(),
        revision: Revision(12),
        at: at(),
        zstd: false,
        documents: std::collections::BTreeMap::new(),
    };
    let delta = Delta {
        added: vec![hello_rpm()],
        removed: Vec::new(),
        contents: ContentsDelta::Same,
    };
    let mut store = Store::default();
    let tree = store.take(yum::advance(None, &scope, &delta, &Store::default(), &Marks).unwrap());
    assert_golden("repomd.xml", &store.text(&tree, "any/x86_64/repodata/repomd.xml"));
    for part in ["primary", "filelists", "other"] {
        let suffix = format!("-{part}.xml.gz");
        let (_, file) = tree
            .files
            .iter()
            .find(|(path, _)| path.as_str().ends_with(&suffix))
            .unwrap();
        let mut text = String::new();
        GzDecoder::new(&store.read(&tree, file)[..])
            .read_to_string(&mut text)
            .unwrap();
        assert_golden(&format!("{part}.xml"), &text);
    }
    let paths: Vec<&str> = tree
        .files
        .keys()
        .map(packyard_types::ServedPath::as_str)
        .collect();
    assert_golden("yum-paths", &(paths.join("\n") + "\n"));
}

#[test]
fn advisories_of_a_repository() {
    let mut item = hello_rpm();
    if let Facts::Rpm(facts) = &mut item.facts {
        facts.changelog[0].text = "- [security: important] Escapes <names> (CVE-2026-1234),\n  \
            see https://bugs.example.org/hello/issues/7\n- [bugfix] Starts again"
            .to_owned();
    }
    let mut doc = item.clone();
    if let Facts::Rpm(facts) = &mut doc.facts {
        facts.name = "hello-doc".to_owned();
        facts.arch = "noarch".to_owned();
    }
    doc.artifact.arch = "noarch".to_owned();
    let scope = yum::Scope {
        distribution: DistributionName::any(),
        basearches: BaseArch::defaults().into(),
        revision: Revision(12),
        at: at(),
        zstd: false,
        documents: std::collections::BTreeMap::new(),
    };
    let mut store = Store::default();
    let tree = store.take(yum::render(&scope, &[item, doc], &Marks).unwrap());
    let mut files = tree.files.iter();
    let (_, file) = files
        .find(|(path, _)| {
            path.as_str().starts_with("any/x86_64/") && path.as_str().contains("-updateinfo.xml")
        })
        .unwrap();
    let mut text = String::new();
    GzDecoder::new(&store.read(&tree, file)[..])
        .read_to_string(&mut text)
        .unwrap();
    assert_golden("updateinfo.xml", &text);
}

fn pip_file(filename: &str) -> PipFile {
    PipFile {
        filename: filename.parse().unwrap(),
        url: format!("../../files/{}/{filename}", Digest::of(filename.as_bytes())),
        sha256: Digest::of(filename.as_bytes()),
        size_bytes: Some(4711),
        requires_python: None,
        metadata_sha256: None,
        upload_time: Some(at()),
        yanked: None,
    }
}

#[test]
fn pip_pages() {
    let wheel = PipFile {
        requires_python: Some(">=3.9, <4 # \"odd\"".to_owned()),
        metadata_sha256: Some(Digest::of(b"METADATA")),
        ..pip_file("hello_world-1.1.3-py3-none-any.whl")
    };
    let yanked = |filename: &str, reason: &str| PipFile {
        yanked: Some(reason.to_owned()),
        ..pip_file(filename)
    };
    let page = ProjectPage {
        name: "hello-world".parse().unwrap(),
        status: (ProjectStatus::Deprecated, "use <other-world>".to_owned()),
        serial: Revision(17),
        files: vec![
            wheel,
            pip_file("hello_world-1.1.3.tar.gz"),
            yanked("hello_world-1.1.2.tar.gz", ""),
            yanked("hello_world-1.1.1.tar.gz", "broken <badly>"),
        ],
    };
    assert_golden("simple-project.html", &page.html());
    assert_golden("simple-project.json", &page.json());
    let root = RootPage {
        projects: vec![
            ("hello-world".parse().unwrap(), Revision(17)),
            ("zope-interface".parse().unwrap(), Revision(5)),
        ],
        serial: Revision(17),
    };
    assert_golden("simple-root.html", &root.html());
    assert_golden("simple-root.json", &root.json());
}

#[test]
fn a_project_of_nothing_but_its_name_has_a_page() {
    let page = ProjectPage {
        name: "hello-world".parse().unwrap(),
        status: (ProjectStatus::Active, String::new()),
        serial: Revision(1),
        files: Vec::new(),
    };
    assert_golden("simple-empty.html", &page.html());
    assert_golden("simple-empty.json", &page.json());
}

#[test]
fn the_older_json_describes_a_release_and_lists_the_others() {
    let mut page = ReleasePage {
        name: "hello-world".parse().unwrap(),
        version: "1.1.3".to_owned(),
        metadata: CoreMetadata {
            name: "Hello.World".to_owned(),
            version: "1.1.3".to_owned(),
            summary: Some("greets".to_owned()),
            license_expression: Some("MIT".to_owned()),
            requires_python: Some(">=3.9".to_owned()),
            requires_dist: vec!["greeter>=1".to_owned()],
            project_urls: vec![("Home".to_owned(), "https://example.org".to_owned())],
            ..CoreMetadata::default()
        },
        serial: Revision(17),
        files: vec![
            pip_file("hello_world-1.1.3-1-py3-none-any.whl"),
            PipFile {
                yanked: Some("broken".to_owned()),
                ..pip_file("hello_world-1.1.2.tar.gz")
            },
        ],
        all_releases: true,
        project_url: "http://localhost/main/packages/hello-world".to_owned(),
    };
    assert_golden("legacy-project.json", &page.json());
    page.all_releases = false;
    page.version = "1.1.2".to_owned();
    assert_golden("legacy-release.json", &page.json());
}
