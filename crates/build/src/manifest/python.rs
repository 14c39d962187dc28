//! `[python]`: where modules go, what a bundle is made of, and which programs a wheel carries.

use super::{Layout, located};
use crate::{Place, keys::Keys};
use toml::Spanned;

/// What `[python]` says of a bundle.
#[derive(Debug, Clone, Default)]
pub struct BundleKeys {
    /// Where the layout was chosen.
    pub asked_at: Option<Place>,
    /// `lock`, the path of a lock file or of requirements.
    pub lock: Option<(String, Place)>,
    /// `wheels`, a directory that all wheels are taken from.
    pub wheels: Option<(String, Place)>,
    /// `index`, the URL of a simple repository.
    pub index: Option<(String, Place)>,
}

/// `pure-wheel`: the variable with which the backend leaves compiled modules out, as `NAME=VALUE`.
pub(super) fn pure_wheel(keys: &mut Keys<'_>) -> Option<(String, String, Place)> {
    let value = keys.string("pure-wheel")?;
    let place = keys.file.place(value.span());
    let is_name = |name: &str| {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        !name.is_empty() && name.bytes().all(legal) && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    match value.get_ref().split_once('=') {
        Some((name, set)) if is_name(name) => Some((name.to_owned(), set.to_owned(), place)),
        _ => {
            keys.problem(
                value.span(),
                format!("`{}` sets no variable", value.get_ref()),
                "write the variable with which the project leaves its compiled modules out, such as `MSGPACK_PUREPYTHON=1`",
            );
            None
        }
    }
}

/// `layout`.
pub(super) fn layout(keys: &mut Keys<'_>) -> Option<Layout> {
    let words = [
        ("module", Layout::Module),
        ("private", Layout::Private),
        ("bundle", Layout::Bundle),
    ];
    keys.word("layout", &words)
}

/// `programs`: what of `/usr/bin` goes into the wheel of a project that is not Python.
pub(super) fn programs(keys: &mut Keys<'_>) -> Vec<(String, Place)> {
    let mut programs: Vec<(String, Place)> = Vec::new();
    for text in keys.strings("programs") {
        let name = text.get_ref();
        if name.is_empty() || name.contains('/') || name == "." || name == ".." {
            let message = format!("`{name}` is not the name of a program");
            let hint = "write the name that it has in /usr/bin";
            keys.problem(text.span(), message, hint);
        } else if programs.iter().any(|(other, _)| other == name) {
            keys.problem(
                text.span(),
                format!("`{name}` is named twice"),
                "remove one of them",
            );
        } else {
            programs.push((name.clone(), keys.file.place(text.span())));
        }
    }
    programs
}

/// The keys of a bundle; they mean nothing in another layout.
pub(super) fn bundle(keys: &mut Keys<'_>) -> BundleKeys {
    let layout = keys.value("layout");
    let is_bundle = layout.is_some_and(|value| value.get_ref().as_str() == Some("bundle"));
    let asked_at = layout.map(|value| keys.file.place(value.span()));
    for key in ["lock", "wheels", "index"] {
        if let Some(span) = keys.value(key).map(Spanned::span)
            && !is_bundle
        {
            let message = format!("`{key}` is for bundles, and this is none");
            keys.problem(span, message, "add `layout = \"bundle\"`, or remove it");
        }
    }
    let mut text = |key| {
        let value = keys.string(key);
        located(keys, value)
    };
    BundleKeys {
        lock: text("lock"),
        wheels: text("wheels"),
        index: text("index"),
        asked_at,
    }
}
