//! The layouts of repositories: which indexes lie where, and what they list.

use super::{
    documents,
    look::Seen,
    root::{Location, Root},
};
use anyhow::{Context as _, bail};
use packyard_formats::{
    fault::Fault,
    repository::{Found, apt, devpi, simple, unpacked, yum},
};
use packyard_types::{
    Alias, ComponentName, Digest, DistributionName, DistributionSettings, Family, Timestamp,
};
use std::path::Path;

/// What of an apt repository is wanted; everything where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct AptChoice {
    /// The directories below `dists/`.
    pub distributions: Vec<String>,
    /// The components.
    pub components: Vec<String>,
    /// Which packages.
    pub packages: AptPackages,
}

/// Which packages of an apt repository are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AptPackages {
    /// All.
    #[default]
    All,
    /// Those that a source of kind `deb` means.
    Binary,
    /// Those that a source of kind `deb-src` means.
    Source,
}

impl AptPackages {
    fn are_in(self, index: &apt::Index) -> bool {
        match self {
            Self::All => true,
            Self::Binary => !index.sources,
            Self::Source => index.sources,
        }
    }
}

/// The Release file of a distribution.
pub fn release(root: &Root, distribution: &str) -> anyhow::Result<Option<apt::Release>> {
    for name in ["InRelease", "Release"] {
        let path = format!("dists/{distribution}/{name}");
        if let Some(bytes) = root.read(&path)? {
            let release = apt::Release::read(&bytes).map_err(|f| told(&root.shown(&path), &f))?;
            return Ok(Some(release));
        }
    }
    Ok(None)
}

/// An apt repository: the chosen distributions, or every one in the directory.
pub fn apt(root: &Root, choice: &AptChoice, seen: &mut Seen) -> anyhow::Result<()> {
    let there = match root {
        Root::Dir(dir) => releases(dir)?,
        Root::Web(..) => choice.distributions.clone(),
    };
    let chosen: Vec<&String> = there
        .iter()
        .filter(|d| choice.distributions.is_empty() || choice.distributions.contains(d))
        .collect();
    if chosen.is_empty() {
        bail!(
            "`{}` has no distribution `{}`\nhint: it has {}",
            root.shown(""),
            choice.distributions.join("`, `"),
            there.join(", ")
        );
    }
    for distribution in chosen {
        let Some(release) = release(root, distribution)? else {
            bail!(
                "`{}` has neither InRelease nor Release",
                root.shown(&format!("dists/{distribution}"))
            );
        };
        one_distribution(root, distribution, &release, choice, seen)?;
    }
    Ok(())
}

fn one_distribution(
    root: &Root,
    name: &str,
    release: &apt::Release,
    choice: &AptChoice,
    seen: &mut Seen,
) -> anyhow::Result<()> {
    let own = DistributionName::parse(&name.replace('/', "-").to_ascii_lowercase())?;
    let mut all = Vec::new();
    for index in release.indexes() {
        let component = index.component.rsplit('/').next().unwrap_or("main");
        let chosen = choice.components.is_empty() || choice.components.iter().any(|c| c == component);
        if !chosen || !choice.packages.are_in(&index) {
            continue;
        }
        let dir = format!("dists/{name}");
        let Some((path, bytes)) = first_index(root, &dir, release, &index)? else {
            if index.sources {
                // A mirror without source packages keeps the Release file that names them.
                continue;
            }
            let text = format!("none of {} is there as Release promises", index.paths.join(", "));
            seen.faults.push((root.shown(&dir), text));
            continue;
        };
        let plain = unpacked(&path, &bytes).map_err(|f| told(&root.shown(&path), &f))?;
        let listed = if index.sources {
            apt::sources(&plain)
        } else {
            apt::packages(&plain)
        };
        let (found, faults) = listed.map_err(|f| told(&root.shown(&path), &f))?;
        seen.faults
            .extend(faults.iter().map(|f| (root.shown(&path), f.to_string())));
        let component = ComponentName::parse(&component.to_ascii_lowercase())?;
        all.extend(found.into_iter().map(|f| dated(root, f)).map(|f| Found {
            distribution: Some(own.clone()),
            component: Some(component.clone()),
            ..f
        }));
    }
    seen.add(root, &format!("dists/{name}"), "an apt distribution", all);
    seen.distributions.push((own.clone(), settings(&own, release)));
    Ok(())
}

