//! `[build-system]` of `pyproject.toml` (PEP 517, 518): which backend builds the project, and whether it is one whose
//! rules packyard knows.

use super::dialect::Dialect;
use crate::{keys::Keys, nearest::nearest};
use packyard_types::ProjectName;
use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{Requirement, VerbatimUrl, VersionOrUrl};
use toml::Spanned;

/// Who builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Backend {
    /// A backend whose rules are known.
    Known(Dialect),
    /// Another one, or a known one that may do something else, for this reason.
    Other(String),
}

/// Backends and what installs them.
const BACKENDS: [(&str, &str); 17] = [
    ("setuptools.build_meta", "setuptools"),
    ("setuptools.build_meta:__legacy__", "setuptools"),
    ("hatchling.build", "hatchling"),
    ("flit_core.buildapi", "flit-core"),
    ("uv_build", "uv-build"),
    ("poetry.core.masonry.api", "poetry-core"),
    ("poetry.masonry.api", "poetry"),
    ("pdm.backend", "pdm-backend"),
    ("pdm.pep517.api", "pdm-pep517"),
    ("maturin", "maturin"),
    ("mesonpy", "meson-python"),
    ("scikit_build_core.build", "scikit-build-core"),
    ("scikit_build_core.setuptools.build_meta", "scikit-build-core"),
    ("sipbuild.api", "sip"),
    ("flit.buildapi", "flit"),
    ("pbr.build", "pbr"),
    ("hatchling.ouroboros", "hatchling"),
];

/// What packyard follows of each backend: the version that its rules are taken from.
const FOLLOWED: [(Dialect, &str); 5] = [
    (Dialect::Setuptools, "84.2.1"),
    (Dialect::Hatchling, "1.33.0"),
    (Dialect::Flit4, "4.2.0"),
    (Dialect::Flit3, "3.12.0"),
    (Dialect::Uv, "0.13.6"),
];

/// Reads the table; what is wrong with it is added to the problems.
pub(super) fn read(keys: &mut Keys<'_>) -> Backend {
    let mut table = keys.table("build-system");
    let exists = table.exists();
    let backend = table.string("build-backend");
    let has_requires = table.has("requires");
    let requires = table.strings("requires");
    let path = table.has("backend-path");
    table.strings("backend-path");
    if exists && !has_requires {
        let hint = match backend.as_ref().and_then(|b| distribution(b.get_ref())) {
            Some(name) => format!("add `requires = [\"{name}\"]`"),
            None => "add `requires`, a list of what the backend needs".to_owned(),
        };
        table.problem(table.span(), "[build-system] needs the key `requires`", hint);
    }
    let requirements = parsed(&table, &requires);
    if let Some(backend) = backend.as_ref().filter(|_| !path) {
        check_name(&table, backend, &requirements, has_requires);
    }
    table.finish();
    if path {
        return Backend::Other("the project has a build backend of its own".to_owned());
    }
    known(
        backend.as_ref().map(|b| b.get_ref().as_str()),
        &requirements,
        exists && !requires.is_empty(),
    )
}

type Parsed = Requirement<VerbatimUrl>;

fn parsed(table: &Keys<'_>, requires: &[Spanned<String>]) -> Vec<Parsed> {
    let mut out = Vec::new();
    for text in requires {
        let names = packyard_formats::requirement::check_names(text.get_ref());
        let parse = || {
            text.get_ref()
                .parse::<Parsed>()
                .map_err(|e| e.message.to_string())
        };
        match names.and_then(|()| parse()) {
            Ok(requirement) => out.push(requirement),
            Err(why) => {
                let message = format!("`{}` is not a requirement: {why}", text.get_ref());
                table.problem(text.span(), message, "such as `setuptools>=77`");
            }
        }
    }
    out
}

fn distribution(backend: &str) -> Option<&'static str> {
    BACKENDS
        .iter()
        .find(|(module, _)| *module == backend)
        .map(|(_, name)| *name)
}

fn is_named(requirements: &[Parsed], name: &str) -> bool {
    let wanted = ProjectName::parse(name).ok();
    requirements
        .iter()
        .any(|r| ProjectName::parse(r.name.as_ref()).ok() == wanted)
}

