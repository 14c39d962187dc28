//! Static libraries: archives of object files (ar(5)). No loader reads them, so they need nothing and provide nothing; but
//! what links with them is for their machine.

use packyard_formats::{
    content::Content,
    elf::{Elf, Machine},
};
use std::io::{self, Read};

const MAGIC: &[u8] = b"!<arch>\n";
/// The line before each member.
const HEADER_BYTES: usize = 60;
/// As much of a member as tells an object file's machine: the larger of the two headers of ELF.
const ELF_HEADER_BYTES: u64 = 64;

/// The machine of an archive's first object file; none where it is no archive, or holds something else.
pub(super) fn machine(content: &Content) -> io::Result<Option<Machine>> {
    if !content.head().starts_with(MAGIC) {
        return Ok(None);
    }
    let mut file = content.open()?;
    skip(&mut file, MAGIC.len() as u64)?;
    loop {
        let mut header = Vec::new();
        file.by_ref().take(HEADER_BYTES as u64).read_to_end(&mut header)?;
        let size = header
            .get(48..58)
            .and_then(|size| std::str::from_utf8(size).ok()?.trim_end().parse::<u32>().ok());
        let (Some(size), true) = (size.map(u64::from), header.ends_with(b"`\n")) else {
            return Ok(None);
        };
        let begin = size.min(ELF_HEADER_BYTES);
        let mut bytes = Vec::new();
        file.by_ref().take(begin).read_to_end(&mut bytes)?;
        // Before the object files come tables of symbols and of long names.
        if let Ok(Some(elf)) = Elf::read(&Content::from(bytes)) {
            return Ok(Some(elf.machine));
        }
        skip(&mut file, size - begin + size % 2)?;
    }
}

fn skip(file: &mut impl Read, bytes: u64) -> io::Result<()> {
    io::copy(&mut file.take(bytes), &mut io::sink()).map(|_| ())
}

#[cfg(test)]
mod tests {
    use crate::plan::elf::Binaries;
    use packyard_formats::entries::{Entries, Entry};
    use packyard_types::{InstallPath, Timestamp};

    /// The header of an object file.
    fn object(machine: u8) -> Vec<u8> {
        let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
        bytes.resize(64, 0);
        (bytes[16], bytes[18]) = (1, machine);
        bytes
    }

    fn archive(members: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"!<arch>\n".to_vec();
        for member in members {
            let size = member.len();
            bytes.extend(format!("{:<48}{size:<10}`\n", "x.o/").into_bytes());
            bytes.extend_from_slice(member);
            bytes.resize(bytes.len().next_multiple_of(2), b'\n');
        }
        bytes
    }

    fn architecture(files: &[(&str, &[u8])]) -> (String, String) {
        let mut entries = Entries::new(Timestamp::from_unix_seconds(0));
        for (path, bytes) in files {
            let entry = Entry::file(bytes.to_vec());
            entries.insert(InstallPath::parse(path).unwrap(), entry).unwrap();
        }
        let (deb, rpm) = Binaries::of(&entries, |_| None).unwrap().architecture().unwrap();
        (deb.to_string(), rpm.to_string())
    }

    fn pair(deb: &str, rpm: &str) -> (String, String) {
        (deb.to_owned(), rpm.to_owned())
    }

    #[test]
    fn a_static_library_makes_the_package_one_for_its_machine() {
        let symbols: &[u8] = b"an odd table of symbols";
        for members in [&[&*object(183)][..], &[symbols, &object(183)]] {
            let library = archive(members);
            assert_eq!(
                architecture(&[("/usr/lib/libx.a", &library), ("/usr/include/x.h", b"int x;\n")]),
                pair("arm64", "aarch64")
            );
        }
    }

    #[test]
    fn archives_that_do_not_say_one_machine_that_packages_know_are_data() {
        let (one, other, none) = (
            archive(&[&object(183)]),
            archive(&[&object(62)]),
            archive(&[b"text"]),
        );
        let anywhere = pair("all", "noarch");
        assert_eq!(architecture(&[("/usr/lib/libx.a", &none)]), anywhere);
        assert_eq!(
            architecture(&[("/usr/lib/arm/libx.a", &one), ("/usr/lib/amd/libx.a", &other)]),
            anywhere
        );
        // AVR: Debian's libraries for it are for every machine that has the compiler.
        let avr = archive(&[&object(83)]);
        assert_eq!(architecture(&[("/usr/lib/avr/lib/libx.a", &avr)]), anywhere);
        assert_eq!(architecture(&[("/usr/lib/firmware/libx.a", &one)]), anywhere);
        let cut = &one[..40];
        assert_eq!(architecture(&[("/usr/lib/libx.a", cut)]), anywhere);
        // What runs decides.
        assert_eq!(
            architecture(&[("/usr/lib/arm/libx.a", &one), ("/usr/lib/x.o", &object(62))]),
            pair("amd64", "x86_64")
        );
    }
}
