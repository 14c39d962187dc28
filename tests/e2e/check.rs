//! The gate against the linters of each world: what they find on packages that are broken on purpose, `packyard check`
//! finds, under the name that docs/checks.md pairs with theirs; and good packages are good to all of them.

mod debs;
mod rpms;
mod wheels;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Project, Venv, packyard, repository, run, system_command};

/// Names of rules, by the file that they were found in.
type Found = BTreeMap<PathBuf, BTreeSet<String>>;

/// What `packyard check` finds in these files.
fn ours(files: &[PathBuf]) -> Found {
    let args = ["--json", "check"]
        .map(PathBuf::from)
        .into_iter()
        .chain(files.iter().cloned());
    let checked: Value = serde_json::from_str(&packyard(args.map(PathBuf::into_os_string)).stdout).unwrap();
    let name = |finding: &Value| finding["name"].as_str().unwrap().to_owned();
    let one = |checked: &Value| {
        let findings = checked["findings"].as_array().unwrap();
        (
            PathBuf::from(checked["file"].as_str().unwrap()),
            findings.iter().map(name).collect(),
        )
    };
    checked.as_array().unwrap().iter().map(one).collect()
}

/// Every rule, with what other tools call it.
fn rules() -> BTreeMap<String, Vec<String>> {
    let rules: Value = serde_json::from_str(&packyard(["--json", "check", "--list"]).ok().stdout).unwrap();
    let one = |rule: &Value| {
        let names = rule["elsewhere"].as_array().unwrap();
        let elsewhere = names
            .iter()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        (rule["name"].as_str().unwrap().to_owned(), elsewhere)
    };
    rules.as_array().unwrap().iter().map(one).collect()
}

/// Tells everything that is not as the table says, at once.
struct Judge {
    rules: BTreeMap<String, Vec<String>>,
    tool: &'static str,
    wrong: Vec<String>,
}

impl Judge {
    fn of(tool: &'static str) -> Self {
        Self {
            rules: rules(),
            tool,
            wrong: Vec::new(),
        }
    }

    /// One broken package: what we found, what the tool found, and what each should have.
    fn compare(&mut self, rule: &str, tag: &str, ours: &BTreeSet<String>, theirs: &BTreeSet<String>) {
        if !ours.contains(rule) {
            self.wrong
                .push(format!("we do not find `{rule}` (`{tag}`), but {ours:?}"));
        }
        if tag.is_empty() {
            return;
        }
        if !theirs.contains(tag) {
            self.wrong.push(format!(
                "{} does not find `{tag}` (our `{rule}`), but {theirs:?}",
                self.tool
            ));
        }
        let paired = format!("{}:{tag}", self.tool);
        if !self.rules.get(rule).is_some_and(|names| names.contains(&paired)) {
            self.wrong.push(format!(
                "the rule `{rule}` does not say that {} calls it `{tag}`",
                self.tool
            ));
        }
    }

    #[track_caller]
    fn judge(self) {
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
    }
}

/// The tags of lines such as `E: package: tag …`, by package.
fn tags(text: &str, package: impl Fn(&str) -> String) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines() {
        if let Some((package_of, rest)) = line.split_once(": E: ").or_else(|| line.split_once(": W: ")) {
            let tag = rest.split_whitespace().next().unwrap_or_default().to_owned();
            found.entry(package(package_of)).or_default().insert(tag);
        }
    }
    found
}

fn only_file(directory: &Path) -> PathBuf {
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| !p.ends_with("log"))
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

/// Lintian takes two seconds for a package, so the breakages are told to it in so many packages.
const LINTED: usize = 16;

/// A .deb that is broken in these ways.
fn broken_deb(good: &Path, name: &str, room: &Path, hows: &[&str]) -> PathBuf {
    let directory = room.join(name);
    fs::create_dir(&directory).unwrap();
    let mut make = system_command("bash");
    make.args(["-c", debs::MAKE, "sh"])
        .arg(good)
        .arg(name)
        .arg(&directory);
    run(make.args(hows)).ok();
    only_file(&directory)
}

