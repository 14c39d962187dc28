//! The heading of a Debian entry: `package (version) distribution; urgency=medium`.

use super::{HEADING, entry_version, version};
use crate::{Diagnostic, Fix, Place, SourceText, changelog::EntryVersion, nearest::nearest};
use packyard_types::{DebName, ReleaseVersion};

const URGENCIES: [&str; 5] = ["low", "medium", "high", "emergency", "critical"];

/// A heading, and what is wrong with it.
#[derive(Debug)]
pub(in crate::changelog) struct Heading {
    /// None where no ecosystem can express it.
    pub version: Option<EntryVersion>,
    /// The version of an open entry.
    pub planned: Option<ReleaseVersion>,
    /// Where the version stands.
    pub place: Place,
    pub distributions: Vec<String>,
    pub urgency: Option<String>,
    pub problems: Vec<Diagnostic>,
}

impl Heading {
    /// Reads a line that is meant as a heading; none if it is something else.
    pub fn read(file: &SourceText, number: usize, line: &str) -> Option<Self> {
        let parts = Parts::read(line)?;
        let mut judge = Judge {
            file,
            number,
            parts,
            problems: Vec::new(),
        };
        let version = judge.version();
        judge.package();
        let urgency = judge.settings();
        judge.shape(line);
        let place = judge.place(judge.parts.version);
        let distributions: Vec<String> = judge
            .parts
            .distributions
            .iter()
            .map(|d| (*d).to_owned())
            .collect();
        let (version, planned) = match version {
            Some((version, revision)) => {
                let (version, planned) = entry_version(version, revision, &distributions);
                (Some(version), planned)
            }
            None => (None, None),
        };
        let mut problems = judge.problems;
        // One corrected line for all that is wrong with it.
        let fixed = judge.parts.corrected();
        for problem in &mut problems {
            problem.fix = fixed
                .clone()
                .filter(|text| text != line)
                .map(|text| Fix::line(number, text));
        }
        Some(Self {
            version,
            planned,
            place,
            distributions,
            urgency,
            problems,
        })
    }
}

/// Whether a line has all the punctuation of a heading.
pub(super) fn is_formal(line: &str) -> bool {
    Parts::read(line).is_some_and(|parts| parts.parentheses && parts.semicolon)
}

/// The words of a line that is meant as a heading.
struct Parts<'a> {
    line: &'a str,
    package: &'a str,
    version: &'a str,
    parentheses: bool,
    distributions: Vec<&'a str>,
    semicolon: bool,
    settings: &'a str,
}

impl<'a> Parts<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let (head, settings, semicolon) = match line.split_once(';') {
            Some((head, settings)) => (head, settings, true),
            None => {
                let from = line.find("urgency=").unwrap_or(line.len());
                (&line[..from], &line[from..], false)
            }
        };
        let head = head.trim();
        let name_end = head
            .find(|c: char| c.is_whitespace() || c == '(')
            .unwrap_or(head.len());
        let (package, rest) = head.split_at(name_end);
        let rest = rest.trim_start();
        let parentheses = rest.starts_with('(') && rest.contains(')');
        let (version, rest) = if parentheses {
            rest[1..].split_once(')')?
        } else {
            rest.split_once(char::is_whitespace).unwrap_or((rest, ""))
        };
        let version = version.trim().trim_matches(['(', ')', '[', ']', '{', '}']);
        let named = package.starts_with(|c: char| c.is_ascii_alphanumeric())
            && package
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b));
        let versioned = ((parentheses && semicolon) || version.contains(|c: char| c.is_ascii_digit()))
            && version.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !version.contains(char::is_whitespace);
        // `fixed 2 bugs` is no heading; something of its punctuation must be there.
        let formal = parentheses || semicolon || !settings.is_empty();
        (named && versioned && formal).then(|| Self {
            line,
            package,
            version,
            parentheses,
            distributions: rest.split_whitespace().collect(),
            semicolon,
            settings: settings.trim(),
        })
    }

    /// The whole line as it should be, where every part is known.
    fn corrected(&self) -> Option<String> {
        let package = DebName::parse(&self.package.to_ascii_lowercase().replace('_', "-")).ok()?;
        let version = match version(self.version) {
            Ok(_) => self.version.to_owned(),
            Err((_, nearest)) => nearest?,
        };
        let distributions: Vec<&str> = self
            .distributions
            .iter()
            .copied()
            .filter(|d| is_distribution(d))
            .collect();
        let distributions = if distributions.is_empty() {
            "unstable".to_owned()
        } else {
            distributions.join(" ")
        };
        Some(format!(
            "{package} ({version}) {distributions}; {}",
            corrected_settings(self.settings)
        ))
    }
}

struct Judge<'a> {
    file: &'a SourceText,
    number: usize,
    parts: Parts<'a>,
    problems: Vec<Diagnostic>,
}

