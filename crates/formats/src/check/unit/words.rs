//! Values that are lists of words, with systemd's quotes (systemd.syntax(7), "Quoting").

use std::ops::Range;

/// A word of a value, quotes and escapes undone, and where it is in the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Where it is, with its quotes.
    pub span: Range<usize>,
}

/// Splits a value; an unfinished quote is told by where it opens.
pub fn words(value: &str) -> Result<Vec<Word>, usize> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote: Option<(usize, char)> = None;
    let mut chars = value.char_indices();
    while let Some((at, c)) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            words.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_with(|| Word {
            text: String::new(),
            span: at..at,
        });
        match (quote, c) {
            (Some((_, open)), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some((at, c)),
            (_, '\\') => word.text.extend(chars.next().map(|(_, escaped)| escaped)),
            (_, c) => word.text.push(c),
        }
        word.span.end = value.len() - chars.as_str().len();
    }
    words.extend(word);
    match quote {
        Some((open, _)) => Err(open),
        None => Ok(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_where_systemd_splits_them() {
        let split = |value| words(value).map(|w| w.into_iter().map(|w| w.text).collect::<Vec<_>>());
        assert_eq!(
            split(r#"/bin/a "b c"  'd "e' f\ g"#).unwrap(),
            ["/bin/a", "b c", "d \"e", "f g"]
        );
        assert_eq!(split("a \"b c"), Err(2));
        assert_eq!(split("").unwrap(), [""; 0]);
        assert_eq!(words("a  \"b\" ").unwrap()[1].span, 3..6);
    }
}
