//! Promotion, rollback, withdrawal and tags.

use crate::room::{Room, channel, configure, deb, holds, main, promotion, publish, revision, whole};
use packyard_repo::{
    Access, Choice, Promoted, Promotion, RepoError, Rollback, Selector, What, Withdrawal, Withdrawn, Yard,
};
use packyard_types::{At, ChannelName, ComponentName, Revision, TagName};

async fn promote(yard: &Yard, packages: &[&str], from: &str, to: &str) -> Result<Promoted, RepoError> {
    yard.promote(&Access::Local, promotion(packages, from, to)).await
}

async fn rollback(yard: &Yard, name: &str, to: Revision) -> Result<packyard_repo::RolledBack, RepoError> {
    let wish = Rollback {
        channel: ChannelName::parse(name).unwrap(),
        to: At::Revision(to),
        dry_run: false,
        note: None,
        if_revision: None,
    };
    yard.rollback(&Access::Local, wish).await
}

async fn withdraw(yard: &Yard, what: What, package: &str) -> Result<Withdrawn, RepoError> {
    let wish = Withdrawal {
        what,
        channel: ChannelName::main(),
        distribution: None,
        packages: vec![Selector::parse(package).unwrap()],
        reason: Some("broken".to_owned()),
        if_revision: None,
    };
    yard.withdraw(&Access::Local, wish).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_promoted_in_its_newest_version_and_the_plan_says_which() {
    let room = Room::new();
    let yard = room.open().await;
    channel(&yard, "stable").await;
    for version in ["1.0-1", "1.1-1"] {
        publish(&yard, &[deb("hello", version, "x")], "bookworm")
            .await
            .unwrap();
    }
    let mut plan = promotion(&["hello"], "main", "stable");
    plan.dry_run = true;
    let before = revision(&yard);
    let planned = yard.promote(&Access::Local, plan).await.unwrap();
    assert_eq!((revision(&yard), planned.added.len()), (before, 1));
    assert_eq!(planned.chosen[0].versions.iter().collect::<Vec<_>>(), ["1.1"]);
    let done = promote(&yard, &["hello"], "main", "stable").await.unwrap();
    assert_eq!(done.added, planned.added);
    assert_eq!(holds(&yard, "stable").await, ["bookworm/hello_1.1-1_all.deb"]);
    let again = promote(&yard, &["hello"], "main", "stable").await.unwrap();
    assert!(again.release.is_none() && again.unchanged.len() == 1 && again.added.is_empty());
    promote(&yard, &["hello==*"], "main", "stable").await.unwrap();
    assert_eq!(holds(&yard, "stable").await.len(), 2);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_revisions_of_a_release_a_name_promotes_the_newest_that_is_not_yanked() {
    let room = Room::new();
    let yard = room.open().await;
    channel(&yard, "stable").await;
    for version in ["1.0-1", "1.0-2", "1.0-10"] {
        publish(&yard, &[deb("hello", version, "x")], "bookworm")
            .await
            .unwrap();
    }
    withdraw(&yard, What::Yank, "hello==1.0-1").await.unwrap();
    promote(&yard, &["hello"], "main", "stable").await.unwrap();
    assert_eq!(holds(&yard, "stable").await, ["bookworm/hello_1.0-10_all.deb"]);
    let named = promote(&yard, &["hello==1.0-1"], "main", "stable").await;
    assert!(matches!(named, Err(RepoError::Yanked { .. })), "{named:?}");
    // The release is whole without what a newer revision took the place of.
    promote(&yard, &["hello==1.0"], "main", "stable").await.unwrap();
    assert_eq!(holds(&yard, "stable").await.len(), 2);
    channel(&yard, "later").await;
    withdraw(&yard, What::Yank, "hello==1.0-10").await.unwrap();
    let done = promote(&yard, &["hello"], "main", "later").await.unwrap();
    assert_eq!(holds(&yard, "later").await, ["bookworm/hello_1.0-2_all.deb"]);
    assert_eq!(done.skipped[0].filename, "hello_1.0-10_all.deb");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_conflict_of_a_promotion_is_named_and_nothing_of_it_is_done() {
    let room = Room::new();
    let yard = room.open().await;
    channel(&yard, "stable").await;
    for name in ["one", "two", "three"] {
        publish(&yard, &[deb(name, "1.0-1", "old")], "bookworm")
            .await
            .unwrap();
    }
    promote(&yard, &["one", "two"], "main", "stable").await.unwrap();
    for name in ["one", "two"] {
        publish(&yard, &[deb(name, "1.0-1", "new")], "trixie")
            .await
            .unwrap();
    }
    let before = holds(&yard, "stable").await;
    let mut wish = promotion(&[], "main/trixie", "stable/bookworm");
    wish.choice = Choice::All;
    let refused = yard.promote(&Access::Local, wish.clone()).await.unwrap_err();
    let RepoError::Several(all) = refused else {
        panic!("{refused}")
    };
    assert!(all.len() == 2 && all.iter().all(|e| matches!(e, RepoError::Conflict { .. })));
    wish.dry_run = true;
    assert!(
        yard.promote(&Access::Local, wish).await.is_err(),
        "a plan says it too"
    );
    assert_eq!(holds(&yard, "stable").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn within_a_channel_a_distribution_is_copied_and_any_and_components_are_moved() {
    let room = Room::new();
    let yard = room.open().await;
    publish(&yard, &[deb("hello", "1.0-1", "x")], "bookworm")
        .await
        .unwrap();
    promote(&yard, &["hello"], "main/bookworm", "main/trixie")
        .await
        .unwrap();
    let both = ["bookworm/hello_1.0-1_all.deb", "trixie/hello_1.0-1_all.deb"];
    assert_eq!(holds(&yard, "main").await, both);
    promote(&yard, &["hello"], "main/bookworm", "main/any")
        .await
        .unwrap();
    assert_eq!(holds(&yard, "main").await, ["any/hello_1.0-1_all.deb"]);
    promote(&yard, &["hello"], "main/any", "main/bookworm")
        .await
        .unwrap();
    assert_eq!(holds(&yard, "main").await, ["bookworm/hello_1.0-1_all.deb"]);
    let mut wish = promotion(&["hello"], "main", "main");
    wish.component = Some(ComponentName::parse("contrib").unwrap());
    yard.promote(&Access::Local, wish).await.unwrap();
    assert_eq!(
        holds(&yard, "main").await,
        ["bookworm:contrib/hello_1.0-1_all.deb"]
    );
    let nothing = promote(&yard, &["hello"], "main", "main").await.unwrap_err();
    assert!(matches!(nothing, RepoError::Invalid(_)), "{nothing}");
    let wish = Promotion {
        move_from: true,
        ..promotion(&["hello"], "main/bookworm", "main/trixie")
    };
    yard.promote(&Access::Local, wish).await.unwrap();
    assert_eq!(holds(&yard, "main").await, ["trixie:contrib/hello_1.0-1_all.deb"]);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_yanked_is_left_out_unless_it_is_named() {
    let room = Room::new();
    let yard = room.open().await;
    channel(&yard, "stable").await;
    for version in ["1.0-1", "1.1-1"] {
        publish(&yard, &[deb("hello", version, "x")], "any")
            .await
            .unwrap();
    }
    withdraw(&yard, What::Yank, "hello==1.1").await.unwrap();
    let all = promote(&yard, &["hello==*"], "main", "stable").await.unwrap();
    assert_eq!((all.added.len(), all.skipped.len()), (1, 1));
    assert!(all.skipped[0].reason.as_ref().unwrap().contains("broken"));
    let refused = promote(&yard, &["hello==1.1"], "main", "stable")
        .await
        .unwrap_err();
    assert!(matches!(refused, RepoError::Yanked { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_with_a_revision_is_promoted_as_one() {
    let room = Room::new();
    let yard = room.open().await;
    channel(&yard, "stable").await;
    let files = [deb("one", "1.0-1", "x"), deb("two", "1.0-1", "x")];
    let release = publish(&yard, &files, "any").await.unwrap().release.unwrap();
    publish(&yard, &[deb("one", "1.1-1", "x")], "any").await.unwrap();
    let mut wish = promotion(&[], "main", "stable");
    wish.choice = Choice::Revision(release.revision, Some(release.position));
    let done = yard.promote(&Access::Local, wish.clone()).await.unwrap();
    assert_eq!(done.added.len(), 2);
    wish.choice = Choice::Revision(Revision(1), None);
    let refused = yard.promote(&Access::Local, wish).await.unwrap_err();
    assert!(matches!(refused, RepoError::NotFound { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_restores_artifacts_and_yanks_and_can_itself_be_rolled_back() {
    let room = Room::new();
    let yard = room.open().await;
    publish(&yard, &[deb("hello", "1.0-1", "x")], "any")
        .await
        .unwrap();
    publish(&yard, &[deb("other", "1.0-1", "x")], "any")
        .await
        .unwrap();
    withdraw(&yard, What::Yank, "other==1.0").await.unwrap();
    let (good, then) = (revision(&yard), holds(&yard, "main").await);
    publish(&yard, &[deb("hello", "1.1-1", "x")], "any")
        .await
        .unwrap();
    withdraw(&yard, What::Unyank, "other==1.0").await.unwrap();
    withdraw(&yard, What::Remove, "hello==1.0").await.unwrap();
    let (bad, now) = (revision(&yard), holds(&yard, "main").await);
    let done = rollback(&yard, "main", good).await.unwrap();
    assert_eq!(holds(&yard, "main").await, then);
    let commands: Vec<&str> = done
        .downgrades
        .iter()
        .flat_map(|d| &d.commands)
        .map(String::as_str)
        .collect();
    assert!(
        commands.contains(&"apt-get install --allow-downgrades hello=1.0-1"),
        "{commands:?}"
    );
    let again = rollback(&yard, "main", good).await.unwrap();
    assert!(again.release.is_none() && again.added.is_empty());
    rollback(&yard, "main", bad).await.unwrap();
    assert_eq!(holds(&yard, "main").await, now);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_names_what_was_purged_and_restores_the_rest() {
    let room = Room::new();
    let yard = room.open().await;
    let receipt = publish(&yard, &[deb("leak", "1.0-1", "secret")], "any")
        .await
        .unwrap();
    publish(&yard, &[deb("hello", "1.0-1", "x")], "any")
        .await
        .unwrap();
    let good = revision(&yard);
    withdraw(&yard, What::Remove, "hello==1.0").await.unwrap();
    let digest = receipt.artifacts[0].served;
    yard.purge(&Access::Local, digest, "a key was inside".to_owned())
        .await
        .unwrap();
    assert_eq!(holds(&yard, "main").await, [""; 0]);
    let done = rollback(&yard, "main", good).await.unwrap();
    assert_eq!((done.added.len(), done.missing.len()), (1, 1));
    assert!(
        done.missing[0]
            .reason
            .as_ref()
            .unwrap()
            .contains("a key was inside")
    );
    assert_eq!(holds(&yard, "main").await, ["any/hello_1.0-1_all.deb"]);
    let refused = publish(&yard, &[deb("leak", "1.0-1", "secret")], "any")
        .await
        .unwrap_err();
    assert!(matches!(refused, RepoError::Gone { .. }), "{refused}");
    assert!(!room.has_blob(&digest));
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_comes_back_with_the_same_bytes_and_only_with_them() {
    let room = Room::new();
    let yard = room.open().await;
    let file = deb("hello", "1.0-1", "one");
    publish(&yard, std::slice::from_ref(&file), "any").await.unwrap();
    let bare = withdraw(&yard, What::Remove, "hello").await.unwrap_err();
    assert!(bare.to_string().contains("hello==VERSION"), "{bare}");
    withdraw(&yard, What::Remove, "hello==1.0").await.unwrap();
    let refused = publish(&yard, &[deb("hello", "1.0-1", "two")], "any")
        .await
        .unwrap_err();
    assert!(matches!(refused, RepoError::Conflict { .. }), "{refused}");
    publish(&yard, &[file], "any").await.unwrap();
    assert_eq!(holds(&yard, "main").await, ["any/hello_1.0-1_all.deb"]);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_names_a_revision_and_does_not_move() {
    let room = Room::new();
    let yard = room.open().await;
    publish(&yard, &[deb("hello", "1.0-1", "x")], "any")
        .await
        .unwrap();
    let tag = |name: &str| TagName::parse(name).unwrap();
    let main = main().channel;
    yard.tag(&Access::Local, &main, tag("v1"), None).await.unwrap();
    publish(&yard, &[deb("hello", "1.1-1", "x")], "any")
        .await
        .unwrap();
    assert_eq!(holds(&yard, "main@v1").await, ["any/hello_1.0-1_all.deb"]);
    let moved = yard
        .tag(&Access::Local, &main, tag("v1"), None)
        .await
        .unwrap_err();
    assert!(matches!(moved, RepoError::Taken { .. }), "{moved}");
    yard.end_tag(&Access::Local, &main, tag("v1")).await.unwrap();
    yard.tag(&Access::Local, &main, tag("v1"), None).await.unwrap();
    assert_eq!(holds(&yard, "main@v1").await.len(), 2);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promotion_of_which_the_target_changes_meanwhile_is_planned_again() {
    let room = Room::new();
    let yard = room.open().await;
    channel(&yard, "stable").await;
    let names: Vec<String> = (0..12).map(|i| format!("pkg{i}")).collect();
    for name in &names {
        publish(&yard, &[deb(name, "1.0-1", "x")], "any").await.unwrap();
    }
    let mut tasks = Vec::new();
    for name in names {
        let yard = yard.clone();
        tasks.push(tokio::spawn(async move {
            promote(&yard, &[name.as_str()], "main", "stable")
                .await
                .map(|_| ())
        }));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(holds(&yard, "stable").await.len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_names_what_was_in_a_distribution_that_ended_and_restores_the_rest() {
    let room = Room::new();
    let yard = room.open().await;
    for (name, d) in [("one", "bookworm"), ("two", "trixie")] {
        publish(&yard, &[deb(name, "1.0-1", "x")], d).await.unwrap();
    }
    let good = revision(&yard);
    for name in ["one==1.0", "two==1.0"] {
        withdraw(&yard, What::Remove, name).await.unwrap();
    }
    let mut settings = packyard_types::ChannelSettings::of_main();
    settings.auto_distributions = false;
    configure(&yard, &ChannelName::main(), settings).await;
    yard.delete_distribution(&Access::Local, &ChannelName::main(), "trixie")
        .await
        .unwrap();
    let done = rollback(&yard, "main", good).await.unwrap();
    assert_eq!((done.added.len(), done.missing.len()), (1, 1));
    let reason = done.missing[0].reason.as_ref().unwrap();
    assert!(
        reason.contains("packyard distribution create main/trixie"),
        "{reason}"
    );
    assert_eq!(holds(&yard, "main").await, ["bookworm/one_1.0-1_all.deb"]);
    whole(&yard).await;
}
