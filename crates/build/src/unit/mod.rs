//! systemd units: written from the project file, or taken as they are; checked either way.

mod hardening;
mod ini;

use crate::{
    Diagnostic, Place, SourceText,
    manifest::{Boot, OnUpgrade, UnitKeys, UnitKind},
};
use ini::{Said, UnitText};
use packyard_formats::check::unit::{Issue, issues, syntax};
use std::ops::Range;

/// An installed unit and what installing the package does with it.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// `hello.service`.
    pub file_name: String,
    /// The unit file's text.
    pub text: String,
    /// Whether it is enabled and started, and what an upgrade does.
    pub boot: Boot,
    origin: Origin,
}

/// Where a unit's lines come from.
#[derive(Debug, Clone)]
enum Origin {
    /// A file of the project.
    File(SourceText),
    /// The project file: a place for each line, and that of the whole table.
    Keys(Vec<Option<Said>>, Box<Place>),
}

/// What a unit's keys do not say about it.
pub(crate) struct Surroundings<'a> {
    /// The package's summary, for `Description=`.
    pub summary: &'a str,
    /// For `Documentation=`.
    pub documentation: &'a [String],
    /// The timers, sockets and paths of the project file.
    pub triggers: &'a [UnitKeys],
}

impl Unit {
    /// A file that is taken as it is.
    pub fn given(keys: &UnitKeys, file: SourceText, around: &Surroundings<'_>) -> Self {
        Self {
            file_name: keys.file_name(),
            text: file.text().to_owned(),
            boot: boot(keys, around),
            origin: Origin::File(file),
        }
    }

    /// A unit that the keys of the project file describe.
    pub fn written(keys: &UnitKeys, around: &Surroundings<'_>) -> Self {
        let mut unit = UnitText::default();
        let boot = boot(keys, around);
        let kind = match keys.kind {
            UnitKind::Timer => " (timer)",
            UnitKind::Socket => " (socket)",
            UnitKind::Path => " (path)",
            _ => "",
        };
        unit.set(
            "Unit",
            "Description",
            [format!("{}{kind}", around.summary).as_str()],
        );
        unit.set(
            "Unit",
            "Documentation",
            around.documentation.iter().map(String::as_str),
        );
        if keys.kind == UnitKind::Service {
            service_defaults(&mut unit, keys, around);
        }
        unit.set(
            "Install",
            "WantedBy",
            wanted_by(keys.kind).filter(|_| boot.enable),
        );
        unit.say(&keys.settings);
        trigger_defaults(&mut unit, keys);
        if keys.hardening {
            let is_root = keys
                .value("Service", "User")
                .or(keys.value("Service", "DynamicUser"))
                .is_none();
            for (key, values) in hardening::settings(is_root) {
                unit.set("Service", key, values.iter().copied());
            }
        }
        unit.say(&keys.passed);
        let (text, places) = unit.render();
        Self {
            file_name: keys.file_name(),
            text,
            boot,
            origin: Origin::Keys(places, Box::new(keys.place.clone())),
        }
    }

    /// Whether `systemctl enable` would do something.
    pub fn is_installable(&self) -> bool {
        let install = |a: &syntax::Assignment| a.section == "Install" && !a.value.is_empty();
        self.parsed().assignments.iter().any(install)
    }

    /// `x@.service`: only its instances can run.
    pub fn is_template(&self) -> bool {
        self.file_name.contains("@.")
    }

    /// Whether it exists to start another unit.
    pub fn is_trigger(&self) -> bool {
        [".timer", ".socket", ".path"]
            .iter()
            .any(|ending| self.file_name.ends_with(ending))
    }

    /// Its lines.
    pub fn parsed(&self) -> syntax::Parsed {
        syntax::parse(&self.text)
    }

    /// Where a part of the unit is said: in its own file, or in the project file.
    pub fn place(&self, span: Option<Range<usize>>) -> Place {
        match (&self.origin, span) {
            (Origin::File(file), Some(span)) => file.place(span),
            (Origin::File(file), None) => file.line(1),
            (Origin::Keys(_, whole), None) => Place::clone(whole),
            (Origin::Keys(lines, whole), Some(span)) => {
                let before = &self.text[..span.start];
                let line = before.matches('\n').count();
                match lines.get(line).and_then(Option::as_ref) {
                    None => Place::clone(whole),
                    Some(said) if before.is_empty() || before.ends_with('\n') => said.key.clone(),
                    Some(said) => narrowed(&said.value, &self.text[span]),
                }
            }
        }
    }

