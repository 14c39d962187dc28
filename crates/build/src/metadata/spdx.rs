//! SPDX licence expressions (PEP 639), whose identifiers are read without regard to case.

/// The expression in its usual spelling; else why it is none.
pub(super) fn usual(text: &str) -> Result<String, String> {
    let mut out: Vec<String> = Vec::new();
    for word in text.replace('(', " ( ").replace(')', " ) ").split_whitespace() {
        out.push(usual_word(word));
    }
    let usual = out.join(" ").replace("( ", "(").replace(" )", ")");
    match spdx::Expression::parse(&usual) {
        Ok(_) => Ok(usual),
        Err(e) => Err(e.reason.to_string()),
    }
}

fn usual_word(word: &str) -> String {
    let (id, plus) = match word.strip_suffix('+') {
        Some(id) => (id, "+"),
        None => (word, ""),
    };
    let licenses = spdx::identifiers::LICENSES.iter().map(|license| license.name);
    let exceptions = spdx::identifiers::EXCEPTIONS
        .iter()
        .map(|exception| exception.name);
    let known = licenses
        .chain(exceptions)
        .find(|name| name.eq_ignore_ascii_case(id));
    match known {
        Some(known) => format!("{known}{plus}"),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::usual;

    #[test]
    fn case_does_not_matter_and_nonsense_does() {
        assert_eq!(
            usual("mit OR (apache-2.0 AND bsd-3-clause)").unwrap(),
            "MIT OR (Apache-2.0 AND BSD-3-Clause)"
        );
        assert_eq!(usual("LicenseRef-Own").unwrap(), "LicenseRef-Own");
        assert!(usual("Foo").is_err() && usual("MIT and").is_err());
    }
}
