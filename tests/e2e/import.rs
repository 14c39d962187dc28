//! What another tool's repository serves, the channel serves after an import, as the real clients see both.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{
    AptRoot, DebianTree, Dist, DnfRoot, Outcome, Project, Venv, Yard, eventually, free_port, get, packyard,
    packyard_command, repository, revision, run, sha256, system_command, tool,
};

/// Two versions of one project, built.
fn two_versions() -> [Dist; 2] {
    let project = Project::hello_world();
    let first = project.build();
    project.bump("1.1.4");
    [first, project.build()]
}

/// Imports over HTTP, as the admin, and reads the report.
#[track_caller]
fn import(yard: &Yard, source: &str, more: &[&str]) -> Value {
    serde_json::from_str(&imported(yard, source, more).ok().stdout).unwrap()
}

fn imported(yard: &Yard, source: &str, more: &[&str]) -> Outcome {
    let (server, token) = (yard.url(""), yard.admin_token());
    let mut args = vec!["--json", "import", source, "--server", &server, "--token", &token];
    args.extend(more);
    packyard(args)
}

/// A directory, served as any web server would.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn of(directory: &Path) -> Self {
        let port = free_port();
        let mut python = Command::new("python3");
        python.args(["-m", "http.server", "--bind", "127.0.0.1", &port.to_string()]);
        let quiet = python
            .current_dir(directory)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let (child, url) = (quiet.spawn().unwrap(), format!("http://127.0.0.1:{port}"));
        eventually("the web server", || {
            std::net::TcpStream::connect(("127.0.0.1", port)).ok()
        });
        Self { child, url }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A reprepro tree: 1.1.3 in bookworm/main, 1.1.4 in trixie/contrib.
fn reprepro(at: &Path) -> PathBuf {
    let [old, new] = two_versions();
    let tree = at.join("tree");
    fs::create_dir_all(tree.join("conf")).unwrap();
    let distribution = |name: &str, suite: &str| {
        format!(
            "Origin: Example\nLabel: Samples\nSuite: {suite}\nCodename: {name}\nVersion: 12.1\nDescription: samples for {name}\nArchitectures: amd64 arm64\nComponents: main contrib\n"
        )
    };
    let both = [
        distribution("bookworm", "oldstable"),
        distribution("trixie", "stable"),
    ];
    fs::write(tree.join("conf/distributions"), both.join("\n")).unwrap();
    let include = |name: &str, component: &str, deb: &Path| {
        let mut reprepro = system_command("reprepro");
        reprepro
            .args(["--silent", "-b"])
            .arg(&tree)
            .args(["-C", component, "includedeb", name]);
        run(reprepro.arg(deb)).ok();
    };
    include("bookworm", "main", &old.deb());
    include("trixie", "contrib", &new.deb());
    tree
}

/// What apt shows of the package, but for where it lies. A long description may be in a translation, which apt finds by the
/// MD5 of it: then it is shown by the language, and one that is not found is missing here.
fn available(root: &AptRoot, source: &str) -> Vec<String> {
    root.write("etc/apt/sources.list", source);
    root.apt_get(&["update"]).ok();
    let dump = root.run("apt-cache", &["show", "hello-world"]).ok().stdout;
    let own = |line: &&str| {
        !["Filename:", "MD5sum:", "SHA1:", "SHA512:", "Description-md5:"]
            .iter()
            .any(|f| line.starts_with(f))
    };
    let stanza = |s: &str| {
        let shown = s.replace("Description-en:", "Description:");
        let mut lines: Vec<&str> = shown.lines().filter(own).collect();
        lines.sort_unstable();
        lines.join("\n")
    };
    let mut stanzas: Vec<String> = dump
        .split("\n\n")
        .map(stanza)
        .filter(|s| s.contains("hello-world"))
        .collect();
    stanzas.sort();
    stanzas
}

