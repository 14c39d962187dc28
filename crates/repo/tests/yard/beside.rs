//! Files that lie beside packages: what came with a `.changes`.

use crate::room::{Room, channel, configure, deb, holds, main, publish, revision, whole};
use packyard_formats::archive::contents::{DigestKind, Digester};
use packyard_repo::{
    Access, AliasPlace, Delivered, DeliveryPlace, Gc, Limits, Purged, Receipt, RepoError, Rollback, Selector,
    What, Withdrawal, Yard,
};
use packyard_types::{
    At, ChannelName, ChannelSettings, ComponentName, Digest, DistributionName, Ecosystem, Keep, PartName,
};

type File = (String, Vec<u8>);

fn place(channel: &str, distribution: &str) -> DeliveryPlace {
    DeliveryPlace {
        channel: ChannelName::parse(channel).unwrap(),
        distribution: DistributionName::parse(distribution).unwrap(),
        component: ComponentName::parse("main").unwrap(),
    }
}

async fn deliver(yard: &Yard, to: &DeliveryPlace, (name, bytes): &File) -> Result<Delivered, RepoError> {
    let mut receiver = yard.receive(name, u64::MAX).unwrap();
    receiver.write(bytes).unwrap();
    let (name, limits) = (PartName::parse(name).unwrap(), Limits::default());
    yard.deliver(&Access::Local, to, &name, receiver.finish(), &limits)
        .await
}

fn package(name: &str) -> File {
    let (name, bytes) = deb(name, "1.0", "x");
    (name.to_string(), bytes)
}

fn record(source: &str, bytes: &[u8]) -> File {
    (format!("{source}_1.0_all.buildinfo"), bytes.to_vec())
}

fn changes(source: &str, to: &DeliveryPlace, files: &[&File]) -> File {
    let (mut sha256, mut md5) = (String::new(), String::new());
    for (name, bytes) in files {
        let mut digester = Digester::new(DigestKind::Md5);
        digester.update(bytes);
        let size = bytes.len();
        sha256 += &format!("\n {} {size} {name}", Digest::of(bytes));
        md5 += &format!("\n {} {size} misc optional {name}", digester.finish().unwrap());
    }
    let text = format!(
        "Format: 1.8\nSource: {source}\nVersion: 1.0\nArchitecture: all\nDistribution: {}\n\
         Maintainer: A <a@example.org>\nChecksums-Sha256:{sha256}\nFiles:{md5}\n",
        to.distribution
    );
    (format!("{source}_1.0_all.changes"), text.into_bytes())
}

/// Uploads a package and what tells of its build.
async fn upload(
    yard: &Yard,
    to: &DeliveryPlace,
    source: &str,
    build: &File,
) -> Result<(Digest, Receipt), RepoError> {
    let package = package(source);
    for file in [&package, build] {
        deliver(yard, to, file).await?;
    }
    let named = changes(source, to, &[&package, build]);
    match deliver(yard, to, &named).await? {
        Delivered::Published(receipt) => Ok((Digest::of(&package.1), receipt)),
        Delivered::Kept { .. } => panic!("a .changes does not wait"),
    }
}

