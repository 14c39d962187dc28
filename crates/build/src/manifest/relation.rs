//! Relations between Debian packages, as `control` of a binary package has them (Debian Policy 7.1): `name`,
//! `name (>= 1.0)`, alternatives with `|`, several with `,`. dpkg-deb would take most of what is refused here, and apt
//! would never find it.

use crate::keys::Keys;
use packyard_types::{DebName, ProjectName};
use std::collections::BTreeMap;
use toml::Spanned;

const OPERATORS: [&str; 5] = ["<<", "<=", "=", ">=", ">>"];

/// What is wrong with a relation, and what to write instead.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    message: String,
    hint: String,
}

/// The relations of one field, each checked.
pub(super) fn relations(keys: &mut Keys<'_>, key: &'static str) -> Vec<String> {
    let texts = keys.strings(key);
    for text in &texts {
        report(keys, text.span(), faults(key, text.get_ref()));
    }
    texts.into_iter().map(Spanned::into_inner).collect()
}

/// `[python.deb-names]`: by PEP 503 name, with extras in brackets; an empty value is a project that needs no package.
pub(super) fn deb_names(mut keys: Keys<'_>) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (name, value) in keys.take_pairs() {
        let text = value.get_ref().join(", ");
        report(&keys, value.span(), faults("depends", &text));
        match normal(&name) {
            Some(normal) => {
                names.insert(normal, text);
            }
            None => keys.problem(
                value.span(),
                format!("`{name}` is not the name of a project"),
                "write it as PyPI does, such as `PyYAML` or `\"uvicorn[standard]\"`",
            ),
        }
    }
    names
}

/// `[deb.libraries]`: by soname; an empty value is a library that needs no package.
pub(super) fn libraries(mut keys: Keys<'_>) -> BTreeMap<String, String> {
    let mut libraries = BTreeMap::new();
    for (name, value) in keys.take_pairs() {
        let text = value.get_ref().join(", ");
        report(&keys, value.span(), faults("depends", &text));
        if !name.contains(".so") || name.contains('/') {
            keys.problem(
                value.span(),
                format!("`{name}` is not the name of a shared library"),
                "write it as the error says, such as `\"libfoo.so.1\"`",
            );
        }
        libraries.insert(name, text);
    }
    libraries
}

/// `Name` or `Name[extra]` in its one spelling.
fn normal(name: &str) -> Option<String> {
    let (name, extra) = match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        Some((name, extra)) => (name, Some(extra)),
        None => (name, None),
    };
    let normal = |name: &str| ProjectName::parse(name.trim()).ok().map(String::from);
    Some(match extra {
        Some(extra) => format!("{}[{}]", normal(name)?, normal(extra)?),
        None => normal(name)?,
    })
}

fn report(keys: &Keys<'_>, span: std::ops::Range<usize>, faults: Vec<Fault>) {
    for fault in faults {
        keys.problem(span.clone(), fault.message, fault.hint);
    }
}

/// What is wrong with a list of relations for a field.
fn faults(field: &str, text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for group in text.split(',').map(str::trim).filter(|group| !group.is_empty()) {
        let alternatives: Vec<&str> = group.split('|').map(str::trim).collect();
        if alternatives.len() > 1
            && ["breaks", "conflicts", "enhances", "provides", "replaces"].contains(&field)
        {
            faults.push(Fault {
                message: format!("`{group}` has alternatives, which `{field}` cannot have"),
                hint: "list them one by one".to_owned(),
            });
        }
        faults.extend(
            alternatives
                .into_iter()
                .filter_map(|relation| fault(field, relation)),
        );
    }
    faults
}

