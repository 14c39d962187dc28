//! Signing keys: replaced under the eyes of every client, taken over from elsewhere, judged.

use std::fs;

use tempfile::TempDir;

use crate::harness::{AptRoot, DnfRoot, Outcome, Request, Server, Yard, get, packyard, run, system_command};

mod rpm_clients;

/// `packyard key …` on the data directory, beside the server that is running on it.
#[track_caller]
fn key(yard: &Yard, args: &[&str]) -> Outcome {
    let data = yard.data();
    packyard([&["key"], args, &["--data", data.to_str().unwrap()]].concat())
}

/// What the keys of a yard are, as `(signs, state, fingerprint)`.
fn states(yard: &Yard) -> Vec<(String, String, String)> {
    let shown = key(yard, &["show", "--json"]).ok();
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let text = |k: &serde_json::Value, field: &str| k[field].as_str().unwrap().to_owned();
    let keys = shown["keys"].as_array().unwrap().iter();
    keys.map(|k| (text(k, "signs"), text(k, "state"), text(k, "fingerprint")))
        .collect()
}

fn fingerprint(yard: &Yard, signs: &str, state: &str) -> String {
    let found = states(yard)
        .into_iter()
        .find(|(s, t, _)| s == signs && t == state);
    found.unwrap_or_else(|| panic!("no {state} key for {signs}")).2
}

/// The long ids of the keys that signed something, in their order.
fn signers(signed: &[u8]) -> Vec<String> {
    let room = TempDir::new().unwrap();
    let file = room.path().join("signed");
    // gpg lists no packets of a message that is signed in the clear.
    let text = std::str::from_utf8(signed).unwrap();
    let begin = text.find("-----BEGIN PGP SIGNATURE-----").unwrap();
    fs::write(&file, &text[begin..]).unwrap();
    let mut gpg = system_command("gpg");
    gpg.arg("--homedir")
        .arg(room.path())
        .arg("--list-packets")
        .arg(&file);
    let listed = run(&mut gpg).ok().stdout;
    let lines = listed.lines().filter(|l| l.starts_with(":signature packet"));
    lines
        .map(|l| l.rsplit(' ').next().unwrap().to_uppercase())
        .collect()
}

/// How many keys a text of keys holds.
fn keys_in(text: &str) -> usize {
    let room = TempDir::new().unwrap();
    fs::write(room.path().join("keys"), text).unwrap();
    let mut gpg = system_command("gpg");
    gpg.arg("--homedir")
        .arg(room.path())
        .args(["--show-keys", "--with-colons"]);
    let shown = run(gpg.arg(room.path().join("keys"))).ok().stdout;
    shown.lines().filter(|l| l.starts_with("pub:")).count()
}

#[track_caller]
fn refuses(root: &AptRoot) {
    let outcome = root.apt_get(&["update"]);
    let text = format!("{}{}", outcome.stdout, outcome.stderr);
    let said = [
        "not signed",
        "signature couldn't be verified",
        "signatures couldn't be verified",
        "GPG error",
        "OpenPGP signature verification failed",
    ];
    assert!(said.iter().any(|w| text.contains(w)), "apt took it\n{outcome}");
}

