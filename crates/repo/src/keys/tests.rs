//! The real gpg, gpgv and rpm judge the keys and what they sign.

use super::*;
use rand::SeedableRng as _;
use std::{process::Command, sync::OnceLock};

/// Keys of a fixed seed: finding the primes again for each test would be slow.
pub(super) fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let mut rng = rand::rngs::StdRng::seed_from_u64(7);
        Keys::generate(&mut rng, at(0), "A yard <yard@example.org>").unwrap()
    })
}

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(1_700_000_000 + seconds)
}

/// What a tool that must succeed wrote on stdout and stderr.
fn run(command: &mut Command) -> String {
    let out = command.output().unwrap();
    let text = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
    assert!(out.status.success(), "{command:?}: {text}");
    text
}

/// A directory with `key.asc` and its binary form for gpgv.
fn with_keyring() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("key.asc"), keys().public_both()).unwrap();
    run(Command::new("gpg").current_dir(&dir).args([
        "--homedir",
        ".",
        "--dearmor",
        "-o",
        "key.gpg",
        "key.asc",
    ]));
    dir
}

fn gpgv(dir: &Path, args: &[&str]) -> String {
    let text = run(Command::new("gpgv")
        .current_dir(dir)
        .args(["--homedir", ".", "--keyring", "./key.gpg"])
        .args(args));
    assert!(text.contains("Good signature"), "{text}");
    text
}

const RELEASE: &str =
    "Origin: packyard\nDate: Tue, 14 Nov 2023 22:13:20 UTC\nSHA256:\n 00 1 main/Packages\n- dash\n";

#[test]
fn gpgv_accepts_inrelease_and_gives_back_the_text() {
    let dir = with_keyring();
    let signed = keys().signer(at(60)).clearsign_apt(RELEASE).unwrap();
    fs::write(dir.path().join("InRelease"), &signed).unwrap();
    gpgv(dir.path(), &["--output", "out", "InRelease"]);
    assert_eq!(fs::read_to_string(dir.path().join("out")).unwrap(), RELEASE);
}

#[test]
fn gpgv_accepts_both_detached_signatures() {
    let dir = with_keyring();
    fs::write(dir.path().join("data"), RELEASE).unwrap();
    let signer = keys().signer(at(60));
    fs::write(
        dir.path().join("apt.asc"),
        signer.detached_apt(RELEASE.as_bytes()).unwrap(),
    )
    .unwrap();
    fs::write(
        dir.path().join("rpm.asc"),
        signer.detached_rpm(RELEASE.as_bytes()).unwrap(),
    )
    .unwrap();
    assert!(gpgv(dir.path(), &["apt.asc", "data"]).contains("EDDSA"));
    assert!(gpgv(dir.path(), &["rpm.asc", "data"]).contains(&keys().rpm_key_id().to_uppercase()));
}

#[test]
fn gpgv_accepts_the_signature_of_a_header() {
    let dir = with_keyring();
    fs::write(dir.path().join("data"), b"\x8e\xad\xe8header").unwrap();
    let packet = keys().sign_rpm_header(b"\x8e\xad\xe8header", at(60)).unwrap();
    fs::write(dir.path().join("sig"), packet).unwrap();
    gpgv(dir.path(), &["sig", "data"]);
}

#[test]
fn rpm_imports_both_keys_of_one_file() {
    let dir = with_keyring();
    let db = format!("--dbpath={}", dir.path().display());
    run(Command::new("rpmkeys")
        .arg(&db)
        .arg("--import")
        .arg(dir.path().join("key.asc")));
    let listed = run(Command::new("rpm").arg(&db).args(["-q", "gpg-pubkey"]));
    assert_eq!(listed.lines().count(), 2, "{listed}");
    let short = &keys().rpm_key_id()[8..];
    assert!(listed.contains(short), "{listed}");
}

#[test]
fn gpg_sees_two_primary_keys_that_sign_and_certify() {
    let dir = with_keyring();
    let shown = run(Command::new("gpg").current_dir(&dir).args([
        "--homedir",
        ".",
        "--show-keys",
        "--with-colons",
        "key.asc",
    ]));
    let primary: Vec<Vec<&str>> = shown
        .lines()
        .filter(|l| l.starts_with("pub:"))
        .map(|l| l.split(':').collect())
        .collect();
    let facts: Vec<_> = primary.iter().map(|f| (f[2], f[3], f[5], f[11])).collect();
    // Bits, algorithm (1 RSA, 22 EdDSA), creation time, capabilities.
    assert_eq!(
        facts,
        [
            ("3072", "1", "1700000000", "scSC"),
            ("255", "22", "1700000000", "scSC")
        ]
    );
}

#[test]
fn signing_again_gives_the_same_bytes() {
    let (one, two) = (keys().signer(at(5)), keys().signer(at(5)));
    assert_eq!(
        one.clearsign_apt(RELEASE).unwrap(),
        two.clearsign_apt(RELEASE).unwrap()
    );
    assert_eq!(one.detached_rpm(b"x").unwrap(), two.detached_rpm(b"x").unwrap());
    let later = keys().signer(at(6));
    assert_ne!(one.detached_apt(b"x").unwrap(), later.detached_apt(b"x").unwrap());
}

#[test]
fn a_line_that_ends_in_a_blank_is_not_signed() {
    let refused = keys().signer(at(0)).clearsign_apt("Origin: x \n").unwrap_err();
    assert!(refused.to_string().contains("ends in a blank"), "{refused}");
}

#[test]
fn saved_keys_are_private_and_come_back() {
    use std::os::unix::fs::PermissionsExt as _;
    let data = tempfile::tempdir().unwrap();
    let dir = data.path().join("keys");
    assert!(Keys::load(&dir).unwrap().is_none());
    keys().save(&dir).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&dir), mode(&dir.join("apt.key")), mode(&dir.join("rpm.key"))),
        (0o700, 0o600, 0o600)
    );
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 2);
    let loaded = Keys::load(&dir).unwrap().unwrap();
    assert_eq!(loaded.public_both(), keys().public_both());
    assert_eq!(
        loaded.signer(at(1)).detached_apt(b"x").unwrap(),
        keys().signer(at(1)).detached_apt(b"x").unwrap()
    );
}

#[test]
fn keys_that_are_there_are_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("apt.key"), "precious").unwrap();
    assert!(keys().save(dir.path()).is_err());
    assert_eq!(
        fs::read_to_string(dir.path().join("apt.key")).unwrap(),
        "precious"
    );
    let refused = Keys::load(dir.path()).unwrap_err().to_string();
    assert!(refused.contains("apt.key` is not a usable key"), "{refused}");
}

#[test]
fn half_a_set_that_a_crash_left_is_no_set() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("rpm.key"), "left by a crash").unwrap();
    assert!(Keys::load(dir.path()).unwrap().is_none());
    keys().save(dir.path()).unwrap();
    assert!(Keys::load(dir.path()).unwrap().is_some());
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", keys());
    assert!(shown.len() < 200 && shown.contains("Keys {"), "{shown}");
}
