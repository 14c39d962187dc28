//! Projects with compiled modules: packages for the Python and the machine that they were built on.

use std::env::consts::ARCH;
use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{AptRoot, Backends, Dist, Outcome, packyard_command, run, system_command};

/// A module in C that needs no headers of Python: all that it names is part of the stable ABI.
pub const MODULE: &str = r#"
#include <math.h>
#include <stdlib.h>
extern double PyFloat_AsDouble(void *);
extern void *PyFloat_FromDouble(double);
extern void *PyModule_Create2(void *, int);

static void *root(void *self, void *number) {
    double power = getenv("ROOTS_THIRD") ? 1.0 / 3 : 0.5;
    return PyFloat_FromDouble(pow(PyFloat_AsDouble(number), power));
}

static struct { const char *name; void *call; int flags; const char *doc; } methods[] = {{"root", root, 8, 0}, {0, 0, 0, 0}};
static struct {
    long references; void *type, *init; long index; void *copy;
    const char *name, *doc; long size; void *methods, *slots, *traverse, *clear, *free;
} module = {1, 0, 0, 0, 0, "_roots", 0, -1, methods, 0, 0, 0, 0};

void *PyInit__roots(void) { return PyModule_Create2(&module, 1013); }
"#;

const PYPROJECT: &str = "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n\
    [project]\nname = 'roots'\nversion = '1.4'\ndescription = 'Square roots of numbers'\nlicense = 'MIT'\n\
    requires-python = '>=3.8'\nreadme = 'README.md'\nauthors = [{name = 'A B', email = 'a@example.org'}]\n\
    urls = {Homepage = 'https://example.org/roots'}\n[tool.setuptools]\npackages = ['roots']\n";

