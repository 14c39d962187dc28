//! A small Debian source tree, and what dpkg-buildpackage makes of it.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{Outcome, run, system_command};

/// The source package `hello`, version by version, in one directory.
pub struct DebianTree {
    directory: TempDir,
}

impl DebianTree {
    /// A tree with the upstream's tarball beside it.
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let this = Self { directory };
        this.put("hello.txt", "hello\n");
        this.orig("hello\n");
        this.put("debian/source/format", "3.0 (quilt)\n");
        this.put(
            "debian/control",
            "Source: hello\nSection: misc\nPriority: optional\nMaintainer: Jo Doe <jo@example.org>\n\
             Rules-Requires-Root: no\nStandards-Version: 4.6.2\nHomepage: https://hello.example.org/\n\n\
             Package: hello\nArchitecture: all\nDescription: greets\n It does.\n",
        );
        this.put("debian/copyright", "Jo wrote it.\n");
        this.put(
            "debian/rules",
            "#!/usr/bin/make -f\n\
             build build-arch build-indep binary-arch:\n\
             clean:\n\trm -rf debian/hello debian/files\n\
             binary binary-indep:\n\
             \tmkdir -p debian/hello/DEBIAN debian/hello/usr/share/doc/hello\n\
             \tgzip -9nc debian/changelog > debian/hello/usr/share/doc/hello/changelog.Debian.gz\n\
             \tcp debian/copyright hello.txt debian/hello/usr/share/doc/hello/\n\
             \tchmod -R u=rwX,go=rX debian/hello\n\
             \tdpkg-gencontrol -phello -Pdebian/hello\n\
             \tdpkg-deb --root-owner-group -b debian/hello ..\n",
        );
        let rules = this.path("hello-1.0/debian/rules");
        fs::set_permissions(rules, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        this
    }

    /// Packs the upstream's tarball anew, with this text in it.
    pub fn orig(&self, text: &str) {
        let top = self.path("orig/hello-1.0");
        fs::create_dir_all(&top).unwrap();
        fs::write(top.join("hello.txt"), text).unwrap();
        self.put("hello.txt", text);
        let mut tar = system_command("tar");
        tar.args(["--mtime=@1000000000", "--owner=0", "--group=0", "-czf"])
            .arg(self.path("hello_1.0.orig.tar.gz"));
        run(tar.arg("-C").arg(self.path("orig")).arg("hello-1.0")).ok();
    }

    /// Writes a file of the tree.
    pub fn put(&self, name: &str, text: &str) {
        let path = self.path("hello-1.0").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What lies in the directory of the tree.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Builds a version; `how` are options such as `--build=source`. The name of the .changes.
    pub fn build(&self, version: &str, distribution: &str, how: &[&str]) -> PathBuf {
        self.put(
            "debian/changelog",
            &format!(
                "hello ({version}) {distribution}; urgency=medium\n\n  * Version {version}.\n\n \
                 -- Jo Doe <jo@example.org>  Thu, 01 Jan 2026 00:00:00 +0000\n"
            ),
        );
        let mut build = system_command("dpkg-buildpackage");
        build.args(["-us", "-uc", "-d"]).args(how);
        run(build.current_dir(self.path("hello-1.0"))).ok();
        let plain = version.split_once(':').map_or(version, |(_, rest)| rest);
        let newest = |ending: &str| self.path(&format!("hello_{plain}_{ending}.changes"));
        let all = ["source", "all", "amd64"].map(newest);
        all.into_iter().rfind(|path| path.exists()).unwrap()
    }

    /// Builds the source package alone. Its .dsc.
    pub fn dsc(&self, version: &str) -> PathBuf {
        self.build(version, "bookworm", &["--build=source", "-sa"]);
        let plain = version.split_once(':').map_or(version, |(_, rest)| rest);
        self.path(&format!("hello_{plain}.dsc"))
    }

    /// Unpacks a source package with dpkg-source.
    pub fn unpack(dsc: &Path, to: &Path) -> Outcome {
        let mut unpack = system_command("dpkg-source");
        run(unpack.args(["--no-check", "-x"]).arg(dsc).arg(to))
    }
}
