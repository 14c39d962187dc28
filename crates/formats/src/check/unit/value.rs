//! What the values of keys can be.

use super::{
    calendar, command,
    keys::{Key, Shape},
    syntax::Assignment,
    time_span,
    words::words,
};
use crate::nearest::nearest;
use std::ops::Range;

/// What is wrong with a value: where in it, what, and what to do.
pub(super) struct Wrong {
    pub part: Range<usize>,
    pub message: String,
    pub hint: String,
}

const TRUE: [&str; 5] = ["1", "yes", "y", "true", "on"];
const FALSE: [&str; 5] = ["0", "no", "n", "false", "off"];
/// The endings of unit names.
const KINDS: [&str; 11] = [
    "service",
    "socket",
    "target",
    "device",
    "mount",
    "automount",
    "timer",
    "path",
    "slice",
    "scope",
    "swap",
];
/// Targets that are often named without their ending.
const TARGETS: [&str; 8] = [
    "network",
    "network-online",
    "multi-user",
    "graphical",
    "basic",
    "local-fs",
    "timers",
    "sockets",
];
const ACTIONS: &str = "none reboot reboot-force reboot-immediate poweroff poweroff-force poweroff-immediate exit exit-force \
    soft-reboot soft-reboot-force kexec kexec-force halt halt-force halt-immediate";
const JOB_MODES: &str = "fail replace replace-irreversibly isolate flush ignore-dependencies ignore-requirements triggering \
    restart-dependencies lenient";
const LEVELS: &str = "emerg alert crit err warning notice info debug 0 1 2 3 4 5 6 7";

/// The words that a key can be; `BOOLEAN` stands for those of a flag.
fn choices(key: &str) -> Option<&'static str> {
    Some(match key {
        "Type" => "simple exec forking oneshot dbus notify notify-reload idle",
        "ExitType" => "main cgroup",
        "Restart" => "no on-success on-failure on-abnormal on-watchdog on-abort always",
        "RestartMode" => "normal direct debug",
        "NotifyAccess" => "none main exec all",
        "OOMPolicy" => "continue stop kill",
        "TimeoutStartFailureMode" | "TimeoutStopFailureMode" => "terminate abort kill",
        "KillMode" => "control-group mixed process none",
        "ProtectSystem" => "BOOLEAN full strict",
        "ProtectHome" => "BOOLEAN read-only tmpfs",
        "ProtectProc" => "noaccess invisible ptraceable default",
        "ProcSubset" => "all pid",
        "ProtectHostname" | "ProtectControlGroups" => "BOOLEAN private strict",
        "PrivateTmp" => "BOOLEAN disconnected",
        "PrivateUsers" => "BOOLEAN self identity full managed",
        "FileDescriptorStorePreserve" | "RuntimeDirectoryPreserve" => "BOOLEAN restart",
        "KeyringMode" => "inherit private shared",
        "UtmpMode" => "init login user",
        "DevicePolicy" => "auto closed strict",
        "ManagedOOMSwap" | "ManagedOOMMemoryPressure" => "auto kill",
        "ManagedOOMPreference" => "none avoid omit",
        "MemoryPressureWatch" => "auto off on skip",
        "IOSchedulingClass" => "none realtime best-effort idle 0 1 2 3",
        "CPUSchedulingPolicy" => "other batch idle fifo rr ext",
        "NUMAPolicy" => "default preferred bind interleave local",
        "SyslogLevel" | "LogLevelMax" => LEVELS,
        "CollectMode" => "inactive inactive-or-failed",
        "FailureAction" | "SuccessAction" | "StartLimitAction" | "JobTimeoutAction" => ACTIONS,
        "OnFailureJobMode" | "OnSuccessJobMode" => JOB_MODES,
        "BindIPv6Only" => "default both ipv6-only",
        "SocketProtocol" => "udplite sctp mptcp",
        _ => return None,
    })
}

/// Checks a value that is not empty; an empty one resets the key.
pub(super) fn check(key: Key, a: &Assignment) -> Vec<Wrong> {
    let value = a.value.as_str();
    let wrong = |rule: String, hint: &str| {
        vec![Wrong {
            part: 0..value.len(),
            message: format!("`{}={value}` {rule}", a.key),
            hint: hint.to_owned(),
        }]
    };
    let mount_type = a.key == "Type" && a.section != "Service";
    if let Some(words) = choices(key.name).filter(|_| !mount_type) {
        return choice(a, words).into_iter().collect();
    }
    if !matches!(key.shape, Shape::Command | Shape::Environment) && key.name == "EnvironmentFile"
        || key.shape == Shape::Path
    {
        let path = value.trim_start_matches('-').trim_start_matches(['"', '\'']);
        let is_absolute = path.starts_with(['/', '%']);
        return if is_absolute {
            Vec::new()
        } else {
            wrong(
                "is no absolute path".into(),
                "write the whole path, beginning with `/`",
            )
        };
    }
    match key.shape {
        Shape::Flag => choice(a, "BOOLEAN").into_iter().collect(),
        Shape::Span => match time_span::check(value) {
            Err(why) => wrong(
                format!("is no time span: {why}"),
                "such as `90s`, `5min`, `1h 30min` or `infinity`",
            ),
            Ok(()) => Vec::new(),
        },
        Shape::Calendar => match calendar::check(value) {
            Err(why) => wrong(
                format!("is no calendar event: {why}"),
                "such as `daily`, `Mon..Fri 08:00` or `*-*-01 04:30`; `systemd-analyze calendar` shows what it means",
            ),
            Ok(()) => Vec::new(),
        },
        Shape::Mode if !is_mode(value) => wrong(
            "is no file mode".into(),
            "write four octal digits, such as `0640`",
        ),
        Shape::Number if !is_number(value) => wrong("is no whole number".into(), "write digits only"),
        Shape::Size if !is_size(value) => wrong(
            "is no number of bytes".into(),
            "such as `512M`, `2G`, `80%` or `infinity`",
        ),
        Shape::Address if !is_address(value) => wrong(
            "is no address to listen on".into(),
            "write a path, a port, ADDRESS:PORT, [IPV6]:PORT or @NAME",
        ),
        Shape::Units => units(a),
        Shape::Command => command::check(a),
        Shape::Environment => command::environment(a),
        _ => text(a),
    }
}