/// From a machine that was set up long ago to one that is set up after the rotation, nobody sees a failed update until the
/// overlap is over, and then only who never got the new key.
#[test]
fn clients_of_apt_live_through_a_rotation() {
    let (yard, project) = Yard::with_hello_world();
    for suite in ["bookworm", "trixie"] {
        let old = AptRoot::of_suite(suite).knowing(&yard.url("/main"));
        old.update();
        let before = fingerprint(&yard, "apt", "current");
        let revision = yard.revision();
        key(&yard, &["rotate", "--for", "apt"]).ok().says(&["--finish"]);
        assert_eq!(yard.revision(), revision + 1, "a rotation is one commit");
        let next = fingerprint(&yard, "apt", "next");

        let release = get(&yard.url("/main/apt/dists/any/InRelease")).is(200);
        assert_eq!(signers(&release.body), [&before[24..], &next[24..]], "{suite}");
        let detached = get(&yard.url("/main/apt/dists/any/Release.gpg")).is(200);
        assert_eq!(signers(&detached.body), [&before[24..], &next[24..]]);
        old.update();

        let both = AptRoot::of_suite(suite).knowing(&yard.url("/main"));
        both.update();
        if suite == "trixie" {
            sqv_accepts(&yard, &both, &before, &next);
        }
        // The server, which was running all the time, signs with both by itself.
        project.bump(if suite == "bookworm" { "1.1.4" } else { "1.1.5" });
        yard.publish(&project.build());
        let release = get(&yard.url("/main/apt/dists/any/InRelease")).is(200);
        assert_eq!(signers(&release.body), [&before[24..], &next[24..]]);
        old.update();
        both.update();
        both.apt_get(&["install", "hello-world"]).ok();

        let token = yard.admin_token();
        let args = [
            "key",
            "rotate",
            "--finish",
            "--server",
            &yard.url(""),
            "--token",
            &token,
        ];
        packyard(args).ok().says(&["former"]);
        let release = get(&yard.url("/main/apt/dists/any/InRelease")).is(200);
        assert_eq!(signers(&release.body), [&next[24..]]);
        both.update();
        refuses(&old);
        let fresh = AptRoot::of_suite(suite).knowing(&yard.url("/main"));
        fresh.update();

        key(&yard, &["revoke", &before]).ok();
        assert!(states(&yard).iter().all(|(_, _, f)| *f != before));
        both.update();
    }
}

/// sqv as apt runs it: with apt's own policy.
fn sqv(root: &AptRoot, args: &[&str]) -> Outcome {
    let policy = "/usr/share/apt/default-sequoia.config";
    assert!(root.inside(policy).exists(), "apt has moved its policy");
    let mut sqv = root.command("sqv");
    run(sqv.env("SEQUOIA_CRYPTO_POLICY", policy).args(args))
}

/// Whoever has one of two keys is satisfied by what both signed.
fn sqv_accepts(yard: &Yard, root: &AptRoot, before: &str, next: &str) {
    for name in ["InRelease", "Release", "Release.gpg"] {
        let file = get(&yard.url(&format!("/main/apt/dists/any/{name}"))).is(200);
        root.write(name, file.text());
    }
    let home = TempDir::new().unwrap();
    let gpg = |args: &[&str]| {
        let mut gpg = system_command("gpg");
        run(gpg
            .arg("--homedir")
            .arg(home.path())
            .args(["--batch", "--armor"])
            .args(args))
        .ok()
    };
    let keyring = home.path().join("all.asc");
    fs::write(&keyring, get(&yard.url("/main/key.asc")).is(200).text()).unwrap();
    gpg(&["--import", keyring.to_str().unwrap()]);
    for known in [before, next] {
        root.write("one.asc", &gpg(&["--export", known]).stdout);
        sqv(root, &["--keyring", "/one.asc", "/Release.gpg", "/Release"]).ok();
        // sqv overwrites nothing.
        let _ = fs::remove_file(root.inside("/out"));
        sqv(
            root,
            &[
                "--keyring",
                "/one.asc",
                "--cleartext",
                "--output",
                "/out",
                "/InRelease",
            ],
        )
        .ok();
    }
    let mut kill = system_command("gpgconf");
    let _ = kill
        .arg("--homedir")
        .arg(home.path())
        .args(["--kill", "all"])
        .output();
}

#[test]
fn the_served_files_hold_both_keys_while_both_sign_and_until_the_old_one_is_revoked() {
    let (yard, _) = Yard::with_hello_world();
    let served = |path: &str| get(&yard.url(path)).is(200).text().to_owned();
    let counts = || {
        let sources = served("/main/apt/any.sources");
        let (_, inline) = sources.split_once("Signed-By:\n").unwrap();
        let inline: String = inline
            .lines()
            .map(|l| format!("{}\n", l.trim().trim_start_matches('.')))
            .collect();
        [
            keys_in(&inline),
            keys_in(&served("/main/apt/key.asc")),
            keys_in(&served("/main/yum/key.asc")),
            keys_in(&served("/main/key.asc")),
            keys_in(&served("/main/yum/any/x86_64/repodata/repomd.xml.key")),
        ]
    };
    assert_eq!(counts(), [1, 1, 1, 2, 1]);
    key(&yard, &["rotate"]).ok();
    assert_eq!(counts(), [2, 2, 2, 4, 2]);
    key(&yard, &["rotate"]).exits(1).says(&["under way", "--finish"]);
    key(&yard, &["rotate", "--finish"]).ok();
    assert_eq!(counts(), [2, 2, 2, 4, 2]);
    let former = fingerprint(&yard, "apt", "former");
    key(&yard, &["revoke", &former[20..]]).ok();
    assert_eq!(counts(), [1, 1, 2, 3, 2]);
    let current = fingerprint(&yard, "apt", "current");
    key(&yard, &["revoke", &current])
        .exits(1)
        .says(&["current key for apt"]);
    key(&yard, &["revoke", "0123456789ABCDEF"])
        .exits(1)
        .says(&["there is no published key"]);
}

