use super::*;
use std::{fmt::Write as _, fs, path::Path, process::Command};

/// What is said of a unit, one line each: place, name, message, hint.
fn said(path: &str, text: &str) -> Vec<String> {
    let line = |issue: &Issue| {
        let at = issue
            .span
            .as_ref()
            .map_or_else(String::new, |span| text[span.clone()].to_owned());
        format!("{at} | {} | {} | {}", issue.rule.name, issue.message, issue.hint)
    };
    issues(path, text).iter().map(line).collect()
}

/// A service that is right but for `lines` of its [Service].
fn service(lines: &str) -> Vec<String> {
    said(
        "x.service",
        &format!("[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n{lines}\n"),
    )
}

#[test]
fn a_calendar_event_is_one_exactly_where_systemd_takes_it_for_one() {
    let events = list(
        r"daily | Daily | *-*-* 02:00 | Mon..Fri 08:00 | Mon,Wed,Fri *-*-* 10:00:00 | *:0/15 | *:*/5 | */5 |
           Sat *-*-1..7 18:00 | *-*~3 | *-02~1 | *-05~07/1 | hourly UTC | 2003-03-05 05:40 Europe/Berlin |
           @1395716396 | @x | dayly | Funday | 25:00 | 12:60 | *-13-01 | *-00-01 | *-*-32 | Mon | Mon, |
           Mon..Fun | 10:00:60 | 10:00:00.5 | 10:00:00/2.5 | *-*-* *:*:* | *:* | * | *-* | *-*-* | *-*-*-* |
           10 | 10: |  | Mon 10 | Mon Tue | 2020..2030-*-* | 99-01-01 | 1969-01-01 | 2200-01-01 | 05..03:00 |
           03..03:00 | 0/0:00 | 0/24:00 | 0/23:00 | 1..5/10:00 | 1..5/30:00 | 1..5/22:00 | 1..5/23:00 |
           10..12/20:00 | every day | 02:00 daily | Mon daily | weekly | quarterly | semi-annually |
           biannually | annually | *-*-1,15 04:00 | *-*-1, 15 | 8:30 | 08:30:00 UTC | 08:30:00 Mars/Phobos |
           Mon-Fri | Mon..Fri,Sun 1:2 | monday | fri..mon | ~3 | *~3 | *-*~3-4 | *~*-3 | 10:00..30 |
           *:00,30 | *:00/10,5 | *-1/3-1 | 12,14,13,12:20,10,30 | minutely | reboot | 00:00-01:00 |
           *-*-*T10:00 | 10:00:00.1234567 | tomorrow | *-*-01 00:00:00,30 | 0:0:0 Etc/UTC |
           Mon *-*-* 1:1 x y",
    );
    agrees("calendar", &events, |event| calendar::check(event).is_ok());
}

#[test]
fn a_time_span_is_one_exactly_where_systemd_takes_it_for_one() {
    let spans = list(
        r"5min | 5 min | 5min 20s | 2h | 90 | infinity | 1.5h | 5 minuts |  | min | -5s | 1y 2M 3w | 100ms |
           5m30s | 3 fortnights | 1 h 5 | 5 Min | infinite | 1.s | .5s | 2 hours | 1hr | 7d | 1 us",
    );
    agrees("timespan", &spans, |span| time_span::check(span).is_ok());
}

/// Values between bars, some over several lines.
fn list(text: &str) -> Vec<&str> {
    text.split('|').map(str::trim).collect()
}

fn agrees(verb: &str, values: &[&str], ours: impl Fn(&str) -> bool) {
    let mut differ = String::new();
    for value in values {
        let run = Command::new("systemd-analyze").args([verb, "--", value]).output();
        let theirs = run.expect("systemd-analyze is installed").status.success();
        if theirs != ours(value) {
            writeln!(differ, "`{value}`: systemd says {theirs}").unwrap();
        }
    }
    assert_eq!(differ, "");
}

