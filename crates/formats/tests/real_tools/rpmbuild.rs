//! rpmbuild as the oracle of the writer: the same package from a spec file and from here has the same headers, tag for
//! tag, but for what [`DIFFERENT`] lists, and the same cpio byte for byte.

use crate::specimen::{DATE, dependency, empty, everything, path};
use crate::tools::run;
use packyard_formats::compress::Compression;
use packyard_formats::entries::{Entry, Owner};
use packyard_formats::rpm::header::{Header, Part};
use packyard_formats::rpm::tag;
use packyard_formats::rpm::write::to_bytes;
use packyard_types::RpmArch;
use std::path::Path;
use std::process::Command;

/// Tags whose values are not rpmbuild's, and why.
const DIFFERENT: [(u32, &str); 10] = [
    (
        tag::HEADER_IMMUTABLE,
        "its offset follows from the number of tags",
    ),
    (tag::RPM_VERSION, "names the program that wrote the package"),
    (
        tag::PLATFORM,
        "the vendor is that of the machine that rpmbuild runs on; ours is always redhat",
    ),
    (1122, "OPTFLAGS: nothing is compiled"),
    (
        1141,
        "FILECLASS: what libmagic of the building machine says; nothing reads it",
    ),
    (1142, "CLASSDICT: the texts of FILECLASS"),
    (
        1143,
        "FILEDEPENDSX: which file made which dependency; only rpm -q --fileprovide shows it",
    ),
    (1144, "FILEDEPENDSN: as FILEDEPENDSX"),
    (1145, "DEPENDSDICT: as FILEDEPENDSX"),
    (
        tag::PAYLOAD_DIGEST,
        "another implementation of the compressor; the digest of the cpio is compared",
    ),
];

/// Builds with rpmbuild, all times those of [`DATE`].
fn rpmbuild(dir: &Path, payload: &str, spec: &str) -> Vec<u8> {
    let file = dir.join("it.spec");
    std::fs::write(&file, spec).unwrap();
    let mut command = Command::new("rpmbuild");
    command.arg("-bb").env("SOURCE_DATE_EPOCH", DATE.to_string());
    for define in [
        &format!("_topdir {}", dir.display()),
        &format!("_binary_payload {payload}"),
        "_build_id_links none",
        "debug_package %{nil}",
        "_buildhost localhost",
        "use_source_date_epoch_as_buildtime 1",
        "clamp_mtime_to_source_date_epoch 1",
        "__os_install_post %{nil}",
    ] {
        command.args(["--define", define]);
    }
    let said = run(command.arg(&file));
    let line = said.lines().find_map(|line| line.strip_prefix("Wrote: "));
    std::fs::read(line.unwrap_or_else(|| panic!("{said}"))).unwrap()
}

fn headers(bytes: &[u8]) -> (Header, Header) {
    let mut rest = &bytes[96..];
    let signature = Header::read(&mut rest, Part::Signature).unwrap();
    let at = (96 + signature.bytes().len()).next_multiple_of(8);
    (signature, Header::read(&mut &bytes[at..], Part::Main).unwrap())
}

/// A tag as `TYPE VALUES`, for messages.
fn shown(header: &Header, tag: u32) -> String {
    let Some(entry) = header.index().iter().find(|entry| entry.tag == tag) else {
        return "absent".to_owned();
    };
    let (numbers, texts) = (header.integers(tag), header.strings(tag));
    format!("type {} {numbers:?} {texts:?}", entry.kind)
}

