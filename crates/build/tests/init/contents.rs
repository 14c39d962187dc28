//! What other tools install: patterns, trees and what is for one format.

use crate::room::{Room, UNIT, holds};

const PROGRAM: &str = "#!/bin/sh\nexit 0\n";

const NFPM: &str = r#"name: lamp
version: 1.2.0
maintainer: "Ada Sample <ada@example.org>"
description: A lamp
license: MIT
contents:
  - {src: "data/**/*.json", dst: /usr/share/lamp}
  - {src: "data/**/*.txt", dst: /usr/share/lamp/}
  - {src: conf, dst: /etc/lamp, type: "config|noreplace|tree", file_info: {mode: 0640}}
  - {src: stage, dst: /, type: tree}
  - {src: docs/, dst: /usr/share/lamp/docs/}
  - {src: "units/*", dst: /usr/lib/systemd/system/}
  - {src: LICENSE, dst: /usr/share/doc/lamp/copyright}
  - {src: README.md, dst: /usr/share/lamp/README.md, type: doc}
  - {src: /opt/lamp, dst: /usr/bin/light, type: symlink, file_info: {mode: 0777}}
  - {src: "gone/*/x", dst: /usr/share/gone}
"#;

#[test]
fn patterns_and_trees_of_nfpm_stay_what_they_are_where_they_mean_the_same() {
    let room = Room::released(&[
        ("nfpm.yaml", NFPM),
        ("data/a.json", "{}\n"),
        ("data/deep/b.json", "{}\n"),
        ("data/deep/c.txt", "c\n"),
        ("conf/lamp.conf", "a\n"),
        ("stage/usr/bin/lamp", PROGRAM),
        ("docs/d.md", "d\n"),
        ("units/lamp.service", UNIT),
        ("README.md", "Lamp\n"),
    ]);
    let found = room.init();
    holds(
        &found.text,
        &[
            "source = \"data/**/*.json\"\ntarget = \"/usr/share/lamp/\"\n",
            // nfpm drops the directories of this one.
            "source = \"data/deep/c.txt\"\ntarget = \"/usr/share/lamp/c.txt\"\n",
            "source = \"conf\"\ntarget = \"/etc/lamp\"\nconfig = \"noreplace\"\nmode = \"0640\"\n",
            "source = \"stage/*\"\ntarget = \"/\"\n",
            "source = \"docs/*\"\ntarget = \"/usr/share/lamp/docs/\"\n",
            "unit = \"units/lamp.service\"\n",
            "target = \"/usr/share/lamp/README.md\"\nformat = [\"rpm\"]\ndoc = true\n",
            "symlink = \"/opt/lamp\"\ntarget = \"/usr/bin/light\"\n",
            "source = \"gone/*/x\"\n",
            "contents data/**/*.txt: nfpm shortens",
            "contents /usr/share/doc/lamp/copyright: packyard makes it",
            "contents.file_info.mode: 0777: what a link leads to has a mode",
        ],
    );
    // What is not there yet is for later.
    room.write("gone/a/x", "x\n");
    let (deb, rpm) = room.built();
    holds(
        &deb,
        &[
            "./usr/share/lamp/deep/b.json",
            "./usr/share/lamp/c.txt",
            "./usr/bin/lamp",
            "./usr/share/gone/a/x",
        ],
    );
    holds(
        &rpm,
        &["-rw-r----- cn /etc/lamp/lamp.conf", "d /usr/share/lamp/README.md"],
    );
    assert!(!deb.contains("./usr/share/lamp/README.md"), "{deb}");
}

#[test]
fn contents_of_an_override_are_instead_of_the_others() {
    let text = "name: lamp\nversion: 1.2.0\nmaintainer: Ada <ada@example.org>\ndescription: A lamp\nlicense: MIT\n\
        contents:\n- {src: a, dst: /usr/share/lamp/a}\noverrides:\n  deb:\n    contents:\n    - {src: b, dst: /usr/share/lamp/b}\n\
        \x20   scripts: {postinstall: post.sh}\n    depends: [curl]\n";
    let room = Room::released(&[
        ("nfpm.yaml", text),
        ("a", "a\n"),
        ("b", "b\n"),
        ("post.sh", PROGRAM),
    ]);
    room.init();
    let (deb, rpm) = room.built();
    holds(&deb, &["./usr/share/lamp/b", "curl"]);
    holds(&rpm, &["/usr/share/lamp/a"]);
    assert!(
        !deb.contains("lamp/a\n") && !rpm.contains("lamp/b\n") && !rpm.contains("curl"),
        "{deb}{rpm}"
    );
}

