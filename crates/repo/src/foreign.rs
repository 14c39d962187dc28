//! Signatures of others on an .rpm: kept where their key is among the channel's, which are then in its `key.asc`;
//! replaced by the yard's own; or refused. What is kept is kept as it came, byte for byte.
//!
//! A kept package must be one that clients install: every signature is by a key of the channel or the yard, good, and in
//! force today. That goes for each of the several signatures of a version 6 package, too: rpm 6.1 installs none of which it
//! knows only some keys (seen with `%_pkgverify_level all`, and with dnf5's gpgcheck).

use crate::intake::is_kept;
use crate::{
    RepoError, Yard,
    keys::{Keys, ListedFor, listed, signer},
};
use packyard_formats::rpm::signature::{Covers, Envelope, Signature};
use packyard_types::{Artifact, ChannelName, ChannelSettings, ForeignSignatures, Invalid, Timestamp};
use pgp::{
    composed::SignedPublicKey,
    packet::{Packet, PacketParser},
    types::KeyDetails as _,
};
use signer::Doubt;
use std::{
    collections::BTreeSet,
    io::{self, Cursor, Read, Seek, SeekFrom},
};

/// What a channel does with an .rpm that somebody else has signed.
#[derive(Debug, Clone)]
pub(crate) struct Foreign {
    pub channel: ChannelName,
    pub way: ForeignSignatures,
    /// The keys whose signatures are kept, as the settings have them.
    keys: Vec<String>,
}

/// What is done with one .rpm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Our signature comes in, or takes the place of what is there.
    Signed,
    /// It is served as it came.
    Kept,
}

/// Why a signature is not taken: what is said of the file, and what to do.
struct Objection {
    says: String,
    hint: String,
}

impl Foreign {
    pub(crate) fn of(channel: &ChannelName, settings: Option<ChannelSettings>) -> Self {
        let settings = settings.unwrap_or_else(ChannelSettings::of_main);
        Self {
            channel: channel.clone(),
            way: settings.foreign_signatures,
            keys: settings.package_keys,
        }
    }

    /// The ids of the keys whose signatures are kept, as rpm shows them; none where the channel does not keep any.
    pub(crate) fn kept_ids(&self) -> Result<BTreeSet<String>, Invalid> {
        match self.way {
            ForeignSignatures::Keep => ids_of(&self.keys),
            _ => Ok(BTreeSet::new()),
        }
    }

    /// What becomes of an .rpm, of which `file` has all.
    pub(crate) fn judge(
        &self,
        filename: &str,
        envelope: &Envelope,
        file: &mut (impl Read + Seek),
        own: &Keys,
        now: Timestamp,
    ) -> Result<Verdict, RepoError> {
        if envelope.signatures.is_empty() {
            return Ok(Verdict::Signed);
        }
        let is_own = |s: &Signature| s.issuer().is_some_and(|id| own.is_own(&id));
        let all_own = envelope.signatures.iter().all(is_own);
        let mut keys = own.public_rpm_keys();
        match self.way {
            ForeignSignatures::Replace if !all_own => return Ok(Verdict::Signed),
            ForeignSignatures::Refuse if !all_own => {
                let foreign = envelope.signatures.iter().find(|s| !is_own(s));
                return Err(self.refused(filename, &foreign.map(named).unwrap_or_default()));
            }
            ForeignSignatures::Keep => keys.extend(listed(ListedFor::Packages, &self.keys)?),
            _ => {}
        }
        let judged = self.verify(envelope, file, &keys, now);
        match judged.map_err(RepoError::io(format!("reading `{filename}`")))? {
            Ok(()) => Ok(Verdict::Kept),
            Err(_) if self.way == ForeignSignatures::Replace => Ok(Verdict::Signed),
            Err(Objection { says, hint }) => Err(RepoError::ForeignSignature {
                filename: filename.to_owned(),
                says,
                hint,
            }),
        }
    }

    fn verify(
        &self,
        envelope: &Envelope,
        file: &mut (impl Read + Seek),
        keys: &[SignedPublicKey],
        now: Timestamp,
    ) -> io::Result<Result<(), Objection>> {
        for signature in &envelope.signatures {
            if let Err(objection) = self.verify_one(signature, envelope, file, keys, now)? {
                return Ok(Err(objection));
            }
        }
        Ok(Ok(()))
    }

