//! Distributions are declared, changed and ended, and found by their names.

use crate::{
    Access, RepoError, Yard,
    settings::{Configured, Expected, Patch, TRIES, merged, too_busy},
};
use packyard_index::Index;
use packyard_types::{
    Alias, ChannelName, ComponentName, DistributionName, DistributionSettings, Ecosystem, Family, Operation,
    Permission, Revision, View,
};
use packyard_views::apt::{Identity, names};
use std::collections::BTreeSet;

/// A distribution as it is listed.
#[derive(Debug, Clone)]
pub struct DistributionRow {
    /// Its name.
    pub name: DistributionName,
    /// Its settings.
    pub settings: DistributionSettings,
    /// What its Release file says of itself.
    pub identity: Identity,
    /// How many .debs it holds itself, without those of `any`.
    pub debs: u64,
    /// How many source packages (.dsc) it holds itself, without those of `any`.
    pub sources: u64,
    /// How many .rpms it holds itself, without those of `any`.
    pub rpms: u64,
}

impl Yard {
    /// Declares a distribution or changes its settings.
    pub async fn declare(
        &self,
        access: &Access,
        channel: &ChannelName,
        name: &str,
        patch: &Patch,
        expected: Expected,
    ) -> Result<(DistributionName, Configured<DistributionSettings>), RepoError> {
        access.allow_whole(Permission::Admin, channel)?;
        for _ in 0..TRIES {
            self.channel(channel)?;
            let (found, before) =
                self.read(|i| Ok((i.distribution(channel, name)?, i.channel_revision(channel)?)))?;
            // A new one is what its name says; only one that is there can be meant by an alias.
            let found = found.filter(|(own, _)| own.as_str() == name || expected != Expected::Absent);
            let (own, current) = match found {
                Some((own, settings)) => (own, Some(settings)),
                None if expected == Expected::Present => return Err(self.no_such(channel, name)),
                None => (DistributionName::parse(name)?, None),
            };
            let base = match (&current, expected) {
                (Some(current), Expected::Anything | Expected::Present) => current.clone(),
                _ => DistributionSettings::default(),
            };
            let settings: DistributionSettings = merged(&base, patch, &DISTRIBUTION_KEYS)?;
            settings.check()?;
            if expected == Expected::Absent && current.as_ref().is_some_and(|c| !is_so(c, &settings)) {
                return Err(RepoError::Taken {
                    what: format!("distribution `{own}` of channel `{channel}`"),
                    by: "it exists, with other settings".to_owned(),
                    hint: format!("change it with `packyard distribution set {channel}/{own}`"),
                });
            }
            let operation = Operation::Distribution {
                channel: channel.clone(),
                distribution: own.clone(),
                settings,
            };
            match self.settle(access, operation, Some(before)).await {
                Err(RepoError::Stale { .. }) => {}
                Err(e) => return Err(e),
                Ok((revision, changed)) => {
                    let (_, settings) = self.distribution(channel, own.as_str())?;
                    let warnings = warnings(channel, &own, current.as_ref(), &settings);
                    let configured = Configured {
                        settings,
                        created: current.is_none(),
                        changed,
                        revision,
                        warnings,
                    };
                    return Ok((own, configured));
                }
            }
        }
        Err(too_busy(channel))
    }

    /// Ends a distribution that holds nothing. Says in which revision it is gone, and whether it was there until then.
    pub async fn delete_distribution(
        &self,
        access: &Access,
        channel: &ChannelName,
        name: &str,
    ) -> Result<(DistributionName, Revision, bool), RepoError> {
        access.allow_whole(Permission::Admin, channel)?;
        self.channel(channel)?;
        let (distribution, _) = match self.distribution(channel, name) {
            Ok(found) => found,
            Err(e) => match DistributionName::parse(name) {
                Ok(own) if self.read(|i| Ok(i.was_distribution(channel, &own)?))? => {
                    return Ok((own, self.applied()?.revision, false));
                }
                _ => return Err(e),
            },
        };
        let operation = Operation::DeleteDistribution {
            channel: channel.clone(),
            distribution: distribution.clone(),
        };
        let (revision, changed) = self.settle(access, operation, None).await?;
        Ok((distribution, revision, changed))
    }

    /// A channel's distributions, with what they hold; only the one that `name` means, where it is given.
    pub fn distribution_rows(
        &self,
        channel: &ChannelName,
        name: Option<&str>,
    ) -> Result<Vec<DistributionRow>, RepoError> {
        let wanted = match name {
            Some(name) => vec![self.distribution(channel, name)?],
            None => self.distributions(channel)?,
        };
        let row = |index: &Index, (name, settings): (DistributionName, DistributionSettings)| {
            let held = |ecosystem| index.held_in(channel, &name, Some(ecosystem));
            let sources = index.sources_in(channel, &name)?;
            let (debs, rpms) = (held(Ecosystem::Apt)? - sources, held(Ecosystem::Yum)?);
            let identity = Identity::new(channel, &name, &settings);
            Ok(DistributionRow {
                name,
                settings,
                identity,
                debs,
                sources,
                rpms,
            })
        };
        self.read(|index| wanted.into_iter().map(|one| row(index, one)).collect())
    }