#[test]
fn what_debhelper_installs_by_its_files_is_a_file_a_link_or_a_directory() {
    let control = "Source: lamp\nMaintainer: Ada <ada@example.net>\n\nPackage: lamp\nArchitecture: all\n\
        Description: light in the dark\n It shines.\n";
    let log = "lamp (1.0-1) unstable; urgency=low\n\n  * A.\n\n -- Ada <ada@example.net>  Fri, 22 Mar 2019 00:00:00 +0000\n";
    let room = Room::released(&[
        ("debian/control", control),
        ("debian/changelog", log),
        (
            "debian/install",
            "# programs\nbin/* usr/bin\ndata/*/x etc/lamp\nshare/deep usr/share/lamp\n",
        ),
        (
            "debian/lamp.links",
            "usr/bin/lamp usr/bin/light\nusr/share/lamp opt/lamp\n",
        ),
        ("debian/dirs", "var/lib/lamp /var/cache/lamp\n"),
        ("debian/lamp.manpages", "man/*.1\nman/gone.7\n"),
        ("debian/docs", "NOTES\n"),
        ("debian/examples", "samples/*\n"),
        ("debian/lamp.logrotate", "/var/log/lamp {}\n"),
        ("debian/lamp.default", "A=1\n"),
        ("debian/lamp.tmpfiles", "d /run/lamp 0750 root adm - -\n"),
        ("debian/lamp.menu", "?\n"),
        ("bin/lamp", PROGRAM),
        ("data/one/x", "x\n"),
        ("share/deep/y", "y\n"),
        ("man/lamp.1", ".TH LAMP 1\n.SH NAME\nlamp \\- shine\n"),
        ("NOTES", "n\n"),
        ("samples/s", "s\n"),
    ]);
    let found = room.init();
    holds(
        &found.text,
        &[
            "source = \"bin/*\"\ntarget = \"/usr/bin/\"\n",
            "symlink = \"lamp\"\ntarget = \"/usr/bin/light\"\n",
            "debian/lamp.manpages:2 man/gone.7: it is not there",
            "debian/lamp.menu: packyard does not build with debhelper",
        ],
    );
    let (deb, _) = room.built();
    holds(
        &deb,
        &[
            "./usr/bin/lamp\n",
            "./usr/bin/light -> lamp",
            "./opt/lamp -> /usr/share/lamp",
            "./etc/lamp/x\n",
            "./usr/share/lamp/deep/y\n",
            "./var/lib/lamp/\n",
            "./var/cache/lamp/\n",
            "./usr/share/man/man1/lamp.1.gz\n",
            "./usr/share/doc/lamp/NOTES\n",
            "./usr/share/doc/lamp/examples/s\n",
            "./etc/logrotate.d/lamp\n",
            "./etc/default/lamp\n",
            "./usr/lib/tmpfiles.d/lamp.conf\n",
        ],
    );
}

const CARGO: &str = r#"[package]
name = "lamp"
version = "1.2.0"
description = "A lamp"
license = "MIT"
authors = ["Ada <ada@example.net>"]
[package.metadata.generate-rpm]
release = "2"
epoch = 1
auto-req = "no"
assets = [
  { source = "target/release/lamp", dest = "/usr/bin/lamp", mode = "755" },
  { source = "docs/*.txt", dest = "/usr/share/lamp", mode = "0644", doc = true },
  { source = "lamp.conf", dest = "/etc/lamp.conf", mode = "640", config = "noreplace", user = "daemon" },
]
post_install_script = "echo lit"
[package.metadata.generate-rpm.requires]
curl = ">= 4"
filesystem = "*"
"#;

const CARGO_DEB: &str = r#"[package.metadata.deb]
assets = [
  ["target/release/lamp", "/usr/bin/lamp", "755"],
  ["own", "/usr/share/lamp/own", "644"],
]
"#;

#[test]
fn the_table_of_generate_rpm_is_translated_alone_and_beside_cargo_debs() {
    let files = [
        ("src/main.rs", ""),
        ("target/release/lamp", PROGRAM),
        ("docs/a.txt", "a\n"),
        ("own", "o\n"),
        ("lamp.conf", "a\n"),
    ];
    for (text, shared) in [(CARGO.to_owned(), true), (format!("{CARGO}{CARGO_DEB}"), false)] {
        let room = Room::released(&[&[("Cargo.toml", text.as_str())], &files[..]].concat());
        let found = room.init();
        holds(
            &found.text,
            &[
                "generate-rpm] auto-req: packyard finds out",
                "[scripts.rpm]\npostinstall = \"echo lit\"",
            ],
        );
        let (deb, rpm) = room.built();
        holds(
            &rpm,
            &[
                "requires curl >= 4\n",
                "-rwxr-xr-x  /usr/bin/lamp",
                "-rw-r--r-- d /usr/share/lamp/a.txt",
                "-rw-r----- cn /etc/lamp.conf",
            ],
        );
        assert_eq!(deb.contains("./usr/share/lamp/a.txt"), shared, "{deb}");
        assert_eq!(deb.contains("./usr/share/lamp/own"), !shared, "{deb}");
        assert!(
            deb.contains("./usr/bin/lamp") && !rpm.contains("/own"),
            "{deb}{rpm}"
        );
    }
}

