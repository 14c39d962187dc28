//! Advisories: made of what a package's changelog says, and written by hand.

use crate::harness::{DnfRoot, Project, SmallRpm, Yard, Zypper, get, packyard, put_in_yum};

/// Version 1 of two packages, and what updates them: a hole that is mended, and something that is nicer.
fn yard_with_updates() -> (Yard, SmallRpm, SmallRpm) {
    let yard = Yard::new();
    SmallRpm::new("vault", "1").subpackage("doc").put(&yard);
    SmallRpm::new("lamp", "1").put(&yard);
    let vault = SmallRpm::new("vault", "2")
        .subpackage("doc")
        .changes("- [security: important] The door locks (CVE-2026-1234)\n- [bugfix] Oil");
    let lamp = SmallRpm::new("lamp", "2").changes("- [enhancement] Shines brighter");
    (yard, vault, lamp)
}

#[test]
fn dnf_lists_advisories_and_upgrades_to_what_mends_security() {
    let (yard, vault, lamp) = yard_with_updates();
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "vault", "vault-doc", "lamp"]).ok();
    root.dnf(&["updateinfo", "list"])
        .ok()
        .never_says(&["vault", "lamp"]);
    vault.put(&yard);
    lamp.put(&yard);

    root.dnf(&["updateinfo", "list"]).ok().says(&[
        "vault-2-1 Important/Sec. vault-2-1.noarch",
        "vault-2-1 Important/Sec. vault-doc-2-1.noarch",
        "lamp-2-1  enhancement",
    ]);
    root.dnf(&["updateinfo", "info", "vault-2-1"]).ok().says(&[
        "The door locks (CVE-2026-1234)",
        "CVE-2026-1234",
        "Severity: Important",
    ]);
    root.dnf(&["updateinfo", "list", "--cve=CVE-2026-1234"])
        .ok()
        .says(&["vault-2-1"])
        .never_says(&["lamp"]);
    root.dnf(&["upgrade", "--security"]).ok();
    assert_eq!(root.installed("vault").unwrap(), "2-1");
    assert_eq!(root.installed("vault-doc").unwrap(), "2-1");
    assert_eq!(root.installed("lamp").unwrap(), "1-1");
    root.dnf(&["upgrade"]).ok();
    assert_eq!(root.installed("lamp").unwrap(), "2-1");
}

#[test]
fn zypper_patches_every_package_of_an_advisory() {
    let (yard, vault, lamp) = yard_with_updates();
    let root = Zypper::of(&yard);
    root.run(&["install", "--no-recommends", "vault", "vault-doc", "lamp"])
        .ok();
    vault.put(&yard);
    lamp.put(&yard);
    root.run(&["refresh", "--force"]).ok();
    root.run(&["list-patches"])
        .ok()
        .says(&["vault-2-1", "security", "important", "lamp-2-1"]);
    root.run(&["list-patches", "--cve=CVE-2026-1234"])
        .ok()
        .says(&["vault-2-1"])
        .never_says(&["lamp"]);
    root.run(&["patch", "--category", "security", "--no-recommends"])
        .ok();
    assert_eq!(root.installed("vault"), "2");
    assert_eq!(root.installed("vault-doc"), "2");
    assert_eq!(root.installed("lamp"), "1");
}

#[test]
fn an_advisory_leaves_with_its_package() {
    let (yard, vault, _) = yard_with_updates();
    assert!(!repomd(&yard).contains("updateinfo"), "there is nothing to tell");
    vault.put(&yard);
    assert!(repomd(&yard).contains("updateinfo"));
    let data = yard.data();
    packyard([
        "yank",
        "vault==2",
        "--channel",
        "main",
        "--data",
        data.to_str().unwrap(),
    ])
    .ok();
    assert!(!repomd(&yard).contains("updateinfo"), "{}", repomd(&yard));
}

const WRITTEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<updates>
<update from=\"jo@example.org\" status=\"final\" type=\"security\" version=\"1\">
<id>HOUSE-2026-1</id><title>Lamps burn</title><severity>Critical</severity>
<issued date=\"2026-03-01 00:00:00\"/><description>Change the lamp.</description>
<pkglist><collection><package name=\"lamp\" version=\"2\" release=\"1\" epoch=\"0\" arch=\"noarch\">
<filename>lamp-2-1.noarch.rpm</filename></package></collection></pkglist></update>
<update from=\"jo@example.org\" status=\"final\" type=\"bugfix\" version=\"1\"><id>vault-2-1</id>
<title>Said better</title><description>It was no hole after all.</description></update>
</updates>
";

