//! What a build gives, judged by the tools of each world.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Dist, Project, Venv, Yard, get, packyard, packyard_command, run, system_command};

#[test]
fn a_build_gives_four_artifacts_and_a_list_of_them() {
    let dist = Project::hello_world().build();
    let names = dist.names();
    assert_eq!(names.len(), 5, "{names:?}");
    for (name, path) in [("wheel", dist.wheel()), ("sdist", dist.sdist())] {
        let file = path.file_name().unwrap().to_str().unwrap();
        assert!(file.starts_with("hello_world-1.1.3"), "{name}: {file}");
    }
    let list: serde_json::Value =
        serde_json::from_slice(&fs::read(dist.directory().join("release.json")).unwrap()).unwrap();
    let text = list.to_string();
    for (name, digest) in dist.digests().iter().filter(|(name, _)| name != "release.json") {
        assert!(
            text.contains(name) && text.contains(digest),
            "{name} is not in {text}"
        );
    }
}

#[test]
fn the_changelogs_of_the_samples_have_nothing_wrong() {
    for project in [
        Project::hello_world(),
        Project::setup_py(),
        Project::greeter(),
        Project::postbox(),
    ] {
        packyard(["changelog", "check", &project.arg()]).ok();
    }
    let project = Project::hello_world();
    packyard(["changelog", "show", &project.arg()])
        .ok()
        .says(&["1.1.3", "Stop cleanly on SIGTERM."]);
}

#[test]
fn list_names_what_the_build_would_hold_and_writes_nothing() {
    let project = Project::hello_world();
    packyard(["build", &project.arg(), "--list"]).ok().says(&[
        "hello_world/main.py",
        "/usr/bin/hello-world",
        "/usr/share/man/man1/hello-world.1.gz",
        "/etc/hello-world/hello-world.conf",
        "hello-world.service",
    ]);
    assert!(!project.path().join("dist").exists());
}

#[test]
fn without_python_on_the_path_both_python_projects_are_built() {
    for project in [Project::hello_world(), Project::setup_py()] {
        let out = TempDir::new().unwrap();
        let mut build = packyard_command(["build", &project.arg(), "--out", out.path().to_str().unwrap()]);
        run(build.env("PATH", "/nonexistent")).ok();
        assert_eq!(Dist::at(out.path().to_path_buf()).names().len(), 5);
    }
}

