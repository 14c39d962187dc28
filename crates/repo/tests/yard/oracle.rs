//! The index against its specification: whatever is published in whatever order, the index holds what
//! [`Snapshot::apply`] says, and refuses what it refuses.

use crate::room::{Room, deb, publish};
use packyard_repo::RepoError;
use packyard_types::{Change, Revision, Snapshot};
use proptest::{prelude::*, test_runner::Config};

/// Replays the yard's changes into a snapshot.
pub fn replay(yard: &packyard_repo::Yard) -> Snapshot {
    let rows = yard.changes(Revision(0), None, u32::MAX).unwrap();
    rows.into_iter().fold(Snapshot::default(), |snapshot, row| {
        let change = Change {
            actor: row.actor,
            sender: row.sender,
            at: row.at,
            note: row.note,
            operation: row.operation,
        };
        snapshot.apply(&change).unwrap()
    })
}

/// What one step of a story publishes: package, version, text, distribution.
type Step = (u8, u8, u8, u8);

proptest! {
    #![proptest_config(Config { cases: 12, ..Config::default() })]

    #[test]
    fn the_index_holds_what_the_snapshot_says(steps in prop::collection::vec((0..2u8, 0..2u8, 0..2u8, 0..3u8), 1..12)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(story(steps));
    }
}

async fn story(steps: Vec<Step>) {
    let room = Room::new();
    let yard = room.open().await;
    for (package, version, text, distribution) in steps {
        let file = deb(
            &format!("pkg{package}"),
            &format!("1.{version}-1"),
            &format!("text {text}"),
        );
        let distribution = ["any", "bookworm", "trixie"][usize::from(distribution)];
        let before = replay(&yard);
        let outcome = publish(&yard, &[file], distribution).await;
        let after = replay(&yard);
        match outcome {
            Ok(receipt) => assert_eq!(receipt.release.is_some(), before != after),
            Err(e) => {
                assert!(matches!(e, RepoError::Conflict { .. }), "{e}");
                assert_eq!(before, after);
            }
        }
    }
    let mut held: Vec<_> = yard.artifacts().unwrap();
    let snapshot = replay(&yard);
    let mut said: Vec<_> = snapshot
        .channels
        .iter()
        .flat_map(|(c, s)| s.held().map(move |a| (c.clone(), a.clone())))
        .collect();
    let order = |(c, a): &(packyard_types::ChannelName, packyard_types::Artifact)| {
        (c.clone(), a.name.clone(), a.distribution.clone())
    };
    held.sort_by_key(order);
    said.sort_by_key(order);
    assert_eq!(held, said);
}
