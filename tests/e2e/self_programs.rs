//! Wheels of programs: what is no Python project, for pip.

use std::fs;
use std::process::Command;

use crate::harness::{Project, Venv, run, system_command};

/// The sample without any Python, with a line in front of its project file.
fn greeter(python: &str) -> Project {
    let project = Project::greeter();
    let text = project.read("packyard.toml");
    project.write("packyard.toml", &format!("[python]\n{python}\n\n{text}"));
    project
}

#[test]
fn a_wheel_of_scripts_is_for_every_machine_and_pip_installs_them() {
    let project = greeter("programs = [\"greeter\"]");
    let dist = project.build();
    let wheel = dist.wheel();
    let name = wheel.file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("greeter-") && name.ends_with("-py3-none-any.whl"),
        "{name}"
    );
    run(Venv::tool("twine").args(["check", "--strict"]).arg(&wheel)).ok();
    let venv = Venv::new();
    venv.pip(&["install", "--no-index", wheel.to_str().unwrap()]).ok();
    let says = run(Command::new(venv.bin("greeter")).arg("Ada")).ok();
    says.says(&["Hello, Ada!"]);
    let module = run(Command::new(venv.bin("python")).args(["-m", "greeter", "Bob"])).ok();
    module.says(&["Hello, Bob!"]);
    venv.uv_pip("uninstall", &["greeter"]).ok();
    assert!(!venv.bin("greeter").exists());
}

#[test]
fn a_program_that_needs_another_library_is_for_linux_only_and_the_build_says_why() {
    let project = greeter("programs = [\"greeter\"]");
    let (source, program) = (project.path().join("main.c"), project.path().join("bin/greeter"));
    // Without its header, which a machine may lack: what matters is that it is linked.
    let text = "extern const char *zlibVersion(void);\nint main(void) { return !zlibVersion(); }\n";
    fs::write(&source, text).unwrap();
    let mut cc = system_command("cc");
    run(cc.arg("-o").arg(&program).arg(&source).arg("-l:libz.so.1")).ok();
    let dist = project.build_with(&["--format", "wheel"]);
    let name = dist.wheel().file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.contains("-py3-none-linux_"), "{name}");
    let out = project.path().join("again");
    let again = [
        "build",
        &project.arg(),
        "--format",
        "wheel",
        "--out",
        out.to_str().unwrap(),
    ];
    crate::harness::packyard(again)
        .ok()
        .says(&["`greeter` needs `libz.so.1`"]);
}

#[test]
fn a_program_that_is_not_in_the_package_is_shown_where_it_is_named() {
    greeter("programs = [\"greter\"]")
        .build_fails(&["--format", "wheel"])
        .says(&[
            "packyard.toml:2:13",
            "there is no program `/usr/bin/greter`",
            "hint: add a [[file]]",
        ]);
    greeter("programs = [\"/usr/bin/greeter\"]")
        .build_fails(&[])
        .says(&["packyard.toml:2:13", "is not the name of a program"]);
}

#[test]
fn a_python_project_has_console_scripts_instead() {
    let project = Project::hello_world();
    let text = project.read("packyard.toml");
    project.write(
        "packyard.toml",
        &format!("[python]\nprograms = [\"hello-world\"]\n\n{text}"),
    );
    project
        .build_fails(&["--format", "wheel"])
        .says(&["is for projects that are not Python", "packyard.toml:2:"]);
}

#[test]
fn a_project_without_programs_becomes_no_wheel_and_is_told_how_it_would() {
    Project::greeter()
        .build_fails(&["--format", "wheel"])
        .says(&["no wheel can be made of it", "[python] `programs`"]);
}
