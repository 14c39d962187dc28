//! The project file while it is being found out: tables with keys, each said once, and what was left out.

use crate::{Diagnostic, Place, SourceText, manifest::Manifest};
use serde::Serialize;

/// Which keys come first in their tables; the others follow as they were found.
const ORDER: [&str; 11] = [
    "name",
    "summary",
    "description",
    "license",
    "homepage",
    "unit",
    "source",
    "symlink",
    "dir",
    "ghost",
    "target",
];

/// Something that another tool's file says and packyard's does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// What: a key and its value.
    pub what: String,
    /// Why.
    pub why: String,
    /// Where it is said.
    pub place: Option<Place>,
}

/// A table of the project file.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    /// As it stands in the file: `[deb]`, `[[file]]`.
    pub head: String,
    /// Above its head.
    pub remark: Option<String>,
    keys: Vec<(String, String)>,
}

impl Table {
    pub fn new(head: &str) -> Self {
        Self {
            head: head.to_owned(),
            ..Self::default()
        }
    }

    /// A text; what is said already stays.
    pub fn text(&mut self, key: &str, value: &str) {
        self.put(key, toml::Value::from(value));
    }

    /// A list of texts; none where it is empty.
    pub fn list(&mut self, key: &str, values: &[String]) {
        if !values.is_empty() {
            self.put(key, toml::Value::from(values.to_vec()));
        }
    }

    pub fn put(&mut self, key: &str, value: impl Into<toml::Value>) {
        if !self.says(key) {
            self.keys.push((key.to_owned(), value.into().to_string()));
        }
    }

    pub fn says(&self, key: &str) -> bool {
        self.keys.iter().any(|(known, _)| known == key)
    }

    /// Takes a key away; its text, where it is one.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        let at = self.keys.iter().position(|(known, _)| known == key)?;
        let (_, value) = self.keys.remove(at);
        let table: toml::Table = format!("x = {value}").parse().ok()?;
        table["x"].as_str().map(str::to_owned)
    }

    /// Whether both have the same keys, in whatever order.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let is_in = |table: &Self, pair| table.keys.contains(pair);
        self.head == other.head
            && self.keys.len() == other.keys.len()
            && self.keys.iter().all(|pair| is_in(other, pair))
    }

    /// The value of a key as it was put, in quotes where it is a text.
    pub fn value(&self, key: &str) -> Option<&str> {
        self.keys
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value.as_str())
    }

    /// Takes the item at a place out of a list of several.
    fn drop_item(&mut self, key: usize, place: &Place) -> Option<String> {
        let (_, value) = self.keys.get_mut(key)?;
        let parsed = |text: &str| format!("x = {text}").parse::<toml::Table>().ok()?.remove("x");
        let shown: String = place
            .source
            .chars()
            .skip(place.column - 1)
            .take(place.width)
            .collect();
        let (refused, list) = (parsed(&shown)?, parsed(value)?);
        let refused = refused.as_str()?.to_owned();
        let mut items = list.as_array()?.clone();
        let at = items.iter().position(|item| item.as_str() == Some(&refused))?;
        items.remove(at);
        if items.is_empty() {
            return None;
        }
        *value = toml::Value::from(items).to_string();
        Some(refused)
    }

    /// The text that a key has, where it has one.
    pub fn plain(&self, key: &str) -> Option<String> {
        let table: toml::Table = format!("x = {}", self.value(key)?).parse().ok()?;
        table["x"].as_str().map(str::to_owned)
    }

    fn lines(&self) -> Vec<String> {
        let remark = self
            .remark
            .iter()
            .flat_map(|text| text.lines())
            .map(|line| format!("# {line}"));
        let keys = self.keys.iter().map(|(key, value)| format!("{key} = {value}"));
        remark.chain([self.head.clone()]).chain(keys).collect()
    }
}

/// The table and the key that a line is of, where it is of one.
pub(super) type Owner = Option<(usize, Option<usize>)>;

/// Everything that was found out.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub package: Table,
    pub deb: Table,
    pub rpm: Table,
    /// `[[file]]`, `[[service]]` and their like, in the order of what they are from.
    pub things: Vec<Table>,
    pub scripts: [Table; 3],
    pub left_out: Vec<LeftOut>,
    /// The files that were read.
    pub read: Vec<String>,
    /// The version that another tool's file says.
    pub version: Option<String>,
    /// And the epoch.
    pub epoch: Option<u32>,
    /// Keys of `[package]` that are missing, each with what it is needed for.
    pub missing: Vec<(&'static str, &'static str)>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            package: Table::new("[package]"),
            deb: Table::new("[deb]"),
            rpm: Table::new("[rpm]"),
            things: Vec::new(),
            scripts: ["[scripts]", "[scripts.deb]", "[scripts.rpm]"].map(Table::new),
            left_out: Vec::new(),
            read: Vec::new(),
            version: None,
            epoch: None,
            missing: Vec::new(),
        }
    }
}

