//! The maintainer scripts of a .deb: the logic of debhelper 13's autoscripts (dh_installsystemd, dh_installsysusers,
//! dh_installtmpfiles) and of dh_python3, in the order in which those run.

use super::Chores;
use crate::{manifest::OnUpgrade, unit::Unit};
use packyard_formats::{deb::write::ScriptName, entries::Owner};

/// `configure`, and the ways back from a failed upgrade.
const CONFIGURE: &str = r#"[ "$1" = "configure" ] || [ "$1" = "abort-upgrade" ] || [ "$1" = "abort-deconfigure" ] || [ "$1" = "abort-remove" ]"#;

/// The scripts that are not empty.
pub(crate) fn scripts(chores: &Chores<'_>) -> Vec<(ScriptName, String)> {
    let parts = [
        (ScriptName::Postinst, postinst(chores)),
        (ScriptName::Postrm, postrm(chores)),
        (ScriptName::Preinst, chores.hook("preinstall")),
        (ScriptName::Prerm, prerm(chores)),
    ];
    let script =
        |(name, body): (ScriptName, String)| (name, format!("#!/bin/sh\nset -e\n\n{}", body.trim_start()));
    parts
        .into_iter()
        .filter(|(_, body)| !body.is_empty())
        .map(script)
        .collect()
}

/// The hook finds users, owners, directories and modules ready, and makes ready what the units need.
fn postinst(chores: &Chores<'_>) -> String {
    let mut out = String::new();
    if chores.modules {
        out.push_str(&py3compile(chores.package));
    }
    if chores.sysusers.is_some() {
        let line = format!(
            "\tsystemd-sysusers ${{DPKG_ROOT:+--root=\"$DPKG_ROOT\"}} {}.conf\n",
            chores.package
        );
        out.push_str(&configure(&line));
    }
    let owned: Vec<String> = chores
        .owned
        .iter()
        .map(|(path, owner, mode)| own(path.as_str(), owner, *mode))
        .collect();
    let owned = owned.concat();
    if !owned.is_empty() {
        out.push_str(&configure(&owned));
    }
    if chores.tmpfiles {
        let line = format!(
            "\tif [ -x \"$(command -v systemd-tmpfiles)\" ]; then\n\
             \t\tsystemd-tmpfiles ${{DPKG_ROOT:+--root=\"$DPKG_ROOT\"}} --create {}.conf >/dev/null || true\n\tfi\n",
            chores.package
        );
        out.push_str(&configure(&line));
    }
    out.push_str(&chores.hook("postinstall"));
    for unit in chores
        .units
        .iter()
        .filter(|unit| unit.is_installable() && !unit.is_template())
    {
        let lines = if unit.boot.enable { ENABLE } else { DO_NOT_ENABLE };
        out.push_str(&configure(&lines.replace("UNIT", &unit.file_name)));
    }
    out.push_str(&start(chores));
    out
}

/// The archive holds everything as root's; the owner is set here, unless the administrator overrode it (Debian Policy
/// 10.9.1). chown clears the setuid and setgid bits, which the archive has set.
pub(super) fn own(path: &str, owner: &Owner, mode: u16) -> String {
    let path = quoted(path);
    let there = format!("\"${{DPKG_ROOT:-}}\"{path}");
    let bits = if mode & 0o6000 == 0 {
        String::new()
    } else {
        format!("\t\tchmod {mode:04o} {there}\n")
    };
    // dpkg does not bring back a conffile that the administrator deleted.
    format!(
        "\tif [ -e {there} ] && ! dpkg-statoverride --list {path} >/dev/null 2>&1; then\n\
         \t\tchown {}:{} {there}\n{bits}\tfi\n",
        owner.user, owner.group
    )
}

