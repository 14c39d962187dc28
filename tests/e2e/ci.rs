//! The files of docs/ci, as the CI systems would run them: their shell parts are taken out of them and run, each in the
//! shell, the directory and the environment that its system gives it. packyard comes from the server, as a wheel.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{CiSystem, Outcome, Project, Venv, Yard, packyard, repository, run, system_command};
use crate::packaged::Packages;

/// What `aud` of docs/ci says.
const AUDIENCE: &str = "packages.example.org";

fn document(name: &str) -> String {
    fs::read_to_string(repository().join("docs").join(name)).unwrap()
}

/// A YAML file as JSON; what is no YAML is an error.
fn yaml(name: &str) -> Value {
    let read = "import json, sys, yaml; json.dump(yaml.load(open(sys.argv[1]), yaml.BaseLoader), sys.stdout)";
    let mut python = system_command("/usr/bin/python3");
    python
        .args(["-c", read])
        .arg(repository().join("docs").join(name));
    serde_json::from_str(&run(&mut python).ok().stdout).unwrap()
}

/// A server from whose channel `tools` jobs install packyard.
fn yard() -> Yard {
    let yard = Yard::new();
    let (server, token) = (yard.url(""), yard.admin_token());
    packyard([
        "channel", "create", "tools", "--public", "--server", &server, "--token", &token,
    ])
    .ok();
    Packages::first().publish(&yard, "tools");
    yard
}

/// The lines of docs/ci.md that make the server believe a CI system's jobs.
fn trust(yard: &Yard, ci: &CiSystem, id: &str) {
    let page = document("ci.md").replace("\\\n", " ");
    let begin = format!("packyard publisher add --id {id} ");
    let line = page.lines().find(|line| line.starts_with(&begin)).unwrap();
    let mut words: Vec<String> = line.split_whitespace().skip(1).map(str::to_owned).collect();
    let issuer = words.iter().position(|word| word == "--issuer").unwrap() + 1;
    ci.url().clone_into(&mut words[issuer]);
    words.extend([
        "--server".into(),
        yard.url(""),
        "--token".into(),
        yard.admin_token(),
    ]);
    packyard(words).ok().never_says(&["warning"]);
}

/// What everybody sees in the end.
#[track_caller]
fn is_published(yard: &Yard, note: &str) {
    let index = yard.url("/main/simple/");
    Venv::new()
        .pip(&["install", "--index-url", &index, "hello-world"])
        .ok();
    let url = yard.url("");
    let token = yard.admin_token();
    packyard(["log", "main", "--server", &url, "--token", &token])
        .ok()
        .says(&[note]);
    packyard(["list", "--server", &url]).ok().says(&["hello-world"]);
}

/// The machine that a job runs on: a directory, and an environment that grows.
struct Machine {
    room: TempDir,
    environment: BTreeMap<String, String>,
}

impl Machine {
    fn new(yard: &Yard) -> Self {
        let room = TempDir::new().unwrap();
        let mut machine = Self {
            room,
            environment: BTreeMap::new(),
        };
        fs::create_dir_all(machine.path("work")).unwrap();
        fs::create_dir_all(machine.path("tmp")).unwrap();
        machine.set("HOME", machine.text("tmp"));
        machine.set("PACKYARD_SERVER", yard.url(""));
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.insert(name.to_owned(), value.into());
    }

    /// Puts a project's files where a checkout is.
    fn check_out(&self, project: &Project) {
        let all = project.path().join(".");
        run(Command::new("cp").arg("-r").arg(all).arg(self.path("work"))).ok();
    }

    /// Brings a directory of another machine.
    fn bring(&self, from: &Self, path: &str) {
        let from = from.path("work").join(path);
        run(Command::new("cp").arg("-r").arg(from).arg(self.path("work"))).ok();
    }

    /// Runs a script.
    fn run(&self, shell: &[&str], script: &str) -> Outcome {
        let file = self.path("script");
        fs::write(&file, script).unwrap();
        let mut command = system_command(shell[0]);
        command.args(&shell[1..]).arg(&file).envs(&self.environment);
        run(command.current_dir(self.path("work")))
    }
}

mod github {
    use super::*;

    const SHELL: [&str; 5] = ["bash", "--noprofile", "--norc", "-eo", "pipefail"];

