//! Whatever is published, promoted, rolled back, withdrawn and tagged in whatever order: the index holds what
//! [`packyard_types::Snapshot`] says, apt's files list what it offers, and a replay of the log gives the same index.

use crate::oracle::replay;
use crate::room::{Room, channel, deb, holds, promotion, publish, whole};
use futures::TryStreamExt;
use packyard_repo::{Access, Choice, RepoError, Rollback, Selector, What, Withdrawal, Yard};
use packyard_types::{
    At, ChannelName, ChannelRef, ChannelState, DistributionName, Held, Revision, ServedPath, TagName, View,
};
use proptest::{prelude::*, test_runner::Config};

/// One step of a story: what, which channel, which package and version, which distribution, a number.
type Step = (u8, u8, u8, u8, u8);

const CHANNELS: [&str; 2] = ["main", "stable"];
const DISTRIBUTIONS: [&str; 3] = ["any", "bookworm", "trixie"];

proptest! {
    #![proptest_config(Config { cases: 10, ..Config::default() })]

    #[test]
    fn what_moves_moves_as_the_snapshot_says(
        steps in prop::collection::vec((0..14u8, 0..2u8, 0..4u8, 0..3u8, 0..24u8), 4..24)
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(story(steps));
    }
}

async fn story(steps: Vec<Step>) {
    let room = Room::new();
    let yard = room.open().await;
    channel(&yard, "stable").await;
    for step in steps {
        let before = replay(&yard);
        match take(&yard, step).await {
            Ok(()) => {}
            Err(
                RepoError::Conflict { .. }
                | RepoError::Several(_)
                | RepoError::NotFound { .. }
                | RepoError::Invalid(_)
                | RepoError::Yanked { .. }
                | RepoError::Taken { .. }
                | RepoError::Gone { .. },
            ) => assert!(
                step.0 >= 12 || before == replay(&yard),
                "a refusal leaves no trace: {step:?}"
            ),
            Err(e) => panic!("{step:?}: {e}"),
        }
        let snapshot = replay(&yard);
        for (name, state) in &snapshot.channels {
            assert_eq!(holds(&yard, name.as_str()).await, said(state), "{step:?}");
        }
    }
    let snapshot = replay(&yard);
    for (name, state) in &snapshot.channels {
        for distribution in state.distributions.keys() {
            assert_eq!(
                listed(&yard, name, distribution).await,
                offered(state, distribution)
            );
        }
    }
    let fingerprint = yard.fingerprint().unwrap();
    yard.reindex().await.unwrap();
    assert_eq!(yard.fingerprint().unwrap(), fingerprint);
    whole(&yard).await;
}

