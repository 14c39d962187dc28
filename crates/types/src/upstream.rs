//! Where a channel looks for what it does not hold, and for which names it never does.

use crate::{Invalid, ProjectName, invalid::string_type};
use serde::{Deserialize, Serialize};

/// The root of another simple index: `https://HOST/…/`. It ends with a slash and holds neither credentials nor a query.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UpstreamUrl(String);
string_type!(UpstreamUrl);

impl UpstreamUrl {
    /// Parses it; a slash at the end is added where it is missing.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        if let Some(rule) = broken_rule(s) {
            return Err(Invalid::new("URL of an upstream", s, rule));
        }
        let slash = if s.ends_with('/') { "" } else { "/" };
        Ok(Self(format!("{s}{slash}")))
    }

    /// Whether it is on this very machine, so that nobody is on the way.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// The page of a project.
    pub fn page(&self, project: &ProjectName) -> String {
        format!("{self}{project}/")
    }
}

/// What keeps a text from being the URL of a place that is asked: a host, perhaps a path, and nothing else.
pub(crate) fn broken_rule(s: &str) -> Option<&'static str> {
    let Some(rest) = s.strip_prefix("https://").or_else(|| s.strip_prefix("http://")) else {
        return Some("it must begin with https:// or http://");
    };
    if s.len() > 2000 || !s.bytes().all(|b| b.is_ascii_graphic()) {
        return Some("it must have at most 2000 printable ASCII characters");
    }
    if s.contains(['?', '#', '\\', '"', '<', '>']) {
        return Some("it must have no query, no fragment, and none of \\ \" < >");
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Some("it must hold no credentials: everybody who may see the settings would see them");
    }
    if authority.is_empty() || authority.starts_with(':') {
        return Some("it must name a host");
    }
    None
}

/// Whether a URL that breaks no rule names this very machine.
pub(crate) fn is_loopback(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    let number = |part: &str| part.parse::<u8>().is_ok();
    let ipv4 = host.starts_with("127.") && host.split('.').count() == 4 && host.split('.').all(number);
    ipv4 || host == "[::1]" || host.eq_ignore_ascii_case("localhost")
}

/// Names of projects: one (`acme`), or all that begin alike (`corp-*`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NamePattern(String);
string_type!(NamePattern);

impl NamePattern {
    /// Parses it, in any spelling: `Corp_*` is `corp-*`.
    pub fn parse(s: &str) -> Result<Self, Invalid> {
        let rule = "it must be the name of a project, or the beginning of names and a `*`";
        let bad = || Invalid::new("pattern of names", s, rule);
        let Some(prefix) = s.strip_suffix('*') else {
            return Ok(Self(ProjectName::parse(s).map_err(|_| bad())?.to_string()));
        };
        let stem = prefix.trim_end_matches(['-', '_', '.']);
        let separator = if stem.len() < prefix.len() { "-" } else { "" };
        let stem = ProjectName::parse(stem).map_err(|_| bad())?;
        Ok(Self(format!("{stem}{separator}*")))
    }

    /// Whether a name is one of them. `corp-*` takes `corp` itself too: nobody should get that name either.
    pub fn covers(&self, name: &ProjectName) -> bool {
        match self.0.strip_suffix('*') {
            None => self.0 == name.as_str(),
            Some(prefix) => {
                name.as_str().starts_with(prefix) || prefix.strip_suffix('-') == Some(name.as_str())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_a_directory_and_holds_no_secret() {
        let url = UpstreamUrl::parse("https://index.example/root/simple").unwrap();
        assert_eq!(url.as_str(), "https://index.example/root/simple/");
        let name = ProjectName::parse("Hello_World").unwrap();
        assert_eq!(url.page(&name), "https://index.example/root/simple/hello-world/");
        for wrong in [
            "",
            "index.example/simple",
            "ftp://index.example/",
            "https://",
            "https:///simple/",
            "https://me:secret@index.example/simple/",
            "https://index.example/simple/?a=b",
            "https://index.example/sim ple/",
        ] {
            assert!(UpstreamUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        let is = |url: &str| UpstreamUrl::parse(url).unwrap().is_loopback();
        assert!(
            is("http://127.0.0.1:3141/root/") && is("http://[::1]:80/") && is("http://LocalHost/simple/")
        );
        assert!(!is("http://10.0.0.1/") && !is("http://127.0.0.1.example/") && !is("http://[2001:db8::1]/"));
    }

    #[test]
    fn a_pattern_covers_names_however_they_are_spelt() {
        let covers = |pattern: &str, name: &str| {
            NamePattern::parse(pattern)
                .unwrap()
                .covers(&ProjectName::parse(name).unwrap())
        };
        assert!(covers("Corp_*", "corp.billing") && covers("corp-*", "corp"));
        assert!(!covers("corp-*", "corporate") && covers("corp*", "corporate"));
        assert!(covers("acme", "ACME") && !covers("acme", "acme-tools"));
        for wrong in ["", "*", "-*", "a*b", "a**"] {
            assert!(NamePattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
