//! The programs and libraries of a payload: which machine they are for, and which libraries of the system they need.
//!
//! | module | what it knows |
//! |---|---|
//! | `archive` | static libraries |
//! | `machine` | the architecture of a package |
//! | `deb` | Depends, as `dpkg-shlibdeps` finds them |
//! | `library` | which Debian package has which library, since which version |
//! | `rpm` | Requires and Provides, as rpm's `elfdeps` writes them |

mod archive;
mod deb;
mod library;
mod machine;
mod rpm;

use super::target::Target;
use crate::{BuildError, Diagnostic, Place, python::bundle::Platform};
use packyard_formats::{
    elf::{Elf, ElfKind, Machine},
    entries::{Entries, EntryKind},
};
use packyard_types::InstallPath;
use std::collections::BTreeSet;

/// Where files for other processors than the system's lie, as data.
const FIRMWARE: [&str; 2] = ["/lib/firmware/", "/usr/lib/firmware/"];

/// An ELF file of a payload.
struct Binary {
    path: String,
    /// Where the project file asks for it; none of what packyard itself installs.
    place: Option<Place>,
    /// Whether anybody may execute it.
    is_executable: bool,
    elf: Elf,
}

impl Binary {
    fn base(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// A problem of this file, at the place where it is asked for.
    fn at(&self, problem: Diagnostic) -> Diagnostic {
        located(problem, self.place.as_ref())
    }

    /// Whether it is a library or a module, and not a program.
    fn is_shared(&self) -> bool {
        self.elf.kind == ElfKind::Shared && !self.elf.is_program
    }
}

fn located(problem: Diagnostic, place: Option<&Place>) -> Diagnostic {
    match place {
        Some(place) => problem.at(place.clone()),
        None => problem,
    }
}

/// All ELF files of a payload, and the libraries that it brings along.
pub(super) struct Binaries {
    list: Vec<Binary>,
    /// Names of libraries that are in the payload itself, wherever they lie.
    own: BTreeSet<String>,
    /// What the static libraries are for.
    archives: BTreeSet<Machine>,
}

impl Binaries {
    /// Reads them, given where the project file asks for each.
    pub fn of(
        entries: &Entries,
        place_of: impl Fn(&InstallPath) -> Option<Place>,
    ) -> Result<Self, BuildError> {
        let (mut list, mut archives) = (Vec::new(), BTreeSet::new());
        for (path, entry) in entries.iter() {
            let EntryKind::File(content) = &entry.kind else {
                continue;
            };
            let place = place_of(path);
            let path = path.as_str();
            if FIRMWARE.iter().any(|dir| path.starts_with(dir)) {
                continue;
            }
            if !Elf::is_at(content.head()) {
                archives.extend(archive::machine(content).map_err(|source| BuildError::Read {
                    file: path.to_owned(),
                    source,
                })?);
                continue;
            }
            let elf = Elf::read(content).map_err(|e| {
                let problem = Diagnostic::new(format!("`{path}` is no whole ELF file: {e}"));
                located(problem, place.as_ref()).hint("build or fetch it again")
            })?;
            list.extend(elf.map(|elf| Binary {
                path: path.to_owned(),
                place,
                is_executable: entry.mode & 0o111 != 0,
                elf,
            }));
        }
        let named = list.iter().filter(|binary| binary.is_shared());
        let mut own: BTreeSet<String> = named
            .flat_map(|binary| [Some(binary.base().to_owned()), binary.elf.soname.clone()])
            .flatten()
            .collect();
        // A link `libx.so.1` to `libx.so.1.2`, for whoever was linked with it under that name.
        let links = entries.iter().filter_map(|(path, entry)| match &entry.kind {
            EntryKind::Symlink(to) => Some((path.as_str(), to)),
            _ => None,
        });
        for (path, to) in links {
            if own.contains(to.rsplit('/').next().unwrap_or(to)) {
                own.insert(path.rsplit('/').next().unwrap_or(path).to_owned());
            }
        }
        Ok(Self { list, own, archives })
    }

    /// Refuses what was linked with a newer glibc than the system has that it is for.
    pub fn check_glibc(&self, target: &Target) -> Result<(), BuildError> {
        let Some(there) = Platform::new(None, target.known).glibc else {
            return Ok(());
        };
        let minor = |version: &String| {
            version
                .strip_prefix("GLIBC_2.")?
                .split('.')
                .next()?
                .parse::<u64>()
                .ok()
        };
        for binary in &self.list {
            let versions = binary.elf.version_needs.iter().flat_map(|need| &need.versions);
            let Some(least) = versions.filter_map(minor).max().filter(|least| *least > there) else {
                continue;
            };
            let message = format!(
                "`{}` needs glibc 2.{least}, and {} has 2.{there}",
                binary.path, target.distribution
            );
            return Err(binary
                .at(Diagnostic::new(message))
                .hint(format!(
                    "build it on {} or an older system, or leave {0} out of --for",
                    target.distribution
                ))
                .into());
        }
        Ok(())
    }

    /// Whether the payload has this library itself.
    pub fn bring(&self, library: &str) -> bool {
        self.own.contains(library)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

#[cfg(test)]
mod tests;
