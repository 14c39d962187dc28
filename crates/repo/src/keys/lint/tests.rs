//! Keys that the real gpg makes, good and bad ones.

use super::*;
use std::process::Command;

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_790_000_000)
}

/// A home for gpg.
struct Gpg(tempfile::TempDir);

impl Gpg {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn run(&self, args: &[&str]) -> Vec<u8> {
        let out = Command::new("gpg")
            .env("LC_ALL", "C")
            .arg("--homedir")
            .arg(self.0.path())
            .args([
                "--batch",
                "--yes",
                "--passphrase",
                "",
                "--faked-system-time",
                "1750000000!",
            ])
            .args(args)
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{args:?}: {err}");
        out.stdout
    }

    /// A key as its public half is handed out.
    fn key(&self, more: &[&str], algorithm: &str, usage: &str, expires: &str) -> Vec<u8> {
        self.run(
            &[
                more,
                &[
                    "--quick-generate-key",
                    "T <t@example.org>",
                    algorithm,
                    usage,
                    expires,
                ],
            ]
            .concat(),
        );
        self.run(&["--armor", "--export"])
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        // gpg has started an agent for this home.
        let home = self.0.path();
        let _ = Command::new("gpgconf")
            .arg("--homedir")
            .arg(home)
            .args(["--kill", "all"])
            .output();
    }
}

fn names(key: &[u8], signs: Option<KeyUse>) -> Vec<&'static str> {
    let all = lint(key, signs, now());
    all.iter()
        .flat_map(|l| l.findings.iter().map(Finding::name))
        .collect()
}

fn found(more: &[&str], algorithm: &str, usage: &str, expires: &str) -> Vec<&'static str> {
    names(&Gpg::new().key(more, algorithm, usage, expires), None)
}

#[test]
fn our_own_keys_are_clean() {
    let yard = super::super::tests::yard();
    assert_eq!(names(yard.apt.as_bytes(), Some(KeyUse::Apt)), [""; 0]);
    assert_eq!(names(yard.rpm.as_bytes(), Some(KeyUse::Yum)), [""; 0]);
    assert_eq!(names(yard.apt.as_bytes(), Some(KeyUse::Yum)), ["key-not-rsa"]);
    let both = super::super::published_together(&yard).unwrap();
    assert_eq!(lint(both.as_bytes(), None, now()).len(), 2);
}

#[test]
fn good_keys_of_gpg_are_clean() {
    assert_eq!(found(&[], "rsa3072", "default", "never"), [""; 0]);
    assert_eq!(found(&[], "ed25519", "sign", "never"), ["key-apt-only"]);
    assert_eq!(found(&[], "nistp256", "sign", "never"), ["key-apt-only"]);
}

#[test]
fn weak_material_is_found() {
    let weak = ["--allow-weak-key-signatures", "--expert"];
    assert_eq!(found(&[], "rsa2048", "sign", "never"), ["key-rsa-short"]);
    assert_eq!(found(&weak, "rsa1024", "sign", "never"), ["key-rsa-too-short"]);
    assert_eq!(
        found(&[], "dsa2048", "sign", "never"),
        ["key-dsa", "key-apt-only"]
    );
    assert_eq!(
        found(&[], "brainpoolP256r1", "sign", "never"),
        ["key-curve", "key-apt-only"]
    );
    assert_eq!(
        found(&[], "secp256k1", "sign", "never"),
        ["key-algorithm", "key-apt-only"]
    );
}

#[test]
fn a_binding_by_sha1_is_found_and_what_mends_it_mends_it() {
    let gpg = Gpg::new();
    let sha1 = ["--cert-digest-algo", "SHA1", "--allow-weak-digest-algos"];
    let key = gpg.key(&sha1, "rsa3072", "sign", "never");
    assert_eq!(names(&key, None), ["key-weak-binding"]);
    let id = lint(&key, None, now())[0].fingerprint.clone();
    let later = [
        "--faked-system-time",
        "1760000000",
        "--cert-digest-algo",
        "SHA512",
    ];
    gpg.run(&[&later[..], &["--quick-set-expire", &id, "0"]].concat());
    assert_eq!(names(&gpg.run(&["--armor", "--export"]), None), [""; 0]);
}

#[test]
fn a_second_user_id_that_is_bound_weakly_is_a_warning() {
    let gpg = Gpg::new();
    gpg.key(&[], "rsa3072", "sign", "never");
    let sha1 = ["--cert-digest-algo", "SHA1", "--allow-weak-digest-algos"];
    gpg.run(
        &[
            &sha1[..],
            &["--quick-add-uid", "T <t@example.org>", "Other <o@example.org>"],
        ]
        .concat(),
    );
    assert_eq!(names(&gpg.run(&["--export"]), None), ["key-weak-user-id"]);
}

