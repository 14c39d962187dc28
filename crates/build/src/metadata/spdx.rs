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

/// What a licence that is written in another way means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meant {
    /// This identifier and no other.
    Id(&'static str),
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Nothing that is known.
    Unknown,
}

/// Well-known spellings, as [`plain`] leaves them.
const SPELLINGS: [(&str, &str); 34] = [
    ("0bsd", "0BSD"),
    ("2clausebsd", "BSD-2-Clause"),
    ("3clausebsd", "BSD-3-Clause"),
    ("agpl3+", "AGPL-3.0-or-later"),
    ("apache2", "Apache-2.0"),
    ("artistic2", "Artistic-2.0"),
    ("boost1", "BSL-1.0"),
    ("bsd2", "BSD-2-Clause"),
    ("bsd2clause", "BSD-2-Clause"),
    ("bsd3", "BSD-3-Clause"),
    ("bsd3clause", "BSD-3-Clause"),
    ("cc01", "CC0-1.0"),
    ("epl2", "EPL-2.0"),
    ("expat", "MIT"),
    ("gpl1+", "GPL-1.0-or-later"),
    ("gpl2+", "GPL-2.0-or-later"),
    ("gpl2only", "GPL-2.0-only"),
    ("gpl3+", "GPL-3.0-or-later"),
    ("gpl3only", "GPL-3.0-only"),
    ("isc", "ISC"),
    ("iscl", "ISC"),
    ("lgpl2+", "LGPL-2.0-or-later"),
    ("lgpl2.1+", "LGPL-2.1-or-later"),
    ("lgpl3+", "LGPL-3.0-or-later"),
    ("mit", "MIT"),
    ("modifiedbsd", "BSD-3-Clause"),
    ("mozillapublic2", "MPL-2.0"),
    ("mpl2", "MPL-2.0"),
    ("newbsd", "BSD-3-Clause"),
    ("psf2", "PSF-2.0"),
    ("python2", "Python-2.0"),
    ("simplifiedbsd", "BSD-2-Clause"),
    ("unlicense", "Unlicense"),
    ("zlib", "Zlib"),
];

/// Spellings that leave something open: a version, or whether a later one may be taken.
const OPEN: [(&str, &[&str]); 14] = [
    ("agpl", &["AGPL-3.0-only", "AGPL-3.0-or-later"]),
    ("agpl3", &["AGPL-3.0-only", "AGPL-3.0-or-later"]),
    ("apache", &["Apache-2.0", "Apache-1.1"]),
    ("bsd", &["BSD-3-Clause", "BSD-2-Clause"]),
    (
        "gpl",
        &[
            "GPL-3.0-or-later",
            "GPL-3.0-only",
            "GPL-2.0-or-later",
            "GPL-2.0-only",
        ],
    ),
    ("gpl2", &["GPL-2.0-only", "GPL-2.0-or-later"]),
    ("gpl3", &["GPL-3.0-only", "GPL-3.0-or-later"]),
    (
        "lgpl",
        &[
            "LGPL-3.0-or-later",
            "LGPL-3.0-only",
            "LGPL-2.1-or-later",
            "LGPL-2.1-only",
        ],
    ),
    ("lgpl2", &["LGPL-2.0-only", "LGPL-2.0-or-later"]),
    ("lgpl2.1", &["LGPL-2.1-only", "LGPL-2.1-or-later"]),
    ("lgpl3", &["LGPL-3.0-only", "LGPL-3.0-or-later"]),
    ("mpl", &["MPL-2.0", "MPL-1.1"]),
    ("psf", &["PSF-2.0", "Python-2.0"]),
    ("python", &["PSF-2.0", "Python-2.0"]),
];

/// What is meant by a licence that is no SPDX expression.
pub(crate) fn meant(text: &str) -> Meant {
    let plain = plain(text);
    if let Some((_, id)) = SPELLINGS.iter().find(|(spelling, _)| *spelling == plain) {
        return Meant::Id(id);
    }
    match OPEN.iter().find(|(spelling, _)| *spelling == plain) {
        Some((_, ids)) => Meant::OneOf(ids),
        None => Meant::Unknown,
    }
}

/// `GNU GPL v2 or later` and `GPL-2+` are `gpl2+`.
fn plain(text: &str) -> String {
    const FILLING: [&str; 9] = [
        "the",
        "license",
        "licence",
        "version",
        "any",
        "software",
        "foundation",
        "gnu",
        "licensed",
    ];
    let lower = text.to_ascii_lowercase().replace("general public", "gpl");
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric() && c != '+' && c != '.');
    let words = words.filter(|word| !FILLING.contains(word));
    let joined = words
        .collect::<String>()
        .replace("orlater", "+")
        .replace("ornewer", "+");
    let joined = joined.replace("lessergpl", "lgpl").replace("afferogpl", "agpl");
    let joined = joined
        .replace("plv", "pl")
        .replace("apachev", "apache")
        .replace("mplv", "mpl");
    match joined.strip_suffix('+') {
        Some(text) => format!("{}+", text.strip_suffix(".0").unwrap_or(text)),
        None => joined
            .strip_suffix(".0")
            .unwrap_or(&joined)
            .replace(".0only", "only"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Meant, meant, usual};

    #[test]
    fn well_known_spellings_are_understood_and_open_ones_are_not_guessed() {
        for (text, id) in [
            ("GPL-2+", "GPL-2.0-or-later"),
            ("GPL v2 or later", "GPL-2.0-or-later"),
            ("GPLv2+", "GPL-2.0-or-later"),
            ("GNU General Public License v3 or later", "GPL-3.0-or-later"),
            (
                "GNU Lesser General Public License, version 2.1 or any later version",
                "LGPL-2.1-or-later",
            ),
            ("LGPLv3+", "LGPL-3.0-or-later"),
            ("Apache 2.0", "Apache-2.0"),
            ("Apache License, Version 2.0", "Apache-2.0"),
            ("Apache Software License 2.0", "Apache-2.0"),
            ("MIT License", "MIT"),
            ("The MIT License", "MIT"),
            ("BSD 3-Clause License", "BSD-3-Clause"),
            ("3-Clause BSD", "BSD-3-Clause"),
            ("ISC License", "ISC"),
            ("MPL 2.0", "MPL-2.0"),
            ("Mozilla Public License 2.0", "MPL-2.0"),
            ("The Unlicense", "Unlicense"),
        ] {
            assert_eq!(meant(text), Meant::Id(id), "{text}");
        }
        for text in ["BSD", "GPL", "GPLv3", "GNU GPL v2", "Apache License", "PSF"] {
            assert!(matches!(meant(text), Meant::OneOf(_)), "{text}");
        }
        assert_eq!(meant("Proprietary"), Meant::Unknown);
    }

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
