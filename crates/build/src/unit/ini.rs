//! The text of a unit file: sections in systemd's usual order, keys in the order in which they were first set.

/// A section's name, and its keys with their values.
type Section = (String, Vec<(String, Vec<String>)>);

/// A unit file as it is being written.
#[derive(Debug, Default)]
pub(super) struct UnitText {
    sections: Vec<Section>,
}

impl UnitText {
    /// Sets a key; what it was set to before is forgotten. Without a value the key stays away.
    pub fn set<'a>(&mut self, section: &str, key: &str, values: impl IntoIterator<Item = &'a str>) {
        let values: Vec<String> = values.into_iter().map(|v| v.replace('\n', " ")).collect();
        if values.is_empty() {
            return;
        }
        let at = self
            .sections
            .iter()
            .position(|(name, _)| name == section)
            .unwrap_or_else(|| {
                self.sections.push((section.to_owned(), Vec::new()));
                self.sections.len() - 1
            });
        let keys = &mut self.sections[at].1;
        match keys.iter_mut().find(|(name, _)| name == key) {
            Some((_, there)) => *there = values,
            None => keys.push((key.to_owned(), values)),
        }
    }

    /// The file.
    pub fn render(&self) -> String {
        let rank = |name: &str| match name {
            "Unit" => 0,
            "Install" => 2,
            _ => 1,
        };
        let mut sections: Vec<_> = self.sections.iter().collect();
        sections.sort_by_key(|(name, _)| rank(name));
        let section = |(name, keys): &&Section| {
            let line = |(key, values): &(String, Vec<String>)| {
                values
                    .iter()
                    .map(|value| format!("{key}={value}\n"))
                    .collect::<Vec<_>>()
                    .concat()
            };
            format!("[{name}]\n{}", keys.iter().map(line).collect::<Vec<_>>().concat())
        };
        sections.iter().map(section).collect::<Vec<_>>().join("\n")
    }
}
