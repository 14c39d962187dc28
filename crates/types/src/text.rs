//! What of a text nobody sees where it is shown, though it changes what is seen: it commands a terminal, or makes a line
//! read otherwise than it is (Unicode Standard Annex 9; Technical Report 36, 2.5).

use std::borrow::Cow;

/// Whether a character is a control character, a line break of Unicode's own, a mark that turns the direction of what
/// follows, or a tag character. Joiners are letters' business, and none of these.
pub fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}'     // marks of direction
            | '\u{2028}'..='\u{202e}'               // line breaks; embeddings and overrides
            | '\u{2066}'..='\u{206f}'               // isolates; what Unicode has given up
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'  // no-break space of no width; annotations
            | '\u{e0000}'..='\u{e007f}')
}

/// A text with what nobody sees written out, as `\u{202e}`. Line feeds and tabs stay.
///
/// ```
/// # use packyard_types::seen;
/// assert_eq!(seen("a\u{1b}[31m\tb\n"), "a\\u{1b}[31m\tb\n");
/// assert_eq!(seen("\u{202e}gpj.exe"), "\\u{202e}gpj.exe");
/// ```
pub fn seen(text: &str) -> Cow<'_, str> {
    let stays = |c: char| !is_unseen(c) || matches!(c, '\n' | '\t');
    if text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if stays(c) {
            out.push(c);
        } else {
            out.extend(c.escape_unicode());
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{is_unseen, seen};

    #[test]
    fn letters_of_every_script_are_seen() {
        for text in [
            "Grüße",
            "שלום",
            "مرحبا",
            "日本語",
            "नमस्ते",
            "می\u{200c}خواهم",
            "👩\u{200d}🔬",
        ] {
            assert!(!text.chars().any(is_unseen), "{text}");
            assert_eq!(seen(text), text);
        }
    }

    #[test]
    fn what_turns_a_line_around_is_written_out() {
        for c in [
            '\0',
            '\r',
            '\u{7f}',
            '\u{9b}',
            '\u{200f}',
            '\u{202e}',
            '\u{2067}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            assert_eq!(seen(&format!("a{c}b")), format!("a\\u{{{:x}}}b", c as u32));
        }
    }
}