/// A backend that is called like none, but nearly like one, cannot be meant; nor can one that nothing installs.
fn check_name(table: &Keys<'_>, backend: &Spanned<String>, requirements: &[Parsed], has_requires: bool) {
    let name = backend.get_ref().as_str();
    match distribution(name) {
        None => {
            if let Some(near) = nearest(name, BACKENDS.iter().map(|(module, _)| *module)) {
                let message = format!("there is no build backend `{name}`");
                table.problem(backend.span(), message, format!("did you mean `{near}`?"));
            }
        }
        Some(needed) if has_requires && !is_named(requirements, needed) => {
            let message =
                format!("`requires` does not name `{needed}`, which the backend `{name}` is part of");
            table.problem(
                backend.span(),
                message,
                format!("add `\"{needed}\"` to `requires`"),
            );
        }
        Some(_) => {}
    }
}

fn known(backend: Option<&str>, requirements: &[Parsed], says_requires: bool) -> Backend {
    let (own, dialects): (&str, &[Dialect]) = match backend {
        None | Some("setuptools.build_meta" | "setuptools.build_meta:__legacy__") => {
            ("setuptools", &[Dialect::Setuptools])
        }
        Some("hatchling.build") => ("hatchling", &[Dialect::Hatchling]),
        Some("flit_core.buildapi") => ("flit-core", &[Dialect::Flit4, Dialect::Flit3]),
        Some("uv_build") => ("uv-build", &[Dialect::Uv]),
        Some(other) => return Backend::Other(format!("it is built by {other}")),
    };
    for requirement in requirements {
        let name = ProjectName::parse(requirement.name.as_ref()).map_or(String::new(), String::from);
        // What hatchling finds beside itself acts only where it is configured, which is looked at elsewhere.
        let is_plugin = name.starts_with("hatch-") || name == "setuptools-scm";
        let is_harmless = name == own || name == "wheel" || own == "hatchling" && is_plugin;
        if !is_harmless {
            return Backend::Other(format!("`{name}` in [build-system] may change what {own} does"));
        }
    }
    if !says_requires {
        return Backend::Known(dialects[0]);
    }
    for dialect in dialects {
        if requirements.iter().all(|r| allows(r, own, *dialect)) {
            return Backend::Known(*dialect);
        }
    }
    Backend::Other(format!(
        "[build-system] asks for a {own} whose rules packyard does not follow"
    ))
}

/// Whether a requirement on the backend admits the version whose rules are followed. `uv_build` is always asked for in a
/// range of its own, and its rules do not change between them.
fn allows(requirement: &Parsed, own: &str, dialect: Dialect) -> bool {
    let is_own = ProjectName::parse(requirement.name.as_ref()).ok() == ProjectName::parse(own).ok();
    let Some(VersionOrUrl::VersionSpecifier(specifiers)) =
        requirement.version_or_url.as_ref().filter(|_| is_own)
    else {
        return !is_own || requirement.version_or_url.is_none();
    };
    let followed = FOLLOWED
        .iter()
        .find(|(d, _)| *d == dialect)
        .map(|(_, version)| *version);
    dialect == Dialect::Uv || followed.is_some_and(|version| admits(specifiers, version))
}

/// A version that is at least as new as the one that is followed may be asked for.
fn admits(specifiers: &VersionSpecifiers, version: &str) -> bool {
    let Ok(version) = version.parse::<Version>() else {
        return false;
    };
    specifiers.contains(&version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(backend: Option<&str>, requires: &[&str]) -> Backend {
        let requirements: Vec<Parsed> = requires.iter().map(|r| r.parse().unwrap()).collect();
        known(backend, &requirements, true)
    }

    #[test]
    fn the_generation_of_flit_follows_from_what_is_asked_for() {
        let flit = Some("flit_core.buildapi");
        assert_eq!(of(flit, &["flit_core >=3.2,<4"]), Backend::Known(Dialect::Flit3));
        assert_eq!(of(flit, &["flit_core >=3.2"]), Backend::Known(Dialect::Flit4));
        assert!(matches!(of(flit, &["flit_core <3"]), Backend::Other(_)));
    }

    #[test]
    fn what_may_change_a_backend_hands_the_project_over() {
        assert_eq!(
            of(None, &["setuptools>=61", "wheel"]),
            Backend::Known(Dialect::Setuptools)
        );
        assert!(
            matches!(of(None, &["setuptools", "setuptools-scm"]), Backend::Other(r) if r.contains("setuptools-scm"))
        );
        assert!(matches!(of(None, &["setuptools<60"]), Backend::Other(_)));
        assert_eq!(
            of(Some("uv_build"), &["uv_build>=0.9,<0.10"]),
            Backend::Known(Dialect::Uv)
        );
        assert!(matches!(
            of(Some("pdm.backend"), &["pdm-backend"]),
            Backend::Other(_)
        ));
    }
}
