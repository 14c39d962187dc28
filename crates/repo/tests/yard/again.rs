//! What is withdrawn, tagged or promoted a second time is as it should be; what never was is an error.

use crate::room::{Room, channel, deb, holds, main, promotion, publish, revision, whole};
use packyard_repo::{Access, RepoError, Selector, What, Withdrawal, Withdrawn, Yard};
use packyard_types::{ChannelName, Digest, DistributionName, TagName};

async fn withdraw(
    yard: &Yard,
    what: What,
    package: &str,
    reason: Option<&str>,
) -> Result<Withdrawn, RepoError> {
    let wish = Withdrawal {
        what,
        channel: ChannelName::main(),
        distribution: None,
        packages: vec![Selector::parse(package).unwrap()],
        reason: reason.map(str::to_owned),
        if_revision: None,
    };
    yard.withdraw(&Access::Local, wish).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_is_removed_again_without_a_change_and_what_never_was_is_refused() {
    let room = Room::new();
    let yard = room.open().await;
    let receipt = publish(&yard, &[deb("hello", "1.0-1", "x")], "bookworm")
        .await
        .unwrap();
    withdraw(&yard, What::Remove, "hello==1.0", None).await.unwrap();
    let before = revision(&yard);
    for again in ["hello==1.0", "hello==*", "hello_1.0-1_all.deb"] {
        let done = withdraw(&yard, What::Remove, again, None).await.unwrap();
        assert!(done.release.is_none() && done.changed.is_empty(), "{again}");
        assert_eq!(done.unchanged.len(), 1, "{again}");
    }
    for never in ["hello==2.0", "helo==1.0", "hello_2.0-1_all.deb"] {
        let refused = withdraw(&yard, What::Remove, never, None).await.unwrap_err();
        assert!(
            matches!(refused, RepoError::NotFound { .. }),
            "{never}: {refused}"
        );
    }
    let of = async |digest: Digest, distribution: Option<&str>| {
        let d = distribution.map(|d| DistributionName::parse(d).unwrap());
        yard.remove_digest(&Access::Local, &main().channel, &digest, d.as_ref(), None)
            .await
    };
    let digest = receipt.artifacts[0].served;
    assert_eq!(of(digest, None).await.unwrap().unchanged.len(), 1);
    assert!(of(digest, Some("bookworm")).await.unwrap().release.is_none());
    let refused = of(digest, Some("bokworm")).await.unwrap_err();
    assert!(refused.hint().unwrap().contains("`bookworm`"), "{refused}");
    assert!(of(Digest::of(b"never"), None).await.is_err());
    assert_eq!(revision(&yard), before);
    let other = publish(&yard, &[deb("hello", "1.0-1", "y")], "bookworm")
        .await
        .unwrap_err();
    assert!(other.to_string().contains("was published here before"), "{other}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_a_distribution_and_a_tag_end_once_and_ending_them_again_changes_nothing() {
    let room = Room::new();
    let yard = room.open().await;
    let local = &Access::Local;
    let dev = channel(&yard, "dev").await;
    publish(&yard, &[deb("hello", "1.0-1", "x")], "bookworm")
        .await
        .unwrap();
    withdraw(&yard, What::Remove, "hello==1.0", None).await.unwrap();
    let tag = |name: &str| TagName::parse(name).unwrap();
    let main = main().channel;
    yard.tag(local, &main, tag("v1"), None).await.unwrap();
    assert!(yard.end_tag(local, &main, tag("v1")).await.unwrap().new);
    assert!(!yard.end_tag(local, &main, tag("v1")).await.unwrap().new);
    assert!(yard.end_tag(local, &main, tag("v2")).await.is_err());
    for first in [true, false] {
        let (_, _, changed) = yard.delete_distribution(local, &main, "bookworm").await.unwrap();
        assert_eq!(changed, first);
        assert_eq!(yard.delete_channel(local, &dev, false).await.unwrap().1, first);
    }
    assert!(yard.delete_distribution(local, &main, "trixie").await.is_err());
    let never = ChannelName::parse("never").unwrap();
    assert!(yard.delete_channel(local, &never, false).await.is_err());
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_set_again_while_its_channel_is_as_it_was_and_is_not_called_like_a_channel() {
    let room = Room::new();
    let yard = room.open().await;
    let (local, main, dev) = (&Access::Local, main().channel, channel(&yard, "dev").await);
    publish(&yard, &[deb("hello", "1.0-1", "x")], "any")
        .await
        .unwrap();
    let tag = |name: &str| TagName::parse(name).unwrap();
    let first = yard.tag(local, &main, tag("v1"), None).await.unwrap();
    yard.tag(local, &dev, tag("other"), None).await.unwrap();
    let again = yard.tag(local, &main, tag("v1"), None).await.unwrap();
    assert_eq!((again.at, again.new), (first.at, false));
    let refused = yard.tag(local, &main, tag("dev"), None).await.unwrap_err();
    assert!(matches!(refused, RepoError::Taken { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yank_keeps_its_reason_and_a_promotion_says_what_is_there_but_yanked() {
    let room = Room::new();
    let yard = room.open().await;
    channel(&yard, "dev").await;
    publish(&yard, &[deb("hello", "1.0-1", "x")], "any")
        .await
        .unwrap();
    yard.promote(&Access::Local, promotion(&["hello"], "main", "dev"))
        .await
        .unwrap();
    withdraw(&yard, What::Yank, "hello==1.0", Some("broken"))
        .await
        .unwrap();
    let again = withdraw(&yard, What::Yank, "hello==1.0", None).await.unwrap();
    assert!(again.release.is_none() && again.unchanged.len() == 1);
    let done = yard
        .promote(&Access::Local, promotion(&["hello"], "dev", "main"))
        .await
        .unwrap();
    assert_eq!(done.unchanged[0].yanked.as_deref(), Some("broken"));
    assert_eq!(holds(&yard, "main").await, ["any/hello_1.0-1_all.deb!"]);
}
