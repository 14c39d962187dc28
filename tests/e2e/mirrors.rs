//! A whole system is bootstrapped from a channel, and other repository managers mirror it, each with the channel's key.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{SmallDeb, Yard, get, packyard, run, system_command, tool};

/// A yard that holds what a smallest bookworm needs, and a package of our own.
fn bookworm() -> Yard {
    let yard = Yard::new();
    let (debs, url, token) = (tool("minbase"), yard.url(""), yard.admin_token());
    let given = [
        "import",
        debs.to_str().unwrap(),
        "--distribution",
        "bookworm",
        "--server",
        &url,
        "--token",
        &token,
    ];
    // That none of Debian's own packages is refused is half of what this shows.
    packyard(given).ok().says(&["0 left out"]);
    SmallDeb::new("tool", "1.0").put(&yard, "bookworm/main").is(201);
    yard
}

/// The channel's key as a file.
fn key(yard: &Yard, directory: &Path) -> PathBuf {
    let file = directory.join("key.asc");
    fs::write(&file, get(&yard.url("/main/apt/key.asc")).is(200).text()).unwrap();
    file
}

#[test]
fn mmdebstrap_makes_a_system_of_a_channel() {
    let (yard, directory) = (bookworm(), TempDir::new().unwrap());
    let key = key(&yard, directory.path());
    let source = format!(
        "deb [signed-by={}] {} bookworm main",
        key.display(),
        yard.url("/main/apt")
    );
    let mut mmdebstrap = system_command("mmdebstrap");
    mmdebstrap.args([
        "--mode=root",
        "--variant=minbase",
        "--include=tool,apt",
        "--format=null",
    ]);
    mmdebstrap.arg("--dpkgopt=force-unsafe-io");
    mmdebstrap
        .arg("--customize-hook=chroot \"$1\" dpkg --audit && chroot \"$1\" dpkg-query -W tool apt dpkg bash");
    let done = run(mmdebstrap
        .env("TMPDIR", directory.path())
        .args(["bookworm", "-", &source]))
    .ok();
    done.says(&["tool\t1.0", "apt\t2.6", "bash\t5.2", "success in"]);
    assert!(
        yard.log().contains("Debian APT-HTTP"),
        "apt of mmdebstrap came to us"
    );
}

#[test]
fn debootstrap_makes_a_system_of_a_channel_that_its_key_has_signed() {
    let (yard, other, directory) = (bookworm(), Yard::new(), TempDir::new().unwrap());
    let at = directory.path();
    let ring = |yard: &Yard, name: &str| {
        let ring = at.join(name);
        let mut gpg = system_command("gpg");
        gpg.args(["--batch", "--homedir"])
            .arg(at)
            .args(["--dearmor", "-o"]);
        run(gpg.arg(&ring).arg(key(yard, at))).ok();
        ring
    };
    let bootstrap = |ring: &Path, to: &Path| {
        let mut debootstrap = system_command("debootstrap");
        debootstrap.args(["--variant=minbase", "--include=tool,apt", "--arch=amd64"]);
        debootstrap.arg("--keyring").arg(ring).arg("bookworm").arg(to);
        run(debootstrap.arg(yard.url("/main/apt")))
    };
    bootstrap(&ring(&other, "other.gpg"), &at.join("refused")).fails();
    let system = at.join("system");
    bootstrap(&ring(&yard, "ours.gpg"), &system)
        .ok()
        .says(&["Valid Release signature", "Base system installed successfully"]);
    let inside = |args: &[&str]| run(system_command("chroot").arg(&system).args(args));
    inside(&["dpkg", "--audit"]).ok();
    inside(&["dpkg-query", "-W", "tool", "apt", "dpkg", "bash"])
        .ok()
        .says(&["tool\t1.0", "apt\t2.6", "bash\t5.2"]);
}

