//! Packages with signatures of others, of versions 4 and 6, and with dnf5 and exports as their readers.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::circle::{admin, configure};
use crate::harness::{
    Dnf5Root, DnfRoot, Gnupg, Reply, Request, SmallRpm, StaticHost, Yard, get, packyard, put_in_yum,
};

/// A package that is signed with a key of gpg's.
fn signed(gnupg: &Gnupg, key: &str, name: &str) -> (SmallRpm, PathBuf) {
    let small = SmallRpm::new(name, "1");
    let rpm = small.build().remove(0);
    gnupg.rpmsign(&rpm, key, &[]);
    (small, rpm)
}

fn put(yard: &Yard, channel: &str, rpm: &Path) -> Reply {
    let name = rpm.file_name().unwrap().to_str().unwrap();
    let url = yard.url(&format!("/{channel}/yum/upload/any/{name}"));
    Request::new("PUT", &url)
        .token(&yard.admin_token())
        .send_file(rpm)
}

fn keep(yard: &Yard, channel: &str, key: &Path) {
    let key = key.to_str().unwrap();
    let how = ["--foreign-signatures", "keep", "--package-key", key];
    admin(yard, &[&["channel", "set", channel], &how[..]].concat()).ok();
}

#[test]
fn dnf5_installs_what_others_have_signed_by_the_keys_that_the_channel_hands_out() {
    let (gnupg, yard) = (Gnupg::new(), Yard::new());
    for (name, how) in [("large", "rsa4096"), ("edward", "ed25519")] {
        let (fingerprint, key) = gnupg.key(&format!("{name} <{name}@example.org>"), &[how, "sign", "never"]);
        let (_built, rpm) = signed(&gnupg, &fingerprint, name);
        keep(&yard, "main", &key);
        put(&yard, "main", &rpm).is(201);
    }
    SmallRpm::new("own", "1").put(&yard);
    let root = Dnf5Root::of(&yard);
    root.dnf(&["install", "large", "edward", "own"])
        .ok()
        .never_says(&["skipped OpenPGP checks", "failed"]);
    for package in ["large", "edward", "own"] {
        assert_eq!(root.installed(package).unwrap(), "1-1");
    }
    // Who comes when the keys are gone gets what the yard has signed, and nothing else.
    let taken = admin(&yard, &["channel", "set", "main", "--no-package-keys"]).ok();
    taken.says(&["warning: 2 packages of channel `main` are signed with"]);
    let late = Dnf5Root::of(&yard);
    late.dnf(&["install", "own"]).ok();
    for package in ["large", "edward"] {
        late.dnf(&["install", package]).fails();
        assert_eq!(late.installed(package), None);
    }
}

#[test]
fn dnf_installs_from_an_export_what_others_have_signed() {
    let (gnupg, yard) = (Gnupg::new(), Yard::new());
    let (fingerprint, key) = gnupg.key("Jo <jo@example.org>", &["rsa3072", "sign", "never"]);
    let (_built, rpm) = signed(&gnupg, &fingerprint, "tool");
    keep(&yard, "main", &key);
    put(&yard, "main", &rpm).is(201);
    SmallRpm::new("own", "1").put(&yard);
    let directory = TempDir::new().unwrap();
    let public = directory.path().join("public");
    fs::create_dir(&public).unwrap();
    let host = StaticHost::python(&public);
    let data = yard.data();
    let export = |more: &[&str]| {
        let to = public.to_str().unwrap();
        let all = ["export", "main", to, "--data", data.to_str().unwrap()];
        packyard([&all[..], more].concat()).ok();
    };
    export(&["--public-url", host.url()]);
    let root = DnfRoot::at(host.url());
    root.dnf(&["install", "tool", "own"]).ok();
    assert_eq!(root.installed("tool").unwrap(), "1-1");
    assert_eq!(root.rpm(&["-V", "tool"]).ok().stdout, "");
    let five = Dnf5Root::new();
    let repo = get(&format!("{}/yum/any.repo", host.url())).is(200);
    five.add_repo("packyard", repo.text());
    five.dnf(&["install", "tool"]).ok();

    // The next export hands the key out no longer.
    admin(&yard, &["channel", "set", "main", "--no-package-keys"]).ok();
    export(&[]);
    let late = DnfRoot::at(host.url());
    late.dnf(&["install", "own"]).ok();
    late.dnf(&["install", "tool"]).fails();
    assert_eq!(late.installed("tool"), None);
}

/// rpmbuild of rpm 6 in its chroot, with a shell and the few programs that it starts, and gpg for rpmsign.
struct Rpm6(Dnf5Root);

impl Rpm6 {
    fn new() -> Self {
        let root = Dnf5Root::new();
        fs::copy("/bin/busybox", root.inside("bin/busybox")).unwrap();
        for name in ["sh", "mkdir", "rm", "chmod"] {
            symlink("busybox", root.inside(&format!("bin/{name}"))).unwrap();
        }
        let home = root.inside("/.gnupg");
        fs::create_dir(&home).unwrap();
        fs::set_permissions(&home, PermissionsExt::from_mode(0o700)).unwrap();
        Self(root)
    }

