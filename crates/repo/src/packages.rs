//! What lists and pages show: channels, packages, versions, history.

use crate::{RepoError, VersionAdvisory, Wanted, Yard};
use packyard_index::{ChangeRow, ChannelRow, Listed, PackageSummary};
use packyard_types::{
    Artifact, ArtifactKind, ArtifactName, ChannelName, ChannelRef, DistributionName, DistributionSettings,
    Facts, FactsRecord, ProjectName, Revision, Timestamp, release_order, same_release,
};
use std::collections::HashMap;

/// A package of a channel: its versions, newest release first, and what the newest says of itself.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its name.
    pub project: ProjectName,
    /// One line about it.
    pub summary: String,
    /// The long description, and its media type where it is known.
    pub description: Option<(String, Option<String>)>,
    /// The licence, in the words of the package.
    pub license: Option<String>,
    /// Links, as (label, URL).
    pub links: Vec<(String, String)>,
    /// What the newest version needs, in each ecosystem's words: (ecosystem, dependency).
    pub dependencies: Vec<(String, String)>,
    /// The changelog as the newest deb or rpm carries it.
    pub changelog: Option<String>,
    /// The versions.
    pub versions: Vec<PackageVersion>,
}

/// A version of a package.
#[derive(Debug, Clone)]
pub struct PackageVersion {
    /// The release version.
    pub version: String,
    /// When its first artifact was published.
    pub published_at: Timestamp,
    /// Its artifacts, in the order in which they were published.
    pub artifacts: Vec<Listed>,
    /// Why to update to it; none where there are so many versions that this one was not looked at.
    pub advisories: Option<Vec<VersionAdvisory>>,
}

impl PackageVersion {
    /// Whether nothing of it is offered.
    pub fn is_yanked(&self) -> bool {
        self.artifacts.iter().all(|l| l.yanked.is_some())
    }

    /// Why: the first reason that anybody gave.
    pub fn reason(&self) -> &str {
        let mut reasons = self.artifacts.iter().filter_map(|l| l.yanked.as_deref());
        reasons.find(|r| !r.is_empty()).unwrap_or_default()
    }
}

impl Yard {
    /// All channels.
    pub fn channels(&self) -> Result<Vec<ChannelRow>, RepoError> {
        self.read(|index| Ok(index.channels()?))
    }

    /// A channel, or an error that names the nearest.
    pub fn channel(&self, name: &ChannelName) -> Result<ChannelRow, RepoError> {
        let channels = self.channels()?;
        let found = channels.iter().find(|c| c.name == *name).cloned();
        found.ok_or_else(|| RepoError::no_channel(name, channels.into_iter().map(|c| c.name)))
    }

    /// How many projects and artifacts a channel holds, as of a revision.
    pub async fn counts(&self, channel: &ChannelRef) -> Result<(u64, u64), RepoError> {
        let channel = channel.clone();
        self.read_blocking(move |i| Ok(i.counts(&channel.channel, channel.at)?))
            .await
    }

    /// The revision with which a channel came into being, the last time.
    pub fn came_into_being(&self, channel: &ChannelName) -> Result<Revision, RepoError> {
        self.read(|index| Ok(index.channel_since(channel)?.unwrap_or_default()))
    }

    /// A channel's distributions and their settings.
    pub fn distributions(
        &self,
        channel: &ChannelName,
    ) -> Result<Vec<(DistributionName, DistributionSettings)>, RepoError> {
        self.read(|index| Ok(index.distributions(channel)?))
    }

    /// The distribution of a channel that a name or an alias means, or an error that names the nearest.
    pub fn distribution(
        &self,
        channel: &ChannelName,
        name: &str,
    ) -> Result<(DistributionName, DistributionSettings), RepoError> {
        self.read(|index| {
            if let Some(found) = index.distribution(channel, name)? {
                return Ok(found);
            }
            let all = index.distributions(channel)?;
            let names = all.iter().flat_map(|(d, s)| {
                let aliases = s.aliases.iter().map(ToString::to_string);
                std::iter::once(d.to_string()).chain(aliases)
            });
            Err(RepoError::no_distribution(channel, name, names))
        })
    }