#[test]
fn one_format_can_be_asked_for() {
    let project = Project::hello_world();
    // Both readings of `dist` agree when the project is where one stands.
    let mut build = packyard_command(["build", "--format", "deb,rpm"]);
    run(build.current_dir(project.path())).ok();
    let names = Dist::at(project.path().join("dist")).names();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn a_project_without_python_gives_system_packages_only() {
    let dist = Project::greeter().build();
    assert!(dist.deb().exists() && dist.rpm().exists());
    assert_eq!(dist.names().len(), 3, "{:?}", dist.names());
}

#[test]
fn lintian_has_no_error_and_no_warning() {
    for project in [Project::hello_world(), Project::greeter()] {
        let mut lintian = system_command("lintian");
        lintian
            .args(["--allow-root", "--fail-on", "error,warning"])
            .arg(project.build().deb());
        run(&mut lintian).ok().never_says(&["E: ", "W: "]);
    }
}

#[test]
fn rpmlint_and_rpm_have_no_error() {
    let yard = Yard::new();
    for project in [Project::hello_world(), Project::greeter()] {
        // As clients get it: signed, which rpmlint asks for.
        let dist = project.build();
        yard.publish(&dist);
        let name = dist.rpm().file_name().unwrap().to_str().unwrap().to_owned();
        let served = TempDir::new().unwrap();
        let rpm = served.path().join(&name);
        let letter = name.chars().next().unwrap();
        let url = yard.url(&format!("/main/yum/any/x86_64/Packages/{letter}/{name}"));
        fs::write(&rpm, get(&url).is(200).body).unwrap();
        // A home with a database of its own, which knows the yard's key.
        let home = served.path();
        fs::write(
            home.join(".rpmmacros"),
            format!("%_dbpath {}/db\n", home.display()),
        )
        .unwrap();
        let tool = |name: &str| {
            let mut command = system_command(name);
            command.env("HOME", home);
            command
        };
        fs::write(
            home.join("key.asc"),
            get(&yard.url("/main/yum/key.asc")).is(200).body,
        )
        .unwrap();
        run(tool("rpmkeys").arg("--import").arg(home.join("key.asc"))).ok();
        run(tool("rpmlint").arg(&rpm)).ok().says(&[" 0 errors"]);
        run(tool("rpm").arg("-K").arg(&rpm))
            .ok()
            .says(&["digests signatures OK"]);
        run(system_command("rpm").args(["-qp", "--requires"]).arg(&rpm))
            .ok()
            .never_says(&["python(abi)"]);
    }
}

#[test]
fn dpkg_reads_the_control_file_and_every_path() {
    let dist = Project::hello_world().build();
    let deb = dist.deb();
    run(system_command("dpkg-deb").arg("-I").arg(&deb)).ok().says(&[
        "Package: hello-world",
        "Version: 1.1.3",
        "Architecture: all",
        "Maintainer: Ada Sample <ada@example.org>",
        "python3",
    ]);
    run(system_command("dpkg-deb").arg("-c").arg(&deb)).ok().says(&[
        "-rwxr-xr-x root/root",
        "./etc/hello-world/hello-world.conf",
        "systemd/system/hello-world.service",
        "./usr/share/man/man1/hello-world.1.gz",
        "./usr/share/doc/hello-world/copyright",
    ]);
}

#[test]
fn twine_and_check_wheel_contents_have_nothing_to_say() {
    let dist = Project::hello_world().build();
    run(Venv::tool("twine")
        .args(["check", "--strict"])
        .arg(dist.wheel())
        .arg(dist.sdist()))
    .ok();
    run(Venv::tool("check-wheel-contents").arg(dist.wheel())).ok();
}

#[test]
fn the_units_are_valid_and_confined() {
    let root = TempDir::new().unwrap();
    let dist = Project::hello_world().build();
    let deb = dist.deb();
    run(system_command("dpkg-deb").arg("-x").arg(deb).arg(root.path())).ok();
    let find = run(Command::new("find")
        .arg(root.path())
        .args(["-name", "hello-world.service"]))
    .ok();
    let unit = find.stdout.trim();
    let mut security = system_command("systemd-analyze");
    security.args(["security", "--offline=yes", "--threshold=30", "--no-pager", unit]);
    run(&mut security).ok();
    run(system_command("systemd-analyze").args(["verify", "--man=no", unit])).never_says(&["Unknown"]);
}

/// The names in a wheel, sorted.
fn wheel_names(wheel: &std::path::Path) -> Vec<String> {
    let mut list = system_command("/usr/bin/python3");
    let program = "import sys, zipfile; print(*zipfile.ZipFile(sys.argv[1]).namelist(), sep='\\n')";
    let listed = run(list.args(["-c", program]).arg(wheel)).ok();
    let mut names: Vec<_> = listed.stdout.lines().map(str::to_owned).collect();
    names.sort();
    names
}

/// What the project's own backend would put into a wheel.
fn setuptools_wheel(project: &Project) -> Dist {
    let out = project.path().join("../by-setuptools");
    let mut build = Venv::tool("python");
    build
        .args(["-m", "build", "--wheel", "--no-isolation", "--outdir"])
        .arg(&out);
    run(build.arg(project.path())).ok();
    Dist::at(out)
}

#[test]
fn the_wheel_holds_what_setuptools_would_put_there() {
    for project in [Project::hello_world(), Project::setup_py()] {
        // Ours first: the backend leaves its own files in the tree.
        let ours = wheel_names(&project.build().wheel());
        let theirs = wheel_names(&setuptools_wheel(&project).wheel());
        assert_eq!(ours, theirs);
    }
}

#[test]
fn a_setup_py_that_computes_is_built_by_its_backend() {
    let project = Project::setup_py();
    project.replace(
        "setup.py",
        "version=\"0.0.1\"",
        "version=\".\".join(map(str, (0, 0, 1)))",
    );
    let out = TempDir::new().unwrap();
    let mut build = packyard_command(["build", &project.arg(), "--out", out.path().to_str().unwrap()]);
    // The provisioned environment has the backend, so nothing needs to be fetched.
    let python = Venv::tool("python").get_program().to_owned();
    let bin = std::path::Path::new(&python)
        .parent()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    run(build.env("PATH", format!("{bin}:/usr/bin:/bin"))).ok();
    let dist = Dist::at(out.path().to_path_buf());
    assert_eq!(
        wheel_names(&dist.wheel()),
        wheel_names(&Project::setup_py().build().wheel())
    );
}
