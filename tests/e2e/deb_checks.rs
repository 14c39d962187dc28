//! What a repository refuses of a .deb is refused at the upload, all of it told; and a distribution may take only newer
//! versions.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::harness::{Outcome, SmallDeb, Yard, get, packyard};

/// `packyard …` on a yard, as its admin.
fn as_admin(yard: &Yard, args: &[&str]) -> Outcome {
    let (url, token) = (yard.url(""), yard.admin_token());
    let mut all = args.to_vec();
    all.extend(["--server", &url, "--token", &token]);
    packyard(all)
}

#[test]
fn an_upload_that_is_broken_is_a_422_that_lists_every_fault() {
    let yard = Yard::new();
    let deb = SmallDeb::new("tool", "1.0")
        .field("Depends", "libc6 (>= 2.0, libx")
        .field("Provides", "virtual (>= 1)")
        .field("Priority", "urgent")
        .file("DEBIAN/conffiles", "/etc/tool.conf\n")
        .file("DEBIAN/postinst", "echo no interpreter\n");
    let ahead = SystemTime::now() + Duration::from_hours(72);
    let file = deb.tree().join("usr/share/tool/version");
    std::fs::File::open(file).unwrap().set_modified(ahead).unwrap();
    let deb = deb.files_until(ahead.duration_since(UNIX_EPOCH).unwrap().as_secs());
    let revision = yard.revision();
    let reply = deb
        .put(&yard, "bookworm/main")
        .problem(422, &["things are wrong"]);
    let problems = reply.json()["problems"].as_array().unwrap().clone();
    for (entry, words) in [
        (
            "control",
            "its field `Depends`: `libc6 (>= 2.0` has no closing parenthesis",
        ),
        (
            "control",
            "its field `Provides`: `virtual (>= 1)` provides other than one version",
        ),
        (
            "control",
            "its field `Priority` is `urgent`, which is no priority",
        ),
        (
            "conffiles",
            "`/etc/tool.conf` is a file that the package does not have",
        ),
        ("postinst", "it is a script that does not begin with `#!`"),
        ("usr/share/tool/version", "is more than a day ahead"),
    ] {
        let found = problems.iter().find(|problem| {
            let detail = problem["detail"].as_str().unwrap();
            problem["entry"] == entry && detail.contains(words) && detail.contains("tool_1.0_all.deb")
        });
        let found = found.unwrap_or_else(|| panic!("nothing says `{words}` of {entry}: {}", reply.text()));
        assert!(!found["hint"].as_str().unwrap().is_empty());
    }
    assert_eq!(yard.revision(), revision, "nothing of it was published");
}

#[test]
fn publish_and_check_say_the_same_of_a_broken_package() {
    let yard = Yard::new();
    let deb = SmallDeb::new("tool", "1.0")
        .field("Depends", "${misc:Depends}")
        .field("Multi-Arch", "same");
    let file = deb.build();
    let words = [
        "its field `Depends`: `${misc:Depends}` is a variable",
        "it is `Multi-Arch: same` and `Architecture: all`",
    ];
    packyard(["check", file.to_str().unwrap()])
        .fails()
        .says(&words)
        .says(&["refused"]);
    as_admin(&yard, &["publish", file.to_str().unwrap()])
        .fails()
        .says(&words);
}

#[test]
fn an_upload_that_makes_a_distribution_of_nearly_the_same_name_is_told() {
    let yard = Yard::new();
    SmallDeb::new("tool", "1.0").put(&yard, "bookworm/main").is(201);
    let made = SmallDeb::new("tool", "1.1").put(&yard, "bokworm/main").is(201);
    assert!(
        made.text().contains("did you mean `bookworm`?"),
        "{}",
        made.text()
    );
}

#[test]
fn a_distribution_may_take_only_newer_versions() {
    let yard = Yard::new();
    as_admin(
        &yard,
        &["distribution", "create", "main/stable", "--only-newer", "--zstd"],
    )
    .ok()
    .says(&["only newer: a package must be newer"]);
    as_admin(&yard, &["distribution", "show", "main/stable"])
        .ok()
        .says(&["only newer", "zstd"]);
    let page = get(&yard.url("/main/")).is(200);
    assert!(
        page.text().contains("only where that is newer"),
        "{}",
        page.text()
    );
    SmallDeb::new("tool", "1.10-1").put(&yard, "stable/main").is(201);
    let words = [
        "tool_1.9-1_all.deb",
        "is not newer than `tool_1.10-1_all.deb`",
        "set main/stable --no-only-newer",
    ];
    SmallDeb::new("tool", "1.9-1")
        .put(&yard, "stable/main")
        .problem(409, &words);
    SmallDeb::new("tool", "1.10~rc1-1")
        .put(&yard, "stable/main")
        .is(409);
    SmallDeb::new("tool", "1.9-1").put(&yard, "next/main").is(201);
    as_admin(
        &yard,
        &[
            "promote",
            "tool==1.9",
            "--from",
            "main/next",
            "--to",
            "main/stable",
        ],
    )
    .fails()
    .says(&["is not newer than `tool_1.10-1_all.deb`"]);
    SmallDeb::new("tool", "1:0.1-1").put(&yard, "stable/main").is(201);
    as_admin(
        &yard,
        &[
            "distribution",
            "set",
            "main/stable",
            "--no-only-newer",
            "--no-zstd",
        ],
    )
    .ok()
    .never_says(&["only newer", "zstd"]);
    SmallDeb::new("tool", "1.8-1").put(&yard, "stable/main").is(201);
}
