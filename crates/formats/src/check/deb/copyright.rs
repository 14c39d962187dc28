//! copyright: free text, or machine-readable as copyright-format 1.0 (DEP-5) says: a header with Format, then Files
//! paragraphs with Copyright and License, and License paragraphs with the texts that those name.

use crate::check::Finding;
use crate::check::rules::deb_documents as rules;
use crate::deb822::{self, Paragraph};
use std::collections::BTreeSet;

/// Words that templates leave behind.
const TEMPLATES: [&str; 12] = [
    "<upstream author",
    "<years>",
    "<likewise for another author>",
    "<put author",
    "<insert copyright",
    "<url://",
    "<preferred name and address",
    "<fixme",
    "url to the upstream",
    "<special license>",
    "<add more authors",
    "format: https://www.debian.org/doc/packaging-manuals/copyright-format/version",
];
const ADDRESSES: [&str; 3] = ["675 Mass Ave", "59 Temple Place", "02111-1307"];

/// Most paragraphs that are compared with each other; the largest real files have some hundred.
const MAX_PARAGRAPHS: usize = 3_000;

/// Checks the text.
pub fn check(path: &str, bytes: &[u8], findings: &mut Vec<Finding>) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        findings.push(Finding::of(&rules::TEXT_ENCODING, path, "it is not UTF-8"));
        return;
    };
    let lower = text.to_lowercase();
    if let Some(words) = TEMPLATES.iter().find(|words| lower.contains(*words)) {
        let message = format!("it still has `{words}`");
        findings.push(Finding::of(&rules::COPYRIGHT_TEMPLATE, path, message));
    }
    let notice = ["copyright", "copr.", "©", "(c)", "public domain", "public-domain"];
    if !notice.iter().any(|word| lower.contains(word)) {
        findings.push(Finding::of(
            &rules::COPYRIGHT_EMPTY,
            path,
            "nobody's copyright is in it",
        ));
    }
    if let Some(address) = ADDRESSES.iter().find(|address| text.contains(*address)) {
        let message = format!("the Free Software Foundation is not at `{address}`");
        findings.push(Finding::of(&rules::COPYRIGHT_ADDRESS, path, message));
    }
    let head = lower
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    if head.starts_with("format:") && (head.contains("copyright-format") || head.contains("dep5")) {
        machine_readable(path, text, findings);
    }
}

fn machine_readable(path: &str, text: &str, findings: &mut Vec<Finding>) {
    let paragraphs = match deb822::parse(text) {
        Ok(paragraphs) => paragraphs,
        Err(e) => {
            findings.push(Finding::of(
                &rules::COPYRIGHT_SYNTAX,
                format!("{path}:{}", e.line),
                e.rule,
            ));
            return;
        }
    };
    if paragraphs.len() > MAX_PARAGRAPHS {
        return;
    }
    let mut say = |message: String| findings.push(Finding::of(&rules::COPYRIGHT_SYNTAX, path, message));
    let names = |name: &'static str| paragraphs.iter().filter(move |p| p.get(name).is_some());
    let mut texts = BTreeSet::new();
    for paragraph in paragraphs.iter().filter(|p| p.get("Files").is_none()) {
        let Some((short, body)) = license(paragraph) else {
            continue;
        };
        if !short.is_empty() && !texts.insert(short.to_lowercase()) {
            say(format!(
                "the licence `{}` has two paragraphs",
                short.escape_debug()
            ));
        }
        let header = paragraph.get("Format").is_some();
        if body.is_empty() && !header && paragraph.get("Comment").is_none() {
            say(format!("the licence `{}` has no text", short.escape_debug()));
        }
    }
    // A text in one Files paragraph also serves the others.
    let inline = names("Files")
        .filter_map(license)
        .filter(|(_, body)| !body.is_empty());
    texts.extend(inline.map(|(short, _)| short.to_lowercase()));
    for paragraph in names("Files") {
        let files = paragraph
            .get("Files")
            .unwrap_or_default()
            .escape_debug()
            .to_string();
        for field in ["Copyright", "License"] {
            if paragraph.get(field).is_none_or(|value| value.trim().is_empty()) {
                say(format!("the paragraph of `{files}` has no {field}"));
            }
        }
        let (short, body) = license(paragraph).unwrap_or_default();
        for missing in undefined(short, &texts).filter(|_| body.is_empty()) {
            say(format!(
                "no paragraph has the text of the licence `{}`",
                missing.escape_debug()
            ));
        }
        if short.contains('|') {
            say(format!("`{}` has `|` in place of `or`", short.escape_debug()));
        }
    }
    for (paragraph, at) in paragraphs.iter().zip(1..).skip(1) {
        if ["Files", "License"]
            .iter()
            .all(|field| paragraph.get(field).is_none())
        {
            say(format!("paragraph {at} has neither Files nor License"));
        }
    }
}

/// The short name and the text of the field License.
fn license(paragraph: &Paragraph) -> Option<(&str, &str)> {
    let value = paragraph.get("License")?;
    let (short, body) = value.split_once('\n').unwrap_or((value, ""));
    Some((short.trim(), body.trim()))
}

/// The short names of an expression whose texts are nowhere.
fn undefined<'a>(expression: &'a str, texts: &'a BTreeSet<String>) -> impl Iterator<Item = &'a str> {
    let whole = texts.contains(&expression.to_lowercase());
    let names = expression.split([',', ' ', '|']).filter(move |_| !whole);
    let names = names.scan(false, |exception, word| {
        // `GPL-2+ with OpenSSL exception` names one licence.
        let was = *exception;
        *exception = word.eq_ignore_ascii_case("with") || (was && !word.eq_ignore_ascii_case("exception"));
        Some(if was || *exception { "" } else { word })
    });
    let joined =
        |word: &str| ["", "and", "or", "and/or", "exception"].contains(&word.to_lowercase().as_str());
    names.filter(move |word| {
        let lower = word.to_lowercase();
        let defined = texts
            .iter()
            .any(|text| *text == lower || text.starts_with(&format!("{lower} with")));
        !joined(word) && lower != "public-domain" && !defined
    })
}
