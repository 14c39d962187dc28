//! A map of a YAML file, key by key: what was asked for is translated, the rest is left out.

use super::{
    draft::Draft,
    yaml::{Item, Node},
};
use crate::{BuildError, Diagnostic, Place, SourceText};

/// A map, and what it is called in messages.
pub(super) struct Section<'a> {
    file: &'a SourceText,
    path: String,
    pairs: &'a [(Item, Item)],
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    pub fn of(file: &'a SourceText, path: impl Into<String>, item: &'a Item) -> Result<Self, BuildError> {
        let path = path.into();
        match &item.node {
            Node::Map(pairs) => Ok(Self {
                file,
                path,
                pairs,
                asked: Vec::new(),
            }),
            _ if item.text().is_none() && matches!(item.node, Node::Scalar(_)) => Ok(Self {
                file,
                path,
                pairs: &[],
                asked: Vec::new(),
            }),
            _ => Err(mismatch(file, &path, item, "a map of keys")),
        }
    }

    /// A key as messages call it.
    pub fn called(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    pub fn file(&self) -> &'a SourceText {
        self.file
    }

    pub fn value(&mut self, key: &'static str) -> Option<&'a Item> {
        self.asked.push(key);
        self.pairs
            .iter()
            .find(|(k, _)| k.text() == Some(key))
            .map(|(_, value)| value)
    }

    pub fn place(&self, item: &Item) -> Place {
        self.file.place(item.span.clone())
    }

    /// A text; one that the environment has a part in is left out.
    pub fn text(&mut self, key: &'static str, draft: &mut Draft) -> Result<Option<String>, BuildError> {
        let Some(item) = self.value(key) else {
            return Ok(None);
        };
        let Node::Scalar(_) = item.node else {
            return Err(mismatch(self.file, &self.called(key), item, "a text"));
        };
        match item.text() {
            Some(text) if text.contains('$') => {
                let why = "it is from the environment, which a build does not look at";
                draft.leave_out(
                    format!("{}: {text}", self.called(key)),
                    why,
                    Some(self.place(item)),
                );
                Ok(None)
            }
            other => Ok(other.map(str::to_owned)),
        }
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &'static str) -> bool {
        self.value(key).and_then(Item::text) == Some("true")
    }

    /// A list; none where the key is not there.
    pub fn list(&mut self, key: &'static str) -> Result<&'a [Item], BuildError> {
        match self.value(key).map(|item| (item, &item.node)) {
            None => Ok(&[]),
            Some((_, Node::List(items))) => Ok(items),
            Some((item, _)) if item.text().is_none() && matches!(item.node, Node::Scalar(_)) => Ok(&[]),
            Some((item, _)) => Err(mismatch(self.file, &self.called(key), item, "a list")),
        }
    }

    /// A list of texts.
    pub fn texts(&mut self, key: &'static str, draft: &mut Draft) -> Result<Vec<String>, BuildError> {
        let mut texts = Vec::new();
        for item in self.list(key)? {
            match item.text() {
                Some(text) if text.contains('$') => {
                    let why = "it is from the environment, which a build does not look at";
                    draft.leave_out(
                        format!("{}: {text}", self.called(key)),
                        why,
                        Some(self.place(item)),
                    );
                }
                Some(text) => texts.push(text.to_owned()),
                None => return Err(mismatch(self.file, &self.called(key), item, "a list of texts")),
            }
        }
        Ok(texts)
    }

    pub fn section(&mut self, key: &'static str) -> Result<Option<Self>, BuildError> {
        let path = self.called(key);
        self.value(key)
            .map(|item| Self::of(self.file, path, item))
            .transpose()
    }

    /// Leaves a key out for a reason, where it is there.
    pub fn without(&mut self, key: &'static str, why: &str, draft: &mut Draft) {
        if let Some(item) = self.value(key)
            && !matches!(&item.node, Node::List(items) if items.is_empty())
        {
            let said = item.text().map(|text| format!(": {text}")).unwrap_or_default();
            draft.leave_out(format!("{}{said}", self.called(key)), why, Some(self.place(item)));
        }
    }

    /// Leaves out whatever was not asked for.
    pub fn finish(self, draft: &mut Draft) {
        for (key, _) in self.pairs {
            let name = key.text().unwrap_or("?");
            if !self.asked.contains(&name) {
                let place = self.file.place(key.span.clone());
                draft.leave_out(self.called(name), "packyard has no word for it", Some(place));
            }
        }
    }
}

fn mismatch(file: &SourceText, name: &str, item: &Item, wanted: &str) -> BuildError {
    let name = if name.is_empty() { file.file() } else { name };
    Diagnostic::new(format!("`{name}` must be {wanted}"))
        .at(file.place(item.span.clone()))
        .hint("the tool that the file is for refuses it, too: put it right first")
        .into()
}
