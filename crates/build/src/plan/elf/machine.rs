//! The architecture of a payload: `all` and `noarch`, unless it holds programs for a machine (ELF, gabi 4.1).

use super::Binaries;
use crate::{BuildError, Diagnostic};
use packyard_formats::elf::Machine;
use packyard_types::{DebArch, RpmArch};

/// `e_machine`, bits, whether big-endian; Debian's name, RPM's name.
const MACHINES: [(u16, bool, bool, &str, &str); 8] = [
    (3, false, false, "i386", "i686"),
    (21, true, false, "ppc64el", "ppc64le"),
    (22, true, true, "s390x", "s390x"),
    (40, false, false, "armhf", "armv7hl"),
    (62, true, false, "amd64", "x86_64"),
    (183, true, false, "arm64", "aarch64"),
    (243, true, false, "riscv64", "riscv64"),
    (258, true, false, "loong64", "loongarch64"),
];

/// The names of a machine in both worlds.
fn names(machine: Machine) -> Option<(&'static str, &'static str)> {
    let is_it = |row: &&(u16, bool, bool, &str, &str)| {
        (row.0, row.1, row.2) == (machine.number, machine.is_64, machine.is_big)
    };
    match MACHINES.iter().find(is_it)? {
        (40, ..) if machine.is_soft_float => Some(("armel", "armv5tel")),
        (.., deb, rpm) => Some((deb, rpm)),
    }
}

fn parsed(machine: Machine) -> Option<(DebArch, RpmArch)> {
    let (deb, rpm) = names(machine)?;
    Some((DebArch::parse(deb).ok()?, RpmArch::parse(rpm).ok()?))
}

impl Binaries {
    /// The machine of the static libraries, where it is one: those for several, or for one without packages of its own,
    /// are for whoever compiles for it elsewhere.
    fn of_archives(&self) -> Option<(DebArch, RpmArch)> {
        let machine = self.archives.first().filter(|_| self.archives.len() == 1)?;
        parsed(*machine)
    }

    /// What the payload runs on, in the words of both worlds.
    pub fn architecture(&self) -> Result<(DebArch, RpmArch), BuildError> {
        let Some(first) = self.list.first() else {
            return Ok(self
                .of_archives()
                .unwrap_or_else(|| (DebArch::all(), RpmArch::noarch())));
        };
        let machine = first.elf.machine;
        let shown = |machine| {
            names(machine).map_or_else(
                || format!("an unknown machine (ELF {})", machine.number),
                |(deb, rpm)| {
                    if deb == rpm {
                        deb.to_owned()
                    } else {
                        format!("{deb} ({rpm})")
                    }
                },
            )
        };
        if let Some(other) = self.list.iter().find(|binary| binary.elf.machine != machine) {
            let message = format!(
                "`{}` is for {} and `{}` for {}",
                first.path,
                shown(machine),
                other.path,
                shown(other.elf.machine)
            );
            let mut problem = other.at(Diagnostic::new(message));
            if let (Some(_), Some(place)) = (&other.place, &first.place) {
                problem = problem.related("the other one", place.clone());
            }
            return Err(problem
                .hint("a package has one architecture: build one for each")
                .into());
        }
        parsed(machine).ok_or_else(|| {
            let message = format!("`{}` is for {}", first.path, shown(machine));
            first
                .at(Diagnostic::new(message))
                .hint("leave it out: there is no .deb or .rpm for it")
                .into()
        })
    }
}