impl Draft {
    pub fn leave_out(&mut self, what: impl Into<String>, why: impl Into<String>, place: Option<Place>) {
        self.left_out.push(LeftOut {
            what: what.into(),
            why: why.into(),
            place,
        });
    }

    /// Whether something is installed that no metadata knows.
    pub fn has_files(&self) -> bool {
        self.things.iter().any(|table| table.head == "[[file]]")
    }

    pub fn has_units(&self) -> bool {
        self.things.iter().any(|table| table.says("unit"))
    }

    /// Adds a table unless the same is there.
    pub fn add(&mut self, table: Table) {
        if !self
            .things
            .iter()
            .any(|other| other.head == table.head && other.keys == table.keys)
        {
            self.things.push(table);
        }
    }

    /// Writes it, without what the project file's own reader does not take: that is left out, with the reader's words.
    pub fn finish(mut self) -> (String, Self) {
        for table in self.tables() {
            let at = |key: &str| {
                ORDER
                    .iter()
                    .position(|known| *known == key)
                    .unwrap_or(ORDER.len())
            };
            table.keys.sort_by_key(|(key, _)| at(key));
        }
        loop {
            let (text, owners) = self.render();
            let found = Manifest::parse(&SourceText::new("packyard.toml", text.clone()));
            let Some(problem) = found.err().and_then(|all| all.into_iter().next()) else {
                return (text, self);
            };
            if !self.refused(&problem, &owners) {
                return (text, self);
            }
        }
    }

    /// Leaves out what a problem of the project file is about, in its words; says whether there is such a thing.
    pub fn refused(&mut self, problem: &Diagnostic, owners: &[Owner]) -> bool {
        let line = problem.place.as_ref().map_or(0, |place| place.line);
        let Some(Some((table, key))) = owners.get(line.wrapping_sub(1)).copied() else {
            return false;
        };
        let Some(what) = self.drop(table, key, problem.place.as_deref()) else {
            return false;
        };
        self.leave_out(what, problem.message.clone(), None);
        true
    }

    fn tables(&mut self) -> Vec<&mut Table> {
        let first = [&mut self.package, &mut self.deb, &mut self.rpm];
        first
            .into_iter()
            .chain(&mut self.things)
            .chain(&mut self.scripts)
            .collect()
    }

    /// Takes away what is at a place: one item of a list, a key, or of a thing all of it. Says what it was.
    fn drop(&mut self, table: usize, key: Option<usize>, place: Option<&Place>) -> Option<String> {
        let tables = self.tables();
        let at = &mut *tables.into_iter().nth(table).expect("the table was rendered");
        if at.head.starts_with("[[") {
            let what = at.lines().join(" ");
            self.things.remove(table - 3);
            return Some(what);
        }
        let head = at.head.clone();
        let key = key.filter(|key| *key < at.keys.len())?;
        let name = at.keys[key].0.clone();
        if let Some(item) = place.and_then(|place| at.drop_item(key, place)) {
            return Some(format!("{head} {name}: {item}"));
        }
        let (_, value) = at.keys.remove(key);
        Some(format!("{head} {name} = {value}"))
    }

    /// The text, and for each line the table and the key that it is of.
    pub fn render(&mut self) -> (String, Vec<Owner>) {
        let mut lines = self.comments();
        let mut owners = vec![None; lines.len()];
        let missing: Vec<String> = self
            .missing
            .iter()
            .map(|(key, why)| format!("# {key} = \"\"    # fill in: {why}"))
            .collect();
        for (number, table) in self.tables().into_iter().enumerate() {
            let fill = if number == 0 { &missing[..] } else { &[] };
            if table.keys.is_empty() && fill.is_empty() {
                continue;
            }
            lines.push(String::new());
            owners.push(None);
            let own = table.lines();
            let before = own.len() - table.keys.len();
            for (at, line) in own.into_iter().enumerate() {
                for part in line.split('\n') {
                    owners.push(Some((number, at.checked_sub(before))));
                    lines.push(part.to_owned());
                }
            }
            for line in fill {
                owners.push(None);
                lines.push(line.clone());
            }
        }
        (lines.join("\n") + "\n", owners)
    }

    fn comments(&self) -> Vec<String> {
        let mut lines =
            vec!["# What packyard does not find out by itself (docs/project-file.md).".to_owned()];
        if !self.read.is_empty() {
            lines.push(format!("# Read: {}.", self.read.join(", ")));
        }
        if !self.left_out.is_empty() {
            lines.push("#".to_owned());
            lines.push("# Left out:".to_owned());
            let one = |left: &LeftOut| {
                let at = left
                    .place
                    .as_ref()
                    .map(|place| format!("{}:{} ", place.file, place.line));
                let text = format!("# {}{}: {}", at.unwrap_or_default(), left.what, left.why);
                text.replace(char::is_control, " ")
            };
            lines.extend(self.left_out.iter().map(one));
        }
        lines
    }
}
