//! The systems that a bundle is for, and which wheels run on them: platform compatibility tags (PEP 425, PEP 600), and
//! environment markers (PEP 508).

use crate::{plan::KnownDistribution, python::requires::environment};
use pep508_rs::{ExtraName, MarkerTree};

/// Python's minor versions that are reckoned with, where none is known.
const MINORS: std::ops::RangeInclusive<u64> = 6..=15;

/// The machine that packages with compiled code are built for: that of this program, in the words of Python, Debian and
/// RPM. (Which one it was compiled for is no matter of the environment that it runs in.)
const MACHINE: [&str; 3] = if cfg!(target_arch = "aarch64") {
    ["aarch64", "arm64", "aarch64"]
} else if cfg!(target_arch = "riscv64") {
    ["riscv64", "riscv64", "riscv64"]
} else if cfg!(target_arch = "powerpc64") {
    ["ppc64le", "ppc64el", "ppc64le"]
} else if cfg!(target_arch = "s390x") {
    ["s390x", "s390x", "s390x"]
} else {
    ["x86_64", "amd64", "x86_64"]
};

/// What a bundle is made for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Platform {
    /// The N of Python 3.N, where it is known.
    pub minor: Option<u64>,
    /// The N of glibc 2.N, where it is known.
    pub glibc: Option<u64>,
}

/// What a wheel needs of the system, as its tags say. The order is that of preference, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Fit {
    /// Whether it runs on this Python only.
    pub one_minor: Option<u64>,
    /// The least Python 3.N, where its stable ABI asks for one.
    pub least_minor: Option<u64>,
    /// The least glibc 2.N.
    pub glibc: Option<u64>,
    /// Whether it is for one machine.
    pub is_compiled: bool,
}

impl Platform {
    /// A distribution's.
    pub fn new(minor: Option<u64>, known: Option<&KnownDistribution>) -> Self {
        Self {
            minor,
            glibc: known.and_then(glibc),
        }
    }

    /// The machine's name, as Python says it.
    #[cfg(test)]
    fn machine() -> &'static str {
        MACHINE[0]
    }

    /// The machine's names, as Debian and RPM say them.
    pub fn architectures() -> [&'static str; 2] {
        [MACHINE[1], MACHINE[2]]
    }

    /// How messages call it.
    pub fn shown(&self) -> String {
        let python = self
            .minor
            .map_or("any Python".to_owned(), |n| format!("Python 3.{n}"));
        let glibc = self.glibc.map_or(String::new(), |n| format!(" with glibc 2.{n}"));
        format!("{python} on {}{glibc}", MACHINE[0])
    }

    /// How well a wheel with this tag, `[BUILD-]PYTHON-ABI-PLATFORM`, fits; none where it does not.
    pub fn fit(&self, tag: &str) -> Option<Fit> {
        let mut parts = tag.rsplit('-');
        let (platform, abi, python) = (parts.next()?, parts.next()?, parts.next()?);
        let systems = platform.split('.').filter_map(|tag| self.system(tag));
        // The least demanding of its platforms is what it needs.
        let (is_compiled, glibc) = systems.min()?;
        let mut found: Option<Fit> = None;
        for python in python.split('.') {
            for abi in abi.split('.') {
                let Some((one_minor, least_minor)) = self.interpreter(python, abi) else {
                    continue;
                };
                let fit = Fit {
                    one_minor,
                    least_minor,
                    glibc,
                    is_compiled,
                };
                found = Some(found.map_or(fit, |other| other.min(fit)));
            }
        }
        found
    }

    /// Whether it is for one machine, and its least glibc.
    fn system(&self, tag: &str) -> Option<(bool, Option<u64>)> {
        if tag == "any" {
            return Some((false, None));
        }
        let system = tag.strip_suffix(MACHINE[0])?.strip_suffix('_')?;
        let glibc = match system {
            "linux" => None,
            "manylinux1" => Some(5),
            "manylinux2010" => Some(12),
            "manylinux2014" => Some(17),
            _ => Some(system.strip_prefix("manylinux_2_")?.parse().ok()?),
        };
        let is_there = glibc.is_none_or(|least| self.glibc.is_none_or(|there| least <= there));
        is_there.then_some((true, glibc))
    }

    /// The one Python that it is for, or the least of several.
    fn interpreter(&self, python: &str, abi: &str) -> Option<(Option<u64>, Option<u64>)> {
        if python == "py3" && abi == "none" {
            return Some((None, None));
        }
        let is_cpython = python.starts_with("cp");
        let minor: u64 = python
            .strip_prefix("cp3")
            .or_else(|| python.strip_prefix("py3"))?
            .parse()
            .ok()?;
        match abi {
            "none" if !is_cpython => self.reaches(minor).then_some((None, Some(minor))),
            "abi3" => self.reaches(minor).then_some((None, Some(minor))),
            "none" => self.is_on(minor).then_some((Some(minor), None)),
            _ if abi == python || abi == format!("{python}m") => {
                self.is_on(minor).then_some((Some(minor), None))
            }
            _ => None,
        }
    }

    fn reaches(&self, minor: u64) -> bool {
        self.minor.is_none_or(|there| there >= minor)
    }

    fn is_on(&self, minor: u64) -> bool {
        self.minor.is_none_or(|there| there == minor)
    }

    /// Whether a marker holds on one of the systems that this may be.
    pub fn holds(&self, marker: &MarkerTree, extras: &[ExtraName]) -> bool {
        let minors = match self.minor {
            Some(minor) => minor..=minor,
            None => MINORS,
        };
        let environments =
            minors.flat_map(|minor| [0, 99].map(|patch| environment((minor, patch), MACHINE[0])));
        environments
            .flatten()
            .any(|environment| marker.evaluate(&environment, extras))
    }

    /// What pip is told of it; nothing where it is to look for what runs anywhere.
    pub fn pip_arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        let mut add = |key: &str, value: String| arguments.extend([key.to_owned(), value]);
        let Some(minor) = self.minor else {
            add("--implementation", "py".into());
            add("--abi", "none".into());
            add("--platform", "any".into());
            return arguments;
        };
        add("--python-version", format!("3.{minor}"));
        add("--implementation", "cp".into());
        for abi in [format!("cp3{minor}"), "abi3".into(), "none".into()] {
            add("--abi", abi);
        }
        let machine = MACHINE[0];
        // Where nothing is known of the system's, what the oldest one has.
        let glibc = self.glibc.unwrap_or(17);
        for least in (5..=glibc).rev() {
            add("--platform", format!("manylinux_2_{least}_{machine}"));
            let old = match least {
                17 => "manylinux2014",
                12 => "manylinux2010",
                5 => "manylinux1",
                _ => continue,
            };
            add("--platform", format!("{old}_{machine}"));
        }
        add("--platform", format!("linux_{machine}"));
        arguments
    }
}

