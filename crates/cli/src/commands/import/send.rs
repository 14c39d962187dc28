//! The plan is carried out: distributions are declared, what the yard lacks is sent, the releases are asked for.

use super::{
    ImportArgs, documents, fetched,
    outcome::{Created, LeftOut, Outcome},
    plan::{Item, Plan},
    signatures, sources,
};
use crate::report::Report;
use anyhow::Context as _;
use packyard_client::{Api, ClientError, Needed, Refused, ReleaseArtifact, ReleaseRequest};
use packyard_types::{ChannelName, Digest, DistributionName, DistributionSettings, Hasher};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
};

/// Most artifacts in one release: its facts are in memory until it is committed.
const MOST: usize = 10_000;
/// How many are hashed or fetched at a time.
const WORKERS: usize = 4;

/// Carries out a plan.
pub fn send(args: &ImportArgs, mut plan: Plan, report: &Report) -> anyhow::Result<Outcome> {
    let api = args.place.api_to_publish()?;
    signatures::allow(&api, args)?;
    let channel = &args.channel.channel;
    let items = std::mem::take(&mut plan.items);
    let distributions = std::mem::take(&mut plan.distributions);
    let carried = std::mem::take(&mut plan.documents);
    let mut outcome = Outcome::new(plan, channel);
    declare(&api, channel, distributions, &items, &mut outcome)?;
    // In the same process a file is read where it lies.
    let in_place = !api.is_remote();
    let mut left = items;
    while !left.is_empty() {
        let rest = left.split_off(left.len().min(MOST));
        let batch = std::mem::replace(&mut left, rest);
        let ready = Sending {
            api: &api,
            channel,
            report,
            in_place,
        }
        .send(batch, &mut outcome)?;
        publish(&api, channel, ready, args.note.clone(), &mut outcome, report)?;
    }
    documents::send(&api, channel, args.distribution.as_ref(), carried, &mut outcome)?;
    Ok(outcome)
}

