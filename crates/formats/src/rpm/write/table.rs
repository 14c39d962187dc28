//! A header while it is being made: tags and their values.

use super::CannotWrite;
use crate::rpm::header::{self, kind};

/// The tags of a header in any order. A list without values is left out: a tag has one value at least.
#[derive(Default)]
pub(super) struct Table(Vec<(u32, u32, u32, Vec<u8>)>);

impl Table {
    /// One text.
    pub fn string(&mut self, tag: u32, text: &str) {
        self.texts(tag, kind::STRING, [text]);
    }

    /// One text that could be translated; it is given for the locale `C` only.
    pub fn translated(&mut self, tag: u32, text: &str) {
        self.texts(tag, kind::I18N_STRING, [text]);
    }

    /// A list of texts.
    pub fn strings<S: AsRef<str>>(&mut self, tag: u32, texts: impl IntoIterator<Item = S>) {
        self.texts(tag, kind::STRING_ARRAY, texts);
    }

    /// A list of small numbers.
    pub fn u16s(&mut self, tag: u32, numbers: impl IntoIterator<Item = u16>) {
        let numbers = numbers.into_iter().map(u16::to_be_bytes);
        self.numbers(tag, kind::INT16, numbers);
    }

    /// One number.
    pub fn u32(&mut self, tag: u32, number: u32) {
        self.u32s(tag, [number]);
    }

    /// A list of numbers.
    pub fn u32s(&mut self, tag: u32, numbers: impl IntoIterator<Item = u32>) {
        let numbers = numbers.into_iter().map(u32::to_be_bytes);
        self.numbers(tag, kind::INT32, numbers);
    }

    /// A list of large numbers.
    pub fn u64s(&mut self, tag: u32, numbers: impl IntoIterator<Item = u64>) {
        let numbers = numbers.into_iter().map(u64::to_be_bytes);
        self.numbers(tag, kind::INT64, numbers);
    }

    /// Sizes: the tag `small` as long as all fit into 32 bits, else `large`.
    pub fn sizes(&mut self, small: u32, large: u32, sizes: &[u64]) {
        let fit: Option<Vec<u32>> = sizes.iter().map(|size| u32::try_from(*size).ok()).collect();
        match fit {
            Some(sizes) => self.u32s(small, sizes),
            None => self.u64s(large, sizes.iter().copied()),
        }
    }

    /// Bytes.
    pub fn binary(&mut self, tag: u32, bytes: Vec<u8>) {
        self.numbers(tag, kind::BIN, bytes.into_iter().map(|b| [b]));
    }

    fn texts<S: AsRef<str>>(&mut self, tag: u32, kind: u32, texts: impl IntoIterator<Item = S>) {
        let (mut count, mut data) = (0, Vec::new());
        for text in texts {
            data.extend(text.as_ref().as_bytes());
            data.push(0);
            count += 1;
        }
        self.put(tag, kind, count, data);
    }

    fn numbers<const N: usize>(&mut self, tag: u32, kind: u32, numbers: impl Iterator<Item = [u8; N]>) {
        let data: Vec<u8> = numbers.flatten().collect();
        let count = u32::try_from(data.len() / N).unwrap_or(u32::MAX);
        self.put(tag, kind, count, data);
    }

    fn put(&mut self, tag: u32, kind: u32, count: u32, data: Vec<u8>) {
        if count > 0 {
            self.0.push((tag, kind, count, data));
        }
    }

    /// The header, all of it in the region that `region` marks.
    pub fn into_header(self, region: u32) -> Result<Vec<u8>, CannotWrite> {
        let is_text = |kind| matches!(kind, kind::STRING | kind::STRING_ARRAY | kind::I18N_STRING);
        let nuls = |data: &[u8]| data.split(|b| *b == 0).count() - 1;
        let torn = |(_, kind, count, data): &&(u32, u32, u32, Vec<u8>)| {
            is_text(*kind) && nuls(data) != *count as usize
        };
        if let Some((tag, ..)) = self.0.iter().find(torn) {
            let message = format!("a text of it (tag {tag}) holds a NUL, which ends a text there");
            return Err(CannotWrite::Format(message));
        }
        header::write_region(region, self.0).map_err(CannotWrite::Format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpm::header::{Header, Part};

    #[test]
    fn what_is_put_is_read() {
        let mut table = Table::default();
        table.strings(1082, ["a", "", "c"]);
        table.string(1000, "name");
        table.u16s(1030, [1, 2, 3]);
        table.sizes(1009, 5009, &[1 << 40]);
        table.sizes(1028, 5008, &[7]);
        table.u32s(1034, []);
        let bytes = table.into_header(63).unwrap();
        let header = Header::read(&mut &*bytes, Part::Main).unwrap();
        assert_eq!(header.strings(1082), ["a", "", "c"]);
        assert_eq!(header.string(1000).unwrap(), "name");
        assert_eq!(header.integers(1030), [1, 2, 3]);
        assert_eq!(header.integer(5009), Some(1 << 40));
        assert_eq!((header.integer(1028), header.has(1034)), (Some(7), false));
    }

    #[test]
    fn a_text_with_a_nul_is_refused() {
        let mut table = Table::default();
        table.string(1005, "a\0b");
        let error = table.into_header(63).unwrap_err().to_string();
        assert!(error.contains("holds a NUL"), "{error}");
    }
}
