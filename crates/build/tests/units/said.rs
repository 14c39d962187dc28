//! What the project file says of a unit.

use super::{keys, service};

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
