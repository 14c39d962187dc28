//! dnf5 and rpm 6 install from a channel, with `gpgcheck=1`, `repo_gpgcheck=1`, and rpm itself taking nothing unsigned.

use std::fs;

use crate::circle::admin;
use crate::harness::{Dnf5Root, DnfRoot, Project, SmallRpm, Tamper, Yard, Zypper, get, packyard, put_in_yum};

/// Version 1 of a package, and a channel that has it.
fn yard_with_lamp() -> Yard {
    let yard = Yard::new();
    SmallRpm::new("lamp", "1").put(&yard);
    yard
}

/// Version 2 of it, which mends a hole.
fn second_lamp() -> SmallRpm {
    SmallRpm::new("lamp", "2").changes("- [security: important] No longer burns (CVE-2026-1234)")
}

/// The repository of a yard, reached through somebody else.
fn through(tamper: &Tamper, yard: &Yard) -> Dnf5Root {
    let root = Dnf5Root::new();
    let repo = get(&yard.url("/main/yum/any.repo")).is(200);
    root.add_repo("packyard", &tamper.redirect(yard, repo.text()));
    root
}

#[test]
fn dnf5_installs_upgrades_downgrades_and_removes() {
    let (yard, project) = Yard::with_hello_world();
    let root = Dnf5Root::of(&yard);
    root.dnf(&["makecache"])
        .ok()
        .says(&["The key was successfully imported"]);
    root.dnf(&["install", "hello-world"])
        .ok()
        .never_says(&["skipped OpenPGP checks", "failed"]);
    assert!(root.installed("hello-world").unwrap().starts_with("1.1.3-"));
    assert_eq!(root.rpm(&["-V", "hello-world"]).ok().stdout, "");

    project.bump("1.1.4");
    yard.publish(&project.build());
    root.dnf(&["upgrade"]).ok().says(&["Upgrading", "hello-world"]);
    assert!(root.installed("hello-world").unwrap().starts_with("1.1.4-"));
    root.dnf(&["downgrade", "hello-world"])
        .ok()
        .says(&["Downgrading"]);
    assert!(root.installed("hello-world").unwrap().starts_with("1.1.3-"));
    root.rpm(&["-V", "hello-world"]).ok();
    root.dnf(&["remove", "hello-world"]).ok().never_says(&["failed"]);
    assert_eq!(root.installed("hello-world"), None);
    assert!(!root.system("usr/bin/hello-world").exists());
}

#[test]
fn dnf5_answers_what_a_package_has_and_why_it_should_be_upgraded() {
    let yard = yard_with_lamp();
    let root = Dnf5Root::of(&yard);
    root.dnf(&["install", "lamp"]).ok();
    root.dnf(&["advisory", "list"]).ok().never_says(&["lamp"]);
    second_lamp().put(&yard);
    SmallRpm::new("door", "1").subpackage("doc").put(&yard);

    let query = |args: &[&str]| root.dnf(&[&["repoquery"], args].concat()).ok();
    query(&["--list", "lamp-2"]).says(&["/usr/share/lamp/version"]);
    query(&["--whatprovides", "/usr/share/door/version"]).says(&["door-0:1-1.noarch"]);
    query(&["--requires", "packyard-test-base"]);
    query(&["--provides", "lamp-2"]).says(&["lamp = 2-1"]);
    query(&["--changelogs", "lamp-2"]).says(&["Jo Doe", "No longer burns"]);
    query(&["--info", "door-doc"]).says(&["License", "MIT", "packyard-main-any"]);
    root.dnf(&["advisory", "list"])
        .ok()
        .says(&["lamp-2-1", "security", "Important", "lamp-2-1.noarch"]);
    root.dnf(&["advisory", "info", "lamp-2-1"])
        .ok()
        .says(&["CVE-2026-1234", "No longer burns"]);
    root.dnf(&["advisory", "list", "--cves=CVE-2026-1234"])
        .ok()
        .says(&["lamp-2-1"]);
    SmallRpm::new("lamp", "3").put(&yard);
    root.dnf(&["upgrade", "--security", "--minimal"]).ok();
    assert_eq!(root.installed("lamp").unwrap(), "2-1");
}

#[test]
fn rpm_6_takes_what_the_channel_serves_and_not_the_same_package_unsigned() {
    let yard = yard_with_lamp();
    let root = Dnf5Root::of(&yard);
    let lamp = SmallRpm::new("lamp", "1");
    fs::copy(lamp.build().remove(0), root.inside("unsigned.rpm")).unwrap();
    let served = get(&yard.url("/main/yum/any/x86_64/Packages/l/lamp-1-1.noarch.rpm")).is(200);
    fs::write(root.inside("served.rpm"), &served.body).unwrap();
    let key = get(&yard.url("/main/yum/key.asc")).is(200);
    fs::write(root.inside("key.asc"), &key.body).unwrap();
    let keys = |args: &[&str]| root.run("rpmkeys", &[&["--root", "/system"], args].concat());

    keys(&["-K", "/served.rpm"]).fails().says(&["SIGNATURES NOT OK"]);
    root.rpm(&["-i", "/served.rpm"]).fails();
    keys(&["--import", "/key.asc"]).ok();
    keys(&["-K", "/served.rpm"]).ok().says(&["digests signatures OK"]);
    keys(&["-Kv", "/served.rpm"])
        .ok()
        .says(&[
            "RSA/SHA256 signature",
            "Header SHA256 digest: OK",
            "Payload SHA256 digest: OK",
        ])
        .never_says(&["NOKEY", "NOTFOUND", "BAD"]);
    keys(&["-K", "/unsigned.rpm"]).fails();
    root.rpm(&["-i", "/unsigned.rpm"]).fails().says(&["no signature"]);
    assert_eq!(root.installed("lamp"), None);
    root.rpm(&["-i", "/served.rpm"]).ok();
    root.rpm(&["-V", "lamp"]).ok();
}

