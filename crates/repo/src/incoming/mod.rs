//! Uploads as Debian's tools make them: file by file, in any order, and the `.changes` (deb-changes(5)) last, which
//! makes one release of what it names.
//!
//! 1. A file is kept under its name, for this caller, channel, distribution and component. Sent again it takes the
//!    place of what was sent before.
//! 2. The .changes is read and its signature judged, where the channel lists uploaders' keys. It must be for the
//!    distribution that it is sent to.
//! 3. Every file that it names must be here with the size and digests that it says: sent before, or held by the channel
//!    already, such as the upstream's tarball of an earlier revision.
//! 4. The packages are read; they must be of the source and version that the .changes says.
//! 5. One release is proposed. The .changes and the .buildinfo become parts of the .dsc, where it brings one that the
//!    channel does not hold yet, else of each .deb.
//! 6. The files are forgotten here. Sent again the same .changes finds everything published, and changes nothing.
//!
//! Files that no .changes names are forgotten after a week.

mod named;
pub mod signature;
mod staged;

use crate::keys::{ListedFor, listed, signer::Signer};
use crate::{Access, Incoming, Receipt, RepoError, Source, Upload, Yard, intake::Ready, yard::blocking};
use named::Named;
use packyard_formats::{
    changes::{Changes, FileKind, MAX_BYTES},
    dsc::Dsc,
    fault::Fault,
    intake::{Limits, NotAPackage},
    openpgp::unframe,
};
use packyard_types::{
    ArtifactKind, ArtifactName, Blob, ChannelName, ComponentName, DistributionName, DistributionSettings,
    Facts, FactsRecord, Part, PartName, Permission,
};
use std::io::Read as _;

/// Where an upload goes.
#[derive(Debug, Clone)]
pub struct DeliveryPlace {
    /// The channel.
    pub channel: ChannelName,
    /// The distribution, by its own name.
    pub distribution: DistributionName,
    /// The component.
    pub component: ComponentName,
}

/// What became of a file that was sent.
#[derive(Debug, Clone)]
pub enum Delivered {
    /// It waits for the .changes that names it.
    Kept {
        /// Its bytes.
        blob: Blob,
        /// Whether nothing of its name waited before.
        new: bool,
    },
    /// It was a .changes, and what it names is published.
    Published(Receipt),
}

impl Yard {
    /// The distribution that an upload is sent to. One that could not be published to takes no file either.
    pub fn delivery_distribution(
        &self,
        channel: &ChannelName,
        name: &str,
    ) -> Result<DistributionName, RepoError> {
        let meant = self.upload_distribution(channel, name)?;
        if !self.channel(channel)?.settings.auto_distributions {
            return Ok(self.distribution(channel, meant.as_str())?.0);
        }
        Ok(meant)
    }

    /// Takes one file of an upload.
    pub async fn deliver(
        &self,
        access: &Access,
        to: &DeliveryPlace,
        name: &PartName,
        upload: Upload,
        limits: &Limits,
    ) -> Result<Delivered, RepoError> {
        access.allow(Permission::Publish, Some(&to.channel))?;
        self.not_purged(&format!("`{name}`"), &upload.blob.digest)?;
        let blob = upload.blob;
        if !name.as_str().ends_with(".changes") {
            let _whole = self.taking_in().await?;
            self.store().put_blob_file(blob, upload.path()).await?;
            let new = self.stage_file(access, to, name, blob).await?;
            return Ok(Delivered::Kept { blob, new });
        }
        let (whole, changes) = read_changes(name, &upload).await?;
        let signer = self.signer_of(&to.channel, name.as_str(), &whole)?;
        self.is_for(to, name, &changes)?;
        self.put_taken(blob, upload.path()).await?;
        let own = Part {
            name: name.clone(),
            blob,
        };
        let receipt = self
            .publish_changes(access, to, &changes, own, signer, limits)
            .await?;
        let names = changes.files.iter().map(|f| &f.listed.name);
        self.unstage_files(access, to, names).await?;
        Ok(Delivered::Published(receipt))
    }

