//! Which requirements hold for which Pythons: environment markers (PEP 508), judged for the Python of a target where it
//! is known, and for all that the project allows where it is not.

use pep508_rs::{
    ExtraName, MarkerEnvironment, MarkerEnvironmentBuilder, MarkerTree,
    pep440_rs::{Version, VersionSpecifiers},
};

/// Every Python that a package may meet.
const MINORS: std::ops::RangeInclusive<u64> = 6..=15;

/// The machines that a package of pure Python may meet.
const MACHINES: [&str; 7] = [
    "x86_64", "aarch64", "armv7l", "i686", "ppc64le", "riscv64", "s390x",
];

/// The Pythons that a package meets.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pythons<'a> {
    /// The one, such as `3.9`, where it is known.
    pub known: Option<&'a Version>,
    /// The project's `Requires-Python`.
    pub required: Option<&'a str>,
}

/// A stretch of Python versions, such as `3.9` or `3.11.4`: from one to just below another; none where it is open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub from: Option<String>,
    pub below: Option<String>,
}

/// For which of the Pythons a requirement holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Always,
    Never,
    For(Vec<Span>),
}

impl Verdict {
    /// The other Pythons.
    pub fn spans_without(&self) -> Vec<Span> {
        let Self::For(spans) = self else { return Vec::new() };
        let mut out = Vec::new();
        let mut from = None;
        for (i, span) in spans.iter().enumerate() {
            if i > 0 || span.from.is_some() {
                out.push(Span {
                    from: from.take(),
                    below: span.from.clone(),
                });
            }
            from.clone_from(&span.below);
        }
        if from.is_some() {
            out.push(Span { from, below: None });
        }
        out
    }

    /// Whether it holds for a Python from this one on.
    pub fn reaches(&self, minor: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::For(spans) => spans.iter().any(|span| match &span.below {
                None => true,
                Some(below) => below
                    .parse::<Version>()
                    .is_ok_and(|v| v > Version::new([3, minor])),
            }),
        }
    }
}

impl Pythons<'_> {
    /// The minor versions in question: the known one, or those that the project allows.
    fn minors(self) -> Vec<u64> {
        if let Some([3, minor]) = self.known.map(Version::release) {
            return vec![*minor];
        }
        let required: Option<VersionSpecifiers> = self.required.and_then(|text| text.parse().ok());
        // `>=3.8.1` leaves out 3.8.0 and not 3.8.
        let allowed = |minor: &u64| {
            let any = |version: Version| required.iter().all(|r| r.contains(&version));
            any(Version::new([3, *minor])) || any(Version::new([3, *minor, 99]))
        };
        let found: Vec<u64> = MINORS.filter(allowed).collect();
        if found.is_empty() { MINORS.collect() } else { found }
    }

    /// Judges a marker with these extras. `text` is what it was written as; the versions in it are where it may turn.
    pub fn verdict(self, marker: &MarkerTree, text: &str, extras: &[ExtraName]) -> Verdict {
        if marker.is_true() {
            return Verdict::Always;
        }
        let mut points: Vec<(u64, u64)> = self.minors().into_iter().map(|minor| (minor, 0)).collect();
        let minors: Vec<u64> = points.iter().map(|(minor, _)| *minor).collect();
        for (minor, patch) in patches(text)
            .into_iter()
            .filter(|(minor, _)| minors.contains(minor))
        {
            points.extend([(minor, patch), (minor, patch + 1)]);
        }
        points.sort_unstable();
        points.dedup();
        let machines = if text.contains("platform_machine") {
            &MACHINES[..]
        } else {
            &MACHINES[..1]
        };
        let holds = |point: &(u64, u64)| {
            let mut environments = machines.iter().filter_map(|machine| environment(*point, machine));
            environments.any(|environment| marker.evaluate(&environment, extras))
        };
        let verdicts: Vec<bool> = points.iter().map(holds).collect();
        if verdicts.iter().all(|v| *v) {
            return Verdict::Always;
        }
        if verdicts.iter().all(|v| !*v) {
            return Verdict::Never;
        }
        Verdict::For(spans(&points, &verdicts))
    }
}

/// The stretches of neighbours for which the verdict is yes.
fn spans(points: &[(u64, u64)], verdicts: &[bool]) -> Vec<Span> {
    let name = |at: usize| match points[at] {
        (minor, 0) => format!("3.{minor}"),
        (minor, patch) => format!("3.{minor}.{patch}"),
    };
    let mut out: Vec<Span> = Vec::new();
    for (at, verdict) in verdicts.iter().enumerate() {
        let before = at > 0 && verdicts[at - 1];
        if *verdict && !before {
            let from = (at > 0).then(|| name(at));
            out.push(Span { from, below: None });
        } else if !*verdict
            && before
            && let Some(last) = out.last_mut()
        {
            last.below = Some(name(at));
        }
    }
    out
}

