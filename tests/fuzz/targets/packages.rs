//! Readers of packages.

use super::limits;
use crate::{Target, make, mutator::Mutator, raw_rpm::RawRpm, render, seeds};
use packyard_formats::intake::{self, claims::Claims};
use packyard_formats::{check, inspect};
use packyard_types::ArtifactName;
use std::io::Cursor;

/// Reads a package in every way that there is.
pub(super) fn package(name: &str, bytes: &[u8]) -> Option<(ArtifactName, intake::Intake)> {
    let name: ArtifactName = name.parse().unwrap();
    let limits = limits();
    check::check(&name, &mut Cursor::new(bytes), &limits);
    drop(inspect::inspect(&name, &mut Cursor::new(bytes), &limits));
    let mut claims = Claims::default();
    claims.say("version", "1.0");
    let uploaded = intake::read_upload(&name, &mut Cursor::new(bytes), &limits, &claims);
    if let Err(faults) = uploaded {
        assert!(faults.iter().all(|f| !f.rule.is_empty() && !f.hint.is_empty()));
    }
    let read = intake::read(&name, &mut Cursor::new(bytes), &limits);
    read.ok().map(|intake| (name, intake))
}

/// A tar with changes, most of them behind checksums that are right.
fn tar(m: &mut Mutator, mut tar: Vec<u8>, words: &[&str]) -> Vec<u8> {
    m.change(&mut tar, words);
    let block = m.below(tar.len() / 512 + 1) * 512;
    if let Some(header) = tar.get_mut(block..block + 512) {
        header[148..156].fill(b' ');
        let sum: u64 = header.iter().map(|b| u64::from(*b)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    tar
}

pub mod rpm {
    use super::{Cursor, Mutator, RawRpm, Target, package, render, seeds};
    use crate::make::RPM;
    use packyard_formats::rpm::signature::Envelope;

    pub const TARGET: Target = Target {
        name: "rpm",
        make,
        run: |bytes| {
            if let Ok(envelope) = Envelope::read(&mut Cursor::new(bytes)) {
                drop(envelope.signed_prefix(b"signature"));
            }
            if let Some((name, intake)) = package(RPM, bytes) {
                render::listed(&name, intake);
            }
        },
    };

    const WORDS: [&str; 9] = [
        "../",
        "/etc/",
        "\u{1}",
        "\u{fffe}",
        "(",
        ")",
        "1:2-3",
        ":",
        "libc.so.6(",
    ];

    fn make(m: &mut Mutator) -> Vec<u8> {
        let mut good = m.pick(seeds::rpms()).clone();
        let raw = RawRpm::of(&good);
        match m.below(4) {
            0 => {
                m.change(&mut good, &WORDS);
                good
            }
            1 => {
                let mut payload = raw.payload.clone();
                m.change(&mut payload, &[]);
                raw.seal(&raw.main, &payload)
            }
            2 => {
                // Only values: the index stays whole, and so does every length.
                let mut main = raw.main.clone();
                let from = 16 + 16 * raw.entries();
                for _ in 0..=m.below(6) {
                    let at = from + m.below(main.len() - from - 16);
                    main[at] = *m.pick(&[
                        0, 1, b'/', b'.', b'-', b':', b'9', 0x7f, 0x9b, 0xc3, 0xa9, 0xff, b'\n',
                    ]);
                }
                raw.seal(&main, &raw.payload)
            }
            _ => {
                let mut main = raw.main.clone();
                m.change(&mut main, &WORDS);
                raw.seal(&main, &raw.payload)
            }
        }
    }
}

pub mod deb {
    use super::{Mutator, Target, make, package, seeds, tar};

    pub const TARGET: Target = Target {
        name: "deb",
        make: |m: &mut Mutator| {
            let mut good = make::Deb::good();
            match m.below(5) {
                0 => {
                    let mut bytes = good.build();
                    m.change(&mut bytes, &["`\n", "data.tar.xz", "control.tar"]);
                    return bytes;
                }
                1 => good.control = m.change_text(&good.control, &seeds_words()),
                2 => good.md5sums = m.change_text(&good.md5sums, &["  ", "\n", "../"]),
                _ => good.data = tar(m, good.data, &["./", "../", "/", "0000644\0"]),
            }
            good.build()
        },
        run: |bytes| drop(package(make::DEB, bytes)),
    };

    fn seeds_words() -> Vec<&'static str> {
        let mut words = vec![
            ":",
            "\n ",
            "\n\n",
            "1:",
            "~",
            "Depends: a (>= 1), b | c\n",
            "Multi-Arch: same\n",
        ];
        words.extend(seeds::CHANGELOG.lines().take(1));
        words
    }
}

pub mod wheel {
    use super::{Mutator, Target, make, package};

    const WORDS: [&str; 8] = [
        "..",
        "/",
        "\n",
        "Name: x\n",
        ".dist-info/",
        "PK\u{1}\u{2}",
        "sha256=",
        ",",
    ];

    pub const TARGET: Target = Target {
        name: "wheel",
        make: |m: &mut Mutator| {
            if m.below(2) == 0 {
                let mut bytes = make::wheel(&make::WHEEL_FILES, "");
                m.change(&mut bytes, &WORDS);
                return bytes;
            }
            let mut files = make::WHEEL_FILES.map(|(path, data)| (path.to_owned(), data.to_vec()));
            let which = m.below(files.len());
            if m.below(3) == 0 {
                files[which].0 = m.change_text(&files[which].0, &WORDS);
            } else {
                m.change(&mut files[which].1, &WORDS);
            }
            let also = if m.below(3) == 0 {
                m.change_text("a,sha256=x,1\n", &WORDS)
            } else {
                String::new()
            };
            let names: std::collections::BTreeSet<&String> = files.iter().map(|f| &f.0).collect();
            if names.len() < files.len() || names.iter().any(|n| n.is_empty() || n.len() > 60_000) {
                return make::wheel(&make::WHEEL_FILES, &also);
            }
            let files: Vec<(&str, &[u8])> = files.iter().map(|(p, d)| (p.as_str(), &d[..])).collect();
            make::wheel(&files, &also)
        },
        run: |bytes| drop(package(make::WHEEL, bytes)),
    };
}

pub mod sdist {
    use super::{Mutator, Target, make, package, tar};
    use std::io::Read as _;

    pub const TARGET: Target = Target {
        name: "sdist",
        make: |m: &mut Mutator| {
            let mut bytes = make::sdist();
            if m.below(4) == 0 {
                m.change(&mut bytes, &[]);
                return bytes;
            }
            let mut open = Vec::new();
            flate2::read::GzDecoder::new(&*bytes)
                .read_to_end(&mut open)
                .unwrap();
            make::gzip(&tar(
                m,
                open,
                &["hello_world-1.0/", "../", "PKG-INFO", "path=x\n", "Name: y\n"],
            ))
        },
        run: |bytes| drop(package(make::SDIST, bytes)),
    };
}