    /// The packages of a channel, by name; with a distribution (or an alias) only what its machines see.
    pub async fn packages(
        &self,
        channel: &ChannelRef,
        search: Option<&str>,
        distribution: Option<&str>,
    ) -> Result<Vec<PackageSummary>, RepoError> {
        let (channel, search) = (channel.clone(), search.map(str::to_owned));
        let distribution = match distribution {
            Some(d) => Some(self.distribution(&channel.channel, d)?.0),
            None => None,
        };
        self.read_blocking(move |i| {
            let (search, d) = (search.as_deref(), distribution.as_ref());
            Ok(i.projects(&channel.channel, search, d, channel.at)?)
        })
        .await
    }

    /// A package of a channel: by its project, a native package name or a filename; with `version` only the release that
    /// this is the version of, or a native version in it.
    pub async fn package(
        &self,
        channel: &ChannelRef,
        name: &str,
        version: Option<&str>,
    ) -> Result<Package, RepoError> {
        let (mut name, mut version) = (name.to_owned(), version.map(str::to_owned));
        if let Ok(file) = ArtifactName::parse(&name) {
            let (project, rows) = self.rows_of_file(channel, &file)?;
            version = version.or_else(|| rows.first().map(|l| l.artifact.release_version.clone()));
            name = project.to_string();
        }
        let (project, rows) = self.rows_of(channel, &name)?;
        self.package_of(channel, project, rows, version).await
    }

    /// A package that is these rows; with `version` only that release of it.
    pub(crate) async fn package_of(
        &self,
        channel: &ChannelRef,
        project: ProjectName,
        rows: Vec<Listed>,
        version: Option<String>,
    ) -> Result<Package, RepoError> {
        let mut versions = by_version(rows.clone());
        if let Some(wanted) = version {
            let chosen = crate::select::chosen(&project, channel, rows, &Wanted::Version(wanted))?;
            let is_meant = |v: &PackageVersion| {
                let release = chosen.first().map(|l| &l.artifact.release_version);
                release.is_some_and(|r| same_release(r, &v.version))
            };
            versions.retain(is_meant);
        }
        self.advise(channel, &mut versions).await?;
        self.describe(project, versions).await
    }

    async fn describe(
        &self,
        project: ProjectName,
        versions: Vec<PackageVersion>,
    ) -> Result<Package, RepoError> {
        let newest = versions[0].artifacts.iter().rev();
        // What a source package says in one line is only what is built from it.
        let summary = newest
            .clone()
            .find(|l| l.artifact.name.kind() != ArtifactKind::Dsc)
            .or(newest.clone().next())
            .map(|l| l.summary.clone())
            .unwrap_or_default();
        let mut package = Package {
            project,
            summary,
            description: None,
            license: None,
            links: Vec::new(),
            dependencies: Vec::new(),
            changelog: None,
            versions: Vec::new(),
        };
        for listed in &versions[0].artifacts {
            package.learn(&self.facts(&listed.artifact).await?);
        }
        package.versions = versions;
        Ok(package)
    }

    /// What was read from an artifact's bytes at intake.
    pub async fn facts(&self, artifact: &Artifact) -> Result<Facts, RepoError> {
        let bytes = self.small_blob(&artifact.facts.digest).await?;
        let damaged = |e: serde_json::Error| RepoError::Damaged {
            what: format!("facts of `{}`", artifact.name),
            reason: e.to_string(),
        };
        let record: FactsRecord = serde_json::from_slice(&bytes).map_err(damaged)?;
        Ok(record.facts)
    }

    /// What happened in a channel last, newest first.
    pub fn newest_changes(&self, channel: &ChannelRef, limit: u32) -> Result<Vec<ChangeRow>, RepoError> {
        self.read(|index| Ok(index.newest_changes(&channel.channel, channel.at, limit)?))
    }

    /// What happened after a revision, oldest first; a revision is never cut in two.
    pub fn changes(
        &self,
        after: Revision,
        channel: Option<&ChannelName>,
        limit: u32,
    ) -> Result<Vec<ChangeRow>, RepoError> {
        self.read(|index| Ok(index.changes_after(after, channel, limit)?))
    }
}

