//! Readers of archives and of compressed streams, without a package around them.

use super::limits;
use crate::{Target, make, mutator::Mutator};
use packyard_formats::archive::budget::{Budget, Metered};
use packyard_formats::archive::contents::{DigestKind, Links, MemberKind, Reading};
use std::io::{Cursor, Read};

/// More than this no target unpacks of one input: what is beyond is the budget's to refuse.
fn budget(bytes: &[u8]) -> Budget {
    Budget::new(&limits(), bytes.len() as u64)
}

/// Reads to the end, or to the first fault, and gives how much there was.
fn drain(mut from: impl Read) -> u64 {
    std::io::copy(&mut from, &mut std::io::sink()).unwrap_or(0)
}

pub mod ar {
    use super::{Cursor, Mutator, Read, Target, drain, make};
    use packyard_formats::archive::ar::Ar;

    pub const TARGET: Target = Target {
        name: "ar",
        make: |m: &mut Mutator| {
            let mut bytes = make::ar(&[
                ("debian-binary", b"2.0\n"),
                ("control.tar.gz/", b"abc"),
                ("data.tar", b"de"),
            ]);
            m.change(
                &mut bytes,
                &[
                    "`\n",
                    "//",
                    "/12",
                    "#1/20",
                    "0         `\n",
                    "9999999999`\n",
                    "-1",
                ],
            );
            bytes
        },
        run: |bytes| {
            let Ok(mut ar) = Ar::new(Cursor::new(bytes)) else {
                return;
            };
            while let Ok(Some(member)) = ar.next_member() {
                assert!(!member.name.contains(['/', '\0', '\n']), "{member:?}");
                drain(ar.inner().take(member.size_bytes));
            }
        },
    };
}

pub mod tar {
    use super::{Cursor, DigestKind, Links, MemberKind, Metered, Mutator, Reading, Target, budget, make};
    use packyard_formats::archive::{path, tar};

    const WORDS: [&str; 14] = [
        "../",
        "/",
        "./",
        "\0",
        "ustar\0",
        "ustar  \0",
        "00",
        "27 path=../x\n",
        "12 size=9\n",
        "30 GNU.sparse.major=1\n",
        "0000644\0",
        "L",
        "x",
        "g",
    ];

    /// An entry of each dialect: V7, ustar with a prefix, GNU long names, pax headers, base-256 sizes, links of all kinds.
    fn good() -> Vec<u8> {
        let kind = ::tar::EntryType::new;
        let long = "long/".repeat(15);
        make::Tar::new()
            .dir("./a/")
            .file("./a/b", b"text\n")
            .entry(
                kind(b'L'),
                "././@LongLink",
                "",
                0o644,
                format!("{long}{long}\0").as_bytes(),
            )
            .file("cut", b"1")
            .entry(
                kind(b'K'),
                "././@LongLink",
                "",
                0o644,
                format!("{long}{long}\0").as_bytes(),
            )
            .link("./l", "a/b")
            .entry(
                kind(b'x'),
                "PaxHeaders/c",
                "",
                0o644,
                b"19 path=a/caf\xc3\xa9.txt\n30 mtime=1700000000.123456789\n",
            )
            .file("pax", b"22")
            .entry(kind(b'g'), "PaxHeaders/g", "", 0o644, b"15 comment=abc\n")
            .entry(kind(b'1'), "./hard", "./a/b", 0o644, b"")
            .entry(kind(b'7'), "./contiguous", "", 0o644, b"333")
            .done()
    }

    pub const TARGET: Target = Target {
        name: "tar",
        make: |m: &mut Mutator| {
            let mut bytes = good();
            m.change(&mut bytes, &WORDS);
            // A dialect of its own: the magic, the type, or a size of base 256, in one of the headers.
            let block = m.below(bytes.len() / 512 + 1) * 512;
            if let Some(header) = bytes.get_mut(block..block + 512) {
                match m.below(5) {
                    0 => header[257..265].copy_from_slice(*m.pick(&[
                        b"ustar\x0000",
                        b"ustar  \0",
                        b"\0\0\0\0\0\0\0\0",
                    ])),
                    1 => {
                        header[156] = *m.pick(&[
                            0, b'0', b'1', b'2', b'3', b'5', b'6', b'7', b'D', b'M', b'S', b'V', b'x', b'g',
                            b'L', b'K',
                        ]);
                    }
                    2 => header[124..128].copy_from_slice(&[0x80, 0, 0, 0]),
                    3 => header[345] = b'p',
                    _ => {}
                }
                header[148..156].fill(b' ');
                let sum: u64 = header.iter().map(|b| u64::from(*b)).sum();
                header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            }
            bytes
        },
        run: |bytes| {
            for links in [Links::Inside, Links::Rooted, Links::Anywhere] {
                let how = Reading {
                    digest: DigestKind::Sha256,
                    keep: &|path| path.ends_with('b'),
                    keep_bytes: 1 << 20,
                    links,
                    gather: links == Links::Rooted,
                };
                let mut stream = Metered::new(Cursor::new(bytes), budget(bytes));
                let Ok(contents) = tar::read(&mut stream, &mut budget(bytes), &how) else {
                    continue;
                };
                for member in &contents.members {
                    let plain =
                        member.path.split('/').all(|part| part != "..") && !member.path.starts_with('/');
                    assert!(plain && !member.path.contains('\0'), "{:?}", member.path);
                    if let (Links::Inside, MemberKind::Symlink, Some(target)) =
                        (links, member.kind, &member.target)
                    {
                        assert!(path::link_stays_inside(&member.path, target, false), "{member:?}");
                    }
                }
            }
        },
    };
}