#[test]
fn advisories_written_by_hand_stand_beside_the_others_and_go_before_them() {
    let (yard, vault, lamp) = yard_with_updates();
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "vault", "lamp"]).ok();
    vault.put(&yard);
    lamp.put(&yard);
    put_in_yum(&yard, "any/updateinfo.xml", WRITTEN.as_bytes()).is(201);
    put_in_yum(&yard, "any/updateinfo.xml", WRITTEN.as_bytes()).is(200);
    root.dnf(&["updateinfo", "list"])
        .ok()
        .says(&["HOUSE-2026-1 Critical/Sec. lamp-2-1", "lamp-2-1     enhancement"])
        .never_says(&["vault-2-1"]);
    root.dnf(&["upgrade", "--security"]).ok();
    assert_eq!(root.installed("lamp").unwrap(), "2-1");
    assert_eq!(root.installed("vault").unwrap(), "1-1");

    // Packages that come later find it there, also when it is looked up from a bare log.
    SmallRpm::new("door", "1").put(&yard);
    root.dnf(&["updateinfo", "list", "--all"])
        .ok()
        .says(&["HOUSE-2026-1"]);
    let data = yard.data();
    packyard(["fsck", "--data", data.to_str().unwrap()]).ok();
    let url = yard.url("/main/yum/upload/any/updateinfo.xml");
    let away = crate::harness::Request::new("DELETE", &url).token(&yard.admin_token());
    away.send().is(200);
    root.dnf(&["updateinfo", "list"])
        .ok()
        .says(&["vault-2-1 Important/Sec."])
        .never_says(&["HOUSE-2026-1"]);
}

#[test]
fn what_is_no_updateinfo_is_refused_with_its_line_and_column() {
    let yard = Yard::new();
    let before = yard.revision();
    for (text, words) in [
        (
            "<updates>\n  <update type=\"wrong\"/></updates>",
            vec!["line 2, column 3", "wrong"],
        ),
        ("<updates>\n<update", vec!["line 2"]),
        ("<comps/>", vec!["<updates>"]),
        ("", vec!["empty"]),
        (
            "<!DOCTYPE a [<!ENTITY b 'c'>]><updates>&b;</updates>",
            vec!["document type"],
        ),
        (
            "<updates><!-- <update><id>a</id></update> --></updates>",
            vec!["comments"],
        ),
    ] {
        put_in_yum(&yard, "any/updateinfo.xml", text.as_bytes()).problem(422, &words);
    }
    let url = yard.url("/main/yum/upload/any/updateinfo.xml");
    let reply = crate::harness::Request::new("PUT", &url).send_bytes(WRITTEN.as_bytes());
    assert_eq!(reply.status, 401);
    put_in_yum(&yard, "any/updateinfo.xml", &vec![b' '; 9 << 20]).problem(413, &["updateinfo.xml"]);
    assert_eq!(yard.revision(), before);
}

#[test]
fn what_a_project_says_in_its_changelog_becomes_an_advisory() {
    let yard = Yard::new();
    let project = Project::hello_world();
    yard.publish(&project.build());
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "hello-world"]).ok();
    project.bump("1.2.0");
    project.remove("CHANGELOG.rst");
    project.write(
        "CHANGELOG.md",
        "# Changelog\n\n## [1.2.0] - 2024-06-01\n\n### Security\n\n- Greets no strangers (CVE-2026-4321)\n\n\
         ### Fixed\n\n- Spells names\n\n## [1.1.3] - 2019-03-22\n\n### Added\n\n- A greeting\n",
    );
    yard.publish(&project.build());
    root.dnf(&["updateinfo", "list", "--security"])
        .ok()
        .says(&["Sec. hello-world-1.2.0"]);
    root.dnf(&["updateinfo", "info", "--security"]).ok().says(&[
        "CVE-2026-4321",
        "[security] Greets no strangers",
        "[bugfix] Spells names",
    ]);
}

#[test]
fn revision_and_timestamps_of_the_repository_only_grow_also_after_a_rollback() {
    let (yard, vault, _) = yard_with_updates();
    let first = yard.revision();
    let mut seen = vec![times(&repomd(&yard))];
    vault.put(&yard);
    seen.push(times(&repomd(&yard)));
    put_in_yum(&yard, "any/updateinfo.xml", WRITTEN.as_bytes()).is(201);
    seen.push(times(&repomd(&yard)));
    let written = yard.revision();
    let data = yard.data();
    let to = first.to_string();
    packyard(["rollback", "main", "--to", &to, "--data", data.to_str().unwrap()]).ok();
    let back = repomd(&yard);
    assert!(
        !back.contains("updateinfo"),
        "documents are as they were, too: {back}"
    );
    seen.push(times(&back));
    for pair in seen.windows(2) {
        assert!(pair[0].0 < pair[1].0, "revisions: {seen:?}");
        assert!(pair[0].1 <= pair[1].1, "timestamps: {seen:?}");
    }
    // And forth again: the documents come back with the packages.
    let to = written.to_string();
    packyard(["rollback", "main", "--to", &to, "--data", data.to_str().unwrap()]).ok();
    assert!(repomd(&yard).contains("updateinfo"));
}

