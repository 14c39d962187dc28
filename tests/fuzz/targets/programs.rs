//! The reader of ELF files.

pub mod elf {
    use crate::{Target, mutator::Mutator};
    use packyard_formats::{content::Content, elf::Elf};

    pub const TARGET: Target = Target {
        name: "elf",
        make: |m: &mut Mutator| {
            let mut bytes = library();
            m.change(
                &mut bytes,
                &["\0", "\u{1}", "GLIBC_2.34", "lib", "\u{7f}ELF\u{2}\u{2}"],
            );
            bytes
        },
        run: |bytes| {
            let content = Content::from(bytes.to_vec());
            if let Ok(Some(elf)) = Elf::read(&content) {
                let words = elf
                    .needed
                    .iter()
                    .chain(&elf.soname)
                    .chain(&elf.version_definitions);
                assert!(
                    words
                        .into_iter()
                        .all(|word| word.bytes().all(|b| b.is_ascii_graphic()))
                );
            }
        },
    };

    /// Numbers of 8 bytes.
    fn words(numbers: &[u64]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// Numbers of 4 bytes.
    fn halves(numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// A library of 64 bits, of headers, one table of strings, its versions and those that it needs, and the dynamic segment.
    fn library() -> Vec<u8> {
        const HEADERS: u64 = 64 + 3 * 56;
        let strings =
            b"\0libc.so.6\0libx.so.1\0GLIBC_2.34\0X_1\0/opt/x:$ORIGIN\0/lib64/ld-linux-x86-64.so.2\0";
        let needs = [
            halves(&[1 | 2 << 16, 1, 16, 0]),
            halves(&[0, 2 << 16, 21, 16]),
            halves(&[0, 3 << 16, 21, 0]),
        ]
        .concat();
        let definitions = [
            halves(&[1 | 1 << 16, 1 | 1 << 16, 0, 20, 28]),
            halves(&[11, 0]),
            halves(&[1, 2 | 1 << 16, 0, 20, 0]),
            halves(&[32, 0]),
        ]
        .concat();
        let at_needs = HEADERS + strings.len() as u64;
        let at_definitions = at_needs + needs.len() as u64;
        let at_dynamic = at_definitions + definitions.len() as u64;
        let dynamic = words(&[
            1,
            1,
            14,
            11,
            29,
            36,
            5,
            HEADERS,
            10,
            strings.len() as u64,
            0x6fff_fef5,
            0,
            0x6fff_fffe,
            at_needs,
            0x6fff_ffff,
            1,
            0x6fff_fffc,
            at_definitions,
            0x6fff_fffd,
            2,
            0,
            0,
        ]);
        let end = at_dynamic + dynamic.len() as u64;
        let segment = |kind: u64, at: u64, size: u64| words(&[kind, at, at, at, size, size, 8]);
        let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0".to_vec();
        bytes.extend(words(&[0, 64, 0]));
        bytes.extend(halves(&[0, 64 | 56 << 16, 3, 0]));
        bytes.extend(segment(1, 0, end));
        bytes.extend(segment(2, at_dynamic, dynamic.len() as u64));
        bytes.extend(segment(3, HEADERS + 51, 28));
        for part in [&strings[..], &needs, &definitions, &dynamic] {
            bytes.extend(part);
        }
        bytes
    }

    #[test]
    fn the_library_that_it_begins_from_is_read() {
        let elf = Elf::read(&Content::from(library())).unwrap().unwrap();
        assert_eq!(
            (elf.machine.number, elf.soname.as_deref()),
            (62, Some("libx.so.1"))
        );
        assert_eq!(elf.needed, ["libc.so.6"]);
        assert_eq!(elf.run_path, ["/opt/x", "$ORIGIN"]);
        assert_eq!(elf.version_needs[0].versions, ["GLIBC_2.34", "GLIBC_2.34"]);
        assert_eq!(elf.base_version.as_deref(), Some("libx.so.1"));
        assert_eq!(elf.version_definitions, ["X_1"]);
        assert_eq!(elf.interpreter.as_deref(), Some("/lib64/ld-linux-x86-64.so.2"));
    }
}
