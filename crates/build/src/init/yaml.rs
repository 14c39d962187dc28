//! YAML 1.2 as far as packaging tools use it: maps, lists and scalars, each with its place. Types are for the reader to
//! say: a scalar is its text. A document is small, and what is deep or blown up by aliases is refused.

use crate::{Diagnostic, Place, SourceText};
use saphyr_parser::{Event, Parser, Span};
use std::{collections::HashMap, ops::Range};

/// How deep lists and maps may lie in each other.
const DEEPEST: usize = 32;
/// How many values a document may have once its aliases are written out.
const MOST: usize = 20_000;

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Scalar(String),
    List(Vec<Item>),
    Map(Vec<(Item, Item)>),
}

/// A value and where it is written.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub node: Node,
    pub span: Range<usize>,
}

impl Item {
    /// The text of a scalar; none where nothing, `~` or `null` is written.
    pub fn text(&self) -> Option<&str> {
        match &self.node {
            Node::Scalar(text) if !matches!(text.as_str(), "" | "~" | "null") => Some(text),
            _ => None,
        }
    }

    fn count(&self) -> usize {
        match &self.node {
            Node::Scalar(_) => 1,
            Node::List(items) => 1 + items.iter().map(Self::count).sum::<usize>(),
            Node::Map(pairs) => 1 + pairs.iter().map(|(k, v)| k.count() + v.count()).sum::<usize>(),
        }
    }
}

/// A whole number as go-yaml reads it: what begins with `0` or `0o` is octal, with `0x` hexadecimal, with `0b` binary;
/// else it is decimal.
pub(super) fn number(text: &str) -> Option<u32> {
    let plain = text.replace('_', "");
    let (digits, radix) = match plain.as_bytes() {
        [b'0', b'o' | b'O', ..] => (&plain[2..], 8),
        [b'0', b'x' | b'X', ..] => (&plain[2..], 16),
        [b'0', b'b' | b'B', ..] => (&plain[2..], 2),
        [b'0', _, ..] => (&plain[1..], 8),
        _ => (&plain[..], 10),
    };
    u32::from_str_radix(digits, radix).ok()
}

/// The first document of a file.
pub(super) fn parse(file: &SourceText) -> Result<Item, Diagnostic> {
    let mut reading = Reading {
        file,
        parser: Parser::new_from_str(file.text()),
        bytes: file.text().char_indices().map(|(at, _)| at).collect(),
        anchors: HashMap::new(),
        left: MOST,
    };
    loop {
        match reading.next()? {
            (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
            (Event::StreamEnd | Event::DocumentEnd, span) => {
                let node = Node::Map(Vec::new());
                return Ok(Item { node, span });
            }
            (event, span) => return reading.item(event, span, 0),
        }
    }
}

struct Reading<'a> {
    file: &'a SourceText,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// Where each character begins.
    bytes: Vec<usize>,
    anchors: HashMap<usize, Item>,
    left: usize,
}

