//! Release versions as lists have them: texts, PEP 440 where that is known, else whatever a foreign package says.

use crate::ReleaseVersion;
use pep440_rs::Version;
use std::cmp::Ordering;

/// Whether two texts mean one release: the same text, or two spellings of one PEP 440 version.
///
/// ```
/// # use packyard_types::same_release;
/// assert!(same_release("1.0", "1.0.0") && same_release("1.0-rc1", "1.0rc1"));
/// assert!(!same_release("1.0", "1.0.post1") && !same_release("1.0+dfsg", "1.0"));
/// ```
pub fn same_release(a: &str, b: &str) -> bool {
    a == b || matches!((pep440(a), pep440(b)), (Some(a), Some(b)) if a == b)
}

/// The order in which people look for the newest of several release versions: releases above pre-releases, and by
/// version among themselves. PEP 440's order is kept; what is not of PEP 440 is ordered as dpkg does, and is below all
/// where it does not even begin with a digit.
pub fn release_order(a: &str, b: &str) -> Ordering {
    let (left, right) = (Rank::of(a), Rank::of(b));
    (left.standing.cmp(&right.standing)).then_with(|| version_order(a, b))
}

/// The order of release versions, pre-releases before what they lead to: [`release_order`] without its first step.
///
/// ```
/// # use packyard_types::version_order;
/// assert!(version_order("1.0", "1.1rc1").is_lt() && version_order("1.1rc1", "1.1").is_lt());
/// ```
pub fn version_order(a: &str, b: &str) -> Ordering {
    let (left, right) = (Rank::of(a), Rank::of(b));
    (left.epoch.cmp(&right.epoch))
        .then_with(|| dpkg_order(&left.image, &right.image))
        .then_with(|| left.version.cmp(&right.version))
        .then_with(|| a.cmp(b))
}

/// What a release is compared by. Where one side is of PEP 440 and the other is not, Debian images are what both have.
struct Rank {
    standing: Standing,
    epoch: u64,
    image: String,
    version: Option<Version>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Word,
    PreRelease,
    Release,
}

impl Rank {
    fn of(text: &str) -> Self {
        let Some(version) = pep440(text) else {
            let begins = text.starts_with(|c: char| c.is_ascii_digit());
            let standing = match (begins, text.contains('~')) {
                (false, _) => Standing::Word,
                (true, true) => Standing::PreRelease,
                (true, false) => Standing::Release,
            };
            return Self {
                standing,
                epoch: 0,
                image: text.to_owned(),
                version: None,
            };
        };
        let standing = if version.any_prerelease() {
            Standing::PreRelease
        } else {
            Standing::Release
        };
        Self {
            standing,
            epoch: version.epoch(),
            image: image(&version),
            version: Some(version),
        }
    }
}

/// The Debian image of a version without epoch, local part and zeros at the end of the release, which PEP 440 does not
/// count: what it orders, dpkg orders alike.
fn image(version: &Version) -> String {
    let release = version.release();
    let zeros = release.iter().rev().take_while(|n| **n == 0).count();
    let kept = release[..release.len().saturating_sub(zeros).max(1)].to_vec();
    let plain = version.clone().without_local().with_epoch(0).with_release(kept);
    ReleaseVersion::from_pep440(plain)
        .expect("neither a local part nor an epoch is left")
        .deb_upstream()
}

fn pep440(text: &str) -> Option<Version> {
    text.parse().ok()
}

/// dpkg's order of upstream versions (deb-version(7)): runs that are no digits, by character, `~` before the end and
/// letters before everything else; then numbers.
pub(crate) fn dpkg_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while !a.is_empty() || !b.is_empty() {
        let (word_a, rest_a) = cut(a, |c| !c.is_ascii_digit());
        let (word_b, rest_b) = cut(b, |c| !c.is_ascii_digit());
        let weights = |word: &[u8]| word.iter().map(|c| weight(*c)).chain([0]).collect::<Vec<_>>();
        let (number_a, rest_a) = cut(rest_a, u8::is_ascii_digit);
        let (number_b, rest_b) = cut(rest_b, u8::is_ascii_digit);
        let order =
            (weights(word_a).cmp(&weights(word_b))).then_with(|| number(number_a).cmp(&number(number_b)));
        if order.is_ne() {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

fn cut(text: &[u8], belongs: impl Fn(&u8) -> bool) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|c| belongs(c)).count())
}

fn weight(c: u8) -> i32 {
    match c {
        b'~' => -1,
        c if c.is_ascii_alphabetic() => i32::from(c),
        c => i32::from(c) + 256,
    }
}

/// A number of any length: how many digits it has, and then which.
fn number(digits: &[u8]) -> (usize, &[u8]) {
    let zeros = digits.iter().take_while(|d| **d == b'0').count();
    let digits = &digits[zeros..];
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_newest_release_is_the_highest_final_one() {
        let sorted = [
            "weird",
            "1.0~beta1",
            "2.0rc1",
            "1.1.1",
            "1.1.1k",
            "1.1.1n",
            "1.9",
            "1.9.post1",
            "1.10",
            "1.10+dfsg",
            "20240101git1",
            "1!0.1",
        ];
        let mut versions = sorted;
        versions.reverse();
        versions.sort_by(|a, b| release_order(a, b));
        assert_eq!(versions, sorted);
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-2](\\.[0-2]){0,3}((a|b|rc)[0-2])?(\\.post[0-2])?(\\.dev[0-2])?",
            "[0-2](\\.[0-2]){0,2}[a-c~+]{0,2}[0-2]?",
        ]
    }

    proptest! {
        #[test]
        fn it_is_a_total_order_and_that_of_pep_440_where_both_are_of_it(a in text(), b in text(), c in text()) {
            prop_assert_eq!(release_order(&a, &b), release_order(&b, &a).reverse());
            if release_order(&a, &b).is_le() && release_order(&b, &c).is_le() {
                prop_assert!(release_order(&a, &c).is_le(), "{a} {b} {c}");
            }
            if let (Some(x), Some(y)) = (pep440(&a), pep440(&b))
                && (x != y && x.any_prerelease() == y.any_prerelease() && !x.is_local() && !y.is_local())
            {
                prop_assert_eq!(release_order(&a, &b), x.cmp(&y), "{} {}", a, b);
            }
        }
    }
}