/// The minor and patch numbers of the full Python versions that a marker names.
fn patches(text: &str) -> Vec<(u64, u64)> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    words
        .filter_map(|word| match word.parse::<Version>().ok()?.release() {
            [3, minor, patch] => Some((*minor, *patch)),
            _ => None,
        })
        .collect()
}

/// Python 3.minor.patch on Linux.
pub(crate) fn environment((minor, patch): (u64, u64), machine: &str) -> Option<MarkerEnvironment> {
    let (version, full) = (format!("3.{minor}"), format!("3.{minor}.{patch}"));
    MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name: "cpython",
        implementation_version: &full,
        os_name: "posix",
        platform_machine: machine,
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system: "Linux",
        platform_version: "",
        python_full_version: &full,
        python_version: &version,
        sys_platform: "linux",
    })
    .ok()
}

/// The least Python that `Requires-Python` allows, such as `3.9`.
pub(crate) fn least_python(requires_python: Option<&str>) -> Option<Version> {
    use pep508_rs::pep440_rs::Operator;
    let specifiers: VersionSpecifiers = requires_python?.parse().ok()?;
    let lower = specifiers.iter().filter(|s| {
        matches!(
            s.operator(),
            Operator::GreaterThanEqual | Operator::GreaterThan | Operator::TildeEqual | Operator::EqualStar
        )
    });
    lower.map(|s| s.version().clone()).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pep508_rs::{Requirement, VerbatimUrl};

    fn verdict(marker: &str, known: Option<&str>, required: Option<&str>, extras: &[&str]) -> Verdict {
        let requirement: Requirement<VerbatimUrl> = format!("x ; {marker}").parse().unwrap();
        let known: Option<Version> = known.map(|v| v.parse().unwrap());
        let extras: Vec<ExtraName> = extras.iter().map(|e| e.parse().unwrap()).collect();
        let pythons = Pythons {
            known: known.as_ref(),
            required,
        };
        pythons.verdict(&requirement.marker, marker, &extras)
    }

    fn span(from: Option<&str>, below: Option<&str>) -> Span {
        Span {
            from: from.map(str::to_owned),
            below: below.map(str::to_owned),
        }
    }

    #[test]
    fn a_marker_is_judged_for_the_python_that_is_known() {
        assert_eq!(
            verdict("python_version < '3.11'", Some("3.9"), None, &[]),
            Verdict::Always
        );
        assert_eq!(
            verdict("python_version < '3.11'", Some("3.13"), None, &[]),
            Verdict::Never
        );
        for foreign in [
            "sys_platform == 'win32'",
            "os_name == 'nt'",
            "implementation_name == 'pypy'",
        ] {
            assert_eq!(verdict(foreign, None, None, &[]), Verdict::Never, "{foreign}");
        }
        assert_eq!(
            verdict("platform_machine == 'aarch64'", None, None, &[]),
            Verdict::Always
        );
    }

    #[test]
    fn what_turns_on_the_python_says_where_it_turns() {
        let below_311 = verdict("python_version < '3.11'", None, None, &[]);
        assert_eq!(below_311, Verdict::For(vec![span(None, Some("3.11"))]));
        assert_eq!(below_311.spans_without(), [span(Some("3.11"), None)]);
        assert!(!below_311.reaches(11) && below_311.reaches(10));
        let middle = verdict(
            "python_version >= '3.8' and python_version < '3.10'",
            None,
            None,
            &[],
        );
        assert_eq!(middle, Verdict::For(vec![span(Some("3.8"), Some("3.10"))]));
        assert_eq!(
            middle.spans_without(),
            [span(None, Some("3.8")), span(Some("3.10"), None)]
        );
        assert_eq!(
            verdict("python_version < '3.8'", None, Some(">=3.8.1"), &[]),
            Verdict::Never
        );
        assert_eq!(
            verdict("python_version >= '3.8'", None, Some(">=3.8.1"), &[]),
            Verdict::Always
        );
    }

    #[test]
    fn a_full_version_turns_in_the_middle_of_a_series() {
        let full = verdict("python_full_version < '3.11.4'", Some("3.11"), None, &[]);
        assert_eq!(full, Verdict::For(vec![span(None, Some("3.11.4"))]));
        assert_eq!(
            verdict("python_full_version < '3.11.4'", Some("3.12"), None, &[]),
            Verdict::Never
        );
    }

    #[test]
    fn an_extra_holds_where_it_is_asked_for() {
        assert_eq!(verdict("extra == 'dev'", None, None, &[]), Verdict::Never);
        assert_eq!(verdict("extra == 'dev'", None, None, &["dev"]), Verdict::Always);
    }

    #[test]
    fn the_least_python_is_read_off() {
        let least = |text| least_python(Some(text)).map(|v| v.to_string());
        assert_eq!(least(">=3.8,<4"), Some("3.8".into()));
        assert_eq!(least("!=3.0.*"), None);
    }
}
