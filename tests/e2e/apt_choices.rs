//! Which of several versions apt takes: by release, pin, architecture and order, and what it says of them.

use crate::harness::{AptRoot, SmallDeb, Yard, get, packyard, sha256};

/// A yard with these distributions, each with its settings.
fn yard(distributions: &[&[&str]]) -> Yard {
    let yard = Yard::new();
    for settings in distributions {
        let (url, token) = (yard.url(""), yard.admin_token());
        let mut all = vec!["distribution", "create"];
        all.extend_from_slice(settings);
        all.extend(["--server", &url, "--token", &token]);
        packyard(all).ok();
    }
    yard
}

/// A root that trusts the yard's key and has these `SUITE COMPONENT…` as sources.
fn root_with(yard: &Yard, suites: &[&str]) -> AptRoot {
    let root = AptRoot::new();
    let key = "/etc/apt/keyrings/packyard-main.asc";
    root.write(key, get(&yard.url("/main/apt/key.asc")).is(200).text());
    let line = |suite: &&str| format!("deb [signed-by={key}] {} {suite}\n", yard.url("/main/apt"));
    root.write(
        "etc/apt/sources.list",
        &suites.iter().map(line).collect::<String>(),
    );
    root.update();
    root
}

/// The version that apt would install.
fn candidate(root: &AptRoot, package: &str) -> String {
    let said = root.run("apt-cache", &["policy", package]).ok().stdout;
    let line = said.lines().find(|line| line.contains("Candidate:"));
    line.unwrap_or_else(|| panic!("no candidate: {said}"))
        .split_whitespace()
        .nth(1)
        .unwrap()
        .to_owned()
}

#[test]
fn pins_choose_by_origin_label_suite_codename_component_and_host() {
    let yard = yard(&[
        &[
            "main/bookworm",
            "--origin",
            "Acme",
            "--label",
            "Acme tools",
            "--alias",
            "stable",
            "--suite",
            "stable",
            "--version",
            "12",
        ],
        &[
            "main/next",
            "--origin",
            "Acme next",
            "--label",
            "Acme trials",
            "--suite",
            "testing",
        ],
    ]);
    SmallDeb::new("tool", "1.0").put(&yard, "bookworm/main").is(201);
    SmallDeb::new("tool", "1.5")
        .put(&yard, "bookworm/contrib")
        .is(201);
    SmallDeb::new("tool", "2.0").put(&yard, "next/main").is(201);
    let root = root_with(&yard, &["stable main contrib", "next main"]);
    assert_eq!(candidate(&root, "tool"), "2.0");
    root.run("apt-cache", &["policy"]).ok().says(&[
        "release v=12,o=Acme,a=stable,n=bookworm,l=Acme tools,c=contrib,b=amd64",
        "release o=Acme next,a=testing,n=next,l=Acme trials,c=main,b=amd64",
    ]);
    for (pin, version) in [
        ("release o=Acme", "1.5"),
        ("release l=Acme tools", "1.5"),
        ("release a=stable", "1.5"),
        ("release n=bookworm", "1.5"),
        ("release v=12", "1.5"),
        ("release a=stable, c=main", "1.0"),
        ("release c=contrib", "1.5"),
        ("release l=Acme trials", "2.0"),
        ("version 1.0", "1.0"),
    ] {
        let text = format!("Package: *\nPin: {pin}\nPin-Priority: 900\n")
            .replace("*\nPin: version", "tool\nPin: version");
        root.write("etc/apt/preferences.d/test", &text);
        assert_eq!(candidate(&root, "tool"), version, "{pin}");
    }
    root.write(
        "etc/apt/preferences.d/test",
        "Package: tool\nPin: origin \"127.0.0.1\"\nPin-Priority: -1\n",
    );
    assert_eq!(candidate(&root, "tool"), "(none)");
    root.apt_get(&["install", "tool"])
        .fails()
        .says(&["no installation candidate"]);
    root.write(
        "etc/apt/preferences.d/test",
        "Package: tool\nPin: release l=Acme tools\nPin-Priority: 1001\n",
    );
    root.apt_get(&["install", "tool/testing"]).ok();
    root.apt_get(&["upgrade", "--allow-downgrades"]).ok();
    assert_eq!(
        root.installed("tool").as_deref(),
        Some("1.5"),
        "a pin above 1000 goes back"
    );
}

