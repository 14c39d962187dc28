//! Which keys sign, and how they are replaced.
//!
//! ```text
//! rotate   next keys are announced: they sign every index file beside the current ones, and key.asc holds both
//! finish   the next keys are the current ones; the former sign no more, and stay in key.asc for what they have signed
//! revoke   a former key leaves key.asc; packages that carry its signature can be verified no longer
//! cancel   the next keys are given up instead
//! ```
//!
//! Each step is one change of the log, in which every index file of every channel is signed anew. Which keys sign is for
//! the log to say; a node that lacks the private half of one of them is read-only.

use crate::{
    Access, Proposal, RepoError, Yard,
    keys::{self, KeyLine, KeyRing, KeySet, Keys, KeysError, lint},
    yard::blocking,
};
use packyard_index::Index;
use packyard_types::{Change, ChannelName, KeyState, KeyUse, Operation, Permission, Revision, YardKeys};
use std::{collections::BTreeSet, sync::Arc};

/// What is asked for of a rotation.
#[derive(Debug, Clone, Default)]
pub struct Rotate {
    /// What is replaced; both where it is empty.
    pub uses: Vec<KeyUse>,
    /// The fingerprints of the next keys, whose private halves lie with those of the yard. Where there is none they are
    /// made.
    pub keys: Vec<String>,
}

/// A published key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YardKey {
    /// Whether it signs.
    pub state: KeyState,
    /// What it is.
    pub line: KeyLine,
    /// Whether this node has its private half.
    pub held: bool,
}

/// What became of a change of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysChanged {
    /// The revision in which it holds.
    pub revision: Revision,
    /// Whether it was not so already.
    pub new: bool,
    /// All published keys, as they are now.
    pub keys: Vec<YardKey>,
}

impl From<KeysError> for RepoError {
    fn from(e: KeysError) -> Self {
        match e {
            KeysError::Lacking { .. } => Self::ReadOnly(e.to_string()),
            other => Self::Keys(other.to_string()),
        }
    }
}

/// The keys that sign for the yard of this index.
pub(crate) fn signing(ring: &KeyRing, index: &Index) -> Result<Arc<Keys>, RepoError> {
    match index.keys()? {
        Some(yard) => Ok(ring.signing(&yard)?),
        None => Err(RepoError::ReadOnly("it has no signing keys yet".to_owned())),
    }
}

/// Whether private keys have to do with a yard of these public keys.
pub(crate) fn concern(held: &KeySet, yard: &YardKeys) -> Result<bool, RepoError> {
    let known: BTreeSet<String> = fingerprints(yard)?;
    Ok(held
        .public()
        .any(|(_, fingerprint, _)| known.contains(&fingerprint)))
}

fn fingerprints(yard: &YardKeys) -> Result<BTreeSet<String>, RepoError> {
    let all = yard.all().map(|(_, _, key)| keys::fingerprint(key));
    Ok(all.collect::<Result<_, _>>()?)
}

impl Yard {
    /// The keys that sign, where this node has them all.
    pub(crate) fn writable(&self) -> Result<Arc<Keys>, RepoError> {
        match self.read(|index| signing(self.key_ring(), index)) {
            Err(RepoError::ReadOnly(_)) if self.key_ring().held().is_empty() => Err(self.no_keys()),
            other => other,
        }
    }

    pub(crate) fn no_keys(&self) -> RepoError {
        RepoError::ReadOnly(format!(
            "there are no private keys in `{}`",
            self.dir().keys().display()
        ))
    }

    /// The public keys of the yard.
    pub fn yard_keys(&self) -> Result<YardKeys, RepoError> {
        let keys = self.read(|index| Ok(index.keys()?))?;
        keys.ok_or_else(|| RepoError::Keys("this yard has none".to_owned()))
    }

    /// The published keys of apt, or of yum, in one armoured block.
    pub fn public_keys(&self, signs: KeyUse) -> Result<String, RepoError> {
        Ok(keys::published(&self.yard_keys()?, signs)?)
    }

    /// All published keys in one armoured block, as gpg, apt and rpm take them.
    pub fn public_keys_together(&self) -> Result<String, RepoError> {
        Ok(keys::published_together(&self.yard_keys()?)?)
    }

    /// The keys by which clients of a channel's yum repositories check what they get: the published ones of the yard, and
    /// those of others whose signatures of packages it keeps.
    pub fn yum_keys_of(&self, channel: &ChannelName) -> Result<String, RepoError> {
        self.with_package_keys(channel, self.public_keys(KeyUse::Yum)?)
    }

    /// All keys that a channel hands out, in one armoured block.
    pub fn keys_of(&self, channel: &ChannelName) -> Result<String, RepoError> {
        self.with_package_keys(channel, self.public_keys_together()?)
    }