async fn take(yard: &Yard, (what, place, package, distribution, number): Step) -> Result<(), RepoError> {
    let (here, there) = (CHANNELS[usize::from(place)], CHANNELS[1 - usize::from(place)]);
    let (name, version) = (format!("pkg{}", package % 2), format!("1.{}", package / 2));
    let selector = format!("{name}=={version}");
    let d = DISTRIBUTIONS[usize::from(distribution)];
    let withdraw = async |what| {
        let wish = Withdrawal {
            what,
            channel: ChannelName::parse(here).unwrap(),
            distribution: None,
            packages: vec![Selector::parse(&selector).unwrap()],
            reason: Some(format!("reason {number}")),
            if_revision: None,
        };
        yard.withdraw(&Access::Local, wish).await.map(|_| ())
    };
    let promote = async |package: &str, from: &str, to: &str| {
        let wish = promotion(&[package], from, to);
        yard.promote(&Access::Local, wish).await.map(|_| ())
    };
    let now = yard.applied().unwrap().revision;
    match what {
        0..=3 => {
            let file = deb(&name, &format!("{version}-1"), &format!("text {}", number % 2));
            publish(yard, &[file], d).await.map(|_| ())
        }
        4 => promote(&selector, here, there).await,
        5 => promote(&format!("{name}==*"), here, &format!("{there}/{d}")).await,
        // The same bytes in `any` and in the others, in both orders.
        12 => {
            let file = deb(&name, &format!("{version}-1"), "text 0");
            let mut order = DISTRIBUTIONS;
            order.rotate_left(usize::from(distribution));
            for d in order {
                publish(yard, std::slice::from_ref(&file), d).await?;
            }
            Ok(())
        }
        13 => promote_everything(yard, here, there).await,
        6 => promote(&selector, here, &format!("{here}/{d}")).await,
        7 | 8 => {
            let wish = Rollback {
                channel: ChannelName::parse(here).unwrap(),
                to: At::Revision(Revision(now.0.saturating_sub(u64::from(number)).max(4))),
                dry_run: false,
                note: None,
                if_revision: None,
            };
            let done = yard.rollback(&Access::Local, wish).await?;
            if done.missing.is_empty() {
                let then = holds(yard, &format!("{here}@{}", done.to)).await;
                assert_eq!(holds(yard, here).await, then, "it is as it was");
            }
            Ok(())
        }
        9 => withdraw(What::Yank).await,
        10 if number % 2 == 0 => withdraw(What::Unyank).await,
        10 => withdraw(What::Remove).await,
        _ if number % 4 == 0 => {
            let held = yard.artifacts().unwrap();
            let Some((_, artifact)) = held.get(usize::from(number)) else {
                return Ok(());
            };
            let reason = "leaked".to_owned();
            let done = yard.purge(&Access::Local, artifact.served.digest, reason).await;
            done.map(|_| ())
        }
        _ => {
            let tag = TagName::parse(&format!("t{number}")).unwrap();
            let name = ChannelName::parse(here).unwrap();
            yard.tag(&Access::Local, &name, tag, None).await.map(|_| ())
        }
    }
}

/// What is promoted once is there: the second time changes nothing.
async fn promote_everything(yard: &Yard, from: &str, to: &str) -> Result<(), RepoError> {
    let mut wish = promotion(&[], from, to);
    wish.choice = Choice::All;
    yard.promote(&Access::Local, wish.clone()).await?;
    let again = yard.promote(&Access::Local, wish).await?;
    assert!(again.release.is_none() && again.added.is_empty() && again.removed.is_empty());
    Ok(())
}

/// What a channel holds by the specification, as [`holds`] writes it.
fn said(state: &ChannelState) -> Vec<String> {
    let line = |a: &packyard_types::Artifact| {
        let mark = if state.yanked.contains_key(&Held::of(a)) {
            "!"
        } else {
            ""
        };
        format!("{}/{}{mark}", a.distribution, a.name)
    };
    let mut lines: Vec<String> = state.held().map(line).collect();
    lines.sort();
    lines
}

/// The digests that a distribution offers by the specification.
fn offered(state: &ChannelState, distribution: &DistributionName) -> Vec<String> {
    let held = state.in_distribution(distribution);
    let offered = held.filter(|a| !state.yanked.contains_key(&Held::of(a)));
    let mut digests: Vec<String> = offered.map(|a| a.served.digest.to_string()).collect();
    digests.sort();
    digests.dedup();
    digests
}

/// The digests that apt's Packages lists.
async fn listed(yard: &Yard, channel: &ChannelName, distribution: &DistributionName) -> Vec<String> {
    let path = format!("dists/{distribution}/main/binary-amd64/Packages");
    let at = ChannelRef::now(channel.clone());
    let served = yard
        .index_file(&at, View::Apt, &ServedPath::parse(&path).unwrap())
        .await
        .unwrap();
    let size = served.blob.size_bytes;
    let parts: Vec<bytes::Bytes> = yard
        .stream(served, 0..size)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    let text = String::from_utf8(parts.concat()).unwrap();
    let digests = text.lines().filter_map(|line| line.strip_prefix("SHA256: "));
    let mut digests: Vec<String> = digests.map(str::to_owned).collect();
    digests.sort();
    digests
}
