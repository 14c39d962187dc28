//! Backups: taken while others publish, cut off, brought up to date, served.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::circle::admin;
use crate::durability::{assert_same, everything};
use crate::harness::{
    AptRoot, Request, Server, SmallDeb, StaticHost, Yard, get, packyard, packyard_command, revision, run,
};

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Backs up, and gives what the command says.
#[track_caller]
fn back_up(yard: &Yard, to: &Path, more: &[&str]) -> Value {
    let (to, data) = (text(to), text(&yard.data()));
    let outcome = packyard([&["backup", &to, "--json", "--data", &data], more].concat()).ok();
    serde_json::from_str(&outcome.stdout).unwrap()
}

fn put(yard: &Yard, n: u32) {
    let name = format!("small-{n}");
    SmallDeb::new(&name, "1.0-1")
        .file("etc/small", &name)
        .put(yard, "any/main")
        .is(201);
}

#[test]
fn a_backup_taken_while_others_publish_is_whole_and_is_served_as_it_lies() {
    let (yard, _) = Yard::with_hello_world();
    let room = TempDir::new().unwrap();
    let backup = room.path().join("backup");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..12 {
                put(&yard, n);
            }
            done.store(true, Ordering::Release);
        });
        // However often it is looked at, it is a whole yard.
        while !done.load(Ordering::Acquire) {
            back_up(&yard, &backup, &[]);
            packyard(["fsck", "--data", &text(&backup)]).ok();
        }
    });
    let last = back_up(&yard, &backup, &[]);
    assert_eq!(last["revision"].as_u64().unwrap(), yard.revision());
    let again = back_up(&yard, &backup, &[]);
    assert_eq!(again["copied"], 0, "{again}");
    put(&yard, 99);
    let one = back_up(&yard, &backup, &[]);
    // The package, the pack, the entry, and that it was uploaded where that is kept.
    assert!((3..=4).contains(&one["copied"].as_u64().unwrap()), "{one}");

    let before = everything(&yard);
    let listen = yard.authority().to_owned();
    let mut yard = yard;
    yard.stop();
    // At the same address, since set-up files name it.
    let mut restored = Server::spawn(&["serve", "--data", &text(&backup), "--listen", &listen]);
    restored.address("listening on ");
    assert_same(&before, &everything(&yard));
    let apt = AptRoot::of(&yard);
    apt.update();
    apt.apt_get(&["install", "small-99", "hello-world"]).ok();
    // Without the private keys nothing can be published to it, and it says so.
    let more = SmallDeb::new("more", "1.0-1");
    let deb = more.build();
    Request::new("PUT", &yard.url("/main/apt/upload/any/main/more_1.0-1_all.deb"))
        .token(&yard.admin_token())
        .send_file(&deb)
        .problem(503, &["read-only", "private half"]);
    restored.terminate();
    packyard(["fsck", "--data", &text(&backup)])
        .ok()
        .says(&["no private keys"]);
}

#[test]
fn a_backup_that_is_killed_leaves_the_one_before_and_goes_on() {
    let (yard, _) = Yard::with_hello_world();
    let room = TempDir::new().unwrap();
    let backup = room.path().join("backup");
    let (to, data) = (text(&backup), text(&yard.data()));
    for n in 0..10u32 {
        put(&yard, n);
        let mut command = packyard_command(["backup", &to, "--data", &data]);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(u64::from(n) * 12));
        child.kill().unwrap();
        child.wait().unwrap();
        // Either it is no yard yet, or it is a whole one.
        if backup.join("store/meta.json").exists() {
            packyard(["fsck", "--data", &to]).ok();
        }
    }
    back_up(&yard, &backup, &[]);
    assert_eq!(revision(&backup), yard.revision());
    packyard(["fsck", "--data", &to]).ok();
}

