//! Looking into a lock file that is TOML. What a tool wrote is not judged key by key; what is needed must be there.

use crate::{Diagnostic, Place, SourceText};
use pep508_rs::MarkerTree;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A table of a lock file.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    pub file: &'a SourceText,
    pub table: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    /// A text, and where it stands.
    pub fn text(&self, key: &str) -> Option<(&'a str, Range<usize>)> {
        let value = self.table.get(key)?;
        Some((value.get_ref().as_str()?, value.span()))
    }

    /// A text alone.
    pub fn plain(&self, key: &str) -> Option<&'a str> {
        self.text(key).map(|(text, _)| text)
    }

    /// A table below it.
    pub fn below(&self, key: &str) -> Option<Self> {
        let table = self.table.get(key)?.get_ref().as_table()?;
        Some(Self { table, ..*self })
    }

    /// A list of tables below it.
    pub fn list(&self, key: &str) -> impl Iterator<Item = Self> + use<'a> {
        let file = self.file;
        let array = self.table.get(key).and_then(|value| value.get_ref().as_array());
        let tables = array
            .into_iter()
            .flatten()
            .filter_map(|value| value.get_ref().as_table());
        tables.map(move |table| Self { file, table })
    }

    /// A list of texts.
    pub fn texts(&self, key: &str) -> Option<Vec<&'a str>> {
        let array = self.table.get(key)?.get_ref().as_array()?;
        Some(
            array
                .iter()
                .filter_map(|value| value.get_ref().as_str())
                .collect(),
        )
    }

    /// Whether a key is there.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether a key is true.
    pub fn is(&self, key: &str) -> bool {
        let value = self.table.get(key).map(toml::Spanned::get_ref);
        matches!(value, Some(DeValue::Boolean(true)))
    }

    /// A package's name and version, and the place of the name.
    pub fn package(&self) -> Result<(&'a str, Option<&'a str>, Place), Diagnostic> {
        let Some((name, span)) = self.text("name") else {
            let problem = Diagnostic::new("the lock file has a package without a name");
            return Err(problem
                .at(self.file.line(1))
                .hint("write the lock file anew with the tool that made it"));
        };
        Ok((name, self.plain("version"), self.file.place(span)))
    }

    /// All keys that have texts.
    pub fn all_texts(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let table = self.table;
        table
            .iter()
            .filter_map(|(key, value)| Some((key.get_ref().as_ref(), value.get_ref().as_str()?)))
    }

    /// A whole number, and where it stands.
    pub fn number(&self, key: &str) -> Option<(u64, Range<usize>)> {
        let value = self.table.get(key)?;
        match value.get_ref() {
            DeValue::Integer(number) => Some((number.as_str().parse().ok()?, value.span())),
            _ => None,
        }
    }

    /// The environment marker of a key; one that is not there holds always.
    pub fn marker(&self, key: &str) -> Result<MarkerTree, Diagnostic> {
        match self.text(key) {
            Some((text, span)) => self.parsed(text, text, span),
            None => Ok(MarkerTree::default()),
        }
    }

    /// A marker that stands for one which is written otherwise.
    pub fn parsed(&self, text: &str, written: &str, span: Range<usize>) -> Result<MarkerTree, Diagnostic> {
        text.parse().map_err(|_| {
            Diagnostic::new(format!("`{written}` is not an environment marker"))
                .at(self.file.place(span))
                .hint("write the lock file anew with the tool that made it")
        })
    }

    /// A list of markers, and where it stands; none where it is empty.
    pub fn markers(&self, key: &str) -> Result<Option<(Vec<MarkerTree>, Place)>, Diagnostic> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        let mut markers = Vec::new();
        for one in value.get_ref().as_array().into_iter().flatten() {
            let text = one.get_ref().as_str().unwrap_or_default();
            markers.push(self.parsed(text, text, one.span())?);
        }
        let place = self.file.place(value.span());
        Ok((!markers.is_empty()).then_some((markers, place)))
    }
}

/// Something that is pinned and is no wheel.
pub(super) fn no_wheel(name: &str, why: &str, place: Place) -> Diagnostic {
    let problem = Diagnostic::new(format!("`{name}` {why}, and a bundle is made of wheels"));
    problem
        .at(place)
        .hint("make a wheel of it, publish it to an index of yours, and lock that")
}
