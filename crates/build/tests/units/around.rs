//! What is around a unit: the programs of the package, its users, the other units.

use super::{SERVICE, keys, project, refused, service, try_plan};
use std::{fs, process::Command};

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
fn documentation_is_the_page_of_the_unit_or_its_program_and_of_no_other() {
    let pages = |names: &[&str], packyard: &str| {
        let page =
            |name: &&str| format!("[[file]]\nsource = 'page'\ntarget = '/usr/share/man/man1/{name}'\n");
        let files: String = names.iter().map(page).collect();
        let dir = project(&format!("{packyard}{files}"), &[("page", ".TH x 1\n")]);
        let out = dir.path().join("dist");
        let release = packyard_build::build(&try_plan(&dir, None).unwrap(), &out, |_| ()).unwrap();
        let tree = dir.path().join("tree");
        let mut unpack = Command::new("dpkg-deb");
        unpack
            .arg("-x")
            .args([&out.join(&release.artifacts[0].file), &tree]);
        assert!(unpack.status().unwrap().success());
        let units = fs::read_dir(tree.join("usr/lib/systemd/system")).unwrap();
        let said = units.map(|unit| {
            let text = fs::read_to_string(unit.unwrap().path()).unwrap();
            let mut lines = text.lines();
            lines.find_map(|line| line.strip_prefix("Documentation=").map(str::to_owned))
        });
        let mut said: Vec<Option<String>> = said.collect();
        said.dedup();
        assert_eq!(said.len(), 1, "{said:?}");
        said.remove(0)
    };
    let unit = "[[service]]\nname = 'worker@'\nexec = '/usr/bin/demo-app'\n[[timer]]\nname = 'worker@'\non-boot = '1'\n";
    let all = ["aaa.1", "demo-app.1", "worker.8"];
    assert_eq!(pages(&all, unit).as_deref(), Some("man:worker(8)"));
    assert_eq!(pages(&all[..2], unit).as_deref(), Some("man:demo-app(1)"));
    assert_eq!(pages(&all[..1], unit), None);
}

#[test]
fn a_program_that_nobody_brings_is_refused_wherever_it_is() {
    for program in ["/opt/acme/run", "/usr/bin/nothing-here", "/usr/libexec/x/y"] {
        keys(
            &format!("[[service]]\nname = 'x'\nexec = '{program} -v'\n"),
            &format!("`{program}` is not in the package"),
            &format!("packyard.toml:12:9 {program}"),
            "install it with a [[file]], or name the package that has it in [deb] depends",
        );
    }
}

#[test]
fn the_example_on_the_page_builds() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/systemd.md")).unwrap();
    let example = page
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let plan = try_plan(&project(example, &[("receive.sh", "#!/bin/sh\n")]), None).unwrap();
    assert_eq!(plan.artifacts.len(), 2);
}
