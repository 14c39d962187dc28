//! Source packages in a repository of their own.

use std::fs;

use crate::harness::{DnfRoot, SmallRpm, Yard, get, packyard, run, system_command};

#[test]
fn dnf_downloads_and_mirrors_source_packages() {
    let yard = Yard::new();
    SmallRpm::new("lamp", "1").put(&yard);
    let root = DnfRoot::of(&yard);
    let to = root.inside("/sources");
    let directory = format!("--destdir={}", to.display());
    root.dnf_with_plugins(&["download", "--source", &directory, "lamp"])
        .ok();
    assert!(to.join("lamp-1-1.src.rpm").exists());
    let mirror = root.inside("/mirror");
    let path = format!("--download-path={}", mirror.display());
    root.dnf_with_plugins(&["reposync", "--source", "--repoid=packyard-main-any-source", &path])
        .ok();
    let mut find = system_command("find");
    run(find.arg(&mirror).args(["-name", "*.rpm"]))
        .ok()
        .says(&["lamp-1-1.src.rpm"]);
    let key = root.inside("/key.asc");
    fs::write(&key, get(&yard.url("/main/yum/key.asc")).is(200).body).unwrap();
    root.rpm(&["--import", key.to_str().unwrap()]).ok();
    root.rpm(&["-K", to.join("lamp-1-1.src.rpm").to_str().unwrap()])
        .ok()
        .says(&["digests signatures OK"]);
}

#[test]
fn source_packages_are_beside_the_others_and_not_among_them() {
    let yard = Yard::new();
    let listed = |arch: &str| {
        let root = yard.url(&format!("/main/yum/any/{arch}/"));
        let repomd = get(&format!("{root}repodata/repomd.xml"))
            .is(200)
            .text()
            .to_owned();
        let (_, rest) = repomd.split_once("-primary.xml.gz").unwrap();
        let (_, open) = rest.split_once("<open-size>").unwrap();
        open.split('<').next().unwrap().parse::<u64>().unwrap()
    };
    // It is there, and signed, before there is a source package.
    let (none, empty) = (listed("x86_64"), listed("source"));
    assert_eq!(none, empty);
    get(&yard.url("/main/yum/any/source/repodata/repomd.xml.asc")).is(200);
    let built = SmallRpm::new("lamp", "1");
    let source = built.build().pop().unwrap();
    let put = |file: &std::path::Path| {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        crate::harness::put_in_yum(&yard, &format!("any/{name}"), &fs::read(file).unwrap())
    };
    put(&source).is(201);
    put(&source).is(200);
    assert!(listed("source") > empty);
    assert_eq!(listed("x86_64"), none);
    let text = get(&yard.url("/main/yum/any.repo")).is(200).text().to_owned();
    let (_, section) = text.split_once("[packyard-main-any-source]\n").unwrap();
    assert!(
        section.contains("enabled=0") && section.contains("/main/yum/any/source/"),
        "{section}"
    );
}

#[test]
fn a_static_copy_has_source_packages_in_their_own_repository() {
    let yard = Yard::new();
    SmallRpm::new("lamp", "1").put(&yard);
    let copy = tempfile::TempDir::new().unwrap();
    let (data, to) = (yard.data(), copy.path().join("out"));
    packyard([
        "export",
        "main",
        to.to_str().unwrap(),
        "--data",
        data.to_str().unwrap(),
    ])
    .ok();
    let mut find = system_command("find");
    let found = run(find.arg(&to).args(["-name", "*.rpm"])).ok();
    let places: Vec<&str> = found.stdout.lines().collect();
    let of = |arch: &str, file: &str| {
        let mut all = places.iter();
        all.any(|p| p.contains(&format!("/yum/any/{arch}/Packages/")) && p.ends_with(file))
    };
    assert!(
        of("source", "lamp-1-1.src.rpm") && of("x86_64", "lamp-1-1.noarch.rpm"),
        "{places:?}"
    );
    assert!(
        !of("x86_64", ".src.rpm") && !of("source", ".noarch.rpm"),
        "{places:?}"
    );
}
