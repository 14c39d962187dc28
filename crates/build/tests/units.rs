//! Wrong units, one each: what a build says of them, at which place, and that it says nothing else.

// Tests unwrap: a panic is how they fail.
#![allow(clippy::unwrap_used)]

use packyard_build::{BuildError, Options, Plan, plan};
use packyard_types::ArtifactKind;
use std::{fs, process::Command};
use tempfile::TempDir;

/// A project without Python that holds a program, and whatever these files are.
fn project(packyard: &str, files: &[(&str, &str)]) -> TempDir {
    let packyard = format!(
        "[package]\nname = 'demo-app'\nsummary = 'demonstration'\nlicense = 'MIT'\n\
         maintainer = 'Ada Sample <ada@example.org>'\n[[file]]\nsource = 'demo-app'\ntarget = '/usr/bin/demo-app'\n\
         mode = '0755'\n{packyard}"
    );
    let dir = tempfile::tempdir().unwrap();
    let all = [
        ("packyard.toml", packyard.as_str()),
        ("demo-app", "#!/bin/sh\n"),
        ("CHANGELOG.rst", "1.1\n^^^\n22-Mar-2019\n\n* x\n"),
    ];
    for (name, text) in all.iter().chain(files) {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn try_plan(dir: &TempDir, distribution: Option<&str>) -> Result<Plan, BuildError> {
    let mut options = Options {
        formats: vec![ArtifactKind::Deb, ArtifactKind::Rpm],
        ..Options::default()
    };
    if let Some(name) = distribution {
        options.distributions = vec![name.parse().unwrap()];
        options.formats.clear();
    }
    plan(dir.path(), &options)
}

/// The project is refused with one diagnostic: the message, then `FILE:LINE:COLUMN` and what is underlined, then the
/// hint.
#[track_caller]
fn refused(dir: &TempDir, message: &str, place: &str, hint: &str) {
    let error = try_plan(dir, None).unwrap_err();
    let BuildError::Project(problems) = &error else {
        panic!("{error}");
    };
    assert_eq!(problems.len(), 1, "{error}");
    let problem = &problems[0];
    let at = problem
        .place
        .as_deref()
        .unwrap_or_else(|| panic!("{error} has no place"));
    let underlined: String = at.source.chars().skip(at.column - 1).take(at.width).collect();
    let shown = format!("{}:{}:{} {underlined}", at.file, at.line, at.column);
    assert_eq!((problem.message.as_str(), shown.as_str()), (message, place));
    let said = problem.hint.as_deref().unwrap_or_default();
    assert!(said.contains(hint), "{said}");
}

/// Lines 10 and up of a project file.
fn keys(packyard: &str, message: &str, place: &str, hint: &str) {
    refused(&project(packyard, &[]), message, place, hint);
}

const SERVICE: &str = "[[service]]\nname = 'demo-app'\nexec = '/usr/bin/demo-app'\n";

fn service(more: &str, message: &str, place: &str, hint: &str) {
    keys(&format!("{SERVICE}{more}"), message, place, hint);
}

/// A unit file that the project file takes as it is.
fn given(name: &str, text: &str, message: &str, place: &str, hint: &str) {
    let table = name.rsplit_once('.').unwrap().1;
    let packyard = format!("[[{table}]]\nunit = '{name}'\n");
    refused(&project(&packyard, &[(name, text)]), message, place, hint);
}

#[test]
fn keys_of_the_project_file_that_are_no_keys_of_a_unit_are_shown_there() {
    let says = "`RestartSecs=` is not known in `[Service]`";
    service(
        "[service.service]\nRestartSecs = 5\n",
        says,
        "packyard.toml:14:1 RestartSecs",
        "did you mean `RestartSec=`?",
    );
    let says = "`restartsec=` is not known in `[Service]`";
    service(
        "[service.service]\nrestartsec = 5\n",
        says,
        "packyard.toml:14:1 restartsec",
        "write it as `RestartSec=`",
    );
    let says = "`WantedBy=` belongs into `[Install]`, not into `[Service]`";
    service(
        "[service.service]\nWantedBy = 'x.target'\n",
        says,
        "packyard.toml:14:1 WantedBy",
        "move it below `[Install]`",
    );
    let says = "`Nonsense=` is not known in `[Unit]`";
    service(
        "[service.unit]\nNonsense = 5\n",
        says,
        "packyard.toml:14:1 Nonsense",
        "systemd.directives(7)",
    );
}

#[test]
fn values_of_the_project_file_that_systemd_would_not_take_are_shown_there() {
    let says = "`ProtectSystem=strickt` is not known";
    service(
        "[service.service]\nProtectSystem = 'strickt'\n",
        says,
        "packyard.toml:14:18 strickt",
        "did you mean `strict`?",
    );
    let says = "`network` in `After=` is no name of a unit: it has no ending";
    service(
        "after = ['network']\n",
        says,
        "packyard.toml:13:11 network",
        "write `network.target`",
    );
    let says = "`TimeoutStopSec=soon` is no time span: `soon` does not begin with a number";
    service(
        "[service.service]\nTimeoutStopSec = 'soon'\n",
        says,
        "packyard.toml:14:19 soon",
        "such as `90s`",
    );
    let says = "`MemoryMax=lots` is no number of bytes";
    service(
        "[service.service]\nMemoryMax = 'lots'\n",
        says,
        "packyard.toml:14:14 lots",
        "such as `512M`",
    );
    let says = "`PrivateTmp=maybe` is not known";
    service(
        "[service.service]\nPrivateTmp = 'maybe'\n",
        says,
        "packyard.toml:14:15 maybe",
        "use one of yes no",
    );
    let says = "`%Q` in `Slice=` is no specifier of systemd";
    service(
        "[service.service]\nSlice = 'x%Q'\n",
        says,
        "packyard.toml:14:11 %Q",
        "write `%%`",
    );
    let says = "`WorkingDirectory=here` is no absolute path";
    service(
        "working-directory = 'here'\n",
        says,
        "packyard.toml:13:22 here",
        "beginning with `/`",
    );
    let says = "`StateDirectory=/var/lib/x` must be a relative path";
    service(
        "state-directory = '/var/lib/x'\n",
        says,
        "packyard.toml:13:20 /var/lib/x",
        "leave out the directory",
    );
    let says = "`B-C=2` is no assignment of an environment variable";
    service(
        "environment = ['A=1', 'B-C=2']\n",
        says,
        "packyard.toml:13:24 B-C=2",
        "write NAME=VALUE",
    );
    let says = "`sometimes` is no value for `restart`";
    service(
        "restart = 'sometimes'\n",
        says,
        "packyard.toml:13:11 'sometimes'",
        "`on-failure`",
    );
    let says = "`yes` is no value for `on-upgrade`";
    service(
        "on-upgrade = 'yes'\n",
        says,
        "packyard.toml:13:14 'yes'",
        "`try-restart`",
    );
}

#[test]
fn what_a_service_runs_must_be_there() {
    let exec = |exec: &str| format!("[[service]]\nname = 'demo-app'\nexec = '{exec}'\n");
    let runs =
        |program: &str, message: &str, place: &str, hint: &str| keys(&exec(program), message, place, hint);
    runs(
        "bin/demo-app",
        "`bin/demo-app` is no absolute path",
        "packyard.toml:12:9 bin/demo-app",
        "/usr/bin/NAME",
    );
    let says = "`demo-app` is no absolute path; systemd before 239 refuses it";
    runs(
        "demo-app -v",
        says,
        "packyard.toml:12:9 demo-app",
        "/usr/bin/NAME",
    );
    let missing = "`/usr/bin/demo-ap` is not in the package";
    runs(
        "/usr/bin/demo-ap -v",
        missing,
        "packyard.toml:12:9 /usr/bin/demo-ap",
        "did you mean `/usr/bin/demo-app`?",
    );
    let missing = "`/usr/sbin/demo-app` is not in the package";
    runs(
        "/usr/sbin/demo-app",
        missing,
        "packyard.toml:12:9 /usr/sbin/demo-app",
        "did you mean `/usr/bin/demo-app`?",
    );
    let missing = "`/usr/lib/demo-app/helper` is not in the package";
    runs(
        "/usr/lib/demo-app/helper",
        missing,
        "packyard.toml:12:9 /usr/lib/demo-app/helper",
        "install it with a [[file]]",
    );
    let says = "`>` is passed to the program as an argument: there is no shell";
    runs(
        "/usr/bin/demo-app > /dev/null",
        says,
        "packyard.toml:12:27 >",
        "/bin/sh -c",
    );
    let packyard = format!(
        "{}[[file]]\nsource = 'tool'\ntarget = '/usr/libexec/tool'\n",
        exec("/usr/libexec/tool")
    );
    let says = "`/usr/libexec/tool` is in the package, but nobody may execute it";
    refused(
        &project(&packyard, &[("tool", "x")]),
        says,
        "packyard.toml:12:9 /usr/libexec/tool",
        "mode = \"0755\"",
    );
}

#[test]
fn whom_a_service_runs_as_must_be_made() {
    let says = "nobody creates the user `demo`";
    service(
        "user = 'demo'\n",
        says,
        "packyard.toml:13:9 demo",
        "add a [[user]] with `name = \"demo\"`",
    );
    let users = "[[user]]\nname = 'demoapp'\n";
    service(
        &format!("user = 'demoap'\n{users}"),
        "nobody creates the user `demoap`",
        "packyard.toml:13:9 demoap",
        "`demoapp`?",
    );
    let says = "nobody creates the group `demos`";
    service(
        "[service.service]\nSupplementaryGroups = 'adm demos'\n",
        says,
        "packyard.toml:14:28 demos",
        "makes a group as well",
    );
    for fine in [
        "user = 'www-data'\n",
        "user = 'demo'\n[[user]]\nname = 'demo'\n",
        "dynamic-user = true\n[service.service]\nUser = 'demo'\n",
        "user = 'demo'\n[scripts]\npreinstall = 'useradd demo'\n",
        "user = 'postgres'\n[deb]\ndepends = ['postgresql']\n[rpm]\nrequires = ['postgresql-server']\n",
    ] {
        try_plan(&project(&format!("{SERVICE}{fine}"), &[]), None).unwrap();
    }
}

#[test]
fn what_a_timer_socket_or_path_starts_must_be_there() {
    let says = "`t.timer` starts `demo-ap.service`, which is not in the package";
    let timer = "[[timer]]\nname = 't'\non-calendar = 'daily'\nservice = 'demo-ap'\n";
    service(
        timer,
        says,
        "packyard.toml:16:11 'demo-ap'",
        "did you mean `demo-app.service`?",
    );
    let says = "`s.socket` starts `s.service`, which is not in the package";
    service(
        "[[socket]]\nname = 's'\nlisten-stream = 80\n",
        says,
        "packyard.toml:13:1 [[socket]]",
        "name a [[service]]",
    );
    let says = "`s.socket` starts `s@.service`, which is not in the package";
    let socket = "[[socket]]\nname = 's'\nlisten-stream = 80\naccept = true\n";
    service(
        socket,
        says,
        "packyard.toml:13:1 [[socket]]",
        "name the [[service]] `s@`",
    );
    let says = "a [[path]] needs `path-exists`, `path-changed` or another of its kind";
    service(
        "[[path]]\nname = 'p'\n",
        says,
        "packyard.toml:13:1 [[path]]",
        "such as `path-changed",
    );
    let says = "`ListenStream=localhost:80` is no address to listen on";
    let socket = "[[socket]]\nname = 'demo-app'\nlisten-stream = 'localhost:80'\n";
    service(socket, says, "packyard.toml:15:18 localhost:80", "ADDRESS:PORT");
    let says =
        "`OnCalendar=dayly` is no calendar event: `dayly` is no day of the week; did you mean `daily`?";
    let timer = "[[timer]]\nname = 'demo-app'\non-calendar = ['weekly', 'dayly']\n";
    service(
        timer,
        says,
        "packyard.toml:15:27 dayly",
        "systemd-analyze calendar",
    );
}

#[test]
fn units_must_not_contradict_each_other_or_themselves() {
    service(
        SERVICE,
        "two units are called `demo-app.service`",
        "packyard.toml:13:1 [[service]]",
        "another `name`",
    );
    let unit = "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n";
    let packyard = "[[service]]\nunit = 'demo-app.service'\nenable = true\n";
    let dir = project(packyard, &[("demo-app.service", unit)]);
    let says = "`demo-app.service` has nothing in [Install], so it cannot be enabled";
    refused(&dir, says, "packyard.toml:12:10 true", "add `WantedBy=`");
    let dir = project(
        "[[timer]]\nunit = 'demo-app.service'\n",
        &[("demo-app.service", unit)],
    );
    refused(
        &dir,
        "`demo-app.service` is not the name of a .timer unit",
        "packyard.toml:11:8 'demo-app.service'",
        "[[service]]",
    );
    let dir = project("[[service]]\nunit = 'no.service'\n", &[]);
    refused(
        &dir,
        "`no.service` is not a file of the project",
        "packyard.toml:11:8 'no.service'",
        "relative to",
    );
    let dir = project(&format!("{SERVICE}unit = 'x.service'\n"), &[("x.service", unit)]);
    let says = "a service with `unit` takes that file as it is, and nothing but `name`, `enable`, `start` and `on-upgrade` beside it";
    refused(&dir, says, "packyard.toml:10:1 [[service]]", "into the unit file");
    let says = "a service of `Type=oneshot` cannot restart when it succeeds";
    service(
        "type = 'oneshot'\nrestart = 'always'\n",
        says,
        "packyard.toml:14:12 always",
        "on-failure",
    );
    let says = "`x@y` is an instance, which only the administrator makes";
    keys(
        "[[service]]\nname = 'x@y'\nexec = '/bin/true'\n",
        says,
        "packyard.toml:11:8 'x@y'",
        "`x@`",
    );
}

#[test]
fn a_given_unit_is_refused_where_it_is_wrong() {
    let begin = "[Unit]\nDescription=x\n";
    let service = |text: &str, message: &str, place: &str, hint: &str| {
        given("x.service", &format!("{begin}{text}"), message, place, hint);
    };
    let says = "`[service]` is no section of a .service unit";
    service(
        "[service]\nExecStart=/bin/true\n",
        says,
        "x.service:3:1 [service]",
        "did you mean `[Service]`?",
    );
    let says = "`Timer=` is not known in `[Service]`";
    service(
        "[Service]\nExecStart=/bin/true\nTimer=x\n",
        says,
        "x.service:5:1 Timer",
        "",
    );
    let says = "`nonsense` is neither a section nor Key=value";
    service(
        "[Service]\nExecStart=/bin/true\nnonsense\n",
        says,
        "x.service:5:1 nonsense",
        "systemd.syntax(7)",
    );
    let says = "`x.service`: the .service says nothing that it does";
    service(
        "[Service]\nType=exec\n",
        says,
        "x.service:1:1 [Unit]",
        "add `ExecStart=` to [Service]",
    );
    let says = "a quote in `ExecStart=` is not closed";
    service(
        "[Service]\nExecStart=/bin/sh -c 'true\n",
        says,
        "x.service:4:22 'true",
        "close it",
    );
    let says = "only a service of `Type=oneshot` can have more than one `ExecStart=`";
    service(
        "[Service]\nExecStart=/bin/true\nExecStart=/bin/false\n",
        says,
        "x.service:5:11 /bin/false",
        "ExecStartPre",
    );
    let says = "nobody creates the user `me`";
    service(
        "[Service]\nExecStart=/bin/true\nUser=me\n",
        says,
        "x.service:5:6 me",
        "[[user]]",
    );
    let says = "`/usr/bin/demo-ap` is not in the package";
    service(
        "[Service]\nExecStart=-/usr/bin/demo-ap x\n",
        says,
        "x.service:4:12 /usr/bin/demo-ap",
        "did you mean",
    );
    let says = "`t.timer` starts `gone.service`, which is not in the package";
    given(
        "t.timer",
        &format!("{begin}[Timer]\nOnBootSec=5\nUnit=gone.service\n"),
        says,
        "t.timer:5:6 gone.service",
        "",
    );
    let says = "`s.socket`: the .socket says nothing that it does";
    given(
        "s.socket",
        &format!("{begin}[Socket]\nAccept=no\n"),
        says,
        "s.socket:1:1 [Unit]",
        "add `ListenStream=`",
    );
}

#[test]
fn wrong_users_and_temporary_files_are_shown() {
    let says = "`Demo User` is not a valid name of a user";
    keys(
        "[[user]]\nname = 'Demo User'\n",
        says,
        "packyard.toml:11:8 'Demo User'",
        "at most 31",
    );
    let says = "`rwx` is no mode of tmpfiles.d";
    keys(
        "[[tmpfile]]\npath = '/run/x'\nmode = 'rwx'\n",
        says,
        "packyard.toml:12:8 'rwx'",
        "octal",
    );
    let says = "`run/x` is no absolute path";
    keys(
        "[[tmpfile]]\npath = 'run/x'\n",
        says,
        "packyard.toml:11:8 'run/x'",
        "beginning with `/`",
    );
    let says = "`G` is no type of tmpfiles.d";
    keys(
        "[[tmpfile]]\npath = '/run/x'\ntype = 'G'\n",
        says,
        "packyard.toml:12:8 'G'",
        "tmpfiles.d(5)",
    );
}

#[test]
fn a_key_that_the_target_does_not_know_yet_is_noted() {
    let dir = project(&format!("{SERVICE}[service.service]\nRestartSteps = 3\n"), &[]);
    let notes = |distribution| try_plan(&dir, Some(distribution)).unwrap().notes.join("\n");
    assert!(
        notes("bookworm").contains(
            "packyard.toml:14:1: `RestartSteps=` in `demo-app.service` is of systemd 254; bookworm has 252, which ignores it"
        ),
        "{}",
        notes("bookworm")
    );
    assert!(!notes("trixie").contains("RestartSteps"));
}

#[test]
fn a_hardened_service_is_ok_in_the_eyes_of_systemd() {
    let dir = project(&format!("{SERVICE}dynamic-user = true\nhardening = true\n"), &[]);
    let out = dir.path().join("dist");
    let release = packyard_build::build(&try_plan(&dir, None).unwrap(), &out, |_| ()).unwrap();
    let tree = dir.path().join("tree");
    let deb = out.join(&release.artifacts[0].file);
    assert!(
        Command::new("dpkg-deb")
            .arg("-x")
            .args([&deb, &tree])
            .status()
            .unwrap()
            .success()
    );
    let unit = tree.join("usr/lib/systemd/system/demo-app.service");
    let mut analyze = Command::new("systemd-analyze");
    let run = analyze
        .args(["security", "--offline=true", "--threshold=20"])
        .arg(&unit)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}
