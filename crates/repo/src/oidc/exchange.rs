//! An issuer's token for a short one of the yard's.

use super::{Refusal, after, issuers::invalid};
use crate::{RepoError, Yard, access::glob};
use packyard_formats::jwt::{Claims, Unverified};
use packyard_store::{OnceKey, Staged};
use packyard_types::{Digest, Publisher, Timestamp, TokenId, TxnId};
use serde::{Deserialize, Serialize};

/// How long what is given is good.
const LIFE_SECONDS: i64 = 15 * 60;
/// How far the issuer's clock may be from this one.
const LEEWAY_SECONDS: i64 = 60;
/// The longest time that a token may have left: marks of used ones are kept as long.
const LONGEST_SECONDS: i64 = 31 * 86_400;
/// How long after its end the mark of a used token is kept: more than all clocks are apart.
const MARKED_SECONDS: i64 = 86_400;

/// What is given for an issuer's token.
pub struct Exchanged {
    /// The short token: its text is kept nowhere.
    pub text: String,
    /// Until when it is good.
    pub expires: Timestamp,
    /// The publisher that it makes of who has it.
    pub publisher: TokenId,
}

/// The mark of a token that was used.
#[derive(Serialize, Deserialize)]
pub(super) struct Used {
    /// What makes it ours and not another node's.
    by: TxnId,
    /// When it can be forgotten.
    pub until: Timestamp,
}

impl Yard {
    /// Gives a short token for one that an issuer has signed. Where several publishers are whom it describes, `wanted` says
    /// which is meant.
    pub async fn exchange(&self, token: &str, wanted: Option<&TokenId>) -> Result<Exchanged, RepoError> {
        let token = Unverified::parse(token.trim()).map_err(|e| invalid(&e))?;
        let mut trusted = self.publishers()?;
        trusted.retain(|publisher| publisher.issuer.as_str() == token.issuer());
        let Some(issuer) = trusted.first().map(|publisher| publisher.issuer.clone()) else {
            return Err(refused(
                Refusal::InvalidPublisher,
                format!(
                    "no publisher of issuer `{}` is trusted here",
                    shown(token.issuer())
                ),
                "who administers this yard adds one with `packyard publisher add --issuer …`",
            ));
        };
        let claims = self.verified(&issuer, &token).await?;
        let now = self.now();
        in_time(&claims, now)?;
        let publisher = described(&trusted, &claims, wanted)?;
        self.use_up(&claims).await?;
        let said = shown(&claims.subject);
        let subject = format!("{} {said}", claims.issuer);
        let expires = after(now, LIFE_SECONDS);
        let text = self.give(publisher, subject, expires).await?;
        self.last_use().note(&publisher.id, now);
        tracing::info!(publisher = %publisher.id, "publisher `{}` was given a token for `{said}`", publisher.id);
        Ok(Exchanged {
            text,
            expires,
            publisher: publisher.id.clone(),
        })
    }

    /// Marks a token as used, if nobody has before, on whichever node.
    async fn use_up(&self, claims: &Claims) -> Result<(), RepoError> {
        let name = match &claims.id {
            Some(id) => format!("{}\0jti\0{id}", claims.issuer),
            None => format!("{}\0digest\0{}", claims.issuer, claims.digest),
        };
        let used = Used {
            by: TxnId::from_random(rand::random()),
            until: Timestamp::from_unix_seconds(claims.expires + MARKED_SECONDS),
        };
        let record = serde_json::to_vec(&used).expect("a time is JSON");
        let key = OnceKey::Oidc(Digest::of(name.as_bytes()));
        match self.store().put_once(&key, record.into()).await? {
            Staged::Ours => Ok(()),
            Staged::Theirs(_) => Err(refused(
                Refusal::ReusedToken,
                "the issuer's token was used before".to_owned(),
                "ask the CI system for a new one: each is good for one exchange",
            )),
        }
    }
}

