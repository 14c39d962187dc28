//! Packages whose scripts are run with tools that only write down how they were called.

#![allow(dead_code)] // each test uses its part

use packyard_build::{Options, build, plan};
use packyard_types::ArtifactKind;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// What a script finds when it runs.
#[derive(Debug, Clone, Copy)]
pub struct Machine {
    /// Whether systemd runs: `/run/systemd/system` is there.
    pub booted: bool,
    /// Whether there is a systemd-update-helper.
    pub helper: bool,
    /// What `deb-systemd-helper was-enabled` and `debian-installed` answer.
    pub was_enabled: bool,
    /// `DPKG_ROOT`.
    pub dpkg_root: &'static str,
}

/// The calls of one run of a script, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    /// Which script, with which arguments.
    pub run: String,
    /// Every call of a tool.
    pub calls: Vec<String>,
}

const TOOLS: [&str; 11] = [
    "systemctl",
    "deb-systemd-helper",
    "deb-systemd-invoke",
    "systemd-sysusers",
    "systemd-tmpfiles",
    "py3compile",
    "py3clean",
    "pypy3compile",
    "pypy3clean",
    "logger",
    "systemd-update-helper",
];

/// Runs a command that must succeed; gives what it printed.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs scripts of a directory; one that is not there does nothing.
pub fn record(scripts: &Path, runs: &[(&str, &[&str])], machine: &Machine) -> Vec<Calls> {
    with_tools(scripts, runs, machine, &TOOLS)
}

