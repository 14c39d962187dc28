//! A system in a directory, for dnf and rpm.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Outcome, Yard, get, run, system_command, tool};

/// An installroot that holds a stand-in for a distribution and knows no repository but the one
/// that it came from and those that a test configures.
pub struct DnfRoot {
    directory: TempDir,
}

impl DnfRoot {
    /// Makes a root with only a shell in it.
    pub fn new() -> Self {
        let root = Self {
            directory: TempDir::new().unwrap(),
        };
        for directory in ["etc/yum.repos.d", "etc/dnf", "var/log"] {
            fs::create_dir_all(root.inside(directory)).unwrap();
        }
        fs::write(root.inside("etc/dnf/dnf.conf"), "[main]\n").unwrap();
        let base = tool("base-rpm");
        root.add_repo(
            "base",
            &format!("[base]\nname=base\nbaseurl={}\ngpgcheck=0\n", base.display()),
        );
        root.dnf(&["install", "packyard-test-base"]).ok();
        root
    }

    /// A root that installs from channel main of a yard, set up by the served file.
    pub fn of(yard: &Yard) -> Self {
        Self::at(&yard.url("/main"))
    }

    /// The same for a channel that is served at an address.
    pub fn at(channel: &str) -> Self {
        let root = Self::new();
        let repo = get(&format!("{channel}/yum/any.repo")).is(200);
        root.add_repo("packyard", repo.text());
        root
    }

    /// Adds a repository by the text of its `.repo` file.
    pub fn add_repo(&self, name: &str, text: &str) {
        let path = format!("etc/yum.repos.d/{name}.repo");
        fs::write(self.inside(&path), text).unwrap();
    }

    /// The directory of the root.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A path inside, seen from outside.
    pub fn inside(&self, path: &str) -> PathBuf {
        self.path().join(path.trim_start_matches('/'))
    }

    /// Runs dnf on the root; what it fetched before counts as outdated.
    pub fn dnf(&self, args: &[&str]) -> Outcome {
        self.dnf_core(system_command("dnf").arg("--noplugins"), args)
    }

    /// The same with what it fetched before, as long as it holds that for current.
    pub fn dnf_as_it_is(&self, args: &[&str]) -> Outcome {
        let mut dnf = system_command("dnf");
        self.on_this_root(dnf.arg("--noplugins"));
        run(dnf.args(args))
    }

    /// Runs dnf with the plugins `download` and `reposync`.
    pub fn dnf_with_plugins(&self, args: &[&str]) -> Outcome {
        let plugins = tool("dnf-plugins");
        let mut dnf = system_command("dnf");
        dnf.env("PYTHONPATH", &plugins);
        dnf.arg(format!(
            "--setopt=pluginpath={}",
            plugins.join("plugins").display()
        ));
        self.dnf_core(&mut dnf, args)
    }

    fn dnf_core(&self, dnf: &mut Command, args: &[&str]) -> Outcome {
        self.on_this_root(dnf.arg("--refresh"));
        run(dnf.args(args))
    }

    fn on_this_root(&self, dnf: &mut Command) {
        let path = |inside: &str| self.inside(inside).to_str().unwrap().to_owned();
        dnf.args(["-y", "--releasever=1", "--forcearch=x86_64"]);
        dnf.arg(format!("--config={}", path("etc/dnf/dnf.conf")));
        dnf.arg(format!("--installroot={}", self.path().display()));
        dnf.arg(format!("--setopt=reposdir={}", path("etc/yum.repos.d")));
        dnf.arg(format!("--setopt=cachedir={}", path("var/cache/dnf")));
        dnf.arg(format!("--setopt=logdir={}", path("var/log")));
        dnf.arg("--setopt=module_platform_id=platform:el9");
    }

    /// Asks the root's rpm database something.
    pub fn rpm(&self, args: &[&str]) -> Outcome {
        run(system_command("rpm").arg("--root").arg(self.path()).args(args))
    }

    /// The version and release of a package that is installed.
    pub fn installed(&self, package: &str) -> Option<String> {
        let answer = self.rpm(&["-q", "--queryformat", "%{VERSION}-%{RELEASE}", package]);
        (answer.code == Some(0)).then_some(answer.stdout)
    }
}