/// Keys whose values are not described by a shape, yet often wrong.
fn text(a: &Assignment) -> Vec<Wrong> {
    const BELOW: [&str; 5] = [
        "RuntimeDirectory",
        "StateDirectory",
        "CacheDirectory",
        "LogsDirectory",
        "ConfigurationDirectory",
    ];
    let wrong = |rule: &str, hint: &str| {
        vec![Wrong {
            part: 0..a.value.len(),
            message: format!("`{}={}` {rule}", a.key, a.value),
            hint: hint.to_owned(),
        }]
    };
    let relative = |path: &str| !path.starts_with(['/', '~', '%']);
    match a.key.as_str() {
        "WorkingDirectory" if relative(a.value.trim_start_matches('-')) => wrong(
            "is no absolute path",
            "write the whole path, beginning with `/`, or `~`",
        ),
        key if BELOW.contains(&key)
            && a.value
                .split_whitespace()
                .any(|p| p.starts_with('/') || p.contains("..")) =>
        {
            wrong(
                "must be a relative path",
                "leave out the directory that systemd puts it into, such as `/var/lib/`",
            )
        }
        key if key.ends_with("Signal") && !is_signal(&a.value) => {
            wrong("is no signal", "such as `SIGTERM` or `SIGINT`")
        }
        _ => Vec::new(),
    }
}

fn choice(a: &Assignment, words: &str) -> Option<Wrong> {
    let flags = || TRUE.iter().chain(&FALSE).copied();
    let flag = words.starts_with("BOOLEAN");
    let lower = a.value.to_ascii_lowercase();
    let is_word = words.split_whitespace().any(|word| word == a.value);
    if is_word || flag && flags().any(|word| word == lower) {
        return None;
    }
    let named = words.split_whitespace().filter(|word| *word != "BOOLEAN");
    let all: Vec<&str> = ["yes", "no"].into_iter().filter(|_| flag).chain(named).collect();
    let hint = match nearest(&lower, all.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of {}", all.join(" ")),
    };
    Some(Wrong {
        part: 0..a.value.len(),
        message: format!("`{}={}` is not known", a.key, a.value),
        hint,
    })
}

fn is_mode(value: &str) -> bool {
    (1..=5).contains(&value.len()) && u32::from_str_radix(value, 8).is_ok_and(|mode| mode <= 0o7777)
}

fn is_number(value: &str) -> bool {
    value == "infinity" || value.parse::<u64>().is_ok()
}

fn is_size(value: &str) -> bool {
    let number = value.trim_end_matches(['K', 'M', 'G', 'T', 'P', 'E', 'B', '%']);
    value == "infinity" || (value.len() - number.len() <= 1 && number.parse::<f64>().is_ok_and(|n| n >= 0.0))
}

/// A path, a name in the abstract namespace, a port, or a host's address and a port.
fn is_address(value: &str) -> bool {
    if value.starts_with(['/', '@', '%']) || value.starts_with("vsock:") {
        return true;
    }
    let is_port = |port: &str| port.contains('%') || port.parse::<u16>().is_ok_and(|port| port > 0);
    let host = |host: &str| {
        let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        match v6 {
            Some(v6) => v6.parse::<core::net::Ipv6Addr>().is_ok(),
            None => host.contains('%') || host.parse::<core::net::Ipv4Addr>().is_ok(),
        }
    };
    is_port(value)
        || value
            .rsplit_once(':')
            .is_some_and(|(h, port)| is_port(port) && host(h))
}

fn is_signal(value: &str) -> bool {
    const NAMES: &str = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP \
        TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";
    let name = value.strip_prefix("SIG").unwrap_or(value);
    let real_time = name.starts_with("RTMIN") || name.starts_with("RTMAX");
    real_time
        || NAMES.split(' ').any(|known| known == name)
        || value.parse::<u8>().is_ok_and(|n| (1..65).contains(&n))
}

/// Names of units, each with its ending.
fn units(a: &Assignment) -> Vec<Wrong> {
    let Ok(words) = words(&a.value) else {
        return Vec::new();
    };
    let wrong = |word: &super::words::Word| {
        let name = word.text.as_str();
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        if ending.is_some_and(|ending| KINDS.contains(&ending)) || name.contains('%') {
            return None;
        }
        let guess = if TARGETS.contains(&name) {
            "target"
        } else {
            "service"
        };
        let hint = match ending {
            Some(ending) => format!("`.{ending}` is no kind of unit"),
            None => format!("write `{name}.{guess}`"),
        };
        Some(Wrong {
            part: word.span.clone(),
            message: format!("`{name}` in `{}=` is no name of a unit: it has no ending", a.key),
            hint,
        })
    };
    words.iter().filter_map(wrong).collect()
}
