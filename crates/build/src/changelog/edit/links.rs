//! Link definitions at the end of a Keep a Changelog: `[unreleased]: https://…/compare/v1.0.0...HEAD`.

use super::Text;
use crate::changelog::sections::link_definition;

/// Lets `[unreleased]` begin at the new version, and defines the new version's link like those of the others.
pub(super) fn update(text: &mut Text, old: Option<&str>, new: &str) {
    let found = text.lines.iter().enumerate().find_map(|(i, line)| {
        let (label, target) = link_definition(line)?;
        label
            .eq_ignore_ascii_case("unreleased")
            .then(|| (i, label.to_owned(), target.to_owned()))
    });
    match (found, old) {
        (Some((at, label, target)), Some(old)) => {
            let Some((open, closed)) = compare(&target, old, new) else {
                return;
            };
            let labelled = |label: &str| {
                text.lines
                    .iter()
                    .any(|l| link_definition(l).is_some_and(|(l, _)| l == label))
            };
            let v = if labelled(&format!("v{old}")) { "v" } else { "" };
            text.lines[at] = format!("[{label}]: {open}");
            text.insert(at + 1, [format!("[{v}{new}]: {closed}")]);
        }
        (None, Some(old)) => like_the_old_one(text, old, new),
        _ => {}
    }
}

/// `…/compare/v1.0.0...HEAD` as `…/compare/v1.1.0...HEAD` and `…/compare/v1.0.0...v1.1.0`.
fn compare(target: &str, old: &str, new: &str) -> Option<(String, String)> {
    let (base, range) = target.rsplit_once('/')?;
    let (from, dots, head) = ["...", ".."]
        .iter()
        .find_map(|dots| range.split_once(dots).map(|(a, b)| (a, *dots, b)))?;
    let tag = if from.contains(old) {
        from.replace(old, new)
    } else {
        format!("v{new}")
    };
    Some((
        format!("{base}/{tag}{dots}{head}"),
        format!("{base}/{from}{dots}{tag}"),
    ))
}

/// Without an `[unreleased]`: `[1.0.0]: …/releases/tag/v1.0.0` is followed.
fn like_the_old_one(text: &mut Text, old: &str, new: &str) {
    let found = text.lines.iter().enumerate().find_map(|(i, line)| {
        let (label, target) = link_definition(line)?;
        (label.trim_start_matches('v') == old).then(|| (i, label.to_owned(), target.to_owned()))
    });
    let Some((at, label, target)) = found else { return };
    let target = match target
        .rsplit_once('/')
        .and_then(|(base, range)| Some((base, range.split_once("...")?)))
    {
        Some((base, (_, to))) => format!("{base}/{to}...{}", to.replace(old, new)),
        None => target.replace(old, new),
    };
    text.insert(at, [format!("[{}]: {target}", label.replace(old, new))]);
}
