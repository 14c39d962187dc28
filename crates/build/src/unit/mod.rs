//! systemd units: written from `[[service]]` and `[[timer]]`, or taken as they are and checked.

mod check;
mod hardening;
mod ini;

pub(crate) use check::check;

use crate::manifest::{Boot, ServiceKeys, ServiceUser, TimerKeys, UnitSections};
use ini::UnitText;

/// An installed unit and what installing the package does with it.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// `hello.service`.
    pub file_name: String,
    /// The unit file's text.
    pub text: String,
    /// Whether it is enabled and started.
    pub boot: Boot,
}

impl Unit {
    /// Whether `systemctl enable` would do something.
    pub fn is_installable(&self) -> bool {
        self.text.lines().any(|line| line.trim() == "[Install]")
    }
}

/// Writes a service's unit. `documentation` is used where the project file says none.
pub(crate) fn service(keys: &ServiceKeys, summary: &str, documentation: &[String]) -> Unit {
    let mut unit = UnitText::default();
    unit.set(
        "Unit",
        "Description",
        [keys.description.as_deref().unwrap_or(summary)],
    );
    unit.set("Unit", "Documentation", documentation.iter().map(String::as_str));
    unit.set("Unit", "After", joined(&keys.after).as_deref());
    unit.set("Unit", "Wants", joined(&keys.wants).as_deref());
    unit.set("Service", "Type", [keys.kind.as_deref().unwrap_or("exec")]);
    unit.set("Service", "ExecStart", keys.exec.as_deref());
    match &keys.user {
        ServiceUser::Root => {}
        ServiceUser::Dynamic => unit.set("Service", "DynamicUser", ["yes"]),
        ServiceUser::Named(name) => unit.set("Service", "User", [name.as_str()]),
    }
    unit.set("Service", "WorkingDirectory", keys.working_directory.as_deref());
    unit.set("Service", "StateDirectory", keys.state_directory.as_deref());
    let environment: Vec<String> = keys
        .environment
        .iter()
        .map(|(key, value)| environment(key, value))
        .collect();
    unit.set("Service", "Environment", environment.iter().map(String::as_str));
    unit.set("Service", "Restart", keys.restart.as_deref());
    if keys.hardening {
        for (key, value) in hardening::settings(&keys.user) {
            unit.set("Service", key, value.iter().copied());
        }
    }
    if let Some(wanted_by) = wanted_by(keys) {
        unit.set("Install", "WantedBy", [wanted_by.as_str()]);
    }
    pass_through(&mut unit, "Service", &keys.sections);
    Unit {
        file_name: format!("{}.service", keys.name),
        text: unit.render(),
        boot: keys.boot,
    }
}

/// `multi-user.target`, unless the project file says otherwise or does not want it enabled.
fn wanted_by(keys: &ServiceKeys) -> Option<String> {
    match &keys.wanted_by {
        Some(targets) => joined(targets),
        None => keys.boot.enable.then(|| "multi-user.target".to_owned()),
    }
}

/// Writes a timer's unit.
pub(crate) fn timer(keys: &TimerKeys, summary: &str, documentation: &[String]) -> Unit {
    let mut unit = UnitText::default();
    let description = keys
        .description
        .clone()
        .unwrap_or_else(|| format!("{summary} (timer)"));
    unit.set("Unit", "Description", [description.as_str()]);
    unit.set("Unit", "Documentation", documentation.iter().map(String::as_str));
    unit.set("Timer", "OnCalendar", keys.on_calendar.iter().map(String::as_str));
    unit.set("Timer", "OnBootSec", keys.on_boot.as_deref());
    if !keys.on_calendar.is_empty() {
        unit.set("Timer", "Persistent", ["yes"]);
    }
    let service = keys
        .service
        .as_ref()
        .map(|(s, _)| s.strip_suffix(".service").unwrap_or(s));
    if let Some(service) = service.filter(|service| *service != keys.name) {
        unit.set("Timer", "Unit", [format!("{service}.service").as_str()]);
    }
    if keys.boot.enable {
        unit.set("Install", "WantedBy", ["timers.target"]);
    }
    pass_through(&mut unit, "Timer", &keys.sections);
    Unit {
        file_name: format!("{}.timer", keys.name),
        text: unit.render(),
        boot: keys.boot,
    }
}

fn pass_through(unit: &mut UnitText, own: &str, sections: &UnitSections) {
    for (section, pairs) in [
        ("Unit", &sections.unit),
        (own, &sections.own),
        ("Install", &sections.install),
    ] {
        for (key, values) in pairs {
            unit.set(section, key, values.iter().map(String::as_str));
        }
    }
}

fn joined(words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| words.join(" "))
}

/// `"KEY=value"`, with what systemd would read otherwise escaped.
fn environment(key: &str, value: &str) -> String {
    let escaped = value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('%', "%%");
    format!("\"{key}={escaped}\"")
}

#[cfg(test)]
mod tests;
