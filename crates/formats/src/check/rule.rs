//! One rule of the gate: its stable name, how bad a breach is, why it is there, and how to mend one.

use super::finding::Severity;
use serde::Serialize;
use std::fmt;

/// A kind of package that a rule judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A Debian binary package.
    Deb,
    /// An RPM, binary or source.
    Rpm,
    /// A wheel.
    Wheel,
    /// An sdist.
    Sdist,
    /// An OpenPGP key.
    Key,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::Wheel => "wheel",
            Self::Sdist => "sdist",
            Self::Key => "key",
        })
    }
}

/// A rule. Every finding names one, so there is none without a reason and a way out.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The stable name, in kebab case.
    pub name: &'static str,
    /// How bad a breach is.
    pub severity: Severity,
    /// What it judges.
    pub formats: &'static [Format],
    /// What a breach is, in a line.
    pub title: &'static str,
    /// Why somebody minds.
    pub why: &'static str,
    /// What to do about it.
    pub fix: &'static str,
    /// Where it is written.
    pub source: &'static str,
    /// What other tools call it, as `lintian:TAG`, `rpmlint:TAG`, `twine:…`, `check-wheel-contents:CODE`.
    pub elsewhere: &'static [&'static str],
}

impl Rule {
    /// Its formats, as in `deb, rpm`.
    pub fn formats(&self) -> String {
        let names: Vec<String> = self.formats.iter().map(Format::to_string).collect();
        names.join(", ")
    }
}

impl fmt::Display for Rule {
    /// What `--explain` prints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} ({})", self.name, self.severity, self.formats())?;
        writeln!(f, "  {}.", self.title)?;
        writeln!(f, "why:    {}", self.why)?;
        writeln!(f, "fix:    {}", self.fix)?;
        write!(f, "source: {}", self.source)?;
        if !self.elsewhere.is_empty() {
            write!(f, "\nalso:   {}", self.elsewhere.join(", "))?;
        }
        Ok(())
    }
}
