//! Drafts over time, and with several at work.

use crate::room::{Room, deb, files_of, publish, revision, whole};
use packyard_repo::{
    Access, DraftCommit, DraftCommitted, DraftContents, DraftOf, DraftState, Incoming, Limits, RepoError,
    Source, Yard,
};
use packyard_types::{ChannelName, DraftId};

const DAY: i64 = 86_400;

fn of(id: &str) -> DraftOf {
    DraftOf {
        channel: ChannelName::main(),
        draft: DraftId::parse(id).unwrap(),
    }
}

async fn add(yard: &Yard, id: &str, name: &str) -> Result<DraftContents, RepoError> {
    let (name, bytes) = deb(name, "1.0-1", "text");
    let mut receiver = yard.receive(name.as_str(), u64::MAX)?;
    receiver.write(&bytes)?;
    let incoming = Incoming {
        name,
        distribution: None,
        component: None,
        source: Source::Upload(receiver.finish()),
        uploaded_at: None,
    };
    yard.add_to_draft(&Access::Local, &of(id), vec![incoming], &Limits::default())
        .await
}

async fn commit(yard: &Yard, id: &str) -> Result<DraftCommitted, RepoError> {
    let wish = DraftCommit {
        of: of(id),
        note: None,
        if_revision: None,
    };
    yard.commit_draft(&Access::Local, wish).await
}

async fn state(yard: &Yard, id: &str) -> DraftState {
    yard.draft(&Access::Local, &of(id)).await.unwrap().summary.state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_expires_after_a_week_and_is_forgotten_after_a_month() {
    let room = Room::new();
    let yard = room.open().await;
    let before = revision(&yard);
    add(&yard, "x", "one").await.unwrap();
    drop(yard);

    let yard = room.open_after(6 * DAY).await;
    yard.sweep_staging().await.unwrap();
    assert_eq!(add(&yard, "x", "two").await.unwrap().artifacts.len(), 2);
    drop(yard);

    let yard = room.open_after(7 * DAY).await;
    yard.sweep_staging().await.unwrap();
    assert_eq!(state(&yard, "x").await, DraftState::Expired);
    let refused = add(&yard, "x", "three").await.unwrap_err();
    assert!(matches!(refused, RepoError::DraftExpired { .. }), "{refused}");
    let refused = commit(&yard, "x").await.unwrap_err();
    assert!(matches!(refused, RepoError::DraftExpired { .. }), "{refused}");
    drop(yard);

    let yard = room.open_after(8 * DAY).await;
    yard.sweep_staging().await.unwrap();
    assert!(
        yard.draft(&Access::Local, &of("x"))
            .await
            .unwrap()
            .artifacts
            .is_empty()
    );
    drop(yard);

    let yard = room.open_after(40 * DAY).await;
    yard.sweep_staging().await.unwrap();
    assert!(
        yard.drafts(&Access::Local, &ChannelName::main())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(revision(&yard), before);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_commit_at_the_same_time_get_the_same_receipt() {
    let room = Room::new();
    let (yard, beside) = (room.open().await, room.open().await);
    let before = revision(&yard);
    for name in ["one", "two", "three"] {
        add(&yard, "x", name).await.unwrap();
    }
    let all = tokio::join!(commit(&yard, "x"), commit(&beside, "x"), commit(&yard, "x"));
    let receipts = [all.0, all.1, all.2].map(|r| serde_json::to_value(r.unwrap().receipt).unwrap());
    assert!(receipts.iter().all(|r| *r == receipts[0]), "{receipts:?}");
    assert_eq!(receipts[0]["artifacts"].as_array().unwrap().len(), 3);
    assert_eq!(revision(&yard).0, before.0 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_addition_that_was_accepted_is_in_the_release() {
    let room = Room::new();
    let yard = room.open().await;
    add(&yard, "x", "first").await.unwrap();
    let names: Vec<String> = (0..12).map(|n| format!("late-{n}")).collect();
    let late = names
        .iter()
        .map(|name| async { (name.clone(), add(&yard, "x", name).await.is_ok()) });
    let (late, committed) = tokio::join!(futures::future::join_all(late), commit(&yard, "x"));
    let released = committed.unwrap().receipt.artifacts;
    for (name, accepted) in late {
        let in_release = released.iter().any(|line| line.filename.package() == name);
        assert!(in_release || !accepted, "{name} was accepted, and is lost");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_process_left_closed_is_taken_over_after_a_minute() {
    let room = Room::new();
    let yard = room.open().await;
    add(&yard, "x", "one").await.unwrap();
    let closed = room.path().join("store/staging/drafts/main/x/closed.json");
    let record = r#"{"attempt":"lost","at":"2023-11-14T22:13:20Z","by":"job"}"#;
    std::fs::write(closed, record).unwrap();
    assert_eq!(state(&yard, "x").await, DraftState::Closed);
    let busy = add(&yard, "x", "two").await.unwrap_err();
    assert!(matches!(busy, RepoError::DraftBusy(_)), "{busy}");
    drop(yard);
    let yard = room.open_after(61).await;
    assert!(commit(&yard, "x").await.unwrap().now);
    assert_eq!(state(&yard, "x").await, DraftState::Committed);
    assert_eq!(files_of(&yard, "one").await, ["one_1.0-1_all.deb"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_whose_file_was_purged_names_it_and_can_be_discarded_and_collected_anew() {
    let room = Room::new();
    let yard = room.open().await;
    let receipt = publish(&yard, &[deb("leak", "1.0-1", "text")], "any")
        .await
        .unwrap();
    add(&yard, "x", "leak").await.unwrap();
    add(&yard, "x", "hello").await.unwrap();
    let digest = receipt.artifacts[0].served;
    yard.purge(&Access::Local, digest, "a key was inside".to_owned())
        .await
        .unwrap();
    for refused in [
        commit(&yard, "x").await.unwrap_err(),
        add(&yard, "x", "other").await.unwrap_err(),
    ] {
        let RepoError::DraftHoldsPurged { filename, .. } = &refused else {
            panic!("{refused}")
        };
        assert_eq!(filename, "leak_1.0-1_all.deb");
        assert!(refused.hint().unwrap().contains("packyard draft discard x"));
    }
    yard.discard_draft(&Access::Local, &of("x")).await.unwrap();
    add(&yard, "x", "hello").await.unwrap();
    commit(&yard, "x").await.unwrap();
    whole(&yard).await;
}