    /// What is wrong with the unit by itself, and what is only worth a remark.
    pub fn check(&self) -> (Vec<Diagnostic>, Vec<String>) {
        let (mut problems, mut notes) = (Vec::new(), Vec::new());
        for issue in issues(&self.file_name, &self.text) {
            if is_remark(&issue) {
                let place = self.place(issue.span);
                let at = format!("{}:{}:{}", place.file, place.line, place.column);
                notes.push(format!(
                    "{at}: {}: {}; {}",
                    self.file_name, issue.message, issue.hint
                ));
                continue;
            }
            let message = match &issue.span {
                Some(_) => issue.message,
                None => format!("`{}`: {}", self.file_name, issue.message),
            };
            problems.push(
                Diagnostic::new(message)
                    .at(self.place(issue.span))
                    .hint(issue.hint),
            );
        }
        (problems, notes)
    }
}

/// What is a matter of taste. A key with a slip is none: systemd would go on without it.
fn is_remark(issue: &Issue) -> bool {
    ["unit-description", "unit-user"].contains(&issue.rule.name)
}

/// The part of a value of the project file that is meant, where it stands there as it does in the unit.
fn narrowed(place: &Place, part: &str) -> Place {
    let value: String = place
        .source
        .chars()
        .skip(place.column - 1)
        .take(place.width)
        .collect();
    let part = part.trim_matches('"');
    match value.find(part).filter(|_| !part.is_empty()) {
        Some(at) => Place {
            column: place.column + value[..at].chars().count(),
            width: part.chars().count(),
            ..place.clone()
        },
        None => place.clone(),
    }
}

/// A service that a timer, socket or path starts is not enabled by itself, unless the project file says so; what is
/// not enabled is not started either, but restarted where it runs.
fn boot(keys: &UnitKeys, around: &Surroundings<'_>) -> Boot {
    let name = keys.file_name();
    let is_triggered = around
        .triggers
        .iter()
        .any(|trigger| trigger.starts().as_ref() == Some(&name));
    Boot {
        enable: keys
            .boot
            .enable
            .as_ref()
            .map_or(!is_triggered, |(enable, _)| *enable),
        start: keys.boot.start.unwrap_or(true),
        on_upgrade: keys.boot.on_upgrade.unwrap_or(OnUpgrade::Restart),
    }
}

/// What wants a unit that is enabled.
fn wanted_by(kind: UnitKind) -> Option<&'static str> {
    Some(match kind {
        UnitKind::Service => "multi-user.target",
        UnitKind::Timer => "timers.target",
        UnitKind::Socket => "sockets.target",
        UnitKind::Path => "paths.target",
        UnitKind::Target | UnitKind::Mount => return None,
    })
}

/// What a service has where the project file says nothing else.
fn service_defaults(unit: &mut UnitText, keys: &UnitKeys, around: &Surroundings<'_>) {
    let name = keys.file_name();
    let listens = |trigger: &&UnitKeys| {
        trigger.kind == UnitKind::Socket
            && trigger.starts().as_ref() == Some(&name)
            && !keys.name.ends_with('@')
    };
    let sockets: Vec<String> = around
        .triggers
        .iter()
        .filter(listens)
        .map(UnitKeys::file_name)
        .collect();
    // So that both are restarted in one go: a socket cannot be, as long as its service runs.
    unit.set(
        "Unit",
        "Requires",
        (!sockets.is_empty()).then(|| sockets.join(" ")).as_deref(),
    );
    unit.set("Service", "Type", ["exec"]);
    let other_name = |socket: &String| socket.strip_suffix(".socket") != Some(&keys.name);
    if sockets.iter().any(other_name) {
        unit.set("Service", "Sockets", [sockets.join(" ").as_str()]);
    }
}

/// What a timer, socket or path starts, where systemd would not find it by its name.
fn trigger_defaults(unit: &mut UnitText, keys: &UnitKeys) {
    if keys.kind == UnitKind::Timer && keys.value("Timer", "OnCalendar").is_some() {
        unit.set("Timer", "Persistent", ["yes"]);
    }
    let other = keys
        .starts()
        .filter(|service| service.strip_suffix(".service") != Some(&keys.name));
    // Of a template, the socket starts an instance for each connection.
    let other = other.filter(|service| *service != format!("{}@.service", keys.name));
    let key = if keys.kind == UnitKind::Socket {
        "Service"
    } else {
        "Unit"
    };
    if keys.kind.is_trigger() {
        unit.set(keys.kind.section(), key, other.as_deref());
    }
}

#[cfg(test)]
mod tests;
