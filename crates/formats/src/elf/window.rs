//! Stretches of a file that can only be read forwards.

use super::ElfError;
use crate::content::Content;
use std::io::Read;

/// The order of bytes and the size of addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub is_64: bool,
    pub is_big: bool,
}

/// A file, read from its beginning as often as it has to be.
pub(super) struct Window<'a> {
    content: &'a Content,
    reader: Option<Box<dyn Read + 'a>>,
    at: u64,
}

impl<'a> Window<'a> {
    pub fn new(content: &'a Content) -> Self {
        Self {
            content,
            reader: None,
            at: 0,
        }
    }

    /// How much there is behind an offset.
    pub fn behind(&self, offset: u64) -> u64 {
        self.content.size_bytes().saturating_sub(offset)
    }

    /// `size` bytes at an offset; `what` they are is for the error.
    pub fn bytes(&mut self, offset: u64, size: u64, what: &'static str) -> Result<Vec<u8>, ElfError> {
        if size > self.behind(offset) {
            return Err(ElfError::CutShort(what));
        }
        if self.reader.is_none() || self.at > offset {
            self.reader = Some(self.content.open()?);
            self.at = 0;
        }
        let reader = self.reader.as_mut().expect("it was just opened");
        std::io::copy(&mut reader.take(offset - self.at), &mut std::io::sink())?;
        let mut bytes = Vec::new();
        reader.take(size).read_to_end(&mut bytes)?;
        self.at = offset + size;
        if bytes.len() as u64 != size {
            return Err(ElfError::CutShort(what));
        }
        Ok(bytes)
    }
}

impl Words {
    /// A number of `N` bytes at an offset; none where it would lie behind the end.
    fn number<const N: usize>(self, bytes: &[u8], at: usize) -> Option<u64> {
        let found: [u8; N] = bytes.get(at..at.checked_add(N)?)?.try_into().ok()?;
        let step = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.is_big {
            found.iter().fold(0, step)
        } else {
            found.iter().rev().fold(0, step)
        })
    }

    pub fn half(self, bytes: &[u8], at: usize) -> Option<u16> {
        self.number::<2>(bytes, at).and_then(|n| u16::try_from(n).ok())
    }

    pub fn word(self, bytes: &[u8], at: usize) -> Option<u32> {
        self.number::<4>(bytes, at).and_then(|n| u32::try_from(n).ok())
    }

    /// An address, an offset, or a size.
    pub fn address(self, bytes: &[u8], at: usize) -> Option<u64> {
        if self.is_64 {
            self.number::<8>(bytes, at)
        } else {
            self.number::<4>(bytes, at)
        }
    }

    /// One of the two: what holds for 64 bits, or for 32.
    pub fn pick(self, [wide, narrow]: [usize; 2]) -> usize {
        if self.is_64 { wide } else { narrow }
    }
}
