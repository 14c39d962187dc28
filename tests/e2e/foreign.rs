//! Packages that somebody else has signed: kept, replaced, refused, and what clients make of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use crate::circle::{admin, yard_of_three};
use crate::harness::{
    DnfRoot, Gnupg, Outcome, Reply, Request, SmallRpm, Yard, Zypper, get, put_in_yum, run, sha256,
    system_command,
};

/// A package that is signed with a key, as `rpmsign` is told `how`.
fn signed(gnupg: &Gnupg, key: &str, name: &str, how: &[&str]) -> (SmallRpm, PathBuf) {
    let small = SmallRpm::new(name, "1.0");
    let rpm = small.build().remove(0);
    gnupg.rpmsign(&rpm, key, how);
    (small, rpm)
}

fn put(yard: &Yard, rpm: &Path) -> Reply {
    let name = rpm.file_name().unwrap().to_str().unwrap();
    put_in_yum(yard, &format!("any/{name}"), &fs::read(rpm).unwrap())
}

fn set(yard: &Yard, args: &[&str]) -> Outcome {
    admin(yard, &[&["channel", "set"], args].concat())
}

fn keep(yard: &Yard, channel: &str, key: &Path) {
    let key = key.to_str().unwrap();
    set(
        yard,
        &[channel, "--foreign-signatures", "keep", "--package-key", key],
    )
    .ok();
}

/// Digest as received, digest as served.
fn digests(answer: &Reply) -> (String, String) {
    let all = answer.json();
    let one = &all["artifacts"][0];
    let digest = |key: &str| one[key].as_str().unwrap_or_else(|| panic!("{all}")).to_owned();
    (digest("received"), digest("served"))
}

#[test]
fn a_kept_signature_is_served_as_it_came_and_every_client_takes_it() {
    let gnupg = Gnupg::new();
    let yard = Yard::new();
    for (name, how) in [("large", "rsa4096"), ("edward", "ed25519")] {
        let (fingerprint, key) = gnupg.key(&format!("{name} <{name}@example.org>"), &[how, "sign", "never"]);
        let (_built, rpm) = signed(&gnupg, &fingerprint, name, &[]);
        keep(&yard, "main", &key);
        let answer = put(&yard, &rpm).is(201);
        let (received, served_as) = digests(&answer);
        assert_eq!(received, sha256(&fs::read(&rpm).unwrap()));
        assert_eq!(received, served_as);
    }
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "large", "edward"]).ok();
    let zypper = Zypper::of(&yard);
    zypper.run(&["install", "large", "edward"]).ok();
    assert_eq!(zypper.installed("large"), "1.0");
    let text = String::from_utf8(get(&yard.url("/main/yum/key.asc")).is(200).body).unwrap();
    assert_eq!(text.matches("BEGIN PGP PUBLIC KEY BLOCK").count(), 1);
    // apt trusts nobody else.
    let apt = get(&yard.url("/main/apt/key.asc")).is(200).body;
    let shown = |armoured: &[u8]| {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), armoured).unwrap();
        gnupg.gpg(&["--show-keys", file.path().to_str().unwrap()]).ok()
    };
    shown(text.as_bytes()).says(&["large@example.org", "edward@example.org", "packyard"]);
    shown(&apt).never_says(&["example.org"]);
    shown(&get(&yard.url("/main/key.asc")).is(200).body).says(&["large@example.org", "packyard"]);
}

#[test]
fn a_package_by_an_unknown_key_is_refused_with_the_key_and_the_command_that_allows_it() {
    let gnupg = Gnupg::new();
    let yard = Yard::new();
    let (fingerprint, key) = gnupg.key("Jo <jo@example.org>", &["rsa3072", "sign", "never"]);
    let (_built, rpm) = signed(&gnupg, &fingerprint, "tool", &[]);
    put(&yard, &rpm).problem(
        422,
        &[
            &fingerprint,
            "--foreign-signatures keep --package-key FILE",
            "--foreign-signatures replace",
        ],
    );
    set(&yard, &["main", "--foreign-signatures", "keep"]).ok();
    put(&yard, &rpm).problem(
        422,
        &[&fingerprint, "not among the package keys", "--package-key FILE"],
    );
    keep(&yard, "main", &key);
    put(&yard, &rpm).is(201);
    admin(&yard, &["channel", "show", "main"])
        .ok()
        .says(&["signatures of .rpms that are kept:", &fingerprint]);
    set(&yard, &["main", "--no-package-keys"]).ok();
    let other = SmallRpm::new("other", "1.0");
    let second = other.build().remove(0);
    gnupg.rpmsign(&second, &fingerprint, &[]);
    put(&yard, &second).problem(422, &[&fingerprint, "not among the package keys"]);
    // What is there stays there.
    put(&yard, &rpm).is(200);
}

