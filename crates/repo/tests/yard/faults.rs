//! Publishing over a store that fails, loses answers and repeats itself.

use crate::room::{Room, deb, files_of, publish, whole};
use object_store::memory::InMemory;
use packyard_store::Store;
use packyard_testkit::{Fault, Faulty};
use std::sync::Arc;

/// Publishes ten releases over a store with faults, trying each again until it is taken; then looks at what a healthy
/// node sees.
async fn survives(script: &[Fault]) {
    let memory = Arc::new(InMemory::new());
    let healthy = Room::new();
    drop(healthy.open_over(Store::over(memory.clone())).await.unwrap());

    let yard = healthy
        .open_over(Store::over(Arc::new(Faulty::new(memory.clone(), script))))
        .await
        .unwrap();
    for i in 0..10 {
        let file = [deb("hello", &format!("1.{i}-1"), "x")];
        let mut tries = 0;
        while let Err(e) = publish(&yard, &file, "any").await {
            tries += 1;
            assert!(tries < 20, "{script:?}: {e}");
        }
    }
    drop(yard);

    let elsewhere = Room::new();
    let yard = elsewhere.open_over(Store::over(memory)).await.unwrap();
    assert_eq!(files_of(&yard, "hello").await.len(), 10, "{script:?}");
    let releases = yard.changes(packyard_types::Revision(0), None, u32::MAX).unwrap();
    let published = releases
        .iter()
        .filter(|c| c.operation.verb() == "publish")
        .count();
    assert_eq!(
        published, 10,
        "{script:?}: a release was committed twice or never"
    );
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_is_not_there_and_one_that_is_tried_again_is() {
    survives(&[
        Fault::None,
        Fault::None,
        Fault::FailBefore,
        Fault::None,
        Fault::FailBefore,
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_neither_loses_nor_doubles_a_release() {
    survives(&[Fault::None, Fault::FailAfter, Fault::None]).await;
    survives(&[
        Fault::FailAfter,
        Fault::None,
        Fault::None,
        Fault::FailAfter,
        Fault::None,
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_already_exists_to_our_own_write_is_a_win() {
    survives(&[Fault::Duplicate]).await;
    survives(&[Fault::None, Fault::Duplicate, Fault::None]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_that_nobody_won_is_tried_again_under_the_same_number() {
    survives(&[Fault::None, Fault::None, Fault::Phantom, Fault::None]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_on_one_store_share_the_log() {
    let memory = Arc::new(InMemory::new());
    let (a, b) = (Room::new(), Room::new());
    let one = a.open_over(Store::over(memory.clone())).await.unwrap();
    let two = b.open_over(Store::over(memory.clone())).await.unwrap();
    let run = async |yard: packyard_repo::Yard, name: &'static str| {
        for i in 0..5 {
            publish(&yard, &[deb(name, &format!("1.{i}-1"), "x")], "any")
                .await
                .unwrap();
        }
    };
    tokio::join!(run(one, "one"), run(two, "two"));
    let room = Room::new();
    let yard = room.open_over(Store::over(memory)).await.unwrap();
    assert_eq!(
        (
            files_of(&yard, "one").await.len(),
            files_of(&yard, "two").await.len()
        ),
        (5, 5)
    );
    whole(&yard).await;
}
