//! The real gpg, gpgv and rpm judge the keys and what they sign.

use super::*;
use rand::SeedableRng as _;
use std::fs;
use std::{process::Command, sync::OnceLock};

/// Keys of a fixed seed: finding the primes again for each test would be slow.
pub(super) fn set() -> &'static KeySet {
    static SET: OnceLock<KeySet> = OnceLock::new();
    SET.get_or_init(|| generated(7))
}

/// The keys that the first ones are rotated to.
fn others() -> &'static KeySet {
    static SET: OnceLock<KeySet> = OnceLock::new();
    SET.get_or_init(|| generated(8))
}

fn generated(seed: u64) -> KeySet {
    let mut rng = rand::rngs::StdRng::seed_from_u64(seed);
    KeySet::generate(&mut rng, at(0), "A yard <yard@example.org>").unwrap()
}

pub(super) fn yard() -> YardKeys {
    set().founding().unwrap()
}

pub(super) fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| Keys::of(set(), &yard()).unwrap())
}

fn rpm_id() -> String {
    published::long_id(&yard().rpm).unwrap()
}

/// While a rotation is under way.
fn rotating() -> YardKeys {
    yard().rotating(others().public().map(|(signs, _, key)| (signs, key.to_owned())))
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
    fs::write(dir.path().join("key.asc"), published_together(&yard()).unwrap()).unwrap();
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
    assert!(gpgv(dir.path(), &["rpm.asc", "data"]).contains(&rpm_id().to_uppercase()));
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
    let short = &rpm_id()[8..];
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
    assert!(KeySet::load(&dir).unwrap().is_none());
    set().save(&dir).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(&dir), mode(&dir.join("apt.key")), mode(&dir.join("rpm.key"))),
        (0o700, 0o600, 0o600)
    );
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 2);
    let loaded = KeySet::load(&dir).unwrap().unwrap();
    assert_eq!(loaded.founding().unwrap(), yard());
    assert_eq!(
        Keys::of(&loaded, &yard())
            .unwrap()
            .signer(at(1))
            .detached_apt(b"x")
            .unwrap(),
        keys().signer(at(1)).detached_apt(b"x").unwrap()
    );
}

#[test]
fn keys_that_are_there_are_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("apt.key"), "precious").unwrap();
    assert!(set().save(dir.path()).is_err());
    assert_eq!(
        fs::read_to_string(dir.path().join("apt.key")).unwrap(),
        "precious"
    );
    let refused = KeySet::load(dir.path()).unwrap_err().to_string();
    assert!(refused.contains("apt.key` is not a usable key"), "{refused}");
}

#[test]
fn half_a_set_that_a_crash_left_is_no_set() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("rpm.key"), "left by a crash").unwrap();
    assert!(KeySet::load(dir.path()).unwrap().is_none());
    set().save(dir.path()).unwrap();
    assert!(KeySet::load(dir.path()).unwrap().is_some());
}

#[test]
fn debug_shows_no_secret() {
    for shown in [format!("{:?}", keys()), format!("{:?}", set())] {
        assert!(shown.len() < 200 && !shown.contains("PRIVATE"), "{shown}");
    }
}

#[test]
fn a_bundle_holds_all_keys_and_is_read_back() {
    let all = set().clone().with(others());
    let bundle = all.bundle().unwrap();
    let read = KeySet::from_bundle(&bundle, "a test").unwrap();
    assert_eq!(read.lines(), all.lines());
    assert_eq!(read.founding().unwrap(), yard());
    let own = set().bundle().unwrap();
    let end = "-----END PGP PRIVATE KEY BLOCK-----";
    let half = &own[..own.find(end).unwrap() + end.len()];
    for wrong in [half, "", &[&own[..], half].concat()] {
        assert!(KeySet::from_bundle(wrong, "a test").is_err());
    }
}

#[test]
fn next_keys_lie_beside_the_first_which_stay_the_first() {
    let data = tempfile::tempdir().unwrap();
    set().save(data.path()).unwrap();
    others().add(data.path()).unwrap();
    others().add(data.path()).unwrap();
    assert_eq!(fs::read_dir(&data).unwrap().count(), 4);
    let loaded = KeySet::load(data.path()).unwrap().unwrap();
    assert_eq!(loaded.founding().unwrap(), yard());
    Keys::of(&loaded, &rotating()).unwrap();
}

