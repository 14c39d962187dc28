//! Rules about what dpkg runs as root.

use super::{DEB, Rule};
use crate::check::Severity;

rules! {
    SCRIPT_MODE = Error DEB "script-mode" {
        "A maintainer script may not be executed",
        "dpkg calls it with exec(2), so that installing fails.",
        "give it mode 0755",
        "Debian Policy 6.1",
        ["lintian:control-file-has-bad-permissions"],
    }
    SCRIPT_NO_SHEBANG = Error DEB "script-no-shebang" {
        "A maintainer script does not begin with `#!`",
        "The kernel does not know what to run it with, so that installing fails.",
        "begin it with `#!/bin/sh`",
        "Debian Policy 6.1, 10.4",
        ["lintian:script-without-interpreter"],
    }
    SCRIPT_INTERPRETER = Error DEB "script-interpreter" {
        "A maintainer script has an interpreter that it cannot count on",
        "It runs before or while dependencies are configured: only essential packages, and with a dependency perl and \
            python3, are there. A postrm and a config script run when even those may be gone.",
        "write it for /bin/sh",
        "Debian Policy 7.2, 10.4",
        ["lintian:unknown-control-interpreter", "lintian:control-interpreter-in-usr-local",
            "lintian:control-interpreter-without-depends", "lintian:forbidden-postrm-interpreter",
            "lintian:forbidden-config-interpreter", "lintian:interpreter-not-absolute",
            "lintian:unusual-control-interpreter", "lintian:control-interpreter-without-predepends"],
    }
    SCRIPT_ERRORS = Warning DEB "script-ignores-errors" {
        "A maintainer script goes on after errors",
        "dpkg learns of failures only by the exit code. Without `set -e` a half-done configuration counts as done.",
        "write `set -e` as its second line",
        "Debian Policy 10.4",
        ["lintian:maintainer-script-ignores-errors"],
    }
    SCRIPT_EMPTY = Warning DEB "script-empty" {
        "A maintainer script does nothing",
        "Each script costs a process at every installation, and readers look for what it may do.",
        "remove it",
        "Debian Policy 6.1",
        ["lintian:maintainer-script-empty"],
    }
    SCRIPT_TOKEN = Error DEB "script-token" {
        "A maintainer script still has `#DEBHELPER#`",
        "debhelper puts the commands for units, byte code and alternatives there. They were never put in, so none of it \
            is set up.",
        "build it with debhelper or packyard, which replace the line, or remove the line",
        "debhelper(7)",
        ["lintian:maintainer-script-has-unexpanded-debhelper-token"],
    }
    SCRIPT_SYSTEMCTL = Warning DEB "script-systemctl" {
        "A maintainer script calls systemctl",
        "It fails in chroots and containers, and starts what policy-rc.d forbids. deb-systemd-helper and \
            deb-systemd-invoke know about masks, presets and policies.",
        "call deb-systemd-helper and deb-systemd-invoke; `systemctl daemon-reload` may stay where systemd runs",
        "Debian Policy 9.3.3",
        ["lintian:maintainer-script-calls-systemctl"],
    }
    SCRIPT_SERVICE = Error DEB "script-service" {
        "A maintainer script calls `service` or an init script",
        "It starts and stops what the administrator has forbidden by policy-rc.d, and fails where there is no init.",
        "call invoke-rc.d or deb-systemd-invoke",
        "Debian Policy 9.3.3.2",
        ["lintian:maintainer-script-calls-service", "lintian:maintainer-script-calls-init-script-directly",
            "lintian:maintainer-script-calls-start-stop-daemon"],
    }
    SCRIPT_TMP = Warning DEB "script-tmp" {
        "A maintainer script writes a fixed name in /tmp",
        "Every user may put a link at that name beforehand, and root then writes wherever it leads.",
        "use mktemp",
        "Debian Policy 10.4",
        ["lintian:possibly-insecure-handling-of-tmp-files-in-maintainer-script"],
    }
    SCRIPT_ADDUSER = Warning DEB "script-adduser" {
        "A maintainer script calls adduser, but the package does not depend on it",
        "adduser is not essential: on a small system the script fails.",
        "depend on `adduser`, or use sysusers.d",
        "Debian Policy 9.2.2, 7.2",
        ["lintian:maintainer-script-needs-depends-on-adduser", "lintian:maintainer-script-needs-depends-on-ucf"],
    }
    SCRIPT_BASHISM = Warning DEB "script-bashism" {
        "A script for /bin/sh uses what only bash knows",
        "/bin/sh is dash on Debian: there the line is a syntax error or means something else.",
        "write it as POSIX says, or begin the script with `#!/bin/bash`",
        "Debian Policy 10.4",
        ["lintian:possible-bashism-in-maintainer-script"],
    }
    SCRIPT_ABSOLUTE = Warning DEB "script-absolute-command" {
        "A maintainer script calls a command by its whole path",
        "dpkg sets the PATH. A path breaks when the command moves, as many did from /sbin to /usr/sbin.",
        "call it by its name, and test for it with `command -v`",
        "Debian Policy 6.1; Developer's Reference 6.4",
        ["lintian:command-with-path-in-maintainer-script"],
    }
    SCRIPT_DANGEROUS = Warning DEB "script-dangerous" {
        "A maintainer script does what hits more than the package",
        "killall stops every user's processes of that name; recursive chmod or chown follows what users have put there; \
            device nodes and dpkg's own database belong to others.",
        "name exactly what is meant: a unit, one file, a directory of the package's own",
        "Debian Policy 9.3.2, 10.6, 10.9",
        ["lintian:killall-is-dangerous", "lintian:mknod-in-maintainer-script", "lintian:recursive-privilege-change",
            "lintian:uses-dpkg-database-directly", "lintian:maintainer-script-removes-device-files",
            "lintian:maintainer-script-should-not-parse-etc-passwd-or-group",
            "lintian:maintainer-script-calls-chown-improperly", "lintian:maintscript-calls-ldconfig"],
    }
    SCRIPT_READ = Error DEB "script-read" {
        "A maintainer script asks the user by itself",
        "Unattended installations have nobody to answer, and wait for ever. debconf asks, and takes defaults.",
        "ask through debconf, or choose a default",
        "Debian Policy 3.9.1",
        ["lintian:read-in-maintainer-script"],
    }
    NOT_COMPILED = Warning DEB "python-not-compiled" {
        "Modules are installed for Python, but no script compiles them",
        "Each start compiles them anew, for users cannot write to /usr; byte code that root's runs leave behind stays \
            after a removal.",
        "call `py3compile -p PACKAGE` in postinst and `py3clean -p PACKAGE` in prerm",
        "Debian Python Policy 3.8",
        [],
    }
}
