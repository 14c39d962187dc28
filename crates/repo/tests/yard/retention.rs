//! Retention and garbage collection.

use crate::room::{Room, configure, deb, holds, main, promotion, publish, revision, whole};
use packyard_repo::{Access, Gc, RepoError, Rollback, Yard};
use packyard_types::{At, ChannelSettings, ChannelSpec, Digest, Keep, Revision, TagName};

async fn keep(yard: &Yard, keep: Keep) {
    let settings = ChannelSettings {
        keep: Some(keep),
        ..ChannelSettings::of_main()
    };
    configure(yard, &main().channel, settings).await;
}

/// Publishes a version of hello; gives its digest and the revision that has it.
async fn version(yard: &Yard, version: &str) -> (Digest, Revision) {
    let receipt = publish(yard, &[deb("hello", version, "x")], "bookworm")
        .await
        .unwrap();
    (receipt.artifacts[0].served, receipt.revision)
}

fn held(versions: &[&str]) -> Vec<String> {
    let file = |v: &&str| format!("bookworm/hello_{v}_all.deb");
    versions.iter().map(file).collect()
}

async fn gc(yard: &Yard, grace_seconds: u64, dry_run: bool) -> packyard_repo::Collected {
    let wish = Gc {
        grace_seconds,
        dry_run,
    };
    yard.gc(&Access::Local, wish).await.unwrap()
}

