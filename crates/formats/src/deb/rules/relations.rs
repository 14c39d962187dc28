//! The fields that name other packages (Debian Policy 7): what apt cannot read in one stanza makes it refuse the whole
//! index, so it is refused before it is in one.

use super::in_control;
use crate::deb::relation::{Operator, Relation, groups, parse};
use crate::deb822::Paragraph;
use crate::fault::{Fault, shown};

/// What a field's relations may be, beyond their syntax.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Alternatives, any comparison.
    Needs,
    /// No alternatives.
    Opposes,
    /// No alternatives, and a version only with `=`.
    Offers,
    /// No alternatives, and always a version with `=`.
    BuiltFrom,
}

const FIELDS: [(&str, Kind); 11] = [
    ("Pre-Depends", Kind::Needs),
    ("Depends", Kind::Needs),
    ("Recommends", Kind::Needs),
    ("Suggests", Kind::Needs),
    ("Enhances", Kind::Needs),
    ("Breaks", Kind::Opposes),
    ("Conflicts", Kind::Opposes),
    ("Replaces", Kind::Opposes),
    ("Provides", Kind::Offers),
    ("Built-Using", Kind::BuiltFrom),
    ("Static-Built-Using", Kind::BuiltFrom),
];

/// Judges every relation of every field.
pub(super) fn judge(control: &Paragraph, faults: &mut Vec<Fault>) {
    for (name, kind) in FIELDS {
        match control.get(name) {
            None => {}
            Some(value) if value.trim_ascii().is_empty() => faults.push(in_control(
                format!("its field `{name}` is empty"),
                "leave the field out",
            )),
            Some(value) => {
                for group in groups(value) {
                    faults.extend(judge_group(name, kind, &group));
                }
            }
        }
    }
}

fn judge_group(field: &str, kind: Kind, alternatives: &[&str]) -> Option<Fault> {
    let text = alternatives.join(" | ");
    let fault = |why: &str, hint: &str| {
        let rule = format!("its field `{field}`: `{}` {why}", shown(&text));
        in_control(rule, hint)
    };
    if kind != Kind::Needs && alternatives.len() > 1 {
        return Some(fault("has alternatives", "write each package between commas"));
    }
    for one in alternatives {
        let relation = match parse(one) {
            Ok(relation) => relation,
            Err(why) => {
                let hint = "write `NAME`, `NAME (>= VERSION)` or `NAME:any`, between commas (deb-control(5))";
                return Some(fault(why, hint));
            }
        };
        if let Some((why, hint)) = wrong_version(kind, &relation) {
            return Some(fault(why, hint));
        }
    }
    None
}

fn wrong_version(kind: Kind, relation: &Relation<'_>) -> Option<(&'static str, &'static str)> {
    let operator = relation.version.map(|(operator, _)| operator);
    match (kind, operator) {
        (Kind::Offers, Some(operator)) if operator != Operator::Equal => Some((
            "provides other than one version",
            "write `NAME (= VERSION)`, or `NAME` alone",
        )),
        (Kind::BuiltFrom, operator) if operator != Some(Operator::Equal) => Some((
            "does not say which version it was built from",
            "write `NAME (= VERSION)`",
        )),
        _ => None,
    }
}