/// The keys of this machine's systemd, as `[Section]` and `Key`.
fn known_to_systemd() -> Vec<(String, String)> {
    let program = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];
    let program = program
        .iter()
        .find(|p| Path::new(p).exists())
        .expect("systemd is installed");
    let dump = Command::new(program)
        .arg("--dump-configuration-items")
        .output()
        .unwrap();
    let mut section = String::new();
    let mut keys = Vec::new();
    for line in String::from_utf8(dump.stdout).unwrap().lines() {
        if let Some(name) = line.strip_prefix('[') {
            name.trim_end_matches(']').clone_into(&mut section);
        } else if let Some((key, _)) = line.split_once('=') {
            keys.push((section.clone(), key.to_owned()));
        }
    }
    keys
}

#[test]
fn every_key_that_systemd_knows_is_known_and_one_that_it_does_not_is_of_a_later_version() {
    let theirs = known_to_systemd();
    assert!(theirs.len() > 1000, "{}", theirs.len());
    let kind = |section: &str| match section {
        "Unit" | "Install" => "service".to_owned(),
        other => other.to_lowercase(),
    };
    let unknown: Vec<_> = theirs
        .iter()
        .filter(|(section, key)| keys::find(&kind(section), section, key).is_none())
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let version = Command::new("systemctl").arg("--version").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let version: u16 = version.split_whitespace().nth(1).unwrap().parse().unwrap();
    let sections = [
        "Unit",
        "Install",
        "Service",
        "Socket",
        "Timer",
        "Path",
        "Mount",
        "Automount",
        "Slice",
    ];
    let ours = sections
        .iter()
        .flat_map(|s| keys::keys(&kind(s), s).map(move |key| (*s, key)));
    let wrong: Vec<_> = ours
        .filter(|(section, key)| {
            let there = theirs.iter().any(|(s, k)| s == section && k == key.name);
            there != (key.since <= version)
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn what_systemd_analyze_calls_unknown_or_cannot_parse_is_found() {
    let bad = list(
        r#"Exectart=/bin/x | execstop=/bin/x | WantedBy=x.target | Type=simpel | Restart=sometimes |
           ProtectSystem=yess | PrivateTmp=maybe | RestartSec=5 minuts | UMask=999 | ReadWrite=/x |
           ExecStop=bin/x | Environment=A | Environment="A=b | KillMode=all | KillSignal=SIGFOO |
           WorkingDirectory=here | StateDirectory=/var/lib/x | TimeoutStopSec=soon | ProtectHome=readonly |
           RootDirectory=x | MemoryMax=lots | LogLevelMax=loud | Nonsense=1 | NotifyAccess=everyone |
           OOMPolicy=die | ExecStart=/bin/second | Restart=always; Type=oneshot | ProtectProc=none |
           ExecStartPre=/bin/sh -c 'x | User=nobody"#,
    );
    let good = list(
        r#"Type=notify | Restart=on-failure | RestartSec=5 | UMask=0077 | Environment="A=b c" D=e |
           User=daemon | ProtectSystem=strict | ProtectHome=read-only | KillSignal=SIGINT |
           TimeoutStopSec=1min 30s | MemoryMax=20% | MemoryHigh=512M | ExecStop=-/bin/kill $MAINPID |
           StateDirectory=x y/z | RuntimeDirectoryPreserve=restart |
           SystemCallFilter=@system-service; SystemCallFilter=~@privileged | CapabilityBoundingSet= |
           WorkingDirectory=~ | StandardOutput=append:/var/log/x | Slice=system.slice | CPUQuota=20% |
           TasksMax=10% | Nice=-5 | ExecStartPre=+/bin/mkdir -p /run/x | X-Mine=1 | LimitNOFILE=1024:4096 |
           OOMScoreAdjust=-100 | EnvironmentFile=-/etc/default/x | ExecReload=/bin/kill -HUP $MAINPID |
           TimeoutSec=infinity"#,
    );
    for (lines, expected) in bad
        .iter()
        .map(|l| (l, true))
        .chain(good.iter().map(|l| (l, false)))
    {
        let lines = lines.replace("; ", "\n");
        let text = format!("[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n{lines}\n");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("probe.service");
        fs::write(&path, &text).unwrap();
        let mut verify = Command::new("systemd-analyze");
        let run = verify
            .args(["verify", "--man=no", "--recursive-errors=no"])
            .arg(&path)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&run.stderr).into_owned();
        let theirs = stderr.lines().any(|line| line.contains("probe.service"));
        assert_eq!(theirs, expected, "systemd on {lines}: {stderr}");
        assert_eq!(
            !issues("probe.service", &text).is_empty(),
            expected,
            "{lines}: {:?}",
            said("x.service", &text)
        );
    }
}

#[test]
fn a_key_in_another_case_or_section_or_with_a_slip_is_told_from_an_unknown_one() {
    assert_eq!(
        service("execstop=/bin/x"),
        [
            "execstop | unit-key | `execstop=` is not known in `[Service]` | write it as `ExecStop=`: upper and lower case matter"
        ]
    );
    assert_eq!(
        service("WantedBy=x.target"),
        [
            "WantedBy | unit-key | `WantedBy=` belongs into `[Install]`, not into `[Service]` | move it below `[Install]`"
        ]
    );
    assert_eq!(
        service("Restrat=no"),
        ["Restrat | unit-key | `Restrat=` is not known in `[Service]` | did you mean `Restart=`?"]
    );
    assert_eq!(
        service("Wantedby=x.target"),
        [
            "Wantedby | unit-key | `Wantedby=` is not known in `[Service]` | write it as `WantedBy=`: upper and lower case matter"
        ]
    );
    assert_eq!(
        said(
            "x.service",
            "[Unit]\nDescription=x\n[service]\nExecStart=/bin/true\n"
        ),
        [
            "[service] | unit-section | `[service]` is no section of a .service unit | did you mean `[Service]`?"
        ]
    );
}

#[test]
fn values_are_shown_where_they_are_with_what_would_be_right() {
    let only = |lines: &str| {
        let said = service(lines);
        assert_eq!(said.len(), 1, "{lines}: {said:?}");
        said.into_iter().next().unwrap()
    };
    for (lines, expected) in [
        (
            "Type=simpel",
            "simpel | unit-value | `Type=simpel` is not known | did you mean `simple`?",
        ),
        (
            "Nice=1 %Q",
            "%Q | unit-specifier | `%Q` in `Nice=` is no specifier of systemd | write `%%` for a percent sign",
        ),
        (
            "ExecStop=stop it",
            "stop | unit-relative-command | `stop` is no absolute path; systemd before 239 refuses it | write the whole path, such as /usr/bin/NAME",
        ),
        (
            "ExecStop=/bin/a > /b",
            "> | unit-value | `>` is passed to the program as an argument: there is no shell | run `/bin/sh -c '…'`, or leave it out; the journal keeps what a service prints",
        ),
        (
            "Environment=A=b c",
            "c | unit-value | `c` is no assignment of an environment variable | write NAME=VALUE, and quotes around both where the value has blanks: \"NAME=one two\"",
        ),
    ] {
        assert_eq!(only(lines), expected);
    }
    let timer = "[Unit]\nDescription=x\nAfter=network\n[Timer]\nOnCalendar=dayly\n";
    assert_eq!(
        said("x.timer", timer),
        [
            "network | unit-value | `network` in `After=` is no name of a unit: it has no ending | write `network.target`",
            "dayly | unit-value | `OnCalendar=dayly` is no calendar event: `dayly` is no day of the week; did you mean `daily`? | such as `daily`, `Mon..Fri 08:00` or `*-*-01 04:30`; `systemd-analyze calendar` shows what it means",
        ]
    );
    let socket = "[Unit]\nDescription=x\n[Socket]\nListenStream=localhost:80\nSocketMode=rw\n";
    assert_eq!(said("x.socket", socket).len(), 2);
}

#[test]
fn a_line_goes_on_where_the_one_before_ends_in_a_backslash() {
    let parsed = syntax::parse("[Service]\nExecStart=/bin/a \\\n  # no\n  b\nType=exec\n");
    assert_eq!(parsed.assignments[0].value, "/bin/a b");
    assert_eq!(
        (parsed.assignments[1].key.as_str(), parsed.assignments[1].line),
        ("Type", 5)
    );
}