fn resolve(yard: &Yard, spec: &str) -> Result<(), RepoError> {
    yard.resolve(&ChannelSpec::parse(spec).unwrap()).map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_release_makes_surplus_leaves_with_it_and_can_be_brought_back() {
    let room = Room::new();
    let yard = room.open().await;
    keep(&yard, Keep::Releases(2)).await;
    publish(&yard, &[deb("other", "1.0-1", "x")], "bookworm")
        .await
        .unwrap();
    version(&yard, "1.0-1").await;
    let (_, both) = version(&yard, "1.1-1").await;
    let before = revision(&yard);
    version(&yard, "1.2-1").await;
    assert_eq!(revision(&yard), before.next(), "it is one revision");
    let other = "bookworm/other_1.0-1_all.deb".to_owned();
    let with = |versions: &[&str]| [held(versions), vec![other.clone()]].concat();
    assert_eq!(holds(&yard, "main").await, with(&["1.1-1", "1.2-1"]));
    assert_eq!(
        holds(&yard, &format!("main@{both}")).await,
        with(&["1.0-1", "1.1-1"])
    );
    let back = promotion(&["hello==1.0"], &format!("main@{both}"), "main");
    yard.promote(&Access::Local, back).await.unwrap();
    assert_eq!(holds(&yard, "main").await, with(&["1.0-1", "1.1-1", "1.2-1"]));
    whole(&yard).await;
    let fingerprint = yard.fingerprint().unwrap();
    yard.reindex().await.unwrap();
    assert_eq!(yard.fingerprint().unwrap(), fingerprint);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_and_tags_keep_what_they_say_and_the_newest_always() {
    let room = Room::new();
    let yard = room.open().await;
    version(&yard, "1.0-1").await;
    let tag = TagName::parse("lts").unwrap();
    yard.tag(&Access::Local, &main().channel, tag, None)
        .await
        .unwrap();
    version(&yard, "1.1-1").await;
    drop(yard);
    let yard = room.open_after(40 * 86_400).await;
    version(&yard, "1.2-1").await;
    drop(yard);
    let yard = room.open_after(80 * 86_400).await;
    let plan = async |keep| {
        let plan = yard
            .retention_plan(&main().channel, Some(keep))
            .await
            .unwrap()
            .unwrap();
        let versions = plan.removed.iter().map(|l| l.version.clone());
        versions.collect::<Vec<_>>()
    };
    assert_eq!(plan(Keep::Days(60)).await, ["1.0", "1.1"]);
    assert_eq!(plan(Keep::Days(100)).await, [""; 0]);
    assert_eq!(plan(Keep::Days(1)).await, ["1.0", "1.1"]);
    assert_eq!(plan(Keep::Tagged).await, ["1.1"]);
    assert_eq!(plan(Keep::Releases(1)).await, ["1.0", "1.1"]);
    keep(&yard, Keep::Days(60)).await;
    yard.retain_in_time().await.unwrap();
    assert_eq!(holds(&yard, "main").await, held(&["1.2-1"]));
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn collecting_ends_the_grace_and_keeps_what_is_tagged_or_held_elsewhere() {
    let room = Room::new();
    let yard = room.open().await;
    crate::room::channel(&yard, "archive").await;
    let (elsewhere, _) = version(&yard, "1.0-1").await;
    let copy = promotion(&["hello==1.0"], "main", "archive");
    yard.promote(&Access::Local, copy).await.unwrap();
    let (gone, old) = version(&yard, "1.1-1").await;
    let (tagged, _) = version(&yard, "1.2-1").await;
    let only = packyard_repo::Withdrawal {
        what: packyard_repo::What::Remove,
        channel: main().channel,
        distribution: None,
        packages: vec![packyard_repo::Selector::parse("hello==1.1").unwrap()],
        reason: None,
        if_revision: None,
    };
    yard.withdraw(&Access::Local, only).await.unwrap();
    let tag = TagName::parse("lts").unwrap();
    yard.tag(&Access::Local, &main().channel, tag, None)
        .await
        .unwrap();
    keep(&yard, Keep::Releases(1)).await;
    version(&yard, "1.3-1").await;
    assert_eq!(holds(&yard, "main").await, held(&["1.3-1"]));
    let early = gc(&yard, 3600, false).await;
    assert_eq!(
        (early.blobs, early.floors.len()),
        (0, 0),
        "the grace period is not over"
    );
    drop(yard);

    let yard = room.open_after(4 * 86_400).await;
    let before = revision(&yard);
    let planned = gc(&yard, 3 * 86_400, true).await;
    assert_eq!(revision(&yard), before);
    let done = gc(&yard, 3 * 86_400, false).await;
    assert_eq!((done.blobs, done.bytes), (planned.blobs, planned.bytes));
    assert!(done.blobs == 1 && done.bytes > 0, "{done:?}");
    for (digest, there) in [(elsewhere, true), (gone, false), (tagged, true)] {
        assert_eq!(room.has_blob(&digest), there);
    }
    assert!(matches!(
        resolve(&yard, &format!("main@{old}")),
        Err(RepoError::Gone { .. })
    ));
    resolve(&yard, "main@lts").unwrap();
    resolve(&yard, &format!("archive@{old}")).unwrap();
    let back = Rollback {
        channel: main().channel,
        to: At::Revision(old),
        dry_run: false,
        note: None,
        if_revision: None,
    };
    let refused = yard.rollback(&Access::Local, back.clone()).await.unwrap_err();
    assert!(matches!(refused, RepoError::Gone { .. }), "{refused}");
    let to_tag = Rollback {
        to: At::parse("lts").unwrap(),
        ..back
    };
    yard.rollback(&Access::Local, to_tag).await.unwrap();
    assert_eq!(holds(&yard, "main").await, held(&["1.0-1", "1.2-1"]));
    whole(&yard).await;

    version(&yard, "1.1-1").await;
    assert!(room.has_blob(&gone), "the same upload brings it back");
    whole(&yard).await;
    let again = gc(&yard, 3 * 86_400, false).await;
    assert_eq!(again.blobs, 0);
}

/// A client that was away for a month, in a channel where little happens, still finishes what it began.
#[tokio::test(flavor = "multi_thread")]
async fn three_generations_are_kept_however_old_they_are() {
    let room = Room::new();
    let yard = room.open().await;
    keep(&yard, Keep::Releases(1)).await;
    let mut versions = Vec::new();
    for n in ["1.0-1", "1.1-1", "1.2-1", "1.3-1"] {
        versions.push(version(&yard, n).await);
    }
    drop(yard);
    let yard = room.open_after(40 * 86_400).await;
    let done = gc(&yard, 3 * 86_400, false).await;
    assert_eq!(done.blobs, 1, "only 1.0-1 is older than three generations");
    assert!(resolve(&yard, &format!("main@{}", versions[0].1)).is_err());
    resolve(&yard, &format!("main@{}", versions[1].1)).unwrap();
    let served = |digest: Digest, version: &str| {
        let name = format!("hello_{version}_all.deb").parse().unwrap();
        yard.artifact_file(&main().channel, &digest, &name).map(drop)
    };
    assert!(matches!(
        served(versions[0].0, "1.0-1"),
        Err(RepoError::Gone { .. })
    ));
    for (n, version) in ["1.1-1", "1.2-1", "1.3-1"].iter().enumerate() {
        served(versions[n + 1].0, version).unwrap();
    }
    whole(&yard).await;
}