#[test]
fn only_what_was_added_is_taken_away_again() {
    let data = tempfile::tempdir().unwrap();
    set().save(data.path()).unwrap();
    assert_eq!(others().add(data.path()).unwrap().public().count(), 2);
    assert_eq!(others().add(data.path()).unwrap().public().count(), 0);
    let ring = KeyRing::new(data.path().to_owned(), set().clone().with(others()), false);
    for (signs, fingerprint, _) in set().public().chain(others().public()) {
        ring.remove(signs, &fingerprint).unwrap();
    }
    assert_eq!(fs::read_dir(&data).unwrap().count(), 2);
    assert_eq!(ring.held().lines(), set().lines());
}

#[test]
fn each_block_of_an_uploaders_file_counts() {
    use super::{ListedFor, listed};
    let (one, other) = (yard().apt, others().founding().unwrap().apt);
    let found = |text: String| {
        listed(ListedFor::Uploads, &[text])
            .map(|keys| keys.len())
            .map_err(|e| e.to_string())
    };
    assert_eq!(found(format!("{one}\n{other}")), Ok(2));
    let cut = &other[..other.len() / 2];
    for text in [format!("{one}\n{cut}"), format!("{one}\n{cut}\n{one}")] {
        let line = one.matches('\n').count() + 2;
        let refused = found(text).unwrap_err();
        assert!(refused.contains("block 2 of"), "{refused}");
        assert!(refused.contains(&format!("at line {line}, ")), "{refused}");
    }
}

#[test]
fn without_one_of_the_private_keys_nothing_is_signed() {
    let refused = Keys::of(set(), &rotating()).unwrap_err();
    assert!(matches!(refused, KeysError::Lacking { .. }), "{refused}");
    let finished = rotating().rotated();
    assert!(Keys::of(set(), &finished).is_err());
    Keys::of(others(), &finished).unwrap();
}

/// Whoever knows one of two keys accepts what both signed: gpgv says so of a client that has the old key alone, of one
/// that has the new key alone, and of one that has both.
#[test]
fn during_a_rotation_either_key_verifies_all_that_is_signed() {
    let all = set().clone().with(others());
    let both = Keys::of(&all, &rotating()).unwrap();
    let signer = both.signer(at(60));
    let old = yard();
    let new = others().founding().unwrap();
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("data"), RELEASE).unwrap();
    let write = |name: &str, text: String| fs::write(dir.path().join(name), text).unwrap();
    write("InRelease", signer.clearsign_apt(RELEASE).unwrap());
    write("apt.asc", signer.detached_apt(RELEASE.as_bytes()).unwrap());
    write("rpm.asc", signer.detached_rpm(RELEASE.as_bytes()).unwrap());
    for (known, expected) in [(&old, 1), (&new, 1), (&rotating(), 2)] {
        fs::write(dir.path().join("key.asc"), published_together(known).unwrap()).unwrap();
        let _ = fs::remove_file(dir.path().join("key.gpg"));
        run(Command::new("gpg").current_dir(&dir).args([
            "--homedir",
            ".",
            "--dearmor",
            "-o",
            "key.gpg",
            "key.asc",
        ]));
        for file in [&["InRelease"][..], &["apt.asc", "data"], &["rpm.asc", "data"]] {
            let out = Command::new("gpgv")
                .current_dir(&dir)
                .args(["--homedir", ".", "--keyring", "./key.gpg"])
                .args(file)
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&out.stderr);
            let good = text.matches("Good signature").count();
            assert_eq!(good, expected, "{file:?}: {text}");
        }
    }
}

#[test]
fn a_package_is_signed_by_the_older_key_while_both_sign() {
    let all = set().clone().with(others());
    let header = b"\x8e\xad\xe8header";
    let sign = |yard: &YardKeys| {
        Keys::of(&all, yard)
            .unwrap()
            .sign_rpm_header(header, at(60))
            .unwrap()
    };
    assert_eq!(sign(&rotating()), sign(&yard()));
    assert_ne!(sign(&rotating().rotated()), sign(&yard()));
    let finished = Keys::of(&all, &rotating().rotated()).unwrap();
    assert!(
        finished.is_own(&rpm_id()),
        "what the former key signed is the yard's own"
    );
}
