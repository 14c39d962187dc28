//! Pages of the simple repository API: HTML (PEP 503, with the attributes of PEP 592) and JSON (PEP 691, 700).
//!
//! The HTML is not parsed as HTML: links are looked for, as pip's own reader of old pages did, and everything else is
//! passed over.

use super::{Found, MAX_FOUND, Place, text, too_many};
use crate::fault::Fault;
use packyard_types::{Digest, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// A list of projects: the pages of each.
    Projects(Vec<Place>),
    /// The files of one project, or a flat list of files.
    Files(Vec<Found>),
}

/// Reads a page, HTML or JSON. `path` is where the page lies below the root: its links are relative to it.
pub fn page(path: &str, bytes: &[u8]) -> Result<Page, Fault> {
    let text = text("the page", bytes)?;
    if text.trim_start().starts_with('{') {
        return json(path, text);
    }
    let (mut files, mut pages) = (Vec::new(), Vec::new());
    for tag in anchors(text) {
        if files.len() + pages.len() >= MAX_FOUND {
            return Err(too_many("the page"));
        }
        let Some(href) = attribute(tag, "href") else {
            continue;
        };
        let Some(place) = Place::linked(path, &href) else {
            continue;
        };
        if !is_package(&place.filename()) {
            pages.push(place);
            continue;
        }
        let mut found = Found::at(place);
        let fragment = href.split_once('#').map_or("", |(_, f)| f);
        found.sha256 = fragment.strip_prefix("sha256=").and_then(|d| d.parse().ok());
        found.yanked = attribute(tag, "data-yanked");
        files.push(found);
    }
    // A directory of files also links the directory above it.
    if files.is_empty() && !pages.is_empty() {
        return Ok(Page::Projects(pages));
    }
    Ok(Page::Files(files))
}

/// Whether a name is one of a file that Python's packages come in, hosted here or not.
pub fn is_package(filename: &str) -> bool {
    let endings = [
        ".whl", ".tar.gz", ".zip", ".egg", ".tar.bz2", ".tgz", ".exe", ".msi",
    ];
    endings.iter().any(|e| filename.ends_with(e))
}

/// PEP 691 and 700, as much of it as counts here.
#[derive(Deserialize)]
struct Json {
    #[serde(default)]
    projects: Vec<JsonProject>,
    #[serde(default)]
    files: Vec<JsonFile>,
}

#[derive(Deserialize)]
struct JsonProject {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct JsonFile {
    url: String,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
    size: Option<u64>,
    upload_time: Option<String>,
    #[serde(default)]
    yanked: Value,
}

fn json(path: &str, text: &str) -> Result<Page, Fault> {
    let bad = |e: serde_json::Error| {
        Fault::new(
            format!("the page is not JSON of the simple API: {e}"),
            "is this the URL of a simple index?",
        )
    };
    let page: Json = serde_json::from_str(text).map_err(bad)?;
    if page.files.len().max(page.projects.len()) > MAX_FOUND {
        return Err(too_many("the page"));
    }
    if page.files.is_empty() && !page.projects.is_empty() {
        let link = |p: &JsonProject| Place::linked(path, &format!("{}/", p.name));
        return Ok(Page::Projects(page.projects.iter().filter_map(link).collect()));
    }
    let file = |f: JsonFile| {
        let sha256: Option<Digest> = f.hashes.get("sha256").and_then(|d| d.parse().ok());
        Some(Found {
            sha256,
            size_bytes: f.size,
            time: f.upload_time.and_then(|t| Timestamp::parse(&t).ok()),
            yanked: match f.yanked {
                Value::String(why) => Some(why),
                Value::Bool(true) => Some(String::new()),
                _ => None,
            },
            ..Found::at(Place::linked(path, &f.url)?)
        })
    };
    Ok(Page::Files(page.files.into_iter().filter_map(file).collect()))
}

/// The inside of each `<a …>`.
fn anchors(text: &str) -> impl Iterator<Item = &str> {
    tags(text, "a").map(|(tag, _)| tag)
}

/// The inside of each tag of a name, the attributes with a letter before them, and the text up to the next tag.
pub(super) fn tags<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let is_one = |tag: &&str| {
        let named = tag
            .get(..name.len())
            .is_some_and(|n| n.eq_ignore_ascii_case(name));
        named
            && tag
                .as_bytes()
                .get(name.len())
                .is_some_and(u8::is_ascii_whitespace)
    };
    // Attributes are looked for behind the first letter of a tag.
    let inside = move |rest: &'a str| {
        let inside = tag(rest);
        let after = rest.get(inside.len() + 1..).unwrap_or_default();
        (&inside[name.len() - 1..], after)
    };
    text.split('<').skip(1).filter(is_one).map(inside)
}