    fn with_package_keys(&self, channel: &ChannelName, ours: String) -> Result<String, RepoError> {
        let settings = self.read(|index| Ok(index.channel(channel)?))?;
        let texts = settings.map_or_else(Vec::new, |s| s.package_keys);
        if texts.is_empty() {
            return Ok(ours);
        }
        Ok(keys::with_others(
            &ours,
            keys::listed(keys::ListedFor::Packages, &texts)?,
        )?)
    }

    /// All published keys, and what is to be known of them.
    pub fn key_lines(&self) -> Result<Vec<YardKey>, RepoError> {
        let held = self.key_ring().reload()?;
        let lines = keys::lines(&self.yard_keys()?)?;
        let shown = lines.into_iter().map(|(state, line)| YardKey {
            held: held.public().any(|(_, f, _)| f == line.fingerprint),
            state,
            line,
        });
        Ok(shown.collect())
    }

    /// Begins a rotation: from now on the next keys sign beside the current ones.
    pub async fn rotate_keys(&self, access: &Access, wish: Rotate) -> Result<KeysChanged, RepoError> {
        access.allow(Permission::Admin, None)?;
        self.writable()?;
        let yard = self.yard_keys()?;
        if let Some(next) = yard.next().next() {
            return Err(RepoError::Rotation {
                reason: format!(
                    "a rotation of the signing keys is under way, to key {}",
                    keys::fingerprint(&next.key)?
                ),
                hint: "finish it with `packyard key rotate --finish`, or give it up with `packyard key rotate --cancel`"
                    .to_owned(),
            });
        }
        let next = self.next_keys(&wish).await?;
        let known = self.keys_ever()?;
        for (signs, fingerprint, armored) in &next {
            if known.contains(fingerprint) && !yard.of(*signs).any(|(_, key)| key == armored) {
                return Err(refused(
                    fingerprint,
                    "it has been a key of this yard before",
                    None,
                ));
            }
            if yard.of(*signs).any(|(_, key)| key == armored) {
                return Err(refused(fingerprint, "it is a key of this yard already", None));
            }
            self.judge_key(*signs, armored)?;
        }
        let next = next.into_iter().map(|(signs, _, armored)| (signs, armored));
        self.set_keys(
            access,
            yard.rotating(next),
            "new signing keys, beside the old ones",
        )
        .await
    }

    /// Finishes a rotation: the next keys sign alone, the former stay published.
    pub async fn finish_rotation(&self, access: &Access) -> Result<KeysChanged, RepoError> {
        access.allow(Permission::Admin, None)?;
        let yard = self.rotating()?;
        self.set_keys(access, yard.rotated(), "the new signing keys sign alone")
            .await
    }

    /// Gives a rotation up: the next keys sign no more, and are not published any longer.
    pub async fn cancel_rotation(&self, access: &Access) -> Result<KeysChanged, RepoError> {
        access.allow(Permission::Admin, None)?;
        let rotating = self.rotating()?;
        let yard = rotating.clone().without(|o| o.state == KeyState::Next);
        let done = self
            .set_keys(access, yard, "the new signing keys are given up")
            .await?;
        self.forget_next(&rotating)?;
        Ok(done)
    }

    /// Takes a former key out of what is published. `name` is its fingerprint, or the end of it.
    pub async fn revoke_key(&self, access: &Access, name: &str) -> Result<KeysChanged, RepoError> {
        access.allow(Permission::Admin, None)?;
        let yard = self.yard_keys()?;
        let wanted = name.replace(' ', "").to_uppercase();
        let mut found = Vec::new();
        for (signs, state, key) in yard.all() {
            let fingerprint = keys::fingerprint(key)?;
            if wanted.len() >= 8 && fingerprint.ends_with(&wanted) {
                found.push((signs, state, key.to_owned(), fingerprint));
            }
        }
        if found.is_empty() {
            return Err(RepoError::NotFound {
                what: format!(
                    "published key `{name}` (write the whole fingerprint, as `packyard key show` prints it)"
                ),
                nearest: None,
            });
        }
        if let Some((signs, state, _, fingerprint)) = found.iter().find(|(_, state, ..)| state.signs()) {
            return Err(RepoError::Rotation {
                reason: format!(
                    "key {fingerprint} is the {} key for {}",
                    state.as_str(),
                    signs.as_str()
                ),
                hint: "replace it first: `packyard key rotate`, then `packyard key rotate --finish`"
                    .to_owned(),
            });
        }
        let gone = |key: &str| found.iter().any(|(_, _, k, _)| k == key);
        let yard = yard.clone().without(|o| gone(&o.key));
        self.set_keys(access, yard, "a former signing key is published no longer")
            .await
    }

    /// Takes the private halves of keys away that were given up, and that the yard had for nothing else.
    fn forget_next(&self, given_up: &YardKeys) -> Result<(), RepoError> {
        let mut wanted = self.keys_ever()?;
        wanted.extend(fingerprints(&self.yard_keys()?)?);
        for next in given_up.next() {
            let fingerprint = keys::fingerprint(&next.key)?;
            if !wanted.contains(&fingerprint) {
                self.key_ring().remove(next.signs, &fingerprint)?;
            }
        }
        Ok(())
    }

