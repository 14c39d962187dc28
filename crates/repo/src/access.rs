//! Tokens: making them, and what a request may do.

use crate::{Proposal, RepoError, Yard};
use packyard_index::TokenRow;
use packyard_types::{
    Actor, Artifact, Change, ChannelName, ChannelSettings, Digest, Invalid, Operation, Permission,
    Permissions, ProjectName, Revision, Sender, TokenGrant, TokenHash, TokenId,
};
use rand::RngCore;
use std::sync::Arc;

/// A token that was just made: its text is shown once and stored nowhere.
pub struct NewToken {
    /// What the client sends.
    pub text: String,
    /// What the log keeps.
    pub hash: TokenHash,
}

impl NewToken {
    /// 256 random bits, written as `pyd_` and 64 hexadecimal digits, so that secret scanners can know it.
    pub fn generate() -> Self {
        let mut bits = [0u8; 32];
        rand::rngs::OsRng.fill_bytes(&mut bits);
        let text = format!(
            "pyd_{}",
            bits.iter().map(|b| format!("{b:02x}")).collect::<String>()
        );
        let hash = TokenHash::of(&text);
        Self { text, hash }
    }
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Nobody known.
    Anonymous,
    /// The holder of a token.
    Token(Box<Holder>),
    /// Somebody with the data directory in their hands.
    Local,
}

/// Who holds a token, and where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// What they may do.
    pub grant: TokenGrant,
    /// From where, and with what, they ask.
    pub sender: Sender,
}

impl Access {
    /// Who the log says it was.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Anonymous => Actor::parse("anonymous").expect("a plain word"),
            Self::Token(holder) => Actor::parse(holder.grant.id.as_str()).expect("an id is a valid actor"),
            Self::Local => Actor::local(),
        }
    }

    /// From where, and with what; nothing is known of somebody with the data directory in their hands.
    pub fn sender(&self) -> Sender {
        match self {
            Self::Token(holder) => holder.sender.clone(),
            Self::Anonymous | Self::Local => Sender::default(),
        }
    }

    /// What their token allows, where they have one.
    fn grant(&self) -> Option<&TokenGrant> {
        match self {
            Self::Token(holder) => Some(&holder.grant),
            Self::Anonymous | Self::Local => None,
        }
    }

    /// Whether this may be done in a channel.
    pub fn allow(&self, needed: Permission, channel: Option<&ChannelName>) -> Result<(), RepoError> {
        match self {
            Self::Local => Ok(()),
            Self::Anonymous => Err(RepoError::Unauthenticated),
            Self::Token(holder) => {
                let grant = &holder.grant;
                let what = channel.map_or(String::new(), |c| format!(" in channel `{c}`"));
                // What concerns the whole yard needs a token for the whole yard.
                let in_scope = match channel {
                    Some(c) => glob(&grant.channels, c.as_str()),
                    None => grant.channels == "*" && grant.projects == "*",
                };
                if grant.can.allow(needed) && in_scope {
                    return Ok(());
                }
                let verb = match needed {
                    Permission::Read => "read",
                    Permission::Publish => "publish",
                    Permission::Promote => "promote",
                    Permission::Admin => "administer this yard",
                };
                Err(RepoError::Forbidden(format!("{verb}{what}")))
            }
        }
    }

    /// Whether this may be done to a channel as a whole: a token for some projects may not.
    pub fn allow_whole(&self, needed: Permission, channel: &ChannelName) -> Result<(), RepoError> {
        self.allow(needed, Some(channel))?;
        match self.grant() {
            Some(grant) if grant.projects != "*" => Err(RepoError::Forbidden(format!(
                "change channel `{channel}` as a whole: it is for projects `{}`",
                grant.projects
            ))),
            _ => Ok(()),
        }
    }

    /// Whether an artifact may be published: its project is what its uploader says, so its own name counts too.
    pub fn allow_artifact(&self, artifact: &Artifact) -> Result<(), RepoError> {
        self.allow_project("publish", artifact.project.as_str())?;
        match ProjectName::from_source_package(&artifact.package) {
            Ok(own) => self.allow_project("publish", own.as_str()),
            Err(_) => self.allow_project("publish", &artifact.package),
        }
    }

    /// Whether something may be done to a project: a token may be for some of them.
    pub(crate) fn allow_project(&self, verb: &str, project: &str) -> Result<(), RepoError> {
        match self.grant() {
            Some(grant) if !glob(&grant.projects, project) => {
                Err(RepoError::Forbidden(format!("{verb} project `{project}`")))
            }
            _ => Ok(()),
        }
    }
}

impl Yard {
    /// Who sent this token; an unknown, revoked or expired one is refused.
    pub fn access(&self, token: &str, sender: Sender) -> Result<Access, RepoError> {
        self.access_as_of(token, sender, self.newest()?)
    }

    /// The same, asked just after the newest revision was.
    pub fn access_as_of(&self, token: &str, sender: Sender, shown: Revision) -> Result<Access, RepoError> {
        let grant = self.grant_of(&TokenHash::of(token), shown)?;
        let grant = grant.ok_or(RepoError::Unauthenticated)?;
        match grant.expires {
            Some(end) if end <= self.now() => return Err(RepoError::Unauthenticated),
            _ => {}
        }
        let near = |address| grant.networks.iter().any(|network| network.contains(&address));
        if !grant.networks.is_empty() && !sender.address.is_some_and(near) {
            return Err(RepoError::Unauthenticated);
        }
        let grant = TokenGrant::clone(&grant);
        self.last_use().note(&grant.id, self.now());
        Ok(Access::Token(Box::new(Holder { grant, sender })))
    }

