//! Packages of version 6 that rpmbuild of rpm 6 makes, beside createrepo_c 1.2: both are in the chroot of Debian's sid
//! that `tests/run` makes.

use crate::{compare, run, specs};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

struct Sid(TempDir);

impl Sid {
    /// Unpacks the chroot, and adds a shell and the programs that spec files of these tests run.
    fn new() -> Self {
        let tools = std::env::var_os("PACKYARD_TOOLS").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools"),
            PathBuf::from,
        );
        let sid = Self(tempfile::tempdir().unwrap());
        let mut tar = Command::new("tar");
        tar.args(["--extract", "--numeric-owner", "--directory"]);
        run(tar.arg(sid.0.path()).arg("--file").arg(tools.join("sid.tar")));
        fs::copy("/bin/busybox", sid.path("bin/busybox")).unwrap();
        for name in ["sh", "mkdir", "rm", "chmod", "touch", "ln"] {
            symlink("busybox", sid.path(&format!("bin/{name}"))).unwrap();
        }
        sid
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.0.path().join(inside)
    }

    fn run(&self, program: &str, args: &[&str]) -> String {
        let mut chroot = Command::new("chroot");
        chroot.env_clear().env("HOME", "/").env("LC_ALL", "C.UTF-8");
        chroot.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        run(chroot.arg(self.0.path()).arg(program).args(args))
    }

    /// Builds the packages of a spec file in version 6, lists each with createrepo_c 1.2, and compares.
    fn compare(&self, spec: &str) -> usize {
        fs::write(self.path("it.spec"), spec).unwrap();
        let defines = [
            "_rpmformat 6",
            "_topdir /build",
            "__os_install_post %{nil}",
            "debug_package %{nil}",
            "_build_id_links none",
        ];
        let defines = defines.iter().flat_map(|define| ["--define", define]);
        let args: Vec<&str> = defines.chain(["-ba", "/it.spec"]).collect();
        let said = self.run("rpmbuild", &args);
        let made: Vec<&str> = said
            .lines()
            .filter_map(|line| line.strip_prefix("Wrote: /"))
            .collect();
        for package in &made {
            let package = self.path(package);
            let format = self.run(
                "rpm",
                &["-qp", "--queryformat", "%{RPMFORMAT}", &self.inside(&package)],
            );
            assert!(format.contains('6'), "{format}");
            let alone = self.path("alone");
            fs::create_dir(&alone).unwrap();
            fs::copy(&package, alone.join(package.file_name().unwrap())).unwrap();
            let how = ["--quiet", "--no-database", "--general-compress-type=gz", "/alone"];
            self.run("createrepo_c", &how);
            compare(&package, &alone);
            fs::remove_dir_all(alone).unwrap();
        }
        made.len()
    }

    fn inside(&self, path: &Path) -> String {
        format!("/{}", path.strip_prefix(self.0.path()).unwrap().display())
    }
}

#[test]
fn packages_of_version_6_are_listed_as_createrepo_c_1_2_lists_them() {
    let sid = Sid::new();
    // A package, two subpackages and the source: files, directories and ghosts of every kind, scripts and triggers.
    assert_eq!(sid.compare(specs::FILES), 4);
    let everything = specs::bare(
        "Epoch: 3
Provides: p0, p1 = 1, p2 = 2:1.0-1, virtual(a) = 1-2
Requires: r0, r1 > 1, r2 >= 1:2-3, r5 = 6-7, (a or b), (a >= 1 if b < 2 else c), (a without b)
Requires(pre): both, pre-only, shadow >= 2:4
Requires(post): both
Requires(preun): preun-only
Requires(meta): meta-only
Conflicts: c0, (a unless b)
Obsoletes: o0 < 1:1-1
Recommends: w0, w1 >= 2, (langpack-de if lang(de))
Suggests: s0
Supplements: (x and y)
Enhances: e1 <= 1",
    );
    let days = [29, 29, 22, 22, 22, 22, 22, 22, 15, 15, 15, 15, 8, 1];
    let entry = |day: &u32| format!("* Tue Jan {day:02} 2019 Jane <jane@example.org> - 1\n- entry & <b>\n\n");
    let changelog: String = days.iter().map(entry).collect();
    assert_eq!(sid.compare(&format!("{everything}%changelog\n{changelog}")), 2);
}

#[test]
fn packages_of_version_6_of_every_compressor_are_listed_alike() {
    let sid = Sid::new();
    for payload in ["w9.gzdio", "w2.xzdio", "w3.zstdio", "w.ufdio"] {
        let define = format!("%define _binary_payload {payload}\n%define _source_payload {payload}\n");
        sid.compare(&(define + &specs::bare("")));
    }
}
