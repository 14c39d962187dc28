//! Garbage collection beside others: who publishes the same bytes, who holds them in a draft, who is reading them, and a
//! collection that was killed.

use crate::room::{Room, configure, deb, holds, main, publish, whole};
use futures::StreamExt as _;
use packyard_repo::{
    Access, DraftCommit, DraftOf, Gc, Incoming, Limits, RepoError, Selector, Source, What, Withdrawal, Yard,
};
use packyard_types::{ArtifactName, ChannelSettings, Digest, DraftId, Hasher, Keep};
use std::fs;

type File = (ArtifactName, Vec<u8>);

/// A yard that keeps one release, and a package that has left it, so that nothing needs its bytes any more.
async fn with_garbage(room: &Room, file: &File) -> Yard {
    let yard = room.open().await;
    let settings = ChannelSettings {
        keep: Some(Keep::Releases(1)),
        ..ChannelSettings::of_main()
    };
    configure(&yard, &main().channel, settings).await;
    publish(&yard, std::slice::from_ref(file), "bookworm")
        .await
        .unwrap();
    remove(&yard, file.0.package()).await;
    publish(&yard, &[deb("other", "1.0-1", "x")], "bookworm")
        .await
        .unwrap();
    drop(yard);
    room.open_after(3600).await
}

async fn remove(yard: &Yard, package: &str) {
    let wish = Withdrawal {
        what: What::Remove,
        channel: main().channel,
        distribution: None,
        packages: vec![Selector::parse(&format!("{package}==*")).unwrap()],
        reason: None,
        if_revision: None,
    };
    yard.withdraw(&Access::Local, wish).await.unwrap();
}

async fn gc(yard: &Yard) -> packyard_repo::Collected {
    let now = Gc {
        grace_seconds: 0,
        dry_run: false,
    };
    yard.gc(&Access::Local, now).await.unwrap()
}

fn digest(file: &File) -> Digest {
    Digest::of(&file.1)
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_were_given_up_are_there_again_when_they_are_published_again() {
    let room = Room::new();
    let file = deb("hello", "1.0-1", "x");
    let yard = with_garbage(&room, &file).await;
    assert_eq!(gc(&yard).await.blobs, 1);
    assert!(!room.has_blob(&digest(&file)));
    publish(&yard, std::slice::from_ref(&file), "bookworm")
        .await
        .unwrap();
    assert!(room.has_blob(&digest(&file)));
    let next = gc(&yard).await;
    assert_eq!((next.blobs, next.left_over), (0, 0));
    assert!(room.has_blob(&digest(&file)));
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_publishes_what_is_being_given_up_has_it_or_is_told_to_send_it_again() {
    for round in 0..12 {
        let room = Room::new();
        let file = deb("hello", "1.0-1", &format!("round {round}"));
        let yard = with_garbage(&room, &file).await;
        let beside = room.open_after(3600).await;
        let files = [file.clone()];
        let (published, _) = tokio::join!(publish(&beside, &files, "bookworm"), gc(&yard));
        if let Err(e) = published {
            assert!(e.is_unavailable(), "{e}");
            publish(&beside, &files, "bookworm").await.unwrap();
        }
        assert!(
            holds(&yard, "main")
                .await
                .contains(&"bookworm/hello_1.0-1_all.deb".to_owned())
        );
        assert!(room.has_blob(&digest(&file)));
        whole(&yard).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_draft_holds_is_not_given_up() {
    let room = Room::new();
    let file = deb("hello", "1.0-1", "x");
    let yard = with_garbage(&room, &file).await;
    let of = DraftOf {
        channel: main().channel,
        draft: DraftId::parse("x").unwrap(),
    };
    let mut receiver = yard.receive(file.0.as_str(), u64::MAX).unwrap();
    receiver.write(&file.1).unwrap();
    let incoming = Incoming {
        name: file.0.clone(),
        distribution: None,
        component: None,
        source: Source::Upload(receiver.finish()),
        uploaded_at: None,
    };
    yard.add_to_draft(&Access::Local, &of, vec![incoming], &Limits::default())
        .await
        .unwrap();
    assert_eq!(gc(&yard).await.blobs, 0);
    let wish = DraftCommit {
        of: of.clone(),
        note: None,
        if_revision: None,
    };
    yard.commit_draft(&Access::Local, wish).await.unwrap();
    assert!(room.has_blob(&digest(&file)));
    whole(&yard).await;
    // What a committed draft held is held by the channel, or by nobody.
    remove(&yard, "hello").await;
    drop(yard);
    let yard = room.open_after(7200).await;
    publish(&yard, &[deb("third", "1.0-1", "x")], "bookworm")
        .await
        .unwrap();
    drop(yard);
    let yard = room.open_after(9000).await;
    assert_eq!(gc(&yard).await.blobs, 1);
    assert!(!room.has_blob(&digest(&file)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_begun_to_read_what_is_given_up_reads_all_of_it() {
    let room = Room::new();
    let text: String = (0..400_000u32)
        .map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761)))
        .collect();
    let file = deb("hello", "1.0-1", &text);
    let yard = with_garbage(&room, &file).await;
    let size = file.1.len() as u64;
    assert!(size > 1 << 20, "it is read in one piece: {size}");
    let served = yard
        .artifact_file(&main().channel, &digest(&file), &file.0)
        .unwrap();
    let mut stream = yard.stream(served, 0..size).await.unwrap();
    let mut hasher = Hasher::new();
    hasher.update(&stream.next().await.unwrap().unwrap());
    assert_eq!(gc(&yard).await.blobs, 1);
    assert!(!room.has_blob(&digest(&file)));
    while let Some(piece) = stream.next().await {
        hasher.update(&piece.unwrap());
    }
    assert_eq!(hasher.finish().digest, digest(&file));
    let gone = yard
        .artifact_file(&main().channel, &digest(&file), &file.0)
        .err()
        .unwrap();
    assert!(matches!(gone, RepoError::Gone { .. }), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_collection_left_is_nobody_s_and_the_next_one_deletes_it() {
    let room = Room::new();
    let file = deb("hello", "1.0-1", "x");
    let yard = with_garbage(&room, &file).await;
    let hex = digest(&file).to_string();
    let blob = room
        .path()
        .join(format!("store/blobs/sha256/{}/{}/{hex}", &hex[..2], &hex[2..4]));
    gc(&yard).await;
    // Killed behind the entry, before the blob was deleted.
    fs::write(&blob, &file.1).unwrap();
    let gone = yard
        .artifact_file(&main().channel, &digest(&file), &file.0)
        .err()
        .unwrap();
    assert!(matches!(gone, RepoError::Gone { .. }), "{gone}");
    whole(&yard).await;
    let next = gc(&yard).await;
    assert_eq!((next.blobs, next.left_over), (0, 1));
    assert!(!blob.exists());
    whole(&yard).await;
}
