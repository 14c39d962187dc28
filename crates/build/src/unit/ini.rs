//! The text of a unit file: sections in systemd's usual order, keys in the order in which they were first set, and
//! where the project file says what each line says.

use crate::{Place, manifest::Setting};
use std::collections::BTreeSet;

struct Key {
    name: String,
    lines: Vec<Line>,
}

struct Line {
    value: String,
    said: Option<Said>,
}

/// Where the project file says a line: its key and its value.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub key: Place,
    pub value: Place,
}

/// A unit file as it is being written.
#[derive(Default)]
pub(super) struct UnitText {
    sections: Vec<(&'static str, Vec<Key>)>,
}

impl UnitText {
    /// Sets a key; what it was set to before is forgotten. Without a value the key stays away.
    pub fn set<'a>(&mut self, section: &'static str, key: &str, values: impl IntoIterator<Item = &'a str>) {
        let line = |value: &str| Line {
            value: value.to_owned(),
            said: None,
        };
        self.put(section, key, values.into_iter().map(line).collect(), false);
    }

    /// Sets what the project file says, over what was set before; a list without anything in it takes a key away.
    pub fn say(&mut self, settings: &[Setting]) {
        let mut said = BTreeSet::new();
        for setting in settings {
            let nothing = setting.section == "Install" && setting.values.iter().all(String::is_empty);
            let values = setting.values.iter().filter(|_| !nothing);
            let line = |value: &String| Line {
                value: value.replace('\n', " "),
                said: Some(Said {
                    key: setting.key_place.clone(),
                    value: setting.place.clone(),
                }),
            };
            let again = !said.insert((setting.section, &setting.key));
            self.put(setting.section, &setting.key, values.map(line).collect(), again);
        }
    }

    fn put(&mut self, section: &'static str, name: &str, lines: Vec<Line>, again: bool) {
        let at = self.sections.iter().position(|(there, _)| *there == section);
        let at = at.unwrap_or_else(|| {
            self.sections.push((section, Vec::new()));
            self.sections.len() - 1
        });
        let keys = &mut self.sections[at].1;
        match keys.iter_mut().find(|key| key.name == name) {
            Some(key) if again => key.lines.extend(lines),
            Some(key) => key.lines = lines,
            None => keys.push(Key {
                name: name.to_owned(),
                lines,
            }),
        }
    }

    /// The file, and for each of its lines the place in the project file, where there is one.
    pub fn render(mut self) -> (String, Vec<Option<Said>>) {
        for (_, keys) in &mut self.sections {
            keys.retain(|key| !key.lines.is_empty());
        }
        self.sections.retain(|(_, keys)| !keys.is_empty());
        self.sections.sort_by_key(|(name, _)| match *name {
            "Unit" => 0,
            "Install" => 2,
            _ => 1,
        });
        let (mut text, mut places) = (String::new(), Vec::new());
        for (section, keys) in self.sections {
            if !text.is_empty() {
                text.push('\n');
                places.push(None);
            }
            text.push_str(&format!("[{section}]\n"));
            places.push(None);
            for key in keys {
                for line in key.lines {
                    text.push_str(&format!("{}={}\n", key.name, line.value));
                    places.push(line.said);
                }
            }
        }
        (text, places)
    }
}