/// The first spelling of an index that is there and is what the Release file says.
fn first_index(
    root: &Root,
    dir: &str,
    release: &apt::Release,
    index: &apt::Index,
) -> anyhow::Result<Option<(String, Vec<u8>)>> {
    let mut wrong = None;
    for path in &index.paths {
        let at = format!("{dir}/{path}");
        let Some(bytes) = root.read(&at)? else { continue };
        match release.files.get(path) {
            Some((digest, _)) if Digest::of(&bytes) == *digest => return Ok(Some((at, bytes))),
            _ => wrong = Some(at),
        }
    }
    match wrong {
        Some(at) => bail!(
            "`{}` is not the file that its Release names\nhint: the repository is being written, or damaged; try again when it is whole",
            root.shown(&at)
        ),
        None => Ok(None),
    }
}

/// What apt would see of the distribution's identity, to be declared where it is created.
fn settings(own: &DistributionName, release: &apt::Release) -> DistributionSettings {
    let mut settings = DistributionSettings {
        family: Some(Family::Deb),
        suite: release.suite.clone(),
        codename: release.codename.clone(),
        origin: release.origin.clone(),
        label: release.label.clone(),
        version: release.version.clone(),
        description: release.description.clone(),
        not_automatic: release.not_automatic,
        ..DistributionSettings::default()
    };
    let names = [&release.suite, &release.codename];
    let aliases = names.into_iter().flatten().filter(|n| n.as_str() != own.as_str());
    settings.aliases = aliases.filter_map(|n| Alias::parse(n).ok()).collect();
    settings.components = release
        .components
        .iter()
        .filter_map(|c| ComponentName::parse(c).ok())
        .collect();
    settings
}