pub mod zip {
    use super::{Cursor, Mutator, Target, budget, drain, make};
    use packyard_formats::archive::zip::Zip;

    const WORDS: [&str; 8] = [
        "PK\u{3}\u{4}",
        "PK\u{1}\u{2}",
        "PK\u{5}\u{6}",
        "PK\u{6}\u{6}",
        "PK\u{6}\u{7}",
        "PK\u{7}\u{8}",
        "\u{1}\0\u{10}\0",
        "../",
    ];

    pub const TARGET: Target = Target {
        name: "zip",
        make: |m: &mut Mutator| {
            let mut bytes = make::wheel(&make::WHEEL_FILES, "");
            m.change(&mut bytes, &WORDS);
            bytes
        },
        run: |bytes| {
            let Ok(mut zip) = Zip::open(Cursor::new(bytes), &mut budget(bytes)) else {
                return;
            };
            for entry in zip.entries().to_vec() {
                assert!(!entry.path.contains("..") || entry.path.split('/').all(|part| part != ".."));
                if let Ok(data) = zip.data(&entry) {
                    assert!(drain(data) <= entry.size_bytes.max(4 << 20));
                }
            }
        },
    };
}

pub mod streams {
    use super::{Cursor, Metered, Mutator, Target, budget, drain};
    use packyard_formats::archive::codec::Codec;
    use std::io::Write as _;
    use std::sync::OnceLock;

    const CODECS: [Codec; 5] = [Codec::Gzip, Codec::Xz, Codec::Lzma, Codec::Zstd, Codec::Bzip2];

    /// One text in every compression; the second half of each is a bomb in little: a mebibyte of nothing.
    fn good() -> &'static [Vec<u8>] {
        static MADE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
        MADE.get_or_init(|| {
            let text = [&b"hello hello hello\n"[..], &vec![0; 1 << 20]].concat();
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            gzip.write_all(&text).unwrap();
            let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 6);
            xz.write_all(&text).unwrap();
            let options = liblzma::stream::LzmaOptions::new_preset(6).unwrap();
            let lzma = liblzma::stream::Stream::new_lzma_encoder(&options).unwrap();
            let mut lzma = liblzma::write::XzEncoder::new_stream(Vec::new(), lzma);
            lzma.write_all(&text).unwrap();
            let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
            bzip2.write_all(&text).unwrap();
            vec![
                gzip.finish().unwrap(),
                xz.finish().unwrap(),
                lzma.finish().unwrap(),
                zstd::encode_all(&*text, 3).unwrap(),
                bzip2.finish().unwrap(),
            ]
        })
    }

    pub const TARGET: Target = Target {
        name: "streams",
        make: |m: &mut Mutator| {
            let which = m.below(CODECS.len());
            let mut bytes = good()[which].clone();
            m.change(&mut bytes, &["\u{1f}", "BZh9", "(", "]", "7zXZ"]);
            // Streams after one another are one.
            if m.below(4) == 0 {
                bytes.extend_from_slice(&good()[which]);
            }
            let which = u8::try_from(which).unwrap();
            [&[which][..], &bytes].concat()
        },
        run: |bytes| {
            let Some((which, bytes)) = bytes.split_first() else {
                return;
            };
            let codec = CODECS[usize::from(*which) % CODECS.len()];
            let Ok(decoder) = codec.decoder(Cursor::new(bytes)) else {
                return;
            };
            let unpacked = drain(Metered::new(decoder, budget(bytes)));
            assert!(unpacked <= 4 << 20, "{codec:?} unpacked {unpacked} bytes");
        },
    };
}

pub mod record {
    use super::{Mutator, Target};
    use packyard_formats::wheel::record;

    const RECORD: &str = "a/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n\
        \"a/with,comma.py\",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,12\r\na-1.dist-info/RECORD,,\n";

    pub const TARGET: Target = Target {
        name: "record",
        make: |m: &mut Mutator| {
            let words = [
                ",",
                "\"",
                "\"\"",
                "\n",
                "\r\n",
                "sha256=",
                "md5=",
                "../",
                "-1",
                "99999999999999999999",
            ];
            m.change_text(RECORD, &words).into_bytes()
        },
        run: |bytes| drop(record::parse(&String::from_utf8_lossy(bytes))),
    };
}
