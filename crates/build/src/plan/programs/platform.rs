//! The platform tags of a wheel of programs: those of PEP 600 (`manylinux_2_N`, the oldest glibc that has all the symbols)
//! and PEP 656 (`musllinux`).
//!
//! A wheel brings no libraries along here. A program that needs others than the C library and libgcc has the tag `linux`,
//! which says that it runs where they are.

use super::Program;
use crate::{BuildError, Diagnostic};
use packyard_formats::elf::{Elf, Machine};

/// glibc before this one is on no system that is still cared for; its tag is the oldest that is given.
const OLDEST_GLIBC: u32 = 17;

/// What comes with glibc, and libgcc, which every system has (PEP 600's policy; of libstdc++ the versions would matter).
const EVERYWHERE: [&str; 9] = [
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libutil.so.1",
    "libnsl.so.1",
];

/// The platform tags that all programs fit.
pub(super) fn platforms(
    programs: &[Program<'_>],
    notes: &mut Vec<String>,
) -> Result<Vec<String>, BuildError> {
    let elfs: Vec<_> = programs
        .iter()
        .filter_map(|p| Some((p, p.elf.as_ref()?)))
        .collect();
    let Some((first, elf)) = elfs.first() else {
        return Ok(vec!["any".to_owned()]);
    };
    let arch = architecture(elf.machine).ok_or_else(|| {
        let number = elf.machine.number;
        let message = format!(
            "`{}` is for a machine (ELF {number}) that no wheel is for",
            first.name
        );
        Diagnostic::new(message)
            .at(first.place.clone())
            .hint("leave wheel out of --format")
    })?;
    if let Some((other, _)) = elfs.iter().find(|(_, e)| e.machine != elf.machine) {
        let message = format!("`{}` and `{}` are for different machines", first.name, other.name);
        return Err(Diagnostic::new(message)
            .at(other.place.clone())
            .hint("a wheel has one platform: build one for each")
            .into());
    }
    let needs = elfs.iter().map(|(p, elf)| (p, Libc::of(elf)));
    let needs: Vec<_> = needs.collect();
    for (program, libc) in &needs {
        if let Libc::Other(why) = libc {
            notes.push(format!(
                "the wheel has the tag linux_{arch}, which public indexes do not take: `{}` needs {why}",
                program.name
            ));
        }
    }
    let highest = needs.into_iter().map(|(_, libc)| libc).max().unwrap_or(Libc::Any);
    Ok(highest
        .tags()
        .into_iter()
        .map(|tag| format!("{tag}_{arch}"))
        .collect())
}

/// Which C library a program needs; what is later needs more. A mixture of glibc and musl is nothing that runs, and is
/// called by the rarer of the two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Libc {
    /// None: it is static.
    Any,
    /// glibc 2.N or newer.
    Gnu(u32),
    /// musl.
    Musl,
    /// Something else, which no tag can say.
    Other(String),
}

impl Libc {
    fn of(elf: &Elf) -> Self {
        let is_musl = |name: &str| name.contains("ld-musl") || name.contains("libc.musl");
        let loader = elf.interpreter.iter().chain(&elf.needed);
        if elf.interpreter.is_none() && elf.needed.is_empty() {
            return Self::Any;
        }
        let is_loader = |name: &&String| name.starts_with("ld-linux") || name.starts_with("ld64.so");
        let is_there =
            |name: &&String| EVERYWHERE.contains(&name.as_str()) || is_loader(name) || is_musl(name);
        let others = elf.needed.iter().filter(|name| !is_there(name));
        let others: Vec<_> = others.map(|name| format!("`{name}`")).collect();
        if !others.is_empty() {
            return Self::Other(format!(
                "{}, which the wheel does not bring along",
                others.join(" and ")
            ));
        }
        if loader.into_iter().any(|name| is_musl(name)) {
            return Self::Musl;
        }
        let versions = elf.version_needs.iter().flat_map(|need| &need.versions);
        let mut newest = OLDEST_GLIBC;
        for version in versions.filter(|version| version.starts_with("GLIBC_")) {
            match glibc(version) {
                Some(minor) => newest = newest.max(minor),
                None => return Self::Other(format!("`{version}` of glibc")),
            }
        }
        Self::Gnu(newest)
    }