async fn purge(yard: &Yard, digest: Digest) -> Purged {
    yard.purge(&Access::Local, digest, "malware".to_owned())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_destroys_no_file_that_another_channel_serves_as_a_package() {
    let room = Room::new();
    let yard = room.open().await;
    channel(&yard, "theirs").await;
    let winner = deb("winner", "1.0", "x");
    publish(&yard, std::slice::from_ref(&winner), "bookworm")
        .await
        .unwrap();
    let stolen = record("evil", &winner.1);
    let (evil, _) = upload(&yard, &place("theirs", "bookworm"), "evil", &stolen)
        .await
        .unwrap();
    let purged = purge(&yard, evil).await;
    let theirs = Digest::of(&winner.1);
    assert!(!purged.destroyed.contains(&theirs), "{purged:?}");
    assert!(room.has_blob(&theirs) && !room.has_blob(&evil));
    yard.artifact_file(&main().channel, &theirs, &winner.0).unwrap();
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_names_whoever_has_the_bytes_as_a_package_or_beside_one() {
    let room = Room::new();
    let yard = room.open().await;
    channel(&yard, "theirs").await;
    let file = deb("both", "1.0", "x");
    publish(&yard, std::slice::from_ref(&file), "bookworm")
        .await
        .unwrap();
    let beside = record("other", &file.1);
    upload(&yard, &place("theirs", "trixie"), "other", &beside)
        .await
        .unwrap();
    let purged = purge(&yard, Digest::of(&file.1)).await;
    assert_eq!(
        purged.held_by,
        [
            "main/bookworm: both_1.0_all.deb",
            "theirs/trixie: other_1.0_all.deb"
        ]
    );
    assert!(holds(&yard, "main").await.is_empty() && holds(&yard, "theirs").await.is_empty());
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_over_a_purged_part_restores_the_rest_and_names_what_it_belonged_to() {
    let room = Room::new();
    let yard = room.open().await;
    let to = place("main", "bookworm");
    publish(&yard, &[deb("other", "1.0", "x")], "bookworm")
        .await
        .unwrap();
    let build = record("hello", b"one");
    upload(&yard, &to, "hello", &build).await.unwrap();
    let before = revision(&yard);
    remove(&yard, "other==1.0").await;
    purge(&yard, Digest::of(&build.1)).await;
    let wish = Rollback {
        channel: main().channel,
        to: At::Revision(before),
        dry_run: false,
        note: None,
        if_revision: None,
    };
    let done = yard.rollback(&Access::Local, wish).await.unwrap();
    assert_eq!((done.added.len(), done.missing.len()), (1, 1), "{done:?}");
    let reason = done.missing[0].reason.as_ref().unwrap();
    assert!(
        reason.contains("its `hello_1.0_all.buildinfo` was purged: malware"),
        "{reason}"
    );
    assert_eq!(holds(&yard, "main").await, ["bookworm/other_1.0_all.deb"]);
    whole(&yard).await;
}

async fn remove(yard: &Yard, what: &str) {
    let wish = Withdrawal {
        what: What::Remove,
        channel: main().channel,
        distribution: None,
        packages: vec![Selector::parse(what).unwrap()],
        reason: None,
        if_revision: None,
    };
    yard.withdraw(&Access::Local, wish).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_changes_is_not_collected_and_what_was_purged_is_missing() {
    let room = Room::new();
    let yard = room.open().await;
    let to = place("main", "bookworm");
    let settings = ChannelSettings {
        keep: Some(Keep::Releases(1)),
        ..ChannelSettings::of_main()
    };
    configure(&yard, &main().channel, settings).await;
    let file = package("hello");
    publish(&yard, &[deb("hello", "1.0", "x")], "bookworm")
        .await
        .unwrap();
    remove(&yard, "hello==1.0").await;
    publish(&yard, &[deb("other", "1.0", "x")], "bookworm")
        .await
        .unwrap();
    deliver(&yard, &to, &file).await.unwrap();
    drop(yard);
    let yard = room.open_after(3600).await;
    let now = Gc {
        grace_seconds: 0,
        dry_run: false,
    };
    let collected = yard.gc(&Access::Local, now).await.unwrap();
    assert_eq!(collected.blobs, 0, "{collected:?}");
    let named = changes("hello", &to, &[&file]);
    assert!(matches!(
        deliver(&yard, &to, &named).await.unwrap(),
        Delivered::Published(_)
    ));
    deliver(&yard, &to, &file).await.unwrap();
    purge(&yard, Digest::of(&file.1)).await;
    let mut another = changes("hello", &to, &[&file]);
    another.1.extend(b"Urgency: low\n");
    match deliver(&yard, &to, &another).await.unwrap_err() {
        RepoError::MissingParts { missing, .. } => assert_eq!(missing[0].0.as_str(), file.0),
        other => panic!("{other}"),
    }
    whole(&yard).await;
}

fn alias(yard: &Yard, component: &str, source: &str, name: &str) -> Option<Digest> {
    let place = AliasPlace {
        ecosystem: Ecosystem::Apt,
        distribution: DistributionName::parse("bookworm").unwrap(),
        within: Some((ComponentName::parse(component).unwrap(), source.to_owned())),
    };
    let found = yard.part_alias(&main(), &place, &PartName::parse(name).unwrap());
    found.ok().map(|served| served.blob.digest)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_is_of_its_source_and_component_and_nobody_brings_records_of_another_source() {
    let room = Room::new();
    let yard = room.open().await;
    let to = place("main", "bookworm");
    let build = record("hello", b"one");
    upload(&yard, &to, "hello", &build).await.unwrap();
    let own = Some(Digest::of(b"one"));
    assert_eq!(alias(&yard, "main", "hello", &build.0), own);
    assert_eq!(alias(&yard, "main", "evil", &build.0), None);
    assert_eq!(alias(&yard, "contrib", "hello", &build.0), None);
    let foreign = record("hello", b"two");
    let refused = upload(&yard, &to, "evil", &foreign).await.unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("`hello_1.0_all.buildinfo` is not of the evil 1.0"),
        "{text}"
    );
    assert_eq!(alias(&yard, "main", "hello", &build.0), own);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_one_package_stay_as_they_were_first_uploaded_and_the_answer_says_so() {
    let room = Room::new();
    let yard = room.open().await;
    let (first, second) = (record("hello", b"one"), record("hello", b"two"));
    let (digest, receipt) = upload(&yard, &place("main", "bookworm"), "hello", &first)
        .await
        .unwrap();
    assert!(receipt.warnings.is_empty());
    let trixie = place("main", "trixie");
    let (_, receipt) = upload(&yard, &trixie, "hello", &second).await.unwrap();
    assert_eq!(receipt.warnings.len(), 2, "{:?}", receipt.warnings);
    assert!(
        receipt
            .warnings
            .iter()
            .any(|w| w.contains("`hello_1.0_all.buildinfo`"))
    );
    assert_eq!(
        holds(&yard, "main").await,
        ["bookworm/hello_1.0_all.deb", "trixie/hello_1.0_all.deb"]
    );
    let name = PartName::parse(&first.0).unwrap();
    let kept = yard.part_file(&main().channel, &digest, &name).unwrap();
    assert_eq!(kept.blob.digest, Digest::of(b"one"));
    let before = revision(&yard);
    let again = changes("hello", &trixie, &[&package("hello"), &second]);
    deliver(&yard, &trixie, &again).await.unwrap();
    assert_eq!(revision(&yard), before, "sent again it changes nothing");
    whole(&yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_purge_that_was_cut_off_left_is_deleted_by_the_same_purge_and_by_the_next_start() {
    let room = Room::new();
    let yard = room.open().await;
    let file = deb("leaked", "1.0", "secret");
    publish(&yard, std::slice::from_ref(&file), "any").await.unwrap();
    let digest = Digest::of(&file.1);
    purge(&yard, digest).await;
    assert!(!room.has_blob(&digest));

    // As it is when the process is killed after the entry was written, and before the blob was deleted.
    let hex = digest.to_string();
    let place = room
        .path()
        .join("store/blobs/sha256")
        .join(&hex[..2])
        .join(&hex[2..4]);
    let leave = || {
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join(&hex), &file.1).unwrap();
    };
    leave();
    purge(&yard, digest).await;
    assert!(!room.has_blob(&digest));
    leave();
    yard.sweep_staging().await.unwrap();
    assert!(!room.has_blob(&digest));
}