const SPEC: &str = r"Name: lamp
Version: 1.0
Release: 1
Summary: Light
License: MIT
Source0: lamp.tar.gz
Source1: lamp.service
%description
It shines.
%prep
%install
rm -rf %{buildroot}
install -Dpm 0755 lamp.sh %{buildroot}%{_bindir}/lamp
install -d %{buildroot}%{_sysconfdir}/%{name} \
  %{buildroot}/var/lib/lamp
install -m 600 conf/a.conf conf/b.conf $RPM_BUILD_ROOT%{_sysconfdir}/%{name}
cp -a share %{buildroot}%{_datadir}/lamp
ln -s lamp %{buildroot}%{_bindir}/light
install -D -m644 %{SOURCE1} %{buildroot}%{_unitdir}/lamp.service
make install DESTDIR=%{buildroot}
%post
%systemd_post lamp.service
echo lit
%preun
%systemd_preun lamp.service
%postun
%if 1
echo gone
%endif
%files
%license LICENSE
%doc NOTES README.md
%{_bindir}/*
%config(noreplace) %attr(0640, root, daemon) %{_sysconfdir}/lamp/a.conf
%config %{_sysconfdir}/lamp/b.conf
%{_datadir}/lamp/
%dir %attr(0750, daemon, daemon) /var/lib/lamp
%ghost /var/log/lamp.log
%{_unitdir}/lamp.service
%{_libdir}/lamp.so
/usr/share/gone
%changelog
* Fri Mar 22 2019 Ada <ada@example.net> - 1.0-1
- A.
";

#[test]
fn what_a_spec_installs_by_plain_commands_is_installed_as_its_files_say() {
    let room = Room::of(&[
        ("lamp.spec", SPEC),
        ("lamp.sh", PROGRAM),
        ("conf/a.conf", "a\n"),
        ("conf/b.conf", "b\n"),
        ("share/deep/x", "x\n"),
        ("lamp.service", UNIT),
        ("NOTES", "n\n"),
        ("README.md", "Lamp\n"),
        (
            "LICENSE",
            "MIT License\n\nCopyright (c) 2024 Ada\n\nPermission is granted.\n",
        ),
    ]);
    let found = room.init();
    holds(
        &found.text,
        &[
            "lamp.spec:20 make install DESTDIR=%{buildroot}: packyard finds out",
            "lamp.spec:26 %postun: packyard knows no macros",
            "lamp.spec:40 %{_libdir}/lamp.so: packyard has no word",
            "lamp.spec:41 /usr/share/gone: no line of %install",
            "unit = \"lamp.service\"\n",
            "[scripts.rpm]\npostinstall = \"echo lit\"\n",
        ],
    );
    assert!(
        !found.text.contains("preremove") && !found.text.contains("Source1"),
        "{}",
        found.text
    );
    let (deb, rpm) = room.built();
    holds(
        &deb,
        &[
            "./usr/bin/lamp\n",
            "./usr/bin/light -> lamp",
            "./usr/share/lamp/deep/x\n",
            "./usr/share/doc/lamp/NOTES\n",
        ],
    );
    holds(
        &rpm,
        &[
            "-rwxr-xr-x  /usr/bin/lamp\n",
            "-rw-r----- cn /etc/lamp/a.conf",
            "-rw------- c /etc/lamp/b.conf",
            "drwxr-x---  /var/lib/lamp",
            " g /var/log/lamp.log",
        ],
    );
}

#[test]
fn what_two_tools_install_in_one_place_is_said_once_as_the_first_of_them_says() {
    let nfpm = "name: lamp\nversion: 1.0\ndescription: A lamp\nlicense: MIT\ncontents:\n\
        - {src: bin/lamp, dst: /usr/bin/lamp, file_info: {mode: 0750}}\n";
    let spec = "Name: lamp\nVersion: 1.0\nRelease: 1\nSummary: Light\nLicense: MIT\n%description\nIt shines.\n%install\n\
        install -Dm 755 bin/lamp %{buildroot}%{_bindir}/lamp\n%files\n%{_bindir}/lamp\n\
        %changelog\n* Fri Mar 22 2019 Ada <ada@example.net> - 1.0-1\n- A.\n";
    let room = Room::of(&[("nfpm.yaml", nfpm), ("lamp.spec", spec), ("bin/lamp", PROGRAM)]);
    let found = room.init();
    assert_eq!(found.text.matches("[[file]]").count(), 1, "{}", found.text);
    let (deb, _) = room.built();
    assert!(
        deb.lines()
            .any(|line| line.starts_with("-rwxr-x---") && line.ends_with("/lamp")),
        "{deb}"
    );
}
