//! Every store runs the conformance suite; stores that break the contract are refused.

use bytes::Bytes;
use object_store::{ObjectStore, ObjectStoreExt as _, local::LocalFileSystem, memory::InMemory, path::Path};
use packyard_store::{Appended, META_FORMAT, Meta, Store, StoreError};
use packyard_testkit::{Careless, Fault, Faulty, How, conformance};
use packyard_types::{Blob, Revision, TxnId};
use std::{fs, sync::Arc};

#[tokio::test(flavor = "multi_thread")]
async fn memory_conforms() {
    conformance(&Store::memory()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_disk_conforms_and_leaves_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_local(dir.path()).await.unwrap();
    conformance(&store).await;
    let mut names: Vec<_> = fs::read_dir(dir.path().join("store"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["blobs", "log", "meta.json", "probe", "staging"]);
    assert_eq!(fs::read_dir(dir.path().join("store/probe")).unwrap().count(), 0);
    assert_eq!(
        fs::read_dir(dir.path().join("store/log")).unwrap().count() as u64,
        store.log_head().await.unwrap().0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_by_itself_is_survived() {
    for fault in [
        Fault::FailBefore,
        Fault::FailAfter,
        Fault::Duplicate,
        Fault::Phantom,
        Fault::Delay,
    ] {
        let faulty = Faulty::new(Arc::new(InMemory::new()), &[fault, Fault::None, Fault::None]);
        conformance(&Store::over(Arc::new(faulty))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_faults_together_are_survived_on_a_disk() {
    let dir = tempfile::tempdir().unwrap();
    let disk: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(dir.path()).unwrap());
    let script = [
        Fault::FailAfter,
        Fault::Duplicate,
        Fault::None,
        Fault::Phantom,
        Fault::FailBefore,
        Fault::Delay,
        Fault::FailAfter,
    ];
    conformance(&Store::over(Arc::new(Faulty::new(disk, &script)))).await;
}

#[tokio::test]
async fn a_lost_answer_is_not_a_conflict() {
    let inner: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    for fault in [Fault::FailAfter, Fault::Duplicate] {
        let store = Store::over(Arc::new(Faulty::new(inner.clone(), &[fault, Fault::None])));
        let head = store.log_head().await.unwrap();
        let txn = TxnId::from_random(head.0.into());
        let bytes = Bytes::from(format!("{{\"txn\":\"{txn}\"}}"));
        assert_eq!(
            store.append(head.next(), &txn, bytes).await.unwrap(),
            Appended::Ours
        );
    }
    assert_eq!(Store::over(inner).log_head().await.unwrap(), Revision(2));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_never_answers_is_given_up_with_one_clear_error() {
    let faulty = Faulty::new(Arc::new(InMemory::new()), &[Fault::FailBefore]);
    let store = Store::over(Arc::new(faulty));
    let refused = store
        .put_blob(Blob::of(b"x"), Bytes::from_static(b"x"))
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable { .. }), "{refused:?}");
    assert!(
        refused
            .to_string()
            .starts_with("could not write `blobs/sha256/2d/71/"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_does_not_create_atomically_is_refused() {
    for how in [How::Overwrites, How::LooksFirst] {
        let store = Store::over(Arc::new(Careless::new(Arc::new(InMemory::new()), how)));
        let refused = store.probe_atomic_create().await.unwrap_err();
        assert!(matches!(refused, StoreError::Unsafe { .. }), "{how:?}: {refused}");
    }
}

#[tokio::test]
async fn a_store_of_a_newer_format_is_refused_by_both_numbers() {
    let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    objects
        .put(&Path::from("meta.json"), "{\"format\":99,\"other\":1}".into())
        .await
        .unwrap();
    let fresh = Meta {
        format: META_FORMAT,
        yard: "y".to_owned(),
    };
    let refused = Store::over(objects).meta_or_create(fresh).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`meta.json` says that the store has format 99; this packyard knows formats up to 1\nhint: use a newer packyard"
    );
}

#[tokio::test]
async fn a_gap_in_the_log_is_damage() {
    let objects: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    for n in [1, 3] {
        objects
            .put(&Path::from(format!("log/{n:020}.json")), "{}".into())
            .await
            .unwrap();
    }
    let refused = Store::over(objects).log_head().await.unwrap_err().to_string();
    assert!(
        refused.starts_with("`log/00000000000000000002.json` is damaged"),
        "{refused}"
    );
}

#[tokio::test]
async fn sweeping_removes_what_a_crash_left_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_local(dir.path()).await.unwrap();
    let blob = Blob::of(b"kept");
    store.put_blob(blob, Bytes::from_static(b"kept")).await.unwrap();
    let kept = store.local_blob_path(&blob.digest).unwrap();
    let staging = kept.with_file_name(format!("{}#1", blob.digest));
    fs::write(&staging, "half").unwrap();
    // Opening leaves it: another process may be writing it.
    let store = Store::open_local(dir.path()).await.unwrap();
    assert!(staging.exists());
    store.sweep().await.unwrap();
    assert!(kept.exists() && !staging.exists());
    assert_eq!(store.list_blobs().await.unwrap(), [blob.digest]);
}

#[tokio::test]
async fn a_file_of_the_same_file_system_is_linked() {
    use std::os::unix::fs::MetadataExt as _;
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_local(dir.path()).await.unwrap();
    let file = dir.path().join("upload");
    fs::write(&file, "package").unwrap();
    let blob = Blob::of(b"package");
    store.put_blob_file(blob, &file).await.unwrap();
    let stored = store.local_blob_path(&blob.digest).unwrap();
    assert_eq!(
        fs::metadata(stored).unwrap().ino(),
        fs::metadata(file).unwrap().ino()
    );
}

/// Where the machine has no second file system in memory, both lie on the same one.
#[tokio::test]
async fn a_file_of_another_file_system_is_copied_in() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let store = Store::open_local(dir.path()).await.unwrap();
    for size_bytes in [1_000, 20_000_000] {
        let bytes = vec![7; size_bytes];
        let (blob, file) = (Blob::of(&bytes), elsewhere.path().join("upload"));
        fs::write(&file, &bytes).unwrap();
        store.put_blob_file(blob, &file).await.unwrap();
        assert_eq!(store.read_blob(&blob.digest).await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn a_blob_of_another_size_than_its_name_says_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_local(dir.path()).await.unwrap();
    let blob = Blob::of(b"whole");
    store.put_blob(blob, Bytes::from_static(b"whole")).await.unwrap();
    fs::write(store.local_blob_path(&blob.digest).unwrap(), "who").unwrap();
    let refused = store
        .put_blob(blob, Bytes::from_static(b"whole"))
        .await
        .unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("store"), "a file").unwrap();
    let refused = Store::open_local(dir.path()).await.unwrap_err().to_string();
    assert!(
        refused.starts_with("could not make `") && refused.contains("/store`"),
        "{refused}"
    );
}
