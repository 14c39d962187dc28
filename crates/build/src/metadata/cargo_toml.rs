//! `Cargo.toml`: name, semantic version and description of a project that is not Python.

use super::Metadata;
use crate::{
    BuildError, SourceText,
    keys::{Keys, Problems},
    manifest::parse_toml,
};
use packyard_types::{CoreMetadata, ReleaseVersion};
use toml::Spanned;

pub(super) fn read(file: &SourceText) -> Result<Metadata, BuildError> {
    let root = parse_toml(file)?;
    let problems = Problems::default();
    let mut keys = Keys::new(file, &problems, "", 0..0, Some(root.get_ref()));
    let inherited = |keys: &mut Keys<'_>, key| keys.value(key).is_some_and(|v| v.get_ref().is_table());
    let mut package = keys.table("package");
    let mut string = |key| {
        if inherited(&mut package, key) {
            None
        } else {
            package.string(key)
        }
    };
    let (name, version) = (string("name"), string("version"));
    let plain = |value: Option<Spanned<String>>| value.map(Spanned::into_inner);
    let license = plain(string("license"));
    let mut metadata = Metadata {
        core: CoreMetadata {
            name: name.as_ref().map(|n| n.get_ref().clone()).unwrap_or_default(),
            summary: plain(string("description")),
            home_page: plain(string("homepage")).or(plain(string("repository"))),
            // Cargo once wrote `MIT/Apache-2.0`.
            license_expression: license.map(|l| l.replace('/', " OR ")),
            ..CoreMetadata::default()
        },
        name_place: name.map(|n| file.place(n.span())),
        ..Metadata::default()
    };
    if let Some(version) = version {
        match ReleaseVersion::from_semver(version.get_ref()) {
            Ok(parsed) => {
                metadata.core.version = parsed.to_string();
                metadata.version_place = Some(file.place(version.span()));
            }
            Err(e) => package.problem(
                version.span(),
                e.to_string(),
                "give it a version that all formats can order",
            ),
        }
    }
    match problems.into_inner() {
        none if none.is_empty() => Ok(metadata),
        found => Err(BuildError::Project(found)),
    }
}
