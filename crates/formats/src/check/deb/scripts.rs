//! Maintainer scripts (Debian Policy 6, 10.4): read, never run.

use super::{SCRIPTS, field};
use crate::archive::contents::shebang;
use crate::check::rules::deb_scripts as rules;
use crate::check::system::shell::{self, Command};
use crate::check::system::{base, programs};
use crate::check::{Finding, Rule};
use crate::deb::read::Deb;

/// Programs that are not on every system, and the package that has them.
const PROGRAMS: [(&str, &str); 8] = [
    ("adduser", "adduser"),
    ("addgroup", "adduser"),
    ("deluser", "adduser"),
    ("ucf", "ucf"),
    ("ucfr", "ucf"),
    ("update-inetd", "update-inetd"),
    ("update-xmlcatalog", "xml-core"),
    ("systemd-sysusers", "systemd"),
];
/// What asks systemd to change something.
const VERBS: [&str; 13] = [
    "enable",
    "disable",
    "start",
    "stop",
    "restart",
    "reload",
    "try-restart",
    "reload-or-restart",
    "mask",
    "unmask",
    "preset",
    "reenable",
    "try-reload-or-restart",
];

/// Checks every script.
pub fn check(deb: &Deb, findings: &mut Vec<Finding>) {
    for name in SCRIPTS {
        let (Some(member), Some(bytes)) = (deb.control_files.member(name), deb.control_files.kept.get(name))
        else {
            continue;
        };
        if member.mode & 0o111 == 0 {
            findings.push(Finding::of(&rules::SCRIPT_MODE, name, "dpkg cannot execute it"));
        }
        let Some(line) = shebang(bytes) else {
            if !bytes.starts_with(b"\x7fELF") {
                findings.push(Finding::of(
                    &rules::SCRIPT_NO_SHEBANG,
                    name,
                    "it does not begin with `#!`",
                ));
            }
            continue;
        };
        findings.extend(interpreter(deb, name, &line));
        let text = String::from_utf8_lossy(bytes);
        if ["sh", "bash", "dash"].contains(&base(line.split_whitespace().next().unwrap_or_default())) {
            Script::new(deb, name, &line, &text).check(findings);
        }
    }
    findings.extend(not_compiled(deb));
}

/// postrm and config run when only essential packages are sure to be there.
fn interpreter(deb: &Deb, name: &str, line: &str) -> Option<Finding> {
    let interpreter = line.split_whitespace().next().unwrap_or_default();
    let program = base(interpreter);
    let always = ["sh", "bash", "dash", "perl", "sed", "awk"].contains(&program);
    let late = ["postrm", "config"].contains(&name);
    let message = if programs::shebang(&deb.data, name, line).is_some() {
        format!(
            "its interpreter `{}` is in no usual place",
            interpreter.escape_debug()
        )
    } else if !always && late {
        format!("`{program}` may be gone when it runs")
    } else if !always && name == "preinst" && !field(deb, "Pre-Depends").contains(program) {
        format!("`{program}` may not be there when it runs, for the package does not pre-depend on it")
    } else if !always
        && !field(deb, "Depends").contains(program)
        && !field(deb, "Pre-Depends").contains(program)
    {
        format!("the package does not depend on `{program}`")
    } else {
        return None;
    };
    Some(Finding::of(&rules::SCRIPT_INTERPRETER, name, message))
}

struct Script<'a> {
    deb: &'a Deb,
    name: &'a str,
    line: &'a str,
    text: &'a str,
    /// Whether it may read from something else than the user.
    loops: bool,
    /// Of [`PROGRAMS`], those that it asks for before it calls them.
    guarded: Vec<&'static str>,
}

impl<'a> Script<'a> {
    fn new(deb: &'a Deb, name: &'a str, line: &'a str, text: &'a str) -> Self {
        let guards = ["-v ", "which ", "type ", "-x /usr/sbin/", "-x /usr/bin/"];
        let is_guarded = |program: &str| {
            guards
                .iter()
                .any(|guard| text.contains(&format!("{guard}{program}")))
        };
        let programs = PROGRAMS.iter().map(|(program, _)| *program);
        Self {
            deb,
            name,
            line,
            text,
            loops: text.contains("while") || text.contains("confmodule"),
            guarded: programs.filter(|program| is_guarded(program)).collect(),
        }
    }

    fn check(&self, findings: &mut Vec<Finding>) {
        let commands = shell::commands(self.text);
        if let Some(line) = self.text.lines().position(|line| line.contains("#DEBHELPER#")) {
            findings.push(self.of(
                &rules::SCRIPT_TOKEN,
                line + 1,
                "debhelper did not replace `#DEBHELPER#`",
            ));
        }
        let idle = |c: &Command| matches!(c.name(), "set" | "exit" | ":" | "true" | "fi" | "esac" | "}" | "");
        if commands.iter().all(idle) {
            findings.push(Finding::of(&rules::SCRIPT_EMPTY, self.name, "it does nothing"));
            return;
        }
        if !self.stops_at_errors(&commands) {
            findings.push(Finding::of(
                &rules::SCRIPT_ERRORS,
                self.name,
                "it goes on after errors",
            ));
        }
        for command in &commands {
            let found = [
                self.service(command),
                self.program(command),
                self.dangerous(command),
                self.places(command),
                self.asks(command),
                self.bashism(command),
            ];
            findings.extend(found.into_iter().flatten());
        }
    }

    fn of(&self, rule: &'static Rule, line: usize, message: impl Into<String>) -> Finding {
        Finding::of(rule, format!("{}:{line}", self.name), message)
    }