#[test]
fn a_backup_with_keys_can_be_published_to_and_then_takes_no_more_of_the_old_yard() {
    let (yard, _) = Yard::with_hello_world();
    let room = TempDir::new().unwrap();
    let backup = room.path().join("backup");
    let done = back_up(&yard, &backup, &["--with-keys"]);
    assert_eq!(done["keys"], 2);
    for key in ["apt.key", "rpm.key"] {
        let mode = fs::metadata(backup.join("keys").join(key))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(
        fs::metadata(backup.join("keys")).unwrap().permissions().mode() & 0o777,
        0o700
    );
    let more = SmallDeb::new("more", "1.0-1");
    let deb = more.build();
    packyard(["publish", &text(&deb), "--data", &text(&backup)]).ok();
    put(&yard, 1);
    put(&yard, 2);
    packyard(["backup", &text(&backup), "--data", &text(&yard.data())])
        .exits(1)
        .says(&["another revision"]);

    let (other, _) = Yard::with_hello_world();
    packyard(["backup", &text(&backup), "--data", &text(&other.data())])
        .exits(1)
        .says(&["another yard"]);
}

#[test]
fn what_is_damaged_here_is_not_copied_over_what_is_whole_in_the_backup() {
    let (yard, project) = Yard::with_hello_world();
    let room = TempDir::new().unwrap();
    let backup = room.path().join("backup");
    project.bump("1.1.4");
    let dist = project.build();
    yard.publish(&dist);
    let digest = crate::harness::sha256(&fs::read(dist.wheel()).unwrap());
    let blob = format!("store/blobs/sha256/{}/{}/{digest}", &digest[..2], &digest[2..4]);
    let file = yard.data().join(&blob);
    let whole = fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    damaged[7] ^= 1;
    fs::remove_file(&file).unwrap();
    fs::write(&file, &damaged).unwrap();
    let (to, data) = (text(&backup), text(&yard.data()));
    packyard(["backup", &to, "--data", &data])
        .exits(1)
        .says(&[&digest, "not copied"]);
    assert!(!backup.join(&blob).exists());
    fs::write(&file, &whole).unwrap();
    back_up(&yard, &backup, &[]);
    fs::write(&file, &damaged).unwrap();
    back_up(&yard, &backup, &[]);
    assert!(fs::read(backup.join(&blob)).unwrap() == whole);
}

#[test]
fn what_was_given_up_leaves_the_backup_only_when_it_is_pruned() {
    let (yard, project) = Yard::with_hello_world();
    let room = TempDir::new().unwrap();
    let backup = room.path().join("backup");
    back_up(&yard, &backup, &[]);
    admin(&yard, &["channel", "set", "main", "--keep", "1"]).ok();
    project.bump("1.1.4");
    yard.publish(&project.build());
    admin(&yard, &["gc", "--grace", "0s"]).ok().says(&["5 blobs"]);
    assert_eq!(back_up(&yard, &backup, &[])["pruned"], 0);
    // The .rpm as it came was never needed, and is there in both.
    let pruned = back_up(&yard, &backup, &["--prune"])["pruned"].as_u64().unwrap();
    assert!(pruned >= 5, "{pruned}");
    packyard(["fsck", "--data", &text(&backup)]).ok();
}

#[test]
fn a_backup_in_a_bucket_comes_back_into_an_empty_directory() {
    let (yard, project) = Yard::with_hello_world();
    let s3 = StaticHost::s3();
    Request::new("PUT", &format!("{}/a-bucket", s3.url()))
        .send()
        .is(200);
    let at = |args: &[&str]| {
        let mut command = packyard_command(args);
        command
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", s3.url())
            .env("AWS_ALLOW_HTTP", "true");
        run(&mut command)
    };
    let (url, data) = ("s3://a-bucket/yard", text(&yard.data()));
    at(&["backup", url, "--data", &data]).ok();
    project.bump("1.1.4");
    yard.publish(&project.build());
    let second = at(&["backup", url, "--data", &data, "--json"]).ok();
    let second: Value = serde_json::from_str(&second.stdout).unwrap();
    assert!(
        second["copied"].as_u64().unwrap() < second["there"].as_u64().unwrap(),
        "{second}"
    );
    at(&["backup", url, "--data", &data, "--with-keys"])
        .exits(1)
        .says(&["bucket", "key export"]);

    let before = everything(&yard);
    let listen = yard.authority().to_owned();
    let mut yard = yard;
    yard.stop();
    let room = TempDir::new().unwrap();
    let back = text(&room.path().join("back"));
    at(&["fsck", "--repair", "--from", url, "--data", &back])
        .ok()
        .says(&["taken back"]);
    let mut restored = Server::spawn(&["serve", "--data", &back, "--listen", &listen]);
    restored.address("listening on ");
    get(&yard.url("/healthz")).is(200);
    assert_same(&before, &everything(&yard));
}

/// What a private channel holds lies in both.
#[test]
fn nobody_else_on_the_machine_reads_a_data_directory_or_a_backup() {
    let room = TempDir::new().unwrap();
    let (data, backup) = (room.path().join("a/data"), room.path().join("b/backup"));
    packyard(["channel", "create", "hidden", "--private", "--data", &text(&data)]).ok();
    packyard(["backup", &text(&backup), "--data", &text(&data)]).ok();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&backup)), (0o700, 0o700));
    assert_eq!(mode(&room.path().join("a")), 0o755, "only what is packyard's");
}
