//! The order of whole native versions, with epoch and revision, as the installer of their ecosystem compares them:
//! dpkg (deb-version(7)), rpm (rpm-version(7)), PEP 440. Judged beside the real dpkg and rpm in tests.

use crate::Ecosystem;
use crate::release_order::dpkg_order;
use std::cmp::Ordering;

/// Which of two versions an installer takes for the newer one. Versions that its rules do not cover are ordered
/// nevertheless, as their texts.
///
/// ```
/// # use packyard_types::{Ecosystem, native_order};
/// assert!(native_order(Ecosystem::Apt, "1:0.9-1", "2.0-1").is_gt());
/// assert!(native_order(Ecosystem::Yum, "1.0~rc1-1", "1.0-1").is_lt());
/// ```
pub fn native_order(ecosystem: Ecosystem, a: &str, b: &str) -> Ordering {
    match ecosystem {
        Ecosystem::Apt => deb_order(a, b),
        Ecosystem::Yum => rpm_order(a, b),
        Ecosystem::Pip => match (a.parse::<pep440_rs::Version>(), b.parse()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            _ => a.cmp(b),
        },
    }
}

/// `[EPOCH:]UPSTREAM[-REVISION]`; a missing epoch is 0, and a missing revision sorts as `0` does.
fn deb_order(a: &str, b: &str) -> Ordering {
    let ((epoch_a, a), (epoch_b, b)) = (epoch(a), epoch(b));
    let (upstream_a, revision_a) = a.rsplit_once('-').unwrap_or((a, ""));
    let (upstream_b, revision_b) = b.rsplit_once('-').unwrap_or((b, ""));
    (epoch_a.cmp(&epoch_b))
        .then_with(|| dpkg_order(upstream_a, upstream_b))
        .then_with(|| dpkg_order(revision_a, revision_b))
}

/// `[EPOCH:]VERSION-RELEASE`.
fn rpm_order(a: &str, b: &str) -> Ordering {
    let ((epoch_a, a), (epoch_b, b)) = (epoch(a), epoch(b));
    let (version_a, release_a) = a.rsplit_once('-').unwrap_or((a, ""));
    let (version_b, release_b) = b.rsplit_once('-').unwrap_or((b, ""));
    (epoch_a.cmp(&epoch_b))
        .then_with(|| segments_order(version_a, version_b))
        .then_with(|| segments_order(release_a, release_b))
}

fn epoch(version: &str) -> (u64, &str) {
    let split = version.split_once(':');
    split.map_or((0, version), |(epoch, rest)| (epoch.parse().unwrap_or(0), rest))
}

/// rpm's comparison of one version or release: runs of digits or letters, whatever is between them skipped; a number
/// above letters, more runs above fewer.
fn segments_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    loop {
        a = skip_separators(a);
        b = skip_separators(b);
        let (lead_a, lead_b) = (Lead::of(a), Lead::of(b));
        if lead_a != lead_b {
            return lead_a.cmp(&lead_b);
        }
        match lead_a {
            Lead::End => return Ordering::Equal,
            Lead::Tilde | Lead::Caret => (a, b) = (&a[1..], &b[1..]),
            Lead::Letters | Lead::Digits => {
                let belongs = |c: &u8| c.is_ascii_alphanumeric() && lead_a == Lead::of(&[*c]);
                let ((run_a, rest_a), (run_b, rest_b)) = (cut(a, belongs), cut(b, belongs));
                let order = match lead_a {
                    Lead::Digits => number(run_a).cmp(&number(run_b)),
                    _ => run_a.cmp(run_b),
                };
                if order.is_ne() {
                    return order;
                }
                (a, b) = (rest_a, rest_b);
            }
        }
    }
}

/// What comes next, in the order in which rpm puts it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lead {
    Tilde,
    End,
    Caret,
    Letters,
    Digits,
}

impl Lead {
    fn of(text: &[u8]) -> Self {
        match text.first() {
            None => Self::End,
            Some(b'~') => Self::Tilde,
            Some(b'^') => Self::Caret,
            Some(c) if c.is_ascii_digit() => Self::Digits,
            Some(_) => Self::Letters,
        }
    }
}

fn skip_separators(text: &[u8]) -> &[u8] {
    cut(text, |c| !c.is_ascii_alphanumeric() && !b"~^".contains(c)).1
}

fn cut(text: &[u8], belongs: impl Fn(&u8) -> bool) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|c| belongs(c)).count())
}

/// A number of any length: how many digits it has, and then which.
fn number(digits: &[u8]) -> (usize, &[u8]) {
    let digits = cut(digits, |d| *d == b'0').1;
    (digits.len(), digits)
}
