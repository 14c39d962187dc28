//! What Debian can say of a Python version range.
//!
//! A range is kept as a set of intervals of Debian versions, each from a bound to just below another one. A package
//! carries a revision, and often a mark such as `+dfsg`, after the project's version; so `=` never holds. And 1.5, 1.5.0
//! and 1.5.0.0 are one version here and three to dpkg, in that order: so a range from 1.5.0 begins at `1.5`, and "not
//! above 1.5" is "below `1.5.0.0.~`", which all of `1.5-1`, `1.5+dfsg-3` and `1.5.0-2` are and `1.5.0.1` is not.
//!
//! | PEP 440 | Debian |
//! |---|---|
//! | `>=1.5`, `>=1.5.0` | `>= 1.5` |
//! | `>1.5` | `>> 1.5.0.0.~` |
//! | `<1.5` | `<< 1.5~~` (no pre-release of 1.5 either) |
//! | `<=1.5` | `<< 1.5.0.0.~` |
//! | `==1.5` | `>= 1.5`, `<< 1.5.0.0.~` |
//! | `==1.5.*` | `>= 1.5~~`, `<< 1.6~~` |
//! | `~=1.5.2` | `>= 1.5.2`, `<< 1.6~~` |
//! | `!=1.5` | `<< 1.5` or `>> 1.5.0.0.~` |
//! | `!=1.5.*` | `<< 1.5~~` or `>= 1.6~~` |
//!
//! Where Debian cannot follow PEP 440: a pre-release that is written with more zeros than its release needs (`2.0~rc1`)
//! is above `2` to dpkg and counts as 2; one that is named in `==`, `!=` or `<=`, and a post-release, are compared as they
//! are written; and `1.5+post1` counts as 1.5 in `==`, `!=` and `<=`, because `1.5+repack` has to.

use super::order::compare;
use packyard_types::ReleaseVersion;
use pep508_rs::pep440_rs::{Operator, Version, VersionSpecifier};
use std::cmp::Ordering;

/// From a version to just below another; none where it is open.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Interval {
    from: Option<String>,
    below: Option<String>,
}

/// A set of Debian versions: intervals that do not touch, the lowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DebRange(Vec<Interval>);

impl DebRange {
    /// All versions.
    pub fn all() -> Self {
        Self::interval(None, None)
    }

    /// From a version to just below another.
    pub fn interval(from: Option<String>, below: Option<String>) -> Self {
        Self(vec![Interval { from, below }])
    }

    /// The versions that meet all of the specifiers, as those of a package with an epoch of its own (or 0) are written.
    /// The error is the specifier that has no image.
    pub fn of<'s>(
        specifiers: impl IntoIterator<Item = &'s VersionSpecifier>,
        epoch: u32,
    ) -> Result<Self, &'s VersionSpecifier> {
        let mut range = Self::all();
        for specifier in specifiers {
            range = range.and(&one(specifier, epoch).ok_or(specifier)?);
        }
        Ok(range)
    }

    /// Whether no version is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The versions that are in both.
    pub fn and(&self, other: &Self) -> Self {
        let mut out = Vec::new();
        for a in &self.0 {
            for b in &other.0 {
                let from = later(a.from.as_ref(), b.from.as_ref());
                let below = earlier(a.below.as_ref(), b.below.as_ref());
                let some = match (&from, &below) {
                    (Some(from), Some(below)) => compare(from, below).is_lt(),
                    _ => true,
                };
                if some {
                    out.push(Interval { from, below });
                }
            }
        }
        Self(out)
    }

    /// The versions that are in either.
    pub fn or(&self, other: &Self) -> Self {
        let mut all: Vec<Interval> = self.0.iter().chain(&other.0).cloned().collect();
        all.sort_by(|a, b| match (&a.from, &b.from) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => compare(a, b),
        });
        let mut out: Vec<Interval> = Vec::new();
        for next in all {
            let touches = |last: &Interval| match (&last.below, &next.from) {
                (Some(below), Some(from)) => compare(from, below).is_le(),
                _ => true,
            };
            match out.last_mut().filter(|last| touches(last)) {
                Some(last) => {
                    let both_end = last.below.clone().zip(next.below.clone());
                    last.below = both_end.map(|(a, b)| if compare(&a, &b).is_lt() { b } else { a });
                }
                None => out.push(next),
            }
        }
        Self(out)
    }

    /// What a package must meet, as a list of groups of which one relation each has to hold; without any limit, its name.
    pub fn groups(&self, package: &str) -> Vec<Vec<String>> {
        let at_least = |bound: &String| {
            // Nothing is equal to a bound that ends in one tilde; `>>` shows what was meant.
            let is_after = bound.ends_with('~') && !bound.ends_with("~~");
            format!("{package} ({} {bound})", if is_after { ">>" } else { ">=" })
        };
        let below = |bound: &String| format!("{package} (<< {bound})");
        let mut groups = Vec::new();
        groups.extend(
            self.0
                .first()
                .and_then(|i| i.from.as_ref())
                .map(|b| vec![at_least(b)]),
        );
        for pair in self.0.windows(2) {
            let gap = pair[0]
                .below
                .iter()
                .map(below)
                .chain(pair[1].from.iter().map(at_least));
            groups.push(gap.collect());
        }
        groups.extend(
            self.0
                .last()
                .and_then(|i| i.below.as_ref())
                .map(|b| vec![below(b)]),
        );
        if groups.is_empty() {
            groups.push(vec![package.to_owned()]);
        }
        groups
    }
}

