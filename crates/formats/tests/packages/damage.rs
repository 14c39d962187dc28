//! Cut and flipped packages: they are refused or read, never a panic.

use crate::make::{self, DEB, Deb, RPM, SDIST, WHEEL, WHEEL_FILES, read};
use crate::raw_zip::{Raw, RawZip};
use packyard_formats::intake::{self, Limits, claims::Claims};
use packyard_formats::rpm::signature::Envelope;
use std::io::Cursor;

fn packages() -> [(&'static str, Vec<u8>); 4] {
    [
        (DEB, Deb::good().build()),
        (WHEEL, make::wheel(&WHEEL_FILES, "")),
        (SDIST, make::sdist()),
        (RPM, make::rpm()),
    ]
}

#[test]
fn a_package_cut_anywhere_is_refused() {
    for (name, bytes) in packages() {
        for cut in (0..bytes.len()).step_by(7).chain(bytes.len() - 20..bytes.len()) {
            assert!(
                read(name, &bytes[..cut]).is_err(),
                "{name} cut to {cut} of {}",
                bytes.len()
            );
        }
    }
}

#[test]
fn a_package_with_bytes_appended_is_refused() {
    for (name, mut bytes) in packages() {
        bytes.extend(b"appended");
        assert!(read(name, &bytes).is_err(), "{name}");
    }
}

/// A generator good enough to spread flips (xorshift; Marsaglia 2003).
struct Spread(u64);

impl Spread {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

#[test]
fn flipped_bits_never_panic() {
    let mut spread = Spread(0x9e37_79b9_7f4a_7c15);
    for (name, bytes) in packages() {
        for _ in 0..600 {
            let mut broken = bytes.clone();
            for _ in 0..=spread.below(4) {
                let at = spread.below(broken.len());
                broken[at] ^= 1 << spread.below(8);
            }
            let _ = read(name, &broken);
            if let Ok(envelope) = Envelope::read(&mut Cursor::new(&broken)) {
                let _ = envelope.signed_prefix(b"signature");
            }
        }
    }
}

#[test]
fn a_flip_in_every_byte_of_an_rpms_headers_never_panics() {
    let bytes = make::rpm();
    for at in 0..bytes.len() {
        let mut broken = bytes.clone();
        broken[at] ^= 0xff;
        let _ = read(RPM, &broken);
        let _ = Envelope::read(&mut Cursor::new(&broken)).map(|e| e.signed_prefix(b"signature"));
    }
}

/// Reads what an upload form brings; the verdict does not matter.
fn upload(name: &str, bytes: &[u8]) {
    let mut claims = Claims::default();
    claims.say("version", "1.0");
    claims.say("requires_dist", "attrs>=20");
    let limits = Limits {
        unpacked_bytes: 1 << 20,
        ..Limits::default()
    };
    let _ = intake::read_upload(&name.parse().unwrap(), &mut Cursor::new(bytes), &limits, &claims);
}

/// Zips whose compressed bytes are good, with damage in the headers, where the readers' decisions are.
#[test]
fn damaged_headers_of_wheels_never_panic() {
    let mut spread = Spread(0x0123_4567_89ab_cdef);
    let mut zip = RawZip::wheel();
    zip.entries[0].streamed();
    zip.end_64 = Some(|numbers| numbers);
    for entry in &mut zip.entries {
        let sizes = [
            entry.central.size.to_le_bytes(),
            [0; 4],
            entry.central.packed.to_le_bytes(),
            [0; 4],
        ];
        entry.both(|h| h.extra = crate::raw_zip::extra(1, &sizes.concat()));
    }
    zip.entries.push(Raw::deflated("hello_world/more.py", b""));
    let good = zip.build();
    let mut headers: Vec<usize> = (0..good.len() - 4)
        .filter(|at| good[*at..].starts_with(b"PK"))
        .flat_map(|at| at..(at + 60).min(good.len()))
        .collect();
    headers.dedup();
    for _ in 0..6000 {
        let mut broken = good.clone();
        for _ in 0..=spread.below(3) {
            let at = headers[spread.below(headers.len())];
            broken[at] = match spread.below(4) {
                0 => 0xff,
                1 => 0,
                2 => broken[at].wrapping_add(1),
                _ => u8::try_from(spread.below(256)).unwrap(),
            };
        }
        upload(WHEEL, &broken);
    }
}

/// Tars that are damaged before they are compressed, so that the damage reaches the reader of tars.
#[test]
fn damaged_tars_of_sdists_never_panic() {
    let mut spread = Spread(0xfedc_ba98_7654_3210);
    let tar = make::Tar::new()
        .dir("hello_world-1.0/")
        .file("hello_world-1.0/PKG-INFO", make::METADATA.as_bytes())
        .entry(
            tar::EntryType::XHeader,
            "pax",
            "",
            0o644,
            b"12 path=x/y\n9 size=1\n",
        )
        .file("hello_world-1.0/x.py", b"x = 1\n")
        .link("hello_world-1.0/l", "x.py")
        .done();
    for _ in 0..3000 {
        let mut broken = tar.clone();
        let block = spread.below(broken.len() / 512) * 512;
        for _ in 0..=spread.below(3) {
            broken[block + spread.below(512)] = u8::try_from(spread.below(256)).unwrap();
        }
        // The checksum is made right again, or nothing behind it would be reached.
        broken[block + 148..block + 156].fill(b' ');
        let sum: u64 = broken[block..block + 512].iter().map(|b| u64::from(*b)).sum();
        broken[block + 148..block + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        upload(SDIST, &make::gzip(&broken));
    }
}

/// Metadata whose every line is wrong is told about in a few lines, and in no time.
#[test]
fn a_million_wrong_lines_are_told_in_twenty() {
    let mut metadata = make::METADATA.split("\n\n").next().unwrap().to_owned();
    for i in 0..100_000 {
        metadata.push_str(&format!(
            "\nRequires-Dist: x{i} >= one\nProvides-Extra: a b\nImport-Name: 1\nDynamic: no"
        ));
    }
    let points = format!("[console_scripts]\n{}", "x = y z\n".repeat(100_000));
    let mut files = WHEEL_FILES.to_vec();
    files[1].1 = metadata.as_bytes();
    files.push(("Hello_World-1.0.dist-info/entry_points.txt", points.as_bytes()));
    let wrong = intake::read_upload(
        &WHEEL.parse().unwrap(),
        &mut Cursor::new(make::wheel(&files, "")),
        &Limits::default(),
        &Claims::default(),
    )
    .unwrap_err();
    assert_eq!(wrong.len(), 20);
}