impl Package {
    /// Adds what one artifact says; what is known already stays.
    fn learn(&mut self, facts: &Facts) {
        match facts {
            Facts::Wheel(f) | Facts::Sdist(f) => {
                let m = &f.metadata;
                if self.description.is_none() {
                    self.description = m
                        .description
                        .clone()
                        .map(|d| (d, m.description_content_type.clone()));
                }
                let license = m.license_expression.as_ref().or(m.license.as_ref());
                self.license = self.license.take().or_else(|| license.cloned());
                if self.links.is_empty() {
                    let home = m.home_page.iter().map(|u| ("Homepage".to_owned(), u.clone()));
                    self.links = home.chain(m.project_urls.iter().cloned()).collect();
                }
                self.need("pip", m.requires_dist.iter().map(String::as_str));
            }
            Facts::Deb(f) => {
                self.changelog = self.changelog.take().or_else(|| f.changelog.clone());
                let depends = f.field("Depends").unwrap_or_default();
                self.need("apt", depends.split(',').map(str::trim).filter(|d| !d.is_empty()));
                self.link("Homepage", f.field("Homepage").unwrap_or_default());
            }
            Facts::Dsc(f) => {
                self.changelog = self.changelog.take().or_else(|| f.changelog.clone());
                self.link("Homepage", f.field("Homepage").unwrap_or_default());
            }
            Facts::Rpm(f) | Facts::Srpm(f) => {
                self.license = self.license.take().or_else(|| Some(f.license.clone()));
                self.changelog = self.changelog.take().or_else(|| spell_changelog(&f.changelog));
                let spelt: Vec<String> = f.requires.iter().map(spell_rpm).collect();
                self.need("yum", spelt.iter().map(String::as_str));
                self.link("Homepage", &f.url);
            }
        }
    }

    fn link(&mut self, label: &str, url: &str) {
        if self.links.is_empty() && !url.is_empty() {
            self.links.push((label.to_owned(), url.to_owned()));
        }
    }

    fn need<'a>(&mut self, ecosystem: &str, dependencies: impl Iterator<Item = &'a str>) {
        for dependency in dependencies {
            let pair = (ecosystem.to_owned(), dependency.to_owned());
            if !self.dependencies.contains(&pair) {
                self.dependencies.push(pair);
            }
        }
    }
}

fn spell_rpm(d: &packyard_types::RpmDependency) -> String {
    use packyard_types::RpmFlags::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    let sign = match d.flags {
        None => return d.name.clone(),
        Some(Equal) => "=",
        Some(Less) => "<",
        Some(Greater) => ">",
        Some(LessOrEqual) => "<=",
        Some(GreaterOrEqual) => ">=",
    };
    format!("{} {sign} {}", d.name, d.version)
}

/// An RPM %changelog as text, newest first.
fn spell_changelog(entries: &[packyard_types::RpmChangelogEntry]) -> Option<String> {
    let entry = |e: &packyard_types::RpmChangelogEntry| {
        let at = e.at.to_string();
        format!(
            "* {} {}\n{}\n",
            at.get(..10).unwrap_or(&at),
            e.author,
            e.text.trim_end()
        )
    };
    let text: Vec<String> = entries.iter().map(entry).collect();
    (!text.is_empty()).then(|| text.join("\n"))
}

/// Groups artifacts by release version: those that are offered, the newest release first, then those that are yanked.
fn by_version(listed: Vec<Listed>) -> Vec<PackageVersion> {
    let mut spelt: HashMap<String, Vec<(usize, Listed)>> = HashMap::new();
    for (at, l) in listed.into_iter().enumerate() {
        let of = spelt.entry(l.artifact.release_version.clone()).or_default();
        of.push((at, l));
    }
    let mut spelt: Vec<(String, Vec<(usize, Listed)>)> = spelt.into_iter().collect();
    spelt.sort_by(|(a, first), (b, second)| release_order(b, a).then(first[0].0.cmp(&second[0].0)));
    // A release that is spelt in several ways is one, by its first spelling.
    spelt.dedup_by(|next, kept| {
        let same = same_release(&next.0, &kept.0);
        if same {
            kept.1.append(&mut next.1);
            kept.1.sort_by_key(|(at, _)| *at);
        }
        same
    });
    let version = |(_, rows): (String, Vec<(usize, Listed)>)| {
        let artifacts: Vec<Listed> = rows.into_iter().map(|(_, l)| l).collect();
        PackageVersion {
            version: artifacts[0].artifact.release_version.clone(),
            published_at: artifacts[0].published_at,
            artifacts,
            advisories: None,
        }
    };
    let mut versions: Vec<PackageVersion> = spelt.into_iter().map(version).collect();
    // What nobody is offered any longer does not speak for the project.
    versions.sort_by_key(PackageVersion::is_yanked);
    versions
}
