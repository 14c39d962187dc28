//! What `[[service]]`, `[[timer]]`, `[[socket]]` and `[[path]]` have in common: a unit that is written from keys, or a
//! file that is taken as it is, and what installing the package does with it.

mod name;

use crate::{Place, keys::Keys};
use std::{collections::BTreeMap, ops::Range};
use toml::Spanned;

/// What a unit is, by the ending of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitKind {
    /// A process.
    Service,
    /// Starts a service at times.
    Timer,
    /// Starts a service when somebody connects.
    Socket,
    /// Starts a service when a file changes.
    Path,
    /// A group of units.
    Target,
    /// A mounted file system.
    Mount,
}

impl UnitKind {
    const ALL: [Self; 6] = [
        Self::Service,
        Self::Timer,
        Self::Socket,
        Self::Path,
        Self::Target,
        Self::Mount,
    ];

    /// The ending of its file's name, with the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Service => ".service",
            Self::Timer => ".timer",
            Self::Socket => ".socket",
            Self::Path => ".path",
            Self::Target => ".target",
            Self::Mount => ".mount",
        }
    }

    /// Its own section in a unit file.
    pub fn section(self) -> &'static str {
        match self {
            Self::Service => "Service",
            Self::Timer => "Timer",
            Self::Socket => "Socket",
            Self::Path => "Path",
            Self::Target => "Unit",
            Self::Mount => "Mount",
        }
    }

    /// Whether it exists to start another unit.
    pub fn is_trigger(self) -> bool {
        matches!(self, Self::Timer | Self::Socket | Self::Path)
    }

    fn of(file: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| file.ends_with(kind.ending()))
    }

    /// The same of a path; `debian/service` is a service, too, as debhelper has it.
    fn of_path(path: &str) -> Option<Self> {
        let base = path.rsplit('/').next().unwrap_or(path);
        Self::of(path).or_else(|| Self::ALL.into_iter().find(|kind| &kind.ending()[1..] == base))
    }
}

/// A key of a unit file with its values, and where the project file says so.
#[derive(Debug, Clone)]
pub struct Setting {
    /// `Unit`, `Service`, …
    pub section: &'static str,
    /// `ExecStart`.
    pub key: String,
    /// One line each.
    pub values: Vec<String>,
    /// Where the project file says the key, which is as the values for those that have another name there.
    pub key_place: Place,
    /// Where it says the values.
    pub place: Place,
}

/// What an upgrade of the package does with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUpgrade {
    /// Restart it; start it, where it is enabled and does not run.
    Restart,
    /// Restart it where it runs.
    TryRestart,
    /// Leave it running as it is.
    Nothing,
}

/// What installing the package does with the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boot {
    /// Enable it, so that it runs from the next boot on.
    pub enable: bool,
    /// Start it now.
    pub start: bool,
    /// What an upgrade does.
    pub on_upgrade: OnUpgrade,
}

/// `enable`, `start` and `on-upgrade`, as far as they are said.
#[derive(Debug, Clone, Default)]
pub struct BootKeys {
    /// `enable`.
    pub enable: Option<(bool, Place)>,
    /// `start`.
    pub start: Option<bool>,
    /// `on-upgrade`.
    pub on_upgrade: Option<OnUpgrade>,
}

/// One unit of the project file.
#[derive(Debug, Clone)]
pub struct UnitKeys {
    /// What it is.
    pub kind: UnitKind,
    /// `name`, without the ending.
    pub name: String,
    /// `unit`: a file to take as it is; there are no settings then.
    pub given: Option<(String, Place)>,
    /// What the keys of the table mean in the unit file.
    pub settings: Vec<Setting>,
    /// `[service.unit]` and its kin: any key, over everything else.
    pub passed: Vec<Setting>,
    /// `hardening`.
    pub hardening: bool,
    /// `service`: what a timer, socket or path starts.
    pub service: Option<(String, Place)>,
    /// What installing does.
    pub boot: BootKeys,
    /// Where it is in the project file.
    pub place: Place,
}

