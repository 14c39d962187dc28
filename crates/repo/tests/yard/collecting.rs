//! Garbage collection beside others: who publishes the same bytes, who holds them in a draft, who is reading them, and a
//! collection that was killed.

use crate::room::{Room, configure, deb, holds, main, publish, whole};
use futures::StreamExt as _;
use packyard_repo::{
    Access, DataDir, DraftCommit, DraftOf, Gc, Incoming, Limits, RepoError, Selector, Source, What,
    Withdrawal, Yard,
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

/// Puts bytes beside everything, as an upload does that no release follows, and makes them two years old.
fn orphan(room: &Room, bytes: &[u8]) -> std::path::PathBuf {
    let hex = Digest::of(bytes).to_string();
    let dir = room
        .path()
        .join(format!("store/blobs/sha256/{}/{}", &hex[..2], &hex[2..4]));
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join(&hex);
    fs::write(&path, bytes).unwrap();
    age(&path);
    path
}

fn age(path: &std::path::Path) {
    put_at(path, 1_600_000_000);
}

fn put_at(path: &std::path::Path, unix_seconds: u64) {
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(unix_seconds);
    fs::File::open(path).unwrap().set_modified(at).unwrap();
}

/// Makes every blob as old as the orphans.
fn age_all(dir: &std::path::Path) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            age_all(&path);
        } else {
            age(&path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_nothing_was_published_with_go_when_they_are_old_and_nothing_else_does() {
    let room = Room::new();
    let file = deb("hello", "1.0-1", "x");
    let yard = with_garbage(&room, &file).await;
    publish(&yard, std::slice::from_ref(&file), "bookworm")
        .await
        .unwrap();
    age_all(&room.path().join("store/blobs"));
    let (old, young) = (orphan(&room, b"old"), orphan(&room, b"young"));
    // A minute before the yard's own time: younger than an hour.
    put_at(&young, 1_700_003_540);
    let plan = Gc {
        grace_seconds: 0,
        dry_run: true,
    };
    let planned = yard.gc(&Access::Local, plan).await.unwrap();
    assert_eq!((planned.orphans, planned.orphan_bytes), (1, 3));
    assert!(old.exists());
    let done = gc(&yard).await;
    assert_eq!((done.orphans, done.orphan_bytes, done.blobs), (1, 3, 0));
    assert!(!old.exists() && young.exists() && room.has_blob(&digest(&file)));
    assert_eq!(gc(&yard).await.orphans, 0);
    whole(&yard).await;
    // All that a replay needs is there.
    fs::remove_file(room.path().join("index.sqlite")).unwrap();
    drop(yard);
    whole(&room.open_after(3600).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_an_orphan_that_is_about_to_go_has_its_bytes_when_it_is_acknowledged() {
    for round in 0..24 {
        let room = Room::new();
        let yard = room.open().await;
        let beside = room.open().await;
        let bytes = format!("upload {round}").into_bytes();
        let path = orphan(&room, &bytes);
        let send = async {
            let mut receiver = beside.receive("upload", u64::MAX).unwrap();
            receiver.write(&bytes).unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(round % 12)).await;
            let upload = receiver.finish();
            beside
                .keep(&Access::Local, &main().channel, &upload)
                .await
                .unwrap();
        };
        let ((), collected) = tokio::join!(send, gc(&yard));
        assert!(path.exists(), "round {round}: {collected:?}");
        assert_eq!(gc(&yard).await.orphans, 0, "it was put again, so it is young");
        whole(&yard).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_with_the_bytes_of_an_orphan_that_is_about_to_go_is_there_with_them() {
    for round in 0..24 {
        let room = Room::new();
        let yard = room.open().await;
        let beside = room.open().await;
        let file = deb("hello", "1.0-1", &format!("round {round}"));
        let path = orphan(&room, &file.1);
        let files = [file.clone()];
        let (published, _) = tokio::join!(publish(&beside, &files, "bookworm"), gc(&yard));
        published.unwrap();
        assert!(path.exists(), "round {round}");
        whole(&yard).await;
    }
}

/// As if it had been uploaded by somebody with a token, two years ago.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_upload_holds_is_no_orphan_until_its_record_is_swept() {
    let room = Room::new();
    let yard = room.open().await;
    let path = orphan(&room, b"upload");
    let records = room.path().join("store/staging/uploads/main");
    fs::create_dir_all(&records).unwrap();
    let record = records.join(format!("{}.json", Digest::of(b"upload")));
    fs::write(&record, r#"{"at":"2020-09-13T12:26:40Z"}"#).unwrap();
    assert_eq!(gc(&yard).await.orphans, 0);
    yard.sweep_staging().await.unwrap();
    assert!(!record.exists());
    assert_eq!(gc(&yard).await.orphans, 1);
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_bytes_in_and_who_collects_wait_for_each_other() {
    let room = Room::new();
    let (yard, beside) = (room.open().await, room.open().await);
    let path = orphan(&room, b"about to be named");
    let dir = DataDir::new(room.path());
    let moment = || tokio::time::sleep(std::time::Duration::from_millis(300));

    let inside = dir.lock_for_taking_in().unwrap();
    let collects = tokio::spawn(async move { gc(&yard).await });
    moment().await;
    assert!(!collects.is_finished() && path.exists());
    drop(inside);
    assert_eq!(collects.await.unwrap().orphans, 1);

    let gate = dir.lock_gate().unwrap();
    let keeps = tokio::spawn(async move {
        let mut receiver = beside.receive("upload", u64::MAX).unwrap();
        receiver.write(b"upload").unwrap();
        let upload = receiver.finish();
        beside.keep(&Access::Local, &main().channel, &upload).await
    });
    moment().await;
    assert!(!keeps.is_finished() && !room.has_blob(&Digest::of(b"upload")));
    drop(gate);
    keeps.await.unwrap().unwrap();
    assert!(room.has_blob(&Digest::of(b"upload")));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_orphans_than_go_in_one_turn_go_in_several() {
    let room = Room::new();
    let yard = room.open().await;
    for n in 0..1100 {
        orphan(&room, format!("orphan {n}").as_bytes());
    }
    assert_eq!(gc(&yard).await.orphans, 1100);
    whole(&yard).await;
}
