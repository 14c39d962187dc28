//! deb822 (deb-control(5), Debian Policy 5.1): paragraphs of `Field: value` lines with continuation lines that begin
//! with a blank, an empty line between paragraphs. Strict: what dpkg would warn about is refused, with its line. Not
//! here: comments, signatures around the text, and what the fields mean.

use std::collections::HashSet;
use std::fmt;

/// Most fields that one paragraph may have; real ones have fewer than fifty.
pub const MAX_FIELDS: usize = 1_000;

/// One paragraph: fields in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paragraph(Vec<(String, String)>);

/// Where and why a text is not deb822.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {rule}")]
pub struct BadDeb822 {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub rule: String,
}

impl Paragraph {
    /// A paragraph without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a field. Lines of the value after the first become continuation lines: an empty one is written ` .`,
    /// one without a leading blank gets one.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let mut lines = value.lines();
        let mut folded = lines.next().unwrap_or_default().trim_ascii().to_owned();
        for line in lines {
            folded.push('\n');
            match line.trim_ascii_end() {
                "" => folded.push_str(" ."),
                text if text.starts_with([' ', '\t']) => folded.push_str(text),
                text => folded.push_str(&format!(" {text}")),
            }
        }
        self.0.push((name.to_owned(), folded));
        self
    }

    /// A field's value, its name compared without case; continuation lines keep their newline and leading blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(k, _)| k.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// The fields in their order.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }

    /// The fields in their order, given away.
    pub fn into_fields(self) -> Vec<(String, String)> {
        self.0
    }
}

impl fmt::Display for Paragraph {
    /// As dpkg writes it, each line ended by a newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0 {
            match value.strip_prefix('\n') {
                Some(rest) => writeln!(f, "{name}:\n{rest}")?,
                None => writeln!(f, "{name}: {value}")?,
            }
        }
        Ok(())
    }
}

/// Reads every paragraph of a text.
pub fn parse(text: &str) -> Result<Vec<Paragraph>, BadDeb822> {
    let mut paragraphs = Vec::new();
    let mut current = Paragraph::new();
    // The names in `current`, in lower case: looking through its fields for each new one would be quadratic.
    let mut seen = HashSet::new();
    for (line, at) in text.lines().zip(1..) {
        let bad = |rule: String| BadDeb822 { line: at, rule };
        if let Some(c) = line.chars().find(|c| c.is_control() && *c != '\t') {
            return Err(bad(format!(
                "it has the control character {}",
                c.escape_unicode()
            )));
        }
        if line.is_empty() {
            if !current.0.is_empty() {
                paragraphs.push(std::mem::take(&mut current));
                seen.clear();
            }
        } else if line.starts_with([' ', '\t']) {
            continuation(&mut current, line).map_err(bad)?;
        } else {
            let field = field(&mut seen, line).map_err(bad)?;
            current.0.push(field);
        }
    }
    if !current.0.is_empty() {
        paragraphs.push(current);
    }
    Ok(paragraphs)
}

/// Reads a text that must be exactly one paragraph, such as a .deb's `control`.
pub fn parse_one(text: &str) -> Result<Paragraph, BadDeb822> {
    let mut paragraphs = parse(text)?;
    match (paragraphs.pop(), paragraphs.is_empty()) {
        (Some(only), true) => Ok(only),
        (None, _) => Err(BadDeb822 {
            line: 1,
            rule: "it has no field".to_owned(),
        }),
        (Some(_), false) => Err(BadDeb822 {
            line: 1,
            rule: "it has more than one paragraph".to_owned(),
        }),
    }
}

fn continuation(current: &mut Paragraph, line: &str) -> Result<(), String> {
    let Some((_, value)) = current.0.last_mut() else {
        return Err("a continuation line begins the paragraph".to_owned());
    };
    if line.trim_ascii().is_empty() {
        return Err("it holds only blanks; an empty line inside a field is written ` .`".to_owned());
    }
    value.push('\n');
    value.push_str(line.trim_ascii_end());
    Ok(())
}

fn field(seen: &mut HashSet<String>, line: &str) -> Result<(String, String), String> {
    let (name, value) = line.split_once(':').ok_or("it has no `:` after a field name")?;
    let name_ok = |b: u8| b.is_ascii_graphic() && b != b':';
    if name.is_empty() || !name.bytes().all(name_ok) || name.starts_with(['-', '#']) {
        return Err(format!("`{name}` is not a field name"));
    }
    if !seen.insert(name.to_ascii_lowercase()) {
        return Err(format!("the field `{name}` is there twice"));
    }
    if seen.len() > MAX_FIELDS {
        return Err(format!("its paragraph has more than {MAX_FIELDS} fields"));
    }
    Ok((name.to_owned(), value.trim_ascii().to_owned()))
}
