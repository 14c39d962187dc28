//! The real apt of this machine, over a state of its own that knows only what was rendered.

use super::Bookworm;
use std::{fs, path::Path, process::Command};

/// All packages as apt shows them after an update from the rendered files, which lie in a directory.
pub fn dumpavail(bookworm: &Bookworm) -> String {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    for empty in [
        "etc/apt.conf.d",
        "etc/preferences.d",
        "lists/partial",
        "cache/archives/partial",
    ] {
        fs::create_dir_all(root.join(empty)).unwrap();
    }
    let release = String::from_utf8(bookworm.served("InRelease")).unwrap();
    let listed = release
        .lines()
        .filter_map(|line| line.strip_prefix(' ')?.split_whitespace().nth(2));
    for path in listed.chain(["Release"]) {
        let file = root.join("mirror/dists/any").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bookworm.served(path)).unwrap();
    }
    let components: Vec<String> = super::components().map(|c| c.to_string()).collect();
    let (at, components) = (root.display(), components.join(" "));
    let source = format!("deb [trusted=yes arch=amd64] file:{at}/mirror any {components}\n");
    fs::write(root.join("etc/sources.list"), source).unwrap();
    fs::write(root.join("status"), "").unwrap();
    let config = format!(
        "Dir::Etc \"{at}/etc\";\nDir::State::lists \"{at}/lists\";\nDir::State::status \"{at}/status\";\n\
         Dir::Cache \"{at}/cache\";\nAPT::Architecture \"amd64\";\nAPT::Architectures {{ \"amd64\"; }};\n\
         APT::Sandbox::User \"root\";\nAcquire::Languages {{ \"en\"; }};\n"
    );
    fs::write(root.join("apt.conf"), config).unwrap();
    let said = run(root, "apt-get", &["update"]);
    assert!(said.contains("Translation-en") && !said.contains("W:"), "{said}");
    run(root, "apt-cache", &["dumpavail"])
}

fn run(root: &Path, program: &str, args: &[&str]) -> String {
    let mut command = Command::new(program);
    command
        .args(args)
        .env("APT_CONFIG", root.join("apt.conf"))
        .env("LC_ALL", "C.UTF-8");
    let out = command.output().unwrap_or_else(|e| panic!("{program}: {e}"));
    let err = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success(), "{program}: {err}");
    String::from_utf8(out.stdout).unwrap() + &err
}
