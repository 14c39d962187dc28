//! Which directories a package does not list because they belong to the system.

/// Directories of Fedora's and EL's `filesystem`, `setup`, `systemd`, `python3-libs` and their like: what every system
/// has, and what packages that are always there own. A directory in none of these is the package's own.
pub fn belongs_to_the_system(path: &str) -> bool {
    let at = ["/etc/", "/usr/lib/", "/usr/share/", "/usr/", "/var/", "/"];
    let lists = [ETC, LIB, SHARE, USR, VAR, TOP];
    let is_listed = at.iter().zip(lists).any(|(prefix, list)| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| list.split_whitespace().any(|known| known == rest))
    });
    is_listed || is_manual(path) || is_catalog(path) || is_icon_theme(path) || is_site(path)
}

const TOP: &str = "bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var";
const USR: &str = "bin games include lib lib64 libexec local local/bin local/etc local/lib local/lib64 local/libexec \
    local/sbin local/share local/src sbin share src";
const VAR: &str = "adm cache crash db empty games lib lib/games lib/misc local log mail nis opt preserve run spool \
    spool/cron spool/mail tmp www yp";
const ETC: &str = "NetworkManager NetworkManager/dispatcher.d X11 alternatives bash_completion.d binfmt.d cron.d \
    cron.daily cron.hourly cron.monthly cron.weekly dbus-1 dbus-1/system.d default dnf exports.d gnupg issue.d \
    ld.so.conf.d logrotate.d modprobe.d modules-load.d motd.d opt pam.d pki pki/rpm-gpg pki/tls polkit-1 \
    polkit-1/rules.d profile.d rc.d rc.d/init.d rsyslog.d security security/limits.d skel ssh ssh/sshd_config.d ssl \
    sudoers.d sysconfig sysctl.d systemd systemd/network systemd/system systemd/user sysusers.d tmpfiles.d udev \
    udev/rules.d xdg xdg/autostart yum.repos.d";
const LIB: &str = "NetworkManager NetworkManager/dispatcher.d binfmt.d debug dracut dracut/modules.d environment.d \
    firewalld firewalld/services firmware games kernel kernel/install.d modprobe.d modules modules-load.d motd.d \
    pam.d rpm rpm/macros.d sysctl.d sysimage systemd systemd/catalog systemd/network systemd/system \
    systemd/system-generators systemd/system-preset systemd/system-shutdown systemd/system-sleep systemd/user \
    systemd/user-preset sysusers.d tmpfiles.d udev udev/hwdb.d udev/rules.d";
const SHARE: &str = "X11 aclocal appdata applications augeas augeas/lenses backgrounds bash-completion \
    bash-completion/completions bash-completion/helpers dbus-1 dbus-1/interfaces dbus-1/services \
    dbus-1/system-services dbus-1/system.d desktop-directories dict doc empty fish fish/vendor_completions.d \
    fish/vendor_conf.d fish/vendor_functions.d fonts games glib-2.0 glib-2.0/schemas gnome help icons idl info \
    licenses locale man metainfo mime mime/packages mime-info misc modulefiles omf pixmaps pkgconfig polkit-1 \
    polkit-1/actions polkit-1/rules.d selinux selinux/packages sounds themes wayland-sessions xsessions zsh \
    zsh/site-functions";

/// `/usr/share/man/man1`, `/usr/share/man/de`, `/usr/share/man/de/man1`.
fn is_manual(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/usr/share/man/") else {
        return false;
    };
    match rest.split('/').collect::<Vec<_>>()[..] {
        [section] if section.starts_with("man") => true,
        [language] | [language, _] => is_language(language),
        _ => false,
    }
}

/// `/usr/share/locale/de` and `/usr/share/locale/de/LC_MESSAGES`.
fn is_catalog(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/usr/share/locale/") else {
        return false;
    };
    let language = rest.strip_suffix("/LC_MESSAGES").unwrap_or(rest);
    !language.contains('/') && is_language(language)
}

/// `de`, `pt_BR`, `sr@latin`, `zh_CN.UTF-8`.
pub(super) fn is_language(name: &str) -> bool {
    let code = name.split(['_', '@', '.']).next().unwrap_or_default();
    (2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase())
}

/// `hicolor-icon-theme` owns all of its theme's directories.
fn is_icon_theme(path: &str) -> bool {
    path.strip_prefix("/usr/share/icons/hicolor")
        .is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && rest.split('/').count() <= 3))
}

/// `/usr/lib/python3.9` and its `site-packages`, of `python3-libs`.
fn is_site(path: &str) -> bool {
    let below = ["/usr/lib/python3.", "/usr/lib64/python3."]
        .iter()
        .find_map(|lib| path.strip_prefix(lib));
    below.is_some_and(|rest| {
        let minor = rest.strip_suffix("/site-packages").unwrap_or(rest);
        !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::belongs_to_the_system;

    #[test]
    fn directories_that_every_system_has_are_its_own() {
        for path in [
            "/etc",
            "/usr",
            "/usr/lib/systemd/system",
            "/usr/lib/python3.12/site-packages",
            "/usr/lib64/python3.9",
            "/usr/share/man/man1",
            "/usr/share/man/pt_BR/man8",
            "/usr/share/locale/sr@latin/LC_MESSAGES",
            "/usr/share/icons/hicolor/48x48/apps",
            "/var/lib",
            "/var/spool/cron",
        ] {
            assert!(belongs_to_the_system(path), "{path}");
        }
    }

    #[test]
    fn directories_of_a_package_are_not() {
        for path in [
            "/etc/hello",
            "/etc/systemd/system/hello.service.d",
            "/opt/hello",
            "/usr/lib/hello",
            "/usr/lib/python3.12/site-packages/hello",
            "/usr/lib/python3.x/site-packages",
            "/usr/share/doc/hello",
            "/usr/share/icons/hicolorful",
            "/usr/share/locale/hello",
            "/usr/share/man/hello",
            "/var/lib/hello",
        ] {
            assert!(!belongs_to_the_system(path), "{path}");
        }
    }
}
