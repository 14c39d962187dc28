//! From the bytes of a file to its text, with the places of what is no UTF-8.

use super::Dialect;
use crate::{Diagnostic, Fix, Place, SourceText};

/// More places than these are not shown.
const SHOWN: usize = 10;

/// The text, and what is wrong with its bytes. A byte order mark is left out.
pub(super) fn decode(file: &str, bytes: &[u8]) -> (SourceText, Vec<Diagnostic>) {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let problem = Diagnostic::new("the file is UTF-16, not UTF-8")
            .at(place(file, 1, 0, String::new()))
            .hint("convert it: iconv -f UTF-16 -t UTF-8");
        return (SourceText::new(file, ""), vec![problem]);
    }
    let (bytes, mark) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut problems: Vec<Diagnostic> = (1..)
        .zip(bytes.split(|b| *b == b'\n'))
        .filter_map(|(number, line)| bad_bytes(file, number, line))
        .take(SHOWN)
        .collect();
    let source = SourceText::new(file, text);
    if mark {
        problems.insert(0, byte_order_mark(&source));
    }
    (source, problems)
}

/// The first byte of a line that is no UTF-8, and the line as Latin-1 would have it.
fn bad_bytes(file: &str, number: usize, line: &[u8]) -> Option<Diagnostic> {
    let valid = std::str::from_utf8(line).err()?.valid_up_to();
    let before = std::str::from_utf8(&line[..valid]).map_or(0, |s| s.chars().count());
    let source = String::from_utf8_lossy(line).trim_end().to_owned();
    let latin: String = line.iter().copied().map(char::from).collect();
    let problem = Diagnostic::new(format!("the byte 0x{:02x} is not UTF-8", line[valid]))
        .at(place(file, number, before, source))
        .hint("expected a file in UTF-8; if it is Latin-1: iconv -f ISO-8859-1 -t UTF-8");
    Some(problem.fix(Fix::line(number, latin.trim_end())))
}

/// dpkg takes it for a part of the first heading; the others read over it.
fn byte_order_mark(source: &SourceText) -> Diagnostic {
    let message = "the file begins with a byte order mark";
    let line = source.line(1);
    let fix = Fix::line(1, line.source.clone());
    let problem = match Dialect::of(source.file(), source.text()) {
        Dialect::Debian => Diagnostic::new(message),
        _ => Diagnostic::warning(message),
    };
    let shown = place(source.file(), 1, 0, line.source);
    problem
        .at(shown)
        .hint("remove it: sed -i '1s/^\\xef\\xbb\\xbf//'")
        .fix(fix)
}

fn place(file: &str, line: usize, before: usize, source: String) -> Place {
    Place {
        file: file.to_owned(),
        line,
        column: before + 1,
        width: 1,
        source,
    }
}
