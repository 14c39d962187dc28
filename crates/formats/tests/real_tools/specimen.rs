//! Packages that are put together here, for several tests.

use packyard_formats::compress::Compression;
use packyard_formats::entries::{Entries, Entry, EntryKind, Role};
use packyard_formats::rpm::write::{RpmKind, RpmScripts, RpmSpec};
use packyard_types::{
    Capabilities, InstallPath, RpmArch, RpmChangelogEntry, RpmDependency, RpmFlags, RpmName, Timestamp,
};

/// Noon of 22 March 2019.
pub const DATE: i64 = 1_553_256_000;

/// A path.
pub fn path(s: &str) -> InstallPath {
    InstallPath::parse(s).unwrap()
}

/// A dependency.
pub fn dependency(name: &str, flags: Option<RpmFlags>, version: &str) -> RpmDependency {
    RpmDependency {
        name: name.into(),
        flags,
        version: version.into(),
        pre: false,
    }
}

/// A package with nothing in it.
pub fn empty(name: &str) -> RpmSpec {
    RpmSpec {
        name: RpmName::parse(name).unwrap(),
        kind: RpmKind::Binary { source: name.into() },
        epoch: 0,
        version: "1.0".into(),
        release: "1".into(),
        arch: RpmArch::noarch(),
        license: "MIT".into(),
        summary: "A package".into(),
        description: "Text.".into(),
        url: None,
        packager: None,
        vendor: None,
        group: "Unspecified".into(),
        requires: vec![],
        recommends: vec![],
        suggests: vec![],
        supplements: vec![],
        enhances: vec![],
        conflicts: vec![],
        provides: vec![],
        obsoletes: vec![],
        scripts: RpmScripts::default(),
        changelog: vec![],
        compression: Compression::Gzip,
        entries: Entries::new(Timestamp::from_unix_seconds(DATE)),
    }
}

/// One with most of what a package can have.
pub fn everything() -> RpmSpec {
    let mut spec = empty("hello");
    let script = |text: &str| Some(format!("echo {text}\n"));
    let mut systemd = dependency("systemd", None, "");
    systemd.pre = true;
    spec.epoch = 2;
    spec.version = "1.0~rc1".into();
    spec.summary = "Says «hello»".into();
    spec.description = "Para one with 100%.\n\nPara two.".into();
    spec.url = Some("https://example.org/".into());
    spec.packager = Some("Ann <a@example.org>".into());
    spec.vendor = Some("Ann".into());
    spec.group = "Applications/System".into();
    spec.requires = vec![
        systemd,
        dependency("bash", Some(RpmFlags::GreaterOrEqual), "4"),
        dependency("(foo if bar)", None, ""),
    ];
    spec.recommends = vec![dependency("rec", None, "")];
    spec.suggests = vec![dependency("sug", Some(RpmFlags::Greater), "1")];
    spec.supplements = vec![dependency("supp", None, "")];
    spec.enhances = vec![dependency("enh", Some(RpmFlags::LessOrEqual), "1-2")];
    spec.conflicts = vec![dependency("conf", Some(RpmFlags::Less), "1")];
    spec.obsoletes = vec![dependency("obs", Some(RpmFlags::Less), "1")];
    spec.provides = vec![dependency("prov", Some(RpmFlags::Equal), "1")];
    spec.scripts = RpmScripts {
        pretrans: script("pretrans"),
        pre: script("pre"),
        post: script("post"),
        preun: script("preun"),
        postun: script("postun"),
        posttrans: script("posttrans"),
    };
    let entry = |days: i64, author: &str, text: &str| RpmChangelogEntry {
        author: author.into(),
        at: Timestamp::from_unix_seconds(DATE - days * 86_400),
        text: text.into(),
    };
    spec.changelog = vec![
        entry(0, "Ann <a@example.org> - 2:1.0~rc1-1", "- new\n- and more"),
        entry(1, "Ann <a@example.org> - 1.0-1", "- old"),
    ];
    spec.entries = files();
    spec
}

fn files() -> Entries {
    let mut entries = Entries::new(Timestamp::from_unix_seconds(DATE));
    let config =
        |text: &'static str, noreplace| Entry::file(text.as_bytes()).with_role(Role::Config { noreplace });
    let ghost = |mode, role| Entry {
        kind: EntryKind::Ghost,
        mode,
        ..Entry::file(&b""[..]).with_role(role)
    };
    let missing = Entry {
        missing_ok: true,
        ..config("b=1\n", false)
    };
    let program = Entry {
        mode: 0o4755,
        capabilities: Some(Capabilities::parse("cap_net_raw,cap_net_bind_service+ep").unwrap()),
        ..Entry::program(&b"hello\n"[..])
    };
    let sticky = Entry {
        mode: 0o1777,
        ..Entry::directory()
    };
    for (at, entry) in [
        ("/etc/hello/hello.conf", config("a=1\n", true)),
        ("/etc/hello/missing.conf", missing),
        ("/etc/hello/replaced.conf", config("c=1\n", false)),
        (
            "/etc/hello/ghost.conf",
            ghost(0o644, Role::Config { noreplace: true }),
        ),
        ("/usr/bin/hello", program),
        ("/usr/bin/hi", Entry::symlink("hello")),
        ("/usr/share/man/man1/hello.1", Entry::file(&b"page\n"[..])),
        ("/usr/share/doc/hello/README", Entry::file(&b"read\n"[..])),
        ("/usr/share/doc/hello/R", Entry::symlink("README")),
        ("/usr/share/hello/with blank", Entry::file(&b"text\n"[..])),
        ("/usr/share/hello/empty", Entry::file(&b""[..])),
        (
            "/usr/share/hello/LICENSE",
            Entry::file(&b"MIT\n"[..]).with_role(Role::License),
        ),
        ("/var/lib/hello", sticky),
        ("/var/log/hello.log", ghost(0o640, Role::Plain)),
    ] {
        entries.insert(path(at), entry).unwrap();
    }
    entries
}