fn with_tools(scripts: &Path, runs: &[(&str, &[&str])], machine: &Machine, there: &[&str]) -> Vec<Calls> {
    let dir = tempfile::tempdir().unwrap();
    let tools = dir.path().join("tools");
    fs::create_dir(&tools).unwrap();
    let log = dir.path().join("log");
    for &tool in there {
        let answer = match tool {
            "deb-systemd-helper" => {
                "case \"$*\" in *was-enabled*|*debian-installed*) exit $WAS_ENABLED;; esac\n"
            }
            "systemd-sysusers" => "[ ! -p /dev/stdin ] || cat >>\"$LOG\"\n",
            _ => "",
        };
        let path = tools.join(tool);
        fs::write(
            &path,
            format!("#!/bin/sh\necho \"{tool} $*\" >>\"$LOG\"\n{answer}"),
        )
        .unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let run_all = runs.iter().map(|(script, args)| {
        let quoted: Vec<String> = args.iter().map(|arg| format!("'{arg}'")).collect();
        let file = scripts.join(script);
        format!(
            "echo '= {script} {}' >>\"$LOG\"\n[ ! -e '{1}' ] || sh '{1}' {2} || echo failed >>\"$LOG\"\n",
            args.join(" "),
            file.display(),
            quoted.join(" ")
        )
    });
    let mut script = "set -e\nmount -t tmpfs tmpfs /run\nmount -t tmpfs tmpfs /usr/lib/systemd\n".to_owned();
    if machine.booted {
        script.push_str("mkdir -p /run/systemd/system\n");
    }
    if machine.helper {
        script.push_str("cp \"$TOOLS/systemd-update-helper\" /usr/lib/systemd/\n");
    }
    script.push_str(if there.is_empty() {
        "set +e\nmount -t tmpfs tmpfs /usr/local\nmkdir /usr/local/bin\ncp -L /bin/sh /bin/cat /usr/local/bin/\n\
         PATH=/usr/local/bin\n"
    } else {
        "set +e\nPATH=\"$TOOLS:/usr/sbin:/usr/bin:/sbin:/bin\"\n"
    });
    script.extend(run_all);
    let mut unshare = Command::new("unshare");
    unshare
        .args(["--mount", "sh", "-c", &script])
        .env("LOG", &log)
        .env("TOOLS", &tools);
    unshare.env("WAS_ENABLED", if machine.was_enabled { "0" } else { "1" });
    if !machine.dpkg_root.is_empty() {
        unshare.env("DPKG_ROOT", machine.dpkg_root);
    }
    run(&mut unshare);
    let mut found: Vec<Calls> = Vec::new();
    for line in fs::read_to_string(&log).unwrap().lines() {
        match line.strip_prefix("= ") {
            Some(run) => found.push(Calls {
                run: run.trim().to_owned(),
                calls: Vec::new(),
            }),
            None => found.last_mut().unwrap().calls.push(line.to_owned()),
        }
    }
    found
}

/// A .deb and an .rpm of one project, unpacked.
pub struct Package {
    dir: TempDir,
}

impl Package {
    /// Builds a project without Python that has this project file.
    pub fn build(units: &str) -> Self {
        let packyard = format!(
            "[package]\nname = 'demo-app'\nsummary = 'demonstration'\nlicense = 'MIT'\n\
             maintainer = 'Ada Sample <ada@example.org>'\n[[file]]\nsource = 'demo-app'\ntarget = '/usr/bin/demo-app'\n\
             mode = '0755'\n{units}"
        );
        Self::of(&[("packyard.toml", &packyard), ("demo-app", "#!/bin/sh\n")])
    }

    /// Builds a Python library.
    pub fn build_python(units: &str) -> Self {
        let pyproject = "[project]\nname = 'demo-app'\nversion = '1.1'\nlicense = 'MIT'\n\
            authors = [{name = 'Ada Sample', email = 'ada@example.org'}]\n[tool.setuptools]\npackages = ['demo']\n";
        Self::of(&[
            ("packyard.toml", units),
            ("pyproject.toml", pyproject),
            ("demo/__init__.py", ""),
        ])
    }

    fn of(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("project");
        let changelog = ("CHANGELOG.rst", "1.1\n^^^\n22-Mar-2019\n\n* x\n");
        for (name, text) in files.iter().chain([&changelog]) {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), text).unwrap();
        }
        let options = Options {
            formats: vec![ArtifactKind::Deb, ArtifactKind::Rpm],
            ..Options::default()
        };
        let dist = dir.path().join("dist");
        let release = build(&plan(&root, &options).unwrap(), &dist, |_| ()).unwrap();
        for artifact in &release.artifacts {
            let file = dist.join(&artifact.file);
            if file.extension().is_some_and(|ending| ending == "deb") {
                let unpack = |flag: &str, to: &str| {
                    run(Command::new("dpkg-deb")
                        .arg(flag)
                        .arg(&file)
                        .arg(dir.path().join(to)))
                };
                unpack("-x", "tree");
                unpack("-e", "deb");
            } else {
                let scripts = dir.path().join("rpm");
                fs::create_dir(&scripts).unwrap();
                for tag in ["PREIN", "POSTIN", "PREUN", "POSTUN"] {
                    let query = format!("--qf=%{{{tag}}}");
                    let text = run(Command::new("rpm")
                        .args(["-qp", "--nosignature", &query])
                        .arg(&file));
                    fs::write(scripts.join(tag), if text == "(none)" { "" } else { &text }).unwrap();
                }
            }
        }
        Self { dir }
    }

    /// A path of the installed package.
    pub fn installed(&self, path: &str) -> PathBuf {
        self.dir.path().join("tree").join(path.trim_start_matches('/'))
    }

    /// Runs the maintainer scripts of the .deb.
    pub fn record_deb(&self, runs: &[(&str, &[&str])], machine: &Machine) -> Vec<Calls> {
        record(&self.dir.path().join("deb"), runs, machine)
    }

    /// Runs the scriptlets of the .rpm.
    pub fn record_rpm(&self, runs: &[(&str, &[&str])], machine: &Machine) -> Vec<Calls> {
        record(&self.dir.path().join("rpm"), runs, machine)
    }

    /// The same where none of the tools is installed.
    pub fn record_rpm_without_tools(&self, runs: &[(&str, &[&str])]) -> Vec<Calls> {
        let machine = Machine {
            booted: false,
            helper: false,
            was_enabled: false,
            dpkg_root: "",
        };
        with_tools(&self.dir.path().join("rpm"), runs, &machine, &[])
    }
}
