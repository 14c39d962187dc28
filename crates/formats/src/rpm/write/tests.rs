use super::*;
use crate::entries::{Entry, Role};
use packyard_types::{Digest, InstallPath, Timestamp};

fn spec() -> RpmSpec {
    let mut entries = Entries::new(Timestamp::from_unix_seconds(1_553_212_800));
    let path = |s| InstallPath::parse(s).unwrap();
    let config = Entry::file(&b"a=1\n"[..]).with_role(Role::Config { noreplace: true });
    entries.insert(path("/etc/x/x.conf"), config).unwrap();
    entries
        .insert(path("/usr/bin/x"), Entry::program(&b"#!/bin/sh\n"[..]))
        .unwrap();
    RpmSpec {
        compression: crate::compress::Compression::Gzip,
        name: RpmName::parse("x").unwrap(),
        source: "x".into(),
        epoch: 0,
        version: "1.0~rc1".into(),
        release: "1".into(),
        arch: RpmArch::noarch(),
        license: "MIT".into(),
        summary: "Sum".into(),
        description: "Text".into(),
        url: None,
        packager: None,
        vendor: None,
        group: "Unspecified".into(),
        requires: vec![],
        recommends: vec![],
        suggests: vec![],
        supplements: vec![],
        enhances: vec![],
        conflicts: vec![],
        provides: vec![],
        obsoletes: vec![],
        scripts: RpmScripts::default(),
        changelog: vec![],
        entries,
    }
}

#[test]
fn the_source_is_named_own_directories_are_listed_and_digests_hold() {
    let bytes = to_bytes(&spec()).unwrap();
    let package = rpm::Package::parse(&mut &*bytes).unwrap();
    assert_eq!(package.metadata.get_source_rpm().unwrap(), "x-1.0~rc1-1.src.rpm");
    package.verify_digests().unwrap();
    let paths = package.metadata.get_file_paths().unwrap();
    let paths: Vec<_> = paths.iter().map(|p| p.to_str().unwrap()).collect();
    assert_eq!(paths, ["/etc/x", "/etc/x/x.conf", "/usr/bin/x"]);
}

#[test]
fn the_bytes_are_stable() {
    let (one, two) = (to_bytes(&spec()).unwrap(), to_bytes(&spec()).unwrap());
    assert_eq!(Digest::of(&one), Digest::of(&two));
}
