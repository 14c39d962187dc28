//! The text of a lock file, in whichever encoding it was written: on Windows `pip freeze > requirements.txt` makes
//! UTF-16, and editors put a byte order mark before UTF-8. pip takes both.

use crate::{BuildError, Diagnostic, SourceText};
use std::{io::ErrorKind, path::Path};

/// Reads a file of the project; none where there is none.
pub(super) fn read(root: &Path, name: &str) -> Result<Option<SourceText>, BuildError> {
    let bytes = match std::fs::read(root.join(name)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            let file = name.to_owned();
            return Err(BuildError::Read { file, source });
        }
    };
    match decoded(&bytes) {
        Ok(text) => Ok(Some(SourceText::new(name, text))),
        Err(valid) => {
            let before = SourceText::new(name, String::from_utf8_lossy(&bytes[..valid]));
            let line = 1 + before.text().matches('\n').count();
            let problem = Diagnostic::new(format!("`{name}` is not UTF-8 text")).at(before.line(line));
            Err(problem.hint("write it as UTF-8").into())
        }
    }
}

/// The text, or how many bytes of it are UTF-8.
fn decoded(bytes: &[u8]) -> Result<String, usize> {
    let words = |of: fn([u8; 2]) -> u16, bytes: &[u8]| -> Result<String, usize> {
        let words = bytes.chunks_exact(2).map(|two| of([two[0], two[1]]));
        char::decode_utf16(words).collect::<Result<_, _>>().map_err(|_| 0)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => words(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => words(u16::from_be_bytes, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => {
            let text = std::str::from_utf8(rest).map_err(|e| e.valid_up_to())?;
            Ok(text.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_at_the_head_says_the_encoding() {
        let utf16 = |of: fn(u16) -> [u8; 2]| {
            "\u{feff}a==1\r\n"
                .encode_utf16()
                .flat_map(of)
                .collect::<Vec<u8>>()
        };
        for bytes in [
            b"a==1\r\n".to_vec(),
            b"\xef\xbb\xbfa==1\r\n".to_vec(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            assert_eq!(decoded(&bytes).as_deref(), Ok("a==1\r\n"));
        }
        assert_eq!(decoded(b"a\xff"), Err(1));
    }
}
