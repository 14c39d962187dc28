use super::*;
use crate::{Diagnostic, SourceText, manifest::Manifest};

fn unit_of(text: &str) -> String {
    let manifest = Manifest::parse(&SourceText::new("packyard.toml", text)).unwrap();
    let documentation = ["man:x(1)".to_owned()];
    match manifest.services.first() {
        Some(keys) => service(keys, "Sum", &documentation).text,
        None => timer(&manifest.timers[0], "Sum", &documentation).text,
    }
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
fn a_unit_that_is_taken_as_it_is_gets_checked() {
    let file = SourceText::new("x.service", "A=b\n[Unit]\nnonsense\n[Servce]\n");
    let found: Vec<String> = check(&file).into_iter().map(|d: Diagnostic| d.message).collect();
    assert_eq!(
        found,
        [
            "`A` stands before the first section",
            "`nonsense` is neither a section nor KEY=VALUE",
            "unknown section [Servce]",
            "a service needs `ExecStart` in [Service]"
        ]
    );
}