#[test]
fn what_lintian_finds_in_broken_debs_is_found() {
    let (dist, room) = (Project::greeter().build(), TempDir::new().unwrap());
    let linted: Vec<_> = debs::BROKEN
        .iter()
        .filter(|(_, tag, _)| !tag.is_empty())
        .collect();
    let group = |at: usize| linted.iter().skip(at).step_by(LINTED).map(|(_, _, how)| *how);
    let mut files = vec![broken_deb(&dist.deb(), "good", room.path(), &["true"])];
    for at in 0..LINTED {
        let hows: Vec<&str> = group(at).collect();
        files.push(broken_deb(&dist.deb(), &format!("group{at}"), room.path(), &hows));
    }
    let mut lintian = system_command("lintian");
    lintian.args([
        "--allow-root",
        "--no-override",
        "--display-level",
        ">=warning",
        "--fail-on",
        "none",
    ]);
    let said = run(lintian.args(&files)).ok().stdout;
    let turned: Vec<String> = said
        .lines()
        .map(|l| l.get(..3).map_or(String::new(), |s| turn(l, s)))
        .collect();
    let theirs = tags(&turned.join("\n"), str::to_owned);
    assert_eq!(theirs.get("good"), None, "the good package");
    let (found, none) = (ours(&files), BTreeSet::new());
    let mut judge = Judge::of("lintian");
    for (at, (rule, tag, _)) in linted.iter().enumerate() {
        let group = at % LINTED;
        let theirs = theirs.get(&format!("group{group}")).unwrap_or(&none);
        judge.compare(rule, tag, &found[&files[group + 1]], theirs);
    }
    judge.judge();
}

#[test]
fn each_breakage_of_a_deb_is_found_by_itself() {
    let (dist, room) = (Project::greeter().build(), TempDir::new().unwrap());
    let rows = [("", "", "true")].iter().chain(debs::BROKEN).enumerate();
    let one = |(at, (_, _, how)): (usize, &(&str, &str, &str))| {
        broken_deb(&dist.deb(), &format!("case{at}"), room.path(), &[how])
    };
    let files: Vec<PathBuf> = rows.map(one).collect();
    let (found, none) = (ours(&files), BTreeSet::new());
    assert_eq!(found[&files[0]], none, "the good package");
    let mut judge = Judge::of("lintian");
    for (file, (rule, _, _)) in files[1..].iter().zip(debs::BROKEN) {
        judge.compare(rule, "", &found[file], &none);
    }
    judge.judge();
}

/// `E: package: tag` as rpmlint writes it, `package: E: tag`.
fn turn(line: &str, severity: &str) -> String {
    let rest = line[severity.len()..].split_once(": ");
    rest.map_or(String::new(), |(package, tag)| {
        format!("{package}: {severity}{tag}")
    })
}

/// A spec whose subpackages are the broken ones.
fn spec() -> String {
    let good = [
        ("Version", "1.0"),
        ("Summary", "Greets the whole world"),
        ("License", "MIT"),
        ("URL", "https://example.org/"),
        ("Group", "Applications/System"),
        ("BuildArch", "noarch"),
    ];
    let mut install =
        String::from("%install\ncd %{buildroot}\nmkdir -p usr/bin usr/lib usr/share/man/man1 etc\n");
    let (mut packages, mut files) = (String::new(), String::new());
    for (at, broken) in rpms::BROKEN.iter().enumerate() {
        let name = format!("case{at}");
        let named = |text: &str| text.replace("%N", &name);
        install.push_str(&named(concat!(
            "mkdir usr/share/%N; printf '#!/bin/sh\\necho hello\\n' > usr/bin/%N; chmod 755 usr/bin/%N\n",
            "printf '.TH %N 1\\n' | gzip -9n > usr/share/man/man1/%N.1.gz\n",
        )));
        install.push_str(&format!("{}\n", named(broken.install)));
        let key = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
        let own: BTreeSet<String> = broken.tags.lines().map(key).collect();
        packages.push_str(&format!("%package -n {name}\n"));
        for (tag, value) in good.iter().filter(|(tag, _)| !own.contains(*tag)) {
            packages.push_str(&format!("{tag}: {value}\n"));
        }
        let mut description = "Greets the whole world, and then the rest of it as well.";
        for line in broken.tags.lines().filter(|line| *line != "BuildArch: none") {
            match line.strip_prefix("Description: ") {
                Some(text) => description = text,
                None => packages.push_str(&format!("{}\n", named(line))),
            }
        }
        packages.push_str(&format!("%description -n {name}\n{description}\n"));
        files.push_str(&format!("%files -n {name}\n"));
        if !broken.files.contains("/usr/bin/%N") {
            files.push_str(&named("/usr/bin/%N\n"));
        }
        files.push_str(&named("%dir /usr/share/%N\n"));
        if broken.files != "-man" {
            files.push_str(
                &named("/usr/share/man/man1/%N.1*\n%FILES\n").replace("%FILES", &named(broken.files)),
            );
        }
        files.push_str(&format!("{}\n", named(broken.scripts)));
    }
    format!(
        "Name: broken\nVersion: 1.0\nRelease: 1\nSummary: Broken packages\nLicense: MIT\n%description\nx\n{packages}\
         {install}{files}%changelog\n* Tue May 14 2024 Ada Sample <ada@example.org> - 1.0-1\n- First.\n"
    )
}

