//! Channels and distributions are created, changed and ended. What is changed is said as a JSON merge patch (RFC 7396)
//! of the settings, so that what is not said stays. An empty text clears as `null` does.

use crate::{Access, Proposal, RepoError, Yard, error::nearest};
use packyard_index::Index;
use packyard_types::{
    Change, ChannelName, ChannelSettings, ComponentName, DistributionName, DistributionSettings, Ecosystem,
    Family, Invalid, Operation, Permission, Revision, TagName, View,
};
use packyard_views::apt::{Identity, names};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What is to change of settings.
pub type Patch = Map<String, Value>;

/// What somebody who changes settings expects to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Whatever there is: it is created, or changed.
    Anything,
    /// Nothing, or the very same.
    Absent,
    /// Something to change.
    Present,
}

/// What became of a change of settings.
#[derive(Debug, Clone)]
pub struct Configured<T> {
    /// All settings, as they are now.
    pub settings: T,
    /// Whether it is new.
    pub created: bool,
    /// Whether anything changed.
    pub changed: bool,
    /// The revision in which it holds.
    pub revision: Revision,
    /// What clients will notice.
    pub warnings: Vec<String>,
}

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
    /// How many .rpms it holds itself, without those of `any`.
    pub rpms: u64,
}

/// How often a change is tried again on top of somebody else's.
const TRIES: u32 = 16;

impl Yard {
    /// Creates a channel or changes its settings. A new one begins with the settings of `main`.
    pub async fn configure(
        &self,
        access: &Access,
        channel: &ChannelName,
        patch: &Patch,
        expected: Expected,
    ) -> Result<Configured<ChannelSettings>, RepoError> {
        access.allow(Permission::Admin, Some(channel))?;
        for _ in 0..TRIES {
            let (current, before) = self.read(|i| Ok((i.channel(channel)?, i.channel_revision(channel)?)))?;
            if current.is_none() && expected == Expected::Present {
                let names = self.read(|i| Ok(i.channel_names()?))?;
                return Err(RepoError::no_channel(channel, names));
            }
            let base = match (&current, expected) {
                (Some(current), Expected::Anything | Expected::Present) => current.clone(),
                _ => ChannelSettings::of_main(),
            };
            let settings = merged(&base, patch, &CHANNEL_KEYS)?;
            if expected == Expected::Absent && current.as_ref().is_some_and(|c| *c != settings) {
                return Err(RepoError::Taken {
                    what: format!("channel `{channel}`"),
                    by: "it exists, with other settings".to_owned(),
                    hint: format!("change it with `packyard channel set {channel}`"),
                });
            }
            let operation = Operation::Configure {
                channel: channel.clone(),
                settings: settings.clone(),
            };
            match self.settle(access, operation, Some(before)).await {
                Err(RepoError::Stale { .. }) => {}
                Err(e) => return Err(e),
                Ok((revision, changed)) => {
                    return Ok(Configured {
                        settings,
                        created: current.is_none(),
                        changed,
                        revision,
                        warnings: Vec::new(),
                    });
                }
            }
        }
        Err(too_busy(channel))
    }

    /// Ends a channel: one that holds nothing, or, by force, with all that it holds.
    pub async fn delete_channel(
        &self,
        access: &Access,
        channel: &ChannelName,
        force: bool,
    ) -> Result<Revision, RepoError> {
        access.allow(Permission::Admin, Some(channel))?;
        let row = self.channel(channel)?;
        if row.artifacts > 0 && !force {
            return Err(RepoError::NotEmpty {
                what: format!("channel `{channel}`"),
                holds: format!("{} artifacts", row.artifacts),
                hint: "`--force` (in the API `?force=true`) deletes it with all that it holds".to_owned(),
            });
        }
        let operation = Operation::DeleteChannel {
            channel: channel.clone(),
        };
        let unchanged = (!force).then_some(row.revision);
        Ok(self.settle(access, operation, unchanged).await?.0)
    }

