//! dput and dput-ng, with packages that dpkg-buildpackage built and debsign signed.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::{
    self, DebianTree, Gnupg, Outcome, Reply, Request, Yard, get, packyard, run, system_command, tool,
};

/// dput as a user has set it up; asked for a password, it gets the token.
fn dput(yard: &Yard, place: &str, changes: &Path, token: &str) -> Outcome {
    let dir = changes.parent().unwrap();
    let config = dir.join("dput.cf");
    let text = format!(
        "[yard]\nfqdn = {}\nmethod = http\nincoming = {place}\nlogin = __token__\nallow_unsigned_uploads = 1\n\
         run_dinstall = 0\nallow_dcut = 0\n",
        yard.authority()
    );
    fs::write(&config, text).unwrap();
    // Without a terminal the password is read from stdin.
    let mut command = Command::new("setsid");
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", dir)
        .env("LC_ALL", "C.UTF-8")
        .args(["--wait", "dput", "-U", "-f", "-c"])
        .arg(&config)
        .arg("yard")
        .arg(changes)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{token}").unwrap();
    Outcome::of("dput", &child.wait_with_output().unwrap())
}

/// dput-ng, unpacked from its packages beside dput, which it conflicts with (tests/tools/dput-ng).
fn dput_ng(yard: &Yard, place: &str, changes: &Path, token: &str) -> Outcome {
    let (home, root) = (changes.parent().unwrap(), tool("dput-ng"));
    let fqdn = format!("http://__token__:{token}@{}", yard.authority());
    let profile = serde_json::json!({ "method": "http", "fqdn": fqdn, "incoming": place,
        "allow_unsigned_uploads": true, "hooks": ["checksum"] });
    let profiles = home.join(".dput.d/profiles");
    fs::create_dir_all(&profiles).unwrap();
    fs::write(profiles.join("yard.json"), profile.to_string()).unwrap();
    let defaults = root.join("etc/dput.d/profiles/DEFAULT.json");
    fs::copy(defaults, profiles.join("DEFAULT.json")).unwrap();
    let mut command = system_command("/usr/bin/python3");
    command
        .env("HOME", home)
        .env("PYTHONPATH", root.join("usr/lib/python3/dist-packages"))
        // There it looks for its `skel/`, as which the script that unpacked it has linked its data.
        .current_dir(&root)
        .arg(root.join("usr/bin/dput"))
        .args(["--unchecked", "--force", "yard"]);
    run(command.arg(changes))
}

fn set(yard: &Yard, args: &[&str]) -> Outcome {
    let (token, url) = (yard.admin_token(), yard.url(""));
    packyard([args, &["--server", &url, "--token", &token]].concat())
}

/// A `PUT` of one file, as dput makes it.
fn put(yard: &Yard, place: &str, file: &Path) -> Reply {
    let name = file.file_name().unwrap().to_str().unwrap();
    Request::new("PUT", &yard.url(&format!("{place}/{name}")))
        .token(&yard.admin_token())
        .send_file(file)
}

fn put_all(yard: &Yard, place: &str, tree: &DebianTree, changes: &Path) -> Reply {
    for file in named(changes) {
        let reply = put(yard, place, &tree.path(&file));
        assert!(reply.status < 300, "{file}: {reply:?}");
    }
    put(yard, place, changes)
}

/// The files that a .changes names.
fn named(changes: &Path) -> Vec<String> {
    let text = fs::read_to_string(changes).unwrap();
    let lines = text.lines().skip_while(|l| *l != "Files:").skip(1);
    let lines = lines.take_while(|l| l.starts_with(' '));
    lines
        .map(|l| l.split(' ').next_back().unwrap().to_owned())
        .collect()
}

const PLACE: &str = "/main/apt/incoming/bookworm/main";

