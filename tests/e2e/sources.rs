//! Debian source packages: a .dsc and the files that it names are one artifact, from the publish to the purge.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::harness::{self, AptRoot, DebianTree, Outcome, Request, Yard, get, packyard};

fn publish(yard: &Yard, what: &Path, more: &[&str]) -> Outcome {
    let (token, url) = (yard.admin_token(), yard.url(""));
    let mut args = vec![
        "publish",
        what.to_str().unwrap(),
        "--server",
        &url,
        "--token",
        &token,
    ];
    args.extend(more);
    packyard(args)
}

fn command(yard: &Yard, args: &[&str]) -> Outcome {
    let (token, url) = (yard.admin_token(), yard.url(""));
    packyard([args, &["--server", &url, "--token", &token]].concat())
}

fn sha256(path: &Path) -> String {
    harness::sha256(&fs::read(path).unwrap())
}

fn blobs(yard: &Yard, path: &Path) -> bool {
    let hex = sha256(path);
    let place = format!("store/blobs/sha256/{}/{}/{hex}", &hex[..2], &hex[2..4]);
    yard.data().join(place).exists()
}

#[test]
fn a_source_package_is_published_with_its_files_and_unpacks_as_it_was_packed() {
    let (yard, tree) = (Yard::new(), DebianTree::new());
    let dsc = tree.dsc("1:1.0-1");
    publish(&yard, &dsc, &["--distribution", "bookworm"])
        .ok()
        .says(&["published  hello_1.0-1.dsc (bookworm)"]);
    let pool = format!("/main/apt/pool/{}", sha256(&dsc));
    let away = TempDir::new().unwrap();
    let names = [
        "hello_1.0-1.dsc",
        "hello_1.0.orig.tar.gz",
        "hello_1.0-1.debian.tar.xz",
    ];
    for name in names {
        let by_digest = get(&yard.url(&format!("{pool}/{name}"))).is(200);
        assert_eq!(by_digest.body, fs::read(tree.path(name)).unwrap());
        assert!(by_digest.header("cache-control").contains("immutable"));
        let alias = get(&yard.url(&format!("/main/apt/pool/bookworm/main/hello/{name}"))).is(200);
        assert_eq!(alias.body, by_digest.body);
        fs::write(away.path().join(name), by_digest.body).unwrap();
    }
    get(&yard.url(&format!("{pool}/hello_1.0.orig.tar.xz"))).is(404);
    let to = away.path().join("unpacked");
    DebianTree::unpack(&away.path().join("hello_1.0-1.dsc"), &to).ok();
    assert_eq!(fs::read_to_string(to.join("hello.txt")).unwrap(), "hello\n");

    let revision = yard.revision();
    publish(&yard, &dsc, &["--distribution", "bookworm"])
        .ok()
        .says(&["unchanged", "nothing changed"]);
    assert_eq!(yard.revision(), revision);
    command(&yard, &["show", "hello"])
        .ok()
        .says(&["hello_1.0-1.dsc", "hello_1.0.orig.tar.gz"]);
    let shown = command(&yard, &["show", "hello", "--json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert!(json.to_string().contains("hello_1.0-1.debian.tar.xz"), "{json}");
    let page = get(&yard.url("/main/packages/hello")).is(200);
    assert!(page.text().contains("hello_1.0.orig.tar.gz"), "{}", page.text());
    command(&yard, &["list"]).ok().says(&["hello"]);
    packyard(["check", dsc.to_str().unwrap()]).ok();
    packyard(["inspect", dsc.to_str().unwrap()])
        .ok()
        .says(&["hello.txt", "debian/rules", "Format"]);
}

#[test]
fn a_release_without_the_files_of_its_dsc_is_told_which_are_missing() {
    let (yard, tree) = (Yard::new(), DebianTree::new());
    let dsc = tree.dsc("1.0-1");
    let put = |path: &Path| {
        let url = yard.url(&format!("/api/v1/channels/main/blobs/{}", sha256(path)));
        Request::new("PUT", &url)
            .token(&yard.admin_token())
            .send_file(path)
    };
    let release = || {
        let body = format!(
            r#"{{"artifacts":[{{"filename":"hello_1.0-1.dsc","sha256":"{}","distribution":"bookworm"}}]}}"#,
            sha256(&dsc)
        );
        let url = yard.url("/api/v1/channels/main/releases");
        Request::new("POST", &url)
            .token(&yard.admin_token())
            .send_bytes(body.as_bytes())
    };
    put(&dsc).is(201);
    let (orig, debian) = (
        tree.path("hello_1.0.orig.tar.gz"),
        tree.path("hello_1.0-1.debian.tar.xz"),
    );
    let reply = release().problem(
        422,
        &[
            "hello_1.0.orig.tar.gz",
            "hello_1.0-1.debian.tar.xz",
            &sha256(&orig),
        ],
    );
    assert_eq!(reply.json()["problems"].as_array().unwrap().len(), 2);
    put(&orig).is(201);
    release().problem(422, &["hello_1.0-1.debian.tar.xz"]);
    put(&debian).is(201);
    release().is(201);

    fs::remove_file(&orig).unwrap();
    let other = Yard::new();
    publish(&other, &dsc, &[])
        .fails()
        .says(&["neither beside it nor in the yard", "hello_1.0.orig.tar.gz"]);
    // The yard that has it needs it not again.
    publish(&yard, &dsc, &["--distribution", "trixie"]).ok();
}

#[test]
fn one_tarball_serves_many_versions_and_another_of_its_name_is_kept_apart() {
    let (yard, tree) = (Yard::new(), DebianTree::new());
    let first = tree.dsc("1.0-1");
    publish(&yard, &first, &["--distribution", "bookworm"]).ok();
    let second = tree.dsc("1.0-2");
    publish(&yard, &second, &["--distribution", "bookworm"]).ok();
    for dsc in [&first, &second] {
        let pool = format!("/main/apt/pool/{}/hello_1.0.orig.tar.gz", sha256(dsc));
        get(&yard.url(&pool)).is(200);
    }
    tree.orig("hello again\n");
    let third = tree.dsc("1.0-3");
    publish(&yard, &third, &["--distribution", "bookworm"])
        .ok()
        .says(&[
            "`hello_1.0.orig.tar.gz` of `hello_1.0-3.dsc` has other contents",
            "reprepro",
        ]);
    let other = fs::read(tree.path("hello_1.0.orig.tar.gz")).unwrap();
    let orig_of = |dsc: &Path| {
        let pool = format!("/main/apt/pool/{}/hello_1.0.orig.tar.gz", sha256(dsc));
        get(&yard.url(&pool)).is(200).body
    };
    assert!(orig_of(&third) == other && orig_of(&first) != other && orig_of(&second) != other);
    let alias = get(&yard.url("/main/apt/pool/bookworm/main/hello/hello_1.0.orig.tar.gz")).is(200);
    assert!(alias.body == other, "an alias is the newest's");
    let quiet = publish(&yard, &third, &["--distribution", "trixie"]).ok();
    quiet.never_says(&["other contents"]);
}

#[test]
fn the_files_of_a_source_package_go_wherever_it_goes() {
    let (yard, tree) = (Yard::new(), DebianTree::new());
    let dsc = tree.dsc("1.0-1");
    command(&yard, &["channel", "create", "stable"]).ok();
    publish(&yard, &dsc, &["--distribution", "bookworm"]).ok();
    command(&yard, &["promote", "hello", "--from", "main", "--to", "stable"]).ok();
    let orig = format!("/apt/pool/{}/hello_1.0.orig.tar.gz", sha256(&dsc));
    get(&yard.url(&format!("/stable{orig}"))).is(200);
    let data = yard.data();
    packyard(["fsck", "--data", data.to_str().unwrap()]).ok();

    let file = tree.path("hello_1.0.orig.tar.gz");
    let hex = sha256(&file);
    let place = format!("store/blobs/sha256/{}/{}/{hex}", &hex[..2], &hex[2..4]);
    let bytes = fs::read(data.join(&place)).unwrap();
    fs::remove_file(data.join(&place)).unwrap();
    packyard(["fsck", "--data", data.to_str().unwrap()])
        .fails()
        .says(&[&hex, "hello_1.0-1.dsc in channel"]);
    fs::write(data.join(&place), bytes).unwrap();

    command(&yard, &["yank", "hello==1.0-1", "--channel", "main"]).ok();
    get(&yard.url(&format!("/main{orig}"))).is(200);
    command(&yard, &["unyank", "hello==1.0-1", "--channel", "main"]).ok();
    get(&yard.url("/main/apt/pool/bookworm/main/hello/hello_1.0.orig.tar.gz")).is(200);

    // What another version needs stays when one is destroyed, and goes with the last.
    let second = tree.dsc("1.0-2");
    publish(&yard, &second, &["--distribution", "bookworm"]).ok();
    let debian = tree.path("hello_1.0-1.debian.tar.xz");
    assert!(blobs(&yard, &debian) && blobs(&yard, &file));
    command(&yard, &["purge", &sha256(&dsc), "--reason", "a secret"]).ok();
    assert!(!blobs(&yard, &debian) && blobs(&yard, &file));
    get(&yard.url(&format!("/main{orig}"))).is(410);
    let of_second = format!("/main/apt/pool/{}/hello_1.0.orig.tar.gz", sha256(&second));
    get(&yard.url(&of_second)).is(200);
    packyard(["fsck", "--data", data.to_str().unwrap()]).ok();
    command(&yard, &["purge", &hex, "--reason", "a secret there, too"]).ok();
    assert!(!blobs(&yard, &file));
    get(&yard.url(&of_second)).is(410);
    publish(&yard, &second, &["--distribution", "bookworm"])
        .fails()
        .says(&["a secret there, too"]);
    packyard(["fsck", "--data", data.to_str().unwrap()]).ok();
}

#[test]
fn apt_get_source_fetches_each_version_with_its_files() {
    let (yard, tree) = (Yard::new(), DebianTree::new());
    for version in ["1.0-1", "1.0-2"] {
        publish(&yard, &tree.dsc(version), &[]).ok();
    }
    let apt = AptRoot::of(&yard);
    let sources = get(&yard.url("/main/apt/any.sources")).is(200);
    assert!(
        sources.text().contains("\nTypes: deb deb-src\n"),
        "{}",
        sources.text()
    );
    apt.write("etc/apt/sources.list.d/packyard.sources", sources.text());
    let list = command(&yard, &["distribution", "list", "main"]).ok();
    list.says(&["0 debs, 2 source packages, 0 rpms"]);
    let dsc = fs::read(tree.path("hello_1.0-1.dsc")).unwrap();
    let url = yard.url("/main/apt/upload/any/main/hello_1.0-1.dsc");
    Request::new("PUT", &url)
        .token(&yard.admin_token())
        .send_bytes(&dsc)
        .problem(
            415,
            &["is not a .deb", "apt/incoming/any/main", "packyard publish"],
        );
    apt.update();
    for (asked, version) in [("hello", "1.0-2"), ("hello=1.0-1", "1.0-1")] {
        let to = format!("/tmp/{version}");
        fs::create_dir(apt.inside(&to)).unwrap();
        let mut fetch = apt.command("sh");
        let line = format!("cd {to} && apt-get source --download-only {asked}");
        crate::harness::run(fetch.args(["-c", &line])).ok();
        let dsc = apt.inside(&format!("{to}/hello_{version}.dsc"));
        let unpacked = apt.inside(&format!("{to}/unpacked"));
        DebianTree::unpack(&dsc, &unpacked).ok();
        let changelog = fs::read_to_string(unpacked.join("debian/changelog")).unwrap();
        assert!(
            changelog.starts_with(&format!("hello ({version})")),
            "{changelog}"
        );
    }
    apt.apt_get(&["source", "--download-only", "hello=3.0-1"])
        .fails()
        .says(&["Can not find version '3.0-1'"]);
}

#[test]
fn an_import_of_a_directory_takes_source_packages_with_their_files() {
    let (yard, tree) = (Yard::new(), DebianTree::new());
    let dsc = tree.dsc("1.0-1");
    let away = TempDir::new().unwrap();
    for name in [
        "hello_1.0-1.dsc",
        "hello_1.0.orig.tar.gz",
        "hello_1.0-1.debian.tar.xz",
    ] {
        fs::copy(tree.path(name), away.path().join(name)).unwrap();
    }
    let from = away.path().to_str().unwrap();
    command(&yard, &["import", from, "--dry-run"]).ok();
    command(&yard, &["import", from]).ok();
    let pool = format!("/main/apt/pool/{}/hello_1.0.orig.tar.gz", sha256(&dsc));
    get(&yard.url(&pool)).is(200);

    // In the same process the files are read where they lie; a missing one is told.
    let data = TempDir::new().unwrap();
    let data = data.path().join("data");
    fs::remove_file(away.path().join("hello_1.0.orig.tar.gz")).unwrap();
    packyard(["import", from, "--data", data.to_str().unwrap()])
        .fails()
        .says(&["names files that are not here", "hello_1.0.orig.tar.gz"]);
    fs::copy(
        tree.path("hello_1.0.orig.tar.gz"),
        away.path().join("hello_1.0.orig.tar.gz"),
    )
    .unwrap();
    packyard(["import", from, "--data", data.to_str().unwrap()]).ok();
    packyard(["publish", dsc.to_str().unwrap(), "--data", data.to_str().unwrap()])
        .ok()
        .says(&["unchanged"]);
}

#[test]
fn what_a_channel_no_longer_keeps_is_collected_with_its_files_but_for_those_that_others_need() {
    let (yard, tree) = (Yard::new(), DebianTree::new());
    command(&yard, &["channel", "set", "main", "--keep", "1"]).ok();
    let first = tree.dsc("1.0-1");
    publish(&yard, &first, &["--distribution", "bookworm"]).ok();
    let second = tree.dsc("1.0-2");
    publish(&yard, &second, &["--distribution", "bookworm"]).ok();
    let (orig, old) = (
        tree.path("hello_1.0.orig.tar.gz"),
        tree.path("hello_1.0-1.debian.tar.xz"),
    );
    assert!(blobs(&yard, &orig) && blobs(&yard, &old));
    // Both are of one release of the upstream's, which is kept whole.
    command(&yard, &["gc", "--grace", "0"]).ok();
    assert!(blobs(&yard, &old));
    command(&yard, &["remove", "hello_1.0-1.dsc", "--channel", "main"]).ok();
    command(&yard, &["gc", "--grace", "0"]).ok();
    assert!(blobs(&yard, &orig) && !blobs(&yard, &old));
    let pool = format!("/main/apt/pool/{}/hello_1.0-1.debian.tar.xz", sha256(&first));
    get(&yard.url(&pool)).is(410);
    packyard(["fsck", "--data", yard.data().to_str().unwrap()]).ok();

    // A copy holds what is kept, and can be taken in elsewhere.
    let copy = TempDir::new().unwrap();
    let to = copy.path().join("copy");
    command(&yard, &["export", "main", to.to_str().unwrap()]).ok();
    let exported = to.join(format!("apt/pool/{}/hello_1.0.orig.tar.gz", sha256(&second)));
    assert_eq!(fs::read(exported).unwrap(), fs::read(&orig).unwrap());
}

#[test]
fn a_draft_holds_a_source_package_and_its_files_until_it_is_committed() {
    let (yard, tree) = (Yard::new(), DebianTree::new());
    let dsc = tree.dsc("1.0-1");
    let sources = || get(&yard.url("/main/apt/dists/bookworm/main/source/Sources"));
    publish(&yard, &dsc, &["--distribution", "bookworm", "--draft", "v1"]).ok();
    assert!(!sources().text().contains("hello"), "a draft shows");
    let alias = yard.url("/main/apt/pool/bookworm/main/hello/hello_1.0.orig.tar.gz");
    get(&alias).is(404);
    // Collecting garbage meanwhile leaves it what it needs.
    command(&yard, &["gc", "--grace", "0"]).ok();
    command(&yard, &["publish", "--commit", "v1"]).ok();
    assert!(sources().is(200).text().contains("hello_1.0-1.debian.tar.xz"));
    assert_eq!(
        get(&alias).is(200).body,
        fs::read(tree.path("hello_1.0.orig.tar.gz")).unwrap()
    );
}