fn later(a: Option<&String>, b: Option<&String>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if compare(a, b).is_lt() { b } else { a }.clone()),
        _ => a.or(b).cloned(),
    }
}

fn earlier(a: Option<&String>, b: Option<&String>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if compare(a, b).is_lt() { a } else { b }.clone()),
        _ => a.or(b).cloned(),
    }
}

/// The versions that meet one specifier; none where its version has no image.
fn one(specifier: &VersionSpecifier, package_epoch: u32) -> Option<DebRange> {
    let version = specifier.version();
    let written = image(version, package_epoch)?;
    // Post-releases and exact pre-releases are compared as they are written: their zeros are the project's own.
    let image = if version.is_post() {
        written.clone()
    } else {
        self::image(&narrow(version), package_epoch)?
    };
    let is_plain = !version.any_prerelease() && !version.is_post();
    let (exact, after) = if is_plain {
        (image.clone(), self::image(&wide(version), package_epoch)? + ".~")
    } else {
        (written.clone(), format!("{written}.~"))
    };
    // A pre-release of the bound itself is not below it, unless the bound is one.
    let before = if version.any_prerelease() {
        image.clone()
    } else {
        format!("{image}~~")
    };
    let series = |cut| {
        let (first, next) = series(version, cut);
        Some((
            self::image(&narrow(&first), package_epoch)? + "~~",
            self::image(&next, package_epoch)? + "~~",
        ))
    };
    let outside = |from: String, below: String| {
        DebRange::interval(None, Some(from)).or(&DebRange::interval(Some(below), None))
    };
    Some(match specifier.operator() {
        Operator::GreaterThanEqual => DebRange::interval(Some(image), None),
        Operator::GreaterThan => DebRange::interval(Some(after), None),
        Operator::LessThanEqual => DebRange::interval(None, Some(after)),
        Operator::LessThan => DebRange::interval(None, Some(before)),
        Operator::Equal | Operator::ExactEqual => DebRange::interval(Some(exact), Some(after)),
        Operator::NotEqual => outside(exact, after),
        Operator::EqualStar => {
            let (first, next) = series(0)?;
            DebRange::interval(Some(first), Some(next))
        }
        Operator::NotEqualStar => {
            let (first, next) = series(0)?;
            outside(first, next)
        }
        Operator::TildeEqual => DebRange::interval(Some(image), Some(series(1)?.1)),
    })
}

/// How many numbers a release is taken to have at most, zeros at its end counted.
const WIDEST: usize = 4;

/// The version without zeros at the end of its release: the lowest to dpkg of all that PEP 440 holds equal.
fn narrow(version: &Version) -> Version {
    let mut release = version.release().to_vec();
    while release.len() > 1 && release.last() == Some(&0) {
        release.pop();
    }
    version.clone().with_release(release)
}

/// The version with zeros up to the widest release: the highest to dpkg of all that PEP 440 holds equal.
fn wide(version: &Version) -> Version {
    let mut release = version.release().to_vec();
    release.resize(release.len().max(WIDEST), 0);
    version.clone().with_release(release)
}

/// A version as Debian writes it, with the epoch of the package where that has one.
fn image(version: &Version, package_epoch: u32) -> Option<String> {
    let own = ReleaseVersion::from_pep440(version.clone()).ok()?.deb_upstream();
    let (epoch, plain) = own.split_once(':').unwrap_or(("0", &own));
    Some(match (package_epoch, epoch) {
        (0, "0") => plain.to_owned(),
        (0, epoch) => format!("{epoch}:{plain}"),
        (epoch, _) => format!("{epoch}:{plain}"),
    })
}

/// The first number of a series of releases, `cut` numbers shorter than the version, and that of the next series.
fn series(version: &Version, cut: usize) -> (Version, Version) {
    let mut release = version.release().to_vec();
    release.truncate(release.len().saturating_sub(cut).max(1));
    let first = Version::new(release.iter().copied()).with_epoch(version.epoch());
    if let Some(last) = release.last_mut() {
        *last = last.saturating_add(1);
    }
    (first, Version::new(release).with_epoch(version.epoch()))
}

#[cfg(test)]
mod tests;
