use super::*;
use crate::manifest::Manifest;

fn manifest(text: &str) -> Manifest {
    Manifest::parse(&SourceText::new("packyard.toml", text)).unwrap()
}

/// The units of a project file, by name.
fn units(text: &str) -> Vec<Unit> {
    let manifest = manifest(text);
    let around = Surroundings {
        summary: "Sum",
        documentation: &["man:x(1)".to_owned()],
        triggers: &manifest.triggers,
    };
    let all = manifest.services.iter().chain(&manifest.triggers);
    all.map(|keys| Unit::written(keys, &around)).collect()
}

fn unit_of(text: &str) -> String {
    units(text).remove(0).text
}

#[test]
fn a_service_has_what_it_needs_and_no_more() {
    let text = unit_of(
        "[[service]]\nname='x'\nexec='/usr/bin/x'\nafter=['network.target']\nenvironment={A='b c'}\n[service.service]\nType='notify'\n",
    );
    assert_eq!(
        text,
        "[Unit]\nDescription=Sum\nDocumentation=man:x(1)\nAfter=network.target\n\n\
         [Service]\nType=notify\nExecStart=/usr/bin/x\nEnvironment=\"A=b c\"\n\n[Install]\nWantedBy=multi-user.target\n"
    );
}

#[test]
fn a_service_that_is_not_enabled_has_no_install_section() {
    let text = unit_of(
        "[[service]]\nname='x'\nexec='/usr/bin/x'\nenable=false\nhardening=true\ndynamic-user=true\n",
    );
    assert!(
        !text.contains("[Install]")
            && text.contains("DynamicUser=yes")
            && text.contains("SystemCallFilter=~@privileged")
    );
}

#[test]
fn a_timer_names_its_service_only_where_that_has_another_name() {
    let text = unit_of("[[timer]]\nname='x'\non-calendar='daily'\nservice='x.service'\n");
    assert_eq!(
        text,
        "[Unit]\nDescription=Sum (timer)\nDocumentation=man:x(1)\n\n[Timer]\nOnCalendar=daily\nPersistent=yes\n\n[Install]\nWantedBy=timers.target\n"
    );
    assert!(unit_of("[[timer]]\nname='x'\non-boot='5min'\nservice='y'\n").contains("Unit=y.service\n"));
}

#[test]
fn a_service_that_a_socket_starts_is_restarted_with_it_and_not_enabled_by_itself() {
    let units = units(
        "[[service]]\nname='x'\nexec='/usr/bin/x'\n[[socket]]\nname='x'\nlisten-stream=[8080, '/run/x']\nsocket-mode='0660'\n",
    );
    assert_eq!(
        units[0].text,
        "[Unit]\nDescription=Sum\nDocumentation=man:x(1)\nRequires=x.socket\n\n[Service]\nType=exec\nExecStart=/usr/bin/x\n"
    );
    assert!(!units[0].boot.enable && !units[0].is_installable());
    assert_eq!(
        units[1].text,
        "[Unit]\nDescription=Sum (socket)\nDocumentation=man:x(1)\n\n[Socket]\nListenStream=8080\nListenStream=/run/x\n\
         SocketMode=0660\n\n[Install]\nWantedBy=sockets.target\n"
    );
}

#[test]
fn a_socket_that_accepts_starts_a_template() {
    let units = units(
        "[[service]]\nname='x@'\nexec='/usr/bin/x'\n[[socket]]\nname='x'\nlisten-stream='80'\naccept=true\n",
    );
    assert!(units[0].is_template() && !units[0].text.contains("Requires"));
    assert!(units[1].text.contains("Accept=yes\n") && !units[1].text.contains("Service="));
}

#[test]
fn a_path_says_what_it_watches_and_what_it_starts() {
    let text = unit_of(
        "[[path]]\nname='x'\ndirectory-not-empty='/var/spool/x'\nmake-directory=true\nservice='y'\nwanted-by=['multi-user.target']\n",
    );
    assert_eq!(
        text,
        "[Unit]\nDescription=Sum (path)\nDocumentation=man:x(1)\n\n[Path]\nDirectoryNotEmpty=/var/spool/x\n\
         MakeDirectory=yes\nUnit=y.service\n\n[Install]\nWantedBy=multi-user.target\n"
    );
}

#[test]
fn a_mistake_is_shown_where_the_project_file_makes_it() {
    let at = |text: &str| {
        let (problems, _) = units(text).remove(0).check();
        let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(shown.len(), 1, "{shown:?}");
        shown[0].clone()
    };
    assert_eq!(
        at("[[timer]]\nname = 'x'\non-calendar = ['daily', '*-13-01']\n"),
        "`OnCalendar=*-13-01` is no calendar event: a month is between 1 and 12, not 13\n \
         --> packyard.toml:3:26\n  |\n3 | on-calendar = ['daily', '*-13-01']\n  |                          ^^^^^^^\n\
         hint: such as `daily`, `Mon..Fri 08:00` or `*-*-01 04:30`; `systemd-analyze calendar` shows what it means"
    );
    assert_eq!(
        at("[[service]]\nname = 'x'\nexec = '/usr/bin/x'\n[service.service]\nexecstop = '/bin/true'\n"),
        "`execstop=` is not known in `[Service]`\n --> packyard.toml:5:1\n  |\n5 | execstop = '/bin/true'\n  \
         | ^^^^^^^^\nhint: write it as `ExecStop=`: upper and lower case matter"
    );
}

#[test]
fn a_unit_that_is_taken_as_it_is_is_checked_where_it_stands() {
    let manifest = manifest("[[service]]\nunit = 'units/x.service'\n");
    let file = SourceText::new(
        "units/x.service",
        "[Unit]\nDescription=x\n[Service]\nExecStart=bin/x\n",
    );
    let around = Surroundings {
        summary: "",
        documentation: &[],
        triggers: &[],
    };
    let (problems, _) = Unit::given(&manifest.services[0], file, &around).check();
    assert_eq!(
        problems[0].to_string(),
        "`bin/x` is no absolute path\n --> units/x.service:4:11\n  |\n4 | ExecStart=bin/x\n  |           ^^^^^\n\
         hint: write the whole path, such as /usr/bin/NAME"
    );
}
