//! A version that a file of the project states as a literal, and the same file stating another one.
//!
//! Only the literal changes: everything else stays byte for byte, so that what is built from a snapshot's sdist differs
//! from the project by its version alone.

use super::{Metadata, read, setup_py};
use crate::{BuildError, Diagnostic, Place, SourceText, manifest::parse_toml};
use packyard_types::ReleaseVersion;
use std::{collections::BTreeMap, path::Path};

/// Files by name, with what they say instead of what lies in the project.
pub(crate) type Restated = BTreeMap<String, Vec<u8>>;

/// Where a file states the version, if metadata that is in a backend's hands did not show it yet.
pub(super) fn complete(root: &Path, metadata: &mut Metadata) -> Result<(), BuildError> {
    if metadata.version_place.is_some() {
        return Ok(());
    }
    let stated = match read(root, "pyproject.toml")? {
        Some(file) => poetry(&file)?,
        None => None,
    };
    let stated = match (stated, read(root, "setup.cfg")?) {
        (None, Some(file)) => setup_cfg(&file),
        (stated, _) => stated,
    };
    let stated = match (stated, read(root, "setup.py")?) {
        (None, Some(file)) => setup_py::version(&file),
        (stated, _) => stated,
    };
    if let Some((text, place)) = stated {
        metadata.core.version = text;
        metadata.version_place = Some(place);
    }
    Ok(())
}

/// `[tool.poetry] version`.
fn poetry(file: &SourceText) -> Result<Option<(String, Place)>, BuildError> {
    let document = parse_toml(file)?;
    let find = || {
        let tool = document.get_ref().get("tool")?.get_ref().get("poetry")?;
        let version = tool.get_ref().get("version")?;
        Some((version.get_ref().as_str()?.to_owned(), file.place(version.span())))
    };
    Ok(find())
}

/// `version` in `[metadata]`, unless it says where to find it (`attr:`, `file:`).
fn setup_cfg(file: &SourceText) -> Option<(String, Place)> {
    let mut start = 0;
    let mut inside = false;
    for line in file.text().split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.starts_with('[') {
            inside = trimmed == "[metadata]";
        }
        if let (true, Some((key, value))) = (inside, line.split_once(['=', ':']))
            && key.trim_end() == "version"
        {
            let text = value.trim();
            let at = start + key.len() + 1 + (value.len() - value.trim_start().len());
            let is_literal = !text.is_empty() && !text.starts_with("attr") && !text.starts_with("file");
            return is_literal.then(|| (text.to_owned(), file.place(at..at + text.len())));
        }
        start += line.len();
    }
    None
}

/// The file that states the version, stating `version` instead. Nothing where no file states one.
pub(crate) fn restated(
    root: &Path,
    metadata: &Metadata,
    version: &ReleaseVersion,
) -> Result<Restated, BuildError> {
    let Some(place) = &metadata.version_place else {
        return Ok(Restated::new());
    };
    let Some(file) = read(root, &place.file)? else {
        return Ok(Restated::new());
    };
    let stated = &metadata.core.version;
    let old = file.span_of(place);
    let literal = &file.text()[old.clone()];
    let Some(offset) = literal.find(stated.as_str()).filter(|_| !stated.is_empty()) else {
        let problem = Diagnostic::new(format!(
            "this version cannot be restated as {version}: it is not written out"
        ));
        return Err(problem
            .at(place.clone())
            .hint("write the version as one plain string")
            .into());
    };
    let at = old.start + offset;
    let mut text = file.text().to_owned();
    text.replace_range(at..at + stated.len(), &version.to_string());
    Ok(Restated::from([(place.file.clone(), text.into_bytes())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of a file after it was made to say 2.0.dev1.
    fn restate(name: &str, text: &str) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), text).unwrap();
        let mut metadata = Metadata::default();
        complete(dir.path(), &mut metadata).unwrap();
        let version = ReleaseVersion::parse("2.0.dev1").unwrap();
        let mut restated = restated(dir.path(), &metadata, &version).unwrap();
        restated
            .remove(name)
            .map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn only_the_literal_changes() {
        let files = [
            (
                "setup.cfg",
                "[egg_info]\nversion = 0\n[metadata]\n# é\nname = x\nversion =  VERSION\n[options]\n",
            ),
            (
                "setup.py",
                "import sys\nprint(sys.path)\nsetup(name='x', version='VERSION', python_requires='>=1.9')\n",
            ),
            (
                "pyproject.toml",
                "[tool.poetry]\nname = \"1.9\"\nversion   = \"VERSION\" # 1.9\n",
            ),
        ];
        for (name, text) in files {
            let before = text.replace("VERSION", "1.9");
            assert_eq!(
                restate(name, &before),
                Some(text.replace("VERSION", "2.0.dev1")),
                "{name}"
            );
        }
    }

    #[test]
    fn what_is_found_elsewhere_is_not_restated() {
        for (name, text) in [
            ("setup.cfg", "[metadata]\nversion = attr: x.__version__\n"),
            ("setup.cfg", "[metadata]\nversion = file: VERSION\n"),
            ("setup.py", "setup(version=read('VERSION'))\n"),
        ] {
            assert_eq!(restate(name, text), None, "{text}");
        }
    }
}
