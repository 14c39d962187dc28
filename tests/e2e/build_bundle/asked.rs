//! What a lock asks for counts like what the project requires.

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{Tides, Wheel, eventually, field, requirement, run};
use crate::harness::{AptRoot, packyard_command, system_command};

/// Locks one wheel more than the project requires.
fn also(tides: &Tides, wheel: &Wheel) {
    let sha256 = wheel.write(&tides.path("wheels"));
    let text = tides.read("requirements.txt") + &requirement(wheel, &sha256);
    tides.write("requirements.txt", &text);
}

#[test]
fn what_only_the_lock_names_must_have_all_that_it_requires() {
    let tides = Tides::new();
    let plugin = Wheel {
        metadata: "Requires-Dist: cables>=2\nProvides-Extra: fast\nRequires-Dist: wind; extra == 'fast'\n",
        ..Wheel::pure("plugin", "1.0", "")
    };
    also(&tides, &plugin);
    tides.fails(&[]).says(&[
        "`plugin-1.0-py3-none-any.whl` requires `cables>=2`, which is not in requirements.txt",
        "--> requirements.txt:8:1",
    ]);
    also(&tides, &Wheel::pure("cables", "2.0", ""));
    tides.build(&["--format", "deb"]);
    fs::remove_dir_all(tides.path("dist")).unwrap();
    tides.replace("requirements.txt", "plugin==", "plugin[fast]==");
    tides
        .fails(&[])
        .says(&["requires `wind; extra == 'fast'`, which is not in requirements.txt"]);
}

#[test]
fn the_pythons_of_what_only_the_lock_names_count() {
    let tides = Tides::new();
    let newer = Wheel {
        metadata: "Requires-Python: >=3.10\n",
        ..Wheel::pure("newer", "1.0", "")
    };
    also(&tides, &newer);
    let dist = tides.build(&["--format", "deb"]);
    assert_eq!(field(&dist.deb(), "Depends"), "python3 (>= 3.10~)");
    fs::remove_dir_all(tides.path("dist")).unwrap();
    tides.fails(&["--format", "deb", "--for", "bullseye"]).says(&[
        "`newer-1.0-py3-none-any.whl` wants Python >=3.10, and this is for Python 3.9",
        "--> requirements.txt:8:1",
    ]);
    let older = Wheel {
        metadata: "Requires-Python: <3.9\n",
        ..Wheel::pure("older", "1.0", "")
    };
    also(&tides, &older);
    tides.fails(&["--format", "deb"]).says(&[
        "wants Python >=3.10, and `older-1.0-py3-none-any.whl` wants Python <3.9: no Python runs both",
        "--> requirements.txt:8:1",
        "--> requirements.txt:10:1",
    ]);
}

#[test]
fn of_a_lock_with_versions_for_several_pythons_those_of_the_newest_are_taken() {
    let tides = Tides::new();
    fs::remove_file(tides.path("requirements.txt")).unwrap();
    let newer = Wheel {
        metadata: "Requires-Python: >=3.10\n",
        ..Wheel::pure("tiny_math", "3.0", "def twice(n):\n    return n + n\n")
    };
    let mut lock = "lock-version = \"1.0\"\n".to_owned();
    let wheels = super::wheels().into_iter().map(|wheel| (wheel, ""));
    for (wheel, marker) in wheels.chain([(newer, "python_version >= '3.10'")]) {
        let sha256 = wheel.write(&tides.path("wheels"));
        let marker = match (wheel.name, marker) {
            ("tiny_math", "") => "python_version < '3.10'",
            _ => marker,
        };
        let name = wheel.name.replace('_', "-");
        lock += &format!(
            "[[packages]]\nname = \"{name}\"\nversion = \"{}\"\n",
            wheel.version
        );
        if !marker.is_empty() {
            lock += &format!("marker = \"{marker}\"\n");
        }
        lock += &format!("wheels = [{{name = \"x.whl\", hashes = {{sha256 = \"{sha256}\"}}}}]\n");
    }
    tides.write("pylock.toml", &lock);
    run(&mut tides.command(&["--format", "deb"])).ok().says(&[
        "note: `tiny-math` is locked in 2.0 and 3.0, for different Pythons: the bundle has 3.0; --for takes",
    ]);
    let dist = super::Dist::at(tides.path("dist"));
    assert_eq!(field(&dist.deb(), "Depends"), "python3 (>= 3.10~)");
    tides.build(&["--format", "deb", "--for", "bullseye"]);
    let deb = tides.path("dist/bullseye");
    let deb = fs::read_dir(deb).unwrap().next().unwrap().unwrap().path();
    run(system_command("dpkg-deb").arg("-c").arg(deb))
        .ok()
        .says(&["tiny_math-2.0.dist-info"]);
}

