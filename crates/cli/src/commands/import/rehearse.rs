//! A dry run: the verdicts of an import, as far as they can be known without sending anything. Packages that lie on this
//! machine are read as the yard would read them; what the yard holds or would refuse, it is asked by name and digest.

use super::{
    ImportArgs,
    outcome::{Created, LeftOut, Outcome},
    plan::{Item, Plan},
    send::{artifact, ask, distributions, hashed, in_parallel, leave_out},
    sources,
};
use crate::report::Report;
use packyard_client::{Api, ReleaseArtifact};
use packyard_types::ChannelName;
use std::{collections::BTreeSet, path::Path};

/// Says what would become of a plan.
pub fn rehearse(args: &ImportArgs, mut plan: Plan, report: &Report) -> anyhow::Result<Outcome> {
    let channel = &args.channel.channel;
    let items = std::mem::take(&mut plan.items);
    let declared = std::mem::take(&mut plan.distributions);
    let mut outcome = Outcome::new(plan, channel);
    let api = args.place.api_if_there()?;
    let there = match &api {
        Some(api) => distributions(api, channel)?,
        None => BTreeSet::new(),
    };
    outcome.created = Created::of(&declared, &items, &there);
    let mut items = read_all(items, &mut outcome, report)?;
    if let Some(api) = &api {
        items = judged(api, channel, items, &mut outcome)?;
    }
    Ok(outcome.planned(items))
}

/// Reads the packages of this machine; what is damaged or misnamed is left out.
fn read_all(items: Vec<Item>, outcome: &mut Outcome, report: &Report) -> anyhow::Result<Vec<Item>> {
    let bar = report.bar(items.len());
    bar.set_message("read");
    let read = in_parallel(items, |mut item| {
        let fault = item
            .at
            .file()
            .map(Path::to_owned)
            .and_then(|file| look(&file, &mut item).err());
        bar.inc(1);
        Ok((item, fault))
    })?;
    bar.finish_and_clear();
    let mut good = Vec::new();
    for (item, fault) in read {
        match fault {
            None => good.push(item),
            Some(left_out) => outcome.left_out.push(left_out),
        }
    }
    Ok(good)
}

fn look(file: &Path, item: &mut Item) -> Result<(), LeftOut> {
    let wrong = |reason: String| LeftOut::of(file.display().to_string(), reason);
    let digest = hashed(file).map_err(|e| wrong(format!("{e:#}")))?;
    if let Some(said) = item.sha256.filter(|said| *said != digest) {
        return Err(wrong(format!(
            "it has sha256 {digest}, not {said} as its index says"
        )));
    }
    item.sha256 = Some(digest);
    match sources::read(&item.name, file) {
        Ok(_) => Ok(()),
        Err(all) => Err(LeftOut {
            hint: all.first().map(|e| e.hint.clone()),
            ..wrong(all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        }),
    }
}

/// Takes out what the channel holds, and what the yard would refuse. Of what has no digest yet nothing can be asked.
fn judged(
    api: &Api,
    channel: &ChannelName,
    items: Vec<Item>,
    outcome: &mut Outcome,
) -> anyhow::Result<Vec<Item>> {
    let (known, unknown): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|i| i.sha256.is_some());
    if known.is_empty() {
        return Ok(unknown);
    }
    let known: Vec<(Item, ReleaseArtifact)> = known.into_iter().map(|i| (i.clone(), artifact(&i))).collect();
    let asked = ask(api, channel, &known)?;
    outcome.unchanged = asked.held.len();
    let fresh = known
        .into_iter()
        .enumerate()
        .filter(|(n, _)| !asked.held.contains(n));
    let mut fresh: Vec<(Item, ReleaseArtifact)> = fresh.map(|(_, one)| one).collect();
    leave_out(&mut fresh, &asked.refused, outcome);
    Ok(fresh.into_iter().map(|(i, _)| i).chain(unknown).collect())
}
