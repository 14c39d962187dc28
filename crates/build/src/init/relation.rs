//! A relation to another package, from one world's way to write it to the other's.

/// `name`, and `(operator, version)` where it says one.
fn parts(text: &str) -> (String, Option<(&str, String)>) {
    let plain = text.replace(['(', ')'], " ");
    let Some(at) = plain.find(['<', '>', '=']) else {
        return (plain.trim().to_owned(), None);
    };
    let (name, rest) = plain.split_at(at);
    let version = rest.trim_start_matches(['<', '>', '=']);
    let operator = match &rest[..rest.len() - version.len()] {
        "<" | "<<" => "<",
        ">" | ">>" => ">",
        "<=" => "<=",
        ">=" => ">=",
        _ => "=",
    };
    (
        name.trim().to_owned(),
        Some((operator, version.trim().to_owned())),
    )
}

/// As debian/control has it: `name (>= 1.0) | other`.
pub(super) fn for_deb(text: &str) -> String {
    let one = |text: &str| match parts(text) {
        (name, Some((operator, version))) => {
            let operator = match operator {
                "<" => "<<",
                ">" => ">>",
                other => other,
            };
            format!("{name} ({operator} {version})")
        }
        (name, None) => name,
    };
    text.split('|').map(one).collect::<Vec<_>>().join(" | ")
}

/// As a .spec has it: `name >= 1.0`, and `(a or b)`.
pub(super) fn for_rpm(text: &str) -> String {
    if text.trim_start().starts_with('(') {
        return text.trim().to_owned();
    }
    let one = |text: &str| match parts(text) {
        (name, Some((operator, version))) => format!("{name} {operator} {version}"),
        (name, None) => name,
    };
    let all: Vec<String> = text.split('|').map(one).collect();
    match &all[..] {
        [one] => one.clone(),
        _ => format!("({})", all.join(" or ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_world_writes_it_in_its_own_way() {
        for (text, deb, rpm) in [
            ("bash", "bash", "bash"),
            ("bash (>= 4)", "bash (>= 4)", "bash >= 4"),
            ("bash>=4", "bash (>= 4)", "bash >= 4"),
            ("foo (<< 1:2~rc1)", "foo (<< 1:2~rc1)", "foo < 1:2~rc1"),
            ("a | b (= 1)", "a | b (= 1)", "(a or b = 1)"),
        ] {
            assert_eq!((for_deb(text).as_str(), for_rpm(text).as_str()), (deb, rpm));
        }
    }
}
