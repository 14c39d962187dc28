use super::*;
use crate::archive::contents::MemberKind;
use crate::entries::{Entry, EntryKind, Role};
use crate::intake::Limits;
use crate::rpm::read::read;
use packyard_types::{Digest, InstallPath, Timestamp};
use proptest::prelude::*;

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
        kind: RpmKind::Binary { source: "x".into() },
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

#[test]
fn a_package_is_written_from_where_the_file_stands() {
    let mut out = std::io::Cursor::new(b"before".to_vec());
    out.set_position(6);
    write(&spec(), &mut out).unwrap();
    assert_eq!(out.position(), out.get_ref().len() as u64);
    assert_eq!(out.get_ref()[6..], to_bytes(&spec()).unwrap());
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    #[derive(Debug)]
    struct Gone;
    impl crate::content::Source for Gone {
        fn name(&self) -> String {
            "gone".into()
        }
        fn open(&self) -> io::Result<Box<dyn io::Read + '_>> {
            Err(io::Error::from(io::ErrorKind::NotFound))
        }
    }
    let mut spec = spec();
    let gone = Entry::file(crate::content::Content::elsewhere(Gone, 3, *b"abc"));
    spec.entries
        .insert(InstallPath::parse("/srv/gone").unwrap(), gone)
        .unwrap();
    let error = to_bytes(&spec).unwrap_err().to_string();
    assert!(error.contains("`/srv/gone`"), "{error}");
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let content = prop::collection::vec(any::<u8>(), 0..300);
    let kind = prop_oneof![
        Just(Entry::directory()),
        content.prop_map(Entry::file),
        "[a-z/.é]{1,40}".prop_map(Entry::symlink),
        Just(Entry {
            kind: EntryKind::Ghost,
            ..Entry::file(&b""[..])
        }),
    ];
    let role = prop_oneof![
        Just(Role::Plain),
        Just(Role::Doc),
        Just(Role::License),
        any::<bool>().prop_map(|noreplace| Role::Config { noreplace }),
    ];
    (kind, role, 0_u16..0o10_000).prop_map(|(entry, role, mode)| Entry { mode, role, ..entry })
}

fn any_entries() -> impl Strategy<Value = Entries> {
    let path = prop::collection::vec("[a-cé ][a-c.é-]{0,3}", 1..5)
        .prop_map(|parts| format!("/opt/{}", parts.join("/")));
    prop::collection::vec((path, any_entry()), 0..30).prop_map(|list| {
        let mut entries = Entries::new(Timestamp::from_unix_seconds(1_553_212_800));
        for (path, entry) in list {
            // What clashes with an earlier one is left out.
            let _ = entries.insert(InstallPath::parse(&path).unwrap(), entry);
        }
        entries
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_is_written_is_what_is_read(entries in any_entries()) {
        let spec = RpmSpec { entries, ..spec() };
        let bytes = to_bytes(&spec).unwrap();
        let rpm = read(&mut &*bytes, bytes.len() as u64, &Limits::default()).unwrap();
        let listed: Vec<_> = spec.entries.iter().filter(|(path, _)| path.as_str() != "/opt").collect();
        prop_assert_eq!(rpm.contents.members.len(), listed.len());
        for (member, (path, entry)) in rpm.contents.members.iter().zip(listed) {
            prop_assert_eq!(&member.path, path.relative());
            prop_assert_eq!(member.mode, u32::from(entry.mode));
            let (kind, digest, target) = match &entry.kind {
                EntryKind::Directory => (MemberKind::Dir, None, None),
                EntryKind::Ghost => (MemberKind::Ghost, None, None),
                EntryKind::Symlink(to) => (MemberKind::Symlink, None, Some(to.clone())),
                EntryKind::File(content) => (MemberKind::File, Some(content.sha256().unwrap().to_string()), None),
            };
            prop_assert_eq!((&member.kind, &member.digest, &member.target), (&kind, &digest, &target));
        }
    }
}
