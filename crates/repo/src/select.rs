//! What `NAME`, `NAME==VERSION`, `NAME==*` and a filename mean in a channel (DESIGN.md, Identity).
//!
//! NAME is a project, else a native package name of exactly one project. VERSION is the release version in any spelling
//! that PEP 440 takes for it, or its Debian or RPM image: then everything of that release is meant. Else it is a native
//! version, whole or without epoch, revision or both: then only the artifacts that have it are meant. What matches first
//! counts, so that a release can always be named, whatever native versions there are.

use crate::{RepoError, Yard, error::nearest};
use packyard_index::Listed;
use packyard_types::{
    ArtifactName, ChannelRef, DistributionName, Invalid, ProjectName, ReleaseVersion, release_order,
    same_release,
};
use std::collections::{BTreeMap, BTreeSet};

/// What somebody asks for, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// One file, wherever in the channel it is.
    File(ArtifactName),
    /// A project, or a native package name of one.
    Named {
        /// As it was typed.
        name: String,
        /// Which of its versions.
        version: Wanted,
    },
}

/// Which versions of a project are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The newest release that is there and not yanked as a whole: `NAME`.
    Newest,
    /// All of them: `NAME==*`.
    All,
    /// One: `NAME==VERSION`.
    Version(String),
}

impl Selector {
    /// Parses what was typed. What ends like a package's filename is one.
    ///
    /// ```
    /// # use packyard_repo::{Selector, Wanted};
    /// let named = |name: &str, version| Selector::Named { name: name.to_owned(), version };
    /// assert_eq!(Selector::parse("foo").unwrap(), named("foo", Wanted::Newest));
    /// assert_eq!(Selector::parse("foo==*").unwrap(), named("foo", Wanted::All));
    /// assert_eq!(Selector::parse("foo==1:1.0-1").unwrap(), named("foo", Wanted::Version("1:1.0-1".to_owned())));
    /// assert!(matches!(Selector::parse("foo_1.0_all.deb").unwrap(), Selector::File(_)));
    /// assert!(Selector::parse("foo==").is_err() && Selector::parse("foo=1").is_err());
    /// ```
    pub fn parse(typed: &str) -> Result<Self, Invalid> {
        let bad = |rule| Invalid::new("selection", typed, rule);
        if [".whl", ".tar.gz", ".deb", ".dsc", ".rpm"]
            .iter()
            .any(|end| typed.ends_with(end))
        {
            return Ok(Self::File(ArtifactName::parse(typed)?));
        }
        let (name, version) = match typed.split_once("==") {
            None => (typed.trim(), Wanted::Newest),
            Some((name, version)) => match version.trim() {
                "" => return Err(bad("there is no version behind `==`; `NAME==*` means all")),
                "*" => (name.trim(), Wanted::All),
                version => (name.trim(), Wanted::Version(version.to_owned())),
            },
        };
        let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !begins
            || !name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b))
        {
            return Err(bad("it must be NAME, NAME==VERSION, NAME==* or a filename"));
        }
        Ok(Self::Named {
            name: name.to_owned(),
            version,
        })
    }

    /// Whether it names a version or a file: what it means may not silently be left out.
    pub fn is_exact(&self) -> bool {
        matches!(
            self,
            Self::File(_)
                | Self::Named {
                    version: Wanted::Version(_),
                    ..
                }
        )
    }

    /// Whether it is a name without a version.
    pub fn is_bare(&self) -> bool {
        matches!(
            self,
            Self::Named {
                version: Wanted::Newest,
                ..
            }
        )
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(name) => name.fmt(f),
            Self::Named {
                name,
                version: Wanted::Newest,
            } => name.fmt(f),
            Self::Named {
                name,
                version: Wanted::All,
            } => write!(f, "{name}==*"),
            Self::Named {
                name,
                version: Wanted::Version(version),
            } => write!(f, "{name}=={version}"),
        }
    }
}

/// What selectors mean: for each of them, in their order, artifacts of which there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// One for each selector.
    pub chosen: Vec<Chosen>,
}

/// What one selector means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The selector.
    pub selector: Selector,
    /// The project that it means, or that its file belongs to.
    pub project: ProjectName,
    /// Its artifacts, yanked ones too, in the order in which they were published.
    pub artifacts: Vec<Listed>,
}

