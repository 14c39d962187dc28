//! Which language a file is for: where none of a system's languages is it, rpm does not install the file
//! (`%_install_langs`). rpmbuild's find-lang.sh marks the same.

use super::directories::is_language;
use packyard_types::InstallPath;

/// The language of a message catalogue or of a translated manual page, by its path.
pub fn language(path: &InstallPath) -> Option<&str> {
    let path = path.as_str();
    let catalogue = path.strip_prefix("/usr/share/locale/");
    let page = path.strip_prefix("/usr/share/man/");
    let (language, below) = catalogue.or(page)?.split_once('/')?;
    let is_marked = match catalogue {
        Some(_) => below.starts_with("LC_"),
        None => below.starts_with("man") && below.contains('/'),
    };
    (is_marked && is_language(language)).then_some(language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalogues_and_translated_pages_have_a_language() {
        for (path, expected) in [
            ("/usr/share/locale/de/LC_MESSAGES/x.mo", Some("de")),
            ("/usr/share/locale/sr@latin/LC_MESSAGES/x.mo", Some("sr@latin")),
            ("/usr/share/man/pt_BR/man1/x.1.gz", Some("pt_BR")),
            ("/usr/share/man/man1/x.1.gz", None),
            ("/usr/share/locale/locale.alias", None),
            ("/usr/share/locale/de/x", None),
            ("/usr/share/x/de/LC_MESSAGES/x.mo", None),
        ] {
            assert_eq!(language(&InstallPath::parse(path).unwrap()), expected, "{path}");
        }
    }
}
