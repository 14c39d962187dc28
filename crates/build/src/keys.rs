//! Reading a TOML table key by key. What was asked for is what is known: the rest are unknown keys, reported with the
//! nearest known one. Everything that is wrong is collected, so that one run shows it all.

use crate::{Diagnostic, SourceText, nearest::nearest};
use std::{cell::RefCell, ops::Range};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Diagnostics as they are found.
pub(crate) type Problems = RefCell<Vec<Diagnostic>>;

/// A table, and which of its keys were asked for.
pub(crate) struct Keys<'a> {
    pub file: &'a SourceText,
    pub problems: &'a Problems,
    name: String,
    span: Range<usize>,
    table: Option<&'a DeTable<'a>>,
    asked: Vec<&'static str>,
}

type Value<'a> = &'a Spanned<DeValue<'a>>;

impl<'a> Keys<'a> {
    /// `name` is how the table is called in messages, such as `[package]`.
    pub fn new(
        file: &'a SourceText,
        problems: &'a Problems,
        name: impl Into<String>,
        span: Range<usize>,
        table: Option<&'a DeTable<'a>>,
    ) -> Self {
        Self {
            file,
            problems,
            name: name.into(),
            span,
            table,
            asked: Vec::new(),
        }
    }

    /// Where the table is.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Reports something about a range of the file.
    pub fn problem(&self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        let diagnostic = Diagnostic::new(message).at(self.file.place(span)).hint(hint);
        self.problems.borrow_mut().push(diagnostic);
    }

    /// The raw value of a key.
    pub fn value(&mut self, key: &'static str) -> Option<Value<'a>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.table?.get(key)
    }

    fn typed<T>(
        &mut self,
        key: &'static str,
        what: &str,
        read: impl FnOnce(&'a DeValue<'a>) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let value = self.value(key)?;
        if let Some(read) = read(value.get_ref()) {
            return Some(Spanned::new(value.span(), read));
        }
        let whose = match self.name.as_str() {
            "" => format!("`{key}`"),
            name => format!("`{key}` in {name}"),
        };
        let found = value.get_ref().type_str();
        let article = if found.starts_with(['a', 'i']) { "an" } else { "a" };
        let message = format!("{whose} must be {what}, not {article} {found}");
        let hint = what.rsplit_once("written as ").map_or(what, |(_, how)| how);
        self.problem(value.span(), message, format!("write it as {hint}"));
        None
    }

    /// A string.
    pub fn string(&mut self, key: &'static str) -> Option<Spanned<String>> {
        self.typed(key, "a string", |v| v.as_str().map(str::to_owned))
    }

