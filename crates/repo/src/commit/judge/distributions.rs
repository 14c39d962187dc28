//! Whether a distribution may be declared, and whether it may end.

use crate::RepoError;
use packyard_index::Index;
use packyard_types::{
    Alias, ChannelName, DistributionName, DistributionSettings, Ecosystem, Family, Invalid,
};

/// Whether a channel has a distribution of this very name.
pub(super) fn known(index: &Index, channel: &ChannelName, name: &DistributionName) -> Result<(), RepoError> {
    let all = index.distributions(channel)?;
    if all.iter().any(|(own, _)| own == name) {
        return Ok(());
    }
    let names = all.into_iter().map(|(d, _)| d.to_string());
    Err(RepoError::no_distribution(channel, name.as_str(), names))
}

/// The settings that a declaration leads to; none where they are so already. Architectures and components only grow.
pub(super) fn declare(
    index: &Index,
    channel: &ChannelName,
    distribution: &DistributionName,
    settings: &DistributionSettings,
) -> Result<Option<DistributionSettings>, RepoError> {
    settings.check()?;
    let all = index.distributions(channel)?;
    let mut settings = settings.clone();
    for (other, theirs) in all.iter().filter(|(other, _)| other != distribution) {
        let mut names = vec![distribution.to_string()];
        names.extend(settings.aliases.iter().map(ToString::to_string));
        let clash = names.into_iter().find(|n| theirs.answers_to(other, n));
        let clash = clash.or_else(|| {
            settings
                .answers_to(distribution, other.as_str())
                .then(|| other.to_string())
        });
        if let Some(name) = clash {
            let rest = theirs.aliases.iter().map(Alias::as_str).filter(|a| *a != name);
            let rest = rest.collect::<Vec<_>>().join(",");
            let rest = if rest.is_empty() { "\"\"" } else { rest.as_str() };
            return Err(RepoError::Taken {
                what: format!("the name `{name}`"),
                by: format!("in channel `{channel}` it means distribution `{other}`"),
                hint: format!(
                    "take the alias from `{other}` first: `packyard distribution set {channel}/{other} --alias {rest}`"
                ),
            });
        }
    }
    if distribution.is_any() && (settings.family.is_some() || !settings.aliases.is_empty()) {
        let rule = "`any` is part of every distribution: it has no family and no alias";
        return Err(Invalid::new("distribution", "any", rule).into());
    }
    for (family, ecosystem) in [(Family::Deb, Ecosystem::Apt), (Family::Rpm, Ecosystem::Yum)] {
        let count = index.held_in(channel, distribution, Some(ecosystem))?;
        if !settings.takes(family) && count > 0 {
            return Err(RepoError::NotEmpty {
                what: format!("distribution `{distribution}` of channel `{channel}`"),
                holds: format!("{count} packages of family {family}"),
                hint: "move or remove them first".to_owned(),
            });
        }
    }
    let current = all.into_iter().find(|(own, _)| own == distribution);
    if let Some((_, current)) = &current {
        settings.components.extend(current.components.iter().cloned());
        settings
            .architectures
            .extend(current.architectures.iter().cloned());
    }
    let changed = current.is_none_or(|(_, current)| current != settings);
    Ok(changed.then_some(settings))
}

/// Whether a distribution may be deleted: it holds nothing, and it is not `any`.
pub(super) fn may_end(
    index: &Index,
    channel: &ChannelName,
    distribution: &DistributionName,
) -> Result<(), RepoError> {
    known(index, channel, distribution)?;
    if distribution.is_any() {
        let rule = "it is part of every distribution, and cannot be deleted";
        return Err(Invalid::new("distribution to delete", "any", rule).into());
    }
    match index.held_in(channel, distribution, None)? {
        0 => Ok(()),
        count => Err(RepoError::NotEmpty {
            what: format!("distribution `{distribution}` of channel `{channel}`"),
            holds: format!("{count} artifacts"),
            hint: "remove them first with `packyard remove`, or promote them elsewhere".to_owned(),
        }),
    }
}
