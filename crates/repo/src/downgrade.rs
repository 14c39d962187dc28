//! How machines that already upgraded go back: package managers follow an index up by themselves, and down only when
//! they are told to.

use packyard_types::{Artifact, DistributionName, Ecosystem, release_order};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One package whose newest version went down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Downgrade {
    /// Whose package manager: pip, apt, yum.
    pub ecosystem: Ecosystem,
    /// The native package name.
    pub package: String,
    /// Where.
    pub distribution: DistributionName,
    /// The newest version before.
    pub from: String,
    /// The newest version now; none where none is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The lines to type, one for each client that there is.
    pub commands: Vec<String>,
}

/// What a package is on a machine.
type Package = (Ecosystem, DistributionName, String);

/// The packages whose newest version is lower in `after` than in `before`, or that are in `after` no more.
pub fn downgrades(before: &[Artifact], after: &[Artifact]) -> Vec<Downgrade> {
    let places: BTreeSet<&DistributionName> = before.iter().chain(after).map(|a| &a.distribution).collect();
    let (before, after) = (newest(before, &places), newest(after, &places));
    let mut out: Vec<Downgrade> = Vec::new();
    for (package, was) in &before {
        let is = after.get(package);
        if is.is_some_and(|is| order(is, was).is_ge()) {
            continue;
        }
        let down = downgrade(package, was, is.copied());
        // Where machines of a distribution still get it, it is no news for all that it is gone from `any`.
        let (ecosystem, place, name) = package;
        let elsewhere = || {
            after
                .keys()
                .any(|(e, d, n)| e == ecosystem && n == name && !d.is_any())
        };
        if is.is_none() && place.is_any() && *ecosystem != Ecosystem::Pip && elsewhere() {
            continue;
        }
        out.push(down);
    }
    // `any` speaks for the distributions in which the same is so.
    let everywhere: BTreeSet<Vec<String>> = out
        .iter()
        .filter(|d| d.distribution.is_any())
        .map(|d| d.commands.clone())
        .collect();
    out.retain(|d| d.distribution.is_any() || !everywhere.contains(&d.commands));
    out.sort_by(|a, b| {
        (a.ecosystem, &a.package, &a.distribution).cmp(&(b.ecosystem, &b.package, &b.distribution))
    });
    out
}

/// By package the newest of its artifacts.
fn newest<'a>(
    all: &'a [Artifact],
    distributions: &BTreeSet<&DistributionName>,
) -> BTreeMap<Package, &'a Artifact> {
    let mut out: BTreeMap<Package, &Artifact> = BTreeMap::new();
    for a in all {
        let ecosystem = a.name.kind().ecosystem();
        // What is in `any` is in every distribution.
        let places: Vec<&DistributionName> = match (a.distribution.is_any(), ecosystem) {
            (true, Ecosystem::Apt | Ecosystem::Yum) => distributions.iter().copied().collect(),
            _ => vec![&a.distribution],
        };
        for place in places {
            let best = out
                .entry((ecosystem, place.clone(), a.package.clone()))
                .or_insert(a);
            if order(a, best).is_gt() {
                *best = a;
            }
        }
    }
    out
}

/// By the release, then by what the packaging adds to it.
fn order(a: &Artifact, b: &Artifact) -> std::cmp::Ordering {
    release_order(&a.release_version, &b.release_version).then_with(|| release_order(&a.version, &b.version))
}

fn downgrade(
    (ecosystem, distribution, package): &Package,
    was: &Artifact,
    is: Option<&Artifact>,
) -> Downgrade {
    let commands = match (ecosystem, is) {
        (Ecosystem::Pip, Some(old)) => {
            vec![format!(
                "pip install --force-reinstall {package}=={}",
                old.version
            )]
        }
        (Ecosystem::Pip, None) => vec![format!("pip uninstall {package}")],
        (Ecosystem::Apt, Some(old)) => {
            let version = &old.version;
            vec![format!("apt-get install --allow-downgrades {package}={version}")]
        }
        (Ecosystem::Apt, None) => vec![format!("apt-get remove {package}")],
        (Ecosystem::Yum, Some(old)) => {
            let version = &old.version;
            vec![
                format!("dnf downgrade {package}-{version}"),
                format!("zypper install --oldpackage {package}={version}"),
            ]
        }
        (Ecosystem::Yum, None) => vec![
            format!("dnf remove {package}"),
            format!("zypper remove {package}"),
        ],
    };
    Downgrade {
        ecosystem: *ecosystem,
        package: package.clone(),
        distribution: distribution.clone(),
        from: was.version.clone(),
        to: is.map(|a| a.version.clone()),
        commands,
    }
}