    async fn publish_changes(
        &self,
        access: &Access,
        to: &DeliveryPlace,
        changes: &Changes,
        own: Part,
        signer: Option<Signer>,
        limits: &Limits,
    ) -> Result<Receipt, RepoError> {
        let called = own.name.to_string();
        let named = self.named_files(access, to, &called, changes).await?;
        let wrong = |fault: Fault| RepoError::from(not_a_package(&called, fault));
        let whole_dsc = match changes.dsc() {
            Some(file) => Some(self.dsc_of(to, &named, &file.listed.name).await?),
            None => None,
        };
        named.agrees_with(whole_dsc.as_ref()).map_err(wrong)?;
        let mut records = named.records();
        records.push(own);
        let fresh_dsc = match changes.dsc() {
            Some(file) => !self.is_held_there(to, file.listed.name.as_str(), &file.listed.sha256)?,
            None => false,
        };
        let incoming = named.artifacts().map(|(name, blob)| {
            let is_dsc = name.kind() == ArtifactKind::Dsc;
            let mut beside = if is_dsc { named.parts() } else { Vec::new() };
            if is_dsc == fresh_dsc {
                beside.extend(records.iter().cloned());
            }
            Incoming {
                name: name.clone(),
                distribution: Some(to.distribution.clone()),
                component: Some(to.component.clone()),
                source: Source::Staged(blob.digest, beside),
                uploaded_at: None,
            }
        });
        let incoming = incoming.collect();
        let prepared = self.prepare_all(access, &to.channel, incoming, limits).await;
        let ready = crate::prepare::all_or_nothing(prepared)?;
        let faults = ready.iter().filter_map(|r| of_this_source(changes, r).err());
        RepoError::all(faults.map(wrong).collect())?;
        let note = match signer {
            Some(Signer { fingerprint, user_id }) => {
                let user: String = user_id
                    .chars()
                    .filter(|c| !packyard_types::is_unseen(*c))
                    .take(200)
                    .collect();
                format!("{called}, signed with {fingerprint} ({user})")
            }
            None => called.clone(),
        };
        self.propose(access, to.channel.clone(), ready, Some(note), None)
            .await
    }

    /// Who signed a file, where the channel lists who may; an error where it is nobody of these.
    fn signer_of(&self, channel: &ChannelName, name: &str, whole: &str) -> Result<Option<Signer>, RepoError> {
        let settings = self.channel(channel)?.settings;
        if settings.uploader_keys.is_empty() {
            return Ok(None);
        }
        let keys = listed(ListedFor::Uploads, &settings.uploader_keys)?;
        let refused = |why: String| RepoError::NotByUploader {
            filename: name.to_owned(),
            why,
            hint: format!(
                "sign it with `debsign -k KEY`, or have the key added: `packyard channel set {channel} --uploader-key FILE`"
            ),
        };
        let inside = unframe(whole).map_err(|fault| refused(format!("has a bad signature: {fault}")))?;
        if !inside.signed {
            return Err(refused(
                "is not signed, and this channel takes uploads from known keys only".to_owned(),
            ));
        }
        let signer = signature::signer(whole, &inside.text, &keys, self.now());
        signer.map(Some).map_err(refused)
    }

    /// The URL says where an upload goes; what the .changes says must mean the same. `UNRELEASED` says nothing, and
    /// whatever is sent to `any` is for every distribution.
    fn is_for(&self, to: &DeliveryPlace, name: &PartName, changes: &Changes) -> Result<(), RepoError> {
        let said = changes.distribution.as_str();
        let known = self.read(|index| Ok(index.distribution(&to.channel, to.distribution.as_str())?))?;
        let aliases = known.as_ref().map(|(_, s)| s.aliases.clone());
        let settings = known.map_or_else(DistributionSettings::default, |(_, s)| s);
        let called = [settings.suite.as_deref(), settings.codename.as_deref()].contains(&Some(said));
        let fits = said == "UNRELEASED" || to.distribution.is_any() || called;
        if fits || settings.answers_to(&to.distribution, said) {
            return Ok(());
        }
        Err(RepoError::OtherDistribution {
            filename: name.to_string(),
            meant: said.to_owned(),
            sent: to.distribution.clone(),
            channel: to.channel.clone(),
            aliases,
        })
    }

