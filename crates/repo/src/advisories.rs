//! The advisories of a package's versions: what yum's updateinfo.xml says of them, made of their changelogs and written
//! by hand, for people who look at the package.

use crate::{PackageVersion, RepoError, Yard, yard::blocking};
use packyard_formats::documents;
use packyard_index::Listed;
use packyard_types::{
    AdvisedPackage, Advisory, Artifact, ArtifactKind, ChannelRef, DistributionName, DocumentKind, Facts,
};
use packyard_views::yum;
use std::collections::{BTreeMap, BTreeSet};

/// The most builds of which the changelog is looked at, the newest first.
const MOST_BUILDS: usize = 200;

/// An advisory that concerns a version.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct VersionAdvisory {
    /// What it says.
    #[serde(flatten)]
    pub advisory: Advisory,
    /// Whether it was written by hand, and not made of a changelog.
    pub written: bool,
    /// The distributions for which it says so.
    pub distributions: BTreeSet<DistributionName>,
}

/// An updateinfo.xml that is written by hand, as far as it is about some packages.
struct Written {
    /// All ids in it: what is made under one of them gives way.
    ids: BTreeSet<String>,
    about: Vec<(Advisory, BTreeSet<AdvisedPackage>)>,
}

/// Those of a channel, by distribution.
struct AllWritten(BTreeMap<DistributionName, Written>);

impl Written {
    /// Only what names one of the packages is read as XML.
    fn of(text: &str, packages: &BTreeSet<String>) -> Self {
        let all = yum::updates(text);
        let about = all
            .iter()
            .filter(|(_, update)| packages.iter().any(|name| update.contains(name.as_str())))
            .filter_map(|(_, update)| documents::advisory(update));
        Self {
            about: about.collect(),
            ids: all.iter().map(|(id, _)| id.trim().to_owned()).collect(),
        }
    }
}

impl AllWritten {
    /// Whether an id stands in the document that a distribution shows: its own, or that of `any`.
    fn takes_place_of(&self, id: &str, distribution: &DistributionName) -> bool {
        let any = || self.0.iter().find(|(of, _)| of.is_any()).map(|(_, w)| w);
        let shown = self.0.get(distribution).or_else(any);
        shown.is_some_and(|written| written.ids.contains(id))
    }

    /// What concerns an artifact, and where.
    fn about(&self, artifact: &Artifact) -> Vec<(&Advisory, DistributionName)> {
        let package = AdvisedPackage {
            name: artifact.package.clone(),
            version: artifact.version.clone(),
            arch: artifact.arch.clone(),
        };
        let own = &artifact.distribution;
        let shown = self
            .0
            .iter()
            .filter(|(of, _)| *of == own || own.is_any() || (of.is_any() && !self.0.contains_key(own)));
        let mut found = Vec::new();
        for (of, written) in shown {
            let place = if own.is_any() { of } else { own };
            let here = written.about.iter().filter(|(_, all)| all.contains(&package));
            found.extend(here.map(|(advisory, _)| (advisory, place.clone())));
        }
        found
    }
}

impl Yard {
    /// Finds the advisories of versions, the newest first, until too much would have to be read.
    pub(crate) async fn advise(
        &self,
        channel: &ChannelRef,
        versions: &mut [PackageVersion],
    ) -> Result<(), RepoError> {
        let packages: BTreeSet<String> = versions
            .iter()
            .flat_map(offered_rpms)
            .map(|l| l.artifact.package.clone())
            .collect();
        let written = if packages.is_empty() {
            AllWritten(BTreeMap::new())
        } else {
            self.written(channel, packages).await?
        };
        let mut left = MOST_BUILDS;
        for version in versions {
            version.advisories = self.advisories_of(version, &written, &mut left).await?;
        }
        Ok(())
    }

    /// The advisories of a version; none where there would be too much to read.
    async fn advisories_of(
        &self,
        version: &PackageVersion,
        written: &AllWritten,
        left: &mut usize,
    ) -> Result<Option<Vec<VersionAdvisory>>, RepoError> {
        // All packages of one build say the same.
        let mut builds = BTreeMap::new();
        let mut found = Vec::new();
        for listed in offered_rpms(version) {
            let a = &listed.artifact;
            builds.entry((&a.distribution, &a.version)).or_insert(a);
            for (advisory, place) in written.about(a) {
                add(&mut found, advisory.clone(), true, place);
            }
        }
        if builds.len() > *left {
            *left = 0;
            return Ok(None);
        }
        *left -= builds.len();
        for ((distribution, _), artifact) in builds {
            let Facts::Rpm(facts) = self.facts(artifact).await? else {
                continue;
            };
            let made = yum::advisory_of(&facts);
            if let Some(made) = made.filter(|made| !written.takes_place_of(&made.id, distribution)) {
                add(&mut found, made, false, distribution.clone());
            }
        }
        found.sort_by(|a: &VersionAdvisory, b| a.advisory.id.cmp(&b.advisory.id));
        Ok(Some(found))
    }

    /// What is written by hand of some packages.
    async fn written(
        &self,
        channel: &ChannelRef,
        packages: BTreeSet<String>,
    ) -> Result<AllWritten, RepoError> {
        let documents = self.read(|index| Ok(index.documents(&channel.channel, channel.at)?))?;
        let mut texts = Vec::new();
        for ((distribution, kind), document) in documents {
            if kind == DocumentKind::updateinfo() {
                texts.push((distribution, self.small_blob(&document.blob.digest).await?));
            }
        }
        blocking(move || {
            let read = texts.into_iter().map(|(distribution, text)| {
                let written = Written::of(&String::from_utf8_lossy(&text), &packages);
                (distribution, written)
            });
            Ok(AllWritten(read.collect()))
        })
        .await
    }
}

/// The packages of a version that yum is offered.
fn offered_rpms(version: &PackageVersion) -> impl Iterator<Item = &Listed> {
    let all = version.artifacts.iter();
    all.filter(|l| l.artifact.name.kind() == ArtifactKind::Rpm && l.yanked.is_none())
}

fn add(found: &mut Vec<VersionAdvisory>, advisory: Advisory, written: bool, place: DistributionName) {
    let same = |known: &&mut VersionAdvisory| known.advisory == advisory && known.written == written;
    match found.iter_mut().find(same) {
        Some(known) => {
            known.distributions.insert(place);
        }
        None => found.push(VersionAdvisory {
            advisory,
            written,
            distributions: BTreeSet::from([place]),
        }),
    }
}
