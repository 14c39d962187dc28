//! What a source is: found out by looking at what lies there.

use super::{
    documents::Carried,
    layouts::{self, AptChoice, AptPackages},
    root::{Location, Root},
};
use crate::report::Usage;
use anyhow::{Context as _, bail};
use packyard_client::Fetch;
use packyard_formats::repository::Found;
use packyard_types::{ComponentName, DistributionName, DistributionSettings, Timestamp};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// A file that a source holds.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Where its bytes are.
    pub at: Location,
    /// Its name.
    pub filename: String,
    /// What its index says of it.
    pub found: Found,
}

/// A repository, or a directory of files, that was recognised.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Layout {
    /// Where.
    pub at: String,
    /// What it is.
    pub kind: &'static str,
    /// How many files it lists.
    pub count: usize,
}

/// What a source holds.
#[derive(Debug, Default)]
pub struct Seen {
    /// What was recognised.
    pub layouts: Vec<Layout>,
    /// The files.
    pub candidates: Vec<Candidate>,
    /// What could not be read, by the place that says so.
    pub faults: Vec<(String, String)>,
    /// Distributions as the other repository declares them.
    pub distributions: Vec<(DistributionName, DistributionSettings)>,
    /// What goes along with packages.
    pub documents: Vec<Carried>,
}

impl Seen {
    /// Adds what a repository lists.
    pub fn add(&mut self, root: &Root, at: &str, kind: &'static str, found: Vec<Found>) {
        self.layouts.push(Layout {
            at: root.shown(at).trim_end_matches('/').to_owned(),
            kind,
            count: found.len(),
        });
        self.candidates.extend(found.into_iter().map(|found| Candidate {
            at: root.locate(&found.place),
            filename: found.place.filename(),
            found,
        }));
    }
}

/// Looks at a source.
pub fn look(
    source: &str,
    distribution: Option<&DistributionName>,
    component: Option<&ComponentName>,
) -> anyhow::Result<Seen> {
    let mut choice = AptChoice {
        distributions: distribution.map(ToString::to_string).into_iter().collect(),
        components: component.map(ToString::to_string).into_iter().collect(),
        packages: AptPackages::All,
    };
    let mut seen = Seen::default();
    let mut line = source.trim();
    for (kind, packages) in [("deb ", AptPackages::Binary), ("deb-src ", AptPackages::Source)] {
        if let Some(rest) = source.strip_prefix(kind) {
            (line, choice.packages) = (rest.trim(), packages);
        }
    }
    if line.starts_with("http://") || line.starts_with("https://") {
        let url = apt_source(line, &mut choice);
        web(&url, &choice, &mut seen)?;
        return Ok(seen);
    }
    let dir = Path::new(source);
    if let Some(plain) = pasted(source) {
        let text = format!(
            "`{source}` is a line of sources.list with more than is taken here\nhint: packyard import \"{plain}\"; \
             signatures of the other place are not judged"
        );
        return Err(Usage(text).into());
    }
    if !dir.is_dir() {
        let text = format!(
            "`{source}` is neither a directory nor a URL\nhint: a URL begins with http:// or https://"
        );
        return Err(Usage(text).into());
    }
    directory(dir, &choice, &mut seen)?;
    Ok(seen)
}

/// A line of sources.list that is not taken as it is, in the form that is: without options.
fn pasted(line: &str) -> Option<String> {
    let line = line.trim();
    let (kind, rest) = ["deb", "deb-src"].iter().find_map(|kind| {
        let rest = line.strip_prefix(kind)?;
        rest.starts_with(char::is_whitespace)
            .then_some((kind, rest.trim_start()))
    })?;
    let rest = match rest.strip_prefix('[') {
        Some(options) => options.split_once(']')?.1.trim_start(),
        None => rest,
    };
    Some(format!("{kind} {rest}"))
}

/// The words of an apt source: `URL SUITE COMPONENT…`; and `URL/dists/SUITE/`.
fn apt_source(line: &str, choice: &mut AptChoice) -> String {
    let mut words = line.split_whitespace();
    let mut url = words.next().unwrap_or_default().to_owned();
    choice.distributions.extend(words.next().map(str::to_owned));
    choice.components.extend(words.map(str::to_owned));
    if let Some((root, rest)) = url.clone().split_once("/dists/") {
        let suite = rest.trim_end_matches('/');
        let suite = suite
            .strip_suffix("/InRelease")
            .or_else(|| suite.strip_suffix("/Release"))
            .unwrap_or(suite);
        if !suite.is_empty() {
            choice.distributions.push(suite.to_owned());
        }
        root.clone_into(&mut url);
    }
    url.trim_end_matches('/').to_owned() + "/"
}