impl UnitKeys {
    /// `hello.service`.
    pub fn file_name(&self) -> String {
        format!("{}{}", self.name, self.kind.ending())
    }

    /// The last values that are set for a key.
    pub fn value(&self, section: &str, key: &str) -> Option<&Setting> {
        let all = self.settings.iter().chain(&self.passed).rev();
        all.into_iter().find(|s| s.section == section && s.key == key)
    }

    /// The unit that a trigger starts; systemd takes the service of its own name where nothing is said.
    pub fn starts(&self) -> Option<String> {
        let said = || self.service.as_ref().map(|(name, _)| name.as_str());
        if !self.kind.is_trigger() || self.given.is_some() {
            return None;
        }
        let passed = self
            .passed
            .iter()
            .find(|s| ["Unit", "Service"].contains(&s.key.as_str()));
        let passed = passed.and_then(|s| s.values.first()).map(String::as_str);
        let name = passed.or_else(said);
        let accepts = self
            .value("Socket", "Accept")
            .is_some_and(|s| s.values.iter().any(|v| v == "yes" || v == "true"));
        Some(match name {
            Some(name) if name.contains('.') => name.to_owned(),
            Some(name) => format!("{name}.service"),
            None if accepts => format!("{}@.service", self.name),
            None => format!("{}.service", self.name),
        })
    }
}

/// Collects the keys of a table as settings of a unit file.
pub(super) struct Reader<'k, 'a> {
    pub keys: &'k mut Keys<'a>,
    pub settings: Vec<Setting>,
}

impl Reader<'_, '_> {
    pub fn add(&mut self, section: &'static str, key: &str, values: Vec<String>, span: Range<usize>) {
        if values.is_empty() {
            return;
        }
        self.settings.push(Setting {
            section,
            key: key.to_owned(),
            values,
            key_place: self.keys.file.place(span.clone()),
            place: self.keys.file.place(span),
        });
    }

    /// A string that becomes one line.
    pub fn text(&mut self, key: &'static str, section: &'static str, unit_key: &str) {
        if let Some(text) = self.keys.string(key) {
            self.add(section, unit_key, vec![text.get_ref().clone()], text.span());
        }
    }