    /// A string that a type of the vocabulary parses.
    pub fn parsed<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, packyard_types::Invalid>,
    ) -> Option<T> {
        let text = self.string(key)?;
        match parse(text.get_ref()) {
            Ok(value) => Some(value),
            Err(e) => {
                self.problem(
                    text.span(),
                    format!("`{}` is not a valid {}", e.value, e.noun),
                    e.rule,
                );
                None
            }
        }
    }

    /// One of some words.
    pub fn word<T: Copy>(&mut self, key: &'static str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.string(key)?;
        let found = words.iter().find(|(word, _)| word == text.get_ref());
        if found.is_none() {
            let list: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            let hint = format!("it can be {}", list.join(", "));
            self.problem(
                text.span(),
                format!("`{}` is no value for `{key}`", text.get_ref()),
                hint,
            );
        }
        found.map(|(_, value)| *value)
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &'static str) -> Option<bool> {
        self.typed(key, "true or false", DeValue::as_bool)
            .map(Spanned::into_inner)
    }

    /// A whole number that is not negative, also as a string.
    pub fn number(&mut self, key: &'static str) -> Option<u32> {
        let number = |v: &DeValue<'_>| match v {
            DeValue::Integer(n) => u32::from_str_radix(n.as_str(), n.radix()).ok(),
            other => other.as_str()?.parse().ok(),
        };
        self.typed(key, "a number", number).map(Spanned::into_inner)
    }

    /// A list of strings; a single string is a list of one.
    pub fn strings(&mut self, key: &'static str) -> Vec<Spanned<String>> {
        let list = |v: &'a DeValue<'a>| -> Option<Vec<Spanned<String>>> {
            let one =
                |v: &Spanned<DeValue<'_>>| Some(Spanned::new(v.span(), v.get_ref().as_str()?.to_owned()));
            v.as_array()?.iter().map(one).collect()
        };
        if let Some(text) = self
            .table
            .and_then(|t| t.get(key))
            .and_then(|v| v.get_ref().as_str())
        {
            let span = self.value(key).map_or(0..0, Spanned::span);
            return vec![Spanned::new(span, text.to_owned())];
        }
        self.typed(key, "a list of strings", list)
            .map(Spanned::into_inner)
            .unwrap_or_default()
    }

    /// The strings without their places.
    pub fn plain_strings(&mut self, key: &'static str) -> Vec<String> {
        self.strings(key).into_iter().map(Spanned::into_inner).collect()
    }

    /// A table below this one; an empty one where there is none.
    pub fn table(&mut self, key: &'static str) -> Keys<'a> {
        let found = self.typed(key, "a table", DeValue::as_table);
        let name = match self.name.trim_matches(['[', ']']) {
            "" => format!("[{key}]"),
            outer => format!("[{outer}.{key}]"),
        };
        let span = found.as_ref().map_or(self.span(), Spanned::span);
        Keys::new(
            self.file,
            self.problems,
            name,
            span,
            found.map(Spanned::into_inner),
        )
    }

    /// The tables of an array of tables.
    pub fn tables(&mut self, key: &'static str) -> Vec<Keys<'a>> {
        let tables = |v: &'a DeValue<'a>| -> Option<Vec<(Range<usize>, &'a DeTable<'a>)>> {
            let one = |v: &'a Spanned<DeValue<'a>>| Some((v.span(), v.get_ref().as_table()?));
            v.as_array()?.iter().map(one).collect()
        };
        let what = format!("an array of tables, written as [[{key}]]");
        let found = self
            .typed(key, &what, tables)
            .map(Spanned::into_inner)
            .unwrap_or_default();
        let keys =
            |(span, table)| Keys::new(self.file, self.problems, format!("[[{key}]]"), span, Some(table));
        found.into_iter().map(keys).collect()
    }

    /// All keys and values as text, for tables whose keys are the user's own.
    pub fn pairs(mut self) -> Vec<(String, Spanned<Vec<String>>)> {
        self.take_pairs()
    }

    /// The same, where something may be said about them afterwards.
    pub fn take_pairs(&mut self) -> Vec<(String, Spanned<Vec<String>>)> {
        let Some(table) = self.table else {
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (key, value) in table {
            let Some(texts) = texts(value.get_ref()) else {
                let message = format!(
                    "`{}` in {} must be a string or a list of strings",
                    key.get_ref(),
                    self.name
                );
                self.problem(value.span(), message, "write the value as a string");
                continue;
            };
            pairs.push((key.get_ref().to_string(), Spanned::new(value.span(), texts)));
        }
        pairs
    }

    /// All keys whose values are lists of strings, for tables whose keys are the user's own.
    pub fn string_lists(self) -> Vec<(Spanned<String>, Vec<Spanned<String>>)> {
        let mut lists = Vec::new();
        for (key, value) in self.table.into_iter().flatten() {
            let one =
                |v: &Spanned<DeValue<'_>>| Some(Spanned::new(v.span(), v.get_ref().as_str()?.to_owned()));
            let texts = value
                .get_ref()
                .as_array()
                .map(|a| a.iter().map(one).collect::<Option<Vec<_>>>());
            match texts.flatten() {
                Some(texts) => lists.push((Spanned::new(key.span(), key.get_ref().to_string()), texts)),
                None => {
                    let message = format!("`{}` in {} must be a list of strings", key.get_ref(), self.name);
                    self.problem(value.span(), message, "write it as a list of strings");
                }
            }
        }
        lists
    }

    /// All keys whose values are strings, for tables whose keys are the user's own.
    pub fn string_pairs(self) -> Vec<(Spanned<String>, Spanned<String>)> {
        let mut pairs = Vec::new();
        for (key, value) in self.table.into_iter().flatten() {
            match value.get_ref().as_str() {
                Some(text) => pairs.push((
                    Spanned::new(key.span(), key.get_ref().to_string()),
                    Spanned::new(value.span(), text.to_owned()),
                )),
                None => {
                    let message = format!("`{}` in {} must be a string", key.get_ref(), self.name);
                    self.problem(value.span(), message, "write it as a string");
                }
            }
        }
        pairs
    }

    /// Whether the key is there; it counts as known.
    pub fn has(&mut self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// Whether the table itself is there.
    pub fn exists(&self) -> bool {
        self.table.is_some()
    }

    /// The names of all keys, as they stand.
    pub fn names(&self) -> Vec<String> {
        let keys = self.table.into_iter().flatten();
        keys.map(|(key, _)| key.get_ref().to_string()).collect()
    }

    /// A table whose name is the user's own.
    pub fn table_named(&mut self, key: &str) -> Keys<'a> {
        let found = self.table.and_then(|t| t.get(key));
        let span = found.map_or(self.span(), Spanned::span);
        let table = found.and_then(|v| v.get_ref().as_table());
        Keys::new(self.file, self.problems, format!("[{key}]"), span, table)
    }

    /// A key that must be there.
    pub fn required(&mut self, key: &'static str) -> Option<Spanned<String>> {
        if self.table.is_some_and(|table| table.get(key).is_none()) {
            self.asked.push(key);
            self.problem(
                self.span(),
                format!("{} needs the key `{key}`", self.name),
                format!("add `{key} = \"…\"`"),
            );
            return None;
        }
        self.string(key)
    }

    /// Where a key's name stands.
    pub fn key_span(&self, key: &str) -> Range<usize> {
        let found = self
            .table
            .and_then(|t| t.iter().find(|(k, _)| k.get_ref() == key));
        found.map_or(self.span(), |(k, _)| k.span())
    }

    /// Reports what nobody asked for.
    pub fn finish(self) {
        self.report_unknown(false);
    }

    /// Reports only what is nearly called like something that was asked for.
    pub fn finish_near(self) {
        self.report_unknown(true);
    }

    fn report_unknown(self, only_near: bool) {
        let Some(table) = self.table else { return };
        for (key, _) in table {
            let name: &str = key.get_ref();
            if self.asked.contains(&name) || only_near && nearest(name, self.asked.iter().copied()).is_none()
            {
                continue;
            }
            let hint = match nearest(name, self.asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", self.asked.join(", ")),
            };
            let place = if self.name.is_empty() {
                "the project file"
            } else {
                &self.name
            };
            self.problem(key.span(), format!("unknown key `{name}` in {place}"), hint);
        }
    }
}

fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::String(s) => Some(vec![s.to_string()]),
        DeValue::Boolean(b) => Some(vec![if *b { "yes" } else { "no" }.to_owned()]),
        DeValue::Integer(n) => Some(vec![n.as_str().to_owned()]),
        DeValue::Float(n) => Some(vec![n.as_str().to_owned()]),
        DeValue::Array(items) => {
            let one = |v: &Spanned<DeValue<'_>>| texts(v.get_ref()).filter(|t| t.len() == 1);
            Some(items.iter().map(one).collect::<Option<Vec<_>>>()?.concat())
        }
        _ => None,
    }
}