    fn tags(&self) -> Vec<String> {
        match self {
            Self::Any => vec![format!("manylinux_2_{OLDEST_GLIBC}"), "musllinux_1_1".to_owned()],
            Self::Gnu(minor) => vec![format!("manylinux_2_{minor}")],
            Self::Musl => vec!["musllinux_1_2".to_owned()],
            Self::Other(_) => vec!["linux".to_owned()],
        }
    }
}

/// `GLIBC_2.N` and `GLIBC_2.N.M`; the private symbols of a glibc are for that one only.
fn glibc(version: &str) -> Option<u32> {
    if version == "GLIBC_ABI_DT_RELR" {
        return Some(36);
    }
    let minor = version.strip_prefix("GLIBC_2.")?.split('.').next()?;
    minor.parse().ok()
}

/// A machine as platform tags call it (`os.uname().machine`).
fn architecture(machine: Machine) -> Option<&'static str> {
    Some(match (machine.number, machine.is_64, machine.is_big) {
        (3, false, false) => "i686",
        (21, true, false) => "ppc64le",
        (22, true, true) => "s390x",
        (40, false, false) if !machine.is_soft_float => "armv7l",
        (62, true, false) => "x86_64",
        (183, true, false) => "aarch64",
        (243, true, false) => "riscv64",
        (258, true, false) => "loongarch64",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use packyard_formats::elf::{ElfKind, VersionNeed};
    use std::collections::BTreeSet;

    fn elf(interpreter: Option<&str>, needed: &[&str], versions: &[&str]) -> Elf {
        Elf {
            machine: Machine {
                number: 62,
                is_64: true,
                is_big: false,
                is_soft_float: false,
            },
            kind: ElfKind::Shared,
            interpreter: interpreter.map(str::to_owned),
            needed: needed.iter().map(|&name| name.to_owned()).collect(),
            soname: None,
            run_path: Vec::new(),
            version_needs: vec![VersionNeed {
                library: "libc.so.6".to_owned(),
                versions: versions.iter().map(|&name| name.to_owned()).collect(),
            }],
            version_definitions: Vec::new(),
            base_version: None,
            has_only_gnu_hash: false,
            is_program: true,
        }
    }

    #[test]
    fn the_newest_glibc_that_is_needed_is_the_tag() {
        let loader = Some("/lib64/ld-linux-x86-64.so.2");
        let needed = ["libc.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"];
        let tags = |versions: &[&str]| Libc::of(&elf(loader, &needed, versions)).tags().join(".");
        assert_eq!(tags(&["GLIBC_2.2.5"]), "manylinux_2_17");
        assert_eq!(
            tags(&["GLIBC_2.34", "GLIBC_2.4", "GCC_3.0", "GLIBC_2.3.4"]),
            "manylinux_2_34"
        );
        assert_eq!(tags(&["GLIBC_2.3", "GLIBC_ABI_DT_RELR"]), "manylinux_2_36");
        assert_eq!(tags(&["GLIBC_PRIVATE"]), "linux");
    }

    #[test]
    fn a_static_program_fits_both_libraries_and_another_library_none() {
        assert_eq!(
            Libc::of(&elf(None, &[], &[])).tags(),
            ["manylinux_2_17", "musllinux_1_1"]
        );
        let musl = elf(Some("/lib/ld-musl-x86_64.so.1"), &["libc.musl-x86_64.so.1"], &[]);
        assert_eq!(Libc::of(&musl), Libc::Musl);
        let other = elf(
            Some("/lib64/ld-linux-x86-64.so.2"),
            &["libssl.so.3", "libc.so.6"],
            &[],
        );
        let lacks = |text: &str| Libc::Other(format!("{text}, which the wheel does not bring along"));
        assert_eq!(Libc::of(&other), lacks("`libssl.so.3`"));
        let needed = ["libssl.so.3", "libcrypto.so.3", "libc.musl-x86_64.so.1"];
        let other = elf(Some("/lib/ld-musl-x86_64.so.1"), &needed, &[]);
        assert_eq!(Libc::of(&other), lacks("`libssl.so.3` and `libcrypto.so.3`"));
    }

    #[test]
    fn programs_together_need_what_the_neediest_does() {
        let all = BTreeSet::from([Libc::Gnu(34), Libc::Any, Libc::Gnu(17)]);
        assert_eq!(all.last(), Some(&Libc::Gnu(34)));
    }
}
