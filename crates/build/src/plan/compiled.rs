//! A project with compiled modules: its wheel says which Pythons and systems it is for (PEP 425), and so do packages of it.

use super::{rpm::dependency, target::Target};
use crate::{
    BuildError, Diagnostic,
    project::Project,
    python::{bundle::Platform, requires::least_python},
};
use packyard_types::{RpmDependency, RpmFlags};
use pep508_rs::pep440_rs::Version;

/// What the compiled modules of a project run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Abi {
    /// CPython 3.N alone.
    One(u64),
    /// The stable ABI of CPython 3.N, which later ones have, too.
    Since(u64),
    /// Any Python 3: the modules are not linked with it (`py3-none-linux_x86_64`).
    Any,
}

/// What the project was compiled for; none where it was not. What was built here and is not for the target is an error.
pub(super) fn of(
    project: &Project,
    target: &Target,
    python: Option<&Version>,
) -> Result<Option<Abi>, BuildError> {
    let built = project.python.as_ref().and_then(|python| python.built.as_ref());
    let Some(built) = built.filter(|built| !built.is_pure()) else {
        return Ok(None);
    };
    let minor = python.and_then(|version| version.release().get(1).copied());
    let platform = Platform::new(minor, target.known);
    let Some(fit) = platform.fit(built.wheel_name.arch()) else {
        let message = format!(
            "`{}`, which was built here, is not for {}{}",
            built.wheel_name,
            target
                .known
                .map_or(String::new(), |_| format!("{}: ", target.distribution)),
            platform.shown()
        );
        return Err(Diagnostic::new(message)
            .hint("build it where that Python is, or leave that distribution out of --for")
            .into());
    };
    Ok(Some(match (fit.one_minor, fit.least_minor) {
        (Some(minor), _) => Abi::One(minor),
        (None, Some(minor)) => Abi::Since(minor),
        (None, None) => Abi::Any,
    }))
}

impl Abi {
    /// The one Python, where it is one.
    pub fn python(self) -> Option<Version> {
        match self {
            Self::One(minor) => Some(Version::new([3, minor])),
            _ => None,
        }
    }

    /// The first Python that has the stable ABI that it needs.
    pub fn since(self) -> Option<Version> {
        match self {
            Self::Since(minor) => Some(Version::new([3, minor])),
            _ => None,
        }
    }

    /// The least Python that the project and its modules run on.
    fn least(self, requires_python: Option<&str>) -> Option<Version> {
        let own = self.since();
        least_python(requires_python).into_iter().chain(own).max()
    }

    /// What a .deb depends on.
    pub fn depends(self, requires_python: Option<&str>) -> Vec<String> {
        match (self, self.least(requires_python)) {
            (Self::One(minor), _) => vec![
                format!("python3 (>= 3.{minor}~)"),
                format!("python3 (<< 3.{})", minor + 1),
            ],
            (_, Some(least)) => vec![format!("python3 (>= {least}~)")],
            (_, None) => vec!["python3".to_owned()],
        }
    }

    /// What an .rpm requires, where it says nothing of one Python.
    pub fn requires(self, requires_python: Option<&str>) -> RpmDependency {
        match self.least(requires_python) {
            Some(least) => {
                let least = least.to_string();
                dependency("python3", Some(RpmFlags::GreaterOrEqual), &least, false)
            }
            None => dependency("python3", None, "", false),
        }
    }
}

/// Where an .rpm of this machine has modules that are for one machine.
pub(super) fn library_directory() -> &'static str {
    if cfg!(target_pointer_width = "64") {
        "lib64"
    } else {
        "lib"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_python_or_all_from_one_on() {
        assert_eq!(
            Abi::One(11).depends(Some(">=3.8")),
            ["python3 (>= 3.11~)", "python3 (<< 3.12)"]
        );
        assert_eq!(Abi::Since(8).depends(None), ["python3 (>= 3.8~)"]);
        assert_eq!(Abi::Since(8).depends(Some(">=3.9")), ["python3 (>= 3.9~)"]);
        assert_eq!(Abi::Any.depends(None), ["python3"]);
        assert_eq!(Abi::Any.depends(Some(">=3.10")), ["python3 (>= 3.10~)"]);
    }
}