    fn stops_at_errors(&self, commands: &[Command]) -> bool {
        let option = |word: &str| word.starts_with('-') && !word.starts_with("--") && word.contains('e');
        self.line.split_whitespace().skip(1).any(option)
            || commands
                .iter()
                .any(|c| c.name() == "set" && (c.words.iter().any(|w| option(w)) || c.has("errexit")))
    }

    fn service(&self, command: &Command) -> Option<Finding> {
        let shown = command
            .words
            .iter()
            .take(4)
            .cloned()
            .collect::<Vec<_>>()
            .join(" ");
        let message = format!("it calls `{}`", shown.escape_debug());
        match base(command.name()) {
            "systemctl" if command.words.iter().any(|w| VERBS.contains(&w.as_str())) => {
                Some(self.of(&rules::SCRIPT_SYSTEMCTL, command.line, message))
            }
            "service" | "start-stop-daemon" => Some(self.of(&rules::SCRIPT_SERVICE, command.line, message)),
            _ if command.name().starts_with("/etc/init.d/") => {
                Some(self.of(&rules::SCRIPT_SERVICE, command.line, message))
            }
            _ => None,
        }
    }

    fn program(&self, command: &Command) -> Option<Finding> {
        let (name, package) = PROGRAMS.iter().find(|(name, _)| base(command.name()) == *name)?;
        let depends = ["Depends", "Pre-Depends"]
            .iter()
            .any(|f| field(self.deb, f).contains(package));
        let own = field(self.deb, "Package") == *package;
        let judged = !depends && !self.guarded.contains(name) && !own && self.name != "postrm";
        let message = format!("it calls `{name}`, and the package does not depend on `{package}`");
        judged.then(|| {
            self.of(&rules::SCRIPT_ADDUSER, command.line, message)
                .fix(format!("depend on `{package}`"))
        })
    }

    fn dangerous(&self, command: &Command) -> Option<Finding> {
        let words = &command.words;
        let recursive = words
            .iter()
            .any(|w| w == "--recursive" || (w.starts_with('-') && !w.starts_with("--") && w.contains('R')));
        let name = base(command.name());
        let what = match name {
            "killall" | "killall5" | "pkill" => "it stops processes by their name",
            "mknod" => "it makes a device node",
            "chmod" | "chown" | "chgrp" if recursive => "it changes whatever lies below a directory",
            "ldconfig" if field(self.deb, "Package") != "libc-bin" => {
                "it calls ldconfig, which a trigger does"
            }
            "rm" if words.iter().any(|w| w.starts_with("/dev/")) => "it removes a device",
            "grep" | "sed" | "awk" | "cut"
                if words.iter().any(|w| w == "/etc/passwd" || w == "/etc/group") =>
            {
                "it reads /etc/passwd, where other sources of users are not"
            }
            _ if words
                .iter()
                .any(|w| w.contains("/var/lib/dpkg/info") || w.contains("/var/lib/dpkg/status")) =>
            {
                "it reads dpkg's own database"
            }
            _ => return None,
        };
        Some(self.of(&rules::SCRIPT_DANGEROUS, command.line, what))
    }

    fn places(&self, command: &Command) -> Option<Finding> {
        let fixed = |word: &str| {
            let path = word.trim_start_matches(['>', '<', '1', '2', '&']);
            let rest = path
                .strip_prefix("/tmp/")
                .or_else(|| path.strip_prefix("/var/tmp/"));
            rest.is_some_and(|rest| !rest.is_empty() && !rest.contains("XXX"))
        };
        if command.words.iter().any(|w| fixed(w)) && !["mktemp", "["].contains(&command.name()) {
            return Some(self.of(&rules::SCRIPT_TMP, command.line, "it uses a fixed name in /tmp"));
        }
        let directories = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"];
        let absolute = directories
            .iter()
            .any(|d| command.name().strip_prefix(d).is_some_and(|n| !n.contains('/')));
        let message = format!("it calls `{}` by its path", command.name().escape_debug());
        absolute.then(|| self.of(&rules::SCRIPT_ABSOLUTE, command.line, message))
    }

    fn asks(&self, command: &Command) -> Option<Finding> {
        let asks = command.name() == "read" && !command.is_fed && !self.loops;
        asks.then(|| self.of(&rules::SCRIPT_READ, command.line, "it waits for an answer"))
    }

    fn bashism(&self, command: &Command) -> Option<Finding> {
        if base(self.line.split_whitespace().next().unwrap_or_default()) == "bash" {
            return None;
        }
        let words = &command.words;
        let what = match command.name() {
            "[[" => "`[[`",
            "function" => "`function`",
            "source" => "`source`",
            "declare" | "typeset" | "let" | "pushd" | "popd" | "shopt" | "select" => command.name(),
            "[" | "test" if words.iter().any(|w| w == "==") => "`==` in a test",
            "echo" if words.get(1).is_some_and(|w| w == "-e") => "`echo -e`",
            "read" if words.len() == 1 => "`read` without a name",
            _ if words
                .iter()
                .any(|w| w.contains("${") && (w.contains("//") || w.contains("^^"))) =>
            {
                "a substitution of bash"
            }
            _ if words.iter().any(|w| w.contains("$RANDOM") || w.contains("$BASH")) => "a variable of bash",
            _ => return None,
        };
        Some(self.of(
            &rules::SCRIPT_BASHISM,
            command.line,
            format!("{what} is not in POSIX"),
        ))
    }
}

fn not_compiled(deb: &Deb) -> Option<Finding> {
    let module = |path: &str| path.starts_with("usr/lib/python3/dist-packages/") && path.ends_with(".py");
    let first = deb.data.members.iter().find(|m| module(&m.path))?;
    let text = deb.control_text("postinst").unwrap_or_default();
    let message = "postinst does not compile it";
    (!text.contains("py3compile")).then(|| Finding::of(&rules::NOT_COMPILED, &first.path, message))
}
