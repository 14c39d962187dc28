//! Units judged with the package around them: that what they run, whom they run as and what they start is there.

use super::payload::{Payload, Shape};
use crate::{
    BuildError, Diagnostic, Place, manifest::OnUpgrade, nearest::nearest, project::Project, unit::Unit,
};
use packyard_formats::{
    check::unit::{keys, program, syntax::Assignment, words},
    entries::EntryKind,
};
use std::{collections::BTreeSet, ops::Range};

/// Programs that every system has, or that the interpreters of a package bring.
const ANYWHERE: &str = "sh bash dash env python3 true false sleep cat cp mv rm ln ls mkdir rmdir mktemp chmod chown touch \
    echo printf test kill date install find xargs sed grep awk tar gzip tee sync nice nohup timeout stdbuf flock logger \
    systemctl systemd-tmpfiles systemd-run systemd-notify systemd-cat systemd-inhibit journalctl udevadm mount umount ip \
    sysctl modprobe ldconfig";
/// Users of Debian's base-passwd and of Red Hat's setup, and what systemd and D-Bus add.
const USERS: &str = "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc nobody _apt adm \
    operator ftp systemd-network systemd-resolve systemd-timesync messagebus dbus";
/// Groups that are there besides the users' own.
const GROUPS: &str = "tty disk kmem dialout fax voice cdrom floppy tape sudo wheel audio dip src shadow utmp video sasl \
    plugdev staff users nogroup input sgx kvm render crontab systemd-journal mem lock netdev ssl-cert";

/// Everything about the units that is wrong; the rest becomes notes.
pub(super) fn judge(
    project: &Project,
    shape: &Shape<'_>,
    payload: &Payload,
    notes: &mut Vec<String>,
) -> Result<(), BuildError> {
    let judge = Judge {
        project,
        shape,
        payload,
        dependencies: dependencies(project, shape),
    };
    let mut problems = Vec::new();
    for unit in &payload.units {
        let (wrong, remarks) = unit.check();
        notes.extend(remarks);
        if wrong.is_empty() {
            judge.unit(unit, &mut problems, notes);
        } else {
            problems.extend(wrong);
        }
    }
    problems.extend(judge.enabled_without_install());
    if problems.is_empty() {
        Ok(())
    } else {
        Err(BuildError::Project(problems))
    }
}

/// Whether the project file names packages that have to be there. What the metadata requires are modules.
fn names_packages(project: &Project, shape: &Shape<'_>) -> bool {
    let manifest = &project.manifest;
    if shape.is_deb {
        let depends = manifest.deb.relations.get("Depends");
        depends.is_some_and(|depends| !depends.is_empty())
    } else {
        let requires = manifest.rpm.relations.get("requires");
        requires.is_some_and(|requires| !requires.is_empty())
    }
}

/// The names of packages that the project file, or the metadata, names as needed.
fn dependencies(project: &Project, shape: &Shape<'_>) -> Vec<String> {
    let manifest = &project.manifest;
    let mut names: Vec<String> = project.metadata.core.requires_dist.clone();
    if shape.is_deb {
        let fields = ["Depends", "Recommends"];
        names.extend(
            fields
                .iter()
                .filter_map(|field| manifest.deb.relations.get(field))
                .flatten()
                .cloned(),
        );
    } else {
        let keys = ["requires", "recommends"];
        let texts = keys
            .iter()
            .filter_map(|key| manifest.rpm.relations.get(key))
            .flatten();
        names.extend(texts.map(|(text, _)| text.clone()));
    }
    names.iter().map(|name| name.to_ascii_lowercase()).collect()
}

struct Judge<'a> {
    project: &'a Project,
    shape: &'a Shape<'a>,
    payload: &'a Payload,
    dependencies: Vec<String>,
}