#[test]
fn what_is_not_automatic_is_taken_by_name_only_and_upgraded_from_then_on() {
    let yard = yard(&[&["main/bookworm"], &["main/backports", "--not-automatic"]]);
    SmallDeb::new("tool", "1.0").put(&yard, "bookworm/main").is(201);
    SmallDeb::new("tool", "2.0").put(&yard, "backports/main").is(201);
    let root = root_with(&yard, &["bookworm main", "backports main"]);
    root.apt_get(&["install", "tool"]).ok();
    root.apt_get(&["dist-upgrade"]).ok();
    assert_eq!(root.installed("tool").as_deref(), Some("1.0"));
    root.run("apt-cache", &["policy", "tool"])
        .ok()
        .says(&["2.0 100", "1.0 500"]);
    root.apt_get(&["install", "tool/backports"]).ok();
    assert_eq!(root.installed("tool").as_deref(), Some("2.0"));
    SmallDeb::new("tool", "2.1").put(&yard, "backports/main").is(201);
    root.update();
    root.apt_get(&["upgrade"]).ok();
    assert_eq!(
        root.installed("tool").as_deref(),
        Some("2.1"),
        "ButAutomaticUpgrades"
    );
}

#[test]
fn every_version_stays_to_be_installed_downloaded_and_gone_back_to() {
    let yard = yard(&[&["main/bookworm"]]);
    let versions = ["1:1.0~rc1-1", "1:1.0-1", "1:1.0-1+b1", "1:1.0.1-1"];
    let served = versions.map(|version| {
        let receipt = SmallDeb::new("tool", version).put(&yard, "bookworm/main").is(201);
        receipt.json()["artifacts"][0]["served"]
            .as_str()
            .unwrap()
            .to_owned()
    });
    let root = root_with(&yard, &["bookworm main"]);
    let listed = root.run("apt-cache", &["madison", "tool"]).ok().stdout;
    let listed: Vec<&str> = listed
        .lines()
        .map(|line| line.split('|').nth(1).unwrap().trim())
        .collect();
    assert_eq!(
        listed,
        versions.iter().rev().copied().collect::<Vec<_>>(),
        "newest first, each once"
    );
    root.apt_get(&["install", "tool"]).ok();
    assert_eq!(root.installed("tool").as_deref(), Some("1:1.0.1-1"));
    for version in versions {
        let wish = format!("tool={version}");
        root.apt_get(&["install", "--allow-downgrades", &wish]).ok();
        assert_eq!(root.installed("tool").as_deref(), Some(version));
    }
    root.apt_get(&["install", "tool=1:1.0-1"])
        .fails()
        .says(&["--allow-downgrades"]);
    root.run(
        "sh",
        &[
            "-c",
            "cd /tmp && apt-get download tool=1:1.0~rc1-1 && mv tool_*.deb got.deb",
        ],
    )
    .ok();
    let got = std::fs::read(root.inside("tmp/got.deb")).unwrap();
    assert_eq!(sha256(&got), served[0]);
}

#[test]
fn a_foreign_architecture_is_installed_beside_our_own_and_all_serves_both() {
    let yard = yard(&[&["main/bookworm"]]);
    SmallDeb::new("data", "1.0")
        .field("Multi-Arch", "foreign")
        .put(&yard, "bookworm/main")
        .is(201);
    for arch in ["amd64", "i386"] {
        let path = format!("usr/lib/{arch}-library/it");
        let deb = SmallDeb::new("libtool-test", "1.0")
            .arch(arch)
            .field("Multi-Arch", "same")
            .field("Depends", "data (>= 1.0)");
        deb.file(&path, arch).put(&yard, "bookworm/main").is(201);
    }
    let root = root_with(&yard, &["bookworm main"]);
    root.apt_get(&["install", "libtool-test:i386"])
        .fails()
        .says(&["Unable to locate package"]);
    root.run("dpkg", &["--add-architecture", "i386"]).ok();
    root.update();
    root.apt_get(&["install", "libtool-test:i386", "libtool-test"])
        .ok();
    for arch in ["amd64", "i386"] {
        assert!(
            root.inside(&format!("usr/lib/{arch}-library/it")).exists(),
            "{arch}"
        );
    }
    root.run("dpkg-query", &["-W", "-f", "${Package}:${Architecture}\n"])
        .ok()
        .says(&["libtool-test:amd64", "libtool-test:i386", "data:all"])
        .never_says(&["data:i386"]);
    root.run("dpkg", &["--add-architecture", "s390x"]).ok();
    root.apt_get(&["update"]).ok().never_says(&["W:", "E:"]);
}