impl Selection {
    /// All artifacts, each place of each once, though several selectors mean it.
    pub fn artifacts(&self) -> Vec<&Listed> {
        let mut seen = BTreeSet::new();
        let all = self.chosen.iter().flat_map(|c| &c.artifacts);
        all.filter(|l| {
            let a = &l.artifact;
            seen.insert((&a.name, a.served.digest, &a.distribution, &a.component))
        })
        .collect()
    }
}

impl Yard {
    /// What selectors mean in a channel; with a distribution only what was published there (`any` is another one).
    /// Everything that is unknown or ambiguous is named.
    pub async fn select(
        &self,
        channel: &ChannelRef,
        distribution: Option<&DistributionName>,
        selectors: &[Selector],
    ) -> Result<Selection, RepoError> {
        let distribution = match distribution {
            Some(d) => Some(self.distribution(&channel.channel, d.as_str())?.0),
            None => None,
        };
        let (channel, selectors) = (channel.clone(), selectors.to_vec());
        let index_of = self.clone();
        crate::yard::blocking(move || {
            let mut chosen = Vec::new();
            let mut problems = Vec::new();
            for selector in selectors {
                match index_of.choose(&channel, distribution.as_ref(), &selector) {
                    Ok(found) => chosen.push(found),
                    Err(problem) => problems.push(problem),
                }
            }
            match problems.len() {
                0 => Ok(Selection { chosen }),
                1 => Err(problems.remove(0)),
                _ => Err(RepoError::Several(problems)),
            }
        })
        .await
    }

    /// The project that a name means: its own, else that of a native package.
    pub fn project_of(&self, channel: &ChannelRef, name: &str) -> Result<ProjectName, RepoError> {
        self.rows_of(channel, name).map(|(project, _)| project)
    }

    fn choose(
        &self,
        channel: &ChannelRef,
        distribution: Option<&DistributionName>,
        selector: &Selector,
    ) -> Result<Chosen, RepoError> {
        let (project, rows) = match selector {
            Selector::File(name) => self.rows_of_file(channel, name)?,
            Selector::Named { name, .. } => self.rows_of(channel, name)?,
        };
        let elsewhere = rows.first().map(|l| l.artifact.distribution.to_string());
        let here = |l: &Listed| distribution.is_none_or(|d| l.artifact.distribution == *d);
        let rows: Vec<Listed> = rows.into_iter().filter(here).collect();
        if rows.is_empty() {
            let place = distribution.map_or_else(String::new, |d| format!("distribution `{d}` of "));
            let what = format!("`{selector}` in {place}channel `{}`", channel.channel);
            return Err(RepoError::NotFound {
                what,
                nearest: elsewhere,
            });
        }
        let artifacts = match selector {
            Selector::File(_) => rows,
            Selector::Named { version, .. } => chosen(&project, channel, rows, version)?,
        };
        Ok(Chosen {
            selector: selector.clone(),
            project,
            artifacts,
        })
    }

    pub(crate) fn rows_of_file(
        &self,
        channel: &ChannelRef,
        name: &ArtifactName,
    ) -> Result<(ProjectName, Vec<Listed>), RepoError> {
        let rows = self.read(|i| Ok(i.with_filename(&channel.channel, name.as_str(), channel.at)?))?;
        if let Some(first) = rows.first() {
            return Ok((first.artifact.project.clone(), rows));
        }
        let near = match self.rows_of(channel, name.package()) {
            Ok((_, rows)) => rows.iter().map(|l| l.artifact.name.to_string()).collect(),
            Err(_) => Vec::new(),
        };
        Err(RepoError::NotFound {
            what: format!("file `{name}` in channel `{}`", channel.channel),
            nearest: nearest(name.as_str(), near),
        })
    }

    /// The project that a name means, and everything of it.
    pub(crate) fn rows_of(
        &self,
        channel: &ChannelRef,
        name: &str,
    ) -> Result<(ProjectName, Vec<Listed>), RepoError> {
        let (c, at) = (&channel.channel, channel.at);
        let of = |project: &ProjectName| self.read(|i| Ok(i.of_project(c, project, None, at)?));
        if let Ok(project) = ProjectName::parse(name) {
            let rows = of(&project)?;
            if !rows.is_empty() {
                return Ok((project, rows));
            }
        }
        let mut projects = Vec::new();
        for project in self.read(|i| Ok(i.projects_of_package(c, name, at)?))? {
            let rows = of(&project)?;
            if !rows.is_empty() {
                projects.push((project, rows));
            }
        }
        match projects.len() {
            1 => Ok(projects.remove(0)),
            0 => Err(RepoError::NotFound {
                what: format!("package `{name}` in channel `{c}`"),
                nearest: nearest(name, self.read(|i| Ok(i.names(c, at)?))?),
            }),
            _ => {
                let mut rows = Vec::new();
                let what = format!(
                    "`{name}` in channel `{c}` is a package of {} projects",
                    projects.len()
                );
                for (_, its) in projects {
                    rows.extend(its.into_iter().filter(|l| l.artifact.package == name));
                }
                Err(RepoError::Ambiguous {
                    what,
                    candidates: candidates(&rows),
                })
            }
        }
    }
}

