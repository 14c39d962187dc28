//! The licence: what other tools' files call it, as an SPDX expression, and what licence texts say.

use super::draft::Draft;
use crate::{
    BuildError,
    metadata::{self, Meant, meant},
};
use std::path::Path;

/// Writes what is said as an SPDX expression; what is none is left out.
pub(super) fn judge(draft: &mut Draft) {
    let Some(said) = draft.package.plain("license") else {
        return;
    };
    if spdx::Expression::parse(&said).is_ok() {
        return;
    }
    draft.package.remove("license");
    match expression(&said) {
        Ok(expression) => draft.package.text("license", &expression),
        Err(why) => draft.leave_out(format!("license {said}"), why, None),
    }
}

/// `GPLv2+ and MIT`, as .specs called licences before Fedora took SPDX: names between `and`, `or` and brackets.
fn expression(said: &str) -> Result<String, String> {
    let spaced = said.replace('(', " ( ").replace(')', " ) ");
    let mut out: Vec<String> = Vec::new();
    let mut name: Vec<&str> = Vec::new();
    for word in spaced.split_whitespace().chain([""]) {
        let operator = match word {
            "and" | "AND" => "AND",
            "or" | "OR" => "OR",
            "(" | ")" | "" => word,
            _ => {
                name.push(word);
                continue;
            }
        };
        if !name.is_empty() {
            out.push(identifier(&name.join(" "))?);
            name.clear();
        }
        out.push(operator.to_owned());
    }
    let whole = out.join(" ").replace("( ", "(").replace(" )", ")");
    let whole = whole.trim_end().to_owned();
    match spdx::Expression::parse(&whole) {
        Ok(_) => Ok(whole),
        Err(_) => Err(format!("`{said}` is no SPDX expression")),
    }
}

fn identifier(name: &str) -> Result<String, String> {
    if spdx::Expression::parse(name).is_ok() {
        return Ok(name.to_owned());
    }
    match meant(name) {
        Meant::Id(id) => Ok(id.to_owned()),
        Meant::OneOf(ids) => Err(format!("`{name}` can be {}", ids.join(" or "))),
        Meant::Unknown => Err(format!("`{name}` is no SPDX expression")),
    }
}

/// The licence whose text lies there, of those that are known by their first lines.
pub(super) fn of_the_texts(root: &Path) -> Result<Option<&'static str>, BuildError> {
    const KNOWN: [(&str, &str); 10] = [
        ("mit license", "MIT"),
        ("apache license version 2.0", "Apache-2.0"),
        ("isc license", "ISC"),
        ("bsd 2-clause", "BSD-2-Clause"),
        ("bsd 3-clause", "BSD-3-Clause"),
        ("mozilla public license version 2.0", "MPL-2.0"),
        ("gnu affero general public license version 3", "AGPL-3.0-or-later"),
        ("gnu lesser general public license version 3", "LGPL-3.0-or-later"),
        ("gnu general public license version 3", "GPL-3.0-or-later"),
        ("gnu general public license version 2", "GPL-2.0-or-later"),
    ];
    for name in metadata::default_license_files(root)? {
        let Some(file) = metadata::read(root, &name)? else {
            continue;
        };
        let words: Vec<String> = file
            .text()
            .split_whitespace()
            .take(16)
            .map(str::to_lowercase)
            .collect();
        let head = words
            .join(" ")
            .replace([',', '(', ')'], "")
            .replace("the mit license", "mit license");
        if let Some((_, id)) = KNOWN.iter().find(|(known, _)| head.contains(known)) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::expression;

    #[test]
    fn what_specs_called_licences_is_said_in_spdx() {
        for (said, wanted) in [
            ("GPLv2+ and MIT", "GPL-2.0-or-later AND MIT"),
            (
                "(GPLv3+ or LGPLv2.1+) and BSD-3-Clause",
                "(GPL-3.0-or-later OR LGPL-2.1-or-later) AND BSD-3-Clause",
            ),
            ("ASL 2.0 or MIT", "`ASL 2.0` is no SPDX expression"),
            ("GPLv2", "`GPLv2` can be GPL-2.0-only or GPL-2.0-or-later"),
            ("MIT and", "`MIT and` is no SPDX expression"),
        ] {
            let found = expression(said).unwrap_or_else(|why| why);
            assert_eq!(found, wanted);
        }
    }
}
