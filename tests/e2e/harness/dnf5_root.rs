//! dnf5 and rpm 6, which Debian has only in sid, and a system in a directory for them.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{Outcome, Yard, get, run, system_command, tool};

/// What dnf5 is told its system is, inside of the chroot.
const SYSTEM: &str = "/system";

/// A chroot that holds nothing but dnf5 and rpm 6 with their libraries, and in it an installroot for them. rpm takes no
/// package without a good signature (`%_pkgverify_level all`, as Fedora 45 has it): only the stand-in for the
/// distribution, whose repository says `gpgcheck=0`, is let through by dnf5.
pub struct Dnf5Root(TempDir);

impl Dnf5Root {
    /// Unpacks the chroot and installs the stand-in for a distribution.
    pub fn new() -> Self {
        let root = Self(TempDir::new().unwrap());
        let mut tar = system_command("tar");
        tar.args(["--extract", "--numeric-owner", "--file"])
            .arg(tool("sid.tar"));
        run(tar.arg("--directory").arg(root.0.path())).ok();
        fs::create_dir_all(root.inside("etc/rpm")).unwrap();
        fs::write(root.inside("etc/rpm/macros"), "%_pkgverify_level all\n").unwrap();
        fs::create_dir_all(root.system("etc/yum.repos.d")).unwrap();
        run(system_command("cp")
            .arg("-rL")
            .arg(tool("base-rpm"))
            .arg(root.inside("base")))
        .ok();
        root.add_repo("base", "[base]\nname=base\nbaseurl=file:///base\ngpgcheck=0\n");
        root.dnf(&["install", "packyard-test-base"]).ok();
        root
    }

    /// A root that installs from channel main of a yard, set up by the served file.
    pub fn of(yard: &Yard) -> Self {
        let root = Self::new();
        let repo = get(&yard.url("/main/yum/any.repo")).is(200);
        root.add_repo("packyard", repo.text());
        root
    }

    /// Adds a repository by the text of its `.repo` file.
    pub fn add_repo(&self, name: &str, text: &str) {
        fs::write(self.system(&format!("etc/yum.repos.d/{name}.repo")), text).unwrap();
    }

    /// A path inside of the chroot, seen from outside.
    pub fn inside(&self, path: &str) -> PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }

    /// A path of the system, seen from outside.
    pub fn system(&self, path: &str) -> PathBuf {
        self.inside(SYSTEM).join(path.trim_start_matches('/'))
    }

    /// Runs dnf5 on the system; what it fetched before counts as outdated.
    pub fn dnf(&self, args: &[&str]) -> Outcome {
        let root = format!("--installroot={SYSTEM}");
        let fixed = ["-y", &root, "--releasever=1", "--forcearch=x86_64"];
        // `--refresh` does not ask the server again about what was fetched a moment ago.
        self.run("dnf5", &[&fixed[..], &["clean", "expire-cache"]].concat())
            .ok();
        self.run("dnf5", &[&fixed, args].concat())
    }

    /// Runs rpm 6 on the system; paths are those of the chroot.
    pub fn rpm(&self, args: &[&str]) -> Outcome {
        self.run("rpm", &[&["--root", SYSTEM], args].concat())
    }

    /// Runs a program of the chroot.
    pub fn run(&self, program: &str, args: &[&str]) -> Outcome {
        let mut command = system_command("chroot");
        // There is no locale, and no user whose home could be looked up.
        command.env("LC_ALL", "C").env("HOME", "/");
        run(command.arg(self.0.path()).arg(program).args(args))
    }

    /// The version and release of a package that is installed.
    pub fn installed(&self, package: &str) -> Option<String> {
        let answer = self.rpm(&["-q", "--queryformat", "%{VERSION}-%{RELEASE}", package]);
        (answer.code == Some(0)).then_some(answer.stdout)
    }
}
