//! Several processes on one data directory: a writer, readers, and commands beside them.

use std::thread;
use std::time::{Duration, Instant};

use crate::durability::{assert_same, everything};
use crate::harness::{Project, Request, Server, SmallDeb, Yard, get, packyard};

/// A second server that only reads.
fn reader(yard: &Yard) -> (Server, String) {
    let data = yard.data();
    let args = [
        "serve",
        "--read-only",
        "--listen",
        "127.0.0.1:0",
        "--data",
        data.to_str().unwrap(),
    ];
    let mut server = Server::spawn(&args);
    let url = server.address("listening on ");
    (server, url)
}

#[test]
fn a_reader_shows_within_a_second_what_the_writer_publishes_and_writes_nothing() {
    let (mut yard, project) = Yard::with_hello_world();
    let (_reader, url) = reader(&yard);
    for path in [
        "/main/apt/dists/any/InRelease",
        "/main/simple/hello-world/",
        "/main/yum/any/x86_64/repodata/repomd.xml",
    ] {
        assert!(
            get(&format!("{url}{path}")).is(200).body == get(&yard.url(path)).is(200).body,
            "{path} differs"
        );
    }
    for version in ["1.1.4", "1.1.5", "1.1.6"] {
        project.bump(version);
        yard.publish(&project.build());
        let published = Instant::now();
        while !get(&format!("{url}/main/simple/hello-world/"))
            .is(200)
            .text()
            .contains(version)
        {
            assert!(
                published.elapsed() < Duration::from_secs(1),
                "{version} is not shown"
            );
            thread::sleep(Duration::from_millis(10));
        }
    }
    let before = yard.revision();
    let more = SmallDeb::new("more", "1.0-1");
    let deb = more.build();
    let token = yard.admin_token();
    let put = |url: &str| {
        Request::new(
            "PUT",
            &format!("{url}/main/apt/upload/any/main/more_1.0-1_all.deb"),
        )
        .token(&token)
        .send_file(&deb)
    };
    put(&url).problem(503, &["only reads", "process", "writes to it"]);
    assert_eq!(yard.revision(), before);
    put(&yard.url("")).is(201);

    // It goes on without the writer, and beside the next one.
    let served = everything(&yard);
    yard.kill();
    get(&format!("{url}/main/apt/dists/any/InRelease")).is(200);
    put(&url).problem(503, &["only reads", "no other"]);
    yard.start();
    assert_same(&served, &everything(&yard));
    Request::new("GET", &format!("{url}/readyz")).send().is(200);
}

#[test]
fn a_directory_that_is_no_yard_has_no_readers() {
    let room = tempfile::TempDir::new().unwrap();
    let data = room.path().to_str().unwrap();
    Server::refuses(&["serve", "--read-only", "--data", data, "--listen", "127.0.0.1:0"])
        .exits(1)
        .says(&["no yard"]);
    assert_eq!(std::fs::read_dir(room.path()).unwrap().count(), 0);
}

#[test]
fn commands_beside_a_server_and_uploads_leave_a_whole_yard() {
    let (yard, _) = Yard::with_hello_world();
    let data = yard.data();
    let data = data.to_str().unwrap();
    let backup = tempfile::TempDir::new().unwrap();
    let to = backup.path().join("backup");
    let before = yard.revision();
    let more = Project::greeter().build();
    let greeter = more.directory().to_str().unwrap();
    thread::scope(|scope| {
        let yard = &yard;
        for who in 0..2 {
            scope.spawn(move || {
                for n in 0..6 {
                    let name = format!("small-{who}-{n}");
                    SmallDeb::new(&name, "1.0-1")
                        .file("etc/x", &name)
                        .put(yard, "any/main")
                        .is(201);
                }
            });
        }
        scope.spawn(|| packyard(["publish", greeter, "--data", data]).ok());
        let commands: [Vec<&str>; 5] = [
            vec!["gc", "--grace", "0s"],
            vec!["reindex"],
            vec!["fsck"],
            vec!["backup", to.to_str().unwrap()],
            vec!["channel", "set", "main", "--keep", "9"],
        ];
        for command in commands {
            scope.spawn(move || {
                for _ in 0..3 {
                    packyard([command.as_slice(), &["--data", data]].concat()).ok();
                }
            });
        }
    });
    // Every upload is its own revision or shares one; none is lost.
    for who in 0..2 {
        for n in 0..6 {
            let package = format!("/main/packages/small-{who}-{n}");
            get(&yard.url(&package)).is(200);
        }
    }
    get(&yard.url("/main/packages/greeter")).is(200);
    assert!(yard.revision() > before);
    packyard(["fsck", "--data", data]).ok();
    packyard(["backup", to.to_str().unwrap(), "--data", data]).ok();
    packyard(["fsck", "--data", to.to_str().unwrap()]).ok();
}