#[test]
fn index_files_are_zstd_where_the_distribution_says_so() {
    let (yard, vault, lamp) = yard_with_updates();
    let data = yard.data();
    packyard([
        "distribution",
        "set",
        "main/any",
        "--zstd",
        "--data",
        data.to_str().unwrap(),
    ])
    .ok();
    let text = repomd(&yard);
    assert!(
        text.contains("-primary.xml.zst") && !text.contains(".gz\""),
        "{text}"
    );
    let (dnf, zypper) = (DnfRoot::of(&yard), Zypper::of(&yard));
    dnf.dnf(&["install", "vault", "lamp"]).ok();
    zypper.run(&["install", "--no-recommends", "vault", "lamp"]).ok();
    vault.put(&yard);
    lamp.put(&yard);
    dnf.dnf(&["upgrade", "--security"]).ok();
    assert_eq!(dnf.installed("vault").unwrap(), "2-1");
    dnf.dnf(&["repoquery", "--changelogs", "lamp"])
        .ok()
        .says(&["Shines brighter"]);
    dnf.dnf(&["repoquery", "--whatprovides", "/usr/share/lamp/version"])
        .ok()
        .says(&["lamp"]);
    zypper.run(&["refresh", "--force"]).ok();
    zypper.run(&["patch", "--no-recommends"]).ok();
    assert_eq!(zypper.installed("vault"), "2");
    packyard([
        "distribution",
        "set",
        "main/any",
        "--no-zstd",
        "--data",
        data.to_str().unwrap(),
    ])
    .ok();
    assert!(repomd(&yard).contains("-primary.xml.gz"));
}

fn repomd(yard: &Yard) -> String {
    let url = yard.url("/main/yum/any/x86_64/repodata/repomd.xml");
    get(&url).is(200).text().to_owned()
}

/// The revision of a repomd.xml, and the newest timestamp.
fn times(repomd: &str) -> (u64, u64) {
    let all = |tag: &str| -> Vec<u64> {
        let open = format!("<{tag}>");
        let parts = repomd.split(&open).skip(1);
        parts
            .map(|part| part.split('<').next().unwrap().parse().unwrap())
            .collect()
    };
    (all("revision")[0], all("timestamp").into_iter().max().unwrap())
}

/// The updateinfo.xml that distribution `any` of a yard serves.
fn updateinfo(yard: &Yard) -> String {
    let (before, _) = repomd(yard)
        .split_once("-updateinfo.xml.gz")
        .map(|(b, a)| (b.to_owned(), a.to_owned()))
        .unwrap();
    let name = format!("{}-updateinfo.xml.gz", before.rsplit('/').next().unwrap());
    let packed = get(&yard.url(&format!("/main/yum/any/x86_64/repodata/{name}")))
        .is(200)
        .body;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), packed).unwrap();
    let mut zcat = crate::harness::system_command("sh");
    crate::harness::run(zcat.args(["-c", "zcat < \"$0\""]).arg(file.path()))
        .ok()
        .stdout
}

#[test]
fn an_import_of_a_yards_export_brings_no_advisory_that_comes_with_the_packages() {
    let (from, to) = (Yard::new(), Yard::new());
    SmallRpm::new("tool", "1.0")
        .changes("- [security] Safe (CVE-2026-1234)")
        .put(&from);
    let mine = "<updates><update from=\"me\" status=\"final\" type=\"bugfix\" version=\"1\"><id>MINE-1</id>\
                <title>Mine</title><pkglist><collection><package name=\"tool\" version=\"1.0\" release=\"1\" epoch=\"0\" \
                arch=\"noarch\" src=\"tool-1.0-1.src.rpm\"><filename>tool-1.0-1.noarch.rpm</filename></package>\
                </collection></pkglist></update></updates>";
    crate::harness::put_in_yum(&from, "any/updateinfo.xml", mine.as_bytes()).is(201);
    let source = from.url("/main/yum/any/x86_64/");
    crate::circle::admin(&to, &["import", &source, "--foreign-signatures", "replace"]).ok();
    let documents = get(&to.url("/api/v1/channels/main/distributions/any/documents")).is(200);
    assert!(documents.text().contains("updateinfo"), "{}", documents.text());
    let (ours, theirs) = (updateinfo(&to), updateinfo(&from));
    for text in [&ours, &theirs] {
        assert_eq!(text.matches("<id>tool-1.0-1</id>").count(), 1, "{text}");
        assert_eq!(text.matches("<id>MINE-1</id>").count(), 1, "{text}");
    }
    crate::circle::admin(&to, &["yank", "tool==1.0"]).ok();
    assert!(
        !updateinfo(&to).contains("CVE-2026-1234"),
        "it was taken for one that is written by hand"
    );
    assert!(updateinfo(&to).contains("MINE-1"));
}