fn fault(field: &str, relation: &str) -> Option<Fault> {
    let wrong = |why: &str, hint: String| {
        Some(Fault {
            message: format!("`{relation}` is not a Debian relation: {why}"),
            hint,
        })
    };
    if relation.starts_with("${") {
        let hint = "leave it out: packyard finds the dependencies of Python and systemd itself";
        return wrong(
            "substitution variables belong into debian/control",
            hint.to_owned(),
        );
    }
    if relation.contains('[') {
        let hint = "leave the architecture out, or build without it in another project file";
        return wrong("architectures are for source packages", hint.to_owned());
    }
    let end = relation
        .find(|c: char| c.is_whitespace() || "(<>=!~".contains(c))
        .unwrap_or(relation.len());
    let (name, rest) = (&relation[..end], relation[end..].trim());
    let plain = name.split(':').next().unwrap_or(name);
    if let Err(e) = DebName::parse(plain) {
        let meant = plain.to_ascii_lowercase().replace('_', "-");
        let hint = match DebName::parse(&meant) {
            Ok(meant) => format!("did you mean `{meant}`?"),
            Err(_) => e.rule,
        };
        return wrong("that is no name of a package", hint);
    }
    if rest.is_empty() {
        return None;
    }
    let inner = rest.trim_start_matches('(').trim_end_matches(')').trim();
    let split = inner.find(|c: char| !"<>=!~".contains(c)).unwrap_or(inner.len());
    let (operator, version) = (&inner[..split], inner[split..].trim());
    if !is_version(version) {
        return wrong(
            "a relation is `name` or `name (>= 1.0)`",
            format!("such as `{name} (>= 1.0)`"),
        );
    }
    if field == "provides" && operator != "=" {
        return wrong(
            "what is provided has one version",
            format!("did you mean `{name} (= {version})`?"),
        );
    }
    if OPERATORS.contains(&operator) && rest.starts_with('(') && rest.ends_with(')') {
        return None;
    }
    let meant = match operator {
        "<" => "<<",
        ">" => ">>",
        "" | "==" => "=",
        "~=" => ">=",
        other if OPERATORS.contains(&other) => other,
        _ => {
            let hint = format!("write `{name} (<< {version}) | {name} (>> {version})`");
            return wrong(&format!("`{operator}` is no operator of it"), hint);
        }
    };
    wrong(
        "its version stands in brackets, after `<<`, `<=`, `=`, `>=` or `>>`",
        format!("did you mean `{name} ({meant} {version})`?"),
    )
}

fn is_version(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b".+~:-".contains(&b);
    text.bytes().next().is_some_and(|b| b.is_ascii_digit()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(field: &str, text: &str) -> String {
        faults(field, text)
            .into_iter()
            .map(|fault| fault.hint)
            .collect::<Vec<_>>()
            .join("; ")
    }

    #[test]
    fn what_policy_allows_is_taken() {
        for text in [
            "python3-x",
            "libc6 (>= 2.36)",
            "aa | bb (= 1:2.0~rc1-3+b1)",
            "python3:any (>= 3.9~)",
            "aa, bb (<< 2~~)",
            "",
            "libstdc++6",
            "g++",
        ] {
            assert_eq!(faults("depends", text), [], "{text}");
        }
        assert_eq!(faults("provides", "xx (= 1.0)"), []);
    }

    #[test]
    fn what_was_meant_is_said() {
        for (text, meant) in [
            ("python3-x>=1", "did you mean `python3-x (>= 1)`?"),
            ("python3-x >= 1.0", "did you mean `python3-x (>= 1.0)`?"),
            ("python3-x (> 1)", "did you mean `python3-x (>> 1)`?"),
            ("python3-x (== 1)", "did you mean `python3-x (= 1)`?"),
            ("python3-x<2", "did you mean `python3-x (<< 2)`?"),
            ("python3-x 2", "did you mean `python3-x (= 2)`?"),
            ("python3-x != 2", "write `python3-x (<< 2) | python3-x (>> 2)`"),
            ("Python3_X", "did you mean `python3-x`?"),
            ("xx (>= one)", "such as `xx (>= 1.0)`"),
        ] {
            assert_eq!(hint("depends", text), meant, "{text}");
        }
        assert!(hint("depends", "${misc:Depends}").contains("leave it out"));
        assert!(hint("depends", "xx [amd64]").contains("architecture"));
        assert_eq!(hint("conflicts", "aa | bb"), "list them one by one");
        assert_eq!(hint("provides", "xx (>= 1)"), "did you mean `xx (= 1)`?");
    }

    #[test]
    fn names_of_projects_and_their_extras_have_one_spelling() {
        assert_eq!(normal("PyYAML").as_deref(), Some("pyyaml"));
        assert_eq!(
            normal("Uvicorn[Standard_x]").as_deref(),
            Some("uvicorn[standard-x]")
        );
        assert_eq!(normal("a b"), None);
    }
}
