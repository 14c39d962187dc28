use super::{Stage, fetched, fetched_from};
use crate::room::whole;
use packyard_repo::{Access, Gc, RepoError};
use packyard_types::Digest;
use std::time::Duration;

const WHEEL: &str = "other-1.0-py3-none-any.whl";

/// More than is held back, and not of one byte.
fn large() -> Vec<u8> {
    (0..300_000_u32).map(|n| (n % 251) as u8).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_fetched_once_however_many_ask_and_kept() {
    let stage = Stage::new().await;
    let digest = stage.index.offers("other", WHEEL, &large());
    stage.files("other").await;
    stage.index.asked();
    let clients: Vec<_> = (0..16)
        .map(|_| {
            let yard = stage.yard.clone();
            tokio::spawn(async move { fetched(&yard, &digest, WHEEL).await })
        })
        .collect();
    for client in clients {
        assert_eq!(client.await.unwrap().unwrap(), large());
    }
    assert_eq!(
        stage.index.asked(),
        ["http://index.example/files/other-1.0-py3-none-any.whl"]
    );
    stage.index.is_down(true);
    stored(&stage, &digest).await;
    let stage = stage.again().await;
    stage.yard.reindex().await.unwrap();
    let gc = Gc {
        grace_seconds: 0,
        dry_run: false,
    };
    stage.yard.gc(&Access::Local, gc).await.unwrap();
    assert_eq!(stage.bytes(&digest, WHEEL).await.unwrap(), large());
    assert_eq!(stage.index.asked(), Vec::<String>::new());
    whole(&stage.yard).await;
}

/// Waits until the download that is under way is kept.
async fn stored(stage: &Stage, digest: &Digest) {
    let directory = stage.room.path().join(format!("store/upstream/files/{digest}"));
    for _ in 0..200 {
        let mut records = std::fs::read_dir(&directory).into_iter().flatten().flatten();
        if records.any(|r| r.path().extension().is_some_and(|e| e == "json")) {
            assert!(stage.room.has_blob(digest));
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{digest} was not kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_what_the_page_says_is_not_kept_and_an_honest_one_is_taken_later() {
    let stage = Stage::new().await;
    let digest = Digest::of(&large());
    let mut lie = large();
    lie[0] ^= 1;
    stage.index.claims("other", WHEEL, digest, &lie);
    stage.files("other").await;
    let refused = stage.bytes(&digest, WHEEL).await.unwrap_err();
    let text = refused.to_string();
    assert!(matches!(refused, RepoError::UpstreamWrong { .. }), "{text}");
    assert!(
        text.contains(&digest.to_string()) && text.contains(&Digest::of(&lie).to_string()),
        "{text}"
    );
    assert!(!stage.room.has_blob(&digest) && !stage.room.has_blob(&Digest::of(&lie)));
    stage.index.asked();
    assert!(stage.bytes(&digest, WHEEL).await.is_err());
    assert_eq!(
        stage.index.asked(),
        Vec::<String>::new(),
        "a lie is remembered for a moment"
    );
    stage.index.claims("other", WHEEL, digest, &large());
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(stage.bytes(&digest, WHEEL).await.unwrap(), large());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_no_page_of_the_upstream_names_is_not_served_though_its_bytes_are_here() {
    let stage = Stage::new().await;
    let secret = crate::room::sdist("acme", "1.0");
    let channel = crate::room::channel(&stage.yard, "private").await;
    let (name, bytes) = secret;
    let digest = Digest::of(&bytes);
    crate::room::publish_to(&stage.yard, &channel, &[(name, bytes.clone())], "any")
        .await
        .unwrap();
    // The upstream says that it has those bytes, and has not.
    stage
        .index
        .claims("acme", "acme-1.0.tar.gz", digest, &vec![0; bytes.len()]);
    stage.files("acme").await;
    let refused = stage.bytes(&digest, "acme-1.0.tar.gz").await.unwrap_err();
    assert!(matches!(refused, RepoError::UpstreamWrong { .. }), "{refused}");
    let unnamed = stage
        .bytes(&digest, "acme-1.0-py3-none-any.whl")
        .await
        .unwrap_err();
    assert!(matches!(unnamed, RepoError::NotFound { .. }), "{unnamed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_goes_on_when_who_asked_has_left() {
    let stage = Stage::new().await;
    let digest = stage.index.offers("other", WHEEL, &large());
    stage.files("other").await;
    let yard = stage.yard.clone();
    let client = tokio::spawn(async move {
        let name = WHEEL.parse().unwrap();
        let served = yard
            .python_file(&packyard_types::ChannelName::main(), &digest, &name)
            .await
            .unwrap();
        drop(yard.stream(served, 0..1).await.unwrap());
    });
    client.await.unwrap();
    stored(&stage, &digest).await;
    assert_eq!(stage.bytes(&digest, WHEEL).await.unwrap(), large());
    assert_eq!(stage.index.asked().len(), 2, "a page and a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_drips_keeps_its_own_places_only_and_who_waits_for_one_hears_in_time() {
    let stage = Stage::new().await;
    let yard = &stage.yard;
    let other = crate::room::channel(yard, "other").await;
    let settings = packyard_types::ChannelSettings {
        upstream: Some("http://index.example/another/simple/".parse().unwrap()),
        ..packyard_types::ChannelSettings::of_main()
    };
    crate::room::configure(yard, &other, settings).await;
    stage.index.drips(true);
    let offered: Vec<_> = (0..20)
        .map(|n| {
            let (project, file) = (format!("slow-{n}"), format!("slow_{n}-1.0-py3-none-any.whl"));
            let bytes = [large(), vec![n]].concat();
            let digest = stage.index.offers(&project, &file, &bytes);
            (digest, file)
        })
        .collect();
    let waiting: Vec<_> = offered
        .into_iter()
        .map(|(digest, file)| {
            let yard = yard.clone();
            tokio::spawn(async move {
                let served = yard
                    .python_file(
                        &packyard_types::ChannelName::main(),
                        &digest,
                        &file.parse().unwrap(),
                    )
                    .await
                    .unwrap();
                yard.stream(served, 0..1000).await.map(drop)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    stage.index.drips(false);
    let digest = stage
        .index
        .offers("quick", "quick-1.0-py3-none-any.whl", &large());
    let began = tokio::time::Instant::now();
    let quick = fetched_from(yard, &other, &digest, "quick-1.0-py3-none-any.whl").await;
    assert_eq!(quick.unwrap(), large());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let mut refused = 0;
    for client in waiting {
        if let Err(e) = client.await.unwrap() {
            assert!(e.is_unavailable() && e.to_string().contains("too many"), "{e}");
            refused += 1;
        }
    }
    assert_eq!(refused, 12, "eight have their turn");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_says_to_be_larger_than_any_may_be_is_not_offered() {
    let stage = Stage::new().await;
    let digest = Digest::of(b"x");
    stage.index.sizes("other", WHEEL, digest, u64::MAX, b"x");
    assert!(stage.files("other").await.is_empty());
    let name = WHEEL.parse().unwrap();
    let refused = stage
        .yard
        .python_file(&packyard_types::ChannelName::main(), &digest, &name)
        .await;
    assert!(matches!(refused, Err(RepoError::NotFound { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_size_that_is_wrong_is_noticed_before_a_part_is_refused_for_it() {
    let stage = Stage::new().await;
    let digest = Digest::of(&large());
    let name = WHEEL.parse().unwrap();
    for (n, size) in [0, 1000, 400_000].into_iter().enumerate() {
        stage.index.sizes("other", WHEEL, digest, size, &large());
        stage.pass(61);
        stage.files("other").await;
        let main = packyard_types::ChannelName::main();
        let served = stage.yard.python_file(&main, &digest, &name).await.unwrap();
        assert_eq!(served.blob.size_bytes, size, "{n}");
        let refused = stage.yard.confirm_size(served).await.unwrap_err();
        assert!(matches!(refused, RepoError::UpstreamWrong { .. }), "{refused}");
        // A lie is remembered for a moment.
        tokio::time::sleep(Duration::from_secs(4)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_under_a_second_name_are_fetched_once() {
    let stage = Stage::new().await;
    let digest = stage.index.offers("other", WHEEL, &large());
    stage.files("other").await;
    stage.bytes(&digest, WHEEL).await.unwrap();
    stored(&stage, &digest).await;
    let second = "other-1.0-1-py3-none-any.whl";
    stage.index.offers("other", second, &large());
    stage.pass(61);
    stage.files("other").await;
    stage.index.asked();
    stage.index.is_down(true);
    let stage = stage.again().await;
    stage.pass(61);
    assert_eq!(stage.bytes(&digest, second).await.unwrap(), large());
    assert_eq!(stage.bytes(&digest, WHEEL).await.unwrap(), large());
    assert_eq!(stage.index.asked(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn fsck_sees_what_was_damaged_of_a_file_that_came_from_an_upstream() {
    let stage = Stage::new().await;
    let digest = stage.index.offers("other", WHEEL, &large());
    stage.files("other").await;
    stage.bytes(&digest, WHEEL).await.unwrap();
    stored(&stage, &digest).await;
    let hex = digest.to_string();
    let blob = stage
        .room
        .path()
        .join("store/blobs/sha256")
        .join(&hex[..2])
        .join(&hex[2..4])
        .join(&hex);
    let mut permissions = std::fs::metadata(&blob).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
    std::fs::set_permissions(&blob, permissions).unwrap();
    std::fs::write(&blob, vec![0; large().len()]).unwrap();
    let report = stage.yard.fsck().await.unwrap();
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert!(
        report.findings[0].needed_by[0].contains("from http://index.example/"),
        "{:?}",
        report.findings
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_only_came_from_an_upstream_can_be_purged_and_do_not_come_back() {
    let stage = Stage::new().await;
    let digest = stage.index.offers("other", WHEEL, &large());
    stage.files("other").await;
    stage.bytes(&digest, WHEEL).await.unwrap();
    stored(&stage, &digest).await;
    let purge = |digest| stage.yard.purge(&Access::Local, digest, "leaked".to_owned());
    let purged = purge(digest).await.unwrap();
    assert_eq!(purged.destroyed, [digest]);
    assert!(purged.held_by[0].contains("other-1.0"), "{:?}", purged.held_by);
    assert!(!stage.room.has_blob(&digest));
    let refused = stage.bytes(&digest, WHEEL).await.unwrap_err();
    assert!(matches!(refused, RepoError::Gone { .. }), "{refused}");
    whole(&stage.yard).await;
    assert!(matches!(
        purge(Digest::of(b"unknown")).await,
        Err(RepoError::NotFound { .. })
    ));
}
