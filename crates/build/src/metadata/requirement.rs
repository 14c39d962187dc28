//! Requirements (PEP 508) as the build backends write them into `Requires-Dist`.

use pep508_rs::{MarkerTree, Requirement, VerbatimUrl};
use std::str::FromStr as _;

/// A requirement, split at its marker.
#[derive(Debug, Clone)]
pub(super) struct Split {
    /// Name, extras, versions or URL, in their usual spelling.
    head: String,
    /// The marker, as it was written.
    marker: Option<String>,
}

/// Reads a requirement.
pub(super) fn split(text: &str) -> Result<Split, String> {
    let mut parsed = parse(text)?;
    let marker = (!parsed.marker.is_true()).then(|| written_marker(text));
    parsed.marker = MarkerTree::TRUE;
    Ok(Split {
        head: parsed.to_string(),
        marker,
    })
}

fn parse(text: &str) -> Result<Requirement<VerbatimUrl>, String> {
    packyard_formats::requirement::check_names(text)?;
    text.parse()
        .map_err(|e: pep508_rs::Pep508Error| e.message.to_string())
}

/// What stands behind the first semicolon; in a URL, one needs a blank before it.
fn written_marker(text: &str) -> String {
    let is_url = text.contains('@');
    let is_mark = |(i, _): &(usize, &str)| !is_url || text[..*i].ends_with([' ', '\t']);
    let mark = text.match_indices(';').find(is_mark);
    mark.map_or("", |(i, _)| text[i + 1..].trim()).to_owned()
}

impl Split {
    /// `NAME>=1 ; MARKER`.
    pub fn plain(&self) -> String {
        match &self.marker {
            Some(marker) => format!("{} ; {marker}", self.head),
            None => self.head.clone(),
        }
    }

    /// The same below an extra, after its own marker.
    pub fn with_extra(&self, extra: &str) -> String {
        match &self.marker {
            Some(marker) => format!("{} ; ({marker}) and extra == '{extra}'", self.head),
            None => format!("{} ; extra == '{extra}'", self.head),
        }
    }

    /// The same with the extra first, as flit-core has it.
    pub fn extra_first(&self, extra: &str) -> String {
        match &self.marker {
            Some(marker) => format!("{} ; extra == '{extra}' and ({marker})", self.head),
            None => format!("{} ; extra == '{extra}'", self.head),
        }
    }
}

/// As `uv_build` writes it: the marker in its simplest form.
pub(super) fn uv(text: &str, extra: Option<&str>) -> Result<String, String> {
    let parsed = parse(text)?;
    Ok(match extra.map(pep508_rs::ExtraName::from_str) {
        Some(Ok(extra)) => parsed.with_extra_marker(&extra).to_string(),
        _ => parsed.to_string(),
    })
}

/// Whether any extra asks for the project itself, with another extra.
pub(super) fn name_themselves(project: &str, extras: &[(String, Vec<String>)]) -> bool {
    let own = packyard_types::ProjectName::parse(project).ok();
    let mut all = extras
        .iter()
        .flat_map(|(_, list)| list)
        .filter_map(|text| parse(text).ok());
    all.any(|r| packyard_types::ProjectName::parse(r.name.as_ref()).ok() == own)
}

/// An extra's name as the index knows it (PEP 685).
pub(super) fn extra_name(extra: &str) -> String {
    packyard_types::ProjectName::parse(extra).map_or(extra.to_owned(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_stays_as_it_was_written() {
        let split = split("Tomli >=1 ; python_version < '3.11'").unwrap();
        assert_eq!(split.plain(), "tomli>=1 ; python_version < '3.11'");
        assert_eq!(
            split.with_extra("x"),
            "tomli>=1 ; (python_version < '3.11') and extra == 'x'"
        );
        assert_eq!(
            split.extra_first("x"),
            "tomli>=1 ; extra == 'x' and (python_version < '3.11')"
        );
        let url = super::split("a @ https://x.example/a.whl ; os_name == 'a;b'").unwrap();
        assert_eq!(url.plain(), "a @ https://x.example/a.whl ; os_name == 'a;b'");
        assert!(super::split("a ==").is_err());
    }
}
