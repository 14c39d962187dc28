//! The same bytes in `any` and in a distribution: each is a place of its own, and what is promoted or restored is exact.

use crate::room::{Room, channel, deb, holds, promotion, publish, revision, whole};
use packyard_repo::{Access, Choice, Promoted, Rollback, RolledBack, Yard};
use packyard_types::{At, ChannelName, Revision};

async fn promote_all(yard: &Yard, from: &str, to: &str) -> Promoted {
    let mut wish = promotion(&[], from, to);
    wish.choice = Choice::All;
    yard.promote(&Access::Local, wish).await.unwrap()
}

async fn rollback(yard: &Yard, name: &str, to: Revision) -> RolledBack {
    let wish = Rollback {
        channel: ChannelName::parse(name).unwrap(),
        to: At::Revision(to),
        dry_run: false,
        note: None,
        if_revision: None,
    };
    yard.rollback(&Access::Local, wish).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_of_what_any_and_a_distribution_have_comes_into_any_and_changes_nothing_again() {
    let room = Room::new();
    let yard = room.open().await;
    channel(&yard, "stable").await;
    let file = deb("hello", "1.0-1", "x");
    for distribution in ["bookworm", "any"] {
        publish(&yard, std::slice::from_ref(&file), distribution)
            .await
            .unwrap();
    }
    let first = promote_all(&yard, "main", "stable").await;
    assert_eq!(
        (first.added.len(), first.removed.len(), first.skipped.len()),
        (1, 0, 1)
    );
    assert!(first.skipped[0].reason.as_ref().unwrap().contains("`any`"));
    assert_eq!(holds(&yard, "stable").await, ["any/hello_1.0-1_all.deb"]);
    let before = revision(&yard);
    for _ in 0..2 {
        let again = promote_all(&yard, "main", "stable").await;
        assert!(again.release.is_none() && again.added.is_empty() && again.removed.is_empty());
        assert_eq!(again.unchanged.len(), 1);
        assert!(again.unchanged[0].distribution.is_any());
    }
    assert_eq!(revision(&yard), before);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_into_any_takes_nothing_from_another_channel_that_nobody_named() {
    let room = Room::new();
    let yard = room.open().await;
    channel(&yard, "stable").await;
    publish(&yard, &[deb("hello", "1.0-1", "x")], "bookworm")
        .await
        .unwrap();
    promote_all(&yard, "main", "stable").await;
    let done = promote_all(&yard, "main", "stable/any").await;
    assert_eq!((done.added.len(), done.removed.len()), (1, 0));
    let both = ["any/hello_1.0-1_all.deb", "bookworm/hello_1.0-1_all.deb"];
    assert_eq!(holds(&yard, "stable").await, both);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_restores_each_place_of_the_same_bytes() {
    let room = Room::new();
    let yard = room.open().await;
    let file = deb("hello", "1.0-1", "x");
    for distribution in ["bookworm", "trixie", "any"] {
        publish(&yard, std::slice::from_ref(&file), distribution)
            .await
            .unwrap();
    }
    let (good, then) = (revision(&yard), holds(&yard, "main").await);
    assert_eq!(then.len(), 3);
    rollback(&yard, "main", Revision(good.0 - 2)).await;
    assert_eq!(holds(&yard, "main").await, ["bookworm/hello_1.0-1_all.deb"]);
    rollback(&yard, "main", good).await;
    assert_eq!(holds(&yard, "main").await, then);
    let again = rollback(&yard, "main", good).await;
    assert!(again.release.is_none() && again.added.is_empty());
    promote_all(&yard, "main/bookworm", "main/any").await;
    assert_eq!(holds(&yard, "main").await, ["any/hello_1.0-1_all.deb"]);
    rollback(&yard, "main", good).await;
    assert_eq!(holds(&yard, "main").await, then);
    whole(&yard).await;
}