/// Up to the `>` that is outside quotes.
fn tag(rest: &str) -> &str {
    let mut quote = None;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (None, '>') => return &rest[..at],
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            _ => {}
        }
    }
    rest
}

/// An attribute's value, its entities resolved; empty where it has none.
pub(super) fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag.get(1..)?;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let (this, after) = (&rest[..end], rest[end..].trim_start());
        let (value, next) = match after.strip_prefix('=') {
            Some(after) => value(after.trim_start()),
            None => ("", after),
        };
        if this.eq_ignore_ascii_case(name) {
            return Some(resolved(value));
        }
        // A stray `=` would otherwise be looked at for ever.
        rest = if next.len() == rest.len() {
            next.get(1..)?
        } else {
            next
        };
    }
}

fn value(after: &str) -> (&str, &str) {
    match after.chars().next() {
        Some(q @ ('"' | '\'')) => after[1..].split_once(q).unwrap_or((&after[1..], "")),
        _ => {
            let end = after.find(char::is_whitespace).unwrap_or(after.len());
            after.split_at(end)
        }
    }
}

/// The entities that pages of indexes have.
pub(super) fn resolved(value: &str) -> String {
    value
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&#43;", "+")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_page_of_links_gives_files_with_digest_and_yank() {
        let html = r#"<!doctype html><A class=x HREF="../../f/a-1-py3-none-any.whl#sha256=2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" data-requires-python="&gt;=3.8">a</a>
<a href='a-1.tar.gz' data-yanked="it broke &amp; burnt">b</a><a data-yanked href="a-2.tar.gz">c</a><abbr href="x.whl">"#;
        let Page::Files(files) = page("simple/a/", html.as_bytes()).unwrap() else {
            panic!("files");
        };
        assert_eq!(files.len(), 3);
        assert_eq!(files[0].sha256, Some(Digest::of(b"hello")));
        assert_eq!(files[0].place, Place::Below("f/a-1-py3-none-any.whl".to_owned()));
        assert_eq!(files[1].yanked.as_deref(), Some("it broke & burnt"));
        assert_eq!(files[2].yanked.as_deref(), Some(""));
    }

    #[test]
    fn a_page_of_json_gives_upload_times() {
        let json = r#"{"meta":{"api-version":"1.1"},"name":"a","files":[{"filename":"a-1.tar.gz","url":"https://f.example.org/a-1.tar.gz","hashes":{},"upload-time":"2019-03-22T00:00:00Z","size":3,"yanked":true}]}"#;
        let Page::Files(files) = page("simple/a/", json.as_bytes()).unwrap() else {
            panic!("files");
        };
        assert_eq!(files[0].time, Some(Timestamp::from_unix_seconds(1_553_212_800)));
        assert_eq!(
            (files[0].size_bytes, files[0].yanked.as_deref()),
            (Some(3), Some(""))
        );
    }

    #[test]
    fn the_root_page_gives_the_pages_of_projects() {
        let expected = Page::Projects(vec![Place::Below("simple/foo".to_owned())]);
        assert_eq!(
            page("simple/", b"<a href=\"/simple/foo/\">foo</a>").unwrap(),
            expected
        );
        assert_eq!(
            page("simple/", br#"{"projects":[{"name":"foo"}]}"#).unwrap(),
            expected
        );
    }

    #[test]
    fn a_page_of_garbage_ends() {
        for text in [
            "<a = = =>",
            "<a href=>",
            "<a href='",
            "<a",
            "<a \"x",
            "<a href==a.whl>",
        ] {
            page("", text.as_bytes()).unwrap();
        }
    }
}