    fn rotating(&self) -> Result<YardKeys, RepoError> {
        let yard = self.yard_keys()?;
        if yard.next().next().is_some() {
            return Ok(yard);
        }
        Err(RepoError::Rotation {
            reason: "no rotation of the signing keys is under way".to_owned(),
            hint: "`packyard key rotate` begins one".to_owned(),
        })
    }

    async fn set_keys(&self, access: &Access, keys: YardKeys, note: &str) -> Result<KeysChanged, RepoError> {
        let change = Change {
            actor: access.actor(),
            sender: access.sender(),
            at: self.now(),
            note: Some(note.to_owned()),
            operation: Operation::Keys(keys),
        };
        let done = self.commit(Proposal::of(change)).await?;
        Ok(KeysChanged {
            revision: done.revision,
            new: done.change.is_some(),
            keys: self.key_lines()?,
        })
    }

    /// The public halves of the next keys. Their private ones are with the yard's when this returns.
    async fn next_keys(&self, wish: &Rotate) -> Result<Vec<(KeyUse, String, String)>, RepoError> {
        let uses = if wish.uses.is_empty() {
            KeyUse::ALL.to_vec()
        } else {
            wish.uses.clone()
        };
        let held = self.key_ring().reload()?;
        let ever = self.keys_ever()?;
        let unused = |signs: KeyUse, fingerprint: &str| {
            let named = wish.keys.iter().any(|k| k.eq_ignore_ascii_case(fingerprint));
            let given = wish.keys.is_empty() && self.key_ring().is_given() && !ever.contains(fingerprint);
            uses.contains(&signs) && (named || given)
        };
        let mut next: Vec<(KeyUse, String, String)> = Vec::new();
        for (signs, fingerprint, armored) in held.public() {
            if unused(signs, &fingerprint) && !next.iter().any(|(s, ..)| *s == signs) {
                next.push((signs, fingerprint, armored.to_owned()));
            }
        }
        if let Some(missing) = wish
            .keys
            .iter()
            .find(|k| !next.iter().any(|(_, f, _)| f.eq_ignore_ascii_case(k)))
        {
            let reason = "its private half is not among those of the yard";
            return Err(refused(
                missing,
                reason,
                Some("bring it in with `packyard key import FILE --data DIR`"),
            ));
        }
        if !next.is_empty() {
            return Ok(next);
        }
        if self.key_ring().is_given() {
            let reason = "the signing keys of this yard are kept elsewhere, and no new ones are among them";
            let hint = "add the output of `packyard key generate` to PACKYARD_SIGNING_KEY, and try again";
            return Err(refused("that was to be made", reason, Some(hint)));
        }
        let made = self.generate(uses).await?;
        self.key_ring().add(&made)?;
        Ok(made.public().map(|(s, f, a)| (s, f, a.to_owned())).collect())
    }

    async fn generate(&self, uses: Vec<KeyUse>) -> Result<KeySet, RepoError> {
        let at = self.now();
        let user_id = keys::lines(&self.yard_keys()?)?
            .into_iter()
            .map(|(_, line)| line.user_id)
            .find(|id| !id.is_empty())
            .unwrap_or_else(|| "packyard".to_owned());
        blocking(move || {
            let mut made = KeySet::default();
            for signs in uses {
                let one = KeySet::generate_one(&mut rand::thread_rng(), at, &user_id, signs)?;
                made = made.with(&one);
            }
            Ok(made)
        })
        .await
    }

    /// The fingerprints of all keys that this yard ever had; not of those that were given up before they signed alone.
    fn keys_ever(&self) -> Result<BTreeSet<String>, RepoError> {
        let mut all = BTreeSet::new();
        for yard in self.read(|index| Ok(index.keys_ever()?))? {
            let lasting = yard.without(|o| o.state == KeyState::Next);
            all.extend(fingerprints(&lasting)?);
        }
        Ok(all)
    }

    /// A key that some client of today refuses does not sign here.
    fn judge_key(&self, signs: KeyUse, armored: &str) -> Result<(), RepoError> {
        for linted in lint::lint(armored.as_bytes(), Some(signs), self.now()) {
            if linted.refused()
                && let Some(worst) = linted.findings.first()
            {
                return Err(refused(&linted.fingerprint, &worst.message, Some(&worst.fix)));
            }
        }
        Ok(())
    }
}

fn refused(key: &str, reason: &str, hint: Option<&str>) -> RepoError {
    RepoError::KeyRefused {
        key: key.to_owned(),
        reason: reason.to_owned(),
        hint: hint.map_or_else(
            || "give a key that this yard never had; `packyard key rotate` makes one".to_owned(),
            str::to_owned,
        ),
    }
}