#[track_caller]
fn compare(theirs: &[u8], ours: &[u8]) {
    assert_eq!(theirs[..96], ours[..96], "the lead");
    let (their_signature, their_header) = headers(theirs);
    let (our_signature, our_header) = headers(ours);
    let tags = |header: &Header| -> Vec<u32> { header.index().iter().map(|entry| entry.tag).collect() };
    let mut wrong = Vec::new();
    let mut all = [tags(&their_header), tags(&our_header)].concat();
    all.sort_unstable();
    all.dedup();
    for tag in all {
        let (theirs, ours) = (shown(&their_header, tag), shown(&our_header, tag));
        if theirs != ours && !DIFFERENT.iter().any(|(known, _)| *known == tag) {
            wrong.push(format!("tag {tag}\n  rpmbuild {theirs}\n  packyard {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tags(&our_header).is_sorted());
    // All but MD5: it covers the payload after the header, so it would take a second reading of the package; rpm has
    // not needed it since 4.14, and rpm 6 does not write it.
    let without_md5 = |header: &Header| -> Vec<u32> {
        tags(header)
            .into_iter()
            .filter(|tag| *tag != tag::sig::MD5)
            .collect()
    };
    assert_eq!(without_md5(&their_signature), without_md5(&our_signature));
    for tag in [tag::sig::PAYLOAD_SIZE, tag::sig::RESERVED_SPACE] {
        assert_eq!(
            shown(&their_signature, tag),
            shown(&our_signature, tag),
            "tag {tag}"
        );
    }
}

/// [`everything`] as a spec file.
const EVERYTHING: &str = "
Name: hello
Epoch: 2
Version: 1.0~rc1
Release: 1
Summary: Says «hello»
License: MIT
Group: Applications/System
URL: https://example.org/
Vendor: Ann
Packager: Ann <a@example.org>
Requires: bash >= 4, (foo if bar)
Requires(pre,post,preun,postun): systemd
Recommends: rec
Suggests: sug > 1
Supplements: supp
Enhances: enh <= 1-2
Conflicts: conf < 1
Obsoletes: obs < 1
Provides: prov = 1
BuildArch: noarch
%description
Para one with 100%%.

Para two.
%install
cd %{buildroot}
mkdir -p etc/hello usr/bin usr/share/man/man1 usr/share/hello usr/share/doc/hello var/lib/hello var/log
echo a=1 >etc/hello/hello.conf; echo b=1 >etc/hello/missing.conf; echo c=1 >etc/hello/replaced.conf
echo hello >usr/bin/hello; chmod 4755 usr/bin/hello; ln -s hello usr/bin/hi
echo page >usr/share/man/man1/hello.1; echo read >usr/share/doc/hello/README; ln -s README usr/share/doc/hello/R
echo text >'usr/share/hello/with blank'; : >usr/share/hello/empty; echo MIT >usr/share/hello/LICENSE
touch var/log/hello.log etc/hello/ghost.conf
%files
%dir /etc/hello
%config(noreplace) /etc/hello/hello.conf
%config(missingok) /etc/hello/missing.conf
%config /etc/hello/replaced.conf
%ghost %config(noreplace) /etc/hello/ghost.conf
%caps(cap_net_bind_service,cap_net_raw=ep) /usr/bin/hello
/usr/bin/hi
/usr/share/man/man1/hello.1
/usr/share/doc/hello
%dir /usr/share/hello
\"/usr/share/hello/with blank\"
/usr/share/hello/empty
%license /usr/share/hello/LICENSE
%attr(1777,root,root) %dir /var/lib/hello
%ghost %attr(0640,root,root) /var/log/hello.log
%pretrans
echo pretrans
%pre
echo pre
%post
echo post
%preun
echo preun
%postun
echo postun
%posttrans
echo posttrans
%changelog
* Fri Mar 22 2019 Ann <a@example.org> - 2:1.0~rc1-1
- new
- and more
* Thu Mar 21 2019 Ann <a@example.org> - 1.0-1
- old
";

#[test]
fn a_package_with_everything_has_the_headers_and_the_cpio_of_rpmbuild() {
    let dir = tempfile::tempdir().unwrap();
    let theirs = rpmbuild(dir.path(), "w9.gzdio", EVERYTHING);
    compare(&theirs, &to_bytes(&everything()).unwrap());
}

#[test]
fn an_empty_package_has_the_headers_of_rpmbuild() {
    let dir = tempfile::tempdir().unwrap();
    let spec = "Name: empty\nVersion: 1.0\nRelease: 1\nSummary: A package\nLicense: MIT\nGroup: Unspecified\n\
                BuildArch: noarch\n%description\nText.\n%files\n";
    compare(
        &rpmbuild(dir.path(), "w9.gzdio", spec),
        &to_bytes(&empty("empty")).unwrap(),
    );
}

#[test]
fn a_package_with_programs_and_any_compressor_has_the_headers_of_rpmbuild() {
    let spec = "Name: programs\nVersion: 1.0^git1\nRelease: 1\nSummary: A package\nLicense: MIT\n\
                Group: Unspecified\nAutoReqProv: no\nRequires: (a >= 1~rc or b)\n%description\nText.\n%install\n\
                mkdir -p %{buildroot}/usr/bin\ncp /bin/true %{buildroot}/usr/bin/yes\n%files\n/usr/bin/yes\n";
    let mut ours = empty("programs");
    ours.version = "1.0^git1".into();
    ours.requires = vec![dependency("(a >= 1~rc or b)", None, "")];
    ours.arch = RpmArch::parse(std::env::consts::ARCH).unwrap();
    let program = std::fs::read("/bin/true").unwrap();
    ours.entries
        .insert(path("/usr/bin/yes"), Entry::program(program))
        .unwrap();
    for (payload, compression) in [("w3.zstdio", Compression::Zstd), ("w6.xzdio", Compression::Xz)] {
        let dir = tempfile::tempdir().unwrap();
        ours.compression = compression;
        compare(&rpmbuild(dir.path(), payload, spec), &to_bytes(&ours).unwrap());
    }
}

#[test]
fn users_are_provided_as_rpm_since_4_19_makes_them_and_owners_are_recommended() {
    let mut spec = empty("users");
    let lines = b"# a comment\nu hello - \"Hello\"  /var/lib/hello\ng  crew 515\nm hello crew\nr - 500-600\n";
    spec.entries
        .insert(path("/usr/lib/sysusers.d/users.conf"), Entry::file(&lines[..]))
        .unwrap();
    let owned = Entry {
        owner: Owner {
            user: "hello".into(),
            group: "crew".into(),
        },
        ..Entry::directory()
    };
    spec.entries.insert(path("/var/lib/hello"), owned).unwrap();
    let (_, header) = headers(&to_bytes(&spec).unwrap());
    let (names, _, versions) = tag::PROVIDES;
    let provides: Vec<String> = header
        .strings(names)
        .iter()
        .zip(header.strings(versions))
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    // What `%add_sysuser` of rpm 4.19 prints: the words of the line, one blank between them, in base64.
    assert_eq!(
        provides,
        [
            "group(crew) ZyBjcmV3IDUxNQAA",
            "group(hello) ",
            "groupmember(hello/crew) bSBoZWxsbyBjcmV3",
            "user(hello) dSBoZWxsbyAtICJIZWxsbyIgL3Zhci9saWIvaGVsbG8A",
            "users 1.0-1",
        ]
    );
    assert_eq!(header.strings(tag::RECOMMENDS.0), ["group(crew)", "user(hello)"]);
}
