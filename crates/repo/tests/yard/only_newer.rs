//! Distributions that only go forward.

use crate::room::{Room, channel, commit, deb, holds, promotion, publish, publish_to, revision, whole};
use packyard_repo::{Access, RepoError, Rollback, Selector, What, Withdrawal, Yard};
use packyard_types::{At, ChannelName, DistributionName, DistributionSettings, Operation};

async fn only_newer(yard: &Yard, channel: &str, distribution: &str) {
    let operation = Operation::Distribution {
        channel: ChannelName::parse(channel).unwrap(),
        distribution: DistributionName::parse(distribution).unwrap(),
        settings: DistributionSettings {
            only_newer: true,
            ..DistributionSettings::default()
        },
    };
    commit(yard, operation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_not_newer_is_refused_by_what_dpkg_takes_for_newer() {
    let room = Room::new();
    let yard = room.open().await;
    only_newer(&yard, "main", "bookworm").await;
    publish(&yard, &[deb("hello", "1.10-1", "x")], "bookworm")
        .await
        .unwrap();
    for older in ["1.9-1", "1.10~rc1-1", "1.10-0.1", "1.9-99"] {
        let refused = publish(&yard, &[deb("hello", older, "x")], "bookworm")
            .await
            .unwrap_err();
        assert!(
            matches!(&refused, RepoError::NotNewer { held, held_version, .. }
                if held == "hello_1.10-1_all.deb" && held_version == "1.10-1"),
            "{older}: {refused}"
        );
    }
    publish(&yard, &[deb("hello", "1:0.1-1", "x")], "bookworm")
        .await
        .unwrap();
    publish(&yard, &[deb("hello", "2.0-1", "x")], "bookworm")
        .await
        .unwrap_err();
    let before = revision(&yard);
    publish(&yard, &[deb("hello", "1.10-1", "x")], "bookworm")
        .await
        .unwrap();
    assert_eq!(revision(&yard), before, "the same bytes again are no change");
    publish(&yard, &[deb("other", "0.1-1", "x")], "bookworm")
        .await
        .unwrap();
    publish(&yard, &[deb("hello", "1.0-1", "x")], "trixie")
        .await
        .unwrap();
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_any_counts_and_what_comes_into_any_is_judged_too() {
    let room = Room::new();
    let yard = room.open().await;
    only_newer(&yard, "main", "bookworm").await;
    publish(&yard, &[deb("hello", "2.0-1", "x")], "any")
        .await
        .unwrap();
    publish(&yard, &[deb("hello", "1.0-1", "x")], "bookworm")
        .await
        .unwrap_err();
    publish(&yard, &[deb("hello", "3.0-1", "x")], "bookworm")
        .await
        .unwrap();
    let refused = publish(&yard, &[deb("hello", "2.5-1", "x")], "any")
        .await
        .unwrap_err();
    assert!(matches!(refused, RepoError::NotNewer { held, .. } if held == "hello_3.0-1_all.deb"));
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn promotion_is_judged_too() {
    let room = Room::new();
    let yard = room.open().await;
    let stable = channel(&yard, "stable").await;
    only_newer(&yard, "stable", "bookworm").await;
    for version in ["1.0-1", "1.1-1"] {
        publish(&yard, &[deb("hello", version, "x")], "bookworm")
            .await
            .unwrap();
    }
    publish_to(&yard, &stable, &[deb("hello", "1.0.5-1", "x")], "bookworm")
        .await
        .unwrap();
    let older = promotion(&["hello==1.0"], "main", "stable");
    let refused = yard.promote(&Access::Local, older).await.unwrap_err();
    assert!(matches!(refused, RepoError::NotNewer { .. }), "{refused}");
    yard.promote(&Access::Local, promotion(&["hello==1.1"], "main", "stable"))
        .await
        .unwrap();
    assert_eq!(holds(&yard, "stable").await.len(), 2);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_restores_older_versions_beside_newer_ones() {
    let room = Room::new();
    let yard = room.open().await;
    for version in ["1.0-1", "1.1-1"] {
        publish(&yard, &[deb("hello", version, "x")], "bookworm")
            .await
            .unwrap();
    }
    let (both, to) = (holds(&yard, "main").await, revision(&yard));
    let older = Withdrawal {
        what: What::Remove,
        channel: ChannelName::main(),
        distribution: None,
        packages: vec![Selector::parse("hello==1.0").unwrap()],
        reason: None,
        if_revision: None,
    };
    yard.withdraw(&Access::Local, older).await.unwrap();
    only_newer(&yard, "main", "bookworm").await;
    let back = Rollback {
        channel: ChannelName::main(),
        to: At::Revision(to),
        dry_run: false,
        note: None,
        if_revision: None,
    };
    yard.rollback(&Access::Local, back).await.unwrap();
    assert_eq!(holds(&yard, "main").await, both);
    whole(&yard).await;
}