#[test]
fn what_nothing_needs_any_more_goes_and_purge_takes_the_settings_too() {
    let yard = yard(&[&["main/bookworm"]]);
    SmallDeb::new("tool-data", "1.0")
        .put(&yard, "bookworm/main")
        .is(201);
    SmallDeb::new("tool-more", "1.0")
        .put(&yard, "bookworm/main")
        .is(201);
    let purged = "#!/bin/sh\n[ \"$1\" != purge ] || rm -rf /var/lib/tool\n";
    SmallDeb::new("tool", "1.0")
        .field("Depends", "tool-data (= 1.0), tool-none | tool-more")
        .file("etc/tool.conf", "a=1\n")
        .file("DEBIAN/conffiles", "/etc/tool.conf\n")
        .file("DEBIAN/postinst", "#!/bin/sh\nmkdir -p /var/lib/tool\n")
        .file("DEBIAN/postrm", purged)
        .put(&yard, "bookworm/main")
        .is(201);
    let root = root_with(&yard, &["bookworm main"]);
    root.apt_get(&["install", "tool"]).ok();
    assert!(root.installed("tool-data").is_some() && root.installed("tool-more").is_some());
    root.apt_get(&["remove", "tool"]).ok();
    assert!(root.inside("etc/tool.conf").exists() && root.inside("var/lib/tool").exists());
    root.apt_get(&["autoremove"]).ok();
    assert!(root.installed("tool-data").is_none() && root.installed("tool-more").is_none());
    root.apt_get(&["purge", "tool"]).ok();
    assert!(!root.inside("etc/tool.conf").exists() && !root.inside("var/lib/tool").exists());
}

#[test]
fn a_search_finds_words_of_the_long_description_and_show_has_it_whole() {
    let yard = yard(&[&["main/bookworm"]]);
    let description = "counts things\n It keeps a ledger of every quokka.\n .\n Nothing else does.";
    SmallDeb::new("tool", "1.0")
        .field("Description", description)
        .put(&yard, "bookworm/main")
        .is(201);
    SmallDeb::new("other", "1.0").put(&yard, "bookworm/main").is(201);
    let root = root_with(&yard, &["bookworm main"]);
    root.run("apt-cache", &["search", "quokka"])
        .ok()
        .says(&["tool - counts things"])
        .never_says(&["other"]);
    root.run("apt-cache", &["search", "--names-only", "quokka"])
        .ok()
        .never_says(&["tool"]);
    let shown = root.run("apt-cache", &["show", "tool"]).ok();
    shown.says(&[" It keeps a ledger of every quokka.\n .\n Nothing else does."]);
}

#[test]
fn apt_updates_with_every_way_to_fetch_and_keep_an_index() {
    let yard = yard(&[&["main/bookworm", "--zstd", "--valid-for", "7d"]]);
    SmallDeb::new("tool", "1.0").put(&yard, "bookworm/main").is(201);
    let root = root_with(&yard, &["bookworm main"]);
    for (number, options) in [
        "Acquire::GzipIndexes \"true\";",
        "Acquire::GzipIndexes \"false\";",
        "Acquire::CompressionTypes::Order:: \"gz\";",
        "Acquire::CompressionTypes::Order:: \"xz\";",
        "Acquire::CompressionTypes::Order:: \"zst\";",
        "Acquire::By-Hash \"no\";",
        "Acquire::By-Hash \"force\";",
        "Acquire::Languages \"none\";",
        "Acquire::Languages { \"de\"; \"en\"; };",
        "Acquire::http::Pipeline-Depth \"0\";",
        "Acquire::http::No-Cache \"true\";",
        "Acquire::PDiffs \"false\";",
        "Acquire::Queue-Mode \"access\";",
    ]
    .into_iter()
    .enumerate()
    {
        let version = format!("1.{number}.1");
        SmallDeb::new("tool", &version)
            .put(&yard, "bookworm/main")
            .is(201);
        root.write("etc/apt/apt.conf.d/99test", options);
        if number % 2 == 0 {
            root.run("sh", &["-c", "rm -rf /var/lib/apt/lists/*"]).ok();
        }
        root.update();
        assert_eq!(candidate(&root, "tool"), version, "{options}");
        root.update().never_says(&["Get:"]);
    }
    root.apt_get(&["install", "tool"]).ok();
}