/// The artifacts of a project that a version means.
pub(crate) fn chosen(
    project: &ProjectName,
    channel: &ChannelRef,
    rows: Vec<Listed>,
    wanted: &Wanted,
) -> Result<Vec<Listed>, RepoError> {
    let release = |l: &Listed| l.artifact.release_version.clone();
    match wanted {
        Wanted::All => Ok(rows),
        Wanted::Newest => {
            let offered = rows.iter().filter(|l| l.yanked.is_none()).map(release);
            let newest = offered.max_by(|a, b| release_order(a, b));
            let newest = newest.or_else(|| rows.iter().map(release).max_by(|a, b| release_order(a, b)));
            let newest = newest.unwrap_or_default();
            Ok(rows
                .into_iter()
                .filter(|l| same_release(&release(l), &newest))
                .collect())
        }
        Wanted::Version(version) => {
            for match_by in [
                of_release,
                native,
                native_without_epoch,
                native_upstream,
                upstream_without_epoch,
            ] {
                let found: Vec<Listed> = rows.iter().filter(|l| match_by(l, version)).cloned().collect();
                let Some(first) = found.first().map(release) else {
                    continue;
                };
                if found.iter().all(|l| same_release(&release(l), &first)) {
                    return Ok(found);
                }
                let what = format!(
                    "`{project}=={version}` in channel `{}` is a native version of several releases",
                    channel.channel
                );
                return Err(RepoError::Ambiguous {
                    what,
                    candidates: candidates(&found),
                });
            }
            let known = rows.iter().flat_map(|l| [release(l), l.artifact.version.clone()]);
            Err(RepoError::NotFound {
                what: format!(
                    "version `{version}` of package `{project}` in channel `{}`",
                    channel.channel
                ),
                nearest: nearest(version, known).map(|near| format!("{project}=={near}")),
            })
        }
    }
}

/// Whether a text is the artifact's release version: a spelling that PEP 440 takes for it, or an image of it.
fn of_release(listed: &Listed, version: &str) -> bool {
    let release = &listed.artifact.release_version;
    let image = || {
        ReleaseVersion::from_deb_upstream(version).or_else(|| {
            let (epoch, rest) = version.split_once(':').unwrap_or(("0", version));
            ReleaseVersion::from_rpm_version(rest, epoch.parse().ok()?)
        })
    };
    same_release(release, version) || image().is_some_and(|v| same_release(release, &v.to_string()))
}

fn native(listed: &Listed, version: &str) -> bool {
    listed.artifact.version == version
}

fn native_without_epoch(listed: &Listed, version: &str) -> bool {
    without_epoch(&listed.artifact.version) == version
}

fn native_upstream(listed: &Listed, version: &str) -> bool {
    without_revision(&listed.artifact.version) == version
}

fn upstream_without_epoch(listed: &Listed, version: &str) -> bool {
    without_revision(without_epoch(&listed.artifact.version)) == version
}

fn without_epoch(version: &str) -> &str {
    version.split_once(':').map_or(version, |(_epoch, rest)| rest)
}

fn without_revision(version: &str) -> &str {
    version
        .rsplit_once('-')
        .map_or(version, |(upstream, _revision)| upstream)
}

/// Each release of these artifacts as it can be typed, with its files.
fn candidates(rows: &[Listed]) -> Vec<String> {
    let mut releases: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for a in rows.iter().map(|l| &l.artifact) {
        let release = format!("{}=={}", a.project, a.release_version);
        releases.entry(release).or_default().insert(a.name.as_str());
    }
    let line = |(release, files): (String, BTreeSet<&str>)| {
        format!("{release} ({})", files.into_iter().collect::<Vec<_>>().join(", "))
    };
    releases.into_iter().map(line).collect()
}