impl Judge<'_> {
    fn unit(&self, unit: &Unit, problems: &mut Vec<Diagnostic>, notes: &mut Vec<String>) {
        let parsed = unit.parsed();
        let is_dynamic = parsed
            .set("Service", "DynamicUser")
            .is_some_and(|a| ["yes", "true", "1", "on"].contains(&a.value.as_str()));
        for a in &parsed.assignments {
            match a.key.as_str() {
                "ExecStart" | "ExecStartPre" | "ExecStartPost" | "ExecReload" | "ExecStop"
                | "ExecStopPost" | "ExecCondition" | "ExecStopPre" => match self.program(unit, a) {
                    Verdict::Fine => {}
                    Verdict::Note(note) => notes.push(note),
                    Verdict::Wrong(problem) => problems.push(problem),
                },
                "User" | "Group" if is_dynamic => {}
                "User" | "SocketUser" => problems.extend(self.account(unit, a, "user")),
                "Group" | "SocketGroup" | "SupplementaryGroups" => {
                    problems.extend(self.account(unit, a, "group"));
                }
                _ => {}
            }
        }
        self.too_new(unit, &parsed.assignments, notes);
        notes.extend(self.restarted_alone(unit));
        if unit.is_trigger() {
            problems.extend(self.started(unit, &parsed.assignments));
        }
    }

    /// Keys that the systemd of the distribution does not know yet; it goes on without them.
    fn too_new(&self, unit: &Unit, assignments: &[Assignment], notes: &mut Vec<String>) {
        let Some(known) = self.shape.known.filter(|known| known.systemd > 0) else {
            return;
        };
        let kind = unit.file_name.rsplit_once('.').map_or("", |(_, kind)| kind);
        for a in assignments {
            let since = keys::find(kind, &a.section, &a.key).map_or(0, |key| key.since);
            if since > known.systemd {
                let place = unit.place(Some(a.key_span.clone()));
                notes.push(format!(
                    "{}:{}:{}: `{}=` in `{}` is of systemd {since}; {} has {}, which ignores it",
                    place.file,
                    place.line,
                    place.column,
                    a.key,
                    unit.file_name,
                    known.names[0],
                    known.systemd
                ));
            }
        }
    }

    /// A socket that an upgrade restarts while its service runs, which systemd refuses, unless the service goes with it.
    fn restarted_alone(&self, unit: &Unit) -> Option<String> {
        let stem = unit.file_name.strip_suffix(".socket")?;
        let parsed = unit.parsed();
        let named = parsed.set("Socket", "Service").map(|a| a.value.clone());
        let name = named.unwrap_or_else(|| format!("{stem}.service"));
        let service = self.payload.units.iter().find(|unit| unit.file_name == name)?;
        let tied = service.parsed().assignments.iter().any(|a| {
            ["Requires", "BindsTo", "PartOf"].contains(&a.key.as_str())
                && a.value
                    .split_whitespace()
                    .any(|word| word == unit.file_name || word == "%N.socket" || word == "%p.socket")
        });
        let place = service.place(None);
        (!tied && unit.boot.on_upgrade != OnUpgrade::Nothing).then(|| {
            format!(
                "{}:{}:{}: an upgrade cannot restart `{}` while `{name}` runs; write `Requires={}` into the service, or \
                 `on-upgrade = \"none\"` for the socket",
                place.file, place.line, place.column, unit.file_name, unit.file_name
            )
        })
    }

    /// Judges the program of a command line.
    fn program(&self, unit: &Unit, a: &Assignment) -> Verdict {
        let Some(path) = program(&a.value).filter(|path| path.starts_with('/') && !path.contains('%')) else {
            return Verdict::Fine;
        };
        let place = || {
            let at = a.value.find(&path).unwrap_or(0);
            unit.place(Some(a.part(at..at + path.len())))
        };
        if let Some(entry) = super::payload::path(&path)
            .ok()
            .and_then(|p| self.payload.entries.get(&p))
        {
            let is_file = matches!(entry.kind, EntryKind::File(_));
            if is_file && entry.mode & 0o111 == 0 {
                let message = format!("`{path}` is in the package, but nobody may execute it");
                let hint = "write `mode = \"0755\"` into its [[file]], or make it executable in the project";
                return Verdict::Wrong(Diagnostic::new(message).at(place()).hint(hint));
            }
            return Verdict::Fine;
        }
        let message = format!("`{path}` is not in the package");
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let shipped = self.programs();
        let near = nearest(&path, shipped.iter().map(String::as_str)).or_else(|| {
            let named = |path: &&String| path.rsplit('/').next() == Some(name);
            shipped.iter().find(named).map(String::as_str)
        });
        if let Some(near) = near {
            return Verdict::Wrong(
                Diagnostic::new(message)
                    .at(place())
                    .hint(format!("did you mean `{near}`?")),
            );
        }
        let is_system = ["/bin", "/sbin", "/usr/bin", "/usr/sbin"].contains(&directory);
        if is_system && ANYWHERE.split_whitespace().any(|known| known == name) {
            return Verdict::Fine;
        }
        let own = [self.shape.package, self.project.name.as_str()];
        let is_own = path.split('/').rev().skip(1).any(|part| own.contains(&part));
        if is_own || !names_packages(self.project, self.shape) {
            let key = if self.shape.is_deb {
                "[deb] depends"
            } else {
                "[rpm] requires"
            };
            let hint = format!("install it with a [[file]], or name the package that has it in {key}");
            return Verdict::Wrong(Diagnostic::new(message).at(place()).hint(hint));
        }
        let place = place();
        Verdict::Note(format!(
            "{}:{}:{}: `{}` runs `{path}`, which the package does not hold: one that it depends on has to",
            place.file, place.line, place.column, unit.file_name
        ))
    }

    /// The programs of the package.
    fn programs(&self) -> BTreeSet<String> {
        let programs = self
            .payload
            .entries
            .iter()
            .filter(|(_, entry)| entry.mode & 0o111 != 0);
        let files = programs.filter(|(_, entry)| matches!(entry.kind, EntryKind::File(_)));
        files.map(|(path, _)| path.as_str().to_owned()).collect()
    }

    /// A user or group that nobody creates.
    fn account(&self, unit: &Unit, a: &Assignment, noun: &str) -> Vec<Diagnostic> {
        let names = words(&a.value).unwrap_or_default();
        let unknown = names
            .into_iter()
            .filter(|word| !self.is_account(&word.text, noun));
        let problem = |word: packyard_formats::check::unit::Word| {
            let message = format!("nobody creates the {noun} `{}`", word.text);
            let users = &self.project.manifest.users;
            let hint = match nearest(&word.text, users.iter().map(|user| user.name.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None if noun == "user" && a.key == "User" => format!(
                    "add a [[user]] with `name = \"{}\"`, or let systemd make one up with `dynamic-user = true`",
                    word.text
                ),
                None => format!(
                    "add a [[user]] with `name = \"{}\"`, which makes a group as well",
                    word.text
                ),
            };
            Diagnostic::new(message)
                .at(unit.place(Some(a.part(word.span))))
                .hint(hint)
        };
        unknown.map(problem).collect()
    }

    fn is_account(&self, name: &str, noun: &str) -> bool {
        let known = |list: &str| list.split_whitespace().any(|known| known == name);
        let manifest = &self.project.manifest;
        let scripts = &manifest.scripts;
        let hooks = [&scripts.all, &scripts.deb, &scripts.rpm];
        let mentioned = |hooks: &crate::manifest::Hooks| {
            let mut texts = hooks.values();
            texts.any(|(text, _)| {
                text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_')
                    .any(|w| w == name)
            })
        };
        name.contains('%')
            || name.bytes().all(|b| b.is_ascii_digit())
            || known(USERS)
            || (noun == "group" && known(GROUPS))
            || manifest.users.iter().any(|user| user.name == name || noun == "group" && user.groups.iter().any(|g| g == name))
            || hooks.into_iter().any(mentioned)
            // A dependency on `postgresql` brings `postgres`.
            || self.dependencies.iter().any(|package| package.contains(&name.to_ascii_lowercase()))
    }

    /// What a timer, socket or path starts must be in the package; of a template, any instance.
    fn started(&self, unit: &Unit, assignments: &[Assignment]) -> Option<Diagnostic> {
        let said = |key: &str| {
            assignments
                .iter()
                .rev()
                .find(|a| a.key == key && !a.value.is_empty())
        };
        let accepts = said("Accept").is_some_and(|a| ["yes", "true", "1", "on"].contains(&a.value.as_str()));
        let named = said("Unit").or_else(|| said("Service"));
        let stem = unit.file_name.rsplit_once('.').map_or("", |(stem, _)| stem);
        let name = match named {
            Some(a) => a.value.clone(),
            None if accepts => format!("{stem}@.service"),
            None => format!("{stem}.service"),
        };
        let template = name
            .split_once('@')
            .and_then(|(stem, rest)| Some(format!("{stem}@.{}", rest.rsplit_once('.')?.1)));
        let units: Vec<String> = self.units();
        let is_there = |wanted: &String| units.contains(wanted);
        if is_there(&name) || template.as_ref().is_some_and(is_there) || name.contains('%') {
            return None;
        }
        let place = self.named_place(unit, named.map(|a| a.value_span.clone()));
        let problem = Diagnostic::new(format!(
            "`{}` starts `{name}`, which is not in the package",
            unit.file_name
        ));
        let hint = match nearest(&name, units.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if accepts => {
                format!("with `accept`, each connection gets an instance: name the [[service]] `{stem}@`")
            }
            None => "name a [[service]] with `service`, or add one".to_owned(),
        };
        Some(problem.at(place).hint(hint))
    }

    /// Where it is said what a trigger starts: the key `service` of the project file, before the unit's own text.
    fn named_place(&self, unit: &Unit, span: Option<Range<usize>>) -> Place {
        let triggers = self.project.manifest.triggers.iter();
        let mut keys = triggers.filter(|keys| keys.file_name() == unit.file_name);
        let said = keys.find_map(|keys| keys.service.as_ref().map(|(_, place)| place.clone()));
        said.unwrap_or_else(|| unit.place(span))
    }

    fn units(&self) -> Vec<String> {
        let directory = self.shape.unit_directory();
        let below = |path: &str| path.strip_prefix(directory)?.strip_prefix('/').map(str::to_owned);
        self.payload
            .entries
            .iter()
            .filter_map(|(path, _)| below(path.as_str()))
            .collect()
    }

    /// `enable = true` for a unit that cannot be enabled.
    fn enabled_without_install(&self) -> Vec<Diagnostic> {
        let manifest = &self.project.manifest;
        let all = manifest.services.iter().chain(&manifest.triggers);
        let wrong = all.filter_map(|keys| {
            let (_, place) = keys.boot.enable.as_ref().filter(|(enable, _)| *enable)?;
            let name = keys.file_name();
            self.payload
                .units
                .iter()
                .find(|unit| unit.file_name == name && !unit.is_installable())?;
            let message = format!("`{name}` has nothing in [Install], so it cannot be enabled");
            let hint = match &keys.given {
                Some((path, _)) => {
                    format!("add `WantedBy=` below [Install] to `{path}`, or leave `enable` out")
                }
                None => "say what wants it with `wanted-by`, or leave `enable` out".to_owned(),
            };
            Some(Diagnostic::new(message).at(place.clone()).hint(hint))
        });
        wrong.collect()
    }
}

enum Verdict {
    Fine,
    Note(String),
    Wrong(Diagnostic),
}