/// A project whose `setup.py` makes this extension.
fn project(extension: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    let files = [
        ("pyproject.toml", PYPROJECT.to_owned()),
        (
            "setup.py",
            format!("from setuptools import Extension, setup\n{extension}\n"),
        ),
        (
            "roots/__init__.py",
            "from roots._roots import root\n\n__all__ = [\"root\"]\n".into(),
        ),
        ("roots.c", MODULE.into()),
        (
            "README.md",
            "# roots\n\nSquare roots of numbers, which are taken in C.\n".into(),
        ),
        ("CHANGELOG.rst", "1.4\n===\n2020-01-02\n\n* Begin.\n".into()),
        ("LICENSE", "MIT License\n\nCopyright (c) 2020 A B\n".into()),
    ];
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

const PLAIN: &str = "setup(ext_modules=[Extension('roots._roots', ['roots.c'], libraries=['m'])])";

fn build(dir: &Path, args: &[&str]) -> Outcome {
    let mut packyard = packyard_command(["build", dir.to_str().unwrap()]);
    // The module is for users, and not for who debugs it.
    packyard.args(args).env("LDFLAGS", "-s");
    Backends::with_backend(&mut packyard)
}

fn field(deb: &Path, name: &str) -> String {
    let said = run(system_command("dpkg-deb").arg("-f").arg(deb).arg(name)).ok();
    said.stdout.trim().to_owned()
}

fn query(rpm: &Path, what: &str) -> String {
    run(system_command("rpm").args(["-qp", what]).arg(rpm))
        .ok()
        .stdout
}

#[test]
fn a_module_in_c_is_installed_for_the_python_that_built_it_and_imported() {
    let dir = project(PLAIN);
    build(dir.path(), &["--for", "bookworm"]).ok();
    let dist = Dist::at(dir.path().join("dist")).of("bookworm");
    let architecture = if ARCH == "aarch64" { "arm64" } else { "amd64" };
    assert_eq!(field(&dist.deb(), "Architecture"), architecture);
    let depends = field(&dist.deb(), "Depends");
    assert!(
        depends.starts_with("python3 (>= 3.11~), python3 (<< 3.12), libc6 (>= 2."),
        "{depends}"
    );
    let module = format!("roots/_roots.cpython-311-{ARCH}-linux-gnu.so");
    run(system_command("dpkg-deb").arg("-c").arg(dist.deb()))
        .ok()
        .says(&[
            "-rw-r--r-- root/root",
            &format!("./usr/lib/python3/dist-packages/{module}"),
        ]);
    let root = AptRoot::new();
    fs::copy(dist.deb(), root.inside("/tmp/roots.deb")).unwrap();
    root.run("dpkg", &["-i", "/tmp/roots.deb"]).ok();
    root.run("python3", &["-c", "import roots; print(roots.root(144))"])
        .ok()
        .says(&["12.0"]);
    // Everything is removed with it.
    root.run("dpkg", &["-P", "python3-roots"])
        .ok()
        .never_says(&["not empty"]);
}

#[test]
fn an_rpm_of_it_requires_its_python_and_what_rpms_generator_finds() {
    let dir = project(PLAIN);
    build(dir.path(), &["--format", "rpm,wheel"])
        .ok()
        .says(&["the .rpm is for Python 3.11, which its modules were compiled for"]);
    let dist = Dist::at(dir.path().join("dist"));
    let rpm = dist.rpm();
    assert!(rpm.to_str().unwrap().ends_with(&format!(".{ARCH}.rpm")));
    let requires = query(&rpm, "--requires");
    assert!(requires.contains("python(abi) = 3.11\n"), "{requires}");
    let room = TempDir::new().unwrap();
    let unpack = format!("rpm2cpio {} | cpio -id --quiet", rpm.display());
    run(system_command("sh").args(["-c", &unpack]).current_dir(&room)).ok();
    let module = format!("usr/lib64/python3.11/site-packages/roots/_roots.cpython-311-{ARCH}-linux-gnu.so");
    let ask = format!(
        "echo {} | /usr/lib/rpm/elfdeps --requires",
        room.path().join(module).display()
    );
    let theirs = run(system_command("sh").args(["-c", &ask])).ok().stdout;
    assert!(theirs.contains("libm.so.6()(64bit)"), "{theirs}");
    for name in theirs.lines() {
        assert!(requires.lines().any(|line| line == name), "{name}\n{requires}");
    }
    // A module is nobody's library.
    assert!(!query(&rpm, "--provides").contains(".so"));
}

#[test]
fn a_target_with_another_python_is_refused_by_name() {
    let dir = project(PLAIN);
    let wheel = format!("roots-1.4-cp311-cp311-linux_{ARCH}.whl");
    for (target, python) in [("trixie", "3.13"), ("el9", "3.9")] {
        build(dir.path(), &["--format", "deb,rpm", "--for", target])
            .exits(1)
            .says(&[
                &format!("`{wheel}`, which was built here, is not for {target}: Python {python} on {ARCH}"),
                "hint: build it where that Python is",
            ]);
        assert!(!dir.path().join("dist").exists());
    }
}

#[test]
fn a_module_of_the_stable_abi_runs_on_every_later_python() {
    let dir = project(
        "setup(ext_modules=[Extension('roots._roots', ['roots.c'], libraries=['m'], py_limited_api=True)],\n\
         options={'bdist_wheel': {'py_limited_api': 'cp39'}})",
    );
    build(dir.path(), &["--format", "deb,rpm", "--for", "trixie,el9"]).ok();
    let dist = Dist::at(dir.path().join("dist"));
    let depends = field(&dist.of("trixie").deb(), "Depends");
    assert!(
        depends.starts_with("python3 (>= 3.9~), libc6 (>= 2."),
        "{depends}"
    );
    let rpm = dist.of("el9").rpm();
    assert!(query(&rpm, "--requires").contains("python(abi) = 3.9\n"));
    let files = query(&rpm, "-l");
    assert!(
        files.contains("/usr/lib64/python3.9/site-packages/roots/_roots.abi3.so\n"),
        "{files}"
    );
}

#[test]
fn linters_find_nothing_in_it() {
    let dir = project(PLAIN);
    build(dir.path(), &["--format", "deb,rpm"]).ok();
    let dist = Dist::at(dir.path().join("dist"));
    let mut lintian = system_command("lintian");
    lintian.args(["--allow-root", "--fail-on", "error,warning"]);
    run(lintian.arg(dist.deb())).ok().never_says(&["E: ", "W: "]);
    let settings = crate::harness::repository().join("tests/tools/rpmlint.toml");
    run(system_command("rpmlint").arg("-c").arg(settings).arg(dist.rpm()))
        .ok()
        .says(&[" 0 errors, 0 warnings"]);
}

#[test]
fn a_library_that_nobody_has_is_named_until_somebody_says_who_has_it() {
    let dir = project(
        "setup(ext_modules=[Extension('roots._roots', ['roots.c'], libraries=['m'],\n\
         extra_link_args=['-Wl,--no-as-needed', '-L.', '-lown'])])",
    );
    let library = dir.path().join("libown.so");
    fs::write(dir.path().join("own.c"), "int own;\n").unwrap();
    let mut gcc = Command::new("gcc");
    gcc.args(["-shared", "-Wl,-soname,libown.so.7", "-o"])
        .arg(&library);
    run(gcc.arg(dir.path().join("own.c"))).ok();
    fs::write(dir.path().join("MANIFEST.in"), "include libown.so\n").unwrap();
    let module = format!("/usr/lib/python3/dist-packages/roots/_roots.cpython-311-{ARCH}-linux-gnu.so");
    build(dir.path(), &["--format", "deb"]).exits(1).says(&[
        &format!("`{module}` needs the library `libown.so.7`, and no package of Debian is known to have it"),
        "[deb.libraries]\n\"libown.so.7\" = \"libown7\"",
    ]);
    for (said, depends) in [
        (
            "[deb.libraries]\n\"libown.so.7\" = \"own (>= 7)\"\n",
            "own (>= 7)",
        ),
        ("[deb]\ndepends = [\"libown7 (>= 7.1)\"]\n", "libown7 (>= 7.1)"),
    ] {
        fs::write(dir.path().join("packyard.toml"), said).unwrap();
        build(dir.path(), &["--format", "deb"]).ok();
        let dist = Dist::at(dir.path().join("dist"));
        assert!(field(&dist.deb(), "Depends").ends_with(depends), "{depends}");
    }
}

#[test]
fn a_project_that_can_do_without_its_module_gives_a_pure_wheel_beside() {
    let dir = project(&format!(
        "import os\nif os.environ.get('ROOTS_PURE'):\n    setup()\nelse:\n    {PLAIN}"
    ));
    let settings = dir.path().join("packyard.toml");
    fs::write(&settings, "[python]\npure-wheel = \"ROOTS_PURE=1\"\n").unwrap();
    build(dir.path(), &[]).ok();
    let dist = Dist::at(dir.path().join("dist"));
    let names = dist.names();
    for name in [
        &format!("roots-1.4-cp311-cp311-linux_{ARCH}.whl"),
        "roots-1.4-py3-none-any.whl",
    ] {
        assert!(names.iter().any(|there| there == name), "{names:?}");
    }
    run(system_command("unzip")
        .arg("-l")
        .arg(dist.directory().join("roots-1.4-py3-none-any.whl")))
    .ok()
    .says(&["roots/__init__.py"])
    .never_says(&[".so"]);
    fs::write(&settings, "[python]\npure-wheel = \"ROOTS_PLAIN=1\"\n").unwrap();
    build(dir.path(), &[]).exits(1).says(&[
        &format!("with `ROOTS_PLAIN=1` the build backend made `roots-1.4-cp311-cp311-linux_{ARCH}.whl`, which is not pure"),
        "--> packyard.toml:2:14",
    ]);
}

#[test]
fn a_program_in_rust_that_maturin_builds_is_a_package_of_its_own_name() {
    let dir = TempDir::new().unwrap();
    let table =
        "name = \"quick-hello\"\nversion = \"0.3.0\"\nlicense = \"MIT\"\ndescription = \"Greets quickly\"\n";
    let person = "authors = [{name = \"A B\", email = \"a@example.org\"}]\nrequires-python = \">=3.8\"\n";
    let build_system = "[build-system]\nrequires = [\"maturin\"]\nbuild-backend = \"maturin\"\n";
    let files = [
        (
            "Cargo.toml",
            format!("[package]\n{table}edition = \"2021\"\n[workspace]\n"),
        ),
        (
            "src/main.rs",
            "fn main() {\n    println!(\"hello from Rust\");\n}\n".into(),
        ),
        (
            "pyproject.toml",
            format!(
                "{build_system}[project]\n{table}{person}[tool.maturin]\nbindings = \"bin\"\nstrip = true\n"
            ),
        ),
        ("CHANGELOG.rst", "0.3.0\n=====\n2020-01-02\n\n* Begin.\n".into()),
        ("LICENSE", "MIT License\n\nCopyright (c) 2020 A B\n".into()),
    ];
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    build(dir.path(), &["--format", "deb,rpm", "--for", "bookworm,fc43"]).ok();
    let dist = Dist::at(dir.path().join("dist"));
    let deb = dist.of("bookworm").deb();
    assert_eq!(field(&deb, "Package"), "quick-hello");
    let depends = field(&deb, "Depends");
    assert!(
        depends.starts_with("python3 (>= 3.8~), libc6 (>= 2.") && depends.contains(", libgcc-s1 (>= "),
        "{depends}"
    );
    let root = AptRoot::new();
    fs::copy(&deb, root.inside("/tmp/hello.deb")).unwrap();
    root.run("dpkg", &["-i", "/tmp/hello.deb"]).ok();
    root.run("quick-hello", &[]).ok().says(&["hello from Rust"]);
    let requires = query(&dist.of("fc43").rpm(), "--requires");
    assert!(
        requires.contains("libc.so.6()(64bit)\n") && requires.contains("rtld(GNU_HASH)\n"),
        "{requires}"
    );
}