    /// Declares a distribution or changes its settings.
    pub async fn declare(
        &self,
        access: &Access,
        channel: &ChannelName,
        name: &str,
        patch: &Patch,
        expected: Expected,
    ) -> Result<(DistributionName, Configured<DistributionSettings>), RepoError> {
        access.allow(Permission::Admin, Some(channel))?;
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

    /// Ends a distribution that holds nothing.
    pub async fn delete_distribution(
        &self,
        access: &Access,
        channel: &ChannelName,
        name: &str,
    ) -> Result<(DistributionName, Revision), RepoError> {
        access.allow(Permission::Admin, Some(channel))?;
        self.channel(channel)?;
        let (distribution, _) = self.distribution(channel, name)?;
        let operation = Operation::DeleteDistribution {
            channel: channel.clone(),
            distribution: distribution.clone(),
        };
        let (revision, _) = self.settle(access, operation, None).await?;
        Ok((distribution, revision))
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
            let (debs, rpms) = (held(Ecosystem::Apt)?, held(Ecosystem::Yum)?);
            let identity = Identity::new(channel, &name, &settings);
            Ok(DistributionRow {
                name,
                settings,
                identity,
                debs,
                rpms,
            })
        };
        self.read(|index| wanted.into_iter().map(|one| row(index, one)).collect())
    }

    /// The components that apt's sources of a distribution name: all that it has ever had, and those that were declared.
    pub fn components(
        &self,
        channel: &ChannelName,
        distribution: &DistributionName,
    ) -> Result<BTreeSet<ComponentName>, RepoError> {
        let (_, settings) = self.distribution(channel, distribution.as_str())?;
        let mut all = settings.components;
        all.insert(ComponentName::main());
        for one in self.read(|i| Ok(i.components(channel, distribution, View::Apt)?))? {
            all.insert(ComponentName::parse(&one)?);
        }
        Ok(all)
    }

    /// A channel's tags, by name.
    pub fn tags(&self, channel: &ChannelName) -> Result<Vec<(TagName, Revision)>, RepoError> {
        self.read(|index| Ok(index.tags(channel)?))
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

    async fn settle(
        &self,
        access: &Access,
        operation: Operation,
        if_revision: Option<Revision>,
    ) -> Result<(Revision, bool), RepoError> {
        let change = Change {
            actor: access.actor(),
            at: self.now(),
            note: None,
            operation,
        };
        let proposal = Proposal {
            if_revision,
            ..Proposal::of(change)
        };
        let done = self.commit(proposal).await?;
        Ok((done.revision, done.change.is_some()))
    }
}

const CHANNEL_KEYS: [&str; 5] = [
    "public",
    "volatile",
    "auto_distributions",
    "keep",
    "foreign_signatures",
];

const DISTRIBUTION_KEYS: [&str; 12] = [
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
    "valid_for_seconds",
];

/// The settings after a merge patch.
fn merged<T: Serialize + DeserializeOwned>(base: &T, patch: &Patch, known: &[&str]) -> Result<T, RepoError> {
    let base = serde_json::to_value(base).expect("settings are JSON");
    let Value::Object(mut all) = base else {
        unreachable!("settings are an object")
    };
    for (key, value) in patch {
        if !known.contains(&key.as_str()) {
            let near = nearest(key, known.iter().map(ToString::to_string));
            let rule = near.map_or_else(|| known.join(", "), |near| format!("did you mean `{near}`?"));
            return Err(Invalid::new("setting", key, rule).into());
        }
        let cleared = value.is_null() || value.as_str() == Some("");
        if cleared {
            all.remove(key);
        } else {
            all.insert(key.clone(), value.clone());
        }
    }
    let shown = Value::Object(patch.clone()).to_string();
    serde_json::from_value(Value::Object(all))
        .map_err(|e| Invalid::new("set of settings", &shown, e.to_string()).into())
}

/// Whether a distribution is what somebody wants to create: what only grows may have grown.
fn is_so(current: &DistributionSettings, wanted: &DistributionSettings) -> bool {
    let mut grown = wanted.clone();
    grown.components.extend(current.components.iter().cloned());
    grown.architectures.extend(current.architectures.iter().cloned());
    grown == *current
}

/// What apt's users will be asked or told.
fn warnings(
    channel: &ChannelName,
    distribution: &DistributionName,
    before: Option<&DistributionSettings>,
    after: &DistributionSettings,
) -> Vec<String> {
    let mut out = Vec::new();
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

fn too_busy(channel: &ChannelName) -> RepoError {
    RepoError::Io {
        operation: format!("changing channel `{channel}`, which others change all the time"),
        source: std::io::Error::from(std::io::ErrorKind::ResourceBusy),
    }
}
