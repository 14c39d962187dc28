//! What a word of `packyard diff` means: a revision, a tag or a day of the channel at hand, or another channel.

use crate::{Access, RepoError, Yard, error::nearest};
use packyard_types::{At, ChannelName, ChannelRef, ChannelSpec};

impl Yard {
    /// The two sides of a difference, as of revisions that are known from then on. Without a `to` it is the channel as
    /// it is now; but where `from` is of another channel, or the channel was named as of a revision, then `from` is what
    /// it is compared with: `diff dev stable`, `diff dev@3 dev@5`.
    pub fn sides(
        &self,
        access: &Access,
        home: &ChannelSpec,
        from: &str,
        to: Option<&str>,
    ) -> Result<(ChannelRef, ChannelRef), RepoError> {
        let here = self.resolve(home)?;
        let from = self.side(access, &home.channel, from)?;
        let (from, to) = match to {
            Some(to) => (from, self.side(access, &home.channel, to)?),
            None if from.channel != home.channel || home.at.is_some() => (here, from),
            None => (from, here),
        };
        let now = self.applied()?.revision;
        let fixed = |side: ChannelRef| ChannelRef {
            at: side.at.or(Some(now)),
            ..side
        };
        Ok((fixed(from), fixed(to)))
    }

    fn side(&self, access: &Access, home: &ChannelName, text: &str) -> Result<ChannelRef, RepoError> {
        let of_home = |at| {
            self.resolve(&ChannelSpec {
                channel: home.clone(),
                at: Some(at),
            })
        };
        let other = |spec: ChannelSpec| {
            self.allow_read(access, &spec.channel)?;
            self.resolve(&spec)
        };
        if text.contains('@') {
            return other(ChannelSpec::parse(text)?);
        }
        let tags = self.read(|i| Ok(i.tags(home)?))?;
        let invalid = match At::parse(text) {
            Ok(At::Tag(tag)) if !tags.iter().any(|(name, _)| *name == tag) => None,
            Ok(at) => return of_home(at),
            Err(invalid) => Some(invalid),
        };
        let channels = self.read(|i| Ok(i.channel_names()?))?;
        let readable: Vec<ChannelName> = channels
            .into_iter()
            .filter(|c| self.allow_read(access, c).is_ok())
            .collect();
        if let Some(channel) = readable.iter().find(|c| c.as_str() == text) {
            return Ok(ChannelRef::now(channel.clone()));
        }
        if let Some(invalid) = invalid {
            return Err(invalid.into());
        }
        let names =
            (tags.iter().map(|(name, _)| name.to_string())).chain(readable.iter().map(ToString::to_string));
        Err(RepoError::NotFound {
            what: format!("tag `{text}` of channel `{home}`, and no channel of that name"),
            nearest: nearest(text, names),
        })
    }
}
