//! Bundles: an application below /opt with the wheels that were locked for it.

mod asked;
mod compiled;
mod locks;
mod refusals;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use crate::harness::{
    AptRoot, Booted, Dist, DnfRoot, Outcome, Yard, eventually, free_port, packyard_command, repository, run,
    system_command,
};

const ROUTES: &str = "
from urllib.parse import parse_qs

class Routes:
    def __init__(self):
        self.known = {}

    def at(self, path):
        return lambda function: self.known.setdefault(path, function)

    def __call__(self, environment, start):
        function = self.known.get(environment['PATH_INFO'])
        start('200 OK' if function else '404 Not Found', [('Content-Type', 'application/json')])
        day = int(parse_qs(environment['QUERY_STRING']).get('day', ['0'])[0])
        return [function(day).encode() if function else b'{}']
";

const SERVE: &str = "
import importlib, sys
from wsgiref.simple_server import make_server

def main():
    module, name = sys.argv[1].split(':')
    application = getattr(importlib.import_module(module), name)
    make_server('127.0.0.1', int(sys.argv[2]), application).serve_forever()
";

const MOON: &str = "
from tiny_math import twice

def high(day):
    return (7 + twice(day)) % 12
";

/// A wheel for a test.
struct Wheel {
    name: &'static str,
    version: &'static str,
    tag: String,
    metadata: &'static str,
    points: &'static str,
    files: Vec<(String, String)>,
}

impl Wheel {
    fn pure(name: &'static str, version: &'static str, module: &str) -> Self {
        Self {
            name,
            version,
            tag: "py3-none-any".into(),
            metadata: "",
            points: "",
            files: vec![(format!("{name}.py"), module.into())],
        }
    }

    /// Writes it into a directory. Its SHA-256.
    fn write(&self, directory: &Path) -> String {
        self.write_with(directory, &BTreeMap::new())
    }

    /// The same with files that are copied into it.
    fn write_with(&self, directory: &Path, copied: &BTreeMap<String, PathBuf>) -> String {
        fs::create_dir_all(directory).unwrap();
        let files: BTreeMap<_, _> = self.files.iter().cloned().collect();
        let told = json!({
            "directory": directory, "name": self.name, "version": self.version, "tag": self.tag,
            "metadata": self.metadata, "points": self.points, "files": files, "copied": copied,
        });
        let mut make = system_command("/usr/bin/python3");
        make.arg(repository().join("tests/e2e/build_bundle/wheel.py"));
        run(make.arg(told.to_string())).ok().stdout
    }
}

/// The wheels that tide-table is locked with.
fn wheels() -> Vec<Wheel> {
    let routes = Wheel {
        metadata: "Requires-Python: >=3.7\n",
        points: "plain-serve = plain_serve:main",
        files: vec![
            ("plain_routes/__init__.py".into(), ROUTES.into()),
            ("plain_serve.py".into(), SERVE.into()),
            (
                "plain_routes-1.2.data/scripts/plain-check".into(),
                "#!python\nprint('checked')\n".into(),
            ),
            (
                "plain_routes-1.2.data/data/share/plain-routes/page.html".into(),
                "<p>".into(),
            ),
        ],
        ..Wheel::pure("plain_routes", "1.2", "")
    };
    let moon = Wheel {
        metadata: "Requires-Dist: tiny-math>=2\nRequires-Dist: old-python; python_version < '3.5'\n",
        ..Wheel::pure("moon_phase", "0.4", MOON)
    };
    vec![
        routes,
        moon,
        Wheel::pure("tiny_math", "2.0", "def twice(n):\n    return n + n\n"),
    ]
}

/// A copy of tide-table, which a test may change.
struct Tides {
    room: TempDir,
}

impl Tides {
    /// The project, its wheels beside it, and all of them locked in requirements.txt.
    fn new() -> Self {
        let room = TempDir::new().unwrap();
        let source = repository().join("fixtures/bundles/tide-table");
        run(Command::new("cp").arg("-r").arg(source).arg(room.path())).ok();
        let tides = Self { room };
        let mut text = "# locked\n".to_owned();
        for wheel in wheels() {
            let sha256 = wheel.write(&tides.path("wheels"));
            text += &requirement(&wheel, &sha256);
        }
        tides.write("requirements.txt", &text);
        tides
    }

    fn path(&self, name: &str) -> PathBuf {
        self.room.path().join("tide-table").join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    #[track_caller]
    fn replace(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "`{from}` is not in {name}");
        self.write(name, &text.replacen(from, to, 1));
    }

    /// A build without any tool at hand.
    fn command(&self, args: &[&str]) -> Command {
        let mut build = packyard_command(["build", self.path("").to_str().unwrap()]);
        build.args(args).arg("--out").arg(self.path("dist"));
        build.env("PATH", "/nonexistent");
        build
    }

    #[track_caller]
    fn build(&self, args: &[&str]) -> Dist {
        run(&mut self.command(args)).ok();
        Dist::at(self.path("dist"))
    }

    /// Insists that a build fails and leaves nothing behind.
    #[track_caller]
    fn fails(&self, args: &[&str]) -> Outcome {
        let outcome = run(&mut self.command(args)).exits(1);
        let left = fs::read_dir(self.path("dist")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "something is left in dist/\n{outcome}");
        outcome
    }
}

fn requirement(wheel: &Wheel, sha256: &str) -> String {
    let name = wheel.name.replace('_', "-");
    format!("{name}=={} \\\n    --hash=sha256:{sha256}\n", wheel.version)
}

/// A field of a .deb.
fn field(deb: &Path, name: &str) -> String {
    let mut show = system_command("dpkg-deb");
    run(show.arg("-f").arg(deb).arg(name))
        .ok()
        .stdout
        .trim()
        .to_owned()
}

