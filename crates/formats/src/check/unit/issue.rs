//! What is wrong with a unit.

use super::{
    command, keys, specifier,
    syntax::{Assignment, Header, Parsed, parse},
    value::{self, Wrong},
};
use crate::check::{Rule, rules::units as rules};
use std::ops::Range;

/// Something wrong with a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// Where, in bytes of the file; none where something is missing altogether.
    pub span: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

fn issue(rule: &'static Rule, span: Range<usize>, message: String, hint: String) -> Issue {
    Issue {
        rule,
        span: Some(span),
        message,
        hint,
    }
}

/// Everything that is wrong with a unit, in the order of the file; what it lacks comes last. `path` is its name, or
/// ends in it.
pub fn issues(path: &str, text: &str) -> Vec<Issue> {
    let kind = path.rsplit_once('.').map_or("", |(_, kind)| kind);
    let parsed = parse(text);
    let nonsense = parsed.nonsense.iter().map(|line| {
        let fix = "write it as systemd.syntax(7) says".to_owned();
        issue(&rules::SYNTAX, line.span.clone(), line.rule.clone(), fix)
    });
    let mut found: Vec<Issue> = nonsense.collect();
    if kind != "target" || !parsed.headers.is_empty() {
        found.extend(
            parsed
                .headers
                .iter()
                .filter_map(|header| unknown_section(kind, header)),
        );
    }
    found.extend(parsed.assignments.iter().flat_map(|a| assignment(kind, a)));
    found.sort_by_key(|issue| issue.span.as_ref().map(|span| span.start));
    // What is missing below a section that cannot be read may well be there.
    if found
        .iter()
        .all(|issue| issue.rule != &rules::SYNTAX && issue.rule != &rules::SECTION)
    {
        found.extend(missing(kind, &parsed));
    }
    found
}

fn unknown_section(kind: &str, header: &Header) -> Option<Issue> {
    let known = keys::sections(kind);
    if header.name.starts_with("X-") || known.contains(&header.name.as_str()) {
        return None;
    }
    let message = format!("`[{}]` is no section of a .{kind} unit", header.name);
    let near = known
        .iter()
        .find(|name| name.eq_ignore_ascii_case(&header.name))
        .copied()
        .or_else(|| crate::nearest::nearest(&header.name, known.iter().copied()));
    let hint = match near {
        Some(near) => format!("did you mean `[{near}]`?"),
        None => format!("it has the sections [{}]", known.join("], [")),
    };
    Some(issue(&rules::SECTION, header.span.clone(), message, hint))
}

fn assignment(kind: &str, a: &Assignment) -> Vec<Issue> {
    let is_extension = a.section.starts_with("X-") || a.key.starts_with("X-");
    if is_extension || !keys::sections(kind).contains(&a.section.as_str()) {
        return Vec::new();
    }
    let Some(key) = keys::find(kind, &a.section, &a.key) else {
        return vec![unknown_key(kind, a)];
    };
    if a.value.is_empty() {
        return Vec::new();
    }
    let broken =
        |rule: &'static Rule| move |wrong: Wrong| issue(rule, a.part(wrong.part), wrong.message, wrong.hint);
    let mut found: Vec<Issue> = value::check(key, a)
        .into_iter()
        .map(broken(&rules::VALUE))
        .collect();
    found.extend(specifier::check(&a.key, &a.value).map(broken(&rules::SPECIFIER)));
    if key.shape == keys::Shape::Command
        && let Some(wrong) = command::relative_name(a)
    {
        let span = a.part(wrong.part);
        found.push(issue(&rules::RELATIVE, span, wrong.message, wrong.hint));
    }
    found
}

fn unknown_key(kind: &str, a: &Assignment) -> Issue {
    let elsewhere = keys::sections(kind)
        .into_iter()
        .find(|section| keys::find(kind, section, &a.key).is_some());
    let message = match elsewhere {
        Some(section) => format!(
            "`{}=` belongs into `[{section}]`, not into `[{}]`",
            a.key, a.section
        ),
        None => format!("`{}=` is not known in `[{}]`", a.key, a.section),
    };
    let meant = || {
        let here = keys::meant(kind, &a.section, &a.key).map(|near| (near, None));
        here.or_else(|| {
            let mut sections = keys::sections(kind).into_iter();
            sections.find_map(|s| Some((keys::meant(kind, s, &a.key)?, Some(s))))
        })
    };
    let hint = match (elsewhere, elsewhere.map_or_else(meant, |_| None)) {
        (Some(section), _) => format!("move it below `[{section}]`"),
        (None, Some((near, _))) if near.eq_ignore_ascii_case(&a.key) => {
            format!("write it as `{near}=`: upper and lower case matter")
        }
        (None, Some((near, None))) => format!("did you mean `{near}=`?"),
        (None, Some((near, Some(section)))) => format!("did you mean `{near}=` in `[{section}]`?"),
        (None, None) => "see systemd.directives(7) for all keys; your own begin with `X-`".to_owned(),
    };
    issue(&rules::KEY, a.key_span.clone(), message, hint)
}

