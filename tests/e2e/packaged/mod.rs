//! packyard's own packages, made by `packaging/build` of the binary under test: installed, started, upgraded, removed.

mod deb;
mod rpm;
mod tarball;
mod wheel;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::harness::{Outcome, Yard, packyard, repository, run, system_command};

/// A static program that every machine has that runs the tests.
const STATIC: &str = "/bin/busybox";

/// The packages of one version.
pub struct Packages {
    directory: PathBuf,
}

impl Packages {
    /// The version that the changelog says.
    pub fn first() -> &'static Self {
        static MADE: OnceLock<Packages> = OnceLock::new();
        MADE.get_or_init(|| Self::make("0.1.0", |_| {}))
    }

    /// The same with one more entry in the changelog.
    pub fn second() -> &'static Self {
        static MADE: OnceLock<Packages> = OnceLock::new();
        MADE.get_or_init(|| {
            Self::make("0.1.1", |checkout| {
                let top = "## [Unreleased]\n";
                let entry = "\n## [0.1.1] - 2026-11-21\n\n### Fixed\n\n- Something small.\n";
                replace(&checkout.join("CHANGELOG.md"), top, &format!("{top}{entry}"));
            })
        })
    }

    /// Packages what a checkout would be packaged from. The archives are compressed for speed: what is compressed is a
    /// debug build.
    fn make(version: &str, change: impl Fn(&Path)) -> Self {
        let checkout = checkout(version);
        for table in ["[deb]\n", "[rpm]\n"] {
            let quick = format!("{table}compression = \"zstd\"\n");
            replace(&checkout.join("packyard.toml"), table, &quick);
        }
        change(&checkout);
        // To link a second, static packyard takes as long as to compile it: another static program stands in for it, and
        // packaging/try-static shows of a real one that it needs nothing but itself.
        packaging_build(&checkout, &["--static", STATIC]).ok();
        // Each of them holds the program once more.
        fs::remove_dir_all(checkout.join("packaging/stage")).unwrap();
        fs::remove_file(checkout.join("stripped")).unwrap();
        Self {
            directory: checkout.join("dist"),
        }
    }

    /// The file with this ending.
    pub fn file(&self, ending: &str) -> PathBuf {
        let found = fs::read_dir(&self.directory)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut found = found.filter(|path| path.to_str().unwrap().ends_with(ending));
        found.next().unwrap_or_else(|| panic!("no {ending} was built"))
    }

    /// Publishes them into a channel of a yard.
    #[track_caller]
    pub fn publish(&self, yard: &Yard, channel: &str) -> Outcome {
        let (directory, token) = (self.directory.to_str().unwrap(), yard.admin_token());
        let server = yard.url("");
        let to = ["--server", &server, "--token", &token, "--channel", channel];
        packyard([&["publish", directory], &to[..]].concat()).ok()
    }
}

/// A copy of what packages are made from.
fn checkout(name: &str) -> PathBuf {
    let checkout = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packaged").join(name);
    let _ = fs::remove_dir_all(&checkout);
    fs::create_dir_all(checkout.join("packaging")).unwrap();
    let mut copy = Command::new("cp");
    copy.arg("-r").current_dir(repository());
    let files = [
        "packyard.toml",
        "CHANGELOG.md",
        "README.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "docs",
    ];
    run(copy.args(files).arg(&checkout)).ok();
    let script = "packaging/build";
    fs::copy(repository().join(script), checkout.join(script)).unwrap();
    checkout
}

/// Runs `packaging/build` in a checkout, for the binary under test without its debugging symbols.
fn packaging_build(checkout: &Path, args: &[&str]) -> Outcome {
    let stripped = checkout.join("stripped");
    let mut strip = system_command("strip");
    run(strip.arg("-o").arg(&stripped).arg(env!("CARGO_BIN_EXE_packyard"))).ok();
    let mut build = system_command(checkout.join("packaging/build"));
    run(build.arg("--binary").arg(&stripped).args(args))
}

fn replace(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "`{from}` is not in {}", file.display());
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn the_changelog_is_of_the_version_that_the_program_says() {
    let shown = packyard([
        "changelog",
        "show",
        "--format",
        "json",
        repository().to_str().unwrap(),
    ])
    .ok();
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let said = packyard(["--version"]).ok().stdout;
    let newest = shown
        .as_array()
        .unwrap()
        .iter()
        .find_map(|entry| entry["version"].as_str());
    assert_eq!(said.trim(), format!("packyard {}", newest.unwrap()));
}

#[test]
fn every_shell_reads_its_completions_and_man_reads_every_page() {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().to_str().unwrap();
    packyard(["man", path]).ok().says(&["pages"]);
    // Every command that `--help` lists has a page.
    let help = packyard(["--help"]).ok().stdout;
    let listed = help
        .split("Commands:\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    // What begins further right is the rest of a description.
    let rows = listed.lines().filter_map(|line| line.strip_prefix("  "));
    let rows: Vec<&str> = rows.filter(|row| !row.starts_with(' ')).collect();
    assert!(rows.len() > 30, "{rows:?}");
    for command in rows.iter().map(|row| row.split(' ').next().unwrap()) {
        let page = directory.path().join(format!("packyard-{command}.1"));
        assert!(
            command == "help" || page.is_file(),
            "{} is missing",
            page.display()
        );
    }
    let script = packyard(["completions", "bash"]).ok().stdout;
    let file = directory.path().join("completions.bash");
    fs::write(&file, &script).unwrap();
    // What is completed behind `packyard chan`.
    let ask = format!(
        ". {}; COMP_WORDS=(packyard chan) COMP_CWORD=1; _packyard packyard chan packyard; echo \"${{COMPREPLY[@]}}\"",
        file.display()
    );
    let answer = run(system_command("bash").args(["-c", &ask])).ok();
    assert!(
        answer.stdout.split_whitespace().any(|word| word == "channel"),
        "{answer}"
    );
    for (shell, first) in [("zsh", "#compdef packyard"), ("fish", "# Print an optspec")] {
        let script = packyard(["completions", shell]).ok().stdout;
        assert!(script.starts_with(first), "{shell}: {script:.100}");
    }
    packyard(["completions", "csh"]).exits(2).says(&["bash", "zsh"]);
    let json = packyard(["completions", "bash", "--json"]).ok().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["shell"], "bash");
}
