//! What others make of a channel: dnf's reposync, createrepo_c's own readers, and createrepo_c over a mirror.

use std::fs;
use std::path::Path;

use crate::harness::{Dnf5Root, DnfRoot, SmallRpm, Yard, get, run, system_command};

/// Reads a repository as createrepo_c 0.17 does, all at once.
const READ_AT_ONCE: &str = "
import sys, createrepo_c as cr
metadata = cr.Metadata()
metadata.locate_and_load_xml(sys.argv[1])
for key in metadata.keys():
    p = metadata.get(key)
    print(p.nevra(), p.pkgId == key, p.location_href, [f[2] for f in p.files], [c[2] for c in p.changelogs])
";

/// Reads it as createrepo_c 1.2 does, one after the other.
const READ_EACH: &str = "
import sys, createrepo_c as cr
reader = cr.RepositoryReader.from_path(sys.argv[1])
print('packages:', reader.package_count())
for p in reader.iter_packages():
    print(p.nevra(), p.location_href, [f[2] for f in p.files], [c[2] for c in p.changelogs])
print('advisories:', [a.id for a in reader.advisories()])
";

fn yard() -> Yard {
    let yard = Yard::new();
    SmallRpm::new("lamp", "1").subpackage("doc").put(&yard);
    SmallRpm::new("lamp", "2")
        .changes("- [bugfix] Shines brighter")
        .put(&yard);
    SmallRpm::new("door", "1").put(&yard);
    yard
}

/// Mirrors the channel into a directory, with its metadata as it is.
fn mirror(yard: &Yard, root: &DnfRoot, to: &Path) {
    let path = format!("--download-path={}", to.display());
    // It checks packages with the keys that rpm knows, and asks for none.
    let key = root.inside("/key.asc");
    fs::write(&key, get(&yard.url("/main/yum/key.asc")).is(200).body).unwrap();
    root.rpm(&["--import", key.to_str().unwrap()]).ok();
    let of = "--repoid=packyard-main-any";
    root.dnf_with_plugins(&[
        "reposync",
        of,
        "--norepopath",
        "--download-metadata",
        "--gpgcheck",
        &path,
    ])
    .ok()
    .never_says(&["Removing", "FAILED"]);
}

#[test]
fn createrepo_c_reads_a_mirror_and_makes_a_repository_of_it() {
    let yard = yard();
    let root = DnfRoot::of(&yard);
    let copy = root.inside("/mirror");
    mirror(&yard, &root, &copy);
    let mut read = system_command("python3");
    run(read.arg("-c").arg(READ_AT_ONCE).arg(&copy)).ok().says(&[
        "lamp-0:1-1.noarch True",
        "lamp-doc-0:1-1.noarch True",
        "lamp-0:2-1.noarch True",
        "door-0:1-1.noarch True",
        "Shines brighter",
        "'version'",
    ]);
    let mut packages = system_command("find");
    let found = run(packages.arg(&copy).args(["-name", "*.rpm"])).ok();
    assert_eq!(found.stdout.lines().count(), 4, "{found}");
    for package in found.stdout.lines() {
        root.rpm(&["-K", package]).ok().says(&["digests signatures OK"]);
    }

    // It takes over what the metadata says of packages that it finds again, and reads none of them.
    let mut update = system_command("createrepo_c");
    run(update.args(["--update", "--skip-stat", "--verbose"]).arg(&copy))
        .ok()
        .says(&["CACHE HIT"])
        .never_says(&["CACHE MISS"]);
    root.add_repo(
        "packyard",
        &format!(
            "[copy]\nname=copy\nbaseurl={}\ngpgcheck=1\ngpgkey=file://{}\n",
            copy.display(),
            root.inside("/key.asc").display()
        ),
    );
    root.dnf(&["install", "lamp", "door"]).ok();
    assert_eq!(root.installed("lamp").unwrap(), "2-1");
    root.dnf(&["repoquery", "--changelogs", "lamp-2"])
        .ok()
        .says(&["Shines brighter"]);
}

#[test]
fn createrepo_c_1_reads_and_merges_what_is_served() {
    let yard = yard();
    let (four, root) = (DnfRoot::of(&yard), Dnf5Root::new());
    let copy = root.inside("mirror");
    mirror(&yard, &four, &copy);
    root.run("python3", &["-c", READ_EACH, "/mirror"]).ok().says(&[
        "packages: 4",
        "lamp-0:1-1.noarch Packages/",
        "lamp-doc-0:1-1.noarch Packages/",
        "lamp-0:2-1.noarch Packages/",
        "door-0:1-1.noarch Packages/",
        "Shines brighter",
        "advisories: ['lamp-2-1']",
    ]);
    // By HTTP, beside another repository.
    let served = yard.url("/main/yum/any/x86_64/");
    // Without `--all` it keeps one version of each name, whichever it meets first.
    let merge = [
        "--all",
        "--repo",
        &served,
        "--repo",
        "/base",
        "--outputdir",
        "/merged",
    ];
    root.run("mergerepo_c", &merge).ok();
    root.run("python3", &["-c", READ_EACH, "/merged"])
        .ok()
        .says(&["lamp-0:2-1.noarch", "packyard-test-base-0:1-1.x86_64"]);
}

#[test]
fn dnf5_mirrors_a_channel() {
    let yard = yard();
    let root = Dnf5Root::of(&yard);
    // It checks packages with the keys that rpm knows, and asks for none.
    let key = get(&yard.url("/main/yum/key.asc")).is(200);
    fs::write(root.inside("key.asc"), &key.body).unwrap();
    root.rpm(&["--import", "/key.asc"]).ok();
    let args = [
        "reposync",
        "--repo=packyard-main-any",
        "--download-metadata",
        "--gpgcheck",
    ];
    root.dnf(&[&args[..], &["--download-path=/mirror"]].concat()).ok();
    let mut find = system_command("find");
    let found = run(find.arg(root.inside("mirror")).args(["-name", "*.rpm"])).ok();
    assert_eq!(found.stdout.lines().count(), 4, "{found}");
    root.run("python3", &["-c", READ_EACH, "/mirror/packyard-main-any"])
        .ok()
        .says(&["packages: 4"]);
}
