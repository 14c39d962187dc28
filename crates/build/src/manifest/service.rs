//! `[[service]]` and `[[timer]]`.

use crate::{Place, keys::Keys};
use toml::Spanned;

/// Keys and values passed through to a unit file, in the order of the project file.
pub type Section = Vec<(String, Vec<String>)>;

/// The sections that a user may add keys to; the third is `[Service]` or `[Timer]`.
#[derive(Debug, Clone, Default)]
pub struct UnitSections {
    /// `[Unit]`.
    pub unit: Section,
    /// `[Service]` or `[Timer]`.
    pub own: Section,
    /// `[Install]`.
    pub install: Section,
}

/// Whom a service runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceUser {
    /// root.
    Root,
    /// A user that systemd makes up while the service runs.
    Dynamic,
    /// This one.
    Named(String),
}

/// What installing the package does with the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boot {
    /// Enable it, so that it runs from the next boot on.
    pub enable: bool,
    /// Start it now, and restart it on upgrades.
    pub start: bool,
}

/// `[[service]]`.
#[derive(Debug, Clone)]
pub struct ServiceKeys {
    /// `name`, without `.service`.
    pub name: String,
    /// `unit`: a file to take as it is; the keys that would write one are empty then.
    pub unit: Option<(String, Place)>,
    /// `description`.
    pub description: Option<String>,
    /// `exec`.
    pub exec: Option<String>,
    /// `type`.
    pub kind: Option<String>,
    /// `user` or `dynamic-user`.
    pub user: ServiceUser,
    /// `working-directory`.
    pub working_directory: Option<String>,
    /// `state-directory`.
    pub state_directory: Option<String>,
    /// `environment`.
    pub environment: Vec<(String, String)>,
    /// `after`.
    pub after: Vec<String>,
    /// `wants`.
    pub wants: Vec<String>,
    /// `wanted-by`; none where it was not said.
    pub wanted_by: Option<Vec<String>>,
    /// `restart`.
    pub restart: Option<String>,
    /// `enable` and `start`.
    pub boot: Boot,
    /// `hardening`.
    pub hardening: bool,
    /// `[service.unit]`, `[service.service]`, `[service.install]`.
    pub sections: UnitSections,
    /// Where it is in the project file.
    pub place: Place,
}

/// `[[timer]]`.
#[derive(Debug, Clone)]
pub struct TimerKeys {
    /// `name`, without `.timer`.
    pub name: String,
    /// `description`.
    pub description: Option<String>,
    /// `on-calendar`.
    pub on_calendar: Vec<String>,
    /// `on-boot`.
    pub on_boot: Option<String>,
    /// `service`: what it starts.
    pub service: Option<(String, Place)>,
    /// `enable` and `start`.
    pub boot: Boot,
    /// `[timer.unit]`, `[timer.timer]`, `[timer.install]`.
    pub sections: UnitSections,
    /// Where it is in the project file.
    pub place: Place,
}

pub(super) fn read_service(mut keys: Keys<'_>) -> Option<ServiceKeys> {
    let unit = unit_path(&mut keys);
    let name = unit_name(
        &mut keys,
        ".service",
        unit.as_ref().map(|(path, _)| path.as_str()),
    );
    let exec = if unit.is_some() {
        keys.string("exec")
    } else {
        keys.required("exec")
    };
    let plain = |value: Option<Spanned<String>>| value.map(Spanned::into_inner);
    let service = ServiceKeys {
        name: name.unwrap_or_default(),
        description: plain(keys.string("description")),
        exec: exec.map(Spanned::into_inner),
        kind: kind(&mut keys),
        user: user(&mut keys),
        working_directory: plain(keys.string("working-directory")),
        state_directory: plain(keys.string("state-directory")),
        environment: environment(&mut keys),
        after: keys.plain_strings("after"),
        wants: keys.plain_strings("wants"),
        wanted_by: keys.has("wanted-by").then(|| keys.plain_strings("wanted-by")),
        restart: restart(&mut keys),
        boot: boot(&mut keys),
        hardening: keys.flag("hardening").unwrap_or(false),
        sections: sections(&mut keys, "service"),
        place: keys.file.place(keys.span()),
        unit,
    };
    only_with_a_generated_unit(&service, &keys);
    keys.finish();
    (!service.name.is_empty()).then_some(service)
}

/// `unit` is the path of a file, or the table `[service.unit]`.
fn unit_path(keys: &mut Keys<'_>) -> Option<(String, Place)> {
    let is_path = keys.value("unit").is_some_and(|v| !v.get_ref().is_table());
    let unit = if is_path { keys.string("unit") } else { None };
    super::located(keys, unit)
}

/// `unit = …` is taken as it is; a key beside it that would change it is a contradiction.
fn only_with_a_generated_unit(service: &ServiceKeys, keys: &Keys<'_>) {
    let generated = service.exec.is_some()
        || service.description.is_some()
        || service.kind.is_some()
        || service.user != ServiceUser::Root
        || service.hardening
        || service.restart.is_some()
        || service.wanted_by.is_some()
        || !service.environment.is_empty()
        || !service.after.is_empty()
        || !service.sections.own.is_empty();
    if service.unit.is_some() && generated {
        let message = "a service with `unit` takes that file as it is, and nothing but `name`, `enable` and `start` beside it";
        keys.problem(keys.span(), message, "put the other settings into the unit file");
    }
}