    /// The .dsc of an upload; a signature on it is judged as that of the .changes.
    async fn dsc_of(&self, to: &DeliveryPlace, named: &Named<'_>, name: &PartName) -> Result<Dsc, RepoError> {
        let what = name.as_str();
        let digest = named.blob(name).map(|b| b.digest);
        let digest = digest.ok_or_else(|| not_a_package(what, Fault::new("it is not here", "send it")))?;
        let upload = self
            .fetch_stored(what, &digest, packyard_formats::dsc::MAX_BYTES)
            .await?;
        let whole = read_text(name, &upload, packyard_formats::dsc::MAX_BYTES).await?;
        let dsc = Dsc::parse(whole.as_bytes()).map_err(|fault| not_a_package(what, fault))?;
        if dsc.signed {
            self.signer_of(&to.channel, what, &whole)?;
        }
        Ok(dsc)
    }
}

async fn read_changes(name: &PartName, upload: &Upload) -> Result<(String, Changes), RepoError> {
    let whole = read_text(name, upload, MAX_BYTES).await?;
    let changes = Changes::parse(name, whole.as_bytes()).map_err(|f| not_a_package(name.as_str(), f))?;
    Ok((whole, changes))
}

async fn read_text(name: &PartName, upload: &Upload, most: u64) -> Result<String, RepoError> {
    if upload.blob.size_bytes > most {
        return Err(RepoError::TooLarge {
            what: name.to_string(),
            limit_bytes: most,
        });
    }
    let (path, what) = (upload.path().to_owned(), name.to_string());
    blocking(move || {
        let mut raw = Vec::new();
        let opened = std::fs::File::open(path);
        opened
            .and_then(|mut file| file.read_to_end(&mut raw))
            .map_err(RepoError::io(format!("reading `{what}`")))?;
        let text = String::from_utf8(raw);
        let fault = || Fault::new("it is not UTF-8", "let dpkg's tools write it anew");
        text.map_err(|_| not_a_package(&what, fault()).into())
    })
    .await
}

fn not_a_package(filename: &str, fault: Fault) -> NotAPackage {
    NotAPackage {
        filename: filename.to_owned(),
        entry: fault.entry,
        rule: fault.rule,
        hint: fault.hint,
        found: fault.found,
        expected: fault.expected,
        is_ours: fault.is_ours,
    }
}

/// A package must be of the source, and of the version of it, that the .changes says.
fn of_this_source(changes: &Changes, ready: &Ready) -> Result<(), Fault> {
    let artifact = &ready.artifact;
    let facts = ready.small.get(&artifact.facts.digest);
    let Some(record) = facts.and_then(|raw| serde_json::from_slice::<FactsRecord>(raw).ok()) else {
        return Ok(());
    };
    let (source, version) = match &record.facts {
        Facts::Deb(deb) => {
            let said = deb.field("Source").unwrap_or_default();
            let (name, version) = said.split_once(" (").unwrap_or((said, ""));
            let name = if name.is_empty() {
                artifact.package.as_str()
            } else {
                name
            };
            let version = version.trim_end_matches(')');
            let version = if version.is_empty() {
                artifact.version.as_str()
            } else {
                version
            };
            (name.to_owned(), version.to_owned())
        }
        _ => (artifact.package.clone(), artifact.version.clone()),
    };
    let hint = "build the packages and the .changes together, with dpkg-buildpackage";
    for (what, found, said) in [
        ("source", &source, &changes.source),
        ("version", &version, &changes.source_version),
    ] {
        if found != said {
            let rule = format!("it is of {what} `{found}`, and the .changes of `{said}`");
            return Err(Fault::new(rule, hint)
                .at(artifact.name.as_str())
                .between(found, said));
        }
    }
    Ok(())
}

/// What names an artifact in a list of files.
pub(crate) fn artifact_of(kind: &FileKind) -> Option<&ArtifactName> {
    match kind {
        FileKind::Artifact(name) => Some(name),
        FileKind::Buildinfo | FileKind::Part => None,
    }
}