/// The N of a release's glibc 2.N (its own `libc6` or `glibc` package); none where it keeps moving.
fn glibc(known: &KnownDistribution) -> Option<u64> {
    Some(match known.names[0] {
        "buster" | "el8" => 28,
        "bullseye" | "focal" | "sle15" => 31,
        "el9" | "amzn2023" => 34,
        "jammy" => 35,
        "bookworm" => 36,
        "leap15.6" => 38,
        "noble" | "el10" => 39,
        "leap16.0" => 40,
        "trixie" | "plucky" => 41,
        "questing" | "resolute" => 42,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(minor: Option<u64>, glibc: Option<u64>) -> Platform {
        Platform { minor, glibc }
    }

    #[test]
    fn tags_say_which_python_and_system_a_wheel_needs() {
        let bookworm = on(Some(11), Some(36));
        let machine = Platform::machine();
        let fit = |tag: &str| bookworm.fit(&tag.replace("MACHINE", machine));
        assert_eq!(fit("py3-none-any"), Some(Fit::default()));
        assert_eq!(fit("py2.py3-none-any"), Some(Fit::default()));
        let compiled = fit("cp311-cp311-manylinux_2_17_MACHINE.manylinux2014_MACHINE").unwrap();
        assert_eq!((compiled.one_minor, compiled.glibc), (Some(11), Some(17)));
        let stable = fit("cp38-abi3-manylinux_2_28_MACHINE").unwrap();
        assert_eq!((stable.one_minor, stable.least_minor), (None, Some(8)));
        for foreign in [
            "cp312-cp312-manylinux_2_17_MACHINE",
            "cp311-cp311-win_amd64",
            "cp311-cp311-musllinux_1_2_MACHINE",
            "cp311-cp311-manylinux_2_40_MACHINE",
            "cp312-abi3-manylinux_2_17_MACHINE",
            "pp311-pypy311_pp73-manylinux_2_17_MACHINE",
            "cp313-cp313t-manylinux_2_17_MACHINE",
            "py2-none-any",
        ] {
            assert_eq!(fit(foreign), None, "{foreign}");
        }
        assert!(
            on(None, None)
                .fit("cp39-cp39-linux_MACHINE".replace("MACHINE", machine).as_str())
                .is_some()
        );
    }

    #[test]
    fn a_pure_wheel_comes_before_a_compiled_one() {
        let machine = Platform::machine();
        let any = on(None, None);
        let compiled = any.fit(&format!("cp311-cp311-linux_{machine}")).unwrap();
        let stable = any.fit(&format!("cp38-abi3-linux_{machine}")).unwrap();
        let pure = any.fit("py3-none-any").unwrap();
        assert!(pure < stable && stable < compiled);
    }
}