    /// Whether who asks may read a channel, and its settings; a channel that is not there is not told from one that is
    /// hidden.
    pub fn allow_read(
        &self,
        access: &Access,
        channel: &ChannelName,
    ) -> Result<Arc<ChannelSettings>, RepoError> {
        self.allow_read_as_of(access, channel, self.newest()?)
    }

    /// The same, asked just after the newest revision was.
    pub fn allow_read_as_of(
        &self,
        access: &Access,
        channel: &ChannelName,
        shown: Revision,
    ) -> Result<Arc<ChannelSettings>, RepoError> {
        match (self.settings_of(channel, shown)?, access) {
            (Some(s), _) if s.public => Ok(s),
            (Some(s), Access::Local) => Ok(s),
            (Some(s), Access::Token(_)) => match access.allow(Permission::Read, Some(channel)) {
                Ok(()) => Ok(s),
                Err(_) => Err(RepoError::no_channel(channel, [])),
            },
            (Some(_), Access::Anonymous) => Err(RepoError::Unauthenticated),
            (None, _) => {
                // Where nothing is hidden there is nothing to hide; elsewhere a stranger cannot tell absent from hidden.
                let (mut readable, mut hidden) = (Vec::new(), false);
                for name in self.read(|index| Ok(index.channel_names()?))? {
                    let known = access.allow(Permission::Read, Some(&name)).is_ok();
                    match self.read(|index| Ok(index.channel(&name)?))? {
                        Some(s) if s.public || known => readable.push(name),
                        _ => hidden = true,
                    }
                }
                if *access == Access::Anonymous && hidden {
                    return Err(RepoError::Unauthenticated);
                }
                Err(RepoError::no_channel(channel, readable))
            }
        }
    }

    /// Grants a token and gives its text, which is not kept.
    pub async fn grant(&self, access: &Access, wish: TokenWish) -> Result<(TokenGrant, String), RepoError> {
        access.allow(Permission::Admin, None)?;
        wish.check()?;
        let token = NewToken::generate();
        let id = match wish.id {
            Some(id) => id,
            None => TokenId::parse(&format!("t-{}", short(&token.hash.0)))?,
        };
        let grant = TokenGrant {
            id,
            hash: token.hash,
            can: wish.can,
            channels: wish.channels,
            projects: wish.projects,
            expires: wish.expires,
            networks: wish.networks,
        };
        let operation = Operation::Grant(grant.clone());
        let change = Change {
            actor: access.actor(),
            sender: access.sender(),
            at: self.now(),
            note: None,
            operation,
        };
        self.commit(Proposal::of(change)).await?;
        Ok((grant, token.text))
    }

    /// Ends a token.
    pub async fn revoke(&self, access: &Access, id: TokenId) -> Result<(), RepoError> {
        access.allow(Permission::Admin, None)?;
        let change = Change {
            actor: access.actor(),
            sender: access.sender(),
            at: self.now(),
            note: None,
            operation: Operation::Revoke { id },
        };
        self.commit(Proposal::of(change)).await?;
        Ok(())
    }

    /// When a token was last used, to the hour; none where this node has not seen it.
    pub fn last_used(&self, id: &TokenId) -> Option<packyard_types::Timestamp> {
        self.last_use().of(id)
    }

    /// All tokens.
    pub fn tokens(&self) -> Result<Vec<TokenRow>, RepoError> {
        self.read(|index| Ok(index.tokens()?))
    }
}

/// What a new token shall be.
#[derive(Debug, Clone)]
pub struct TokenWish {
    /// Its name; a random one where none is given.
    pub id: Option<TokenId>,
    /// What it allows.
    pub can: Permissions,
    /// A glob over channels.
    pub channels: String,
    /// A glob over projects.
    pub projects: String,
    /// When it ends.
    pub expires: Option<packyard_types::Timestamp>,
    /// The networks that it is good from; from everywhere where there are none.
    pub networks: Vec<ipnet::IpNet>,
}

impl TokenWish {
    /// Whether its name is its own, and its globs can match anything: one that is misspelt would make a token that
    /// silently does nothing.
    fn check(&self) -> Result<(), Invalid> {
        const LONGEST: usize = 200;
        const MOST_NETWORKS: usize = 100;
        if let Some(id) = &self.id {
            id.check_chosen()?;
        }
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-*".contains(&b);
        for (noun, glob) in [
            ("glob of channels", &self.channels),
            ("glob of projects", &self.projects),
        ] {
            let begins = glob.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '*');
            if !begins || glob.len() > LONGEST || !glob.bytes().all(plain) {
                let rule = "it has 1 to 200 lower-case letters, digits, `.`, `_`, `-`, and `*` for any run of them, and \
                            begins with none of `.`, `_` and `-`";
                return Err(Invalid::new(noun, glob, rule));
            }
        }
        if self.networks.len() > MOST_NETWORKS {
            let rule = "a token is good from at most 100 networks";
            return Err(Invalid::new(
                "list of networks",
                &self.networks.len().to_string(),
                rule,
            ));
        }
        Ok(())
    }
}

fn short(digest: &Digest) -> String {
    digest.to_string()[..8].to_owned()
}

/// Whether `text` matches `pattern`, in which `*` stands for any run of characters.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn globs_match_whole_names() {
        for (pattern, text) in [
            ("*", "x"),
            ("main", "main"),
            ("team-*", "team-a"),
            ("a*b*c", "a1b2c"),
            ("*", ""),
        ] {
            assert!(glob(pattern, text), "{pattern} should match {text}");
        }
        for (pattern, text) in [
            ("main", "main2"),
            ("team-*", "tea"),
            ("a*b", "ab1"),
            ("ab*ba", "aba"),
        ] {
            assert!(!glob(pattern, text), "{pattern} should not match {text}");
        }
    }
}