#[test]
fn a_signature_that_does_not_hold_is_refused() {
    let gnupg = Gnupg::new();
    let yard = Yard::new();
    let (fingerprint, key) = gnupg.key("Jo <jo@example.org>", &["rsa3072", "sign", "never"]);
    keep(&yard, "main", &key);
    for legacy in [&[][..], &["--rpmv3"]] {
        let (_built, rpm) = signed(&gnupg, &fingerprint, "broken", legacy);
        let mut bytes = fs::read(&rpm).unwrap();
        let id = fingerprint
            .as_bytes()
            .chunks(2)
            .map(|hex| u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap());
        let id: Vec<u8> = id.collect();
        let at = bytes.windows(20).rposition(|w| w == id).unwrap();
        bytes[at + 100] ^= 1;
        let name = "any/broken-1.0-1.noarch.rpm";
        put_in_yum(&yard, name, &bytes).problem(422, &[&fingerprint, "the signature is wrong"]);
    }
    let (_built, weak) = signed(
        &gnupg,
        &fingerprint,
        "weak",
        &["--define", "_gpg_digest_algo sha1"],
    );
    put(&yard, &weak).problem(422, &[&fingerprint, "SHA1", "too weak"]);
    let (_built, old) = signed(&gnupg, &fingerprint, "old", &["--rpmv3"]);
    put(&yard, &old).is(201);
}

#[test]
fn a_key_that_has_ended_is_neither_listed_nor_relied_on() {
    let gnupg = Gnupg::new();
    let yard = Yard::new();
    let (fingerprint, key) = gnupg.key("Short <short@example.org>", &["rsa3072", "sign", "seconds=20"]);
    let (_built, rpm) = signed(&gnupg, &fingerprint, "late", &[]);
    keep(&yard, "main", &key);
    sleep(Duration::from_secs(20));
    put(&yard, &rpm).problem(422, &[&fingerprint, "has expired"]);
    let key = key.to_str().unwrap();
    set(&yard, &["main", "--no-package-keys"]).ok();
    set(&yard, &["main", "--package-key", key])
        .exits(1)
        .says(&["package key", "expired"]);

    let (fingerprint, _) = gnupg.key("Gone <gone@example.org>", &["rsa3072", "sign", "never"]);
    let revocation = gnupg.path().join(format!("openpgp-revocs.d/{fingerprint}.rev"));
    let text = fs::read_to_string(&revocation)
        .unwrap()
        .replace(":-----BEGIN", "-----BEGIN");
    fs::write(&revocation, text).unwrap();
    gnupg.gpg(&["--import", revocation.to_str().unwrap()]).ok();
    let revoked = gnupg.export("Gone <gone@example.org>");
    set(&yard, &["main", "--package-key", revoked.to_str().unwrap()])
        .exits(1)
        .says(&["package key", "revo"]);
}

#[test]
fn the_same_upload_is_the_same_artifact_after_other_settings_and_after_a_rotation() {
    let gnupg = Gnupg::new();
    let yard = Yard::new();
    let (fingerprint, key) = gnupg.key("Jo <jo@example.org>", &["rsa3072", "sign", "never"]);
    let (_built, rpm) = signed(&gnupg, &fingerprint, "tool", &[]);
    let plain = SmallRpm::new("plain", "1.0");
    let plain = plain.build().remove(0);
    set(&yard, &["main", "--foreign-signatures", "replace"]).ok();
    let first = [put(&yard, &rpm).is(201), put(&yard, &plain).is(201)];
    for answer in &first {
        let (received, as_served) = digests(answer);
        assert_ne!(received, as_served);
    }
    keep(&yard, "main", &key);
    set(&yard, &["main", "--foreign-signatures", "refuse"]).ok();
    let data = yard.data();
    let data = data.to_str().unwrap();
    for step in [
        &["key", "rotate", "--data", data][..],
        &["key", "rotate", "--finish", "--data", data],
    ] {
        crate::harness::packyard(step).ok();
    }
    let again = [put(&yard, &rpm).is(200), put(&yard, &plain).is(200)];
    assert_eq!(first.each_ref().map(digests), again.each_ref().map(digests));
}

