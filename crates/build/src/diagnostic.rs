//! What is wrong with a file that the user wrote: where, what, and what to do. Shown as a compiler shows it.

use serde::Serialize;
use std::{fmt, ops::Range};

/// A stretch of one line of a file of the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, relative to the project.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// How many characters are meant; at least 1.
    pub width: usize,
    /// The whole line.
    pub source: String,
}

impl Place {
    fn render(&self, f: &mut fmt::Formatter<'_>, gutter: usize) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            source,
            ..
        } = self;
        let source: String = source
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let before = " ".repeat(column - 1);
        writeln!(f, "{:gutter$}--> {file}:{line}:{column}", "")?;
        writeln!(f, "{:gutter$} |", "")?;
        writeln!(f, "{line:gutter$} | {source}")?;
        write!(f, "{:gutter$} | {before}{}", "", "^".repeat(self.width))
    }
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It stops the work.
    Error,
    /// It does not, but somebody will trip on it.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// The text that puts it right: `text` in place of `replaces` lines from `line` on. With 0 lines it is put above that
/// line; an empty text deletes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// From 1.
    pub line: usize,
    /// How many lines go.
    pub replaces: usize,
    /// The lines that come, without the last line's end.
    pub text: String,
}

impl Fix {
    /// Another text for one line.
    pub fn line(line: usize, text: impl Into<String>) -> Self {
        Self {
            line,
            replaces: 1,
            text: text.into(),
        }
    }

    /// A text above a line.
    pub fn above(line: usize, text: impl Into<String>) -> Self {
        Self {
            line,
            replaces: 0,
            text: text.into(),
        }
    }

    /// A line that is too much.
    pub fn delete(line: usize) -> Self {
        Self::line(line, "")
    }

    fn render(&self, f: &mut fmt::Formatter<'_>, gutter: usize) -> fmt::Result {
        if self.text.is_empty() && self.replaces > 0 {
            return write!(f, "\nhint: delete line {}", self.line);
        }
        let verb = if self.replaces == 0 {
            "add the line"
        } else {
            "write"
        };
        write!(f, "\nhint: {verb}")?;
        for (number, text) in (self.line..).zip(self.text.split('\n')) {
            write!(f, "\n{number:gutter$} | {text}")?;
        }
        Ok(())
    }
}

/// One thing that is wrong, or worth a warning.
///
/// ```
/// # use packyard_build::{Diagnostic, SourceText};
/// let file = SourceText::new("packyard.toml", "[package]\nsumary = 'x'\n");
/// let shown = Diagnostic::new("unknown key `sumary`").at(file.place(10..16)).hint("did you mean `summary`?");
/// assert_eq!(shown.to_string(), "\
/// unknown key `sumary`
///  --> packyard.toml:2:1
///   |
/// 2 | sumary = 'x'
///   | ^^^^^^
/// hint: did you mean `summary`?");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where; none if the trouble is that something is missing altogether.
    pub place: Option<Box<Place>>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Other places that belong to it, each with a remark.
    pub related: Vec<(String, Place)>,
    /// How bad it is.
    pub severity: Severity,
    /// The corrected line, where it can be computed.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Says what is wrong.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            place: None,
            hint: None,
            related: Vec::new(),
            severity: Severity::Error,
            fix: None,
        }
    }

    /// Says what does not stop the work.
    pub fn warning(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::new(message)
        }
    }

    /// Says how it should read.
    pub fn fix(self, fix: impl Into<Option<Fix>>) -> Self {
        Self {
            fix: fix.into(),
            ..self
        }
    }

    /// Whether it stops the work.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Says where.
    pub fn at(self, place: Place) -> Self {
        Self {
            place: Some(Box::new(place)),
            ..self
        }
    }

    /// Says what to do.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// Names another place that belongs to it.
    pub fn related(mut self, remark: impl Into<String>, place: Place) -> Self {
        self.related.push((remark.into(), place));
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self
            .place
            .as_deref()
            .into_iter()
            .chain(self.related.iter().map(|(_, place)| place));
        let gutter = places
            .map(|place| place.line.to_string().len())
            .max()
            .unwrap_or(0);
        write!(f, "{}", self.message)?;
        if let Some(place) = &self.place {
            writeln!(f)?;
            place.render(f, gutter)?;
        }
        for (remark, place) in &self.related {
            writeln!(f, "\nnote: {remark}")?;
            place.render(f, gutter)?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\nhint: {hint}")?;
        }
        if let Some(fix) = &self.fix {
            fix.render(f, gutter)?;
        }
        Ok(())
    }
}

/// A text file of the project, for finding places in it.
#[derive(Debug, Clone)]
pub struct SourceText {
    file: String,
    text: String,
}

impl SourceText {
    /// `file` is relative to the project.
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            text: text.into(),
        }
    }

    /// The file's name, relative to the project.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The place of a range of bytes; of a range over several lines, its first line.
    pub fn place(&self, span: Range<usize>) -> Place {
        let floor = |mut at: usize| {
            at = at.min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (floor(span.start), floor(span.end));
        let line_start = self.text[..start].rfind('\n').map_or(0, |i| i + 1);
        let line_end = self.text[start..]
            .find('\n')
            .map_or(self.text.len(), |i| start + i);
        let count = |range: Range<usize>| self.text[range].chars().count();
        Place {
            file: self.file.clone(),
            line: 1 + self.text[..start].matches('\n').count(),
            column: 1 + count(line_start..start),
            width: count(start..end.clamp(start, line_end)).max(1),
            source: self.text[line_start..line_end].trim_end().to_owned(),
        }
    }

    /// The bytes that a place of this file is.
    pub(crate) fn span_of(&self, place: &Place) -> Range<usize> {
        let lines = self.text.split_inclusive('\n');
        let line_start: usize = lines.take(place.line.saturating_sub(1)).map(str::len).sum();
        let width = |text: &str, count: usize| text.chars().take(count).map(char::len_utf8).sum::<usize>();
        let start = line_start + width(&self.text[line_start..], place.column.saturating_sub(1));
        start..start + width(&self.text[start..], place.width)
    }

    /// The place of a whole line, numbered from 1, without the blanks around its text.
    pub fn line(&self, number: usize) -> Place {
        let mut start = 0;
        for line in self.text.split_inclusive('\n').take(number.saturating_sub(1)) {
            start += line.len();
        }
        let line = self.text[start..].lines().next().unwrap_or("");
        let indent = line.len() - line.trim_start().len();
        self.place(start + indent..start + line.trim_end().len().max(indent))
    }
}
