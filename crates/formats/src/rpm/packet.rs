//! The issuer of an OpenPGP signature packet (RFC 9580 sections 4.2 and 5.2), and nothing else of OpenPGP.

use crate::hex::encode as hex;

const SIGNATURE: u8 = 2;
const ISSUER_KEY_ID: u8 = 16;
const ISSUER_FINGERPRINT: u8 = 33;

/// The key id that a binary signature packet names, 16 lower-case hexadecimal digits.
pub fn issuer(packet: &[u8]) -> Option<String> {
    let body = body(packet)?;
    match *body.first()? {
        3 => Some(hex(body.get(7..15)?)),
        4 => in_subpackets(body.get(4..)?, 2),
        6 => in_subpackets(body.get(4..)?, 4),
        _ => None,
    }
}

/// The body of the first packet, where that is a signature.
fn body(packet: &[u8]) -> Option<&[u8]> {
    let tag = *packet.first()?;
    if tag & 0xc0 == 0xc0 {
        let (len, at) = new_length(packet.get(1..)?)?;
        return (tag & 0x3f == SIGNATURE).then(|| packet.get(1 + at..)?.get(..len))?;
    }
    if tag & 0x80 == 0 || (tag >> 2) & 0x0f != SIGNATURE {
        return None;
    }
    let width = match tag & 3 {
        0 => 1,
        1 => 2,
        2 => 4,
        _ => return packet.get(1..),
    };
    let len = number(packet.get(1..=width)?);
    packet.get(1 + width..)?.get(..len)
}

/// A new-format length: the length, and how many bytes say it.
fn new_length(bytes: &[u8]) -> Option<(usize, usize)> {
    match *bytes.first()? {
        short @ 0..=191 => Some((short.into(), 1)),
        high @ 192..=254 => Some((
            (usize::from(high) - 192) * 256 + usize::from(*bytes.get(1)?) + 192,
            2,
        )),
        255 => Some((number(bytes.get(1..5)?), 5)),
    }
}

/// Looks through the hashed, then the unhashed subpackets; each area begins with its length in `width` bytes.
fn in_subpackets(mut rest: &[u8], width: usize) -> Option<String> {
    for _ in 0..2 {
        let len = number(rest.get(..width)?);
        let mut area = rest.get(width..)?.get(..len)?;
        rest = rest.get(width + len..)?;
        while !area.is_empty() {
            let (len, at) = new_length(area)?;
            let subpacket = area.get(at..)?.get(..len)?;
            area = area.get(at + len..)?;
            if let Some(found) = from_subpacket(subpacket) {
                return Some(found);
            }
        }
    }
    None
}

fn from_subpacket(subpacket: &[u8]) -> Option<String> {
    let (kind, data) = subpacket.split_first()?;
    match (kind & 0x7f, data.first()?) {
        (ISSUER_KEY_ID, _) => data.get(..8).map(hex),
        (ISSUER_FINGERPRINT, 4) => data.get(13..21).map(hex),
        (ISSUER_FINGERPRINT, _) => data.get(1..9).map(hex),
        _ => None,
    }
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b))
}
