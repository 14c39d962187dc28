//! An inspection as text.

use super::{Inspection, letter};
use crate::archive::contents::Member;
use std::fmt;

impl fmt::Display for Inspection {
    /// Sections with their entries indented by two blanks. Control characters of the package are escaped: they must
    /// not reach a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})", self.filename, self.kind)?;
        for field in &self.fields {
            writeln!(f, "  {}: {}", shown(&field.name), indented(&field.value, "    "))?;
        }
        let signed = self.signed_by.as_deref().map(|id| format!("key {id}"));
        if matches!(self.kind.as_str(), "rpm" | "srpm") {
            writeln!(f, "  Signature: {}", signed.as_deref().unwrap_or("none"))?;
        }
        for dependencies in &self.dependencies {
            writeln!(f, "\n{}", shown(&dependencies.relation))?;
            for on in &dependencies.on {
                writeln!(f, "  {}", indented(on, "    "))?;
            }
        }
        self.files(f)?;
        for script in &self.scripts {
            writeln!(
                f,
                "\nScript {} ({})",
                shown(&script.name),
                shown(&script.interpreter)
            )?;
            writeln!(f, "  {}", indented(script.text.trim_end(), "  "))?;
        }
        match &self.changelog {
            Some(text) => writeln!(f, "\nChangelog\n  {}", indented(text.trim_end(), "  ")),
            None => Ok(()),
        }
    }
}

impl Inspection {
    fn files(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nFiles")?;
        let owners = self
            .files
            .iter()
            .map(|m| m.owner.chars().count() + m.group.chars().count() + 1);
        let owner_width = owners.max().unwrap_or(0);
        let sizes = self.files.iter().map(|m| m.size_bytes.to_string().len());
        let size_width = sizes.max().unwrap_or(0);
        for member in &self.files {
            let owner = format!("{}/{}", shown(&member.owner), shown(&member.group));
            write!(
                f,
                "  {}{:04o} {owner:<owner_width$} {:>size_width$} ",
                letter(member.kind),
                member.mode,
                member.size_bytes
            )?;
            writeln!(f, "{}", line(member))?;
        }
        Ok(())
    }
}

fn line(member: &Member) -> String {
    match &member.target {
        Some(target) => format!("{} -> {}", shown(&member.path), shown(target)),
        None => shown(&member.path),
    }
}

/// One line, its control characters escaped.
fn shown(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            if packyard_types::is_unseen(c) {
                c.escape_default().collect::<Vec<_>>()
            } else {
                vec![c]
            }
        })
        .collect()
}

/// Lines after the first are indented; control characters but the line breaks and tabs are escaped.
fn indented(text: &str, by: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.split('\t').map(shown).collect::<Vec<_>>().join("\t"))
        .collect();
    lines.join(&format!("\n{by}"))
}