fn web(url: &str, choice: &AptChoice, seen: &mut Seen) -> anyhow::Result<()> {
    let root = Root::Web(url.to_owned(), Fetch::new());
    let apt = choice
        .distributions
        .iter()
        .map(|d| layouts::release(&root, d))
        .collect::<Result<Vec<_>, _>>()?;
    if apt.iter().any(Option::is_some) {
        return layouts::apt(&root, choice, seen);
    }
    if layouts::yum(&root, seen)? || layouts::simple_at(url, seen)? {
        return Ok(());
    }
    let hint = "of an apt repository say which distribution: `http://HOST/debian/dists/bookworm/`; of a yum repository give its baseurl; of Python packages the URL of the simple index";
    bail!("`{url}` is no repository that is known here\nhint: {hint}")
}

/// Files that a directory may hold beside its indexes, and that say something about packages.
const ENDINGS: [&str; 9] = [
    ".deb", ".rpm", ".whl", ".tar.gz", ".udeb", ".ddeb", ".dsc", ".zip", ".egg",
];

fn directory(dir: &Path, choice: &AptChoice, seen: &mut Seen) -> anyhow::Result<()> {
    let before = seen.layouts.len();
    let mut loose = Vec::new();
    walk(dir, choice, seen, &mut loose, 0)?;
    // In a tree with indexes, a package that an index names is not taken twice.
    let named: BTreeSet<PathBuf> = seen
        .candidates
        .iter()
        .filter_map(|c| c.at.file())
        .map(canonical)
        .collect();
    loose.retain(|(path, _)| !named.contains(&canonical(path)));
    if loose.is_empty() && seen.layouts.len() > before {
        return Ok(());
    }
    let root = Root::Dir(dir.to_owned());
    let found = loose.into_iter().filter_map(|(path, time)| {
        let below = path.strip_prefix(dir).ok()?.to_str()?;
        let place = packyard_formats::repository::Place::below(below)?;
        Some(Found {
            time,
            ..Found::at(place)
        })
    });
    let found = found.collect();
    seen.add(&root, "", "a directory of packages", found);
    Ok(())
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// A file that no index names, and when it was written.
type Loose = (PathBuf, Option<Timestamp>);

fn walk(
    dir: &Path,
    choice: &AptChoice,
    seen: &mut Seen,
    loose: &mut Vec<Loose>,
    depth: u32,
) -> anyhow::Result<()> {
    /// Deeper than any repository.
    const DEEPEST: u32 = 32;
    let root = Root::Dir(dir.to_owned());
    if layouts::devpi(&root, seen)? {
        return Ok(());
    }
    match layouts::releases(dir) {
        Ok(there) if there.is_empty() => {
            let reason =
                "it holds no Release file: this is no apt repository, and what lies there is taken as files";
            seen.faults
                .push((dir.join("dists").display().to_string(), reason.to_owned()));
        }
        Ok(_) => return layouts::apt(&root, choice, seen),
        // What its pool holds would lose its distribution.
        Err(e) if dir.join("dists").is_dir() => return Err(e),
        Err(_) => {}
    }
    if layouts::yum(&root, seen)? {
        return Ok(());
    }
    layouts::simple(&root, seen)?;
    let mut entries = Vec::new();
    let reading = || format!("reading `{}`", dir.display());
    for entry in std::fs::read_dir(dir).with_context(reading)? {
        entries.push(entry.with_context(reading)?.path());
    }
    entries.sort();
    for path in entries {
        let Ok(meta) = path.symlink_metadata() else {
            continue;
        };
        if meta.is_dir() && depth < DEEPEST {
            // What is named itself must be readable and whole; one directory of many is left out.
            if let Err(e) = walk(&path, choice, seen, loose, depth + 1) {
                let reason = format!("{e:#}").replace("\nhint: ", "; ");
                seen.faults.push((path.display().to_string(), reason));
            }
            continue;
        }
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if !ENDINGS.iter().any(|e| name.ends_with(e)) || name.starts_with('.') {
            continue;
        }
        let Ok(meta) = path.metadata() else { continue };
        if meta.is_file() {
            let time = meta.modified().ok().map(Timestamp::from_system_time);
            loose.push((path, time.map(Timestamp::whole_second)));
        }
    }
    Ok(())
}
