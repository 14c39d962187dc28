//! The architecture of a payload: `all` and `noarch`, unless it holds programs for a machine (ELF, gabi 4.1).

use crate::{BuildError, Diagnostic};
use packyard_formats::entries::Entries;
use packyard_types::{DebArch, RpmArch};

/// `e_machine`, Debian's name, RPM's name.
const MACHINES: [(u16, &str, &str); 8] = [
    (3, "i386", "i686"),
    (21, "ppc64el", "ppc64le"),
    (22, "s390x", "s390x"),
    (40, "armhf", "armv7hl"),
    (62, "amd64", "x86_64"),
    (183, "arm64", "aarch64"),
    (243, "riscv64", "riscv64"),
    (258, "loong64", "loongarch64"),
];

/// What the payload runs on, in the words of both worlds.
pub(super) fn of(entries: &Entries) -> Result<(DebArch, RpmArch), BuildError> {
    let mut found: Option<(u16, String)> = None;
    for (path, content) in entries.files() {
        let Some(machine) = machine(content.head()) else {
            continue;
        };
        match &found {
            Some((other, there)) if *other != machine => {
                let message = format!("`{path}` and `{there}` are for different machines");
                return Err(Diagnostic::new(message)
                    .hint("a package has one architecture: build one for each")
                    .into());
            }
            _ => found = Some((machine, path.to_string())),
        }
    }
    let Some((machine, path)) = found else {
        return Ok((DebArch::all(), RpmArch::noarch()));
    };
    let known = MACHINES.iter().find(|(number, _, _)| *number == machine);
    let names = known.and_then(|(_, deb, rpm)| Some((DebArch::parse(deb).ok()?, RpmArch::parse(rpm).ok()?)));
    names.ok_or_else(|| Diagnostic::new(format!("`{path}` is for an unknown machine (ELF {machine})")).into())
}

/// The machine of an ELF file, little- or big-endian.
fn machine(bytes: &[u8]) -> Option<u16> {
    let [0x7f, b'E', b'L', b'F', _, order, ..] = bytes else {
        return None;
    };
    let pair = [*bytes.get(18)?, *bytes.get(19)?];
    Some(if *order == 2 {
        u16::from_be_bytes(pair)
    } else {
        u16::from_le_bytes(pair)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use packyard_formats::entries::Entry;
    use packyard_types::{InstallPath, Timestamp};

    fn elf(machine: u8) -> Entry {
        let mut bytes = b"\x7fELF\x02\x01".to_vec();
        bytes.resize(18, 0);
        bytes.extend([machine, 0]);
        Entry::program(bytes)
    }

    #[test]
    fn programs_for_a_machine_decide_the_architecture() {
        let mut entries = Entries::new(Timestamp::from_unix_seconds(0));
        assert_eq!(of(&entries).unwrap().0.as_str(), "all");
        entries
            .insert(InstallPath::parse("/usr/bin/a").unwrap(), elf(62))
            .unwrap();
        let (deb, rpm) = of(&entries).unwrap();
        assert_eq!((deb.as_str(), rpm.as_str()), ("amd64", "x86_64"));
        entries
            .insert(InstallPath::parse("/usr/bin/b").unwrap(), elf(183))
            .unwrap();
        assert!(
            of(&entries)
                .unwrap_err()
                .to_string()
                .contains("different machines")
        );
    }
}