#[test]
fn apt_sees_of_an_imported_reprepro_tree_what_it_saw_of_the_tree() {
    let (work, yard, root) = (TempDir::new().unwrap(), Yard::new(), AptRoot::new());
    let tree = reprepro(work.path());
    let report = import(&yard, tree.to_str().unwrap(), &[]);
    assert_eq!(report["published"], 2, "{report}");
    let served = Served::of(&tree);
    for (distribution, component) in [("bookworm", "main"), ("trixie", "contrib")] {
        let old = available(
            &root,
            &format!("deb [trusted=yes] {} {distribution} {component}\n", served.url),
        );
        let url = yard.url("/main/apt");
        let new = available(
            &root,
            &format!("deb [trusted=yes] {url} {distribution} {component}\n"),
        );
        assert_eq!(old.len(), 1, "{old:?}");
        assert!(old[0].contains("nothing but the standard library"), "{old:?}");
        assert_eq!(old, new);
    }
    let release = get(&yard.url("/main/apt/dists/bookworm/Release")).is(200);
    for line in [
        "Origin: Example",
        "Label: Samples",
        "Suite: oldstable",
        "Codename: bookworm",
        "Version: 12.1",
    ] {
        assert!(release.text().contains(line), "no `{line}`: {}", release.text());
    }
}

#[test]
fn a_source_package_of_a_reprepro_tree_comes_with_its_files() {
    let work = TempDir::new().unwrap();
    let tree = with_source(work.path());
    let yard = Yard::new();
    let report = import(&yard, tree.to_str().unwrap(), &[]);
    assert_eq!(report["published"], 3, "{report}");
    let sources = get(&yard.url("/main/apt/dists/bookworm/main/source/Sources")).is(200);
    assert!(
        sources.text().contains("hello_1.0.orig.tar.gz"),
        "{}",
        sources.text()
    );
    get(&yard.url("/main/apt/pool/bookworm/main/hello/hello_1.0.orig.tar.gz")).is(200);
}

#[test]
fn a_source_package_at_a_url_comes_with_its_files_and_apt_gets_the_same() {
    let work = TempDir::new().unwrap();
    let tree = with_source(work.path());
    let (served, yard) = (Served::of(&tree), Yard::new());
    let url = format!("{}/dists/bookworm/", served.url);
    let rehearsed = import(&yard, &url, &["--dry-run"]);
    assert_eq!(
        rehearsed["planned"].as_array().map(Vec::len),
        Some(2),
        "{rehearsed}"
    );
    let report = import(&yard, &url, &[]);
    assert_eq!(
        (&report["published"], &report["left_out"], &report["passed_over"]),
        (&2.into(), &serde_json::json!([]), &serde_json::json!([])),
        "{report}"
    );
    let again = import(&yard, &url, &[]);
    assert_eq!(
        (&again["published"], &again["unchanged"]),
        (&0.into(), &2.into()),
        "{again}"
    );

    let root = AptRoot::new();
    let source = format!("deb-src [trusted=yes] {} bookworm main\n", yard.url("/main/apt"));
    root.write("etc/apt/sources.list", &source);
    root.apt_get(&["update"]).ok();
    root.apt_get(&["source", "--download-only", "hello"]).ok();
    for name in [
        "hello_1.0-1.dsc",
        "hello_1.0.orig.tar.gz",
        "hello_1.0-1.debian.tar.xz",
    ] {
        let theirs = fs::read(tree.join("pool/main/h/hello").join(name)).unwrap();
        assert_eq!(fs::read(root.inside(name)).unwrap(), theirs, "{name}");
    }
}

#[test]
fn an_apt_source_of_one_kind_brings_the_packages_of_that_kind() {
    let work = TempDir::new().unwrap();
    let served = Served::of(&with_source(work.path()));
    for (kind, brings) in [
        ("deb", "hello-world_1.1.3-1_all.deb"),
        ("deb-src", "hello_1.0-1.dsc"),
    ] {
        let yard = Yard::new();
        let report = import(
            &yard,
            &format!("{kind} {} bookworm main", served.url),
            &["--dry-run"],
        );
        let planned = report["planned"].as_array().unwrap();
        assert!(
            planned.len() == 1 && planned[0].to_string().contains(brings),
            "{report}"
        );
    }
}

