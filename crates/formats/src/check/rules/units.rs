//! Rules about systemd units.

use super::{Rule, SYSTEM};
use crate::check::Severity;

rules! {
    SYNTAX = Error SYSTEM "unit-syntax" {
        "A line of a unit is neither a section, nor `Key=value`, nor a comment",
        "systemd ignores such a line with a message in the journal, and the unit does something else than it says.",
        "write it as systemd.syntax(7) says",
        "systemd.syntax(7)",
        [],
    }
    SECTION = Error SYSTEM "unit-section" {
        "A unit has a section that its kind does not have",
        "systemd ignores the whole section.",
        "move the keys to a section of this kind of unit",
        "systemd.unit(5)",
        [],
    }
    KEY = Warning SYSTEM "unit-key" {
        "A key is not known in its section",
        "systemd ignores it with a message in the journal; mostly it is misspelt or in the wrong section.",
        "correct the name, or move it to its section",
        "systemd.directives(7)",
        ["lintian:systemd-service-file-refers-to-obsolete-bindto"],
    }
    VALUE = Error SYSTEM "unit-value" {
        "A key has a value that systemd does not know",
        "systemd ignores the line, or refuses the unit.",
        "use one of the known values",
        "systemd.service(5)",
        ["lintian:kill-mode-none"],
    }
    SPECIFIER = Warning SYSTEM "unit-specifier" {
        "A value has a `%` that is no specifier",
        "systemd leaves it as it stands, until a later version gives the letter a meaning.",
        "write `%%`, or one of the known specifiers",
        "systemd.unit(5), Specifiers",
        [],
    }
    USER = Warning SYSTEM "unit-user" {
        "A service runs as `nobody`",
        "All services of that user can touch each other's files and processes.",
        "use `DynamicUser=yes`, or a user of its own",
        "systemd.exec(5)",
        ["lintian:systemd-service-file-uses-nobody-or-nogroup"],
    }
    RELATIVE = Warning SYSTEM "unit-relative-command" {
        "A command is no absolute path",
        "systemd before 239 refuses it, and later ones look in directories that the administrator may not expect.",
        "write the whole path, such as /usr/bin/NAME",
        "systemd.service(5)",
        [],
    }
    DESCRIPTION = Warning SYSTEM "unit-description" {
        "A unit has no description",
        "systemctl and the journal show the file's name instead.",
        "add `Description=` to [Unit]",
        "systemd.unit(5)",
        [],
    }
    INCOMPLETE = Error SYSTEM "unit-incomplete" {
        "A unit lacks what it needs to do anything",
        "systemd refuses a service without a command, a timer without a time, a socket without an address.",
        "add what its kind of unit needs",
        "systemd.service(5), systemd.timer(5), systemd.socket(5), systemd.path(5)",
        [],
    }
    PLACE = Error SYSTEM "unit-in-etc" {
        "A unit, or an entry of tmpfiles.d or sysusers.d, lies in /etc",
        "/etc is where the administrator overrides what packages ship. What a package puts there hides nothing and cannot \
            be overridden.",
        "install it below /usr/lib",
        "systemd.unit(5); tmpfiles.d(5)",
        ["lintian:systemd-service-in-odd-location", "lintian:misplaced-systemd-tmpfiles", "rpmlint:systemd-unit-in-etc",
            "rpmlint:tmpfiles-conf-in-etc"],
    }
    NOT_A_FILE = Warning SYSTEM "unit-not-a-file" {
        "A unit is empty or a link out of the directories of units",
        "systemd takes an empty file for a mask, and does not follow a link that leaves its directories in an image: the \
            unit can never start.",
        "install the unit itself",
        "systemd.unit(5)",
        ["lintian:service-file-is-not-a-file"],
    }
    NOT_ENABLED = Info SYSTEM "unit-not-enabled" {
        "A unit can be enabled, but no script of the package mentions it",
        "After an installation nothing starts it, and after an upgrade the old program goes on running. For units that \
            the administrator enables by hand this is meant.",
        "let packyard, dh_installsystemd or %systemd_post write the scripts",
        "Debian Policy 9.3.3; Fedora Packaging Guidelines, Scriptlets",
        [],
    }
    INIT = Warning SYSTEM "init-without-unit" {
        "An init script has no unit of its name",
        "systemd starts it through a generator that newer releases drop, without supervision.",
        "ship a .service of the same name",
        "Debian Policy 9.3.1",
        ["lintian:omitted-systemd-service-for-init.d-script", "lintian:missing-systemd-service-for-init.d-script",
            "rpmlint:deprecated-init-script"],
    }
}
