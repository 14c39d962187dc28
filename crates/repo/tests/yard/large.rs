//! Releases that do not fit into an entry of the log.

use crate::room::{Room, deb, publish, whole};

#[tokio::test(flavor = "multi_thread")]
async fn a_release_of_a_thousand_packages_is_one_revision_and_replays() {
    let room = Room::new();
    let yard = room.open().await;
    let files: Vec<_> = (0..1000).map(|n| deb(&format!("pkg{n}"), "1.0-1", "x")).collect();
    let receipt = publish(&yard, &files, "bookworm").await.unwrap();
    assert_eq!(receipt.artifacts.len(), 1000);
    assert!(receipt.artifacts.iter().all(|a| a.new));
    // fsck replays the log into another index and compares.
    whole(&yard).await;
    let log = room.path().join("store/log");
    for entry in std::fs::read_dir(log).unwrap() {
        let size = entry.unwrap().metadata().unwrap().len();
        assert!(size < 1 << 20, "an entry of {size} bytes");
    }
    let again = publish(&yard, &files, "bookworm").await.unwrap();
    assert_eq!((again.revision, again.release), (receipt.revision, None));
}
