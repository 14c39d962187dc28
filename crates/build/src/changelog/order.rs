//! Whether entries go from the newest to the oldest, one for each version.

use super::{Changelog, Dialect, Entry};
use crate::Diagnostic;
use std::cmp::Ordering;

const RULE: &str = "entries go from the newest to the oldest, one for each version";

/// What is wrong with the order of the entries.
pub(super) fn check(changelog: &Changelog) -> Vec<Diagnostic> {
    let released: Vec<&Entry> = changelog
        .entries
        .iter()
        .filter(|e| e.released().is_some())
        .collect();
    let mut problems = twice(changelog.dialect, &released);
    for (i, pair) in released.windows(2).enumerate() {
        let [upper, lower] = pair else { continue };
        if compare(lower, upper) == Ordering::Greater && !is_backport(upper, lower) {
            problems.push(misplaced(changelog.dialect, upper, lower, i == 0));
        }
    }
    for pair in changelog.entries.windows(2) {
        let [upper, lower] = pair else { continue };
        problems.extend(newer_below(changelog.dialect, upper, lower));
    }
    problems
}

/// No version has two entries, next to each other or not.
fn twice(dialect: Dialect, released: &[&Entry]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (i, lower) in released.iter().enumerate() {
        let same = |upper: &&&Entry| compare(lower, upper) == Ordering::Equal;
        if let Some(upper) = released[..i].iter().find(same) {
            let shown = shown(dialect, lower);
            let message = format!("version {shown} has two entries");
            // RPM's own tools do not mind.
            let problem = match dialect {
                Dialect::Rpm => Diagnostic::warning(message),
                _ => Diagnostic::new(message),
            };
            let problem = problem
                .at(lower.place.clone())
                .related("the entry above", upper.place.clone());
            problems.push(problem.hint("join them, or give one of them its own version"));
        }
    }
    problems
}

/// A maintenance release may stand above a newer version if its date says so, but not on top: what stands there is
/// built.
fn misplaced(dialect: Dialect, upper: &Entry, lower: &Entry, on_top: bool) -> Diagnostic {
    let dated = matches!((upper.date, lower.date), (Some(u), Some(l)) if u >= l);
    let (upper_shown, lower_shown) = (shown(dialect, upper), shown(dialect, lower));
    let message = format!("version {lower_shown} stands below {upper_shown}, which is older");
    let problem = if dated && !on_top {
        Diagnostic::warning(message)
    } else {
        Diagnostic::new(message)
    };
    let line = upper.place.line;
    problem
        .at(lower.place.clone())
        .related("the entry above", upper.place.clone())
        .hint(format!("{RULE}: move this entry above line {line}"))
}

/// Debian rebuilds 1.0-1 for an older release as 1.0-1~bpo12+1, which is to be lower and stands above.
fn is_backport(upper: &Entry, lower: &Entry) -> bool {
    let (Some(upper_revision), Some(lower_revision)) = (upper.revision(), lower.revision()) else {
        return false;
    };
    let rest = upper_revision.strip_prefix(lower_revision);
    upper.released() == lower.released() && rest.is_some_and(|rest| rest.starts_with('~'))
}

/// RPM refuses such a changelog, the others read over it.
fn newer_below(dialect: Dialect, upper: &Entry, lower: &Entry) -> Option<Diagnostic> {
    let (above, below) = (upper.date?, lower.date?);
    if below <= above {
        return None;
    }
    let message = format!(
        "the entry of {} is newer than the one above it, of {}",
        below.strftime("%Y-%m-%d"),
        above.strftime("%Y-%m-%d")
    );
    let problem = match dialect {
        Dialect::Rpm => Diagnostic::new(message),
        _ => Diagnostic::warning(message),
    };
    Some(
        problem
            .at(lower.place.clone())
            .related("the entry above", upper.place.clone())
            .hint("dates go down with the entries; one of the two is wrong, or they must change places"),
    )
}

/// The version as this dialect writes it.
pub(super) fn shown(dialect: Dialect, entry: &Entry) -> String {
    let Some(version) = entry.released() else {
        return "Unreleased".into();
    };
    let revision = entry.revision().map(|r| format!("-{r}")).unwrap_or_default();
    match dialect {
        Dialect::Debian => version.deb_upstream() + &revision,
        Dialect::Rpm => version.rpm_version() + &revision,
        _ => version.to_string(),
    }
}

fn compare(a: &Entry, b: &Entry) -> Ordering {
    let key = |e: &Entry| e.revision().unwrap_or("").to_owned();
    a.released()
        .cmp(&b.released())
        .then_with(|| compare_revisions(&key(a), &key(b)))
}

/// Debian's order of revisions (deb-version(7)): letters before other signs, `~` before everything, numbers by value.
pub(super) fn compare_revisions(a: &str, b: &str) -> Ordering {
    let weight = |c: Option<&u8>| match c {
        None => 0,
        Some(c) if c.is_ascii_digit() => 0,
        Some(b'~') => -1,
        Some(c) if c.is_ascii_alphabetic() => i32::from(*c),
        Some(c) => i32::from(*c) + 256,
    };
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while !a.is_empty() || !b.is_empty() {
        let is_word = |s: &[u8]| s.first().is_some_and(|c| !c.is_ascii_digit());
        while is_word(a) || is_word(b) {
            match weight(a.first()).cmp(&weight(b.first())) {
                Ordering::Equal => (a, b) = (a.get(1..).unwrap_or(&[]), b.get(1..).unwrap_or(&[])),
                other => return other,
            }
        }
        let (x, rest_a) = number(a);
        let (y, rest_b) = number(b);
        (a, b) = (rest_a, rest_b);
        match (x.len(), x).cmp(&(y.len(), y)) {
            Ordering::Equal => {}
            other => return other,
        }
    }
    Ordering::Equal
}

/// The number that a text begins with, without leading zeros, and the rest.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|c| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let zeros = text[..end].iter().take_while(|c| **c == b'0').count();
    (&text[zeros..end], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revisions_go_in_the_order_of_dpkg() {
        let ascending = [
            "",
            "0ubuntu1",
            "0.1",
            "1~bpo12+1",
            "1",
            "1ubuntu2",
            "1+b1",
            "1.1",
            "2",
            "10",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare_revisions(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(compare_revisions("01", "1"), Ordering::Equal);
    }
}
