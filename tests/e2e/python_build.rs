//! Python projects of every layout: what packyard makes by itself is what their own backends make.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Backends, Dist, Project, Venv, repository, run, system_command};

/// The samples, and the module that each can import.
const SAMPLES: [(&str, &str); 7] = [
    ("hello-world", "hello_world.main"),
    ("hello-world-setup-py", "hello_world.main"),
    ("src-layout-hatchling", "tidewatch"),
    ("flat-flit", "leap_days"),
    ("namespace-setuptools", "acme.units"),
    ("uv-build", "roman_clock"),
    ("setup-cfg-only", "postbox"),
];

fn sample(name: &str) -> Backends {
    Backends::of(&repository().join("fixtures/projects").join(name))
}

#[test]
fn the_wheel_of_every_sample_is_the_one_of_its_backend() {
    for (name, _) in SAMPLES {
        let both = sample(name);
        let (ours, native) = both.ours();
        assert!(native, "{name} was not built without its backend");
        Backends::same(&ours, &both.theirs());
    }
}

#[test]
fn the_sdist_of_every_sample_makes_the_same_wheel() {
    for (name, _) in SAMPLES {
        let both = sample(name);
        let (ours, _) = both.ours();
        let dist = Project::sample(name).build();
        Backends::same(&ours, &both.wheel_of_sdist(&dist.sdist()));
    }
}

#[test]
fn twine_and_check_wheel_contents_have_nothing_to_say() {
    for (name, _) in SAMPLES {
        let dist = Project::sample(name).build();
        let mut twine = Venv::tool("twine");
        run(twine
            .args(["check", "--strict"])
            .arg(dist.wheel())
            .arg(dist.sdist()))
        .ok()
        .never_says(&["WARNING"]);
        let mut check = Venv::tool("check-wheel-contents");
        // W004: stubs beside a module are no module; W010: a namespace has no file of its own.
        run(check
            .args(["--no-config", "--ignore", "W004,W010"])
            .arg(dist.wheel()))
        .ok();
    }
}

#[test]
fn lintian_has_no_error_and_no_warning_on_any_sample() {
    for (name, _) in SAMPLES {
        let dist = Project::sample(name).build();
        let mut lintian = system_command("lintian");
        lintian
            .args(["--allow-root", "--fail-on", "error,warning"])
            .arg(dist.deb());
        run(&mut lintian).ok().never_says(&["E: ", "W: "]);
    }
}

#[test]
fn pip_and_uv_install_the_wheel_and_the_sdist() {
    for (name, module) in SAMPLES {
        let dist = Project::sample(name).build();
        for venv in [
            Backends::install(&dist.wheel(), false),
            Backends::install(&dist.wheel(), true),
        ] {
            imports(&venv, module);
        }
    }
    let dist = Project::sample("src-layout-hatchling").build();
    let mut pip = Venv::tool("pip");
    let room = TempDir::new().unwrap();
    pip.args([
        "--isolated",
        "--disable-pip-version-check",
        "wheel",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "-w",
    ]);
    run(pip.arg(room.path()).arg(dist.sdist())).ok();
    let made = Dist::at(room.path().to_path_buf());
    imports(&Backends::install(&made.wheel(), false), "tidewatch");
}

fn imports(venv: &Venv, module: &str) {
    run(Command::new(venv.bin("python")).args(["-I", "-c", &format!("import {module}")])).ok();
}