/// What an .rpm requires and provides.
fn relations(rpm: &Path) -> String {
    let mut ask = system_command("rpm");
    run(ask.args(["-qp", "--requires", "--provides"]).arg(rpm))
        .ok()
        .stdout
}

#[test]
fn a_bundle_runs_after_its_installation_and_sees_nothing_of_the_system() {
    let tides = Tides::new();
    let dist = tides.build(&["--format", "deb"]);
    assert_eq!(field(&dist.deb(), "Architecture"), "all");
    assert_eq!(field(&dist.deb(), "Depends"), "python3 (>= 3.8~)");
    let root = AptRoot::new();
    fs::copy(dist.deb(), root.inside("/tmp/tides.deb")).unwrap();
    // Modules of the same name that the distribution and the user have.
    root.write(
        "/usr/lib/python3/dist-packages/moon_phase.py",
        "raise SystemExit('the system')\n",
    );
    root.write("/tmp/moon_phase.py", "raise SystemExit('the user')\n");
    root.run("dpkg", &["-i", "/tmp/tides.deb"]).ok();
    let mut program = root.command("/usr/bin/tide-table");
    program.env("PYTHONPATH", "/tmp").arg("3");
    run(&mut program)
        .ok()
        .says(&["\"high\": 1", "\"prefix\": \"/opt/tide-table\""]);
    root.run("/opt/tide-table/bin/plain-check", &[])
        .ok()
        .says(&["checked"]);
    // The environment is one for every program that looks for itself, too.
    let inner = "import subprocess, sys; subprocess.check_call([sys.executable, '-Bc', 'import plain_routes, sys; print(sys.prefix)'])";
    root.run("/opt/tide-table/bin/python3", &["-Bc", inner])
        .ok()
        .says(&["/opt/tide-table"]);
    assert!(
        root.inside("/opt/tide-table/share/plain-routes/page.html")
            .is_file()
    );
    let licence = "/opt/tide-table/lib/python3/site-packages/moon_phase-0.4.dist-info/LICENSE";
    assert!(root.inside(licence).is_file());
    // Nothing is left of it: no byte code was written.
    root.run("dpkg", &["--purge", "tide-table"]).ok();
    assert!(!root.inside("/opt/tide-table").exists());
}

#[test]
fn a_service_runs_from_a_bundle() {
    let tides = Tides::new();
    let port = free_port();
    tides.replace("packyard.toml", "8731", &port.to_string());
    let yard = Yard::new();
    yard.publish(&tides.build(&["--format", "deb"]));
    let machine = Booted::new(AptRoot::of(&yard));
    machine.apt_get(&["update"]).ok();
    machine.apt_get(&["install", "tide-table"]).ok();
    assert_eq!(machine.property("tide-table.service", "ActiveState"), "active");
    let url = format!("http://127.0.0.1:{port}/tide?day=2");
    let answer = eventually("the service to answer", || {
        let answer = machine.run("curl", &["--silent", "--show-error", &url]);
        (answer.code == Some(0)).then_some(answer.stdout)
    });
    assert!(
        answer.contains("\"high\": 11") && answer.contains("/opt/tide-table"),
        "{answer}\n{}",
        machine.journal("tide-table.service")
    );
}

#[test]
fn an_rpm_has_the_same_files_and_says_what_it_brings() {
    let tides = Tides::new();
    let dist = tides.build(&["--format", "deb,rpm"]);
    let said = relations(&dist.rpm());
    for line in [
        "python3 >= 3.8",
        "bundled(python3dist(moon-phase)) = 0.4",
        "bundled(python3dist(plain-routes)) = 1.2",
    ] {
        assert!(said.lines().any(|there| there == line), "{said}");
    }
    assert!(!said.contains("python(abi)") && !said.contains("/opt/"), "{said}");
    let root = DnfRoot::new();
    let mut install = system_command("rpm");
    install.arg("--root").arg(root.path());
    install.args(["-i", "--nodeps", "--noscripts"]).arg(dist.rpm());
    run(&mut install).ok();
    let mut unpack = system_command("dpkg-deb");
    let unpacked = tides.path("unpacked");
    run(unpack.arg("-x").arg(dist.deb()).arg(&unpacked)).ok();
    let mut compare = system_command("diff");
    compare.args(["-r", "--no-dereference"]);
    run(compare
        .arg(unpacked.join("opt/tide-table"))
        .arg(root.inside("/opt/tide-table")))
    .ok();
}

#[test]
fn two_builds_of_a_bundle_are_the_same_bytes() {
    let tides = Tides::new();
    let first = tides.build(&[]).digests();
    fs::remove_dir_all(tides.path("dist")).unwrap();
    // When the wheels were put there is no matter.
    run(Command::new("find")
        .arg(tides.path("wheels"))
        .args(["-exec", "touch", "{}", "+"]))
    .ok();
    assert_eq!(tides.build(&[]).digests(), first);
    assert_eq!(first.len(), 5, "{first:?}");
}

#[test]
fn linters_find_nothing_in_a_bundle_but_where_it_lies() {
    let tides = Tides::new();
    tides.replace(
        "pyproject.toml",
        "\"tide_table:main\"",
        "\"tide_table:main\"\n\n[tool.x]",
    );
    let dist = tides.build(&["--format", "deb,rpm"]);
    let mut lintian = system_command("lintian");
    let outcome = run(lintian.args(["--fail-on", "error,warning"]).arg(dist.deb())).ok();
    outcome.never_says(&["E:", "W:"]);
    run(&mut packyard_command([
        "check",
        dist.deb().to_str().unwrap(),
        dist.rpm().to_str().unwrap(),
    ]))
    .ok()
    .says(&["0 errors, 0 warnings in 2 files"]);
}