impl Judge<'_> {
    /// The place of a part of the line.
    fn place(&self, part: &str) -> Place {
        let mut place = self.file.line(self.number);
        // A part is a slice of the line.
        let offset = (part.as_ptr() as usize).checked_sub(self.parts.line.as_ptr() as usize);
        if let Some(offset) = offset.filter(|o| *o <= self.parts.line.len() && !part.is_empty()) {
            place.column = 1 + self.parts.line[..offset].chars().count();
            place.width = part.chars().count().max(1);
        }
        place
    }

    fn problem(&mut self, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        self.problems.push(Diagnostic::new(message).at(place).hint(hint));
    }

    fn package(&mut self) {
        if let Err(e) = DebName::parse(self.parts.package) {
            let place = self.place(self.parts.package);
            self.problem(place, e.to_string(), HEADING);
        }
    }

    fn version(&mut self) -> Option<(ReleaseVersion, Option<String>)> {
        match version(self.parts.version) {
            Ok(read) => Some(read),
            Err((reason, _)) => {
                let place = self.place(self.parts.version);
                let hint = "expected a version such as 1.1.3, 1.1.3~rc1, 1.1.3+post1 or 1.1.3-1";
                self.problem(place, reason, hint);
                None
            }
        }
    }

    /// The punctuation between the parts.
    fn shape(&mut self, line: &str) {
        let parts = &self.parts;
        let message = if line.starts_with(char::is_whitespace) {
            "the heading is indented"
        } else if !parts.parentheses {
            "the version is not in parentheses"
        } else if !parts.semicolon {
            "there is no `;` behind the distribution"
        } else if parts.distributions.is_empty() {
            "the heading names no distribution"
        } else if parts.distributions.iter().any(|d| !is_distribution(d)) {
            "a distribution has a character that is not allowed"
        } else if line.contains('\t') {
            "a tab in the heading; dpkg wants blanks"
        } else {
            let tight = format!(
                "{} ({}) {};",
                parts.package,
                parts.version,
                parts.distributions.join(" ")
            );
            if line.starts_with(&tight) {
                return;
            }
            "the parts of the heading are not one blank apart"
        };
        let place = if parts.parentheses || parts.version.is_empty() {
            self.file.line(self.number)
        } else {
            self.place(parts.version)
        };
        self.problem(place, format!("badly formed heading: {message}"), HEADING);
    }

    fn settings(&mut self) -> Option<String> {
        let mut urgency = None;
        let mut seen: Vec<String> = Vec::new();
        let settings: Vec<&str> = self.parts.settings.split(',').map(str::trim).collect();
        for setting in settings {
            let Some((key, value)) = setting.split_once('=') else {
                if self.parts.semicolon {
                    self.setting(setting, "expected `urgency=medium` after the `;`");
                }
                continue;
            };
            let key = key.to_ascii_lowercase();
            if seen.contains(&key) {
                self.setting(setting, &format!("`{key}` is said twice"));
            }
            match key.as_str() {
                "urgency" if URGENCIES.contains(&value.to_ascii_lowercase().as_str()) => {
                    urgency = Some(value.to_ascii_lowercase());
                }
                "urgency" => self.urgency(value),
                "binary-only" if value == "yes" => {}
                "binary-only" => self.setting(value, "`binary-only` can only be `yes`"),
                other if is_user_key(other) && !value.trim().is_empty() => {}
                other => self.setting(setting, &format!("unknown key `{other}` in the heading")),
            }
            seen.push(key);
        }
        urgency
    }

    fn setting(&mut self, part: &str, message: &str) {
        let place = self.place(part);
        self.problem(place, message, HEADING);
    }

    fn urgency(&mut self, value: &str) {
        let place = self.place(value);
        let message = format!("`{value}` is not an urgency");
        let known = "it is one of low, medium, high, emergency, critical";
        let hint = format!("did you mean `{}`? {known}", nearest_urgency(value));
        self.problem(place, message, hint);
    }
}

fn is_distribution(word: &str) -> bool {
    word.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// `XB-…`, `XC-…`, `XS-…`: what dpkg passes through.
fn is_user_key(key: &str) -> bool {
    let Some((mark, rest)) = key.split_once('-') else {
        return false;
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    mark.len() > 1
        && mark.starts_with('x')
        && mark[1..].bytes().all(|b| b"bcs".contains(&b))
        && !rest.is_empty()
        && rest.bytes().all(plain)
}

/// The urgency that a word is nearest to.
fn nearest_urgency(word: &str) -> &'static str {
    let word = word.trim().to_ascii_lowercase();
    let aliases = [
        ("mid", "medium"),
        ("normal", "medium"),
        ("moderate", "medium"),
        ("optional", "low"),
        ("minor", "low"),
        ("urgent", "high"),
        ("important", "high"),
        ("security", "high"),
        ("grave", "critical"),
    ];
    let alias = aliases.iter().find(|(from, _)| *from == word).map(|(_, to)| *to);
    let begun = || {
        URGENCIES
            .into_iter()
            .find(|u| word.len() >= 2 && (u.starts_with(&word) || word.starts_with(u)))
    };
    let slip = || nearest(&word, URGENCIES.into_iter());
    alias.or_else(begun).or_else(slip).unwrap_or("medium")
}

/// The settings that dpkg knows, each once.
fn corrected_settings(settings: &str) -> String {
    let mut seen: Vec<String> = Vec::new();
    let mut kept: Vec<String> = Vec::new();
    for (key, value) in settings.split(',').filter_map(|s| s.trim().split_once('=')) {
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
        let text = match key.as_str() {
            "urgency" if URGENCIES.contains(&value.to_ascii_lowercase().as_str()) => {
                format!("urgency={value}")
            }
            "urgency" => format!("urgency={}", nearest_urgency(value)),
            "binary-only" => "binary-only=yes".to_owned(),
            other if is_user_key(other) && !value.is_empty() => format!("{key}={value}"),
            _ => continue,
        };
        if !seen.contains(&key) {
            seen.push(key);
            kept.push(text);
        }
    }
    if kept.is_empty() {
        kept.push("urgency=medium".into());
    }
    kept.join(", ")
}
