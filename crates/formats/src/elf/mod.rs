//! What an ELF file says of itself and of the libraries that it needs (gabi 4.1 with the GNU extensions of symbol versions,
//! LSB 5.0 core, 10.7): what the generators of dpkg (`dpkg-shlibdeps`) and rpm (`elfdeps`) go by.
//!
//! Only what a loader would read is read: the header, the program headers and what the dynamic segment points to. Sections
//! may be stripped. Symbols are not looked at, only the versions that they are bound to.

mod dynamic;
mod header;
mod versions;
mod window;

use crate::content::Content;
use std::io;

/// Why an ELF file cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum ElfError {
    /// It points behind its own end.
    #[error("its {0} lies behind the end of the file")]
    CutShort(&'static str),
    /// More than any linker writes.
    #[error("its {what} is larger than {limit}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// How much is taken.
        limit: u64,
    },
    /// Neither of 32 nor of 64 bits, neither little- nor big-endian.
    #[error("it is of no class or byte order that there is")]
    Class,
    /// Lists that lead nowhere.
    #[error("its {0} is damaged")]
    Damaged(&'static str),
    /// The name of a library or version that no linker writes.
    #[error("it names something that is no printable word")]
    Name,
    /// It cannot be read at all.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
}

/// The kinds of ELF files (`e_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElfKind {
    /// `ET_EXEC`: a program at a fixed address.
    Executable,
    /// `ET_DYN`: a shared library, a module, or a program that can lie anywhere.
    Shared,
    /// Object files, kernel modules, core dumps and what else there is: nothing that a loader links.
    Other,
}

/// The processor that a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Machine {
    /// `e_machine`.
    pub number: u16,
    /// Whether addresses have 64 bits.
    pub is_64: bool,
    /// Whether numbers are big-endian.
    pub is_big: bool,
    /// On ARM, whether floating-point numbers are passed in integer registers (`EF_ARM_ABI_FLOAT_SOFT`).
    pub is_soft_float: bool,
}

/// The versions that are needed of one library.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionNeed {
    /// The library, by its soname.
    pub library: String,
    /// Names of versions, such as `GLIBC_2.34`.
    pub versions: Vec<String>,
}

/// An ELF file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elf {
    /// What it runs on.
    pub machine: Machine,
    /// What it is.
    pub kind: ElfKind,
    /// The loader of a program (`PT_INTERP`).
    pub interpreter: Option<String>,
    /// The libraries that it needs (`DT_NEEDED`), in its order.
    pub needed: Vec<String>,
    /// What it is called as a library (`DT_SONAME`).
    pub soname: Option<String>,
    /// Where its libraries are looked for (`DT_RUNPATH`, else `DT_RPATH`).
    pub run_path: Vec<String>,
    /// Versions of the libraries' symbols that it needs (`.gnu.version_r`).
    pub version_needs: Vec<VersionNeed>,
    /// Versions of its own symbols (`.gnu.version_d`), without the one that is its name.
    pub version_definitions: Vec<String>,
    /// The name under which it defines them.
    pub base_version: Option<String>,
    /// Whether its symbols are found by GNU's hash table only, which loaders before glibc 2.5 do not know.
    pub has_only_gnu_hash: bool,
    /// Whether it has the mark of a program (`DT_DEBUG`), which tells a program that can lie anywhere from a library.
    pub is_program: bool,
}

impl Elf {
    /// Whether bytes that begin so are an ELF file.
    pub fn is_at(head: &[u8]) -> bool {
        head.starts_with(b"\x7fELF")
    }

    /// Reads a file; nothing where it is no ELF file. It is read forwards in at most a few passes, and never as a whole.
    pub fn read(content: &Content) -> Result<Option<Self>, ElfError> {
        if !Self::is_at(content.head()) {
            return Ok(None);
        }
        let mut window = window::Window::new(content);
        let header = header::Header::read(&mut window)?;
        let mut elf = Self {
            machine: header.machine,
            kind: header.kind,
            interpreter: None,
            needed: Vec::new(),
            soname: None,
            run_path: Vec::new(),
            version_needs: Vec::new(),
            version_definitions: Vec::new(),
            base_version: None,
            has_only_gnu_hash: false,
            is_program: false,
        };
        // A file of debugging symbols has the headers of the program without its contents.
        if header.kind == ElfKind::Other {
            return Ok(Some(elf));
        }
        let segments = header.segments(&mut window)?;
        elf.interpreter = segments.interpreter(&mut window)?;
        if let Some(dynamic) = segments.dynamic(&mut window)? {
            dynamic.tell(&segments, &mut window, &mut elf)?;
        }
        Ok(Some(elf))
    }
}