    /// The distribution that a name means, where it has packages of a family.
    pub fn distribution_of(
        &self,
        channel: &ChannelName,
        name: &str,
        family: Family,
    ) -> Result<DistributionName, RepoError> {
        let (own, settings) = self.distribution(channel, name)?;
        if settings.takes(family) {
            return Ok(own);
        }
        let what = format!("{family} side of distribution `{own}`, whose family is another one");
        Err(RepoError::NotFound { what, nearest: None })
    }

    /// The components that apt's sources of a distribution name: all that it has ever had, and those that were declared.
    pub fn components(
        &self,
        channel: &ChannelName,
        distribution: &DistributionName,
    ) -> Result<BTreeSet<ComponentName>, RepoError> {
        let (distribution, settings) = self.distribution(channel, distribution.as_str())?;
        let mut all = settings.components;
        all.insert(ComponentName::main());
        for one in self.read(|i| Ok(i.components(channel, &distribution, View::Apt)?))? {
            all.insert(ComponentName::parse(&one)?);
        }
        Ok(all)
    }

    /// Whether machines of a distribution find source packages (.dsc): its own, or those of `any`.
    pub fn has_sources(
        &self,
        channel: &ChannelName,
        distribution: &DistributionName,
    ) -> Result<bool, RepoError> {
        let any = DistributionName::any();
        self.read(|i| Ok(i.sources_in(channel, distribution)? + i.sources_in(channel, &any)? > 0))
    }

    /// The distribution that somebody who uploads means by a name: an own name, an alias, or, where there is none, a
    /// name to be judged when it is committed.
    pub fn upload_distribution(
        &self,
        channel: &ChannelName,
        name: &str,
    ) -> Result<DistributionName, RepoError> {
        match self.read(|index| Ok(index.distribution(channel, name)?))? {
            Some((own, _)) => Ok(own),
            None => DistributionName::parse(name).map_err(|e| match self.no_such(channel, name) {
                near @ RepoError::NotFound { nearest: Some(_), .. } => near,
                _ => e.into(),
            }),
        }
    }

    fn no_such(&self, channel: &ChannelName, name: &str) -> RepoError {
        match self.distribution(channel, name) {
            Err(e) => e,
            Ok((own, _)) => RepoError::no_distribution(channel, name, [own.to_string()]),
        }
    }
}

const DISTRIBUTION_KEYS: [&str; 15] = [
    "family",
    "aliases",
    "suite",
    "codename",
    "origin",
    "label",
    "version",
    "description",
    "components",
    "architectures",
    "not_automatic",
    "only_newer",
    "zstd",
    "signed_by",
    "valid_for_seconds",
];

/// Whether a distribution is what somebody wants to create: what only grows may have grown.
fn is_so(current: &DistributionSettings, wanted: &DistributionSettings) -> bool {
    let mut grown = wanted.clone();
    grown.components.extend(current.components.iter().cloned());
    grown.architectures.extend(current.architectures.iter().cloned());
    grown == *current
}

/// What apt's users will be asked or told, and the names that mean nothing any more.
fn warnings(
    channel: &ChannelName,
    distribution: &DistributionName,
    before: Option<&DistributionSettings>,
    after: &DistributionSettings,
) -> Vec<String> {
    let gone = before.map(|b| b.aliases.difference(&after.aliases));
    let mut out: Vec<String> = gone
        .into_iter()
        .flatten()
        .map(|alias| {
            format!(
                "it is no longer called `{alias}`: machines and uploads that say so find nothing there; an alias that is \
                 to stay stands in the list, too: `packyard distribution set {channel}/{distribution} --alias {}`",
                before.iter().flat_map(|b| &b.aliases).chain(&after.aliases).map(Alias::as_str)
                    .collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(",")
            )
        })
        .collect();
    if !after.takes(Family::Deb) {
        return out;
    }
    let own = Identity::new(channel, distribution, after);
    let changed = before.map(|b| Identity::new(channel, distribution, b).changes(&own));
    for (field, from, to) in changed.unwrap_or_default() {
        let what = match field {
            // apt takes these two as they come (since 1.8.2.3).
            "Version" => continue,
            "Suite" => format!("preferences that name it (`release a={from}`) no longer hold"),
            _ => "machines that know the repository refuse it until somebody there says `apt-get update \
                  --allow-releaseinfo-change`"
                .to_owned(),
        };
        out.push(format!("{field} changes from `{from}` to `{to}`: {what}"));
    }
    // Who changes something else has been told.
    if before.is_some_and(|b| {
        (&b.aliases, &b.suite, &b.codename) == (&after.aliases, &after.suite, &after.codename)
    }) {
        return out;
    }
    let named = names(channel, distribution, after);
    let asked =
        std::iter::once(distribution.to_string()).chain(after.aliases.iter().map(ToString::to_string));
    for name in asked.filter(|n| !own.is_called(n) && !named.contains(n)) {
        out.push(format!(
            "apt warns `Conflicting distribution` where its sources say `{name}`, since neither Suite (`{}`) nor \
             Codename (`{}`) is that; without a Suite of your own each alias is the Suite of its Release file",
            own.suite, own.codename
        ));
    }
    out
}