/// Declares the distributions of the other repository that the channel does not have, as they are there.
fn declare(
    api: &Api,
    channel: &ChannelName,
    wanted: Vec<(DistributionName, DistributionSettings)>,
    items: &[Item],
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let there = distributions(api, channel)?;
    outcome.created = Created::of(&wanted, items, &there);
    for (name, settings) in wanted.into_iter().filter(|(d, _)| !there.contains(d.as_str())) {
        let path = format!("channels/{channel}/distributions/{name}");
        match api.put::<serde_json::Value>(&path, &settings) {
            Ok(_) => {}
            Err(ClientError::Refused { detail, .. }) => {
                let text =
                    format!("distribution {name}: its settings in the other place were not kept: {detail}");
                outcome.remarks.push(text);
                outcome.created.retain(|c| c.name != name);
            }
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}

/// The distributions that a channel has.
pub fn distributions(api: &Api, channel: &ChannelName) -> anyhow::Result<BTreeSet<String>> {
    #[derive(serde::Deserialize)]
    struct Channel {
        #[serde(default)]
        distributions: BTreeSet<String>,
    }
    let there: Channel = api.get(&format!("channels/{channel}"))?;
    Ok(there.distributions)
}

struct Sending<'a> {
    api: &'a Api,
    channel: &'a ChannelName,
    report: &'a Report,
    in_place: bool,
}

impl Sending<'_> {
    /// Brings the bytes of a batch to the yard; what cannot be read is left out.
    fn send(&self, batch: Vec<Item>, outcome: &mut Outcome) -> anyhow::Result<Vec<(Item, ReleaseArtifact)>> {
        let (local, elsewhere): (Vec<Item>, Vec<Item>) =
            batch.into_iter().partition(|i| i.at.file().is_some());
        let mut ready = Vec::new();
        if self.in_place {
            ready.extend(local.into_iter().map(|i| {
                let mut a = artifact(&i);
                a.path = i.at.file().map(absolute);
                (i, a)
            }));
        } else {
            ready.extend(self.send_files(local, outcome)?);
        }
        ready.extend(self.send_fetched(elsewhere, outcome)?);
        Ok(ready)
    }

    /// Files of this machine, over a network: hashed, asked for, sent.
    fn send_files(
        &self,
        items: Vec<Item>,
        outcome: &mut Outcome,
    ) -> anyhow::Result<Vec<(Item, ReleaseArtifact)>> {
        let bar = self.report.bar(items.len());
        bar.set_message("hashed");
        let hashed = in_parallel(items, |item| {
            let digest = item.at.file().map_or_else(|| anyhow::bail!("no file"), hashed);
            bar.inc(1);
            Ok((item, digest))
        })?;
        bar.finish_and_clear();
        let mut ready = Vec::new();
        for (mut item, digest) in hashed {
            match digest {
                Ok(d) if item.sha256.is_none_or(|said| said == d) => {
                    item.sha256 = Some(d);
                    ready.push((item.clone(), artifact(&item)));
                }
                Ok(d) => {
                    let said = item.sha256.map(|d| d.to_string()).unwrap_or_default();
                    let reason = format!("it has sha256 {d}, not {said} as its index says");
                    outcome.left_out.push(LeftOut::of(item.at.to_string(), reason));
                }
                Err(e) => outcome
                    .left_out
                    .push(LeftOut::of(item.at.to_string(), format!("{e:#}"))),
            }
        }
        let missing = self.missing(&mut ready, outcome)?;
        let files = ready
            .iter()
            .filter_map(|(i, _)| Some((i.sha256?, i.at.file()?.to_owned())));
        let files: BTreeMap<Digest, PathBuf> = files.chain(sources::beside(&ready)).collect();
        let files: Vec<(Digest, PathBuf)> = files.into_iter().filter(|(d, _)| missing.contains(d)).collect();
        let bar = self.report.bar(files.len());
        bar.set_message("sent");
        let sent = in_parallel(files, |(digest, path)| {
            bar.inc(1);
            Ok((digest, self.put(&digest, &path)?))
        })?;
        bar.finish_and_clear();
        let refused: BTreeMap<Digest, String> = sent.into_iter().filter_map(|(d, r)| Some((d, r?))).collect();
        ready.retain(|(i, _)| {
            let why = i.sha256.and_then(|d| refused.get(&d));
            outcome
                .left_out
                .extend(why.map(|why| LeftOut::of(i.at.to_string(), why)));
            why.is_none()
        });
        Ok(ready)
    }

    /// Packages of another place: those that the yard lacks are fetched and handed on.
    fn send_fetched(
        &self,
        items: Vec<Item>,
        outcome: &mut Outcome,
    ) -> anyhow::Result<Vec<(Item, ReleaseArtifact)>> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let (known, unknown): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|i| i.sha256.is_some());
        let mut known = known.into_iter().map(|i| (i.clone(), artifact(&i))).collect();
        let missing = self.missing(&mut known, outcome)?;
        let items: Vec<Item> = known.into_iter().map(|(i, _)| i).chain(unknown).collect();
        let parts = sources::elsewhere(&items);
        let wanted = fetched::wanted(&items, &parts, &missing);
        let bar = self.report.bar(wanted.len());
        bar.set_message("fetched");
        let put = |digest: &Digest, file: &Path| self.put(digest, file);
        let fetched = fetched::fetch(wanted, &put, &|| bar.inc(1))?;
        bar.finish_and_clear();
        let mut ready = Vec::new();
        for item in items {
            let shown = item.at.to_string();
            match fetched::judge(item, &parts, &fetched) {
                Ok(item) => {
                    let artifact = artifact(&item);
                    ready.push((item, artifact));
                }
                Err(why) => outcome.left_out.push(LeftOut::of(shown, why)),
            }
        }
        Ok(ready)
    }

    /// What the yard lacks of a batch. What it would refuse leaves the batch.
    fn missing(
        &self,
        ready: &mut Vec<(Item, ReleaseArtifact)>,
        outcome: &mut Outcome,
    ) -> anyhow::Result<BTreeSet<Digest>> {
        let asked = ask(self.api, self.channel, ready)?;
        leave_out(ready, &asked.refused, outcome);
        Ok(asked.missing)
    }

    /// Sends bytes to the yard; why not, where it refuses just these: they were purged, or are too many.
    fn put(&self, digest: &Digest, file: &Path) -> anyhow::Result<Option<String>> {
        match self.api.put_blob(self.channel, digest, file) {
            Ok(()) => Ok(None),
            Err(ClientError::Refused {
                status: 410 | 413 | 422,
                detail,
                ..
            }) => Ok(Some(detail)),
            Err(e) => Err(e.into()),
        }
    }
}

/// What the yard would do with a batch.
pub fn ask(api: &Api, channel: &ChannelName, ready: &[(Item, ReleaseArtifact)]) -> anyhow::Result<Needed> {
    let asked: Vec<ReleaseArtifact> = ready
        .iter()
        .map(|(_, a)| ReleaseArtifact {
            uploaded_at: None,
            path: None,
            ..a.clone()
        })
        .collect();
    Ok(api.needed_of_some(channel, &asked)?)
}