#[test]
fn what_rpmlint_finds_in_broken_rpms_is_found() {
    let room = TempDir::new().unwrap();
    let path = room.path().join("broken.spec");
    fs::write(&path, spec()).unwrap();
    let mut rpmbuild = system_command("rpmbuild");
    for define in [
        format!("_topdir {}", room.path().display()),
        // What a distribution would mend or refuse is the point here.
        "__os_install_post %{nil}".to_owned(),
        "debug_package %{nil}".to_owned(),
        "_binaries_in_noarch_packages_terminate_build 0".to_owned(),
        "_unpackaged_files_terminate_build 0".to_owned(),
        "_build_id_links none".to_owned(),
    ] {
        rpmbuild.args(["--define", &define]);
    }
    run(rpmbuild.args(["--quiet", "-bb"]).arg(&path)).ok();
    let list = run(Command::new("find")
        .arg(room.path().join("RPMS"))
        .args(["-name", "*.rpm"]))
    .ok()
    .stdout;
    let files: Vec<PathBuf> = list.lines().map(PathBuf::from).collect();
    let name = |file: &Path| {
        let file = file.file_name().unwrap().to_str().unwrap();
        file.split('-').next().unwrap().to_owned()
    };
    let mut rpmlint = system_command("rpmlint");
    rpmlint
        .env("HOME", room.path())
        .arg("--config")
        .arg(repository().join("tests/tools/rpmlint.toml"));
    let theirs = tags(&run(rpmlint.args(&files)).stdout, |package| {
        package.split('.').next().unwrap().to_owned()
    });
    let found: BTreeMap<String, BTreeSet<String>> = ours(&files)
        .into_iter()
        .map(|(file, names)| (name(&file), names))
        .collect();
    let (mut judge, none) = (Judge::of("rpmlint"), BTreeSet::new());
    for (at, broken) in rpms::BROKEN.iter().enumerate() {
        let name = format!("case{at}");
        judge.compare(
            broken.rule,
            broken.tag,
            &found[&name],
            theirs.get(&name).unwrap_or(&none),
        );
    }
    judge.judge();
}

/// Breaks a wheel or sdist in every way of a table, each in a directory of its own.
fn broken_python(good: &Path, table: &[(&str, &str, &str)], room: &Path) -> Vec<PathBuf> {
    let one = |(at, (_, _, how)): (usize, &(&str, &str, &str))| {
        let directory = room.join(at.to_string());
        let mut make = Venv::tool("python");
        make.args(["-c", wheels::MAKE]).arg(good).arg(&directory).arg(how);
        run(&mut make).ok();
        only_file(&directory)
    };
    table.iter().enumerate().map(one).collect()
}

/// What twine and check-wheel-contents say of each file.
fn python_tools(files: &[PathBuf]) -> Found {
    let mut found = Found::new();
    for file in files {
        // It stops at the first file whose metadata it cannot read.
        if run(Venv::tool("twine").args(["check", "--strict"]).arg(file)).code != Some(0) {
            found.entry(file.clone()).or_default().insert("twine".to_owned());
        }
    }
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|e| e == "whl"))
    {
        let said = run(Venv::tool("check-wheel-contents").arg(file)).stdout;
        let codes = said
            .split(": ")
            .filter(|word| word.len() == 4 && word.starts_with('W'));
        found
            .entry(file.clone())
            .or_default()
            .extend(codes.map(|code| format!("check-wheel-contents {code}")));
    }
    found
}

