//! Keys whose value is one line of a package's metadata (Debian Policy 5.3 and 2.4, 2.5): a line break in it would write a
//! field of its own.

use crate::{keys::Keys, nearest::nearest};
use toml::Spanned;

/// Debian's sections.
const SECTIONS: [&str; 60] = [
    "admin",
    "cli-mono",
    "comm",
    "database",
    "debian-installer",
    "debug",
    "devel",
    "doc",
    "editors",
    "education",
    "electronics",
    "embedded",
    "fonts",
    "games",
    "gnome",
    "gnu-r",
    "gnustep",
    "golang",
    "graphics",
    "hamradio",
    "haskell",
    "httpd",
    "interpreters",
    "introspection",
    "java",
    "javascript",
    "kde",
    "kernel",
    "libdevel",
    "libs",
    "lisp",
    "localization",
    "mail",
    "math",
    "metapackages",
    "misc",
    "net",
    "news",
    "ocaml",
    "oldlibs",
    "otherosfs",
    "perl",
    "php",
    "python",
    "raku",
    "ruby",
    "rust",
    "science",
    "shells",
    "sound",
    "tasks",
    "tex",
    "text",
    "utils",
    "vcs",
    "video",
    "web",
    "x11",
    "xfce",
    "zope",
];

/// The parts of an archive that a section may name before a slash.
const AREAS: [&str; 8] = [
    "main",
    "contrib",
    "non-free",
    "non-free-firmware",
    "restricted",
    "universe",
    "multiverse",
    "local",
];

const PRIORITIES: [&str; 5] = ["required", "important", "standard", "optional", "extra"];

/// A string of one line that says something.
pub(super) fn line(keys: &mut Keys<'_>, key: &'static str) -> Option<Spanned<String>> {
    let text = keys.string(key)?;
    if text.get_ref().contains(char::is_control) {
        let message = format!(
            "`{key}` in {} has a line break or another control character",
            keys.name()
        );
        keys.problem(text.span(), message, "write it as one line");
        return None;
    }
    if text.get_ref().trim().is_empty() {
        let message = format!("`{key}` in {} is empty", keys.name());
        keys.problem(text.span(), message, "write something, or remove the key");
        return None;
    }
    Some(text)
}

/// A web address.
pub(super) fn homepage(keys: &mut Keys<'_>) -> Option<String> {
    let text = line(keys, "homepage")?;
    let url = text.get_ref();
    let rest = ["https://", "http://", "ftp://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let has_host = rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '['));
    if !has_host || url.contains([' ', '<', '>', '"']) {
        let message = format!("`{url}` is not the address of a page");
        keys.problem(text.span(), message, "write it as `https://example.org/project`");
        return None;
    }
    Some(text.into_inner())
}

/// `section`, with or without an area of the archive before it.
pub(super) fn section(keys: &mut Keys<'_>) -> Option<String> {
    let text = line(keys, "section")?;
    let (area, section) = match text.get_ref().split_once('/') {
        Some((area, section)) => (Some(area), section),
        None => (None, text.get_ref().as_str()),
    };
    if let Some(area) = area.filter(|area| !AREAS.contains(area)) {
        let message = format!("`{area}` in `section` is no area of an archive");
        keys.problem(text.span(), message, hint(area, &AREAS));
        return None;
    }
    if !SECTIONS.contains(&section) {
        let message = format!("`{section}` is none of Debian's sections");
        keys.problem(text.span(), message, hint(section, &SECTIONS));
        return None;
    }
    Some(text.into_inner())
}

/// `priority`.
pub(super) fn priority(keys: &mut Keys<'_>) -> Option<String> {
    let text = line(keys, "priority")?;
    if !PRIORITIES.contains(&text.get_ref().as_str()) {
        let message = format!("`{}` is none of Debian's priorities", text.get_ref());
        keys.problem(text.span(), message, hint(text.get_ref(), &PRIORITIES));
        return None;
    }
    Some(text.into_inner())
}

fn hint(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("it can be {}", known.join(", ")),
    }
}
