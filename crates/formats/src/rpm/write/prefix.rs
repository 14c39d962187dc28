//! What comes before the main header: the lead, and the signature header with digests and sizes.

use super::{CannotWrite, RpmSpec, payload::Payload, table::Table};
use crate::hex;
use crate::rpm::signature::LEAD_LEN;
use crate::rpm::tag::{self, sig};
use packyard_types::Digest;

/// What rpm keeps free for signatures: those that are put in later need not move the payload.
const RESERVED_BYTES: usize = 4128;

/// Lead and signature header, padded. Its length is always the same: sizes that need 64 bits take up some of the
/// reserved space.
pub(super) fn prefix(spec: &RpmSpec, header: &[u8], payload: &Payload) -> Result<Vec<u8>, CannotWrite> {
    let usual = signature(&[], 0, 0, RESERVED_BYTES)?.len();
    let size = header.len() as u64 + payload.packed.size_bytes;
    let unpacked = payload.unpacked.size_bytes;
    let longer = signature(header, size, unpacked, RESERVED_BYTES)?.len() - usual;
    let mut bytes = lead(spec);
    bytes.extend(signature(header, size, unpacked, RESERVED_BYTES - longer)?);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    Ok(bytes)
}

fn signature(header: &[u8], size: u64, unpacked: u64, reserved: usize) -> Result<Vec<u8>, CannotWrite> {
    use sha1::Digest as _;
    let mut table = Table::default();
    table.string(sig::SHA1, &hex::encode(&sha1::Sha1::digest(header)));
    table.string(sig::SHA256, &Digest::of(header).to_string());
    table.sizes(sig::SIZE, sig::LONG_SIZE, &[size]);
    table.sizes(sig::PAYLOAD_SIZE, sig::LONG_ARCHIVE_SIZE, &[unpacked]);
    table.binary(sig::RESERVED_SPACE, vec![0; reserved]);
    table.into_header(tag::HEADER_SIGNATURES)
}

/// The lead: only file(1) reads more of it than the magic and the version.
fn lead(spec: &RpmSpec) -> Vec<u8> {
    const NAME_LEN: usize = 66;
    const LINUX: u16 = 1;
    const HEADER_STYLE: u16 = 5;
    let mut lead = vec![0xed, 0xab, 0xee, 0xdb, 3, 0];
    lead.extend(u16::from(spec.spec_file().is_some()).to_be_bytes());
    lead.extend(architecture(spec.arch.as_str()).to_be_bytes());
    let name = format!("{}-{}", spec.name, spec.evr());
    lead.extend(name.bytes().take(NAME_LEN - 1));
    lead.resize(10 + NAME_LEN, 0);
    lead.extend(LINUX.to_be_bytes());
    lead.extend(HEADER_STYLE.to_be_bytes());
    lead.resize(LEAD_LEN, 0);
    lead
}

/// `arch_canon` of rpm's rpmrc; noarch packages carry the number of whoever built them.
fn architecture(arch: &str) -> u16 {
    match arch {
        "armv7hl" | "armv7hnl" => 12,
        "s390x" => 15,
        "ppc64le" => 16,
        "aarch64" => 19,
        "riscv64" => 22,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpm::header::{Header, Part};

    #[test]
    fn sizes_beyond_32_bits_do_not_move_the_main_header() {
        let small = signature(b"x", 5, 9, RESERVED_BYTES).unwrap();
        let fitted = |size, unpacked| {
            let longer = signature(b"x", size, unpacked, RESERVED_BYTES).unwrap().len() - small.len();
            signature(b"x", size, unpacked, RESERVED_BYTES - longer).unwrap()
        };
        for (size, unpacked) in [(1 << 33, 9), (5, 1 << 33), (1 << 33, 1 << 34)] {
            let bytes = fitted(size, unpacked);
            assert_eq!(bytes.len(), small.len());
            let header = Header::read(&mut &*bytes, Part::Signature).unwrap();
            let read = |small, long| header.integer(small).or(header.integer(long)).unwrap();
            assert_eq!(read(sig::SIZE, sig::LONG_SIZE), size);
            assert_eq!(read(sig::PAYLOAD_SIZE, sig::LONG_ARCHIVE_SIZE), unpacked);
        }
    }
}
