//! Scriptlets of an .rpm: read, never run.

use crate::check::rules::rpm_files as rules;
use crate::check::system::shell::{self, Command};
use crate::check::system::{base, programs};
use crate::check::{Finding, Rule};
use crate::rpm::read::Rpm;
use crate::rpm::tag;

/// What rpmlint takes for dangerous in a scriptlet.
const DANGEROUS: [&str; 12] = [
    "cp", "mv", "ln", "tar", "rpm", "chmod", "chown", "rm", "cpio", "install", "perl", "userdel",
];
/// What asks systemd to change something that presets decide.
const VERBS: [&str; 7] = ["enable", "disable", "start", "restart", "stop", "mask", "unmask"];

/// Checks every scriptlet.
pub fn check(rpm: &Rpm, findings: &mut Vec<Finding>) {
    for (name, text, program) in tag::SCRIPTS {
        let interpreter = rpm.header.string(program).unwrap_or_default();
        let text = rpm.header.string(text);
        if interpreter.is_empty() && text.is_none() {
            continue;
        }
        if interpreter != "<lua>" {
            findings.extend(bad_interpreter(rpm, name, &interpreter));
        }
        if let Some(text) = text
            && ["sh", "bash", "dash", ""].contains(&base(&interpreter))
        {
            shell(name, &text, findings);
        }
    }
}

fn bad_interpreter(rpm: &Rpm, name: &str, interpreter: &str) -> Option<Finding> {
    let program = base(interpreter);
    let usual = interpreter.is_empty()
        || ["sh", "bash", "dash", "perl", "ldconfig", "true", "python3"].contains(&program);
    let good = usual && (interpreter.is_empty() || interpreter.starts_with('/'));
    let known = good
        || (interpreter.starts_with('/') && programs::shebang(&rpm.contents, name, interpreter).is_none());
    let message = format!("its interpreter is `{}`", interpreter.escape_debug());
    (!known).then(|| Finding::of(&rules::SCRIPTLET_INTERPRETER, name, message))
}

fn shell(name: &str, text: &str, findings: &mut Vec<Finding>) {
    let commands = shell::commands(text);
    if commands
        .iter()
        .all(|c| matches!(c.name(), "exit" | ":" | "true" | "set" | "fi"))
    {
        findings.push(Finding::of(&rules::EMPTY_SCRIPTLET, name, "it does nothing"));
        return;
    }
    for command in &commands {
        let found = [
            dangerous(command),
            systemctl(command),
            temporary(command),
            expanded(command),
        ];
        let at = |(rule, message): (&'static Rule, String)| {
            Finding::of(rule, format!("{name}:{}", command.line), message)
        };
        findings.extend(found.into_iter().flatten().map(at));
    }
}

type Said = Option<(&'static Rule, String)>;

fn dangerous(command: &Command) -> Said {
    let name = base(command.name());
    let touches = command.words.len() > 1 && DANGEROUS.contains(&name);
    touches.then(|| (&rules::SCRIPTLET_DANGEROUS, format!("it calls `{name}`")))
}

fn systemctl(command: &Command) -> Said {
    let verb = command.words.iter().find(|w| VERBS.contains(&w.as_str()))?;
    // `--no-reload disable --now` is what systemd's own macro says where its helper is missing.
    let called = base(command.name()) == "systemctl" && !command.has("--no-reload");
    called.then(|| {
        (
            &rules::SCRIPTLET_SYSTEMCTL,
            format!("it calls `systemctl {verb}`"),
        )
    })
}

fn temporary(command: &Command) -> Said {
    let fixed = |word: &str| ["/tmp/", "/var/tmp/"].iter().any(|d| word.contains(d)) && !word.contains("XXX");
    let uses = command.words.iter().any(|w| fixed(w)) && base(command.name()) != "mktemp";
    uses.then(|| (&rules::SCRIPTLET_TMP, "it uses a fixed name in /tmp".to_owned()))
}

fn expanded(command: &Command) -> Said {
    let name = command.name();
    let is_macro = name.starts_with("%{") || (name.starts_with('%') && name.len() > 2);
    is_macro.then(|| {
        (
            &rules::SCRIPTLET_MACRO,
            format!("`{}` was not expanded", name.escape_debug()),
        )
    })
}
