//! Cut and flipped packages: they are refused or read, never a panic.

use crate::make::{self, DEB, Deb, RPM, SDIST, WHEEL, WHEEL_FILES, read};
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