#[test]
fn dput_uploads_what_buildpackage_built_and_it_becomes_one_release() {
    let (yard, tree) = (Yard::new(), DebianTree::new());
    let changes = tree.build("1.0-1", "bookworm", &["-sa"]);
    dput(&yard, PLACE, &changes, &yard.admin_token())
        .ok()
        .says(&["need authentication", "Successfully uploaded packages"]);
    let revision = yard.revision();
    let shown = set(&yard, &["show", "hello"]).ok();
    shown.says(&[
        "hello_1.0-1.dsc",
        "hello_1.0.orig.tar.gz",
        "hello_1.0-1_all.deb",
        "hello_1.0-1_amd64.buildinfo",
        "hello_1.0-1_amd64.changes",
    ]);
    set(&yard, &["log", "main"])
        .ok()
        .says(&["hello_1.0-1_amd64.changes"]);
    let dsc = harness::sha256(&fs::read(tree.path("hello_1.0-1.dsc")).unwrap());
    let kept = get(&yard.url(&format!("/main/apt/pool/{dsc}/hello_1.0-1_amd64.buildinfo"))).is(200);
    assert_eq!(
        kept.body,
        fs::read(tree.path("hello_1.0-1_amd64.buildinfo")).unwrap()
    );
    let sources = get(&yard.url("/main/apt/dists/bookworm/main/source/Sources")).is(200);
    assert!(
        sources.text().contains(&format!("Directory: pool/{dsc}")),
        "{}",
        sources.text()
    );
    assert!(!sources.text().contains("buildinfo"), "{}", sources.text());

    // Again: the same files, the .changes alone.
    dput(&yard, PLACE, &changes, &yard.admin_token()).ok();
    put(&yard, PLACE, &changes).is(200);
    assert_eq!(yard.revision(), revision, "the same upload made a new revision");

    dput(&yard, PLACE, &changes, "wrong")
        .fails()
        .says(&["Upload failed as unauthorized"]);
}

