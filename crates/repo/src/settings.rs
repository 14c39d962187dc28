//! Channels are created, changed and ended. What is changed of settings is said as a JSON merge patch (RFC 7396), so that
//! what is not said stays. An empty text clears as `null` does.

use crate::{
    Access, Proposal, RepoError, Yard,
    cautions::cautions,
    error::nearest,
    keys::{self, ListedFor},
};
use packyard_store::Staging;
use packyard_types::{
    Change, ChannelName, ChannelSettings, Invalid, Operation, Permission, Revision, TagName,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

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

/// How often a change is tried again on top of somebody else's.
pub(crate) const TRIES: u32 = 16;

impl Yard {
    /// Creates a channel or changes its settings. A new one begins with the settings of `main`.
    pub async fn configure(
        &self,
        access: &Access,
        channel: &ChannelName,
        patch: &Patch,
        expected: Expected,
    ) -> Result<Configured<ChannelSettings>, RepoError> {
        access.allow_whole(Permission::Admin, channel)?;
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
            self.keys_fit(&base, &settings)?;
            // Who may read the channel reads what it inherits: only who may read that may open it to them, or to all.
            let opened = settings.public && !base.public;
            let known = |parent| current.is_some() && base.inherits.contains(parent);
            for parent in settings.inherits.iter().filter(|p| opened || !known(p)) {
                self.allow_read(access, parent)?;
            }
            if expected == Expected::Absent && current.as_ref().is_some_and(|c| *c != settings) {
                return Err(RepoError::Taken {
                    what: format!("channel `{channel}`"),
                    by: "it exists, with other settings".to_owned(),
                    hint: format!("change it with `packyard channel set {channel}`"),
                });
            }
            let orphaned = self.orphaned(channel, &base, &settings).await?;
            let operation = Operation::Configure {
                channel: channel.clone(),
                settings: settings.clone(),
            };
            match self.settle(access, operation, Some(before)).await {
                Err(RepoError::Stale { .. }) => {}
                Err(e) => return Err(e),
                Ok((revision, changed)) => {
                    let mut warnings = self.read(|index| cautions(index, channel, &settings))?;
                    warnings.extend(orphaned);
                    return Ok(Configured {
                        settings,
                        created: current.is_none(),
                        changed,
                        revision,
                        warnings,
                    });
                }
            }
        }
        Err(too_busy(channel))
    }

    /// Whether keys of others that come in can be read and relied on. Those that are known were fit when they came.
    fn keys_fit(&self, known: &ChannelSettings, settings: &ChannelSettings) -> Result<(), RepoError> {
        for (purpose, known, all) in [
            (ListedFor::Uploads, &known.uploader_keys, &settings.uploader_keys),
            (ListedFor::Packages, &known.package_keys, &settings.package_keys),
        ] {
            keys::listed(purpose, all)?;
            keys::fit(purpose, self.now(), all.iter().filter(|key| !known.contains(key)))?;
        }
        Ok(())
    }

    /// Ends a channel: one that holds nothing, or, by force, with all that it holds. Says in which revision it is gone,
    /// and whether it was there until then.
    pub async fn delete_channel(
        &self,
        access: &Access,
        channel: &ChannelName,
        force: bool,
    ) -> Result<(Revision, bool), RepoError> {
        access.allow_whole(Permission::Admin, channel)?;
        let row = match self.channel(channel) {
            Err(RepoError::NotFound { .. })
                if self.read(|i| Ok(i.deleted_channels()?))?.contains(channel) =>
            {
                return Ok((self.applied()?.revision, false));
            }
            other => other?,
        };
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
        let settled = self.settle(access, operation, unchanged).await?;
        // What was collected for it is not for a channel of the same name that may come.
        for staging in [Staging::DraftsOf(channel), Staging::UploadsTo(channel)] {
            for key in self.store().list_staged(staging).await? {
                self.store().unstage(&key).await?;
            }
        }
        Ok(settled)
    }

    /// A channel's tags, by name.
    pub fn tags(&self, channel: &ChannelName) -> Result<Vec<(TagName, Revision)>, RepoError> {
        self.read(|index| Ok(index.tags(channel)?))
    }

    /// Proposes a change, and says in which revision its outcome holds, and whether anything had to be changed.
    pub(crate) async fn settle(
        &self,
        access: &Access,
        operation: Operation,
        if_revision: Option<Revision>,
    ) -> Result<(Revision, bool), RepoError> {
        let change = Change {
            actor: access.actor(),
            sender: access.sender(),
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

const CHANNEL_KEYS: [&str; 10] = [
    "public",
    "volatile",
    "auto_distributions",
    "keep",
    "foreign_signatures",
    "uploader_keys",
    "package_keys",
    "inherits",
    "upstream",
    "reserved",
];

/// The settings after a merge patch.
pub(crate) fn merged<T: Serialize + DeserializeOwned>(
    base: &T,
    patch: &Patch,
    known: &[&str],
) -> Result<T, RepoError> {
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

/// Others change the channel faster than we can.
pub(crate) fn too_busy(channel: &ChannelName) -> RepoError {
    RepoError::Io {
        operation: format!("changing channel `{channel}`, which others change all the time"),
        source: std::io::Error::from(std::io::ErrorKind::ResourceBusy),
    }
}
