//! File capabilities, as capabilities(7) names them and cap_from_text(3) writes them.

use crate::{Invalid, invalid::string_type};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The capabilities of Linux, by their numbers (linux/capability.h).
const NAMES: [&str; 41] = [
    "cap_chown",
    "cap_dac_override",
    "cap_dac_read_search",
    "cap_fowner",
    "cap_fsetid",
    "cap_kill",
    "cap_setgid",
    "cap_setuid",
    "cap_setpcap",
    "cap_linux_immutable",
    "cap_net_bind_service",
    "cap_net_broadcast",
    "cap_net_admin",
    "cap_net_raw",
    "cap_ipc_lock",
    "cap_ipc_owner",
    "cap_sys_module",
    "cap_sys_rawio",
    "cap_sys_chroot",
    "cap_sys_ptrace",
    "cap_sys_pacct",
    "cap_sys_admin",
    "cap_sys_boot",
    "cap_sys_nice",
    "cap_sys_resource",
    "cap_sys_time",
    "cap_sys_tty_config",
    "cap_mknod",
    "cap_lease",
    "cap_audit_write",
    "cap_audit_control",
    "cap_setfcap",
    "cap_mac_override",
    "cap_mac_admin",
    "cap_syslog",
    "cap_wake_alarm",
    "cap_block_suspend",
    "cap_audit_read",
    "cap_perfmon",
    "cap_bpf",
    "cap_checkpoint_restore",
];

/// Which capabilities a program has when it is run: `cap_net_bind_service=ep`.
///
/// - At least one capability; each is one that Linux has, and is named once.
/// - The sets are `e` (effective), `i` (inheritable) and `p` (permitted), in this order, at least one of them.
/// - Capabilities of equal sets stand together, by their numbers: equal values have equal texts.
///
/// ```
/// # use packyard_types::Capabilities;
/// let some = Capabilities::parse("cap_net_raw,cap_net_admin+pe").unwrap();
/// assert_eq!(some.as_str(), "cap_net_admin,cap_net_raw=ep");
/// assert!(Capabilities::parse("cap_net_bind=ep").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Capabilities(String);
string_type!(Capabilities);

impl Capabilities {
    /// Parses `NAME[,NAME…]=SETS`, or several of these separated by spaces; `+` and `=+` mean what `=` means.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let bad = |rule: String| Invalid::new("list of capabilities", s, rule);
        let mut sets: BTreeMap<usize, String> = BTreeMap::new();
        for clause in s.split_whitespace() {
            // `cap_chown=+ep` clears all and then adds: what `=ep` says.
            let split = clause.split_once("=+").or_else(|| clause.split_once(['=', '+']));
            let (names, flags) =
                split.ok_or_else(|| bad(format!("`{clause}` lacks `=` and what of `eip` is set")))?;
            let set: String = "eip".chars().filter(|flag| flags.contains(*flag)).collect();
            if set.is_empty() || set.len() != flags.len() {
                return Err(bad(format!(
                    "`{flags}` is not made of `e`, `i` and `p`, each once"
                )));
            }
            for name in names.split(',') {
                let lower = name.to_ascii_lowercase();
                let number = NAMES.iter().position(|known| *known == lower);
                let number = number.ok_or_else(|| bad(format!("there is no capability `{name}`")))?;
                if sets.insert(number, set.clone()).is_some() {
                    return Err(bad(format!("`{name}` is named twice")));
                }
            }
        }
        if sets.is_empty() {
            return Err(bad("it names no capability".to_owned()));
        }
        Ok(Self(canonical(&sets)))
    }
}

fn canonical(sets: &BTreeMap<usize, String>) -> String {
    let mut clauses: Vec<(&String, Vec<&str>)> = Vec::new();
    for (number, set) in sets {
        match clauses.iter_mut().find(|(known, _)| *known == set) {
            Some((_, names)) => names.push(NAMES[*number]),
            None => clauses.push((set, vec![NAMES[*number]])),
        }
    }
    let clause = |(set, names): &(&String, Vec<&str>)| format!("{}={set}", names.join(","));
    clauses.iter().map(clause).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_same_capabilities_is_one_text() {
        for spelling in [
            "cap_net_raw=ep cap_setuid=p cap_chown=ep",
            "CAP_CHOWN,cap_net_raw+pe cap_setuid+p",
            "cap_chown,cap_net_raw=+ep cap_setuid=+p",
        ] {
            let text = Capabilities::parse(spelling).unwrap();
            assert_eq!(text.as_str(), "cap_chown,cap_net_raw=ep cap_setuid=p");
            assert_eq!(Capabilities::parse(text.as_str()).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_capability_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", "names no capability"),
            ("cap_net_raw", "lacks `=`"),
            ("cap_net_raw=", "is not made of"),
            ("cap_net_raw=eee", "is not made of"),
            ("cap_net_raw=x", "is not made of"),
            ("net_raw=ep", "no capability `net_raw`"),
            ("=ep", "no capability ``"),
            ("cap_net_raw=e cap_net_raw=p", "named twice"),
        ] {
            let error = Capabilities::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
