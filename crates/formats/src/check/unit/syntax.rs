//! The lines of a unit file (systemd.syntax(7)): sections, assignments, comments, and lines that go on in the next.

use std::ops::Range;

/// One `Key=value` of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The line, from 1.
    pub line: usize,
    /// The section, without brackets.
    pub section: String,
    /// The key.
    pub key: String,
    /// Where the key is, in bytes of the file.
    pub key_span: Range<usize>,
    /// The value, continuation lines joined by a blank.
    pub value: String,
    /// Where the value is; of one over several lines, its first.
    pub value_span: Range<usize>,
}

impl Assignment {
    /// Where a part of the value is, given as a range of it; what lies in a later line is shown at the first.
    pub fn part(&self, part: Range<usize>) -> Range<usize> {
        let clamp = |at: usize| (self.value_span.start + at).min(self.value_span.end);
        let span = clamp(part.start)..clamp(part.end);
        if span.is_empty() {
            self.value_span.clone()
        } else {
            span
        }
    }
}

/// A `[Section]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Without brackets.
    pub name: String,
    /// Where it is, with brackets.
    pub span: Range<usize>,
}

/// A line that is no syntax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonsense {
    /// What is wrong with it.
    pub rule: String,
    /// Where it is.
    pub span: Range<usize>,
}

/// A unit file, read.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// The sections as they begin.
    pub headers: Vec<Header>,
    /// What they say.
    pub assignments: Vec<Assignment>,
    /// The lines that cannot be read.
    pub nonsense: Vec<Nonsense>,
}

/// Reads a unit.
pub fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let (mut at, mut continued) = (0, false);
    for (raw, line) in text.split_inclusive('\n').zip(1..) {
        let start = at + (raw.len() - raw.trim_start().len());
        at += raw.len();
        let trimmed = raw.trim();
        if trimmed.starts_with(['#', ';']) || (trimmed.is_empty() && !continued) {
            continue;
        }
        let (body, more) = trimmed
            .strip_suffix('\\')
            .map_or((trimmed, false), |body| (body.trim_end(), true));
        if std::mem::replace(&mut continued, more) {
            if let Some(last) = parsed.assignments.last_mut() {
                last.value = [last.value.as_str(), body].join(" ").trim().into();
            }
        } else {
            parsed.line(body, start, line);
        }
    }
    parsed
}

impl Parsed {
    fn line(&mut self, body: &str, start: usize, line: usize) {
        let span = start..start + body.len();
        let nonsense = |rule: String| Nonsense {
            rule,
            span: span.clone(),
        };
        if let Some(name) = body.strip_prefix('[') {
            match name.strip_suffix(']') {
                Some(name) => self.headers.push(Header {
                    name: name.to_owned(),
                    span,
                }),
                None => self
                    .nonsense
                    .push(nonsense("a section has no closing `]`".into())),
            }
            return;
        }
        let Some((key, value)) = body.split_once('=') else {
            self.nonsense
                .push(nonsense(format!("`{body}` is neither a section nor Key=value")));
            return;
        };
        let Some(section) = self.headers.last().map(|header| header.name.clone()) else {
            let rule = "a key stands before the first section".to_owned();
            self.nonsense.push(nonsense(rule));
            return;
        };
        let value_start = start + key.len() + 1 + (value.len() - value.trim_start().len());
        let key = key.trim_end();
        let value = value.trim();
        self.assignments.push(Assignment {
            line,
            section,
            key: key.to_owned(),
            key_span: start..start + key.len(),
            value: value.to_owned(),
            value_span: value_start..value_start + value.len(),
        });
    }
}
