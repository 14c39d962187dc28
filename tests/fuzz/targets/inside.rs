//! What lies behind checksums and compressions: bytes changed inside, with everything around them made right again. A
//! fuzzer that measures coverage but knows no checksum gets this far only here.

use crate::{Target, make, mutator::Mutator, raw_rpm::RawRpm, seeds, targets};

/// Makes the checksum of whatever looks like a header of a tar right.
fn with_sums(bytes: &[u8]) -> Vec<u8> {
    let mut tar = bytes.to_vec();
    for header in tar.chunks_exact_mut(512) {
        // What is no header now, by its magic, is data, or one of V7, whose checksum the changes have to get right.
        if &header[257..262] == b"ustar" {
            header[148..156].fill(b' ');
            let sum: u64 = header.iter().map(|b| u64::from(*b)).sum();
            header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
    tar
}

fn changed(m: &mut Mutator, mut bytes: Vec<u8>, words: &[&str]) -> Vec<u8> {
    m.change(&mut bytes, words);
    bytes
}

pub mod tar_headers {
    use super::{Mutator, Target, targets, with_sums};

    pub const TARGET: Target = Target {
        name: "tar_headers",
        make: |m: &mut Mutator| (targets::tar::TARGET.make)(m),
        run: |bytes| (targets::tar::TARGET.run)(&with_sums(bytes)),
    };
}

pub mod deb_data {
    use super::{Mutator, Target, changed, make, targets, with_sums};

    pub const TARGET: Target = Target {
        name: "deb_data",
        make: |m: &mut Mutator| changed(m, make::Deb::good().data, &["./", "../", "DEBIAN/"]),
        run: |bytes| {
            let data = with_sums(bytes);
            (targets::deb::TARGET.run)(
                &make::Deb {
                    data,
                    ..make::Deb::good()
                }
                .build(),
            );
        },
    };
}

pub mod deb_control {
    use super::{Mutator, Target, changed, make, targets};

    const WORDS: [&str; 6] = [
        ": ",
        "\n ",
        "\n",
        "Depends: a (>= 1), b | c\n",
        "Multi-Arch: same\n",
        "1:",
    ];

    pub const TARGET: Target = Target {
        name: "deb_control",
        make: |m: &mut Mutator| changed(m, make::CONTROL.as_bytes().to_vec(), &WORDS),
        run: |bytes| {
            let control = String::from_utf8_lossy(bytes).into_owned();
            (targets::deb::TARGET.run)(
                &make::Deb {
                    control,
                    ..make::Deb::good()
                }
                .build(),
            );
        },
    };
}

pub mod changelog_text {
    use super::{Mutator, Target, changed, make, seeds, targets};

    pub const TARGET: Target = Target {
        name: "changelog_text",
        make: |m: &mut Mutator| {
            let words = ["hello (", ") ", "; urgency=", " -- ", "  ", "\n", "  * "];
            changed(m, seeds::CHANGELOG.as_bytes().to_vec(), &words)
        },
        run: |bytes| {
            let doc = "./usr/share/doc/hello/changelog.Debian.gz";
            let data = make::Tar::new().dir("./").file(doc, &make::gzip(bytes)).done();
            let md5sums = String::new();
            (targets::changelog::TARGET.run)(
                &make::Deb {
                    md5sums,
                    data,
                    ..make::Deb::good()
                }
                .build(),
            );
        },
    };
}

pub mod sdist_tar {
    use super::{Mutator, Target, changed, make, targets, with_sums};
    use std::io::Read as _;

    pub const TARGET: Target = Target {
        name: "sdist_tar",
        make: |m: &mut Mutator| {
            let (sdist, mut open) = (make::sdist(), Vec::new());
            let mut gzip = flate2::read::GzDecoder::new(&*sdist);
            gzip.read_to_end(&mut open).unwrap();
            changed(
                m,
                open,
                &["hello_world-1.0/", "../", "PKG-INFO", "path=x\n", "Name: y\n"],
            )
        },
        run: |bytes| (targets::sdist::TARGET.run)(&make::gzip(&with_sums(bytes))),
    };
}

pub mod wheel_file {
    use super::{Mutator, Target, make, targets};

    /// The first byte says which file the others are.
    pub const TARGET: Target = Target {
        name: "wheel_file",
        make: |m: &mut Mutator| {
            let which = m.below(make::WHEEL_FILES.len());
            let mut bytes = make::WHEEL_FILES[which].1.to_vec();
            m.change(&mut bytes, &["Requires-Dist: ", "Tag: ", "\n", ": ", "[x]", "; "]);
            [&[u8::try_from(which).unwrap()][..], &bytes].concat()
        },
        run: |bytes| {
            let Some((which, bytes)) = bytes.split_first() else {
                return;
            };
            let mut files = make::WHEEL_FILES;
            files[usize::from(*which) % make::WHEEL_FILES.len()].1 = bytes;
            (targets::wheel::TARGET.run)(&make::wheel(&files, ""));
        },
    };
}

pub mod rpm_header {
    use super::{Mutator, RawRpm, Target, changed, seeds, targets};

    /// The first byte says which package has the header that the others are.
    pub const TARGET: Target = Target {
        name: "rpm_header",
        make: |m: &mut Mutator| {
            let which = m.below(seeds::rpms().len());
            let main = changed(
                m,
                RawRpm::of(&seeds::rpms()[which]).main,
                &["../", "/etc/", "(", "1:2-3"],
            );
            [&[u8::try_from(which).unwrap()][..], &main].concat()
        },
        run: |bytes| {
            let Some((which, main)) = bytes.split_first() else {
                return;
            };
            let raw = RawRpm::of(&seeds::rpms()[usize::from(*which) % seeds::rpms().len()]);
            (targets::rpm::TARGET.run)(&raw.seal(main, &raw.payload));
        },
    };
}

pub mod rpm_payload {
    use super::{Mutator, RawRpm, Target, changed, make, seeds, targets};
    use std::io::Read as _;

    /// The first byte says which package has the cpio that the others are.
    pub const TARGET: Target = Target {
        name: "rpm_payload",
        make: |m: &mut Mutator| {
            let which = m.below(seeds::rpms().len());
            let payload = RawRpm::of(&seeds::rpms()[which]).payload;
            let mut open = Vec::new();
            let mut gzip = flate2::read::GzDecoder::new(&*payload);
            gzip.read_to_end(&mut open).unwrap();
            let open = changed(m, open, &["070701", "070702", "TRAILER!!!", "./usr", "../"]);
            [&[u8::try_from(which).unwrap()][..], &open].concat()
        },
        run: |bytes| {
            let Some((which, open)) = bytes.split_first() else {
                return;
            };
            let raw = RawRpm::of(&seeds::rpms()[usize::from(*which) % seeds::rpms().len()]);
            (targets::rpm::TARGET.run)(&raw.seal(&raw.main, &make::gzip(open)));
        },
    };
}

pub mod jwt_claims {
    use super::{Mutator, Target, changed, targets};
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    const SAID: &str = "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}.{\"iss\":\"https://ci.example.org\",\"sub\":\"a\",\"aud\":[\"b\"],\"exp\":1900000000,\"jti\":\"x\"}";

    /// Header and claims, with a dot between them.
    pub const TARGET: Target = Target {
        name: "jwt_claims",
        make: |m: &mut Mutator| {
            changed(
                m,
                SAID.as_bytes().to_vec(),
                &["\"", ":", "{", "[", "1e300", "\"alg\":\"none\""],
            )
        },
        run: |bytes| {
            let parts: Vec<String> = bytes
                .splitn(2, |b| *b == b'.')
                .map(|part| URL_SAFE_NO_PAD.encode(part))
                .collect();
            let token = format!("{}.{}", parts.join("."), URL_SAFE_NO_PAD.encode([7; 64]));
            (targets::jwt::TARGET.run)(token.as_bytes());
        },
    };
}