#[test]
fn what_twine_and_check_wheel_contents_find_is_found() {
    let dist = Project::hello_world().build();
    let room = TempDir::new().unwrap();
    let none = BTreeSet::new();
    for (good, table, name) in [
        (dist.wheel(), wheels::WHEELS, "wheels"),
        (dist.sdist(), wheels::SDISTS, "sdists"),
    ] {
        let files = broken_python(&good, table, &room.path().join(name));
        let named: Vec<PathBuf> = files
            .iter()
            .zip(table)
            .filter(|(_, row)| !row.1.is_empty())
            .map(|(file, _)| file.clone())
            .collect();
        let (found, theirs) = (ours(&files), python_tools(&named));
        let mut wrong = Vec::new();
        for (file, (rule, tool, how)) in files.iter().zip(table) {
            if !found[file].contains(*rule) {
                wrong.push(format!("we do not find `{rule}` ({how}), but {:?}", found[file]));
            }
            let said = theirs.get(file).unwrap_or(&none);
            if !tool.is_empty() && !said.contains(*tool) {
                wrong.push(format!("not found by {tool}: `{rule}` ({how}), but {said:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// Rules that are broken elsewhere: by bytes in `crates/formats/tests`, or by no package that a tool would make.
const ELSEWHERE: [&str; 10] = [
    "unreadable",
    "filename",
    "name-mismatch",
    "header-required-field",
    "header-control-character",
    "no-rpm-changelog",
    "no-payload-digest",
    "rpm-changelog-future",
    "rpm-lua-requirement",
    "rpm-version",
];

#[test]
fn every_rule_is_broken_by_some_package() {
    let debs = debs::BROKEN.iter().map(|(rule, _, _)| *rule);
    let python = wheels::WHEELS
        .iter()
        .chain(wheels::SDISTS)
        .map(|(rule, _, _)| *rule);
    let rpms = rpms::BROKEN.iter().map(|broken| broken.rule);
    let broken: BTreeSet<&str> = debs.chain(rpms).chain(python).chain(ELSEWHERE).collect();
    let rules = rules();
    // Keys are no packages: `keys.rs` and the tests of `repo::keys::lint` break their rules.
    let of_packages = rules
        .keys()
        .map(String::as_str)
        .filter(|rule| !rule.starts_with("key-"));
    let rules: BTreeSet<&str> = of_packages.collect();
    assert_eq!(rules, broken);
}

#[test]
fn what_is_built_from_the_samples_passes_strictly() {
    for project in [Project::hello_world(), Project::greeter(), Project::setup_py()] {
        let dist = project.build();
        let directory = dist.directory().to_str().unwrap();
        packyard(["check", "--strict", directory])
            .ok()
            .never_says(&["error:", "warning:"]);
    }
}

#[test]
fn a_warning_fails_only_when_asked_and_not_when_it_is_accepted() {
    let (dist, room) = (Project::greeter().build(), TempDir::new().unwrap());
    let deb = broken_deb(&dist.deb(), "case", room.path(), &["replace Section things"]);
    let deb = deb.to_str().unwrap();
    packyard(["check", deb])
        .ok()
        .says(&["[control-section]", "0 errors, 1 warning in 1 file"]);
    packyard(["check", "--strict", deb])
        .exits(1)
        .says(&["0 errors, 1 warning in 1 file"]);
    packyard(["check", "--strict", "--ignore", "control-section", deb])
        .ok()
        .never_says(&["control-section"]);
}

#[test]
fn a_rule_is_explained_and_a_misspelt_one_finds_the_nearest() {
    packyard(["check", "--explain", "no-copyright"]).ok().says(&[
        "no-copyright: error (deb)",
        "why:    ",
        "fix:    install the licence",
        "source: Debian Policy 12.5",
        "lintian:no-copyright-file",
    ]);
    packyard(["check", "--explain", "no-copyrite"])
        .exits(2)
        .says(&["did you mean `no-copyright`?"]);
    packyard(["check", "--ignore", "no-copyrite", "x.deb"])
        .exits(2)
        .says(&["did you mean `no-copyright`?"]);
    packyard(["check"]).exits(2);
    packyard(["check", "--list"])
        .ok()
        .says(&["wheel-tag", "unit-syntax"]);
}
