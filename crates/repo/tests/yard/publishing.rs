//! Publishing on a local disk.

use crate::room::{Room, deb, files_of, main, publish, revision, whole};
use futures::TryStreamExt;
use packyard_repo::RepoError;
use packyard_types::Revision;

#[tokio::test(flavor = "multi_thread")]
async fn republishing_the_same_bytes_is_a_no_op() {
    let room = Room::new();
    let yard = room.open().await;
    let file = deb("hello", "1.0-1", "one");
    let first = publish(&yard, std::slice::from_ref(&file), "any").await.unwrap();
    assert!(first.release.is_some() && first.artifacts[0].new);
    let again = publish(&yard, &[file], "any").await.unwrap();
    assert!(again.release.is_none() && !again.artifacts[0].new);
    assert_eq!(again.revision, first.revision);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_bytes_under_a_published_name_are_refused_and_nothing_of_their_release_is_there() {
    let room = Room::new();
    let yard = room.open().await;
    publish(&yard, &[deb("hello", "1.0-1", "one")], "any")
        .await
        .unwrap();
    let at = revision(&yard);
    let both = [deb("other", "1.0-1", "new"), deb("hello", "1.0-1", "two")];
    let refused = publish(&yard, &both, "bookworm").await.unwrap_err();
    assert!(
        matches!(&refused, RepoError::Conflict { other, .. } if other.name.as_str() == "hello_1.0-1_all.deb")
    );
    assert_eq!(revision(&yard), at);
    assert_eq!(files_of(&yard, "other").await, [""; 0]);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_distributions_may_hold_different_bytes_of_one_version_and_then_any_may_not() {
    let room = Room::new();
    let yard = room.open().await;
    publish(&yard, &[deb("hello", "1.0-1", "for bookworm")], "bookworm")
        .await
        .unwrap();
    publish(&yard, &[deb("hello", "1.0-1", "for trixie")], "trixie")
        .await
        .unwrap();
    let refused = publish(&yard, &[deb("hello", "1.0-1", "for all")], "any")
        .await
        .unwrap_err();
    assert!(matches!(refused, RepoError::Conflict { .. }));
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_with_a_release_is_named() {
    let room = Room::new();
    let yard = room.open().await;
    let (name, mut bytes) = deb("cut", "1.0-1", "text");
    bytes.truncate(bytes.len() / 2);
    let (_, other) = deb("inside", "1.0-1", "text");
    let wrong_name = packyard_types::ArtifactName::parse("outside_1.0-1_all.deb").unwrap();
    let refused = publish(&yard, &[(name, bytes), (wrong_name, other)], "any")
        .await
        .unwrap_err();
    let RepoError::Several(all) = refused else {
        panic!("{refused}")
    };
    let text: Vec<String> = all.iter().map(ToString::to_string).collect();
    assert!(
        text[0].contains("cut_1.0-1_all.deb") && text[1].contains("outside") && text[1].contains("inside")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn publishers_at_the_same_time_share_commits_and_lose_nothing() {
    let room = Room::new();
    let yard = room.open().await;
    let before = revision(&yard);
    let mut tasks = Vec::new();
    for i in 0..20 {
        let yard = yard.clone();
        tasks.push(tokio::spawn(async move {
            publish(&yard, &[deb(&format!("pkg{i}"), "1.0-1", "x")], "any")
                .await
                .unwrap()
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    for i in 0..20 {
        assert_eq!(files_of(&yard, &format!("pkg{i}")).await.len(), 1);
    }
    let Revision(made) = revision(&yard);
    assert!(made > before.0 && made <= before.0 + 20);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_directory_build_on_each_other() {
    let room = Room::new();
    let (one, two) = (room.open().await, room.open().await);
    for round in 0..5 {
        for (yard, name) in [(&one, "one"), (&two, "two")] {
            publish(yard, &[deb(name, &format!("1.{round}-1"), "x")], "any")
                .await
                .unwrap();
        }
    }
    for yard in [&one, &two] {
        assert_eq!(
            (
                files_of(yard, "one").await.len(),
                files_of(yard, "two").await.len()
            ),
            (5, 5)
        );
        whole(yard).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_index_comes_back_from_the_log_as_it_was() {
    let room = Room::new();
    let yard = room.open().await;
    publish(&yard, &[deb("hello", "1.0-1", "one")], "any")
        .await
        .unwrap();
    publish(&yard, &[deb("hello", "1.1-1", "two")], "bookworm")
        .await
        .unwrap();
    let before = yard.fingerprint().unwrap();
    drop(yard);
    for file in std::fs::read_dir(room.path()).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_string_lossy().starts_with("index.sqlite") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    let yard = room.open().await;
    assert_eq!(yard.fingerprint().unwrap(), before);
    yard.reindex().await.unwrap();
    assert_eq!(yard.fingerprint().unwrap(), before);
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_private_keys_a_yard_can_be_read_and_not_written() {
    let room = Room::new();
    let yard = room.open().await;
    publish(&yard, &[deb("hello", "1.0-1", "one")], "any")
        .await
        .unwrap();
    drop(yard);
    std::fs::remove_dir_all(room.path().join("keys")).unwrap();
    let yard = room.open().await;
    assert_eq!(files_of(&yard, "hello").await, ["hello_1.0-1_all.deb"]);
    let refused = publish(&yard, &[deb("hello", "1.1-1", "two")], "any")
        .await
        .unwrap_err();
    assert!(matches!(refused, RepoError::ReadOnly(_)), "{refused}");
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hole_in_the_log_is_refused_and_nothing_is_written_into_it() {
    let room = Room::new();
    let yard = room.open().await;
    for version in ["1.0-1", "1.1-1", "1.2-1"] {
        publish(&yard, &[deb("hello", version, "x")], "any")
            .await
            .unwrap();
    }
    let Revision(head) = revision(&yard);
    drop(yard);
    let entry = |n: u64| room.path().join(format!("store/log/{n:020}.json"));
    for lost in [2, head] {
        let kept = std::fs::read(entry(lost)).unwrap();
        std::fs::remove_file(entry(lost)).unwrap();
        let refused = room.try_open().await.err().unwrap().to_string();
        assert!(refused.contains("log"), "{refused}");
        assert!(!entry(lost).exists());
        std::fs::write(entry(lost), kept).unwrap();
    }
    whole(&room.open().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_is_garbage_is_made_anew() {
    let room = Room::new();
    let yard = room.open().await;
    publish(&yard, &[deb("hello", "1.0-1", "one")], "any")
        .await
        .unwrap();
    let before = yard.fingerprint().unwrap();
    drop(yard);
    std::fs::write(
        room.path().join("index.sqlite"),
        "not a database at all, but longer than a header of one".repeat(40),
    )
    .unwrap();
    let yard = room.open().await;
    assert_eq!(yard.fingerprint().unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploading_again_mends_a_truncated_blob() {
    let room = Room::new();
    let yard = room.open().await;
    let file = deb("hello", "1.0-1", "one");
    let receipt = publish(&yard, std::slice::from_ref(&file), "any").await.unwrap();
    let digest = receipt.artifacts[0].served.to_string();
    let blob = room.path().join(format!(
        "store/blobs/sha256/{}/{}/{digest}",
        &digest[..2],
        &digest[2..4]
    ));
    std::fs::remove_file(&blob).unwrap();
    std::fs::write(&blob, "cut").unwrap();
    assert_eq!(yard.fsck().await.unwrap().findings.len(), 1);
    publish(&yard, &[file], "any").await.unwrap();
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_in_a_distribution_and_in_any_are_listed_once() {
    let room = Room::new();
    let yard = room.open().await;
    let file = deb("hello", "1.0-1", "one");
    let stanzas = async |distribution: &str| {
        let path = format!("dists/{distribution}/main/binary-amd64/Packages");
        let path = packyard_types::ServedPath::parse(&path).unwrap();
        let served = yard
            .index_file(&main(), packyard_types::View::Apt, &path)
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
        String::from_utf8(parts.concat())
            .unwrap()
            .matches("Package: hello\n")
            .count()
    };
    publish(&yard, std::slice::from_ref(&file), "bookworm")
        .await
        .unwrap();
    assert_eq!((stanzas("bookworm").await, stanzas("any").await), (1, 0));
    publish(&yard, std::slice::from_ref(&file), "any").await.unwrap();
    assert_eq!((stanzas("bookworm").await, stanzas("any").await), (1, 1));
    let again = publish(&yard, &[file], "trixie").await.unwrap();
    assert!(
        again.release.is_none(),
        "what is in `any` is in every distribution"
    );
    whole(&yard).await;
}