#[test]
fn a_rotation_that_is_given_up_leaves_everything_as_it_was() {
    let (yard, _) = Yard::with_hello_world();
    let before = states(&yard);
    key(&yard, &["rotate", "--for", "apt"]).ok();
    assert_eq!(states(&yard).len(), before.len() + 1);
    key(&yard, &["rotate", "--cancel"]).ok();
    assert_eq!(states(&yard), before);
    let kept = fs::read_dir(yard.data().join("keys")).unwrap().count();
    assert_eq!(kept, 2, "the private half is gone");
    key(&yard, &["rotate", "--cancel"])
        .exits(1)
        .says(&["no rotation"]);
    key(&yard, &["rotate", "--finish"])
        .exits(1)
        .says(&["no rotation"]);
    // The key that was given up does not come back by itself.
    key(&yard, &["rotate", "--for", "apt"]).ok();
    AptRoot::of(&yard).update();
}

#[test]
fn a_node_without_the_new_private_key_can_be_read_and_not_written() {
    let (mut yard, project) = Yard::with_hello_world();
    key(&yard, &["rotate", "--for", "apt"]).ok();
    yard.stop();
    let next = fs::read_dir(yard.data().join("keys")).unwrap();
    let next = next
        .map(|e| e.unwrap().path())
        .find(|p| p.to_str().unwrap().contains("apt-"))
        .unwrap();
    let elsewhere = TempDir::new().unwrap();
    let kept = elsewhere.path().join("kept");
    fs::copy(&next, &kept).unwrap();
    fs::remove_file(&next).unwrap();
    yard.start();
    get(&yard.url("/main/apt/dists/any/InRelease")).is(200);
    key(&yard, &["show"]).ok().says(&["its private half is not here"]);
    project.bump("1.1.4");
    let dist = project.build();
    let token = yard.admin_token();
    let args = [
        "publish",
        dist.directory().to_str().unwrap(),
        "--server",
        &yard.url(""),
        "--token",
        &token,
    ];
    packyard(args)
        .exits(1)
        .says(&["read-only", "private half of key"]);
    // It comes back without a restart.
    fs::copy(&kept, &next).unwrap();
    yard.publish(&dist);
}

#[test]
fn only_an_administrator_may_look_at_or_touch_the_keys() {
    let (yard, _) = Yard::with_hello_world();
    let url = yard.url("/api/v1/keys");
    get(&url).is(401);
    let token = yard.admin_token();
    let data = yard.data();
    let args = [
        "token",
        "create",
        "--can",
        "publish",
        "--channel",
        "*",
        "--data",
        data.to_str().unwrap(),
        "--json",
    ];
    let made: serde_json::Value = serde_json::from_str(&packyard(args).ok().stdout).unwrap();
    let weak = made["token"].as_str().unwrap();
    Request::new("GET", &url).token(weak).send().is(403);
    Request::new("POST", &yard.url("/api/v1/keys/rotation"))
        .token(weak)
        .send_bytes(b"{}")
        .is(403);
    Request::new("POST", &yard.url("/api/v1/keys/rotation/finish"))
        .token(weak)
        .send_bytes(b"{}")
        .is(403);
    let shown = Request::new("GET", &url).token(&token).send().is(200);
    assert!(!shown.text().contains("PRIVATE"), "{}", shown.text());
}

/// A home in which gpg makes keys.
struct Gpg(TempDir);

impl Gpg {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn run(&self, args: &[&str]) -> Outcome {
        let mut gpg = system_command("gpg");
        gpg.arg("--homedir").arg(self.0.path());
        gpg.args([
            "--batch",
            "--yes",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "",
        ]);
        run(gpg.args(args)).ok()
    }

