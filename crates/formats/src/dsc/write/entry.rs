//! The newest entry of a debian/changelog as a .changes repeats it (deb-changelog(5), deb-changes(5)).

use std::collections::BTreeSet;

/// What the newest entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewestEntry {
    /// The source package.
    pub source: String,
    /// The whole version.
    pub version: String,
    /// The distributions, as they are written.
    pub distribution: String,
    /// The urgency, in lower case.
    pub urgency: String,
    /// `Name <mail>`.
    pub author: String,
    /// RFC 2822.
    pub date: String,
    /// The bugs of Debian that it closes.
    pub closes: BTreeSet<u64>,
    /// Its lines from the heading to the last item.
    lines: Vec<String>,
}

impl NewestEntry {
    /// Reads the first entry of a changelog as packyard renders it; none where its form is another.
    pub fn read(changelog: &str) -> Option<Self> {
        let (heading, rest) = changelog.split_once('\n')?;
        let (source, after) = heading.split_once(" (")?;
        let (version, after) = after.split_once(") ")?;
        let (distribution, keys) = after.split_once(';')?;
        let urgency = keys.trim().strip_prefix("urgency=")?.split([',', ' ']).next()?;
        let mut lines = vec![heading.to_owned()];
        let mut trailer = None;
        for line in rest.lines() {
            if let Some(found) = line.strip_prefix(" -- ") {
                trailer = Some(found);
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        let (author, date) = trailer?.rsplit_once("  ")?;
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        Some(Self {
            source: source.to_owned(),
            version: version.to_owned(),
            distribution: distribution.to_owned(),
            urgency: urgency.to_lowercase(),
            author: author.to_owned(),
            date: date.to_owned(),
            closes: closes(&lines.join("\n")),
            lines,
        })
    }

    /// As the value of `Changes`.
    pub(super) fn folded(&self) -> String {
        let line = |line: &String| match line.as_str() {
            "" => "\n .".to_owned(),
            line => format!("\n {line}"),
        };
        self.lines.iter().map(line).collect()
    }
}

/// `Closes: #12, bug#34`: the word, then numbers with commas between them, each perhaps after `bug` and a `#`.
fn closes(text: &str) -> BTreeSet<u64> {
    let lower = text.to_ascii_lowercase();
    let mut found = BTreeSet::new();
    for after in lower.split("closes:").skip(1) {
        let mut rest = after;
        loop {
            let rest_of = rest.trim_start();
            let rest_of = rest_of.strip_prefix("bug").unwrap_or(rest_of).trim_start();
            let rest_of = rest_of.strip_prefix('#').unwrap_or(rest_of).trim_start();
            let digits = rest_of.len() - rest_of.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let Ok(number) = rest_of[..digits].parse() else {
                break;
            };
            found.insert(number);
            match rest_of[digits..].trim_start().strip_prefix(',') {
                Some(next) => rest = next,
                None => break,
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "hello (1.0-1) unstable; urgency=Medium\n\n  * First. Closes: #12, bug#34\n\n  * Second.\n\n \
        -- Bob Sample <bob@example.org>  Fri, 22 Mar 2019 00:00:00 +0000\n\nhello (0.9-1) unstable; urgency=low\n";

    #[test]
    fn the_newest_entry_is_read_and_folded() {
        let entry = NewestEntry::read(LOG).unwrap();
        assert_eq!(
            [&entry.source, &entry.version, &entry.distribution, &entry.urgency],
            ["hello", "1.0-1", "unstable", "medium"]
        );
        assert_eq!(entry.author, "Bob Sample <bob@example.org>");
        assert_eq!(entry.date, "Fri, 22 Mar 2019 00:00:00 +0000");
        assert_eq!(entry.closes, BTreeSet::from([12, 34]));
        assert_eq!(
            entry.folded(),
            "\n hello (1.0-1) unstable; urgency=Medium\n .\n   * First. Closes: #12, bug#34\n .\n   * Second."
        );
    }

    #[test]
    fn what_is_no_entry_is_none() {
        for text in ["", "hello\n", "hello (1) u; urgency=low\n\n  * x\n"] {
            assert_eq!(NewestEntry::read(text), None, "{text}");
        }
    }
}