    fn verify_one(
        &self,
        signature: &Signature,
        envelope: &Envelope,
        file: &mut (impl Read + Seek),
        keys: &[SignedPublicKey],
        now: Timestamp,
    ) -> io::Result<Result<(), Objection>> {
        let Some(parsed) = packet(&signature.packet) else {
            return Ok(Err(self.unreadable()));
        };
        let judged = match signature.covers {
            Covers::Header => signer::judge(&parsed, || Ok(envelope.header.as_slice()), keys, now)?,
            Covers::HeaderAndPayload => {
                let whole = || {
                    file.seek(SeekFrom::Start(envelope.prefix.len() as u64))?;
                    Ok(file)
                };
                signer::judge(&parsed, whole, keys, now)?
            }
        };
        Ok(match judged {
            Ok(_) => Ok(()),
            Err(doubt) => Err(self.objection(&signer::issuer(&parsed), &doubt)),
        })
    }

    fn objection(&self, key: &str, doubt: &Doubt) -> Objection {
        let channel = &self.channel;
        let signed = format!("is signed with key {key}");
        let or_replace = self.or_replace();
        match doubt {
            Doubt::Unknown => Objection {
                says: format!("{signed}, which is not among the package keys of channel `{channel}`"),
                hint: format!(
                    "bring the public key: `packyard channel set {channel} --package-key FILE`; {or_replace}"
                ),
            },
            Doubt::Wrong => Objection {
                says: format!("says that it {signed}, and the signature is wrong: it was changed since"),
                hint: format!("fetch it again, or build it anew; {or_replace}"),
            },
            Doubt::Unfit(why) => Objection {
                says: format!("{signed}, {why}"),
                hint: format!(
                    "sign it anew with `rpmsign --resign`; if the key was prolonged, bring it again: `packyard channel \
                     set {channel} --package-key FILE`; {or_replace}"
                ),
            },
        }
    }

    fn unreadable(&self) -> Objection {
        Objection {
            says: "has a signature that is not one of OpenPGP's, or of a kind that is not known".to_owned(),
            hint: format!("sign it anew with `rpmsign --resign`; {}", self.or_replace()),
        }
    }

    fn or_replace(&self) -> String {
        format!(
            "or let the yard's signature take its place: `packyard channel set {} --foreign-signatures replace`",
            self.channel
        )
    }

    /// Of a channel that takes nothing that others have signed.
    fn refused(&self, filename: &str, key: &str) -> RepoError {
        RepoError::ForeignSignature {
            filename: filename.to_owned(),
            says: format!("is signed with key {key}, which is not one of this yard's keys"),
            hint: format!(
                "keep the signature: `packyard channel set {} --foreign-signatures keep --package-key FILE`, with that \
                 public key; {}; or build it without one, and it is signed here",
                self.channel,
                self.or_replace()
            ),
        }
    }
}

/// The ids of keys and of their parts, as rpm shows them.
fn ids_of(texts: &[String]) -> Result<BTreeSet<String>, Invalid> {
    let ids = |key: SignedPublicKey| {
        let sub = key.public_subkeys.iter().map(|s| s.key.legacy_key_id());
        let all = std::iter::once(key.primary_key.legacy_key_id()).chain(sub);
        all.map(|id| id.to_string().to_lowercase()).collect::<Vec<_>>()
    };
    let keys = listed(ListedFor::Packages, texts)?;
    Ok(keys.into_iter().flat_map(ids).collect())
}

/// The key that a signature names, for messages.
fn named(signature: &Signature) -> String {
    match packet(&signature.packet) {
        Some(parsed) => signer::issuer(&parsed),
        None => signature.issuer().unwrap_or_else(|| "of nobody".to_owned()),
    }
}

/// The one signature packet that these bytes are.
fn packet(bytes: &[u8]) -> Option<pgp::packet::Signature> {
    let mut packets = PacketParser::new(Cursor::new(bytes));
    match (packets.next()?, packets.next()) {
        (Ok(Packet::Signature(signature)), None) => Some(signature),
        _ => None,
    }
}

