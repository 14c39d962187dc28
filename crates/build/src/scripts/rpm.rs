//! The scriptlets of an .rpm: what `%systemd_post` and its kin expand to, with what EL8 (systemd 239) has instead of
//! systemd-update-helper. Whether a service is enabled at installation is for the system's presets to say.

use super::Chores;
use crate::manifest::OnUpgrade;
use packyard_formats::rpm::write::RpmScripts;

/// The scriptlets that are not empty.
pub(crate) fn scripts(chores: &Chores<'_>) -> RpmScripts {
    let some = |text: String| (!text.is_empty()).then_some(text);
    RpmScripts {
        pre: some(pre(chores)),
        post: some(post(chores)),
        preun: some(preun(chores)),
        postun: some(postun(chores)),
        pretrans: chores.text("pretrans"),
        posttrans: chores.text("posttrans"),
    }
}

/// rpm 4.19 makes the users of sysusers.d itself; older ones need it done before the files are unpacked.
fn pre(chores: &Chores<'_>) -> String {
    let mut out = chores.hook_by_status("preinstall");
    if let Some(lines) = chores.sysusers {
        out.push_str(&format!(
            "if command -v systemd-sysusers >/dev/null 2>&1; then\n\
             systemd-sysusers --replace=/usr/lib/sysusers.d/{}.conf - <<SYSUSERS_EOF >/dev/null 2>&1 || :\n{lines}SYSUSERS_EOF\nfi\n",
            chores.package
        ));
    }
    out
}

/// The hook finds users, owners and directories ready, and makes ready what the units need.
fn post(chores: &Chores<'_>) -> String {
    let mut out = String::new();
    if chores.tmpfiles {
        out.push_str(&format!(
            "systemd-tmpfiles --create {}.conf >/dev/null 2>&1 || :\n",
            chores.package
        ));
    }
    out.push_str(&chores.hook_by_status("postinstall"));
    let installable = chores.units(|unit| unit.is_installable() && unit.boot.enable);
    if !installable.is_empty() {
        out.push_str(&guarded(
            "-eq 1",
            "install-system-units",
            &installable,
            "systemctl --no-reload preset",
        ));
    }
    out
}

/// The mirror of `post`: the hook runs when the units are stopped.
fn preun(chores: &Chores<'_>) -> String {
    let units = chores.units(|_| true);
    let mut out = String::new();
    if !units.is_empty() {
        out.push_str(&guarded(
            "-eq 0",
            "remove-system-units",
            &units,
            "systemctl --no-reload disable --now",
        ));
    }
    out + &chores.hook_by_status("preremove")
}

fn postun(chores: &Chores<'_>) -> String {
    let units = chores.units(|unit| unit.boot.on_upgrade != OnUpgrade::Nothing);
    let mut out = String::new();
    if !units.is_empty() {
        // Where there is no helper, systemd reads the new units only at the end of the transaction.
        out = guarded(
            "-ge 1",
            "mark-restart-system-units",
            &units,
            "systemctl daemon-reload >/dev/null 2>&1 || :\n    systemctl try-restart",
        );
    }
    out + &chores.hook_by_status("postremove")
}

fn guarded(count: &str, helper: &str, units: &str, fallback: &str) -> String {
    format!(
        "if [ $1 {count} ]; then\n  if [ -x /usr/lib/systemd/systemd-update-helper ]; then\n\
         \x20   /usr/lib/systemd/systemd-update-helper {helper} {units} || :\n\
         \x20 elif command -v systemctl >/dev/null 2>&1; then\n    {fallback} {units} >/dev/null 2>&1 || :\n  fi\nfi\n"
    )
}