/// A path as one word that the shell takes as it is.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._+-@:,=~".contains(c);
    if path.chars().all(is_plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

const ENABLE: &str = "\
\t# This will only remove masks created by d-s-h on package removal.
\tdeb-systemd-helper unmask 'UNIT' >/dev/null || true

\t# was-enabled defaults to true, so new installations run enable.
\tif deb-systemd-helper --quiet was-enabled 'UNIT'; then
\t\t# Enables the unit on first installation, creates new
\t\t# symlinks on upgrades if the unit file has changed.
\t\tdeb-systemd-helper enable 'UNIT' >/dev/null || true
\telse
\t\t# Update the statefile to add new symlinks (if any), which need to be
\t\t# cleaned up on purge. Also remove old symlinks.
\t\tdeb-systemd-helper update-state 'UNIT' >/dev/null || true
\tfi
";

const DO_NOT_ENABLE: &str = "\
\tif deb-systemd-helper debian-installed 'UNIT'; then
\t\t# This will only remove masks created by d-s-h on package removal.
\t\tdeb-systemd-helper unmask 'UNIT' >/dev/null || true

\t\tif deb-systemd-helper --quiet was-enabled 'UNIT'; then
\t\t\t# Create new symlinks, if any.
\t\t\tdeb-systemd-helper enable 'UNIT' >/dev/null || true
\t\tfi
\tfi

\t# Update the statefile to add new symlinks (if any), which need to be cleaned
\t# up on purge. Also remove old symlinks.
\tdeb-systemd-helper update-state 'UNIT' >/dev/null || true
";

/// Starts units at installation, and does at an upgrade what each wants. A unit that the package does not start is not
/// started by an upgrade either, but restarted where somebody else has started it: it would go on with files that are
/// gone. deb-systemd-invoke starts nothing that is disabled or masked, or that policy-rc.d forbids.
fn start(chores: &Chores<'_>) -> String {
    if chores.units.is_empty() {
        return String::new();
    }
    let first = chores.units(|unit| unit.boot.start);
    let restart = |unit: &Unit| unit.boot.start && unit.boot.on_upgrade == OnUpgrade::Restart;
    let keep = chores.units(|unit| unit.boot.start && unit.boot.on_upgrade == OnUpgrade::Nothing);
    let running = chores.units(|unit| !restart(unit) && unit.boot.on_upgrade != OnUpgrade::Nothing);
    let upgrade = [
        invoke("start", &keep),
        invoke("restart", &chores.units(restart)),
        invoke("try-restart", &running),
    ]
    .concat();
    let both = match (upgrade.is_empty(), first.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("\t\tif [ -z \"$2\" ]; then\n{}\t\tfi\n", invoke("start", &first)),
        (false, true) => format!("\t\tif [ -n \"$2\" ]; then\n{upgrade}\t\tfi\n"),
        (false, false) => format!(
            "\t\tif [ -n \"$2\" ]; then\n{upgrade}\t\telse\n{}\t\tfi\n",
            invoke("start", &first)
        ),
    };
    configure(&format!(
        "\tif [ -z \"${{DPKG_ROOT:-}}\" ] && [ -d /run/systemd/system ]; then\n\
         \t\tsystemctl --system daemon-reload >/dev/null || true\n{both}\tfi\n"
    ))
}

fn invoke(action: &str, units: &str) -> String {
    if units.is_empty() {
        return String::new();
    }
    format!("\t\t\tdeb-systemd-invoke {action} {units} >/dev/null || true\n")
}

/// The mirror of the postinst: the hook runs when the units are stopped and everything else is still there.
fn prerm(chores: &Chores<'_>) -> String {
    let mut out = String::new();
    let units = chores.units(|_| true);
    if !units.is_empty() {
        out.push_str(&format!(
            "\nif [ -z \"${{DPKG_ROOT:-}}\" ] && [ \"$1\" = remove ] && [ -d /run/systemd/system ]; then\n\
             \tdeb-systemd-invoke stop {units} >/dev/null || true\nfi\n"
        ));
    }
    out.push_str(&chores.hook("preremove"));
    if chores.modules {
        out.push_str(&py3clean(chores.package));
    }
    out
}

fn postrm(chores: &Chores<'_>) -> String {
    let mut out = String::new();
    if !chores.units.is_empty() {
        out.push_str(
            "\nif [ \"$1\" = remove ] && [ -d /run/systemd/system ]; then\n\
             \tsystemctl --system daemon-reload >/dev/null || true\nfi\n",
        );
    }
    let installable = chores.units(super::Unit::is_installable);
    if !installable.is_empty() {
        out.push_str(&format!(
            "\nif [ \"$1\" = purge ]; then\n\tif [ -x \"/usr/bin/deb-systemd-helper\" ]; then\n\
             \t\tdeb-systemd-helper purge {installable} >/dev/null || true\n\tfi\nfi\n"
        ));
    }
    out.push_str(&chores.hook("postremove"));
    out
}

fn configure(lines: &str) -> String {
    format!("\nif {CONFIGURE}; then\n{lines}fi\n")
}

fn py3compile(package: &str) -> String {
    format!(
        "\nif command -v py3compile >/dev/null 2>&1; then\n\tpy3compile -p {package}\nfi\n\
         if command -v pypy3compile >/dev/null 2>&1; then\n\tpypy3compile -p {package} || true\nfi\n"
    )
}

fn py3clean(package: &str) -> String {
    format!(
        "\nif command -v py3clean >/dev/null 2>&1; then\n\tpy3clean -p {package}\nelse\n\
         \tdpkg -L {package} | sed -En -e '/^(.*)\\/(.+)\\.py$/s,,rm \"\\1/__pycache__/\\2\".*,e'\n\
         \tfind /usr/lib/python3/dist-packages/ -type d -name __pycache__ -empty -print0 | xargs --null --no-run-if-empty rmdir\nfi\n"
    )
}
