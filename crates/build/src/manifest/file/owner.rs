//! Who can own a file.

use super::UserKeys;
use crate::keys::Keys;

/// Users and groups that Debian or Red Hat systems have, or that the packages of well-known servers make.
const KNOWN_OWNERS: [&str; 58] = [
    "root",
    "adm",
    "apache",
    "audio",
    "backup",
    "bin",
    "bind",
    "cdrom",
    "chrony",
    "daemon",
    "dialout",
    "dip",
    "dovecot",
    "disk",
    "ftp",
    "games",
    "http",
    "input",
    "kmem",
    "kvm",
    "lp",
    "mail",
    "man",
    "messagebus",
    "mysql",
    "named",
    "news",
    "nginx",
    "nobody",
    "nogroup",
    "ntp",
    "plugdev",
    "polkitd",
    "postfix",
    "postgres",
    "proxy",
    "redis",
    "render",
    "shadow",
    "sshd",
    "ssl-cert",
    "staff",
    "sudo",
    "sync",
    "sys",
    "syslog",
    "systemd-journal",
    "systemd-network",
    "systemd-resolve",
    "tape",
    "tty",
    "users",
    "utmp",
    "uucp",
    "video",
    "wheel",
    "www-data",
    "_apt",
];

/// Whether every system has this user or group, or the package makes it.
pub(in crate::manifest) fn is_known_owner(name: &str, users: &[UserKeys]) -> bool {
    KNOWN_OWNERS.contains(&name) || users.iter().any(|user| user.name == name)
}

/// `owner` or `group`: root, one that every system has, or one that the package makes.
pub(super) fn owner(keys: &mut Keys<'_>, key: &'static str, users: Option<&[UserKeys]>) -> String {
    let Some(text) = keys.string(key) else {
        return "root".into();
    };
    let name = text.get_ref();
    if users.is_some_and(|users| !is_known_owner(name, users)) {
        keys.problem(
            text.span(),
            format!("the {key} `{name}` is not known on every system"),
            format!("declare it: [[user]] with `name = \"{name}\"`"),
        );
    }
    text.into_inner()
}
