//! Packages that rpmbuild makes, in many shapes.

use crate::{rpmbuild, same_as_createrepo_c};

#[track_caller]
fn compare(spec: &str) {
    compare_bytes(spec.as_bytes());
}

#[track_caller]
fn compare_bytes(spec: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    for package in rpmbuild(dir.path(), "-ba", spec) {
        same_as_createrepo_c(&package);
    }
}

/// A noarch package with these lines in its preamble, and no files.
pub fn bare(lines: &str) -> String {
    format!(
        "Name: bare\nVersion: 1.0~rc1^git2\nRelease: 1.el9\nSummary: Bare & <odd> \"quoted\" 'text'\nLicense: MIT\n\
         BuildArch: noarch\nAutoReqProv: no\n{lines}\n%description\nOne.\n\n  Two & <three>.\n%files\n"
    )
}

#[test]
fn dependencies_of_every_kind_and_comparison_are_listed_alike() {
    compare(&bare(
        "Epoch: 3
Provides: p0, p1 = 1, p2 = 2:1.0-1, p3 = 0:1, virtual(a) = 1-2, p1 = 1
Requires: r0, r1 > 1, r2 >= 1:2-3, r3 < 4, r4 <= 5, r5 = 6-7, r1 < 9, r1 > 1
Conflicts: c0, c1 < 1
Obsoletes: o0 < 1:1-1, o1
Recommends: w0, w1 >= 2, (a if b)
Suggests: s0, s1 = 1
Supplements: (x and y), u1 > 0
Enhances: e0, e1 <= 1",
    ));
}

#[test]
fn rich_dependencies_are_listed_alike() {
    compare(&bare(
        "Requires: (a or b), (a >= 1 if b < 2 else c), (a with b), (a without b), ((a and b) or (c and d))
Conflicts: (a unless b)
Recommends: (langpack-de if lang(de))",
    ));
}

#[test]
fn what_scripts_need_is_marked_alike() {
    compare(&bare(
        "Requires(pre): both, pre-only, shadow >= 2:4
Requires(post): both, post-only
Requires(preun): preun-only
Requires(postun): postun-only
Requires(verify): verify-only
Requires(interp): interp-only
Requires(meta): meta-only
Requires: both, plain, pre-only
OrderWithRequires: order-only
Recommends: strong-one",
    ));
}

#[test]
fn what_a_package_provides_itself_is_not_required_alike() {
    compare(&bare(
        "Epoch: 1
Provides: self = 1, self-any
Requires: self = 1, self = 2, self >= 1, self-any, self-any = 1
Requires: bare = 1:1.0~rc1^git2-1.el9, bare = 1.0~rc1^git2-1.el9, bare",
    ));
}

#[test]
fn of_the_symbols_of_libc_only_the_newest_is_listed_alike() {
    let orders = [
        "libc.so.6, libc.so.6()(64bit), libc.so.6(GLIBC_2.4)(64bit), libc.so.6(GLIBC_2.34)(64bit), libm.so.6()(64bit)",
        "libc.so.6(GLIBC_2.3.4)(64bit), libc.so.6(GLIBC_PRIVATE)(64bit), libc.so.6(GLIBC_2.17)(64bit), zlib",
        "libc.so.6(GLIBC_PRIVATE)(64bit), libc.so.6()(64bit), libc.so.6",
        "libc.so.6.1()(64bit), libc.so.6(GLIBC_2.2.5), libc.so.6(GLIBC_2.2.5)(64bit)",
    ];
    for requires in orders {
        compare(&bare(&format!("Requires: {requires}")));
    }
}