    /// A package of version 6, inside of the chroot.
    fn build(&self, name: &str) -> String {
        let spec = format!(
            "Name: {name}\nVersion: 1\nRelease: 1\nSummary: A test\nLicense: MIT\nBuildArch: noarch\n%description\n\
             A test.\n%install\nmkdir -p %{{buildroot}}/usr/share/{name}\necho 1 > %{{buildroot}}/usr/share/{name}/version\n\
             %files\n/usr/share/{name}\n"
        );
        fs::write(self.0.inside("it.spec"), spec).unwrap();
        let defines = ["_rpmformat 6", "_topdir /build", "__os_install_post %{nil}"];
        let defines = defines.iter().flat_map(|define| ["--define", define]);
        let args: Vec<&str> = defines.chain(["--quiet", "-bb", "/it.spec"]).collect();
        self.0.run("rpmbuild", &args).ok();
        format!("/build/RPMS/noarch/{name}-1-1.noarch.rpm")
    }

    /// A key: its id, and the file of its public half.
    fn key(&self, name: &str) -> (String, PathBuf) {
        let gpg = |args: &[&str]| {
            self.0
                .run("gpg", &[&["--batch", "--passphrase", ""], args].concat())
                .ok()
        };
        gpg(&["--quick-generate-key", name, "rsa3072", "sign", "never"]);
        let listed = gpg(&["--with-colons", "--list-keys", name]);
        let line = listed.stdout.lines().find(|l| l.starts_with("fpr:")).unwrap();
        let id = line.split(':').nth(9).unwrap()[24..].to_owned();
        let file = self.0.inside(&format!("{id}.asc"));
        fs::write(&file, gpg(&["--armor", "--export", name]).stdout).unwrap();
        (id, file)
    }

    /// Adds a signature to those that a package has.
    fn sign(&self, rpm: &str, key: &str) {
        let key = format!("_openpgp_sign_id {key}");
        let how = [
            "--define",
            "_openpgp_sign gpg",
            "--define",
            &key,
            "--addsign",
            rpm,
        ];
        self.0.run("rpmsign", &how).ok();
    }
}

impl Drop for Rpm6 {
    fn drop(&mut self) {
        self.0.run("gpgconf", &["--kill", "all"]);
    }
}

/// rpm 6 installs no package of which it knows only some of the keys, and so no channel takes one in that lists only some.
#[test]
fn every_one_of_several_signatures_of_version_6_must_be_by_a_key_of_the_channel() {
    let (rpm6, yard) = (Rpm6::new(), Yard::new());
    for channel in ["dev", "first", "second"] {
        configure(&yard, channel, "{}");
    }
    let keys = ["a@example.org", "b@example.org"].map(|name| rpm6.key(name));
    let package = rpm6.build("twice");
    for (id, _) in &keys {
        rpm6.sign(&package, id);
    }
    let rpm = rpm6.0.inside(&package);
    keep(&yard, "dev", &keys[0].1);
    put(&yard, "dev", &rpm).problem(422, &[&keys[1].0, "not among the package keys"]);
    rpm6.0
        .run("rpmkeys", &["--import", &format!("/{}.asc", keys[0].0)])
        .ok();
    rpm6.0.run("rpmkeys", &["-K", &package]).fails();
    keep(&yard, "dev", &keys[1].1);
    put(&yard, "dev", &rpm).is(201);

    // Neither is it promoted where one of the keys is missing, whichever.
    let promote = |to: &str| admin(&yard, &["promote", "twice", "--from", "dev", "--to", to]);
    for (channel, known, missing) in [("first", 0, 1), ("second", 1, 0)] {
        keep(&yard, channel, &keys[known].1);
        promote(channel)
            .exits(1)
            .says(&[&keys[missing].0, "does not keep signatures by it"])
            .never_says(&[&keys[known].0]);
        keep(&yard, channel, &keys[missing].1);
        promote(channel).ok();
    }
    let root = Dnf5Root::new();
    let repo = get(&yard.url("/second/yum/any.repo")).is(200);
    root.add_repo("packyard", repo.text());
    root.dnf(&["install", "twice"]).ok();
    assert_eq!(root.installed("twice").unwrap(), "1-1");

    // Whichever key goes, it is missed.
    for (channel, stays, goes) in [("first", 0, 1), ("second", 1, 0)] {
        let key = keys[stays].1.to_str().unwrap();
        let how = [
            "channel",
            "set",
            channel,
            "--no-package-keys",
            "--package-key",
            key,
        ];
        let says = format!(
            "warning: 1 package of channel `{channel}` is signed with {}",
            keys[goes].0
        );
        admin(&yard, &how).ok().says(&[&says]);
    }
}

#[test]
fn what_rpm_6_builds_is_taken_in_signed_and_installed() {
    let (rpm6, yard) = (Rpm6::new(), Yard::new());
    let rpm = rpm6.0.inside(&rpm6.build("plain"));
    put_in_yum(&yard, "any/plain-1-1.noarch.rpm", &fs::read(&rpm).unwrap()).is(201);
    let root = Dnf5Root::of(&yard);
    root.dnf(&["install", "plain"]).ok().never_says(&["failed"]);
    assert_eq!(root.installed("plain").unwrap(), "1-1");
    assert_eq!(root.rpm(&["-V", "plain"]).ok().stdout, "");
}
