//! Rules about the file list and the scriptlets of an .rpm.

use super::{RPM, Rule};
use crate::check::Severity;

rules! {
    ETC_NOT_CONFIG = Warning RPM "etc-not-config" {
        "A file in /etc is no %config",
        "rpm overwrites it at every upgrade, and with it what the administrator has changed.",
        "mark it %config(noreplace)",
        "Fedora Packaging Guidelines, Configuration files",
        ["rpmlint:non-conffile-in-etc"],
    }
    CONFIG_PLACE = Warning RPM "config-place" {
        "A %config file lies outside of /etc",
        "Administrators change files in /etc; a %config elsewhere leaves .rpmnew files where nobody looks.",
        "move it to /etc, or remove the mark",
        "Fedora Packaging Guidelines, Configuration files",
        ["rpmlint:non-etc-or-var-file-marked-as-conffile"],
    }
    CONFIG_EXECUTABLE = Error RPM "config-executable" {
        "A %config file may be executed",
        "Programs are not kept back at an upgrade: the old one would go on running with the new package.",
        "make it 0644, or a program outside of /etc",
        "Fedora Packaging Guidelines, Configuration files",
        ["rpmlint:executable-marked-as-config-file"],
    }
    CONFIG_REPLACED = Warning RPM "config-replaced" {
        "A %config file is not noreplace",
        "An upgrade puts the package's file in place of the changed one and keeps that as .rpmsave: the program runs with \
            settings that nobody chose.",
        "mark it %config(noreplace)",
        "Fedora Packaging Guidelines, Configuration files",
        ["rpmlint:conffile-without-noreplace-flag"],
    }
    STANDARD_DIRECTORY = Error RPM "standard-directory" {
        "The package owns a directory of the distribution's base",
        "`filesystem` owns it. Two packages with different ideas of its mode cannot be installed together.",
        "leave the directory out of the file list",
        "Fedora Packaging Guidelines, File and directory ownership",
        ["rpmlint:standard-dir-owned-by-package"],
    }
    UNOWNED_DIRECTORY = Warning RPM "unowned-directory" {
        "No package owns a directory of the package's own",
        "It stays when the package is removed, and a strict umask at the installation makes it unreadable.",
        "add it with %dir",
        "Fedora Packaging Guidelines, File and directory ownership",
        [],
    }
    HIDDEN = Warning RPM "hidden-file" {
        "A file or directory is hidden",
        "Its name begins with a dot: mostly it belongs to a build or a home directory.",
        "leave it out, or rename it",
        "Fedora Packaging Guidelines",
        ["rpmlint:hidden-file-or-dir"],
    }
    PYTHON_ABI = Warning RPM "python-abi" {
        "Modules lie in the directory of one Python, and the package does not require that Python",
        "After an upgrade to the next Python the modules are found no more, and dnf has not warned of it.",
        "require `python(abi) = X.Y`",
        "Fedora Packaging Guidelines, Python",
        ["rpmlint:no-dependency-on"],
    }
    EMPTY_SCRIPTLET = Warning RPM "scriptlet-empty" {
        "A scriptlet does nothing",
        "rpm starts a shell for it in every transaction, and orders the packages around it.",
        "remove it",
        "Fedora Packaging Guidelines, Scriptlets",
        ["rpmlint:empty-%post", "rpmlint:empty-%pre", "rpmlint:empty-%preun", "rpmlint:empty-%postun"],
    }
    SCRIPTLET_INTERPRETER = Error RPM "scriptlet-interpreter" {
        "A scriptlet has an interpreter that need not be there when it runs",
        "rpm then fails the transaction, or runs nothing.",
        "write it for /bin/sh",
        "Fedora Packaging Guidelines, Scriptlets",
        ["rpmlint:invalid-shell-in-%post", "rpmlint:invalid-shell-in-%pre", "rpmlint:invalid-shell-in-%preun",
            "rpmlint:invalid-shell-in-%postun"],
    }
    SCRIPTLET_DANGEROUS = Warning RPM "scriptlet-dangerous" {
        "A scriptlet calls a command that can destroy what is not the package's",
        "A scriptlet runs as root on every machine: what it removes, moves or copies is out of rpm's sight.",
        "let the package own the files, or use a macro of the distribution",
        "Fedora Packaging Guidelines, Scriptlets",
        ["rpmlint:dangerous-command-in-%post", "rpmlint:dangerous-command-in-%pre", "rpmlint:dangerous-command-in-%preun",
            "rpmlint:dangerous-command-in-%postun"],
    }
    SCRIPTLET_TMP = Error RPM "scriptlet-tmp" {
        "A scriptlet writes a fixed name in /tmp",
        "Every user may put a link at that name beforehand, and root then writes wherever it leads.",
        "use mktemp",
        "Fedora Packaging Guidelines, Scriptlets",
        ["rpmlint:use-tmp-in-%post", "rpmlint:use-tmp-in-%pre", "rpmlint:use-tmp-in-%preun",
            "rpmlint:use-tmp-in-%postun"],
    }
    SCRIPTLET_SYSTEMCTL = Warning RPM "scriptlet-systemctl" {
        "A scriptlet enables or starts a unit by itself",
        "Presets decide what is enabled, and in a container or an image there is no systemd to start it.",
        "call %systemd_post, %systemd_preun and %systemd_postun",
        "Fedora Packaging Guidelines, Scriptlets",
        [],
    }
    SCRIPTLET_MACRO = Warning RPM "scriptlet-macro" {
        "A scriptlet has a macro that was not expanded",
        "The build machine lacked the macro's package; the shell takes the line for an unknown command.",
        "build with systemd-rpm-macros or what else defines it",
        "rpm-macros(7)",
        ["rpmlint:percent-in-%post", "rpmlint:percent-in-%pre", "rpmlint:percent-in-%preun",
            "rpmlint:percent-in-%postun"],
    }
}