impl<'a> Reading<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Range<usize>), Diagnostic> {
        match self.parser.next() {
            Some(Ok((event, span))) => Ok((event, self.span(span))),
            Some(Err(e)) => {
                let at = self.byte(e.marker().index());
                Err(self.refused(at..at + 1, format!("not valid YAML: {}", e.info())))
            }
            None => {
                let end = self.file.text().len();
                Ok((Event::StreamEnd, end..end))
            }
        }
    }

    fn byte(&self, character: usize) -> usize {
        self.bytes
            .get(character)
            .copied()
            .unwrap_or(self.file.text().len())
    }

    fn span(&self, span: Span) -> Range<usize> {
        self.byte(span.start.index())..self.byte(span.end.index())
    }

    fn refused(&self, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(message).at(self.place(span))
    }

    fn place(&self, span: Range<usize>) -> Place {
        self.file.place(span)
    }

    fn item(&mut self, event: Event<'a>, span: Range<usize>, depth: usize) -> Result<Item, Diagnostic> {
        if depth > DEEPEST {
            return Err(self.refused(span, "lists and maps lie too deep in each other"));
        }
        self.spend(1, &span)?;
        let (node, anchor) = match event {
            Event::Scalar(text, _, anchor, _) => (Node::Scalar(text.into_owned()), anchor),
            Event::SequenceStart(anchor, _) => (self.list(depth)?, anchor),
            Event::MappingStart(anchor, _) => (self.map(depth)?, anchor),
            Event::Alias(anchor) => {
                let Some(item) = self.anchors.get(&anchor).cloned() else {
                    return Err(self.refused(span, "an alias of what is not there"));
                };
                self.spend(item.count(), &span)?;
                return Ok(item);
            }
            _ => return Err(self.refused(span, "a value is missing here")),
        };
        let item = Item { node, span };
        if anchor > 0 {
            self.anchors.insert(anchor, item.clone());
        }
        Ok(item)
    }

    fn spend(&mut self, count: usize, span: &Range<usize>) -> Result<(), Diagnostic> {
        match self.left.checked_sub(count) {
            Some(left) => self.left = left,
            None => return Err(self.refused(span.clone(), "more values than a package can have")),
        }
        Ok(())
    }

    fn list(&mut self, depth: usize) -> Result<Node, Diagnostic> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Node::List(items)),
                (event, span) => items.push(self.item(event, span, depth + 1)?),
            }
        }
    }

    /// What `<<` merges comes behind what the map says itself.
    fn map(&mut self, depth: usize) -> Result<Node, Diagnostic> {
        let mut pairs: Vec<(Item, Item)> = Vec::new();
        let mut merged = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                break;
            }
            let key = self.item(event, span, depth + 1)?;
            let (event, span) = self.next()?;
            let value = self.item(event, span, depth + 1)?;
            match (key.text(), value.node) {
                (Some("<<"), Node::Map(pairs)) => merged.extend(pairs),
                (text, node) => {
                    if let Some(text) = text
                        && let Some((first, _)) = pairs.iter().find(|(other, _)| other.text() == Some(text))
                    {
                        let problem = self.refused(key.span.clone(), format!("`{text}` is said twice"));
                        return Err(problem.related("the first time", self.place(first.span.clone())));
                    }
                    let span = value.span;
                    pairs.push((key, Item { node, span }));
                }
            }
        }
        for (key, value) in merged {
            if !pairs.iter().any(|(other, _)| other.text() == key.text()) {
                pairs.push((key, value));
            }
        }
        Ok(Node::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        parse(&SourceText::new("n.yaml", text)).unwrap_err().to_string()
    }

    #[test]
    fn every_value_has_its_place_and_aliases_are_written_out() {
        let file = SourceText::new(
            "n.yaml",
            "ä: &x {mode: 0644}\nb:\n  - *x\n  - <<: *x\n    o: 'it''s'\n",
        );
        let item = parse(&file).unwrap();
        let Node::Map(pairs) = &item.node else { panic!() };
        let Node::List(items) = &pairs[1].1.node else {
            panic!()
        };
        let Node::Map(second) = &items[1].node else {
            panic!()
        };
        assert_eq!(second[0].1.text(), Some("it's"));
        assert_eq!(second[1].1.text(), Some("0644"));
        let place = file.place(second[0].1.span.clone());
        assert_eq!((place.line, place.column), (5, 8));
    }

    #[test]
    fn a_number_is_octal_where_it_begins_with_a_zero() {
        for (text, wanted) in [
            ("0644", Some(0o644)),
            ("0o644", Some(0o644)),
            ("420", Some(420)),
            ("493", Some(0o755)),
            ("0x1a4", Some(420)),
            ("0b11", Some(3)),
            ("0", Some(0)),
            ("0988", None),
            ("rw", None),
        ] {
            assert_eq!(number(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_yaml_or_too_much_of_it_is_refused_with_its_place() {
        assert!(refused("a: [1, 2\nb: 3\n").contains("n.yaml:2:"));
        assert!(refused("a: 1\na: 2\n").contains("`a` is said twice\n --> n.yaml:2:1"));
        assert!(refused(&"[".repeat(100)).contains("too deep"));
        let mut bomb = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
        for i in 1..9 {
            let last = i - 1;
            let all = vec![format!("*a{last}"); 10].join(", ");
            bomb.push_str(&format!("a{i}: &a{i} [{all}]\n"));
        }
        assert!(refused(&bomb).contains("more values"));
    }
}
