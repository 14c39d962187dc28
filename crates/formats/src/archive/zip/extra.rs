//! Extra fields of a header (APPNOTE 4.5): those that would change what the header says. Everything else is read over.

use super::bytes::{le16, le64};
use crate::fault::{DAMAGED, Fault, REBUILD};

const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;
/// A Unicode path field begins with its version and the CRC-32 of the header's name.
const UNICODE_PATH_HEAD: usize = 5;

/// What the extra fields of one header say.
pub struct Extra<'a> {
    zip64: Option<&'a [u8]>,
}

impl<'a> Extra<'a> {
    /// Reads the fields of a header whose name is `name`.
    pub fn parse(mut rest: &'a [u8], name: &[u8]) -> Result<Self, Fault> {
        let malformed = || Fault::new("its extra fields are malformed", DAMAGED);
        let mut zip64 = None;
        while !rest.is_empty() {
            if rest.len() < 4 {
                return Err(malformed());
            }
            let (id, len) = (le16(rest, 0), usize::from(le16(rest, 2)));
            let field = rest.get(4..4 + len).ok_or_else(malformed)?;
            rest = &rest[4 + len..];
            match id {
                ZIP64 if zip64.replace(field).is_some() => {
                    return Err(Fault::new("it has two zip64 fields", REBUILD));
                }
                UNICODE_PATH if field.get(UNICODE_PATH_HEAD..) != Some(name) => {
                    return Err(Fault::new("an extra field gives it another name", REBUILD));
                }
                _ => {}
            }
        }
        Ok(Self { zip64 })
    }

    /// Replaces the numbers that are full by those of the zip64 field. Where none is full, it may repeat them.
    pub fn widen<const N: usize>(&self, numbers: [&mut u64; N]) -> Result<(), Fault> {
        let full = |number: &u64| *number == u64::from(u32::MAX);
        let other = || Fault::new("its zip64 field does not fit its header", REBUILD);
        let Some(mut field) = self.zip64 else {
            let lacking = numbers.into_iter().any(|n| full(n));
            return if lacking { Err(other()) } else { Ok(()) };
        };
        let any = numbers.iter().any(|n| full(n));
        for number in numbers {
            if any && !full(number) {
                continue;
            }
            let Some((wide, rest)) = field.split_at_checked(8) else {
                return if any { Err(other()) } else { Ok(()) };
            };
            let wide = le64(wide, 0);
            if !any && wide != *number {
                return Err(other());
            }
            *number = wide;
            field = rest;
        }
        if field.is_empty() { Ok(()) } else { Err(other()) }
    }

    /// The two sizes, unpacked and packed, of a local header: its zip64 field has both or is not there.
    pub fn sizes(&self, unpacked: u32, packed: u32) -> Result<[u64; 2], Fault> {
        let full = |number: u32| number == u32::MAX;
        match self.zip64 {
            Some(field) if field.len() == 16 && (full(unpacked) || full(packed)) => {
                let pick = |narrow, at| {
                    if full(narrow) {
                        le64(field, at)
                    } else {
                        u64::from(narrow)
                    }
                };
                Ok([pick(unpacked, 0), pick(packed, 8)])
            }
            _ => {
                let mut sizes = [u64::from(unpacked), u64::from(packed)];
                let [unpacked, packed] = &mut sizes;
                self.widen([unpacked, packed])?;
                Ok(sizes)
            }
        }
    }
}