/// What a unit needs and does not say, and what contradicts itself.
fn missing(kind: &str, parsed: &Parsed) -> Vec<Issue> {
    let set = |section: &str, key: &str| parsed.set(section, key);
    let mut found = Vec::new();
    if set("Unit", "Description").is_none() {
        found.push(Issue {
            rule: &rules::DESCRIPTION,
            span: None,
            message: "it has no description".into(),
            hint: "add `Description=` to [Unit]; systemctl shows it".into(),
        });
    }
    let begins = |section: &str, starts: &[&str]| {
        let mut own = parsed
            .assignments
            .iter()
            .filter(|a| a.section == section && !a.value.is_empty());
        own.any(|a| starts.iter().any(|start| a.key.starts_with(start)))
    };
    let starts = set("Service", "ExecStart").is_some()
        || ["ExecStop", "SuccessAction", "FailureAction"]
            .iter()
            .any(|key| set("Service", key).or(set("Unit", key)).is_some());
    let lacks = match kind {
        "service" if !starts => Some("ExecStart=` to [Service]"),
        "timer" if !begins("Timer", &["On"]) => Some("OnCalendar=` to [Timer]"),
        "socket" if !begins("Socket", &["Listen"]) => Some("ListenStream=` to [Socket]"),
        "path" if !begins("Path", &["Path", "DirectoryNotEmpty"]) => Some("PathExists=` to [Path]"),
        "mount" if set("Mount", "What").is_none() => Some("What=` to [Mount]"),
        _ => None,
    };
    if let Some(lacks) = lacks {
        found.push(Issue {
            rule: &rules::INCOMPLETE,
            span: None,
            message: format!("the .{kind} says nothing that it does"),
            hint: format!("add `{lacks}"),
        });
    }
    if kind == "service" {
        found.extend(contradictions(parsed));
        found.extend(nobody(parsed));
    }
    found
}

/// `nobody` owns what belongs to nobody; systemd warns of it as well.
fn nobody(parsed: &Parsed) -> Option<Issue> {
    let user = parsed.set("Service", "User").filter(|a| a.value == "nobody")?;
    let message = "the user `nobody` is shared with other services, which can then touch this one".to_owned();
    let hint = "use `DynamicUser=yes`, or a user of its own".to_owned();
    Some(issue(&rules::USER, user.value_span.clone(), message, hint))
}

/// What systemd refuses to load though each line of it is right.
fn contradictions(parsed: &Parsed) -> Vec<Issue> {
    let kind = parsed.set("Service", "Type");
    let is_oneshot = kind.is_some_and(|a| a.value == "oneshot");
    let mut found = Vec::new();
    let mut refuse = |a: &Assignment, message: &str, hint: &str| {
        let span = a.value_span.clone();
        found.push(issue(&rules::VALUE, span, message.to_owned(), hint.to_owned()));
    };
    let commands = parsed
        .assignments
        .iter()
        .filter(|a| a.section == "Service" && a.key == "ExecStart");
    let commands: Vec<&Assignment> = commands.collect();
    let reset = commands
        .iter()
        .rposition(|a| a.value.is_empty())
        .map_or(0, |at| at + 1);
    if let Some(second) = commands[reset..].get(1).filter(|_| !is_oneshot) {
        refuse(
            second,
            "only a service of `Type=oneshot` can have more than one `ExecStart=`",
            "use `ExecStartPre=` for what runs before, or `Type=oneshot`",
        );
    }
    if let Some(restart) = parsed.set("Service", "Restart")
        && is_oneshot
        && ["always", "on-success"].contains(&restart.value.as_str())
    {
        refuse(
            restart,
            "a service of `Type=oneshot` cannot restart when it succeeds",
            "use `Restart=on-failure`",
        );
    }
    if let Some(kind) = kind.filter(|a| a.value == "dbus")
        && parsed.set("Service", "BusName").is_none()
    {
        refuse(
            kind,
            "a service of `Type=dbus` needs `BusName=`",
            "add the name that it takes on the bus",
        );
    }
    found
}

impl Parsed {
    /// The last assignment of a key, where it is not empty.
    pub fn set(&self, section: &str, key: &str) -> Option<&Assignment> {
        let mut all = self.assignments.iter().rev();
        all.find(|a| a.section == section && a.key == key)
            .filter(|a| !a.value.is_empty())
    }
}
