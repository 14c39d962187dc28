//! What is around a unit: the programs of the package, its users, the other units.

use super::{SERVICE, keys, project, refused, service, try_plan};

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
