//! Running the tools, and packages made with them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a command and gives its stdout and stderr; a command that fails or is not installed fails the test.
pub fn run(command: &mut Command) -> String {
    let shown = format!("{command:?}");
    let out = command
        .output()
        .unwrap_or_else(|e| panic!("{shown}: {e}; tests/run installs what the tests need"));
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(out.status.success(), "{shown}\n{text}");
    text
}

/// Builds a binary package from a spec file's text.
pub fn rpmbuild(dir: &Path, spec: &str) -> PathBuf {
    let file = dir.join("it.spec");
    std::fs::write(&file, spec).unwrap();
    let top = dir.join("rpmbuild");
    run(Command::new("rpmbuild")
        .arg("-bb")
        .args(["--define", &format!("_topdir {}", top.display())])
        .args([
            "--define",
            "_build_id_links none",
            "--define",
            "debug_package %{nil}",
        ])
        .arg(&file));
    let arch = std::fs::read_dir(top.join("RPMS"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    std::fs::read_dir(arch).unwrap().next().unwrap().unwrap().path()
}

/// A package with most of what a spec can say.
pub const RICH_SPEC: &str = "
Name: rich
Version: 1.2
Release: 3
Epoch: 2
Summary: A package with most of what a spec can say
License: MIT
URL: https://example.org/rich
Group: Applications/Text
Vendor: Example
Packager: Jane <jane@example.org>
BuildArch: noarch
Requires: /bin/sh
Requires: /etc/rich.conf
Requires: foo >= 1.0-2
Requires: foo >= 1.0-2
Requires(pre): shadow-utils
Requires(post): systemd
Requires(preun): systemd
Requires: (bar if baz)
Requires: rich = 2:1.2-3
Provides: virtual = 7
Conflicts: old < 1
Obsoletes: older <= 3:0.9
Recommends: extra
Suggests: sugar
Supplements: base
Enhances: more > 2
%description
It has several
lines.
%install
mkdir -p %{buildroot}/etc %{buildroot}/usr/bin %{buildroot}/usr/share/rich %{buildroot}/var/log
echo a > %{buildroot}/etc/rich.conf
echo b > %{buildroot}/usr/bin/rich
echo c > %{buildroot}/usr/share/rich/data
ln %{buildroot}/usr/share/rich/data %{buildroot}/usr/share/rich/hard
ln -s data %{buildroot}/usr/share/rich/link
touch %{buildroot}/var/log/rich.log
%post
echo installed
%files
%config(noreplace) /etc/rich.conf
%attr(0755, root, root) /usr/bin/rich
%dir /usr/share/rich
/usr/share/rich/*
%ghost /var/log/rich.log
%changelog
* Fri Mar 22 2019 Jane <jane@example.org> - 2:1.2-3
- newest
* Thu Mar 21 2019 Jane <jane@example.org> - 2:1.2-2
- older
- much older
";

/// A small package of the `rpm` crate.
pub fn rpm_crate_package(config: rpm::BuildConfig) -> Vec<u8> {
    let package = rpm::PackageBuilder::new("small", "1.0", "MIT", "noarch", "small")
        .release("1")
        .using_config(config)
        .with_file_contents("hello\n", rpm::FileOptions::new("/usr/share/small/hello"))
        .unwrap()
        .build()
        .unwrap();
    let mut out = Vec::new();
    package.write(&mut out).unwrap();
    out
}