    /// Runs a job's steps on a machine; what it keeps comes from `kept`.
    fn job(workflow: &Value, name: &str, machine: &mut Machine, project: &Project, kept: Option<&Machine>) {
        let vars = [
            (
                "${{ vars.PACKYARD_SERVER }}",
                machine.environment["PACKYARD_SERVER"].clone(),
            ),
            ("${{ vars.PACKYARD_CHANNEL || 'main' }}", "main".to_owned()),
        ];
        for (key, value) in workflow["env"].as_object().unwrap() {
            let value = value.as_str().unwrap();
            let set = vars.iter().find(|(expression, _)| *expression == value);
            machine.set(key, set.unwrap_or_else(|| panic!("who says {value}?")).1.clone());
        }
        assert_eq!(workflow["defaults"]["run"]["shell"], "bash");
        for file in ["GITHUB_ENV", "GITHUB_PATH"] {
            machine.set(file, machine.text(file));
        }
        machine.set("RUNNER_TEMP", machine.text("tmp"));
        let mut path = "/usr/bin:/bin".to_owned();
        for step in workflow["jobs"][name]["steps"].as_array().unwrap() {
            if let Some(script) = step["run"].as_str() {
                machine.set("PATH", path.clone());
                machine.run(&SHELL, script).ok();
                for line in lines(machine, "GITHUB_ENV") {
                    let (name, value) = line.split_once('=').unwrap();
                    machine.set(name, value);
                }
                path = lines(machine, "GITHUB_PATH")
                    .iter()
                    .fold(path, |path, line| format!("{line}:{path}"));
                continue;
            }
            let action = step["uses"].as_str().unwrap();
            match (action.split('@').next().unwrap(), kept) {
                ("actions/checkout", _) => machine.check_out(project),
                ("actions/upload-artifact", _) => {
                    assert!(
                        machine
                            .path("work")
                            .join(step["with"]["path"].as_str().unwrap())
                            .is_dir()
                    );
                }
                ("actions/download-artifact", Some(kept)) => {
                    machine.bring(kept, step["with"]["path"].as_str().unwrap());
                }
                _ => panic!("nobody does {action}"),
            }
        }
    }

