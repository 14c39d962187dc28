//! Bundles with compiled modules belong to one Python, and say so.

use std::collections::BTreeMap;
use std::env::consts::ARCH;
use std::fs;

use super::{AptRoot, Tides, Wheel, field, relations, run, system_command};
use crate::harness::Backends;

/// A module in C that needs no headers of Python: all that it names is part of the stable ABI.
const MODULE: &str = r#"
extern long PyLong_AsLong(void *);
extern void *PyLong_FromLong(long);
extern void *PyModule_Create2(void *, int);

static void *twice(void *self, void *number) { return PyLong_FromLong(2 * PyLong_AsLong(number)); }

static struct { const char *name; void *call; int flags; const char *doc; } methods[] = {{"twice", twice, 8, 0}, {0, 0, 0, 0}};
static struct {
    long references; void *type, *init; long index; void *copy;
    const char *name, *doc; long size; void *methods, *slots, *traverse, *clear, *free;
} module = {1, 0, 0, 0, 0, "tiny_math", 0, -1, methods, 0, 0, 0, 0};

void *PyInit_tiny_math(void) { return PyModule_Create2(&module, 1013); }
"#;

/// The first glibc of this architecture: the modules need no later one, whatever the tags of their wheels say.
const LEAST: &str = if cfg!(target_arch = "aarch64") {
    "2.17"
} else {
    "2.2.5"
};

/// tide-table with tiny-math in C, for these Pythons: 11 for 3.11.
fn compiled(minors: &[u32]) -> Tides {
    let tides = Tides::new();
    fs::remove_file(tides.path("wheels/tiny_math-2.0-py3-none-any.whl")).unwrap();
    let (source, library) = (tides.path("wheels/m.c"), tides.path("wheels/m.so"));
    fs::write(&source, MODULE).unwrap();
    let mut gcc = system_command("gcc");
    gcc.args(["-shared", "-fPIC", "-O1", "-Wl,--no-as-needed", "-o"])
        .arg(&library)
        .arg(&source);
    run(&mut gcc).ok();
    let mut hashes = String::new();
    for minor in minors {
        let wheel = Wheel {
            tag: format!("cp3{minor}-cp3{minor}-manylinux_2_17_{ARCH}.manylinux2014_{ARCH}"),
            files: Vec::new(),
            ..Wheel::pure("tiny_math", "2.0", "")
        };
        let name = format!("tiny_math.cpython-3{minor}-{ARCH}-linux-gnu.so");
        let sha256 = wheel.write_with(&tides.path("wheels"), &BTreeMap::from([(name, library.clone())]));
        hashes += &format!(" --hash=sha256:{sha256}");
    }
    let text = tides.read("requirements.txt");
    let begin = text.split("tiny-math").next().unwrap();
    tides.write("requirements.txt", &format!("{begin}tiny-math==2.0{hashes}\n"));
    tides
}

#[test]
fn a_compiled_bundle_depends_on_the_python_that_it_was_built_for() {
    let tides = compiled(&[11, 12]);
    let dist = tides
        .build(&["--format", "deb", "--for", "bookworm"])
        .of("bookworm");
    let architecture = if ARCH == "aarch64" { "arm64" } else { "amd64" };
    assert_eq!(field(&dist.deb(), "Architecture"), architecture);
    assert_eq!(
        field(&dist.deb(), "Depends"),
        format!("python3 (>= 3.11~), python3 (<< 3.12), libc6 (>= {LEAST})")
    );
    let root = AptRoot::new();
    fs::copy(dist.deb(), root.inside("/tmp/tides.deb")).unwrap();
    root.run("dpkg", &["-i", "/tmp/tides.deb"]).ok();
    root.run("/usr/bin/tide-table", &["3"])
        .ok()
        .says(&["\"high\": 1"]);
    let dist = tides.build(&["--format", "deb", "--for", "noble"]).of("noble");
    assert_eq!(
        field(&dist.deb(), "Depends"),
        format!("python3 (>= 3.12~), python3 (<< 3.13), libc6 (>= {LEAST})")
    );
}

#[test]
fn without_a_distribution_the_wheels_say_for_which_python_it_is() {
    let tides = compiled(&[11]);
    let outcome = run(&mut tides.command(&["--format", "rpm"])).ok();
    outcome.says(&[
        "the bundle is for Python 3.11 alone, because of `tiny_math-2.0-cp311-cp311-manylinux_2_17_",
    ]);
    let dist = super::Dist::at(tides.path("dist"));
    let said = relations(&dist.rpm());
    assert!(
        said.contains("python(abi) = 3.11\n") && said.contains(&format!("libc.so.6(GLIBC_{LEAST})(64bit)\n")),
        "{said}"
    );
    assert!(!said.contains("python3 "), "{said}");
    assert!(dist.rpm().to_str().unwrap().ends_with(&format!(".{ARCH}.rpm")));
}

#[test]
fn a_wheel_for_another_python_than_the_distributions_is_named() {
    let tides = compiled(&[11]);
    let name = format!("tiny_math-2.0-cp311-cp311-manylinux_2_17_{ARCH}.manylinux2014_{ARCH}.whl");
    tides.fails(&["--format", "rpm", "--for", "el9"]).says(&[
        &format!("`wheels/{name}` is not for Python 3.9 on {ARCH} with glibc 2.34"),
        "--> requirements.txt:6:1",
    ]);
}

#[test]
fn a_project_with_a_module_in_c_is_bundled_for_the_python_that_built_it() {
    let tides = Tides::new();
    tides.write("m.c", &MODULE.replace("tiny_math", "tide_speed"));
    tides.write(
        "setup.py",
        "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('tide_speed', ['m.c'])])\n",
    );
    tides.replace("pyproject.toml", "[\"hatchling\"]", "[\"setuptools\"]");
    tides.replace("pyproject.toml", "hatchling.build", "setuptools.build_meta");
    tides.replace(
        "src/tide_table/__init__.py",
        "import moon_phase\n",
        "import moon_phase\nimport tide_speed\n",
    );
    tides.replace(
        "src/tide_table/__init__.py",
        "\"high\":",
        "\"twice\": tide_speed.twice(day), \"high\":",
    );
    Backends::with_backend(&mut tides.command(&["--format", "deb,rpm"])).ok();
    let dist = super::Dist::at(tides.path("dist"));
    let depends = field(&dist.deb(), "Depends");
    assert!(
        depends.starts_with("python3 (>= 3.11~), python3 (<< 3.12)"),
        "{depends}"
    );
    assert!(relations(&dist.rpm()).contains("python(abi) = 3.11\n"));
    let root = AptRoot::new();
    fs::copy(dist.deb(), root.inside("/tmp/tides.deb")).unwrap();
    root.run("dpkg", &["-i", "/tmp/tides.deb"]).ok();
    root.run("/usr/bin/tide-table", &["3"])
        .ok()
        .says(&["\"twice\": 6"]);
}