#[test]
fn dnf5_refuses_what_was_changed_on_the_way() {
    let yard = yard_with_lamp();
    let metadata = Tamper::new(&yard, "/repomd.xml", |bytes| {
        let text = String::from_utf8(bytes.clone()).unwrap();
        *bytes = text.replacen("<revision>", "<revision>9", 1).into_bytes();
    });
    let root = through(&metadata, &yard);
    root.dnf(&["install", "lamp"])
        .fails()
        .says(&["repomd.xml", "ignature"]);
    let index = Tamper::containing(&yard, "-primary.xml", |bytes| *bytes.last_mut().unwrap() ^= 1);
    let repo = get(&yard.url("/main/yum/any.repo")).is(200);
    root.add_repo("packyard", &index.redirect(&yard, repo.text()));
    root.dnf(&["install", "lamp"]).fails().says(&["primary"]);
    let package = Tamper::new(&yard, ".rpm", |bytes| *bytes.last_mut().unwrap() ^= 1);
    root.add_repo("packyard", &package.redirect(&yard, repo.text()));
    root.dnf(&["install", "lamp"]).fails().says(&["lamp"]);
    assert_eq!(root.installed("lamp"), None);
}

#[test]
fn dnf5_refuses_a_key_that_is_not_the_one_that_signed() {
    let (yard, other) = (yard_with_lamp(), Yard::new());
    let root = Dnf5Root::new();
    let theirs = other.url("/main/yum/key.asc");
    let repo = get(&yard.url("/main/yum/any.repo")).is(200);
    let wrong = repo.text().replace(&yard.url("/main/yum/key.asc"), &theirs);
    root.add_repo("packyard", &wrong);
    root.dnf(&["install", "lamp"]).fails().says(&["ignature"]);
    // Nor is a package taken by that key where only packages are looked at.
    root.add_repo("packyard", &wrong.replace("repo_gpgcheck=1", "repo_gpgcheck=0"));
    root.dnf(&["install", "lamp"]).fails().says(&["lamp", "key"]);
    assert_eq!(root.installed("lamp"), None);
}

#[test]
fn dnf5_reads_zstd_and_installs_a_group() {
    let yard = yard_with_lamp();
    let root = Dnf5Root::of(&yard);
    root.dnf(&["makecache"]).ok();
    let data = yard.data();
    let data = data.to_str().unwrap();
    packyard(["distribution", "set", "main/any", "--zstd", "--data", data]).ok();
    SmallRpm::new("door", "1").put(&yard);
    let comps = "<comps><group><id>house</id><name>House</name><description>It stands</description>\
                 <default>false</default><uservisible>true</uservisible><packagelist>\
                 <packagereq type=\"mandatory\">door</packagereq></packagelist></group></comps>";
    put_in_yum(&yard, "any/comps.xml", comps.as_bytes()).is(201);
    root.dnf(&["group", "list"]).ok().says(&["House"]);
    root.dnf(&["group", "install", "house"]).ok();
    assert_eq!(root.installed("door").unwrap(), "1-1");
    root.dnf(&["repoquery", "--list", "door"])
        .ok()
        .says(&["/usr/share/door/version"]);
}

/// A package keeps the signature that it was taken in with, and so does who installs it need both keys.
#[test]
fn clients_of_yum_live_through_a_rotation() {
    let yard = yard_with_lamp();
    let (old, four, zypper) = (Dnf5Root::of(&yard), DnfRoot::of(&yard), Zypper::of(&yard));
    old.dnf(&["makecache"]).ok();
    four.dnf(&["makecache"]).ok();
    zypper.run(&["refresh"]).ok();
    admin(&yard, &["key", "rotate", "--for", "yum"]).ok();
    SmallRpm::new("door", "1").put(&yard);
    // Both keys sign repomd.xml: whoever knows the old one is content, and whoever comes now, too.
    old.dnf(&["install", "lamp", "door"]).ok();
    four.dnf(&["install", "lamp", "door"]).ok();
    zypper.run(&["refresh", "--force"]).ok();
    zypper.run(&["install", "--no-recommends", "lamp", "door"]).ok();
    admin(&yard, &["key", "rotate", "--finish"]).ok();
    SmallRpm::new("roof", "1").put(&yard);
    old.dnf(&["install", "roof"]).ok();
    four.dnf(&["install", "roof"]).ok();
    zypper.run(&["refresh", "--force"]).ok();
    zypper.run(&["install", "--no-recommends", "roof"]).ok();
    let fresh = Dnf5Root::of(&yard);
    fresh.dnf(&["install", "lamp", "door", "roof"]).ok();
    for package in ["lamp", "door", "roof"] {
        assert_eq!(fresh.installed(package).unwrap(), "1-1");
        assert_eq!(four.installed(package).unwrap(), "1-1");
        assert_eq!(zypper.installed(package), "1");
    }
}

#[test]
fn dnf5_runs_the_scripts_of_a_package_with_a_timer() {
    let yard = Yard::new();
    yard.publish(&Project::greeter().build());
    let root = Dnf5Root::of(&yard);
    root.dnf(&["install", "greeter"])
        .ok()
        .never_says(&["failed", "Error"]);
    assert!(root.system("usr/lib/systemd/system/greeter.timer").exists());
    root.dnf(&["remove", "greeter"])
        .ok()
        .never_says(&["failed", "Error"]);
}
