//! Whether a project can be built without its backend: whose rules it follows, and what its settings make of them.

use super::{
    dialect::Dialect,
    project_table::{Project, Readme},
    tool_flit, tool_hatch, tool_setuptools, tool_uv,
};
use crate::{
    keys::Keys,
    python::{Selection, Unsure},
};
use packyard_types::ReleaseVersion;
use pep440_rs::VersionSpecifiers;
use std::path::Path;

/// How a project is built here.
#[derive(Debug, Clone)]
pub struct Native {
    /// Which files its packages hold.
    pub selection: Selection,
    /// The Pythons that the wheel is for: `py3` or `py2.py3`.
    pub python_tag: &'static str,
}

/// Reads the settings of the backend, and what `[project]` leaves to it.
pub(super) fn read(
    root: &Path,
    tool: &mut Keys<'_>,
    dialect: Dialect,
    project: &mut Project,
) -> Result<Native, Unsure> {
    let selection = match dialect {
        Dialect::Setuptools => tool_setuptools::read(root, tool, project)?,
        Dialect::Hatchling => tool_hatch::read(root, tool, project)?,
        Dialect::Flit3 | Dialect::Flit4 => tool_flit::read(root, tool, project, dialect)?,
        Dialect::Uv => tool_uv::read(root, tool, project)?,
    };
    if let Some(field) = project.dynamic.first() {
        return Err(Unsure::Backend(format!("`{field}` is dynamic in pyproject.toml")));
    }
    if let Some(version) = &project.version
        && ReleaseVersion::parse(version).is_err()
    {
        return Err(Unsure::Backend(format!(
            "the version `{version}` is in the hands of its build backend"
        )));
    }
    let python_tag = match dialect {
        Dialect::Hatchling => hatchling_tag(project.requires_python.as_deref())?,
        Dialect::Flit3 | Dialect::Flit4 => flit_tag(project.requires_python.as_deref()),
        _ => "py3",
    };
    Ok(Native {
        selection,
        python_tag,
    })
}

/// Strikes a field off the list of dynamic ones; whether it was there.
pub(super) fn take_dynamic(project: &mut Project, field: &str) -> bool {
    let before = project.dynamic.len();
    project.dynamic.retain(|f| f != field);
    project.dynamic.len() < before
}

/// A readme that something else than `[project]` says.
pub(super) fn own_readme(text: String, content_type: Option<String>) -> Readme {
    Readme {
        file: None,
        text,
        content_type,
    }
}

/// hatchling asks the specifiers, whether any release of Python 2 and 3 meets them.
fn hatchling_tag(requires_python: Option<&str>) -> Result<&'static str, Unsure> {
    let text = requires_python.unwrap_or("");
    let unclear = || Unsure::Backend(format!("`requires-python` is `{text}`"));
    let specifiers = match text {
        "" => VersionSpecifiers::empty(),
        text => text.parse().map_err(|_| unclear())?,
    };
    let meets =
        |major: u64| (0..100).any(|minor| specifiers.contains(&pep440_rs::Version::new([major, minor, 100])));
    match (meets(2), meets(3)) {
        (false, true) => Ok("py3"),
        (true, true) => Ok("py2.py3"),
        _ => Err(unclear()),
    }
}

/// flit-core looks for a lower bound of 3.
fn flit_tag(requires_python: Option<&str>) -> &'static str {
    let is_three = |part: &str| {
        let part = part.trim_start();
        let bound = ["===", "==", "~=", ">=", ">"]
            .iter()
            .find_map(|op| part.strip_prefix(op));
        bound
            .unwrap_or(part)
            .trim_start()
            .starts_with(|c| ('3'..='9').contains(&c))
    };
    if requires_python.unwrap_or("").split(',').any(is_three) {
        "py3"
    } else {
        "py2.py3"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_is_for_the_pythons_that_its_backend_would_say() {
        assert_eq!(hatchling_tag(None).ok(), Some("py2.py3"));
        assert_eq!(hatchling_tag(Some(">=3.9")).ok(), Some("py3"));
        assert_eq!(hatchling_tag(Some(">=2.7, !=3.0.*")).ok(), Some("py2.py3"));
        assert!(hatchling_tag(Some("<3")).is_err());
        assert_eq!(flit_tag(Some(">=3.6")), "py3");
        assert_eq!(flit_tag(Some("!=3.0.*")), "py2.py3");
        assert_eq!(flit_tag(None), "py2.py3");
    }
}