#[test]
fn dput_ng_uploads_too_and_a_source_only_upload_is_followed_by_its_binaries() {
    let (yard, tree) = (Yard::new(), DebianTree::new());
    let token = yard.admin_token();
    let source = tree.build("1.0-1", "bookworm", &["--build=source", "-sa"]);
    dput_ng(&yard, PLACE, &source, &token).ok();
    let binary = tree.build("1.0-1", "bookworm", &["--build=binary"]);
    dput_ng(&yard, PLACE, &binary, &token).ok();
    let shown = set(&yard, &["show", "hello", "--json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let artifacts = json["versions"][0]["artifacts"].as_array().unwrap().clone();
    let parts = |ending: &str| {
        let one = artifacts
            .iter()
            .find(|a| a["filename"].as_str().unwrap().ends_with(ending));
        one.unwrap()["parts"].to_string()
    };
    assert!(parts(".dsc").contains("hello_1.0-1_source.buildinfo"), "{json}");
    assert!(parts(".deb").contains("hello_1.0-1_amd64.buildinfo"), "{json}");

    // The next revision brings no tarball: the channel has it.
    let second = tree.build("1.0-2", "bookworm", &["-sd"]);
    assert!(!named(&second).iter().any(|n| n.contains("orig")));
    dput_ng(&yard, PLACE, &second, &token).ok();
    let dsc = harness::sha256(&fs::read(tree.path("hello_1.0-2.dsc")).unwrap());
    get(&yard.url(&format!("/main/apt/pool/{dsc}/hello_1.0.orig.tar.gz"))).is(200);
    dput_ng(&yard, PLACE, &second, "wrong").fails().says(&["401"]);
}

#[test]
fn an_upload_that_is_not_what_its_changes_says_is_refused_and_can_be_mended() {
    let (yard, tree) = (Yard::new(), DebianTree::new());
    let changes = tree.build("1.0-1", "bookworm", &["-sa"]);
    let before = yard.revision();

    // The .changes before its files.
    put(&yard, PLACE, &changes).problem(
        422,
        &[
            "names files that are not here",
            "hello_1.0-1.dsc",
            "hello_1.0-1_all.deb",
            "send them first",
        ],
    );
    // Another file under a name that it says.
    let deb = tree.path("hello_1.0-1_all.deb");
    let good = fs::read(&deb).unwrap();
    fs::write(&deb, [&good[..], b"\n"].concat()).unwrap();
    put_all(&yard, PLACE, &tree, &changes).problem(
        422,
        &["hello_1.0-1_all.deb", "its SHA-256 is", "where the .changes says"],
    );
    fs::write(&deb, &good).unwrap();
    // For another distribution, and one that nobody made.
    let bookworm = fs::read_to_string(&changes).unwrap();
    fs::write(
        &changes,
        bookworm.replace("Distribution: bookworm", "Distribution: trixie"),
    )
    .unwrap();
    put_all(&yard, PLACE, &tree, &changes).problem(
        422,
        &[
            "is for distribution `trixie`",
            "`bookworm`",
            "create main/bookworm --alias trixie",
        ],
    );
    // Of another version.
    fs::write(&changes, bookworm.replace("\nVersion: 1.0-1", "\nVersion: 1.0-2")).unwrap();
    put(&yard, PLACE, &changes).problem(422, &["it is called `hello_1.0-1_amd64.changes`"]);
    // Older digests that are wrong, and a size.
    let md5 = bookworm
        .lines()
        .skip_while(|l| *l != "Files:")
        .nth(1)
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap();
    fs::write(&changes, bookworm.replace(md5, &"0".repeat(32))).unwrap();
    put(&yard, PLACE, &changes).problem(422, &["its MD5 is"]);
    // Nothing of that was published, nor is it in the way.
    assert_eq!(yard.revision(), before);
    get(&yard.url("/main/apt/pool/bookworm/main/hello/hello_1.0-1_all.deb")).is(404);
    fs::write(&changes, &bookworm).unwrap();
    put(&yard, PLACE, &changes).is(201);

    // The same version with other contents.
    let other = DebianTree::new();
    other.put("debian/copyright", "Somebody else wrote it.\n");
    let changes = other.build("1.0-1", "bookworm", &["-sa"]);
    put_all(&yard, PLACE, &other, &changes).problem(409, &["already published with other contents"]);
    // No file of an upload, and no distribution.
    let odd = other.path("evil.sh");
    fs::write(&odd, "x").unwrap();
    put(&yard, "/main/apt/incoming/bookworm/main", &odd).is(201);
    put(&yard, "/main/apt/incoming/bookworm", &odd).is(404);
    Request::new("PUT", &yard.url(&format!("{PLACE}/x.deb")))
        .send_bytes(b"x")
        .problem(401, &["a valid token is needed"]);
}

#[test]
fn a_channel_with_uploaders_takes_what_they_signed_and_says_who_did() {
    let (yard, tree, gpg) = (Yard::new(), DebianTree::new(), Gnupg::new());
    let (jo, jo_key) = gpg.key("Jo Doe <jo@example.org>", &["ed25519", "sign", "never"]);
    let (eve, _) = gpg.key("Eve <eve@example.org>", &["rsa3072", "sign", "never"]);
    let (old, old_key) = gpg.key("Old <old@example.org>", &["rsa3072", "sign", "seconds=1"]);
    for key in [&jo_key, &old_key] {
        set(
            &yard,
            &["channel", "set", "main", "--uploader-key", key.to_str().unwrap()],
        )
        .ok();
    }
    let nonsense = tree.path("nonsense");
    fs::write(&nonsense, "x").unwrap();
    set(
        &yard,
        &[
            "channel",
            "set",
            "main",
            "--uploader-key",
            nonsense.to_str().unwrap(),
        ],
    )
    .fails()
    .says(&["no armoured OpenPGP public key"]);

    let show = || set(&yard, &["channel", "show", "main"]).ok();
    show().says(&[&jo, "Jo Doe <jo@example.org>", "Old <old@example.org>"]);
    let only = [
        "channel",
        "set",
        "main",
        "--no-uploader-keys",
        "--uploader-key",
        jo_key.to_str().unwrap(),
    ];
    set(&yard, &only).ok();
    show().says(&[&jo]).never_says(&["Old <old@example.org>"]);
    let old_again = old_key.to_str().unwrap();
    set(&yard, &["channel", "set", "main", "--uploader-key", old_again]).ok();

    let changes = tree.build("1.0-1", "bookworm", &["-sa"]);
    put_all(&yard, PLACE, &tree, &changes).problem(403, &["is not signed", "debsign"]);

    gpg.debsign(&changes, &eve);
    put_all(&yard, PLACE, &tree, &changes).problem(403, &[&eve, "no uploader's of this channel"]);
    dput(&yard, PLACE, &changes, &yard.admin_token())
        .fails()
        .says(&["403", "no uploader's of this channel"]);

    gpg.debsign(&changes, &jo);
    let signed = fs::read_to_string(&changes).unwrap();
    fs::write(&changes, signed.replace("Urgency: medium", "Urgency: high")).unwrap();
    put_all(&yard, PLACE, &tree, &changes).problem(403, &["the signature is wrong"]);
    fs::write(&changes, format!("{signed}\nFiles:\n evil\n")).unwrap();
    put(&yard, PLACE, &changes).problem(422, &["text follows the signature"]);
    // What somebody signed does not vouch for other bytes.
    fs::write(&changes, &signed).unwrap();
    let deb = tree.path("hello_1.0-1_all.deb");
    let good = fs::read(&deb).unwrap();
    fs::write(&deb, b"evil").unwrap();
    put_all(&yard, PLACE, &tree, &changes).problem(422, &["its SHA-256 is"]);
    fs::write(&deb, good).unwrap();
    put_all(&yard, PLACE, &tree, &changes).is(201);
    set(&yard, &["log", "main"]).ok().says(&[&jo, "jo@example.org"]);

    // SHA-1, and a key that has expired by now.
    let second = tree.build("1.0-2", "bookworm", &["-sa"]);
    let unsigned = fs::read_to_string(&second).unwrap();
    gpg.clearsign(&second, &["--digest-algo", "SHA1", "-u", &jo]);
    let weak = put_all(&yard, PLACE, &tree, &second);
    assert!(weak.text().contains("SHA1"), "{}", weak.text());
    weak.problem(403, &["too weak"]);
    fs::write(&second, &unsigned).unwrap();
    let made = gpg.gpg(&["--with-colons", "--list-keys", &old]).ok();
    let made: u64 = made
        .stdout
        .lines()
        .find(|l| l.starts_with("pub:"))
        .unwrap()
        .split(':')
        .nth(5)
        .unwrap()
        .parse()
        .unwrap();
    gpg.clearsign(&second, &["--faked-system-time", &format!("{made}!"), "-u", &old]);
    put_all(&yard, PLACE, &tree, &second).problem(403, &["has expired"]);

    set(&yard, &["channel", "set", "main", "--no-uploader-keys"]).ok();
    fs::write(&second, &unsigned).unwrap();
    put_all(&yard, PLACE, &tree, &second).is(201);
}

#[test]
fn a_signature_that_has_expired_uploads_nothing() {
    let (yard, tree, gpg) = (Yard::new(), DebianTree::new(), Gnupg::new());
    let (jo, jo_key) = gpg.key("Jo Doe <jo@example.org>", &["ed25519", "sign", "never"]);
    set(
        &yard,
        &[
            "channel",
            "set",
            "main",
            "--uploader-key",
            jo_key.to_str().unwrap(),
        ],
    )
    .ok();
    let changes = tree.build("1.0-1", "bookworm", &["-sa"]);
    let unsigned = fs::read_to_string(&changes).unwrap();
    gpg.clearsign(&changes, &["--default-sig-expire", "seconds=1", "-u", &jo]);
    std::thread::sleep(std::time::Duration::from_secs(2));
    let revision = yard.revision();
    put_all(&yard, PLACE, &tree, &changes).problem(403, &[&jo, "a signature that has expired"]);
    assert_eq!(yard.revision(), revision);
    // The key itself has not: it signs again.
    fs::write(&changes, &unsigned).unwrap();
    gpg.clearsign(&changes, &["-u", &jo]);
    put_all(&yard, PLACE, &tree, &changes).is(201);
}

#[test]
fn hints_of_a_refused_upload_can_be_run_as_they_stand() {
    let (yard, tree) = (Yard::new(), DebianTree::new());
    set(
        &yard,
        &["distribution", "create", "main/bookworm", "--alias", "stable"],
    )
    .ok();
    // Without the upstream's tarball, which the channel does not have.
    let changes = tree.build("1.0-1", "bookworm", &["-sd"]);
    put_all(&yard, PLACE, &tree, &changes).problem(422, &["orig.tar", "dpkg-buildpackage -sa"]);
    let changes = tree.build("1.0-1", "unstable", &["-sa"]);
    put_all(&yard, PLACE, &tree, &changes).problem(422, &["set main/bookworm --alias stable,unstable`"]);
    set(
        &yard,
        &["distribution", "set", "main/bookworm", "--alias", "unstable"],
    )
    .ok()
    .says(&["no longer called `stable`", "--alias stable,unstable"]);
    put_all(&yard, PLACE, &tree, &changes).is(201);
    // Of a source package and its .deb the summary is the .deb's.
    set(&yard, &["list"]).ok().never_says(&["source of"]);
}

#[test]
fn a_key_that_was_revoked_uploads_no_more() {
    let (yard, tree, gpg) = (Yard::new(), DebianTree::new(), Gnupg::new());
    let (jo, _) = gpg.key("Jo Doe <jo@example.org>", &["ed25519", "cert", "never"]);
    gpg.gpg(&["--quick-add-key", &jo, "rsa3072", "sign", "never"])
        .ok();
    let key = gpg.export(&jo);
    set(
        &yard,
        &["channel", "set", "main", "--uploader-key", key.to_str().unwrap()],
    )
    .ok();
    let changes = tree.build("1.0-1", "bookworm", &["-sa"]);
    gpg.debsign(&changes, &jo);
    put_all(&yard, PLACE, &tree, &changes).is(201);
    set(&yard, &["log", "main"]).ok().says(&[&jo]);

    let before = gpg.path().join("before.asc");
    fs::copy(&key, &before).unwrap();
    let revocation = gpg.path().join(format!("openpgp-revocs.d/{jo}.rev"));
    let text = fs::read_to_string(&revocation).unwrap();
    fs::write(&revocation, text.replace(":-----BEGIN", "-----BEGIN")).unwrap();
    gpg.gpg(&["--import", revocation.to_str().unwrap()]).ok();
    let revoked = gpg.export(&jo);
    // Listed beside what it was before, the revocation counts.
    let other = Yard::new();
    set(
        &other,
        &[
            "channel",
            "set",
            "main",
            "--uploader-key",
            before.to_str().unwrap(),
        ],
    )
    .ok();
    set(
        &other,
        &[
            "channel",
            "set",
            "main",
            "--uploader-key",
            revoked.to_str().unwrap(),
        ],
    )
    .ok();
    put_all(&other, PLACE, &tree, &changes).problem(403, &["was revoked"]);
}

#[test]
fn dput_sends_what_packyard_built_with_its_package_and_it_becomes_one_release() {
    let yard = Yard::new();
    let dist = harness::Project::hello_world().build_with(&["--format", "deb,dsc", "--for", "bookworm"]);
    let changes = dist
        .of("bookworm")
        .directory()
        .join("hello-world_1.1.3-1_all.changes");
    let before = yard.revision();
    dput(&yard, PLACE, &changes, &yard.admin_token())
        .ok()
        .says(&["Successfully uploaded packages"]);
    assert_eq!(yard.revision(), before + 1);
    set(&yard, &["show", "hello-world"]).ok().says(&[
        "hello-world_1.1.3-1.dsc",
        "hello-world_1.1.3-1_all.deb",
        "hello-world_1.1.3-1_all.buildinfo",
    ]);
}