/// Whether it is the time for a token.
fn in_time(claims: &Claims, now: Timestamp) -> Result<(), RepoError> {
    let now = now.unix_seconds();
    let out = |why: String| {
        let hint = "ask the CI system for a new one; if its clock and this one are apart, set them";
        Err(refused(Refusal::InvalidToken, why, hint))
    };
    if claims.expires + LEEWAY_SECONDS <= now {
        return out(format!("the issuer's token ended {} s ago", now - claims.expires));
    }
    if claims.expires > now + LONGEST_SECONDS {
        return out("the issuer's token is good for more than 31 days".to_owned());
    }
    for begins in [claims.not_before, claims.issued].into_iter().flatten() {
        if begins > now + LEEWAY_SECONDS {
            return out(format!(
                "the issuer's token is from the future: it begins in {} s",
                begins - now
            ));
        }
    }
    Ok(())
}

/// The publisher that a token describes. Where there are several the client has to say which, for a token is for one: what
/// each of them may do where must not run together.
fn described<'a>(
    trusted: &'a [Publisher],
    claims: &Claims,
    wanted: Option<&TokenId>,
) -> Result<&'a Publisher, RepoError> {
    let addressed: Vec<&Publisher> = trusted
        .iter()
        .filter(|publisher| claims.audiences.contains(&publisher.audience))
        .collect();
    if addressed.is_empty() {
        let said = shown(&claims.audiences.join("`, `"));
        return Err(refused(
            Refusal::InvalidToken,
            format!("the issuer's token is for `{said}`, and that is nobody here"),
            "ask the CI system for a token with the audience that `GET /_/oidc/audience` says",
        ));
    }
    let differs = |publisher: &Publisher| {
        let differs = |(name, pattern): (&String, &String)| {
            let said = claims.said.get(name);
            said.is_none_or(|said| !glob(pattern, said)).then(|| name.clone())
        };
        publisher.claims.iter().find_map(differs)
    };
    let mut fitting = addressed.iter().copied().filter(|publisher| match differs(publisher) {
        Some(name) => {
            tracing::info!(publisher = %publisher.id, "a token of issuer `{}` is not publisher `{}`: claim `{name}` differs",
                publisher.issuer, publisher.id);
            false
        }
        None => wanted.is_none_or(|id| *id == publisher.id),
    });
    match (fitting.next(), fitting.next()) {
        (Some(publisher), None) => Ok(publisher),
        (None, _) => Err(refused(
            Refusal::InvalidPublisher,
            "nobody whom the issuer's token describes is trusted here".to_owned(),
            &format!(
                "it says {}; compare with `packyard publisher list`",
                of_interest(&addressed, claims)
            ),
        )),
        (Some(first), Some(second)) => {
            let others = fitting.map(|publisher| &publisher.id);
            let ids: Vec<String> = [&first.id, &second.id]
                .into_iter()
                .chain(others)
                .map(|id| format!("`{id}`"))
                .collect();
            Err(refused(
                Refusal::AmbiguousPublisher,
                format!(
                    "the issuer's token describes several publishers: {}",
                    ids.join(", ")
                ),
                "tell them apart by their claims, such as environment or ref; or name one in the request as `publisher`",
            ))
        }
    }
}

/// What a token says of what publishers are told by. What they should be is not shown: anybody whom the issuer knows may ask.
fn of_interest(publishers: &[&Publisher], claims: &Claims) -> String {
    let mut names: Vec<&String> = publishers.iter().flat_map(|p| p.claims.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let said = |name: &&String| match claims.said.get(*name) {
        Some(value) => format!("{name} `{}`", shown(value)),
        None => format!("no {name}"),
    };
    names.iter().map(said).collect::<Vec<_>>().join(", ")
}

fn refused(refusal: Refusal, why: String, hint: &str) -> RepoError {
    RepoError::NotVouched {
        refusal,
        why,
        hint: hint.to_owned(),
    }
}

/// What somebody else wrote, in one line that is not too long.
fn shown(text: &str) -> String {
    let plain = |c: char| if packyard_types::is_unseen(c) { ' ' } else { c };
    text.chars().take(300).map(plain).collect()
}