    /// One of some words.
    pub fn word(&mut self, key: &'static str, section: &'static str, unit_key: &str, words: &[&'static str]) {
        let span = self.keys.value(key).map(Spanned::span);
        let pairs: Vec<(&'static str, &'static str)> = words.iter().map(|word| (*word, *word)).collect();
        if let (Some(word), Some(span)) = (self.keys.word(key, &pairs), span) {
            self.add(section, unit_key, vec![word.to_owned()], span);
        }
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &'static str, section: &'static str, unit_key: &str) {
        let span = self.keys.value(key).map(Spanned::span);
        if let (Some(flag), Some(span)) = (self.keys.flag(key), span) {
            let word = if flag { "yes" } else { "no" };
            self.add(section, unit_key, vec![word.to_owned()], span);
        }
    }

    /// A list that becomes one line of words.
    pub fn words(&mut self, key: &'static str, section: &'static str, unit_key: &str) {
        let Some(span) = self.keys.value(key).map(Spanned::span) else {
            return;
        };
        let words = self.keys.plain_strings(key);
        // An empty list is said, too: it is how `wanted-by` names nothing.
        self.add(section, unit_key, vec![words.join(" ")], span);
    }

    /// A list that becomes a line for each, each with its own place.
    pub fn lines(&mut self, key: &'static str, section: &'static str, unit_key: &str) {
        for text in self.keys.strings(key) {
            self.add(section, unit_key, vec![text.get_ref().clone()], text.span());
        }
    }
}

/// Reads what all kinds have; `own` reads the keys of one.
pub(super) fn read(
    mut keys: Keys<'_>,
    kind: UnitKind,
    table: &'static str,
    own: impl FnOnce(&mut Reader<'_, '_>),
) -> Option<UnitKeys> {
    let given = given(&mut keys, kind);
    let kind = match &given {
        Some((path, _)) if kind == UnitKind::Service => UnitKind::of_path(path).unwrap_or(kind),
        _ => kind,
    };
    let name = name::read(&mut keys, kind, given.as_ref().map(|(path, _)| path.as_str()));
    let mut reader = Reader {
        keys: &mut keys,
        settings: Vec::new(),
    };
    reader.text("description", "Unit", "Description");
    own(&mut reader);
    reader.words("wanted-by", "Install", "WantedBy");
    let settings = reader.settings;
    let service = if kind.is_trigger() {
        keys.string("service")
    } else {
        None
    };
    let unit = UnitKeys {
        kind,
        name: name.unwrap_or_default(),
        settings,
        hardening: kind == UnitKind::Service && keys.flag("hardening").unwrap_or(false),
        service: super::located(&keys, service),
        boot: boot(&mut keys),
        passed: passed(&mut keys, table, kind),
        place: keys.file.place(keys.span()),
        given,
    };
    only_without_a_file(&unit, &keys);
    keys.finish();
    (!unit.name.is_empty()).then_some(unit)
}

/// `unit` is the path of a file, or the table `[service.unit]`.
fn given(keys: &mut Keys<'_>, kind: UnitKind) -> Option<(String, Place)> {
    if keys.value("unit").is_none_or(|v| v.get_ref().is_table()) {
        return None;
    }
    let unit = keys.string("unit")?;
    let fits = match UnitKind::of_path(unit.get_ref()) {
        Some(_) if kind == UnitKind::Service => true,
        found => found == Some(kind),
    };
    if !fits {
        let message = format!("`{}` is not the name of a {} unit", unit.get_ref(), kind.ending());
        let hint = match UnitKind::of(unit.get_ref()) {
            Some(_) => "name it in the table of its kind: [[service]], [[timer]], [[socket]] or [[path]]",
            None => "systemd tells by the ending what a unit is",
        };
        keys.problem(unit.span(), message, hint);
    }
    super::located(keys, Some(unit))
}

/// `unit = …` is taken as it is; a key beside it that would change it is a contradiction.
fn only_without_a_file(unit: &UnitKeys, keys: &Keys<'_>) {
    let has_more =
        !unit.settings.is_empty() || !unit.passed.is_empty() || unit.hardening || unit.service.is_some();
    if unit.given.is_some() && has_more {
        let message = format!(
            "a {} with `unit` takes that file as it is, and nothing but `name`, `enable`, `start` and `on-upgrade` beside it",
            &unit.kind.ending()[1..]
        );
        keys.problem(keys.span(), message, "put the other settings into the unit file");
    }
}

fn boot(keys: &mut Keys<'_>) -> BootKeys {
    let words = [
        ("restart", OnUpgrade::Restart),
        ("try-restart", OnUpgrade::TryRestart),
        ("none", OnUpgrade::Nothing),
    ];
    let span = keys.value("enable").map(Spanned::span);
    BootKeys {
        enable: keys.flag("enable").zip(span.map(|span| keys.file.place(span))),
        start: keys.flag("start"),
        on_upgrade: keys.word("on-upgrade", &words),
    }
}

/// `[service.unit]`, `[service.service]`, `[service.install]`.
fn passed(keys: &mut Keys<'_>, table: &'static str, kind: UnitKind) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (key, section) in [("unit", "Unit"), (table, kind.section()), ("install", "Install")] {
        if keys
            .value(key)
            .is_some_and(|v| key == "unit" && v.get_ref().is_str())
        {
            continue;
        }
        let file = keys.file;
        let table = keys.table(key);
        let names = table.names().into_iter();
        let places: BTreeMap<String, Place> = names
            .map(|name| {
                let place = file.place(table.key_span(&name));
                (name, place)
            })
            .collect();
        settings.extend(table.pairs().into_iter().map(|(key, values)| Setting {
            section,
            key_place: places[&key].clone(),
            key,
            place: file.place(values.span()),
            values: values.into_inner(),
        }));
    }
    settings
}