pub(super) fn read_timer(mut keys: Keys<'_>) -> Option<TimerKeys> {
    let name = unit_name(&mut keys, ".timer", None);
    let plain = |value: Option<Spanned<String>>| value.map(Spanned::into_inner);
    let service = keys.string("service");
    let timer = TimerKeys {
        name: name.unwrap_or_default(),
        description: plain(keys.string("description")),
        on_calendar: keys.plain_strings("on-calendar"),
        on_boot: plain(keys.string("on-boot")),
        service: super::located(&keys, service),
        boot: boot(&mut keys),
        sections: sections(&mut keys, "timer"),
        place: keys.file.place(keys.span()),
    };
    if timer.on_calendar.is_empty() && timer.on_boot.is_none() && timer.sections.own.is_empty() {
        keys.problem(
            keys.span(),
            "a [[timer]] needs `on-calendar` or `on-boot`",
            "such as `on-calendar = \"daily\"`",
        );
    }
    keys.finish();
    (!timer.name.is_empty()).then_some(timer)
}

/// A unit's name without its suffix: letters, digits and `:-_.\@` (systemd.unit(5)).
fn unit_name(keys: &mut Keys<'_>, suffix: &str, path: Option<&str>) -> Option<String> {
    let from_path = path
        .and_then(|p| p.rsplit('/').next())
        .and_then(|p| p.strip_suffix(suffix));
    let Some(name) = (if from_path.is_some() {
        keys.string("name")
    } else {
        keys.required("name")
    }) else {
        return from_path.map(str::to_owned);
    };
    let stem = name.get_ref().strip_suffix(suffix).unwrap_or(name.get_ref());
    if stem.is_empty()
        || !stem
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b":-_.@".contains(&b))
    {
        let message = format!("`{}` is not a valid unit name", name.get_ref());
        keys.problem(
            name.span(),
            message,
            "only letters, digits and `:-_.@` are allowed",
        );
        return None;
    }
    Some(stem.to_owned())
}

fn kind(keys: &mut Keys<'_>) -> Option<String> {
    let kinds = [
        "exec",
        "simple",
        "notify",
        "notify-reload",
        "oneshot",
        "forking",
        "dbus",
        "idle",
    ];
    keys.word("type", &kinds.map(|kind| (kind, kind)))
        .map(str::to_owned)
}

fn restart(keys: &mut Keys<'_>) -> Option<String> {
    let words = [
        "no",
        "always",
        "on-success",
        "on-failure",
        "on-abnormal",
        "on-abort",
        "on-watchdog",
    ];
    keys.word("restart", &words.map(|word| (word, word)))
        .map(str::to_owned)
}

fn user(keys: &mut Keys<'_>) -> ServiceUser {
    let dynamic = keys.flag("dynamic-user").unwrap_or(false);
    match (keys.string("user"), dynamic) {
        (None, false) => ServiceUser::Root,
        (None, true) => ServiceUser::Dynamic,
        (Some(user), false) if user.get_ref() == "root" => ServiceUser::Root,
        (Some(user), false) => ServiceUser::Named(user.into_inner()),
        (Some(user), true) => {
            keys.problem(
                user.span(),
                "a service has `user` or `dynamic-user`, not both",
                "remove one of them",
            );
            ServiceUser::Dynamic
        }
    }
}

fn boot(keys: &mut Keys<'_>) -> Boot {
    Boot {
        enable: keys.flag("enable").unwrap_or(true),
        start: keys.flag("start").unwrap_or(true),
    }
}

/// A table, or a list of `KEY=VALUE`.
fn environment(keys: &mut Keys<'_>) -> Vec<(String, String)> {
    let is_table = keys.value("environment").is_some_and(|v| v.get_ref().is_table());
    if is_table {
        let pairs = keys.table("environment").pairs();
        return pairs
            .into_iter()
            .map(|(key, value)| (key, value.into_inner().concat()))
            .collect();
    }
    let mut pairs = Vec::new();
    for text in keys.strings("environment") {
        match text.get_ref().split_once('=') {
            Some((key, value)) => pairs.push((key.to_owned(), value.to_owned())),
            None => keys.problem(
                text.span(),
                "`environment` must be written as KEY=VALUE",
                "add the `=`",
            ),
        }
    }
    pairs
}

fn sections(keys: &mut Keys<'_>, own: &'static str) -> UnitSections {
    let mut section = |key| {
        if keys
            .value(key)
            .is_some_and(|v| key == "unit" && v.get_ref().is_str())
        {
            return Vec::new();
        }
        let pairs = keys.table(key).pairs();
        pairs
            .into_iter()
            .map(|(key, values)| (key, values.into_inner()))
            .collect()
    };
    UnitSections {
        unit: section("unit"),
        own: section(own),
        install: section("install"),
    }
}