impl Yard {
    /// The channel's way with foreign signatures.
    pub(crate) fn foreign_signatures(&self, channel: &ChannelName) -> Result<Foreign, RepoError> {
        Ok(Foreign::of(
            channel,
            self.read(|index| Ok(index.channel(channel)?))?,
        ))
    }

    /// Whether an .rpm that is served as it came is signed by the yard, or by a key whose signatures the channel keeps.
    pub(crate) async fn is_trusted(&self, artifact: &Artifact, foreign: &Foreign) -> Result<bool, RepoError> {
        let strange = self.strangers(vec![artifact], foreign).await?;
        Ok(strange.is_empty())
    }

    /// Those of some artifacts whose signatures clients of a channel could not check, with the keys that they name.
    /// Only an .rpm that is served as it came can be one, so only of such are facts read.
    pub(crate) async fn strangers<'a>(
        &self,
        artifacts: Vec<&'a Artifact>,
        foreign: &Foreign,
    ) -> Result<Vec<(&'a Artifact, String)>, RepoError> {
        let mut out = Vec::new();
        let mut known = None;
        for artifact in artifacts.into_iter().filter(|a| is_kept(a)) {
            let (own, kept) = match &known {
                Some(known) => known,
                None => known.insert((self.writable()?, foreign.kept_ids()?)),
            };
            let signers = self.package_signers_of(artifact).await?;
            // Clients ask for the key of each.
            let unknown = |key: &&String| !own.is_own(key) && !kept.contains(*key);
            let unknown: Vec<&str> = signers.iter().filter(unknown).map(String::as_str).collect();
            if !unknown.is_empty() || signers.is_empty() {
                out.push((artifact, unknown.join(", ").to_uppercase()));
            }
        }
        Ok(out)
    }

    /// What to know where keys leave `key.asc` of a channel: how many of the packages that yum is offered are signed by
    /// one of them.
    pub(crate) async fn orphaned(
        &self,
        channel: &ChannelName,
        before: &ChannelSettings,
        after: &ChannelSettings,
    ) -> Result<Option<String>, RepoError> {
        let (listed, known) = (ids_of(&before.package_keys)?, ids_of(&after.package_keys)?);
        let gone: BTreeSet<&String> = listed.difference(&known).collect();
        if gone.is_empty() {
            return Ok(None);
        }
        let own = self.writable()?;
        let of = channel.clone();
        let held = self
            .read_blocking(move |index| Ok(index.held(&of, None)?))
            .await?;
        let (mut packages, mut keys) = (0, BTreeSet::new());
        for listed in held.iter().filter(|l| l.yanked.is_none() && is_kept(&l.artifact)) {
            let signers = self.package_signers_of(&listed.artifact).await?;
            let missed: Vec<String> = signers
                .into_iter()
                .filter(|key| gone.contains(key) && !own.is_own(key))
                .collect();
            packages += u64::from(!missed.is_empty());
            keys.extend(missed);
        }
        let named: Vec<String> = keys.iter().map(|key| key.to_uppercase()).collect();
        let (what, are) = match packages {
            1 => ("package", "is"),
            _ => ("packages", "are"),
        };
        Ok((packages > 0).then(|| {
            format!(
                "{packages} {what} of channel `{channel}` {are} signed with {}, which its `key.asc` no longer has: dnf and \
                 zypper refuse them where that key is not known already; bring it again (`packyard channel set {channel} \
                 --package-key FILE`), or take them out (`packyard remove`)",
                named.join(", ")
            )
        }))
    }

    /// Refuses artifacts whose signatures clients of a channel could not check: what comes from another channel is
    /// never signed again.
    pub(crate) async fn keeps_signatures_of(
        &self,
        channel: &ChannelName,
        artifacts: &[Artifact],
    ) -> Result<(), RepoError> {
        let foreign = self.foreign_signatures(channel)?;
        let strange = self.strangers(artifacts.iter().collect(), &foreign).await?;
        let refused = strange.into_iter().map(|(a, key)| RepoError::ForeignSignature {
            filename: a.name.to_string(),
            says: format!(
                "is signed with key {key}, and channel `{channel}` does not keep signatures by it; a promotion signs nothing \
                 again"
            ),
            hint: format!("`packyard channel set {channel} --foreign-signatures keep --package-key FILE`"),
        });
        RepoError::all(refused.collect())
    }
}
