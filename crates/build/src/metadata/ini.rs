//! INI files as Python's `configparser` reads them: sections, `key = value` or `key: value`, and values that go on over
//! indented lines. <https://docs.python.org/3/library/configparser.html#supported-ini-file-structure>

use crate::{BuildError, Diagnostic, SourceText};
use std::{collections::BTreeMap, ops::Range};

/// A value and where its text begins.
#[derive(Debug, Clone)]
pub(super) struct Value {
    /// The lines, without the blanks around each.
    pub text: String,
    /// Its first line.
    pub span: Range<usize>,
}

/// Sections by name, keys in lower case with underscores.
pub(super) type Sections = BTreeMap<String, BTreeMap<String, Value>>;

/// Reads a file.
pub(super) fn parse(file: &SourceText) -> Result<Sections, BuildError> {
    let mut sections = Sections::new();
    let mut section: Option<String> = None;
    let mut key: Option<(String, usize)> = None;
    let mut start = 0;
    for line in file.text().split_inclusive('\n') {
        let at = start;
        start += line.len();
        let body = line.trim();
        let indent = line.len() - line.trim_start().len();
        if body.starts_with(['#', ';']) {
            continue;
        }
        let current = section.as_ref().and_then(|name| sections.get_mut(name));
        if let (Some((name, own)), Some(values)) = (&key, current)
            && (body.is_empty() || indent > *own)
            && let Some(value) = values.get_mut(name)
        {
            value.text.push('\n');
            value.text.push_str(body);
            continue;
        }
        if body.is_empty() {
            continue;
        }
        let span = at + indent..at + indent + body.len();
        let wrong = |what: &str, hint: &str| -> BuildError {
            Diagnostic::new(what)
                .at(file.place(span.clone()))
                .hint(hint)
                .into()
        };
        if let Some(name) = body
            .strip_prefix('[')
            .and_then(|rest| rest.split(']').next())
            .filter(|_| body.contains(']'))
        {
            key = None;
            section = Some(name.to_owned());
            if sections.insert(name.to_owned(), BTreeMap::new()).is_some() {
                return Err(wrong(
                    &format!("the section [{name}] is there twice"),
                    "keep one of them",
                ));
            }
            continue;
        }
        let Some(values) = section.as_ref().and_then(|name| sections.get_mut(name)) else {
            return Err(wrong(
                "this line belongs to no section",
                "begin with a section, such as [metadata]",
            ));
        };
        let Some(split) = body.find(['=', ':']) else {
            return Err(wrong(
                "this is no `key = value` line",
                "write it as `key = value`, or indent what goes on",
            ));
        };
        let name = body[..split].trim().replace('-', "_");
        let text = body[split + 1..].trim().to_owned();
        let from = span.end - text.len();
        let value = Value {
            text: text.clone(),
            span: from.min(span.end)..span.end,
        };
        if values.insert(name.clone(), value).is_some() {
            return Err(wrong(&format!("`{name}` is there twice"), "keep one of them"));
        }
        key = Some((name, indent));
    }
    for value in sections.values_mut().flat_map(BTreeMap::values_mut) {
        value.text = value.text.trim_end().to_owned();
    }
    Ok(sections)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Sections, String> {
        parse(&SourceText::new("setup.cfg", text)).map_err(|e| e.to_string())
    }

    #[test]
    fn values_go_on_over_indented_lines() {
        let sections =
            parsed("[metadata]\nname = x\n# c\nclassifiers =\n    A\n\n    B\nurl: y\n[a:b]\n").unwrap();
        let metadata = &sections["metadata"];
        assert_eq!(metadata["classifiers"].text, "\nA\n\nB");
        assert_eq!(
            (metadata["name"].text.as_str(), metadata["url"].text.as_str()),
            ("x", "y")
        );
        assert!(sections["a:b"].is_empty());
    }

    #[test]
    fn what_is_no_ini_is_shown() {
        for (text, place) in [
            ("x = 1\n", ":1:1"),
            ("[a]\nfoo\n", ":2:1"),
            ("[a]\nb=1\nb=2\n", ":3:1"),
            ("[a]\n[a]\n", ":2:1"),
        ] {
            let error = parsed(text).unwrap_err();
            assert!(error.contains(&format!("setup.cfg{place}")), "{error}");
        }
    }
}