/// Takes what the yard refuses out of a batch.
pub fn leave_out(ready: &mut Vec<(Item, ReleaseArtifact)>, refused: &[Refused], outcome: &mut Outcome) {
    for refused in refused {
        if let Some(at) = ready.iter().position(|(i, _)| is_meant(refused, i)) {
            let (item, _) = ready.remove(at);
            outcome
                .left_out
                .push(LeftOut::refused(item.at.to_string(), refused));
        }
    }
}

fn is_meant(refused: &Refused, item: &Item) -> bool {
    item.name == refused.filename
        && (refused.distribution.is_none()
            || item.distribution.as_ref().map_or("any", |d| d.as_str())
                == refused.distribution.as_deref().unwrap_or("any"))
}

fn publish(
    api: &Api,
    channel: &ChannelName,
    ready: Vec<(Item, ReleaseArtifact)>,
    note: Option<String>,
    outcome: &mut Outcome,
    report: &Report,
) -> anyhow::Result<()> {
    if ready.is_empty() {
        return Ok(());
    }
    let (items, artifacts): (Vec<Item>, Vec<ReleaseArtifact>) = ready.into_iter().unzip();
    report.step(format_args!(
        "publishing {} packages to {}",
        artifacts.len(),
        api.place()
    ));
    let mut request = ReleaseRequest {
        artifacts,
        note,
        if_revision: None,
        skip_refused: true,
    };
    let receipt = match api.release(channel, &request) {
        // Upload times are for who may administrate; the packages are not.
        Err(ClientError::Refused { status: 403, .. })
            if request.artifacts.iter().any(|a| a.uploaded_at.is_some()) =>
        {
            request.artifacts.iter_mut().for_each(|a| a.uploaded_at = None);
            let receipt = api.release(channel, &request)?;
            let text = "upload times were not kept: the token may publish, and not administrate";
            outcome.remarks.push(text.to_owned());
            receipt
        }
        other => other?,
    };
    outcome.revision = Some(receipt.revision);
    outcome.releases.extend(receipt.release);
    let new = receipt.artifacts.iter().filter(|a| a.new).count();
    outcome.published += new;
    outcome.unchanged += receipt.artifacts.len() - new;
    for refused in &receipt.refused {
        let at = items
            .iter()
            .find(|i| is_meant(refused, i))
            .map_or_else(|| refused.filename.to_string(), |i| i.at.to_string());
        outcome.left_out.push(LeftOut::refused(at, refused));
    }
    Ok(())
}

/// An item as a release names it.
pub fn artifact(item: &Item) -> ReleaseArtifact {
    ReleaseArtifact {
        parts: sources::parts(item),
        filename: item.name.clone(),
        sha256: item.sha256,
        distribution: item.distribution.as_ref().map(ToString::to_string),
        component: item.component.as_ref().map(ToString::to_string),
        uploaded_at: item.uploaded_at,
        path: None,
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The digest of a file.
pub fn hashed(path: &Path) -> anyhow::Result<Digest> {
    let reading = || format!("reading `{}`", path.display());
    let mut file = std::fs::File::open(path).with_context(reading)?;
    let mut hasher = Hasher::new();
    std::io::copy(&mut file, &mut hasher).with_context(reading)?;
    Ok(hasher.finish().digest)
}

/// The same work on each of many things, by a few threads; in the same order. The first error ends it.
pub fn in_parallel<T: Send, R: Send>(
    things: Vec<T>,
    work: impl Fn(T) -> anyhow::Result<R> + Sync,
) -> anyhow::Result<Vec<R>> {
    let count = things.len();
    let queue = Mutex::new(things.into_iter().enumerate());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let one = || -> anyhow::Result<Vec<(usize, R)>> {
        let mut done = Vec::new();
        while let Some((n, thing)) = next() {
            match work(thing) {
                Ok(r) => done.push((n, r)),
                Err(e) => {
                    // Nobody begins anything more.
                    while next().is_some() {}
                    return Err(e);
                }
            }
        }
        Ok(done)
    };
    let mut all = thread::scope(|scope| -> anyhow::Result<Vec<(usize, R)>> {
        let workers: Vec<_> = (0..WORKERS.min(count)).map(|_| scope.spawn(one)).collect();
        let mut all = Vec::with_capacity(count);
        for worker in workers {
            all.extend(
                worker
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?,
            );
        }
        Ok(all)
    })?;
    all.sort_by_key(|(n, _)| *n);
    Ok(all.into_iter().map(|(_, r)| r).collect())
}