pub const FILES: &str = "
Name: files
Version: 1
Release: 1
Summary: Files of all kinds
License: MIT
Group: System Environment/Base
URL: https://example.org/?a=1&b=2
Vendor: Example <Inc>
Packager: Jane \"J\" Doe <jane@example.org>
Requires: /etc/files/own.conf, /usr/bin/tool, /usr/share/files/data, /etc/elsewhere, /usr/bin/elsewhere
Requires: /usr/lib/sendmail, /opt/x/bin/y
%description
Text with a tab:\tand an umlaut: \u{fc}, and \u{1f600}.
%package sub
Summary: Sub
%description sub
x
%package empty
Summary: Empty
BuildArch: noarch
%description empty
%install
cd %{buildroot}
mkdir -p etc/files usr/bin usr/sbin usr/lib/files/bin usr/share/files 'usr/share/files/with blank' var/lib/files var/log/sub
touch etc/files/own.conf etc/files/noreplace.conf etc/files/ghost.conf
echo '#!/bin/sh' >usr/bin/tool; chmod 755 usr/bin/tool; ln -s tool usr/bin/link; touch usr/lib/sendmail
touch usr/lib/files/bin/inner usr/share/files/data 'usr/share/files/with blank/a&b<c>\"d' usr/share/files/\u{fc}
ln usr/share/files/data usr/share/files/hard; echo doc >usr/share/files/README
%pre
true
%post -p /bin/sh
true
%posttrans
true
%triggerin -- bash >= 5, coreutils
true
%transfiletriggerin -- /usr/lib/files
true
%files
%dir /etc/files
%config /etc/files/own.conf
%config(noreplace) /etc/files/noreplace.conf
%ghost %config(missingok) /etc/files/ghost.conf
/usr/bin/*
%attr(4755,root,root) /usr/lib/sendmail
/usr/lib/files
/usr/share/files
%ghost %dir /var/lib/files
%ghost %attr(0600,root,root) /usr/sbin/later
%files sub
%dir /var/log/sub
%files empty
";

#[test]
fn files_of_every_kind_and_subpackages_and_triggers_are_listed_alike() {
    compare(FILES);
}

#[test]
fn the_newest_ten_entries_of_a_changelog_are_listed_alike_oldest_first() {
    let entries = |days: &[u32]| {
        let entry = |(n, day): (usize, &u32)| {
            format!(
                "* Tue Jan {day:02} 2019 Jane <jane@example.org>   - 1-{n}\n- entry {n} & more\n  - <b>\n\n"
            )
        };
        days.iter().enumerate().map(entry).collect::<String>()
    };
    for days in [
        &[29, 22, 15, 8, 1][..],
        &[29; 3],
        &[29, 29, 22, 22, 22, 15, 8, 8],
        &[29, 29, 22, 22, 22, 22, 22, 22, 15, 15, 15, 15, 15, 8],
        &[29; 25],
    ] {
        compare(&format!("{}%changelog\n{}", bare(""), entries(days)));
    }
}

#[test]
fn texts_that_are_not_utf_8_are_transcoded_alike() {
    let spec = |text: &[u8]| {
        let bare = bare("Packager: Tom\u{1}\u{1}");
        let parts: Vec<&str> = bare.split("\u{1}\u{1}").collect();
        let (before, after) = (parts[0].as_bytes(), parts[1].as_bytes());
        let changelog = b"%changelog\n* Tue Jan 29 2019 Tom\xe1\xb9 Ml\xe8och <t@example.org> - 1\n- b\xe9\n";
        [before, text, after, changelog].concat()
    };
    // Latin-1, Latin-2, what is neither (windows-1252), UTF-8 that is cut, and UTF-8 beside Latin-1.
    for text in [
        &b" \xe1\xe9"[..],
        b" \xec\xb9\xe8\xf8\xbe\xfd",
        b" \x93quoted\x94 \x80 5",
        b" \xc3",
        b" \xc3\xa1 \xe1 \xa9",
    ] {
        compare_bytes(&spec(text));
    }
}

#[test]
fn a_path_that_is_not_utf_8_is_transcoded_alike() {
    let spec = b"Name: path\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\nBuildArch: noarch\nAutoReqProv: no\n\
        Requires: /etc/h\xe9/b\xb9\n%description\nx\n%install\nmkdir -p %{buildroot}/etc/h\xe9 %{buildroot}/opt\n\
        touch %{buildroot}/etc/h\xe9/b\xb9 %{buildroot}/etc/h\xe9/\xc3\xa9\n%files\n/etc/h\xe9\n";
    compare_bytes(spec);
}

#[test]
fn packages_of_every_compressor_are_listed_alike() {
    for payload in [
        "w9.gzdio",
        "w2.xzdio",
        "w3.zstdio",
        "w2.lzdio",
        "w9.bzdio",
        "w.ufdio",
    ] {
        let define = format!("%define _binary_payload {payload}\n%define _source_payload {payload}\n");
        compare(&(define + FILES));
    }
}