/// Writes a project of some files.
fn project(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

#[track_caller]
fn native_and_same(files: &[(&str, &str)]) {
    let dir = project(files);
    let both = Backends::of(dir.path());
    let (ours, native) = both.ours();
    assert!(native, "it was not built without its backend");
    Backends::same(&ours, &both.theirs());
}

const HATCHLING: &str = "[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n";
const SETUPTOOLS: &str =
    "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n";
const FLIT: &str = "[build-system]\nrequires = ['flit_core>=4']\nbuild-backend = 'flit_core.buildapi'\n";
const FLIT3: &str =
    "[build-system]\nrequires = ['flit_core>=3.12,<4']\nbuild-backend = 'flit_core.buildapi'\n";
const UV: &str = "[build-system]\nrequires = ['uv_build']\nbuild-backend = 'uv_build'\n";

/// hatchling wants to be told of a requirement that is a URL.
const DIRECT: &str = "[tool.hatch.metadata]\nallow-direct-references = true\n";

/// Everything that `[project]` can say.
const FULL: &str = "[project]\nname = 'Some.Thing'\nversion = '1.2rc1'\ndescription = 'A thing'\nreadme = {file = 'R.txt', content-type = 'text/plain'}\n\
    requires-python = '>=3.8, !=3.9.0'\nkeywords = ['b', 'a']\nclassifiers = ['Programming Language :: Python :: 3', 'Development Status :: 4 - Beta']\n\
    authors = [{name = 'J. Doe', email = 'j@example.org'}, {name = 'A \"B\" C'}, {email = 'x@example.org'}]\n\
    maintainers = [{name = 'M N', email = 'm@example.org'}]\n\
    dependencies = ['Requests[socks] >=2, <3', 'tomli ; python_version < \"3.11\"', 'thing @ https://example.org/t.whl']\n\
    [project.optional-dependencies]\nDev_Tools = ['pytest', \"x; os_name == 'nt' or python_version < '3.9'\"]\nall = ['Some.Thing[dev-tools]']\nnone = []\n\
    [project.urls]\nZed = 'https://example.org/z'\nHome = 'https://example.org/'\n\
    [project.scripts]\nthing = 'some_thing:main'\n[project.gui-scripts]\nthing-gui = 'some_thing:main'\n[project.entry-points.'some.group']\na = 'some_thing'\n";

fn full(backend: &str, license: &str, package: &str, settings: &str) {
    let mut metadata = FULL.replace("[project]\n", &format!("[project]\n{license}\n"));
    if backend == HATCHLING {
        // It spells out what the other extra asks for, and packyard leaves that to it.
        metadata = metadata.replace("all = ['Some.Thing[dev-tools]']\n", "");
    }
    let text = format!("{backend}{metadata}{settings}");
    native_and_same(&[
        ("pyproject.toml", &text),
        ("R.txt", "Text\n\nFrom here: on\n"),
        ("LICENSE", "Copyright\n\n  Some text\n"),
        ("NOTICE.md", "Notice\n"),
        (&format!("{package}/__init__.py"), "def main(): pass\n"),
        (&format!("{package}/py.typed"), ""),
        (&format!("{package}/sub/data.json"), "{}"),
        (&format!("{package}/sub/__init__.py"), ""),
    ]);
}

#[test]
fn all_fields_of_core_metadata_are_written_as_the_backends_write_them() {
    for license in [
        "license = 'mit OR Apache-2.0'",
        "license = {text = 'Mine\\nand yours'}",
        "license = {file = 'LICENSE'}",
        "",
    ] {
        full(HATCHLING, license, "src/some_thing", DIRECT);
        full(SETUPTOOLS, license, "src/some_thing", "");
        full(
            FLIT,
            license,
            "some_thing",
            "[tool.flit.module]\nname = 'some_thing'\n",
        );
        full(
            FLIT3,
            license,
            "some_thing",
            "[tool.flit.module]\nname = 'some_thing'\n",
        );
        full(UV, &license.replace("mit", "MIT"), "src/some_thing", "");
    }
    let files = "license = 'MIT'\nlicense-files = ['LICENSE', 'NOTICE*']";
    full(
        UV,
        files,
        "some_thing",
        "[tool.uv.build-backend]\nmodule-root = ''\n",
    );
    full(SETUPTOOLS, files, "some_thing", "");
    full(
        HATCHLING,
        &format!("{files}\nimport-names = ['some_thing', '_x; private']"),
        "some_thing",
        DIRECT,
    );
}

fn minimal(backend: &str, name: &str, settings: &str) -> String {
    format!(
        "{backend}[project]\nname = '{name}'\nversion = '1'\ndescription = 'x'\nrequires-python = '>=3.8'\n{settings}"
    )
}

#[test]
fn stubs_single_modules_and_namespaces_are_found() {
    for (backend, dir) in [(SETUPTOOLS, ""), (HATCHLING, "src/"), (FLIT, ""), (UV, "src/")] {
        let settings = match backend {
            HATCHLING => "[tool.hatch.build.targets.wheel]\npackages = ['src/foo-stubs']\n",
            _ => "",
        };
        native_and_same(&[
            ("pyproject.toml", &minimal(backend, "foo-stubs", settings)),
            (&format!("{dir}foo-stubs/__init__.pyi"), "x: int\n"),
            (&format!("{dir}foo-stubs/sub/__init__.pyi"), ""),
        ]);
    }
    for backend in [SETUPTOOLS, HATCHLING, FLIT] {
        native_and_same(&[
            ("pyproject.toml", &minimal(backend, "one-file", "")),
            ("one_file.py", "'''x'''\n"),
        ]);
    }
    let module = "[tool.flit.module]\nname = 'ns.pkg'\n";
    native_and_same(&[
        ("pyproject.toml", &minimal(FLIT, "ns.pkg", module)),
        ("src/ns/pkg/__init__.py", ""),
    ]);
    native_and_same(&[
        ("pyproject.toml", &minimal(HATCHLING, "pkg", "")),
        ("ns/pkg/__init__.py", ""),
        ("ns/other/x.txt", ""),
    ]);
    let module = "[tool.uv.build-backend]\nmodule-name = 'ns.pkg'\n";
    native_and_same(&[
        ("pyproject.toml", &minimal(UV, "ns-pkg", module)),
        ("src/ns/pkg/__init__.py", ""),
    ]);
}

#[test]
fn hatchling_targets_choose_the_same_files() {
    let files: &[(&str, &str)] = &[
        (".gitignore", "*.log\n!keep.log\n/pkg/generated.py\n"),
        ("pkg/__init__.py", ""),
        ("pkg/a.log", ""),
        ("pkg/keep.log", ""),
        ("pkg/generated.py", ""),
        ("pkg/sub/b.py", ""),
        ("pkg/.hidden", ""),
        ("tests/test_a.py", ""),
        ("share/x.1", ""),
        ("bin/run", "#!/usr/bin/env python3\nprint(1)\n"),
    ];
    for settings in [
        "",
        "[tool.hatch.build.targets.wheel]\nartifacts = ['pkg/generated.py']\nexclude = ['/pkg/sub']\n",
        "[tool.hatch.build.targets.wheel]\ninclude = ['/pkg/*.py', 'tests']\n",
        "[tool.hatch.build.targets.wheel]\nonly-include = ['pkg/sub', 'tests']\nsources = ['pkg']\n",
        "[tool.hatch.build.targets.wheel.force-include]\n'share' = 'pkg/share'\n'bin/run' = 'pkg/run'\n",
        "[tool.hatch.build]\nignore-vcs = true\n[tool.hatch.build.targets.wheel.sources]\n'pkg' = 'other/pkg'\n",
        "[tool.hatch.build.targets.wheel.shared-data]\n'share/x.1' = 'share/man/man1/x.1'\n[tool.hatch.build.targets.wheel.shared-scripts]\n'bin/run' = 'run'\n",
    ] {
        let text = minimal(HATCHLING, "pkg", settings);
        let mut all = files.to_vec();
        all.push(("pyproject.toml", &text));
        native_and_same(&all);
    }
}

#[test]
fn setuptools_settings_choose_the_same_files() {
    let files: &[(&str, &str)] = &[
        ("lib/pkg/__init__.py", "__version__ = '3.1'\n"),
        ("lib/pkg/data/a.json", ""),
        ("lib/pkg/data/.hidden", ""),
        ("lib/pkg/data/deep/b.txt", ""),
        ("lib/pkg/sub/__init__.py", ""),
        ("lib/pkg/sub/c.csv", ""),
        ("lib/single.py", ""),
        ("etc/x.conf", ""),
        ("bin/run", "#!/usr/bin/python3 -E\nprint(1)\n"),
        ("MANIFEST.in", "recursive-include lib *.txt\ninclude etc/*\n"),
    ];
    let base = "[tool.setuptools]\npackage-dir = {'' = 'lib'}\n";
    for settings in [
        "",
        "packages = ['pkg', 'pkg.sub']\ninclude-package-data = false\n",
        "packages = ['pkg']\npy-modules = ['single']\npackage-data = {pkg = ['data/*.json', 'data/**/*.txt']}\n",
        "packages = {find = {where = ['lib'], exclude = ['pkg.sub'], namespaces = false}}\nexclude-package-data = {'*' = ['*.txt']}\n",
        "packages = ['pkg']\nscript-files = ['bin/run']\n[tool.setuptools.data-files]\n'etc/pkg' = ['etc/*.conf']\n",
    ] {
        let text = minimal(SETUPTOOLS, "pkg", &format!("{base}{settings}"));
        let mut all = files.to_vec();
        all.push(("pyproject.toml", &text));
        native_and_same(&all);
    }
    let cfg = "[metadata]\nname = pkg\nversion = attr: pkg.__version__\nlicense = MIT\ndescription = x\n[options]\npackage_dir =\n    = lib\n\
        packages = find:\ninstall_requires =\n    a>=1\n    b; python_version<'3.9'\n[options.packages.find]\nwhere = lib\n[options.package_data]\n* = *.csv\n";
    let mut all = files.to_vec();
    all.push(("pyproject.toml", SETUPTOOLS));
    all.push(("setup.cfg", cfg));
    native_and_same(&all);
    all.push((
        "setup.py",
        "from setuptools import setup\nsetup(keywords=['a', 'b'], include_package_data=True)\n",
    ));
    native_and_same(&all);
}

#[test]
fn what_only_the_backend_can_know_is_asked_for_with_the_key_that_made_it_so() {
    let hook = "[tool.hatch.build.hooks.custom]\npath = 'h.py'\n";
    let command = "[tool.setuptools.cmdclass]\nx = 'y.Z'\n";
    for (backend, settings, key) in [
        (HATCHLING, hook, "[tool.hatch.build.hooks]"),
        (SETUPTOOLS, command, "`cmdclass`"),
    ] {
        let text = minimal(backend, "pkg", settings);
        let dir = project(&[("pyproject.toml", &text), ("pkg/__init__.py", "")]);
        let mut build =
            crate::harness::packyard_command(["build", dir.path().to_str().unwrap(), "--format", "wheel"]);
        run(build.env("PATH", "/nonexistent")).exits(1).says(&[key]);
        assert!(!Path::new(&dir.path().join("dist")).exists());
    }
}