#[test]
fn a_promotion_asks_for_the_key_and_a_rollback_brings_back_only_what_can_be_checked() {
    let gnupg = Gnupg::new();
    let yard = yard_of_three();
    let (fingerprint, key) = gnupg.key("Jo <jo@example.org>", &["rsa3072", "sign", "never"]);
    let (_built, rpm) = signed(&gnupg, &fingerprint, "tool", &[]);
    keep(&yard, "dev", &key);
    let name = rpm.file_name().unwrap().to_str().unwrap();
    let upload = yard.url(&format!("/dev/yum/upload/any/{name}"));
    Request::new("PUT", &upload)
        .token(&yard.admin_token())
        .send_file(&rpm)
        .is(201);
    let promote = ["promote", "tool", "--from", "dev", "--to", "stable"];
    for dry in [&["--dry-run"][..], &[]] {
        admin(&yard, &[&promote[..], dry].concat()).exits(1).says(&[
            &fingerprint[24..],
            "channel `stable` does not keep",
            "packyard channel set stable --foreign-signatures keep --package-key FILE",
        ]);
    }
    // Nor does the same file come in beside the door.
    let upload = yard.url(&format!("/stable/yum/upload/any/{name}"));
    let again = || {
        Request::new("PUT", &upload)
            .token(&yard.admin_token())
            .send_file(&rpm)
    };
    again().problem(422, &[&fingerprint]);
    keep(&yard, "stable", &key);
    admin(&yard, &promote).ok();
    again().is(200);
    let held = yard.revision();
    admin(&yard, &["remove", "tool==1.0", "--channel", "stable"]).ok();
    set(&yard, &["stable", "--no-package-keys"]).ok();
    let back = held.to_string();
    admin(&yard, &["rollback", "stable", "--to", &back]).says(&["keeps no signatures by it any more"]);
    keep(&yard, "stable", &key);
    admin(&yard, &["rollback", "stable", "--to", &back])
        .ok()
        .says(&["tool"]);
}

#[test]
fn an_import_keeps_the_signatures_of_the_keys_that_are_given() {
    let gnupg = Gnupg::new();
    let yard = Yard::new();
    let (fingerprint, key) = gnupg.key("Jo <jo@example.org>", &["rsa3072", "sign", "never"]);
    let (_built, rpm) = signed(&gnupg, &fingerprint, "tool", &[]);
    let directory = rpm.parent().unwrap();
    run(system_command("createrepo_c").arg("-q").arg(directory)).ok();
    let directory = directory.to_str().unwrap();
    let import = ["import", directory, "--channel", "main"];
    admin(&yard, &import)
        .exits(1)
        .says(&[&fingerprint, "--package-key FILE"]);
    let keys = [
        "--foreign-signatures",
        "keep",
        "--package-key",
        key.to_str().unwrap(),
    ];
    let before = yard.revision();
    admin(&yard, &[&import[..], &keys, &["--dry-run"]].concat()).ok();
    assert_eq!(yard.revision(), before);
    admin(&yard, &[&import[..], &keys].concat()).ok();
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "tool"]).ok();
    put(&yard, &rpm).is(200);
}

#[test]
fn who_takes_a_package_key_away_is_told_how_many_packages_clients_can_no_longer_check() {
    let gnupg = Gnupg::new();
    let yard = Yard::new();
    let (jo, jos_key) = gnupg.key("Jo <jo@example.org>", &["rsa3072", "sign", "never"]);
    let (al, als_key) = gnupg.key("Al <al@example.org>", &["rsa3072", "sign", "never"]);
    for key in [&jos_key, &als_key] {
        keep(&yard, "main", key);
    }
    for (key, name) in [(&jo, "tool"), (&jo, "lamp"), (&jo, "gone"), (&al, "door")] {
        let (_built, rpm) = signed(&gnupg, key, name, &[]);
        put(&yard, &rpm).is(201);
    }
    // What the yard signs itself is nobody's loss, and what is yanked is offered to nobody.
    SmallRpm::new("own", "1").put(&yard);
    admin(&yard, &["yank", "gone==1.0", "--channel", "main"]).ok();
    let without_jo = [
        "main",
        "--no-package-keys",
        "--package-key",
        als_key.to_str().unwrap(),
    ];
    set(&yard, &without_jo).ok().says(&[
        "warning: 2 packages of channel `main` are signed with",
        &jo[24..],
        "--package-key FILE",
    ]);
    // dnf says the same in its own words; the package that somebody else signed is as it was.
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "door", "own"]).ok();
    root.dnf(&["install", "tool"]).fails();
    keep(&yard, "main", &jos_key);
    root.dnf(&["install", "tool"]).ok();
    let no_keys = set(&yard, &["main", "--no-package-keys", "--json"]).ok();
    let answer: serde_json::Value = serde_json::from_str(&no_keys.stdout).unwrap();
    let warning = answer["warnings"][0].as_str().unwrap();
    assert!(warning.starts_with("3 packages of channel `main`"), "{warning}");
    assert!(
        warning.contains(&jo[24..]) && warning.contains(&al[24..]),
        "{warning}"
    );
    // Without packages that need it a key goes in silence, and a channel that never had one has nothing to say.
    admin(
        &yard,
        &[
            "remove",
            "tool==1.0",
            "lamp==1.0",
            "door==1.0",
            "--channel",
            "main",
        ],
    )
    .ok();
    keep(&yard, "main", &jos_key);
    set(&yard, &["main", "--no-package-keys"])
        .ok()
        .never_says(&["warning"]);
}
