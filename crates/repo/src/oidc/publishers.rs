//! Whom is trusted: publishers, in the log.

use crate::{Access, Proposal, RepoError, Yard};
use packyard_types::{
    Change, Digest, Invalid, IssuerUrl, Operation, Permission, Permissions, Publisher, TokenId,
};
use std::collections::BTreeMap;

/// What clients are told to ask their CI system for where nothing says otherwise.
const AUDIENCE: &str = "packyard";

/// Whom to trust.
#[derive(Debug, Clone)]
pub struct PublisherWish {
    /// Its name; one that follows from the rest where none is given.
    pub id: Option<TokenId>,
    /// Who vouches for it.
    pub issuer: IssuerUrl,
    /// What the issuer's tokens must be for; what clients are told where nothing is given.
    pub audience: Option<String>,
    /// What they must say.
    pub claims: BTreeMap<String, String>,
    /// What is allowed then.
    pub can: Permissions,
    /// A glob over channels.
    pub channels: String,
    /// A glob over projects.
    pub projects: String,
}

/// Who is trusted now.
#[derive(Debug, Clone)]
pub struct Trusted {
    /// It.
    pub publisher: Publisher,
    /// Whether it was not before.
    pub fresh: bool,
    /// What looks like a mistake and need not be one.
    pub warnings: Vec<String>,
}

impl Yard {
    /// All publishers that are trusted, by id.
    pub fn publishers(&self) -> Result<Vec<Publisher>, RepoError> {
        self.read(|index| Ok(index.publishers()?))
    }

    /// Trusts a publisher.
    pub async fn trust(&self, access: &Access, wish: PublisherWish) -> Result<Trusted, RepoError> {
        access.allow(Permission::Admin, None)?;
        let audience = match wish.audience {
            Some(audience) => audience,
            None => self.audience()?,
        };
        let mut publisher = Publisher {
            id: wish.id.clone().unwrap_or(TokenId::parse("p")?),
            issuer: wish.issuer,
            audience,
            claims: wish.claims,
            can: wish.can,
            channels: wish.channels,
            projects: wish.projects,
        };
        if wish.id.is_none() {
            let text = serde_json::to_vec(&publisher).expect("texts are JSON");
            publisher.id = TokenId::parse(&format!("p-{}", &Digest::of(&text).to_string()[..8]))?;
        }
        publisher.check()?;
        if self.tokens()?.iter().any(|token| token.grant.id == publisher.id) {
            let rule = "there is a token of this name, and the log could not tell them apart";
            return Err(Invalid::new("publisher", publisher.id.as_str(), rule).into());
        }
        let fresh = !self.publishers()?.contains(&publisher);
        self.change_trust(access, Operation::Trust(publisher.clone()))
            .await?;
        let warnings = if fresh {
            self.doubts(&publisher).await?
        } else {
            Vec::new()
        };
        Ok(Trusted {
            publisher,
            fresh,
            warnings,
        })
    }

    /// Trusts a publisher no more; what it was given ends with it.
    pub async fn distrust(&self, access: &Access, id: TokenId) -> Result<(), RepoError> {
        access.allow(Permission::Admin, None)?;
        self.change_trust(access, Operation::Distrust { id }).await
    }

    async fn change_trust(&self, access: &Access, operation: Operation) -> Result<(), RepoError> {
        let change = Change {
            actor: access.actor(),
            sender: access.sender(),
            at: self.now(),
            note: None,
            operation,
        };
        self.commit(Proposal::of(change)).await.map(drop)
    }

    async fn doubts(&self, publisher: &Publisher) -> Result<Vec<String>, RepoError> {
        let mut doubts = publisher.cautions();
        if publisher.audience == AUDIENCE {
            doubts.push(format!(
                "its tokens are for `{AUDIENCE}`, which every server without a public URL says: another one could pass on to \
                 this what it was sent. Say `--audience`, or serve with `--public-url`"
            ));
        }
        let told = self.audience()?;
        if told != publisher.audience {
            doubts.push(format!(
                "clients that ask `/_/oidc/audience` are told `{told}`; only those whose CI system is told otherwise come \
                 with tokens for `{}`",
                publisher.audience
            ));
        }
        doubts.extend(self.objection_to(&publisher.issuer).await);
        Ok(doubts)
    }

    /// What clients should ask their CI system for: the audience of all publishers, where it is one; else the host of the
    /// public URL.
    pub fn audience(&self) -> Result<String, RepoError> {
        let publishers = self.publishers()?;
        if let Some((first, others)) = publishers.split_first()
            && others.iter().all(|other| other.audience == first.audience)
        {
            return Ok(first.audience.clone());
        }
        let url = self.public_url().get().and_then(Option::as_deref);
        Ok(url.and_then(host).unwrap_or(AUDIENCE).to_owned())
    }
}

/// The host of a URL, without its port.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    Some(host).filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_url_has_a_host() {
        assert_eq!(
            host("https://packages.example.org:8443/x"),
            Some("packages.example.org")
        );
        assert_eq!(host("http://[::1]"), Some("[::1]"));
        assert_eq!(host("packages.example.org"), None);
    }
}
