//! Where a file of another repository lies.

use std::fmt;

/// A path below the repository's root, or a URL elsewhere.
///
/// - A path has no empty part, no `.`, no `..`, no backslash and no control character, so it cannot leave the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Below the root, with `/` between its parts, percent-decoded.
    Below(String),
    /// An absolute `http:` or `https:` URL, as it was written.
    Elsewhere(String),
}

impl Place {
    /// A path as an index of apt or yum writes it: relative to the root. A leading `./` is passed over.
    pub fn below(path: &str) -> Option<Self> {
        let path = path.trim_start_matches("./");
        let part_ok = |p: &str| !p.is_empty() && p != "." && p != ".." && !p.contains('\\');
        let ok = path.len() <= 4096 && !path.chars().any(char::is_control) && path.split('/').all(part_ok);
        ok.then(|| Self::Below(path.to_owned()))
    }

    /// What a link on a page means; `page` is the path of the page below the root (`simple/foo/`). None for a link that
    /// leaves the root, or that is no link to a file.
    pub fn linked(page: &str, href: &str) -> Option<Self> {
        let href = href.split(['#', '?']).next().unwrap_or_default().trim();
        if href.starts_with("http://") || href.starts_with("https://") {
            let ok = !href.chars().any(|c| c.is_control() || c.is_whitespace());
            return ok.then(|| Self::Elsewhere(href.to_owned()));
        }
        let scheme = href.split(['/', '?']).next().unwrap_or_default();
        if href.is_empty() || scheme.contains(':') || href.starts_with("//") {
            return None;
        }
        let mut parts: Vec<&str> = if href.starts_with('/') { Vec::new() } else { page.split('/').filter(|p| !p.is_empty()).collect() };
        if !href.starts_with('/') && !page.ends_with('/') {
            parts.pop();
        }
        for part in href.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                part => parts.push(part),
            }
        }
        Self::below(&decoded(&parts.join("/"))?)
    }

    /// The last part: the filename, percent-decoded.
    pub fn filename(&self) -> String {
        match self {
            Self::Below(path) => last(path).to_owned(),
            Self::Elsewhere(url) => decoded(last(url)).unwrap_or_else(|| last(url).to_owned()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Below(path) => f.pad(path),
            Self::Elsewhere(url) => f.pad(url),
        }
    }
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Percent-decoded once (RFC 3986, 2.1); what is no escape stays.
fn decoded(s: &str) -> Option<String> {
    let bytes = s.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = bytes.get(at + 1..at + 3).and_then(|hex| {
            let hex = std::str::from_utf8(hex).ok()?;
            u8::from_str_radix(hex, 16).ok()
        });
        match (bytes[at], escape) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_an_index_cannot_leave_the_repository() {
        for bad in [
            "../a.deb",
            "a/../../b",
            "/etc/passwd",
            "a//b",
            "a\\b",
            "",
            "a/\u{7}",
        ] {
            assert_eq!(Place::below(bad), None, "{bad}");
        }
        assert_eq!(
            Place::below("./pool/a_1_all.deb"),
            Some(Place::Below("pool/a_1_all.deb".to_owned()))
        );
    }

    #[test]
    fn links_are_resolved_as_a_browser_does_and_stay_inside() {
        let below = |p: &str| Some(Place::Below(p.to_owned()));
        assert_eq!(
            Place::linked("simple/foo/", "../../files/a%2Bb.whl#sha256=00"),
            below("files/a+b.whl")
        );
        assert_eq!(
            Place::linked("simple/foo/index.html", "a.whl"),
            below("simple/foo/a.whl")
        );
        assert_eq!(
            Place::linked("simple/foo/", "/packages/a.whl"),
            below("packages/a.whl")
        );
        assert_eq!(Place::linked("simple/", "../../a.whl"), None);
        assert_eq!(Place::linked("simple/", "%2e%2e/a.whl"), None);
        assert_eq!(Place::linked("simple/", "javascript:alert(1)"), None);
        assert_eq!(Place::linked("simple/", "file:///etc/passwd"), None);
        assert_eq!(
            Place::linked("simple/", "https://files.example.org/a.whl#x"),
            Some(Place::Elsewhere("https://files.example.org/a.whl".to_owned()))
        );
    }
}