#[test]
fn aptly_mirrors_a_channel_and_again_what_is_new() {
    let (yard, directory) = (Yard::new(), TempDir::new().unwrap());
    SmallDeb::new("tool", "1.0").put(&yard, "bookworm/main").is(201);
    SmallDeb::new("more", "1.0")
        .put(&yard, "bookworm/contrib")
        .is(201);
    let at = directory.path();
    let (key, ring) = (key(&yard, at), at.join("trusted.gpg"));
    let mut gpg = system_command("gpg");
    gpg.args(["--batch", "--homedir"])
        .arg(at)
        .args(["--no-default-keyring", "--keyring"]);
    run(gpg.arg(&ring).arg("--import").arg(key)).ok();
    let config =
        serde_json::json!({"rootDir": at.join("root"), "gpgProvider": "gpg", "architectures": ["amd64"]});
    fs::write(at.join("aptly.conf"), config.to_string()).unwrap();
    let aptly = |args: &[&str]| {
        let mut aptly = system_command("aptly");
        aptly
            .arg(format!("-config={}", at.join("aptly.conf").display()))
            .args(args);
        run(aptly.env("HOME", at))
    };
    let ring = format!("-keyring={}", ring.display());
    let empty = format!("-keyring={}", at.join("nobody.gpg").display());
    let url = yard.url("/main/apt/");
    aptly(&["mirror", "create", &empty, "ours", &url, "bookworm"]).fails();
    aptly(&["mirror", "create", &ring, "ours", &url, "bookworm"])
        .ok()
        .says(&["Good signature"]);
    aptly(&["mirror", "update", &ring, "ours"]).ok();
    aptly(&["package", "search", "Name (tool)"])
        .ok()
        .says(&["tool_1.0_all"]);
    SmallDeb::new("tool", "1.1").put(&yard, "bookworm/main").is(201);
    aptly(&["mirror", "update", &ring, "ours"]).ok();
    aptly(&["mirror", "show", "-with-packages", "ours"]).ok().says(&[
        "Components: contrib, main",
        "tool_1.0_all",
        "tool_1.1_all",
        "more_1.0_all",
    ]);
}

#[test]
fn reprepro_mirrors_a_channel_by_its_key_and_not_by_another() {
    let (yard, other, directory) = (Yard::new(), Yard::new(), TempDir::new().unwrap());
    SmallDeb::new("tool", "1.0").put(&yard, "bookworm/main").is(201);
    let at = directory.path();
    let gpg = |args: &[&str]| {
        let mut gpg = system_command("gpg");
        run(gpg.args(["--batch", "--homedir"]).arg(at).args(args))
    };
    let id_of = |yard: &Yard| {
        gpg(&["--import", key(yard, at).to_str().unwrap()]).ok();
        let shown = gpg(&[
            "--with-colons",
            "--show-keys",
            at.join("key.asc").to_str().unwrap(),
        ])
        .ok()
        .stdout;
        shown
            .lines()
            .find(|line| line.starts_with("pub"))
            .unwrap()
            .split(':')
            .nth(4)
            .unwrap()
            .to_owned()
    };
    let (ours, theirs) = (id_of(&yard), id_of(&other));
    fs::create_dir(at.join("conf")).unwrap();
    let distribution = "Codename: bookworm\nArchitectures: amd64\nComponents: main\nUpdate: ours\n";
    fs::write(at.join("conf/distributions"), distribution).unwrap();
    let update = |key: &str| {
        let from = yard.url("/main/apt");
        let text = format!(
            "Name: ours\nMethod: {from}\nSuite: bookworm\nComponents: main\nArchitectures: amd64\nVerifyRelease: {key}\n"
        );
        fs::write(at.join("conf/updates"), text).unwrap();
        let mut reprepro: Command = system_command("reprepro");
        run(reprepro.env("GNUPGHOME", at).arg("-b").arg(at).arg("update"))
    };
    update(&theirs).fails();
    update(&ours).ok();
    SmallDeb::new("tool", "1.1").put(&yard, "bookworm/main").is(201);
    update(&ours).ok();
    let mut list = system_command("reprepro");
    let held = run(list
        .env("GNUPGHOME", at)
        .arg("-b")
        .arg(at)
        .args(["list", "bookworm"]))
    .ok();
    held.says(&["bookworm|main|amd64: tool 1.1"]);
    assert!(at.join("pool/main/t/tool/tool_1.1_all.deb").exists());
}