#[test]
fn a_life_that_ended_or_will_is_found() {
    // gpg's clock stands at 1750000000, ours at 1790000000: 463 days later.
    assert_eq!(found(&[], "rsa3072", "sign", "30d"), ["key-expired"]);
    assert_eq!(found(&[], "rsa3072", "sign", "500d"), ["key-expires"]);
    assert_eq!(found(&[], "rsa3072", "sign", "900d"), [""; 0]);
    let gpg = Gpg::new();
    let key = gpg.key(&[], "rsa3072", "sign", "never");
    let early = Timestamp::from_unix_seconds(1_700_000_000);
    let linted = lint(&key, None, early);
    assert_eq!(linted[0].findings[0].name(), "key-from-the-future");
    let id = &linted[0].fingerprint;
    let written = format!("openpgp-revocs.d/{id}.rev");
    let text = std::fs::read_to_string(gpg.0.path().join(written)).unwrap();
    std::fs::write(gpg.0.path().join("rev"), text.replace(":-----", "-----")).unwrap();
    let revocation = gpg.0.path().join("rev");
    gpg.run(&["--import", revocation.to_str().unwrap()]);
    assert_eq!(names(&gpg.run(&["--armor", "--export"]), None), ["key-revoked"]);
}

#[test]
fn what_may_sign_is_looked_for() {
    assert_eq!(found(&[], "rsa3072", "cert", "never"), ["key-cannot-sign"]);
    let gpg = Gpg::new();
    let key = gpg.key(&[], "rsa3072", "cert", "never");
    let id = lint(&key, None, now())[0].fingerprint.clone();
    gpg.run(&["--quick-add-key", &id, "rsa3072", "sign", "never"]);
    assert_eq!(
        names(&gpg.run(&["--armor", "--export"]), None),
        ["key-signs-by-subkey"]
    );
}

#[test]
fn a_subkey_that_signs_and_ended_or_will_is_found() {
    let with = |usage: &str, expires: &str| {
        let gpg = Gpg::new();
        let key = gpg.key(&[], "rsa3072", usage, "never");
        let id = lint(&key, None, now())[0].fingerprint.clone();
        gpg.run(&["--quick-add-key", &id, "rsa3072", "sign", expires]);
        gpg.run(&["--armor", "--export"])
    };
    let over = with("cert", "30d");
    assert_eq!(names(&over, None), ["key-expired", "key-signs-by-subkey"]);
    let said = &lint(&over, None, now())[0].findings[0].message;
    assert!(said.contains("all of it that may sign, subkey "), "{said}");
    assert_eq!(names(&with("sign", "500d"), None), ["key-expires"]);
    assert_eq!(names(&with("sign", "30d"), None), [""; 0]);
}

#[test]
fn a_key_for_uploads_may_sign_by_a_subkey_and_not_be_weak() {
    let gpg = Gpg::new();
    let key = gpg.key(&[], "rsa3072", "cert", "never");
    let id = lint(&key, None, now())[0].fingerprint.clone();
    gpg.run(&["--quick-add-key", &id, "rsa3072", "sign", "30d"]);
    let unfit = |key: &[u8]| unfit_for_uploads(key).map(|f| f.name().to_owned());
    assert_eq!(unfit(&gpg.run(&["--armor", "--export"])), None);
    assert_eq!(unfit(&key).as_deref(), Some("key-cannot-sign"));
    let weak = Gpg::new().key(&[], "rsa1024", "sign", "never");
    assert_eq!(unfit(&weak).as_deref(), Some("key-rsa-too-short"));
}

#[test]
fn a_key_without_its_own_signature_is_unbound() {
    let gpg = Gpg::new();
    gpg.key(&[], "rsa3072", "sign", "never");
    let mut binary = gpg.run(&["--export"]);
    // The signature is the last packet: what is before it is a key and a user id.
    let at = binary
        .windows(18)
        .rposition(|w| w.starts_with(b"T <t@example.org>"))
        .unwrap();
    binary.truncate(at + 17);
    assert_eq!(names(&binary, None), ["key-unbound"]);
}

#[test]
fn what_is_no_key_is_unreadable() {
    for text in ["", "hello", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n"] {
        assert_eq!(names(text.as_bytes(), None), ["key-unreadable"], "{text}");
    }
    let yard = super::super::tests::yard();
    let cut = &yard.apt[..yard.apt.len() / 2];
    assert_eq!(names(cut.as_bytes(), None).last(), Some(&"key-unreadable"));
}