#[test]
fn a_source_package_at_a_url_whose_files_are_not_what_sources_says_is_left_out_by_name() {
    let work = TempDir::new().unwrap();
    let tree = with_source(work.path());
    let orig = tree.join("pool/main/h/hello/hello_1.0.orig.tar.gz");
    let mut bytes = fs::read(&orig).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&orig, bytes).unwrap();
    let (served, yard) = (Served::of(&tree), Yard::new());
    let outcome = imported(&yard, &format!("deb-src {} bookworm main", served.url), &[]).exits(1);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let left_out = report["left_out"].to_string();
    assert!(
        left_out.contains("hello_1.0-1.dsc") && left_out.contains("hello_1.0.orig.tar.gz"),
        "{report}"
    );
    let sources = get(&yard.url("/main/apt/dists/bookworm/main/source/Sources"));
    assert!(!sources.text().contains("hello"), "{}", sources.text());
}

/// The same tree, with a source package in bookworm/main.
fn with_source(at: &Path) -> PathBuf {
    let debian = DebianTree::new();
    let (tree, dsc) = (reprepro(at), debian.dsc("1.0-1"));
    let conf = tree.join("conf/distributions");
    let with_source = fs::read_to_string(&conf)
        .unwrap()
        .replace("amd64 arm64", "amd64 arm64 source");
    fs::write(&conf, with_source).unwrap();
    let mut reprepro = system_command("reprepro");
    reprepro.args(["--silent", "-b"]).arg(&tree);
    run(reprepro
        .args([
            "-C",
            "main",
            "-S",
            "misc",
            "-P",
            "optional",
            "includedsc",
            "bookworm",
        ])
        .arg(&dsc))
    .ok();
    tree
}

#[test]
fn a_pasted_line_of_sources_list_is_answered_with_the_form_that_is_taken() {
    let yard = Yard::new();
    let line = "deb [signed-by=/etc/apt/keyrings/x.gpg] http://localhost/debian bookworm main";
    imported(&yard, line, &[])
        .exits(2)
        .says(&["packyard import \"deb http://localhost/debian bookworm main\""]);
}

#[test]
fn an_apt_repository_at_a_url_is_imported_by_its_distribution() {
    let work = TempDir::new().unwrap();
    let served = Served::of(&reprepro(work.path()));
    for source in [
        format!("{}/dists/trixie/", served.url),
        format!("deb {} trixie contrib", served.url),
    ] {
        let yard = Yard::new();
        let report = import(&yard, &source, &[]);
        assert_eq!(
            (&report["published"], report["left_out"].as_array().unwrap().len()),
            (&1.into(), 0),
            "{report}"
        );
        let packages = get(&yard.url("/main/apt/dists/trixie/contrib/binary-amd64/Packages")).is(200);
        assert!(packages.text().contains("Version: 1.1.4"), "{}", packages.text());
    }
}

#[test]
fn apt_sees_of_an_imported_aptly_tree_what_it_saw_of_the_tree() {
    let (work, yard, root) = (TempDir::new().unwrap(), Yard::new(), AptRoot::new());
    let [old, _] = two_versions();
    let config = work.path().join("aptly.conf");
    let json = serde_json::json!({ "rootDir": work.path().join("aptly"), "architectures": ["amd64"] });
    fs::write(&config, json.to_string()).unwrap();
    let aptly = |args: &[&str]| {
        let mut aptly = system_command("aptly");
        run(aptly.arg("-config").arg(&config).args(args)).ok();
    };
    aptly(&[
        "repo",
        "create",
        "-distribution=bookworm",
        "-component=extra",
        "samples",
    ]);
    aptly(&["repo", "add", "samples", old.deb().to_str().unwrap()]);
    aptly(&["publish", "repo", "-skip-signing", "-origin=Example", "samples"]);
    let tree = work.path().join("aptly/public");
    import(&yard, tree.to_str().unwrap(), &[]);
    let served = Served::of(&tree);
    let before = available(
        &root,
        &format!("deb [trusted=yes] {} bookworm extra\n", served.url),
    );
    let after = available(
        &root,
        &format!("deb [trusted=yes] {} bookworm extra\n", yard.url("/main/apt")),
    );
    assert_eq!(before.len(), 1);
    assert_eq!(before, after);
}

