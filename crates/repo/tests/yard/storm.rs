//! A yard over a store where anything may go wrong, and which dies in the middle of it. Afterwards, over the same objects and
//! in fair weather: no release twice, none by half, no acknowledged one lost, no gap in the log, and nothing to find for fsck.
//!
//! `PACKYARD_STORMS=5000 PACKYARD_STORM_SEED=1 cargo test -p packyard-repo --test yard storm -- --nocapture` runs as many.

use crate::room::{Room, configure, deb, holds, promotion, sdist, whole};
use futures::StreamExt as _;
use object_store::memory::InMemory;
use packyard_repo::{
    Access, DraftCommit, DraftOf, Gc, Incoming, Limits, Release, RepoError, Rollback, Rotate, Selector,
    Source, What, Withdrawal, Yard,
};
use packyard_store::Store;
use packyard_testkit::{Chance, Storm, Weather};
use packyard_types::{
    ArtifactName, At, ChannelName, ChannelSettings, DistributionName, DraftId, Operation, Revision,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

const FAIR: Weather = Weather {
    faults_per_mille: 0,
    dies_after: None,
};

/// A release that somebody asked for.
#[derive(Debug, Clone)]
struct Asked {
    files: Vec<(ArtifactName, Vec<u8>)>,
    distribution: &'static str,
    acknowledged: bool,
}

/// What was asked for, by note.
type Book = Arc<Mutex<BTreeMap<String, Asked>>>;

/// Somebody at work, with chances of their own.
struct Worker {
    yard: Yard,
    chance: Chance,
    book: Book,
    /// Whether keys may be made, which is slow.
    rotates: bool,
}

impl Worker {
    async fn work(mut self, deeds: u64) {
        for _ in 0..deeds {
            match self.chance.below(20) {
                0..9 => self.publish().await,
                9..11 => self.publish_again().await,
                11..13 => self.collect().await,
                13..15 => self.promote().await,
                15 => self.roll_back().await,
                16..18 => self.withdraw().await,
                18 => self.gc().await,
                _ if self.rotates => self.rotate().await,
                _ => self.publish().await,
            }
        }
    }

    fn asked(&mut self) -> (String, Asked) {
        let distribution = self.chance.one(&["any", "bookworm"]);
        let count = 1 + self.chance.below(3);
        let files = (0..count).map(|_| {
            let (name, version) = (self.chance.below(4), self.chance.number() >> 16);
            match self.chance.below(3) {
                0 => sdist(&format!("sdist-{name}"), &format!("1.{version}")),
                _ => deb(&format!("deb-{name}"), &format!("1.{version}-1"), "x"),
            }
        });
        let asked = Asked {
            files: files.collect(),
            distribution,
            acknowledged: false,
        };
        (format!("release {}", self.chance.number()), asked)
    }

    fn note(&self, note: &str, asked: &Asked, acknowledged: bool) {
        let mut book = self.book.lock().unwrap();
        let entry = book.entry(note.to_owned()).or_insert_with(|| asked.clone());
        entry.acknowledged |= acknowledged;
    }

    async fn publish(&mut self) {
        let (note, asked) = self.asked();
        self.note(&note, &asked, false);
        for _ in 0..=self.chance.below(3) {
            let done = release(&self.yard, &note, &asked).await.is_ok();
            self.note(&note, &asked, done);
            if done {
                return;
            }
        }
    }

    /// As somebody does who has not heard what became of it, or forgot.
    async fn publish_again(&mut self) {
        let known: Vec<String> = self.book.lock().unwrap().keys().cloned().collect();
        if known.is_empty() {
            return;
        }
        let note = &known[usize::try_from(self.chance.below(known.len() as u64)).unwrap()];
        let asked = self.book.lock().unwrap()[note].clone();
        let done = release(&self.yard, note, &asked).await.is_ok();
        self.note(note, &asked, done);
    }

    async fn collect(&mut self) {
        let (note, asked) = self.asked();
        let id = format!("run-{}", self.chance.number());
        let of = DraftOf {
            channel: ChannelName::main(),
            draft: DraftId::parse(&id).unwrap(),
        };
        for file in &asked.files {
            let Ok(incoming) = incoming(&self.yard, file, asked.distribution) else {
                return;
            };
            let limits = Limits::default();
            let added = self
                .yard
                .add_to_draft(&Access::Local, &of, vec![incoming], &limits);
            if added.await.is_err() {
                return;
            }
        }
        self.note(&note, &asked, false);
        let wish = DraftCommit {
            of,
            note: Some(note.clone()),
            if_revision: None,
        };
        let done = self.yard.commit_draft(&Access::Local, wish).await.is_ok();
        self.note(&note, &asked, done);
    }

    async fn promote(&mut self) {
        let name = format!("deb-{}", self.chance.below(4));
        let wish = promotion(&[name.as_str()], "main", "staging");
        // Whether it can be done is not the question here; that it is done whole, fsck says.
        let _ = self.yard.promote(&Access::Local, wish).await;
    }

    async fn roll_back(&mut self) {
        let newest = self.yard.newest().map_or(1, |n| n.0);
        let wish = Rollback {
            channel: ChannelName::parse("staging").unwrap(),
            to: At::Revision(Revision(1 + self.chance.below(newest))),
            dry_run: false,
            note: None,
            if_revision: None,
        };
        let _ = self.yard.rollback(&Access::Local, wish).await;
    }

    async fn withdraw(&mut self) {
        let project = format!("deb-{}==*", self.chance.below(4));
        let wish = Withdrawal {
            what: self.chance.one(&[What::Yank, What::Unyank, What::Remove]),
            channel: ChannelName::parse(self.chance.one(&["main", "staging"])).unwrap(),
            distribution: None,
            packages: vec![Selector::parse(&project).unwrap()],
            reason: None,
            if_revision: None,
        };
        let _ = self.yard.withdraw(&Access::Local, wish).await;
    }

    async fn gc(&mut self) {
        let gc = Gc {
            grace_seconds: 0,
            dry_run: false,
        };
        let _ = self.yard.gc(&Access::Local, gc).await;
    }

    async fn rotate(&mut self) {
        let _ = match self.chance.below(3) {
            0 => self.yard.rotate_keys(&Access::Local, Rotate::default()).await,
            1 => self.yard.finish_rotation(&Access::Local).await,
            _ => self.yard.cancel_rotation(&Access::Local).await,
        };
    }
}

fn incoming(
    yard: &Yard,
    (name, bytes): &(ArtifactName, Vec<u8>),
    distribution: &str,
) -> Result<Incoming, RepoError> {
    let mut receiver = yard.receive(name.as_str(), u64::MAX)?;
    receiver.write(bytes)?;
    Ok(Incoming {
        name: name.clone(),
        distribution: Some(DistributionName::parse(distribution).unwrap()),
        component: None,
        source: Source::Upload(receiver.finish()),
        uploaded_at: None,
    })
}

async fn release(yard: &Yard, note: &str, asked: &Asked) -> Result<(), RepoError> {
    let artifacts = asked.files.iter().map(|f| incoming(yard, f, asked.distribution));
    let release = Release {
        channel: ChannelName::main(),
        artifacts: artifacts.collect::<Result<_, _>>()?,
        note: Some(note.to_owned()),
        if_revision: None,
        skip_refused: false,
    };
    let done = yard.publish(&Access::Local, release, &Limits::default()).await;
    done.map(drop)
}

/// What a run was like.
#[derive(Debug, Default)]
struct Tally {
    met: BTreeMap<String, u64>,
    acknowledged: u64,
    unknown: u64,
    revisions: u64,
    died: u64,
    storms: u64,
}

async fn run(seed: u64) -> Tally {
    let mut chance = Chance::new(seed);
    let memory = Arc::new(InMemory::new());
    let storm = Storm::new(memory.clone(), chance.number());
    let book = Book::default();
    let room = Room::new();
    let mut tally = Tally::default();
    // It may break while the yard is being founded, and dies in most of its lives.
    for life in 0..2 {
        let rate = chance.one(&[0, 10, 30, 80, 200]);
        let dies_after = (chance.below(5) > 0).then(|| chance.below(if life == 0 { 500 } else { 300 }));
        storm.set(Weather {
            faults_per_mille: rate,
            dies_after: dies_after.map(|n| n + 40),
        });
        tally.died += u64::from(dies_after.is_some());
        if let Ok(yard) = room.open_over(Store::over(Arc::new(storm.clone()))).await {
            live(&yard, &mut chance, &book, seed.is_multiple_of(40)).await;
        }
        // What is on its way may arrive before anybody starts again, or while they do.
        if chance.below(2) == 0 {
            storm.settle().await;
        }
    }
    storm.set(FAIR);
    storm.settle().await;
    tally.met = storm.met();
    judge(&room, &memory, &book, &mut tally, seed).await;
    tally
}

async fn live(yard: &Yard, chance: &mut Chance, book: &Book, rotates: bool) {
    let staging = ChannelName::parse("staging").unwrap();
    let settings = ChannelSettings {
        keep: Some("2".parse().unwrap()),
        ..ChannelSettings::of_main()
    };
    let _ = try_configure(yard, staging, settings).await;
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..=chance.below(3) {
        let worker = Worker {
            yard: yard.clone(),
            chance: Chance::new(chance.number()),
            book: Arc::clone(book),
            rotates,
        };
        workers.spawn(worker.work(2 + chance.below(6)));
    }
    while let Some(ended) = workers.join_next().await {
        ended.unwrap();
    }
}

async fn try_configure(
    yard: &Yard,
    channel: ChannelName,
    settings: ChannelSettings,
) -> Result<(), RepoError> {
    let change = packyard_types::Change {
        actor: packyard_types::Actor::local(),
        sender: packyard_types::Sender::default(),
        at: yard.now(),
        note: None,
        operation: Operation::Configure { channel, settings },
    };
    yard.commit(packyard_repo::Proposal::of(change)).await.map(drop)
}

/// In fair weather: another node that has no index, and no keys but the first ones; and the same one, which must go on.
async fn judge(room: &Room, memory: &Arc<InMemory>, book: &Book, tally: &mut Tally, seed: u64) {
    let other = Room::new();
    let mut held = Vec::new();
    for room in [&other, room] {
        let store = Store::over(memory.clone());
        let yard = room
            .open_over(store)
            .await
            .unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        whole(&yard).await;
        every_release_is_there_once_and_whole(&yard, book, tally, seed);
        held.push(holds(&yard, "main").await);
        // It works, as if nothing had happened.
        if held.len() == 2 {
            let staging = ChannelName::parse("staging").unwrap();
            configure(&yard, &staging, ChannelSettings::of_main()).await;
            let again: Vec<(String, Asked)> = book
                .lock()
                .unwrap()
                .iter()
                .map(|(n, a)| (n.clone(), a.clone()))
                .collect();
            for (note, asked) in again.into_iter().filter(|(_, a)| !a.acknowledged) {
                match release(&yard, &note, &asked).await {
                    Ok(()) => book.lock().unwrap().get_mut(&note).unwrap().acknowledged = true,
                    // It was published, and removed since.
                    Err(RepoError::Conflict { .. } | RepoError::Several(_)) => {}
                    Err(e) => panic!("seed {seed}: {note}: {e}"),
                }
            }
            every_release_is_there_once_and_whole(&yard, book, &mut Tally::default(), seed);
            whole(&yard).await;
        }
    }
    assert_eq!(held[0], held[1], "seed {seed}: two indexes of one log");
}

fn every_release_is_there_once_and_whole(yard: &Yard, book: &Book, tally: &mut Tally, seed: u64) {
    let changes = yard.changes(Revision(0), None, u32::MAX).unwrap();
    let mut published: BTreeMap<String, Vec<BTreeSet<String>>> = BTreeMap::new();
    for change in &changes {
        if let (Operation::Publish { artifacts, .. }, Some(note)) = (&change.operation, &change.note) {
            let names = artifacts.iter().map(|a| a.name.to_string()).collect();
            published.entry(note.clone()).or_default().push(names);
        }
    }
    (tally.acknowledged, tally.unknown) = (0, 0);
    for (note, asked) in book.lock().unwrap().iter() {
        let found = published.get(note).map_or(&[][..], |all| all);
        if asked.acknowledged {
            tally.acknowledged += 1;
            assert!(
                !found.is_empty(),
                "seed {seed}: {note} was acknowledged, and is lost"
            );
        } else {
            tally.unknown += 1;
        }
        // What was removed since may be published again: then it is there twice, each time whole.
        let wanted: BTreeSet<String> = asked.files.iter().map(|(n, _)| n.to_string()).collect();
        for names in found {
            let again = found.len() > 1;
            assert!(
                *names == wanted || (again && names.is_subset(&wanted)),
                "seed {seed}: {note} is half there: {names:?}"
            );
        }
        let removed = changes.iter().any(|c| c.operation.verb() == "remove");
        assert!(
            found.len() <= 1 || removed,
            "seed {seed}: {note} was published {} times",
            found.len()
        );
    }
    tally.revisions = yard.newest().unwrap().0;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_store_does_no_release_is_lost_doubled_or_half_there() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let count = number("PACKYARD_STORMS").unwrap_or(20);
    let first = number("PACKYARD_STORM_SEED").unwrap_or(1);
    let mut sum = Tally::default();
    // Much of a storm is waiting.
    let storms = futures::stream::iter(first..first + count).map(|seed| tokio::spawn(run(seed)));
    let mut storms = storms.buffer_unordered(16);
    while let Some(tally) = storms.next().await {
        let tally = tally.unwrap();
        for (what, times) in tally.met {
            *sum.met.entry(what).or_default() += times;
        }
        sum.acknowledged += tally.acknowledged;
        sum.unknown += tally.unknown;
        sum.revisions += tally.revisions;
        sum.died += tally.died;
        sum.storms += 1;
        if sum.storms % 100 == 0 {
            println!("{} storms", sum.storms);
        }
    }
    let faults: u64 = sum.met.values().sum();
    println!("{count} storms: {faults} faults, {sum:#?}");
    // Storms in which nothing happens prove nothing.
    assert!(
        faults >= count && sum.acknowledged >= count && sum.died > 0,
        "{sum:?}"
    );
}
