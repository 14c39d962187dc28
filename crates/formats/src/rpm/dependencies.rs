//! What an .rpm provides, requires and so on, as createrepo_c takes it from the header (src/parsehdr.c,
//! `cr_package_from_header`).

use super::facts::is_primary;
use super::header::{Header, indexed};
use super::tag::{self, Triple, sense};
use packyard_types::{RpmDependency, RpmFile, RpmFlags};
use std::collections::{HashMap, HashSet};

/// What primary.xml lists, kind by kind.
#[derive(Debug, Default)]
pub(super) struct Dependencies {
    pub provides: Vec<RpmDependency>,
    pub requires: Vec<RpmDependency>,
    pub conflicts: Vec<RpmDependency>,
    pub obsoletes: Vec<RpmDependency>,
    pub suggests: Vec<RpmDependency>,
    pub enhances: Vec<RpmDependency>,
    pub recommends: Vec<RpmDependency>,
    pub supplements: Vec<RpmDependency>,
}

impl Dependencies {
    /// Those of a header whose files are `files`.
    pub fn of(header: &Header, files: &[RpmFile]) -> Self {
        let plain = |tags| listed(header, tags).map(|(d, _)| d).collect::<Vec<_>>();
        let provides = plain(tag::PROVIDES);
        let (requires, mut recommends) = requires(header, &provides, files);
        let (mut suggests, mut enhances) = (plain(tag::SUGGESTS), plain(tag::ENHANCES));
        recommends.extend(plain(tag::RECOMMENDS));
        let mut supplements = plain(tag::SUPPLEMENTS);
        // What SUSE's rpm had before rpm knew weak dependencies.
        for (dependency, bits) in listed(header, tag::OLD_SUGGESTS) {
            let strong = bits & sense::STRONG != 0;
            if strong { &mut recommends } else { &mut suggests }.push(dependency);
        }
        for (dependency, bits) in listed(header, tag::OLD_ENHANCES) {
            let strong = bits & sense::STRONG != 0;
            if strong { &mut supplements } else { &mut enhances }.push(dependency);
        }
        Self {
            provides,
            requires,
            conflicts: plain(tag::CONFLICTS),
            obsoletes: plain(tag::OBSOLETES),
            suggests,
            enhances,
            recommends,
            supplements,
        }
    }
}

/// Every dependency of one kind, as the header has them.
pub(crate) fn dependencies(header: &Header, tags: Triple) -> Vec<RpmDependency> {
    raw(header, tags).map(|(dependency, _)| dependency).collect()
}

/// A dependency with the bits of its flags that decide more than the comparison.
fn raw(
    header: &Header,
    (names, flags, versions): Triple,
) -> impl Iterator<Item = (RpmDependency, u64)> + use<> {
    let (flags, versions) = (header.integers(flags), header.raw_strings(versions));
    let names = header.raw_strings(names).into_iter().enumerate();
    let dependency = |(at, name): (usize, &[u8])| {
        let bits = flags.get(at).copied().unwrap_or(0);
        let version = versions.get(at).copied().unwrap_or_default();
        let dependency = RpmDependency {
            name: indexed(name).into_owned(),
            flags: comparison(bits),
            version: indexed(version).into_owned(),
            pre: false,
        };
        (dependency, bits)
    };
    names.map(dependency).collect::<Vec<_>>().into_iter()
}

/// Those of one kind that an index can list.
fn listed(header: &Header, tags: Triple) -> impl Iterator<Item = (RpmDependency, u64)> + use<> {
    raw(header, tags).filter(|(dependency, _)| has_epoch_or_none(&dependency.version))
}

/// Whether what stands before a colon is a number. createrepo_c leaves out what is not: no client could compare it.
pub(super) fn has_epoch_or_none(version: &str) -> bool {
    let epoch = version.split_once(':').map_or("", |(epoch, _)| epoch);
    epoch.bytes().all(|b| b.is_ascii_digit())
}

fn comparison(bits: u64) -> Option<RpmFlags> {
    Some(match bits & sense::COMPARISON {
        2 => RpmFlags::Less,
        4 => RpmFlags::Greater,
        8 => RpmFlags::Equal,
        10 => RpmFlags::LessOrEqual,
        12 => RpmFlags::GreaterOrEqual,
        _ => return None,
    })
}

/// Requirements as createrepo_c filters them, and those that are only recommendations (`MISSINGOK`).
fn requires(
    header: &Header,
    provides: &[RpmDependency],
    files: &[RpmFile],
) -> (Vec<RpmDependency>, Vec<RpmDependency>) {
    const PRE: u64 =
        sense::PREREQ | sense::SCRIPT_PRE | sense::SCRIPT_POST | sense::PRETRANS | sense::POSTTRANS;
    let own_files: HashSet<&str> = files.iter().map(|f| f.path.as_str()).collect();
    let own: HashSet<&RpmDependency> = provides.iter().collect();
    let (mut kept, mut weak): (Vec<RpmDependency>, Vec<RpmDependency>) = (Vec::new(), Vec::new());
    // The last requirement of each name: one that is repeated at once is left out, and only that.
    let mut last: HashMap<String, usize> = HashMap::new();
    let mut libc: Option<RpmDependency> = None;
    for (mut dependency, bits) in listed(header, tag::REQUIRES) {
        let name = dependency.name.as_str();
        if name.starts_with("rpmlib(")
            || (is_primary(name) && own_files.contains(name))
            || own.contains(&dependency)
        {
            continue;
        }
        dependency.pre = bits & PRE != 0;
        let before = last.get(name).and_then(|at| kept.get(*at));
        if before == Some(&dependency) {
            continue;
        }
        if bits & sense::MISSING_OK != 0 {
            dependency.pre = false;
            weak.push(dependency);
        } else if name.starts_with("libc.so.6") {
            let better = |best: &RpmDependency| libc_version(&best.name) < libc_version(name);
            if libc.as_ref().is_none_or(better) {
                libc = Some(dependency);
            }
        } else {
            last.insert(name.to_owned(), kept.len());
            kept.push(dependency);
        }
    }
    kept.extend(libc);
    (kept, weak)
}

/// How new the libc is that a symbol version asks for: `libc.so.6` before `libc.so.6()(64bit)` before
/// `libc.so.6(GLIBC_PRIVATE)` before `libc.so.6(GLIBC_2.4)`.
fn libc_version(name: &str) -> (u8, Vec<u64>) {
    let Some((inside, _)) = name
        .split_once('(')
        .map(|(_, rest)| rest.split_once(')').unwrap_or((rest, "")))
    else {
        return (0, Vec::new());
    };
    let Some(digit) = inside.find(|c: char| c.is_ascii_digit()) else {
        return (1 + u8::from(!inside.is_empty()), Vec::new());
    };
    let numbers = inside[digit..].split('.').map_while(|n| n.parse().ok());
    (3, numbers.collect())
}
