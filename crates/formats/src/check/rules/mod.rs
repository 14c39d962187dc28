//! Every rule of the gate, in the groups in which docs/checks.md shows them.

use super::rule::{Format, Rule};

/// Rules as a table: `ID = Severity FORMATS "name" { title, why, fix, source, [elsewhere] }`.
macro_rules! rules {
    ($($id:ident = $severity:ident $formats:ident $name:literal {
        $title:literal, $why:literal, $fix:literal, $source:literal, [$($tag:literal),* $(,)?] $(,)?
    })*) => {
        $(
            #[doc = $title]
            pub static $id: Rule = Rule {
                name: $name,
                severity: Severity::$severity,
                formats: $formats,
                title: $title,
                why: $why,
                fix: $fix,
                source: $source,
                elsewhere: &[$($tag),*],
            };
        )*
        /// The rules of this group.
        pub static RULES: &[&Rule] = &[$(&$id),*];
    };
}

pub mod deb_control;
pub mod deb_documents;
pub mod deb_scripts;
pub mod files;
pub mod keys;
pub mod packages;
pub mod placement;
pub mod python;
pub mod rpm_files;
pub mod rpm_header;
pub mod units;

const KEY: &[Format] = &[Format::Key];
const ANY: &[Format] = &[Format::Deb, Format::Rpm, Format::Wheel, Format::Sdist];
const SUMS: &[Format] = &[Format::Deb, Format::Wheel];
const DEB: &[Format] = &[Format::Deb];
const RPM: &[Format] = &[Format::Rpm];
const SYSTEM: &[Format] = &[Format::Deb, Format::Rpm];
const WHEEL: &[Format] = &[Format::Wheel];
const SDIST: &[Format] = &[Format::Sdist];
const PYTHON: &[Format] = &[Format::Wheel, Format::Sdist];

/// The rules in groups, each with its heading.
pub static GROUPS: [(&str, &[&Rule]); 11] = [
    ("Every package", packages::RULES),
    ("Files of a .deb or .rpm", files::RULES),
    ("Places of files in a .deb or .rpm", placement::RULES),
    ("systemd units", units::RULES),
    ("Control data of a .deb", deb_control::RULES),
    ("Documents and lists of a .deb", deb_documents::RULES),
    ("Maintainer scripts of a .deb", deb_scripts::RULES),
    ("Header of an .rpm", rpm_header::RULES),
    ("Files and scriptlets of an .rpm", rpm_files::RULES),
    ("Wheels and sdists", python::RULES),
    ("Signing keys (`packyard key check`)", keys::RULES),
];

/// Every rule, in the order of the groups.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    GROUPS.iter().flat_map(|(_, rules)| rules.iter().copied())
}

/// The rule of this name.
pub fn named(name: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.name == name)
}

/// The rule whose name is nearest, for hints.
pub fn nearest(name: &str) -> Option<&'static Rule> {
    all().min_by_key(|rule| crate::nearest::distance(rule.name, name))
}