/// A directory of two .rpm files with createrepo_c's metadata.
fn createrepo(at: &Path) -> PathBuf {
    let tree = at.join("el9");
    fs::create_dir_all(tree.join("packages")).unwrap();
    for dist in two_versions() {
        let rpm = dist.rpm();
        fs::copy(&rpm, tree.join("packages").join(rpm.file_name().unwrap())).unwrap();
    }
    run(system_command("createrepo_c").arg("--quiet").arg(&tree)).ok();
    tree
}

fn queried(root: &DnfRoot, repo: &str) -> Vec<String> {
    let format = "%{name} %{evr} %{arch} %{summary} %{license} %{requires} %{provides} %{installsize}";
    let only = format!("--repo={repo}");
    let answer = root
        .dnf(&["repoquery", &only, "--quiet", "--queryformat", format])
        .ok();
    let mut lines: Vec<String> = answer.stdout.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn dnf_sees_of_an_imported_createrepo_directory_what_it_saw_of_the_directory() {
    let (work, yard, root) = (TempDir::new().unwrap(), Yard::new(), DnfRoot::new());
    let tree = createrepo(work.path());
    let report = import(&yard, tree.to_str().unwrap(), &["--distribution", "el9"]);
    assert_eq!(report["published"], 2, "{report}");
    root.add_repo(
        "old",
        &format!("[old]\nname=old\nbaseurl=file://{}\ngpgcheck=0\n", tree.display()),
    );
    let url = yard.url("/main/yum/el9/x86_64/");
    root.add_repo("new", &format!("[new]\nname=new\nbaseurl={url}\ngpgcheck=0\n"));
    let old = queried(&root, "old");
    // Lists of relations are lines of their own in the answer.
    for version in ["1.1.3-1", "1.1.4-1"] {
        let line = format!("hello-world {version} noarch");
        assert!(old.iter().any(|l| l.starts_with(&line)), "{old:?}");
    }
    assert_eq!(old, queried(&root, "new"));
}

#[test]
fn a_yum_baseurl_is_imported_and_what_is_known_is_not_fetched_again() {
    let (work, yard) = (TempDir::new().unwrap(), Yard::new());
    let tree = createrepo(work.path());
    let served = Served::of(&tree);
    let report = import(&yard, &served.url, &["--distribution", "el9"]);
    assert_eq!(report["published"], 2, "{report}");
    // The index still names the packages; whoever wanted to fetch one again would find nothing.
    fs::remove_dir_all(tree.join("packages")).unwrap();
    let again = import(&yard, &served.url, &["--distribution", "el9"]);
    assert_eq!(
        (&again["published"], &again["unchanged"]),
        (&0.into(), &2.into()),
        "{again}"
    );
}

/// What pip finds and downloads of a project: filenames and digests.
fn downloaded(index: &str, project: &str) -> Vec<(String, String)> {
    let to = TempDir::new().unwrap();
    let pip = || {
        let mut pip = Venv::tool("pip");
        pip.args(["--isolated", "--disable-pip-version-check"]);
        pip
    };
    for binary in ["--only-binary=:all:", "--no-binary=:all:"] {
        let mut command = pip();
        command.args([
            "download",
            "--no-deps",
            "--no-build-isolation",
            "--no-cache-dir",
            "--index-url",
            index,
            binary,
            "--dest",
        ]);
        run(command.env("PYTHONPATH", "").arg(to.path()).arg(project)).ok();
    }
    Dist::at(to.path().to_owned()).digests()
}

#[test]
fn pip_downloads_of_an_imported_devpi_export_the_files_that_devpi_held() {
    let yard = Yard::new();
    let export = repository().join("fixtures/devpi-export");
    let report = import(&yard, export.to_str().unwrap(), &[]);
    // Two of the files are in both indexes.
    assert_eq!(report["published"], 4, "{report}");
    assert_eq!(report["duplicates"].as_array().unwrap().len(), 2, "{report}");
    for project in ["devpi-alpha", "devpi-beta"] {
        let page = Request::simple(&yard, project);
        for file in page["files"].as_array().unwrap() {
            assert!(
                file["upload-time"]
                    .as_str()
                    .unwrap()
                    .starts_with("2026-11-21T11:02:"),
                "{file}"
            );
            let name = file["filename"].as_str().unwrap();
            let held = fs::read_dir(export.join("ada/dev").join(project))
                .unwrap()
                .next()
                .unwrap()
                .unwrap();
            let original = sha256(&fs::read(held.path().join(name)).unwrap());
            assert_eq!(file["hashes"]["sha256"], original.as_str(), "{name}");
        }
    }
}

struct Request;

impl Request {
    fn simple(yard: &Yard, project: &str) -> Value {
        let url = yard.url(&format!("/main/simple/{project}/"));
        let request = crate::harness::Request::new("GET", &url);
        request
            .header("accept", "application/vnd.pypi.simple.v1+json")
            .send()
            .is(200)
            .json()
    }
}

#[test]
fn pip_sees_of_an_imported_pypiserver_what_it_saw_of_the_server() {
    let (work, yard) = (TempDir::new().unwrap(), Yard::new());
    for dist in two_versions() {
        for file in [dist.wheel(), dist.sdist()] {
            fs::copy(&file, work.path().join(file.file_name().unwrap())).unwrap();
        }
    }
    let port = free_port();
    let mut peer = Command::new(tool("venv/bin/pypi-server"));
    peer.args([
        "run",
        "--disable-fallback",
        "-i",
        "127.0.0.1",
        "-p",
        &port.to_string(),
    ]);
    let child = peer
        .arg(work.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let served = Served {
        child,
        url: format!("http://127.0.0.1:{port}"),
    };
    eventually("pypiserver", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok()
    });
    let index = format!("{}/simple/", served.url);
    let report = import(&yard, &index, &[]);
    assert_eq!(report["published"], 4, "{report}");
    assert_eq!(
        downloaded(&index, "hello-world"),
        downloaded(&yard.url("/main/simple/"), "hello-world")
    );
    // The directory below the server holds the same.
    let again = import(&yard, work.path().to_str().unwrap(), &[]);
    assert_eq!(
        (&again["published"], &again["unchanged"]),
        (&0.into(), &4.into()),
        "{again}"
    );
}

/// A mixed directory with one package of each kind, and everything that can be wrong beside them.
fn damaged(at: &Path) -> PathBuf {
    let [old, new] = two_versions();
    let dir = at.join("mixed");
    for (sub, files) in [
        ("a", vec![old.deb(), old.rpm(), old.wheel(), old.sdist()]),
        ("b", vec![old.deb()]),
    ] {
        fs::create_dir_all(dir.join(sub)).unwrap();
        for file in files {
            fs::copy(&file, dir.join(sub).join(file.file_name().unwrap())).unwrap();
        }
    }
    let whole = fs::read(new.deb()).unwrap();
    let name = new.deb().file_name().unwrap().to_owned();
    fs::write(dir.join("a").join(name), &whole[..whole.len() / 2]).unwrap();
    // Another package under a name that is taken.
    fs::create_dir_all(dir.join("c")).unwrap();
    fs::write(
        dir.join("c").join(old.wheel().file_name().unwrap()),
        fs::read(new.wheel()).unwrap(),
    )
    .unwrap();
    fs::write(dir.join("a/hello-world_1.1.3-1.dsc"), "Format: 3.0 (quilt)\n").unwrap();
    // The .dsc that would name it is elsewhere.
    fs::create_dir_all(dir.join("d")).unwrap();
    fs::write(dir.join("d/hello-world_1.1.3.orig.tar.gz"), "x").unwrap();
    fs::write(dir.join("a/notes.txt"), "nobody asked\n").unwrap();
    dir
}

#[test]
fn what_is_damaged_or_there_twice_is_listed_and_the_rest_goes_in() {
    let work = TempDir::new().unwrap();
    let dir = damaged(work.path());
    let data = work.path().join("data");
    let local = [
        "--json",
        "import",
        dir.to_str().unwrap(),
        "--data",
        data.to_str().unwrap(),
    ];
    let yard = Yard::new();
    // Over HTTP and on a data directory alike.
    for outcome in [imported(&yard, dir.to_str().unwrap(), &[]), packyard(local)] {
        let outcome = outcome.exits(1).says(&["3 files were left out"]);
        let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(report["published"], 4, "{report}");
        let files = |list: &str| -> Vec<String> {
            let list = report[list].as_array().unwrap().iter();
            list.map(|l| {
                l["file"]
                    .as_str()
                    .unwrap()
                    .rsplit_once("mixed/")
                    .unwrap()
                    .1
                    .to_owned()
            })
            .collect()
        };
        assert_eq!(files("duplicates"), ["b/hello-world_1.1.3-1_all.deb"]);
        assert_eq!(files("passed_over"), ["d/hello-world_1.1.3.orig.tar.gz"]);
        let mut left_out = files("left_out");
        left_out.sort();
        assert_eq!(
            left_out,
            [
                "a/hello-world_1.1.3-1.dsc",
                "a/hello-world_1.1.4-1_all.deb",
                "c/hello_world-1.1.3-py3-none-any.whl"
            ]
        );
    }
}

#[test]
fn a_dry_run_says_what_would_go_in_and_changes_nothing() {
    let (work, yard) = (TempDir::new().unwrap(), Yard::new());
    let tree = createrepo(work.path());
    let before = yard.revision();
    let report = import(
        &yard,
        tree.to_str().unwrap(),
        &["--dry-run", "--distribution", "el9"],
    );
    assert_eq!(report["planned"].as_array().unwrap().len(), 2, "{report}");
    assert_eq!(report["planned"][0]["distribution"], "el9");
    assert_eq!(yard.revision(), before);
}

#[test]
fn a_dry_run_leaves_out_what_the_import_leaves_out_and_names_new_distributions() {
    let (work, yard) = (TempDir::new().unwrap(), Yard::new());
    let dir = damaged(work.path());
    let report = |dry: &[&str], dir: &Path| -> Value {
        let outcome = imported(&yard, dir.to_str().unwrap(), dry);
        serde_json::from_str(&outcome.stdout).unwrap()
    };
    let mut went = Vec::new();
    for dry in [&["--dry-run"][..], &[]] {
        let report = report(dry, &dir);
        let list = report["left_out"].as_array().unwrap().iter();
        let mut left_out: Vec<String> = list.map(|l| l["file"].to_string()).collect();
        left_out.sort();
        went.push((report["published"].clone(), left_out));
    }
    assert_eq!(went[0], went[1]);
    let again = report(&["--dry-run"], &dir);
    assert_eq!((&again["published"], &again["unchanged"]), (&0.into(), &4.into()));
    let tree = reprepro(work.path());
    for dry in [&["--dry-run"][..], &[]] {
        let created = &report(dry, &tree)["created"];
        assert_eq!(created[0]["name"], "bookworm", "{created}");
        assert_eq!(created[0]["suite"], "oldstable", "{created}");
        assert_eq!(created[1]["origin"], "Example", "{created}");
    }
    // A place that is no yard yet stays none.
    let data = work.path().join("none");
    let (tree, new) = (tree.to_str().unwrap(), data.to_str().unwrap());
    packyard(["import", tree, "--dry-run", "--data", new])
        .ok()
        .says(&["would create distribution bookworm (Suite oldstable, Origin Example)"]);
    assert!(!data.exists());
}

#[test]
fn what_was_purged_is_left_out_by_name_and_the_rest_goes_in() {
    let (work, yard) = (TempDir::new().unwrap(), Yard::new());
    let [old, new] = two_versions();
    for deb in [old.deb(), new.deb()] {
        fs::copy(&deb, work.path().join(deb.file_name().unwrap())).unwrap();
    }
    yard.publish(&old);
    let (server, token) = (yard.url(""), yard.admin_token());
    let digest = sha256(&fs::read(old.deb()).unwrap());
    let purge = ["purge", &digest, "--reason", "leaked", "--yes"];
    packyard(purge.iter().chain(&["--server", &server, "--token", &token])).ok();
    for dry in [&["--dry-run"][..], &[]] {
        let outcome = imported(&yard, work.path().to_str().unwrap(), dry).exits(1);
        let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(report["published"], 1, "{report}");
        let left_out = &report["left_out"][0];
        let name = old.deb().file_name().unwrap().to_str().unwrap().to_owned();
        assert!(left_out["file"].as_str().unwrap().ends_with(&name), "{report}");
        assert!(
            left_out["reason"].as_str().unwrap().contains("leaked"),
            "{report}"
        );
    }
}

#[test]
fn an_import_that_is_run_twice_changes_nothing() {
    let (work, yard) = (TempDir::new().unwrap(), Yard::new());
    let tree = reprepro(work.path());
    import(&yard, tree.to_str().unwrap(), &[]);
    let at = yard.revision();
    let again = import(&yard, tree.to_str().unwrap(), &[]);
    assert_eq!(
        (&again["published"], &again["unchanged"]),
        (&0.into(), &2.into()),
        "{again}"
    );
    assert_eq!(yard.revision(), at);
}

#[test]
fn an_index_that_promises_other_bytes_is_not_believed() {
    let (work, yard) = (TempDir::new().unwrap(), Yard::new());
    let tree = createrepo(work.path());
    // The file is a good package, only not the one that the index lists under this name.
    let packages: Vec<PathBuf> = fs::read_dir(tree.join("packages"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    fs::copy(&packages[0], &packages[1]).unwrap();
    let outcome = imported(&yard, tree.to_str().unwrap(), &[]).exits(1);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["published"], 1, "{report}");
    let reason = report["left_out"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("as its index says"), "{reason}");
}

#[test]
fn a_killed_import_leaves_nothing_half_done_and_the_next_one_finishes_it() {
    let work = TempDir::new().unwrap();
    let tree = createrepo(work.path());
    let data = work.path().join("data");
    let args = ["import", tree.to_str().unwrap(), "--data", data.to_str().unwrap()];
    for patience_ms in [1, 40, 80, 120, 200] {
        let mut child = packyard_command(args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(patience_ms));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    packyard(args).ok();
    packyard(["fsck", "--data", data.to_str().unwrap()]).ok();
    let at = revision(&data);
    packyard(args).ok().says(&["2 were there"]);
    assert_eq!(revision(&data), at);
}

#[test]
fn a_directory_that_is_no_repository_is_named_and_the_rest_goes_in() {
    let at = TempDir::new().unwrap();
    let built = Project::hello_world().build();
    let packages = at.path().join("packages");
    fs::create_dir_all(packages.join("dists/attic")).unwrap();
    fs::create_dir_all(packages.join("broken/repodata")).unwrap();
    fs::write(packages.join("broken/repodata/repomd.xml"), "half a file").unwrap();
    fs::copy(
        built.deb(),
        packages.join("dists/attic").join(name_of(&built.deb())),
    )
    .unwrap();
    fs::copy(built.wheel(), packages.join(name_of(&built.wheel()))).unwrap();
    let yard = Yard::new();
    let outcome = imported(&yard, packages.to_str().unwrap(), &[]).exits(1);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["published"], 2);
    let left_out = report["left_out"].to_string();
    for part in ["packages/dists\"", "packages/broken\""] {
        assert!(left_out.contains(part), "{left_out}");
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}