    /// Makes a key and writes its private half to a file.
    fn private(&self, more: &[&str], algorithm: &str) -> String {
        self.run(
            &[
                more,
                &[
                    "--quick-generate-key",
                    "Old <old@example.org>",
                    algorithm,
                    "sign",
                    "never",
                ],
            ]
            .concat(),
        );
        let file = self.0.path().join("secret.asc");
        fs::write(&file, self.run(&["--armor", "--export-secret-keys"]).stdout).unwrap();
        file.to_str().unwrap().to_owned()
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        let _ = system_command("gpgconf")
            .arg("--homedir")
            .arg(self.0.path())
            .args(["--kill", "all"])
            .output();
    }
}

/// The key of an old repository becomes the yard's: whoever trusts it is served, first beside the yard's own.
#[test]
fn a_key_of_gpg_is_taken_over() {
    let (yard, project) = Yard::with_hello_world();
    let gpg = Gpg::new();
    let file = gpg.private(&[], "rsa3072");
    key(&yard, &["import", &file, "--for", "apt,yum"])
        .ok()
        .says(&["next", "Old <old@example.org>"]);
    let public = gpg.run(&["--armor", "--export"]).stdout;
    for suite in ["bookworm", "trixie"] {
        let root = AptRoot::of_suite(suite).knowing(&yard.url("/main"));
        let sources = format!(
            "deb [signed-by=/etc/apt/keyrings/old.asc] {} any main\n",
            yard.url("/main/apt")
        );
        fs::remove_file(root.inside("etc/apt/sources.list.d/packyard.sources")).unwrap();
        root.write("etc/apt/keyrings/old.asc", &public);
        root.write("etc/apt/sources.list", &sources);
        root.update();
        root.apt_get(&["install", "hello-world"]).ok();
    }
    key(&yard, &["rotate", "--finish"]).ok();
    project.bump("1.1.4");
    yard.publish(&project.build());
    let root = DnfRoot::of(&yard);
    root.dnf(&["install", "hello-world"]).ok();
}

#[test]
fn a_new_yard_can_begin_with_the_keys_of_another() {
    let gpg = Gpg::new();
    let file = gpg.private(&[], "rsa3072");
    let room = TempDir::new().unwrap();
    let data = room.path().join("data");
    let data = data.to_str().unwrap();
    let import = ["key", "import", &file, "--data", data];
    packyard(import).exits(1).says(&["--for apt,yum"]);
    packyard([&import[..], &["--for", "apt,yum"]].concat())
        .ok()
        .says(&["will begin with"]);
    let mut server = Server::spawn(&["serve", "--data", data, "--listen", "127.0.0.1:0"]);
    let url = server.address("listening on ");
    let keys = get(&format!("{url}/main/key.asc")).is(200);
    assert_eq!(keys_in(keys.text()), 1, "one key does both");
    let line = system_command("gpg")
        .arg("--homedir")
        .arg(gpg.0.path())
        .args(["--list-keys", "--with-colons"])
        .output()
        .unwrap();
    let line = String::from_utf8(line.stdout).unwrap();
    let id = line
        .lines()
        .find_map(|l| l.strip_prefix("fpr:"))
        .unwrap()
        .trim_matches(':')
        .to_owned();
    packyard(["key", "show", "--data", data]).ok().says(&[&id]);
}