    /// What steps have written into a file, which is emptied.
    fn lines(machine: &Machine, file: &str) -> Vec<String> {
        let text = fs::read_to_string(machine.path(file)).unwrap_or_default();
        let _ = fs::remove_file(machine.path(file));
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_github_workflow_builds_checks_and_publishes_without_a_secret() {
        let (yard, project) = (yard(), Project::hello_world());
        let ci = CiSystem::new(json!({
            "repository": "acme/hello", "repository_owner_id": "4711", "environment": "release"
        }));
        trust(&yard, &ci, "hello-github");
        let workflow = yaml("ci/github.yml");
        let mut builder = Machine::new(&yard);
        job(&workflow, "build", &mut builder, &project, None);

        // What it asks GitHub for is what makes the exchange possible.
        let publish = &workflow["jobs"]["publish"];
        assert_eq!(publish["permissions"]["id-token"], "write");
        assert_eq!(publish["environment"], "release");
        let mut publisher = Machine::new(&yard);
        let mut environment = Command::new("env");
        for (name, value) in ci.runs(&mut environment).get_envs() {
            publisher.set(name.to_str().unwrap(), value.unwrap().to_str().unwrap());
        }
        publisher.set("GITHUB_REF_NAME", "v1.1.3");
        job(&workflow, "publish", &mut publisher, &project, Some(&builder));
        is_published(&yard, "v1.1.3");
    }
}

#[test]
fn the_gitlab_jobs_build_check_and_publish_without_a_secret() {
    let (yard, project) = (yard(), Project::hello_world());
    let ci = CiSystem::new(json!({
        "project_path": "acme/hello", "namespace_id": "4711", "ref_type": "tag", "ref_protected": "true"
    }));
    trust(&yard, &ci, "hello-gitlab");
    let pipeline = yaml("ci/gitlab.yml");
    let script = |job: &str| {
        let before = pipeline["default"]["before_script"].as_array().unwrap();
        let own = pipeline[job]["script"].as_array().unwrap();
        let lines = before.iter().chain(own).map(|line| line.as_str().unwrap());
        lines.collect::<Vec<_>>().join("\n")
    };
    let machine = |job: &str| {
        let mut machine = Machine::new(&yard);
        for variables in [&pipeline["variables"], &pipeline[job]["variables"]] {
            for (name, value) in variables.as_object().into_iter().flatten() {
                machine.set(name, value.as_str().unwrap());
            }
        }
        machine
    };
    let shell = ["bash", "-eo", "pipefail"];
    let builder = machine("build");
    builder.check_out(&project);
    builder.run(&shell, &script("build")).ok();

    let mut publisher = machine("publish");
    for path in pipeline["build"]["artifacts"]["paths"].as_array().unwrap() {
        publisher.bring(&builder, path.as_str().unwrap());
    }
    for (name, token) in pipeline["publish"]["id_tokens"].as_object().unwrap() {
        assert_eq!(token["aud"], AUDIENCE);
        publisher.set(name, ci.token(AUDIENCE));
    }
    publisher.set("CI_COMMIT_TAG", "v1.1.3");
    publisher.run(&shell, &script("publish")).ok();
    is_published(&yard, "v1.1.3");
}

/// The scripts of a Jenkinsfile's `sh` steps, with the stage that each is in.
fn jenkins_steps(file: &str) -> Vec<(String, String)> {
    let mut steps = Vec::new();
    for stage in file.split("stage('").skip(1) {
        let (name, body) = stage.split_once('\'').unwrap();
        for step in body.split(" sh '").skip(1) {
            let script = match step.strip_prefix("''") {
                Some(long) => long.split_once("'''").unwrap().0,
                None => step.split_once('\'').unwrap().0,
            };
            steps.push((name.to_owned(), script.to_owned()));
        }
    }
    steps
}

#[test]
fn the_jenkinsfile_builds_checks_and_publishes_with_a_token_for_its_project() {
    let (yard, project) = (yard(), Project::hello_world());
    let file = document("ci/Jenkinsfile");
    let steps = jenkins_steps(&file);
    let stages: Vec<_> = steps.iter().map(|(stage, _)| stage.as_str()).collect();
    assert_eq!(stages, ["Install packyard", "Build", "Check", "Publish"]);
    let mut machine = Machine::new(&yard);
    machine.check_out(&project);
    machine.set("WORKSPACE_TMP", machine.text("tmp"));
    assert!(file.contains("PATH = \"${env.WORKSPACE_TMP}/packyard/bin:${env.PATH}\""));
    machine.set(
        "PATH",
        format!("{}/packyard/bin:/usr/bin:/bin", machine.text("tmp")),
    );
    assert!(file.contains("PACKYARD_CHANNEL = 'main'"));
    machine.set("PACKYARD_CHANNEL", "main");
    let (server, admin) = (yard.url(""), yard.admin_token());
    let page = document("ci.md");
    let create = page
        .split('`')
        .find(|code| code.starts_with("packyard token create"))
        .unwrap();
    let words = create.split_whitespace().skip(1);
    let made = packyard(words.chain(["--json", "--server", &server, "--token", &admin])).ok();
    let made: Value = serde_json::from_str(&made.stdout).unwrap();
    for (stage, script) in &steps {
        if stage == "Publish" {
            assert!(file.contains("PACKYARD_TOKEN = credentials('packyard-token')"));
            machine.set("PACKYARD_TOKEN", made["token"].as_str().unwrap());
            machine.set("TAG_NAME", "v1.1.3");
        }
        machine.run(&["sh", "-xe"], script).ok();
    }
    is_published(&yard, "v1.1.3");
}

#[test]
fn the_makefile_publishes_once_however_often_it_is_called() {
    let (yard, project) = (Yard::new(), Project::hello_world());
    let mut machine = Machine::new(&yard);
    machine.check_out(&project);
    machine.set("PACKYARD_TOKEN", yard.admin_token());
    let make = |target: &str| {
        let mut make = system_command("make");
        make.arg("-f").arg(repository().join("docs/ci/Makefile"));
        make.arg(format!("PACKYARD={}", env!("CARGO_BIN_EXE_packyard")))
            .arg(target);
        run(make.envs(&machine.environment).current_dir(machine.path("work")))
    };
    make("publish").ok();
    is_published(&yard, "hello-world");
    let revision = yard.revision();
    make("publish").ok();
    assert_eq!(yard.revision(), revision);
    make("clean-packages").ok();
    assert!(!machine.path("work/dist").exists());

    // What is wrong stops it before anything is published.
    project.replace("CHANGELOG.rst", "1.1.3", "1.1.4");
    machine.check_out(&project);
    make("publish").fails().says(&["1.1.4"]);
    assert_eq!(yard.revision(), revision);
}
