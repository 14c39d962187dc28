//! The frame of a cleartext signature (RFC 9580, section 7), as .dsc and .changes files have it: which text is signed,
//! and that nothing else is there. Whether the signature is good is not asked here; who asks must be told the same text.
//!
//! Strict where readers differ: text before or after the message, a second message, headers but for `Hash`, a line
//! that begins with a dash and is not escaped, and a message that does not end are all refused. So what one reader
//! takes for signed is what every reader takes for the text.

use crate::fault::{Fault, shown};

const BEGIN: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";
const HINT: &str = "sign it again with `debsign`, or leave it unsigned";

/// A text that may be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleartext {
    /// The text, each line ended by a newline; where it is signed, without escapes and without blanks at the ends of
    /// lines, which no signature covers.
    pub text: String,
    /// Whether there is a signature around it.
    pub signed: bool,
}

/// Takes the frame off, where there is one.
pub fn unframe(whole: &str) -> Result<Cleartext, Fault> {
    let mut lines = (1_usize..).zip(whole.lines().map(str::trim_end));
    if lines.next().is_none_or(|(_, first)| first != BEGIN) {
        return unsigned(whole);
    }
    for (at, line) in lines.by_ref() {
        match line {
            "" => break,
            _ if line.starts_with("Hash:") => {}
            _ => {
                let rule = format!("`{}` is no header of a signed message", shown(line));
                return Err(bad(at, rule));
            }
        }
    }
    let mut text = String::with_capacity(whole.len());
    let mut ended = false;
    for (at, line) in lines.by_ref() {
        if line == SIGNATURE {
            ended = true;
            break;
        }
        let plain = match line.strip_prefix("- ") {
            Some(escaped) => escaped,
            None if line.starts_with('-') => {
                return Err(bad(
                    at,
                    "a line inside a signed message begins with a dash".to_owned(),
                ));
            }
            None => line,
        };
        text.push_str(plain);
        text.push('\n');
    }
    if !ended {
        return Err(Fault::new("its signed message has no signature", HINT));
    }
    signature(&mut lines)?;
    match lines.find(|(_, line)| !line.is_empty()) {
        Some((at, _)) => Err(bad(at, "text follows the signature".to_owned())),
        None => Ok(Cleartext { text, signed: true }),
    }
}

/// The lines of the signature, up to its end.
fn signature<'a>(lines: &mut impl Iterator<Item = (usize, &'a str)>) -> Result<(), Fault> {
    for (at, line) in lines {
        if line == END {
            return Ok(());
        }
        if line.starts_with('-') {
            return Err(bad(at, "its signature does not end".to_owned()));
        }
    }
    Err(Fault::new("its signature does not end", HINT))
}

/// A text without a frame: nothing in it may look like a part of one.
fn unsigned(whole: &str) -> Result<Cleartext, Fault> {
    let framed = |line: &str| line.starts_with("-----BEGIN PGP") || line.starts_with("-----END PGP");
    for (line, at) in whole.lines().zip(1..) {
        if framed(line.trim_start()) {
            let rule = "text comes before a signed message, or the message does not begin";
            return Err(bad(at, rule.to_owned()));
        }
    }
    let mut text = whole.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(Cleartext { text, signed: false })
}

fn bad(line: usize, rule: String) -> Fault {
    Fault::new(rule, HINT).at(format!("line {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nFormat: 1.0\n- -a: b  \n\
        -----BEGIN PGP SIGNATURE-----\n\niQ\n=ab\n-----END PGP SIGNATURE-----\n";

    #[test]
    fn the_text_inside_a_frame_is_what_is_signed() {
        let inside = unframe(SIGNED).unwrap();
        assert_eq!(inside.text, "Format: 1.0\n-a: b\n");
        assert!(inside.signed);
        let plain = unframe("Format: 1.0\nSource: a").unwrap();
        assert_eq!(
            (plain.text.as_str(), plain.signed),
            ("Format: 1.0\nSource: a\n", false)
        );
    }

    #[test]
    fn a_frame_that_two_readers_could_read_differently_is_refused() {
        let table = [
            (
                format!("Source: evil\n\n{SIGNED}"),
                "text comes before a signed message",
            ),
            (format!("{SIGNED}\nSource: evil\n"), "text follows the signature"),
            (format!("{SIGNED}{SIGNED}"), "text follows the signature"),
            (
                SIGNED.replace("Hash: SHA512", "Source: evil"),
                "is no header of a signed message",
            ),
            (SIGNED.replace("- -a", "-a"), "begins with a dash"),
            (
                SIGNED.replace("-----END PGP SIGNATURE-----\n", ""),
                "does not end",
            ),
            (
                SIGNED.split(SIGNATURE).next().unwrap().to_owned(),
                "has no signature",
            ),
            (
                SIGNED.replacen("Format", "-----BEGIN PGP SIGNED MESSAGE-----\nFormat", 1),
                "begins with a dash",
            ),
            (
                format!("Source: a\n{SIGNATURE}\nx\n{END}\n"),
                "the message does not begin",
            ),
            (format!("\u{c}{SIGNED}"), "text comes before a signed message"),
        ];
        for (text, rule) in table {
            let fault = unframe(&text).unwrap_err();
            assert!(fault.to_string().contains(rule), "{fault} for {text}");
        }
    }
}