#[test]
fn a_key_that_clients_refuse_is_not_taken_over() {
    let (yard, _) = Yard::with_hello_world();
    let before = fs::read_dir(yard.data().join("keys")).unwrap().count();
    let weak = ["--cert-digest-algo", "SHA1", "--allow-weak-digest-algos"];
    for (more, algorithm, rule) in [
        (&[][..], "dsa2048", "key-dsa"),
        (&[], "rsa1024", "key-rsa-too-short"),
        (&weak, "rsa3072", "key-weak-binding"),
    ] {
        let gpg = Gpg::new();
        let file = gpg.private(more, algorithm);
        key(&yard, &["import", &file])
            .exits(1)
            .says(&[rule, "not imported"]);
        packyard(["key", "check", &file])
            .exits(1)
            .says(&["error", rule, "fix:"]);
        packyard(["check", "--explain", rule])
            .ok()
            .says(&["why:", "fix:"]);
    }
    let gpg = Gpg::new();
    let ed25519 = gpg.private(&[], "ed25519");
    key(&yard, &["import", &ed25519, "--for", "yum"])
        .exits(1)
        .says(&["rpm needs RSA"]);
    packyard(["key", "check", &ed25519, "--for", "yum"])
        .exits(1)
        .says(&["key-not-rsa"]);
    packyard(["key", "check", &ed25519])
        .ok()
        .says(&["info", "key-apt-only"]);
    packyard(["key", "import", &ed25519, "--server", &yard.url("")])
        .exits(2)
        .says(&["not sent to a server"]);
    assert_eq!(fs::read_dir(yard.data().join("keys")).unwrap().count(), before);
}

/// What is said of a key is what the clients do with it: apt of trixie takes those that are called good, and refuses
/// those that are called bad.
#[test]
fn the_verdict_on_a_key_is_that_of_sqv() {
    let root = AptRoot::of_suite("trixie");
    let weak = ["--cert-digest-algo", "SHA1", "--allow-weak-digest-algos"];
    for (more, algorithm, good) in [
        (&[][..], "ed25519", true),
        (&[], "rsa3072", true),
        (&[], "rsa2048", true),
        (&[], "nistp256", true),
        (&[], "dsa2048", false),
        (&[], "rsa1024", false),
        (&weak, "rsa3072", false),
    ] {
        let gpg = Gpg::new();
        gpg.private(more, algorithm);
        root.write("key.asc", &gpg.run(&["--armor", "--export"]).stdout);
        root.write("text", "a text\n");
        let (text, signed) = (root.inside("text"), root.inside("text.asc"));
        let _ = fs::remove_file(&signed);
        gpg.run(&[
            "--digest-algo",
            "SHA512",
            "--armor",
            "--output",
            signed.to_str().unwrap(),
            "--detach-sign",
            text.to_str().unwrap(),
        ]);
        let sqv = sqv(&root, &["--keyring", "/key.asc", "/text.asc", "/text"]);
        assert_eq!(sqv.code == Some(0), good, "{algorithm} {more:?}: {sqv}");
        let said = packyard(["key", "check", root.inside("key.asc").to_str().unwrap()]);
        assert_eq!(said.code == Some(0), good, "{algorithm} {more:?}: {said}");
    }
}

#[test]
fn the_keys_of_the_yard_pass_the_check() {
    let (yard, _) = Yard::with_hello_world();
    key(&yard, &["check"])
        .ok()
        .says(&["ok"])
        .never_says(&["error", "warning"]);
    let json: serde_json::Value =
        serde_json::from_str(&key(&yard, &["check", "--json"]).ok().stdout).unwrap();
    assert_eq!(json["keys"].as_array().unwrap().len(), 2);
}

/// A CI system keeps both generations as one secret.
#[test]
fn keys_that_are_kept_elsewhere_are_rotated_there() {
    let room = TempDir::new().unwrap();
    let data = room.path().join("data");
    let make = |name: &str| {
        let path = room.path().join(name);
        packyard(["key", "generate", "--out", path.to_str().unwrap()]).ok();
        fs::read_to_string(path).unwrap()
    };
    let (first, second) = (make("one"), make("two"));
    let with = |keys: &str, args: &[&str]| {
        let mut command = crate::harness::packyard_command(args);
        run(command
            .env("PACKYARD_SIGNING_KEY", keys)
            .args(["--data", data.to_str().unwrap()]))
    };
    with(&first, &["channel", "create", "other"]).ok();
    with(&first, &["key", "rotate"])
        .exits(1)
        .says(&["PACKYARD_SIGNING_KEY"]);
    let both = format!("{first}{second}");
    with(&both, &["key", "rotate"]).ok().says(&["next"]);
    with(&first, &["channel", "create", "third"])
        .exits(1)
        .says(&["read-only"]);
    with(&both, &["key", "rotate", "--finish"]).ok();
    assert!(
        !data.join("keys/apt.key").exists(),
        "a key that is kept elsewhere was written down"
    );
    with(&second, &["key", "show"]).ok().says(&["current"]);
}
