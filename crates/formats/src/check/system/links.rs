//! Symbolic links (Debian Policy 10.5).

use super::Tree;
use crate::archive::contents::MemberKind;
use crate::check::Finding;
use crate::check::rules::files as rules;

/// Checks every symbolic link.
pub fn check(tree: &Tree<'_>, findings: &mut Vec<Finding>) {
    for member in tree
        .contents
        .members
        .iter()
        .filter(|m| m.kind == MemberKind::Symlink)
    {
        let target = member.target.as_deref().unwrap_or_default();
        let found = one(&member.path, target);
        findings.extend(found.or_else(|| dangling(tree, &member.path, target)));
    }
}

fn one(path: &str, target: &str) -> Option<Finding> {
    let shown = target.escape_debug();
    let top = path.split('/').next().unwrap_or_default();
    if let Some(absolute) = target.strip_prefix('/') {
        let (first, below) = absolute.split_once('/').unwrap_or((absolute, ""));
        let temporary = (first == "tmp" && !below.is_empty())
            || ["var/tmp/", "usr/tmp/", "dev/shm/", "home/", "build/", "root/"]
                .iter()
                .any(|d| absolute.starts_with(d));
        if temporary {
            let message = format!("it leads to `{shown}`, which no package has");
            return Some(Finding::of(&rules::LINK_OUTSIDE, path, message));
        }
        if absolute.trim_matches('/').is_empty() {
            return Some(Finding::of(
                &rules::LINK_OUTSIDE,
                path,
                "it leads to the root, and so to itself",
            ));
        }
        if first == top {
            let message = format!("it leads to `{shown}`, in the same /{top}");
            let fix = format!("write `{}`", relative(path, absolute));
            return Some(Finding::of(&rules::LINK_ABSOLUTE, path, message).fix(fix));
        }
        return spelling(path, target);
    }
    let (ups, rest) = climb(target);
    let depth = path.matches('/').count();
    if rest.is_empty() || ups > depth {
        let message = format!("it leads to `{shown}`, which holds itself");
        return Some(Finding::of(&rules::LINK_OUTSIDE, path, message));
    }
    if ups == depth && depth > 0 && rest.split('/').next() != Some(top) {
        let message = format!("it leads to `{shown}`, in another top-level directory");
        return Some(Finding::of(&rules::LINK_RELATIVE, path, message).fix(format!("write `/{rest}`")));
    }
    // Up and down again into the directory that was left.
    let parts: Vec<&str> = path.split('/').collect();
    let left = ups.checked_sub(1).and_then(|_| parts.get(depth - ups)).copied();
    if left.is_some() && left == rest.split('/').next() {
        let message = format!(
            "`{shown}` leaves `{}` and comes back",
            left.unwrap_or_default().escape_debug()
        );
        return Some(Finding::of(&rules::LINK_SPELLING, path, message));
    }
    spelling(path, target)
}

fn spelling(path: &str, target: &str) -> Option<Finding> {
    let shown = target.escape_debug();
    let (_, rest) = climb(target.trim_start_matches('/'));
    let inner = rest.split('/').any(|part| part == ".." || part == ".") || target.starts_with("./");
    let odd = inner || target.contains("//") || (target.len() > 1 && target.ends_with('/'));
    odd.then(|| {
        Finding::of(
            &rules::LINK_SPELLING,
            path,
            format!("`{shown}` can be written shorter"),
        )
    })
}

/// How many levels a target begins by climbing, and what follows.
fn climb(target: &str) -> (usize, &str) {
    let (mut ups, mut rest) = (0, target);
    loop {
        rest = rest.trim_start_matches('/');
        if rest == ".." || rest == "." {
            return (ups + usize::from(rest == ".."), "");
        } else if let Some(after) = rest.strip_prefix("../") {
            (ups, rest) = (ups + 1, after);
        } else if let Some(after) = rest.strip_prefix("./") {
            rest = after;
        } else {
            return (ups, rest);
        }
    }
}

/// The way from a link to a path, both relative to the root.
fn relative(link: &str, target: &str) -> String {
    let from: Vec<&str> = link.split('/').collect();
    let to: Vec<&str> = target.split('/').filter(|part| !part.is_empty()).collect();
    let from = &from[..from.len().saturating_sub(1)];
    let same = from
        .iter()
        .zip(&to)
        .take_while(|(a, b)| a == b)
        .count()
        .min(to.len().saturating_sub(1));
    let mut parts = vec![".."; from.len() - same];
    parts.extend(&to[same..]);
    parts.join("/")
}

/// Places whose files come from the running system.
const RUNNING: [&str; 6] = ["dev/", "proc/", "run/", "sys/", "etc/alternatives/", "var/"];

fn dangling(tree: &Tree<'_>, path: &str, target: &str) -> Option<Finding> {
    let resolved = match target.strip_prefix('/') {
        Some(absolute) => normal("", absolute),
        None => normal(
            path.rsplit_once('/').map_or("", |(directory, _)| directory),
            target,
        ),
    };
    let below = format!("{resolved}/");
    let known = resolved.is_empty()
        || tree.contents.has(&resolved)
        || RUNNING.iter().any(|d| below.starts_with(d))
        || path.starts_with("etc/alternatives/")
        || tree.contents.holds(&resolved);
    let message = format!(
        "the package does not have its target `/{}`",
        resolved.escape_debug()
    );
    (!known).then(|| Finding::of(&rules::LINK_DANGLING, path, message))
}

/// A path below a directory, without `.` and `..`.
fn normal(directory: &str, target: &str) -> String {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