#[test]
fn no_program_of_a_bundle_writes_byte_code() {
    let tides = Tides::new();
    let dist = tides.build(&["--format", "deb"]);
    let root = AptRoot::new();
    fs::copy(dist.deb(), root.inside("/tmp/tides.deb")).unwrap();
    root.run("dpkg", &["-i", "/tmp/tides.deb"]).ok();
    root.run(
        "/opt/tide-table/bin/python3",
        &["-c", "import moon_phase, wsgiref.headers"],
    )
    .ok();
    root.run("dpkg", &["--purge", "tide-table"]).ok();
    assert!(!root.inside("/opt/tide-table").exists());
}

/// A pip that begins to fetch, and goes on.
const SLOW_PIP: &str = "#!/bin/sh
case \"$*\" in *--version*) exit 0;; esac
echo $$ > ROOM/pid
exec sleep 300
";

fn start(tides: &Tides, room: &Path) -> Child {
    let bin = room.join("bin");
    fs::create_dir_all(&bin).unwrap();
    let pip = bin.join("python3");
    fs::write(&pip, SLOW_PIP.replace("ROOM", room.to_str().unwrap())).unwrap();
    run(Command::new("chmod").arg("755").arg(&pip)).ok();
    let mut build = packyard_command(["build", tides.path("").to_str().unwrap()]);
    build.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
    build.env("TMPDIR", room.join("tmp"));
    build.stderr(Stdio::null()).process_group(0);
    fs::create_dir_all(room.join("tmp")).unwrap();
    build.spawn().unwrap()
}

#[test]
fn a_build_that_is_told_to_stop_ends_pip_and_leaves_nothing() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let tides = Tides::new();
        tides.replace("packyard.toml", "wheels = \"wheels\"\n", "");
        let room = tempfile::TempDir::new().unwrap();
        let mut build = start(&tides, room.path());
        let pid = eventually("pip to fetch", || {
            let pid = fs::read_to_string(room.path().join("pid")).ok()?;
            pid.trim().parse::<u32>().ok()
        });
        let number = build.id().to_string();
        run(Command::new("kill").arg(format!("-{signal}")).arg(number)).ok();
        assert_eq!(build.wait().unwrap().code(), Some(code));
        eventually("pip to be gone", || {
            (!Path::new(&format!("/proc/{pid}/cmdline")).exists()).then_some(())
        });
        let left: Vec<_> = fs::read_dir(room.path().join("tmp")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
        assert!(!tides.path("dist").exists());
    }
}

#[test]
fn a_project_may_be_named_as_seen_from_here() {
    let tides = Tides::new();
    let text: String = super::wheels()
        .iter()
        .map(|wheel| format!("{}=={}\n", wheel.name.replace('_', "-"), wheel.version))
        .collect();
    tides.write("requirements.txt", &text);
    let mut build = packyard_command(["build", "--format", "deb"]);
    build.current_dir(tides.path(""));
    let path = format!("{}:/usr/bin:/bin", crate::harness::tool("venv/bin").display());
    run(build.env("PATH", path).env("PIP_CONFIG_FILE", "/nonexistent")).ok();
    let dist = super::Dist::at(tides.path("dist"));
    assert_eq!(field(&dist.deb(), "Package"), "tide-table");
}