/// Every directory below `dists` with a Release file; a link is another name for one of them. One that cannot be read is
/// passed over, except `dists` itself.
pub fn releases(dir: &Path) -> anyhow::Result<Vec<String>> {
    let dists = dir.join("dists");
    let mut found = Vec::new();
    let mut look = vec![(dists.clone(), String::new())];
    while let Some((at, name)) = look.pop() {
        if !name.is_empty() && (at.join("Release").is_file() || at.join("InRelease").is_file()) {
            found.push(name.clone());
        }
        if name.matches('/').count() >= 2 {
            continue;
        }
        let entries = match std::fs::read_dir(&at) {
            Ok(entries) => entries,
            Err(_) if !name.is_empty() => continue,
            Err(e) => return Err(e).with_context(|| format!("reading `{}`", at.display())),
        };
        for entry in entries.flatten() {
            let (Ok(kind), Ok(part)) = (entry.file_type(), entry.file_name().into_string()) else {
                continue;
            };
            // A component's directories hold Release files of their own, which are others.
            if kind.is_dir() && !part.starts_with("binary-") && part != "source" && part != "by-hash" {
                let name = if name.is_empty() {
                    part
                } else {
                    format!("{name}/{part}")
                };
                look.push((entry.path(), name));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A yum repository; whether there is one.
pub fn yum(root: &Root, seen: &mut Seen) -> anyhow::Result<bool> {
    let Some(repomd) = root.read("repodata/repomd.xml")? else {
        return Ok(false);
    };
    let primary = yum::primary_of(&repomd).map_err(|f| told(&root.shown("repodata/repomd.xml"), &f))?;
    let shown = root.shown(&primary.path);
    let Some(bytes) = root.read(&primary.path)? else {
        bail!("`{shown}` is not there, and repomd.xml names it");
    };
    if primary.sha256.is_some_and(|d| d != Digest::of(&bytes)) {
        bail!(
            "`{shown}` is not the file that repomd.xml names\nhint: the repository is being written, or damaged; try again when it is whole"
        );
    }
    let plain = unpacked(&primary.path, &bytes).map_err(|f| told(&shown, &f))?;
    let (mut found, faults) = yum::packages(&plain).map_err(|f| told(&shown, &f))?;
    seen.faults
        .extend(faults.iter().map(|f| (shown.clone(), f.to_string())));
    let own = exported_as(root);
    let named = yum::metadata_of(&repomd).map_err(|f| told(&root.shown("repodata/repomd.xml"), &f))?;
    documents::look(root, &named, own.as_ref(), seen);
    for f in &mut found {
        f.distribution.clone_from(&own);
    }
    seen.add(root, "", "a yum repository", found);
    Ok(true)
}

/// The distribution of `…/yum/DISTRIBUTION/BASEARCH/`, as packyard serves and exports it.
fn exported_as(root: &Root) -> Option<DistributionName> {
    let whole = match root {
        Root::Dir(dir) => dir.canonicalize().ok()?.to_str()?.to_owned(),
        Root::Web(url, _) => url.trim_end_matches('/').to_owned(),
    };
    let mut parts = whole.rsplit('/');
    let (_arch, distribution, yum) = (parts.next()?, parts.next()?, parts.next()?);
    (yum == "yum")
        .then(|| DistributionName::parse(distribution).ok())
        .flatten()
}

/// A devpi export; whether there is one.
pub fn devpi(root: &Root, seen: &mut Seen) -> anyhow::Result<bool> {
    let Some(bytes) = root.read("dataindex.json")? else {
        return Ok(false);
    };
    let stages = devpi::stages(&bytes).map_err(|f| told(&root.shown("dataindex.json"), &f))?;
    for stage in stages {
        seen.add(root, &stage.name, "an index of a devpi export", stage.files);
    }
    Ok(true)
}

/// A static simple index below a directory: `simple/index.html`, or `index.html` that lists projects.
pub fn simple(root: &Root, seen: &mut Seen) -> anyhow::Result<()> {
    for at in ["simple/", ""] {
        let Some(bytes) = root.read(&format!("{at}index.html"))? else {
            continue;
        };
        let Ok(simple::Page::Projects(projects)) = simple::page(at, &bytes) else {
            continue;
        };
        let mut files = Vec::new();
        for project in projects {
            let page = format!("{project}/index.html");
            let Ok(Some(bytes)) = root.read(&page) else {
                continue;
            };
            if let Ok(simple::Page::Files(found)) = simple::page(&page, &bytes) {
                files.extend(found.into_iter().map(|f| dated(root, f)));
            }
        }
        // Another page that lists links is no index.
        if !files.is_empty() {
            seen.add(root, at, "a simple index", files);
            return Ok(());
        }
    }
    Ok(())
}

/// The simple index at a URL, or a page of files; whether there is one.
pub fn simple_at(url: &str, seen: &mut Seen) -> anyhow::Result<bool> {
    // Links may begin with a slash, so the root is the host's.
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let host_end = url[after_scheme..]
        .find('/')
        .map_or(url.len(), |at| after_scheme + at + 1);
    let (host, path) = url.split_at(host_end);
    let root = Root::Web(host.to_owned(), packyard_client::Fetch::new());
    let Some(bytes) = root.read(path)? else {
        return Ok(false);
    };
    let files = match simple::page(path, &bytes) {
        Ok(simple::Page::Files(files)) => files,
        Ok(simple::Page::Projects(projects)) => {
            let mut files = Vec::new();
            for project in projects {
                let page = match root.locate(&project) {
                    // Only what the user asked for: an index does not send us to another host for its pages.
                    Location::Url(url) if url.starts_with(host) => format!("{project}/"),
                    _ => continue,
                };
                if !page.starts_with(path) {
                    continue;
                }
                let Some(bytes) = root.read(&page)? else { continue };
                if let Ok(simple::Page::Files(found)) = simple::page(&page, &bytes) {
                    files.extend(found);
                }
            }
            files
        }
        Err(_) => return Ok(false),
    };
    if files.is_empty() {
        return Ok(false);
    }
    seen.add(&root, path, "a simple index", files);
    Ok(true)
}

/// With the time of the file, where the index knows none and the file is here.
fn dated(root: &Root, mut found: Found) -> Found {
    if found.time.is_none()
        && let Location::File(path) = root.locate(&found.place)
        && let Ok(modified) = path.metadata().and_then(|m| m.modified())
    {
        found.time = Some(Timestamp::from_system_time(modified).whole_second());
    }
    found
}

fn told(at: &str, fault: &Fault) -> anyhow::Error {
    anyhow::anyhow!("`{at}`: {fault}\nhint: {}", fault.hint)
}
