//! `[[service]]`, `[[timer]]`, `[[socket]]` and `[[path]]`: which key of a unit file each key stands for.

use super::unit::{self, Reader, UnitKeys, UnitKind};
use crate::keys::Keys;
use toml::{Spanned, de::DeValue};

const TYPES: [&str; 8] = [
    "exec",
    "simple",
    "notify",
    "notify-reload",
    "oneshot",
    "forking",
    "dbus",
    "idle",
];
const RESTARTS: [&str; 7] = [
    "no",
    "always",
    "on-success",
    "on-failure",
    "on-abnormal",
    "on-abort",
    "on-watchdog",
];

pub(super) fn service(keys: Keys<'_>) -> Option<UnitKeys> {
    unit::read(keys, UnitKind::Service, "service", |reader| {
        reader.words("after", "Unit", "After");
        reader.words("wants", "Unit", "Wants");
        reader.word("type", "Service", "Type", &TYPES);
        exec(reader);
        user(reader);
        reader.text("working-directory", "Service", "WorkingDirectory");
        reader.text("state-directory", "Service", "StateDirectory");
        environment(reader);
        reader.word("restart", "Service", "Restart", &RESTARTS);
    })
}

pub(super) fn timer(keys: Keys<'_>) -> Option<UnitKeys> {
    unit::read(keys, UnitKind::Timer, "timer", |reader| {
        let began = reader.settings.len();
        reader.lines("on-calendar", "Timer", "OnCalendar");
        reader.text("on-boot", "Timer", "OnBootSec");
        needs_one(
            reader,
            began,
            "timer",
            "`on-calendar` or `on-boot`",
            "such as `on-calendar = \"daily\"`",
        );
    })
}

pub(super) fn socket(keys: Keys<'_>) -> Option<UnitKeys> {
    unit::read(keys, UnitKind::Socket, "socket", |reader| {
        let began = reader.settings.len();
        ports(reader, "listen-stream", "ListenStream");
        ports(reader, "listen-datagram", "ListenDatagram");
        reader.lines("listen-sequential-packet", "Socket", "ListenSequentialPacket");
        reader.lines("listen-fifo", "Socket", "ListenFIFO");
        let hint = "such as `listen-stream = \"/run/NAME.sock\"` or `listen-stream = \"8080\"`";
        needs_one(
            reader,
            began,
            "socket",
            "`listen-stream` or another of the `listen-` keys",
            hint,
        );
        reader.flag("accept", "Socket", "Accept");
        reader.text("socket-user", "Socket", "SocketUser");
        reader.text("socket-group", "Socket", "SocketGroup");
        reader.text("socket-mode", "Socket", "SocketMode");
    })
}

pub(super) fn path(keys: Keys<'_>) -> Option<UnitKeys> {
    unit::read(keys, UnitKind::Path, "path", |reader| {
        let began = reader.settings.len();
        reader.lines("path-exists", "Path", "PathExists");
        reader.lines("path-exists-glob", "Path", "PathExistsGlob");
        reader.lines("path-changed", "Path", "PathChanged");
        reader.lines("path-modified", "Path", "PathModified");
        reader.lines("directory-not-empty", "Path", "DirectoryNotEmpty");
        let hint = "such as `path-changed = \"/etc/NAME.conf\"`";
        needs_one(
            reader,
            began,
            "path",
            "`path-exists`, `path-changed` or another of its kind",
            hint,
        );
        reader.flag("make-directory", "Path", "MakeDirectory");
    })
}

fn exec(reader: &mut Reader<'_, '_>) {
    let is_given = reader.keys.value("unit").is_some_and(|v| v.get_ref().is_str());
    let exec = if is_given {
        reader.keys.string("exec")
    } else {
        reader.keys.required("exec")
    };
    if let Some(exec) = exec {
        reader.add("Service", "ExecStart", vec![exec.get_ref().clone()], exec.span());
    }
}

/// Ports may be written as numbers, alone or in a list.
fn ports(reader: &mut Reader<'_, '_>, key: &'static str, unit_key: &str) {
    let Some(value) = reader.keys.value(key) else {
        return;
    };
    let one = |v: &Spanned<DeValue<'_>>| match v.get_ref() {
        DeValue::Integer(port) => Some((port.as_str().to_owned(), v.span())),
        other => Some((other.as_str()?.to_owned(), v.span())),
    };
    let listed = match value.get_ref().as_array() {
        Some(list) => list.iter().map(one).collect(),
        None => one(value).map(|port| vec![port]),
    };
    match listed {
        Some(ports) => {
            for (port, span) in ports {
                reader.add("Socket", unit_key, vec![port], span);
            }
        }
        // Says that it is of another type.
        None => reader.lines(key, "Socket", unit_key),
    }
}

/// A trigger that says nothing of when it triggers.
fn needs_one(reader: &mut Reader<'_, '_>, began: usize, table: &'static str, keys: &str, hint: &str) {
    let is_filled = |v: &Spanned<DeValue<'_>>| v.get_ref().as_table().is_some_and(|t| !t.is_empty());
    let passed = reader.keys.value(table).is_some_and(is_filled);
    let is_given = reader.keys.value("unit").is_some_and(|v| v.get_ref().is_str());
    if reader.settings.len() == began && !passed && !is_given {
        let message = format!("a [[{table}]] needs {keys}");
        reader.keys.problem(reader.keys.span(), message, hint);
    }
}

fn user(reader: &mut Reader<'_, '_>) {
    let span = reader.keys.value("dynamic-user").map(Spanned::span);
    let dynamic = reader.keys.flag("dynamic-user").unwrap_or(false);
    let user = reader.keys.string("user");
    if let (Some(user), true) = (&user, dynamic) {
        let message = "a service has `user` or `dynamic-user`, not both";
        reader.keys.problem(user.span(), message, "remove one of them");
    }
    if let (true, Some(span)) = (dynamic, span) {
        reader.add("Service", "DynamicUser", vec!["yes".into()], span);
    }
    if let Some(user) = user.filter(|user| user.get_ref() != "root") {
        reader.add("Service", "User", vec![user.get_ref().clone()], user.span());
    }
}

/// A table, or a list of `KEY=VALUE`.
fn environment(reader: &mut Reader<'_, '_>) {
    let Some(value) = reader.keys.value("environment") else {
        return;
    };
    if value.get_ref().is_table() {
        for (key, value) in reader.keys.table("environment").pairs() {
            let line = assignment(&key, &value.get_ref().concat());
            reader.add("Service", "Environment", vec![line], value.span());
        }
        return;
    }
    for text in reader.keys.strings("environment") {
        match text.get_ref().split_once('=') {
            Some((key, value)) => {
                reader.add(
                    "Service",
                    "Environment",
                    vec![assignment(key, value)],
                    text.span(),
                );
            }
            None => reader.keys.problem(
                text.span(),
                "`environment` must be written as KEY=VALUE",
                "add the `=`",
            ),
        }
    }
}

/// `"KEY=value"`, with what systemd would read otherwise escaped.
fn assignment(key: &str, value: &str) -> String {
    let escaped = value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('%', "%%");
    format!("\"{key}={escaped}\"")
}
