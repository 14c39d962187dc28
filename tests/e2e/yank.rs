//! Yank, remove and purge, as clients see them.

use crate::circle::{admin, apt_of, dnf_of, pip_version};
use crate::harness::{Request, Venv, Yard, get, packyard};

/// The path and digest of the newest wheel, from the simple page.
fn wheel_url(yard: &Yard) -> (String, String) {
    let page = Request::new("GET", &yard.url("/main/simple/hello-world/"))
        .header("accept", "application/vnd.pypi.simple.v1+json")
        .send()
        .is(200)
        .json();
    let files = page["files"].as_array().unwrap();
    let wheel = files
        .iter()
        .rfind(|f| f["filename"].as_str().unwrap().ends_with(".whl"))
        .unwrap();
    let url = wheel["url"].as_str().unwrap().trim_start_matches("../../");
    let digest = wheel["hashes"]["sha256"].as_str().unwrap();
    (format!("/main/{url}"), digest.to_owned())
}

#[test]
fn what_is_yanked_is_installed_only_by_version_and_listed_by_pip_alone() {
    let (yard, project) = Yard::with_hello_world();
    project.bump("1.1.4");
    yard.publish(&project.build());
    let reason = "it eats <files> & \"homes\"";
    admin(&yard, &["yank", "hello-world==1.1.4", "--reason", reason])
        .ok()
        .says(&["yanked"]);
    let venv = Venv::new();
    let index = yard.url("/main/simple/");
    venv.pip(&["install", "--index-url", &index, "hello-world"]).ok();
    assert!(pip_version(&venv).contains("1.1.3"));
    venv.pip(&["install", "--index-url", &index, "hello-world==1.1.4"])
        .ok()
        .says(&["yanked", reason]);
    let (apt, dnf) = (apt_of(&yard, "main"), dnf_of(&yard, "main"));
    apt.update();
    apt.run("apt-cache", &["madison", "hello-world"])
        .ok()
        .says(&["1.1.3"])
        .never_says(&["1.1.4"]);
    dnf.dnf(&["list", "--showduplicates", "hello-world"])
        .ok()
        .says(&["1.1.3"])
        .never_says(&["1.1.4"]);
    admin(&yard, &["unyank", "hello-world==1.1.4"]).ok();
    apt.update();
    apt.run("apt-cache", &["madison", "hello-world"])
        .ok()
        .says(&["1.1.4"]);
    dnf.dnf(&["list", "--showduplicates", "hello-world"])
        .ok()
        .says(&["1.1.4"]);
    venv.pip(&[
        "install",
        "--index-url",
        &index,
        "--force-reinstall",
        "hello-world",
    ])
    .ok();
    assert!(pip_version(&venv).contains("1.1.4"));
}

#[test]
fn what_is_removed_is_listed_nowhere_and_a_lock_file_still_gets_it() {
    let (yard, _) = Yard::with_hello_world();
    let (url, digest) = wheel_url(&yard);
    let before = yard.revision();
    admin(&yard, &["remove", "hello-world"])
        .exits(1)
        .says(&["hello-world==VERSION"]);
    admin(&yard, &["remove", "hello-world==1.1.3", "--reason", "too early"]).ok();
    get(&yard.url("/main/simple/hello-world/")).is(404);
    let listed = get(&yard.url("/main/apt/dists/any/main/binary-amd64/Packages")).is(200);
    assert_eq!(listed.text(), "");
    get(&yard.url(&url)).is(200);
    get(&yard.url(&format!("/main@{before}/simple/hello-world/"))).is(200);
    let artifact = yard.url(&format!("/api/v1/channels/main/artifacts/{digest}"));
    let again = Request::new("DELETE", &artifact)
        .token(&yard.admin_token())
        .send()
        .is(200);
    assert_eq!(again.json()["changed"].as_array().unwrap().len(), 0);
    let never = "0".repeat(64);
    Request::new("DELETE", &artifact.replace(&*digest, &never))
        .token(&yard.admin_token())
        .send()
        .problem(404, &[&never]);
}

#[test]
fn what_is_purged_is_gone_everywhere_with_the_reason_and_does_not_come_back() {
    let (yard, project) = Yard::with_hello_world();
    let before = yard.revision();
    let dist = project.build();
    let (url, digest) = wheel_url(&yard);
    let name = dist.deb().file_name().unwrap().to_str().unwrap().to_owned();
    let deb = crate::harness::sha256(&std::fs::read(dist.deb()).unwrap());
    let reason = "holds a private key";
    for digest in [&digest, &deb] {
        admin(&yard, &["purge", digest, "--reason", reason])
            .ok()
            .says(&["destroyed"]);
    }
    for path in [
        url.clone(),
        format!("{url}.metadata"),
        url.replacen("/main/", &format!("/main@{before}/"), 1),
        format!("/main/apt/pool/{deb}/{name}"),
        format!("/main/apt/pool/any/main/hello-world/{name}"),
        format!("/main@{before}/apt/pool/any/main/hello-world/{name}"),
    ] {
        get(&yard.url(&path)).problem(410, &[reason]);
    }
    let data = yard.data();
    let blob = data.join(format!(
        "store/blobs/sha256/{}/{}/{digest}",
        &digest[..2],
        &digest[2..4]
    ));
    assert!(!blob.exists());
    let directory = dist.directory().to_str().unwrap();
    admin(&yard, &["publish", directory])
        .exits(1)
        .says(&["410", reason]);
    assert!(!blob.exists());
    packyard(["fsck", "--data", data.to_str().unwrap()]).ok();
    admin(&yard, &["purge", &digest, "--reason", "again"])
        .ok()
        .says(&["nothing changed"]);
}
