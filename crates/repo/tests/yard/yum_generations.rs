//! What a yum client that has read an old repomd.xml finds, as time goes by and garbage is collected.

use crate::room::{Room, main, whole};
use futures::TryStreamExt as _;
use packyard_formats::{
    compress::Compression,
    entries::{Entries, Entry},
    rpm::write::{RpmKind, RpmScripts, RpmSpec, to_bytes},
};
use packyard_repo::{Access, Gc, RepoError, Served, Yard};
use packyard_types::{
    ArtifactName, ChannelRef, ChannelSettings, ChannelSpec, Digest, InstallPath, Keep, RpmArch, RpmName,
    ServedPath, Timestamp, View,
};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

const HOUR: i64 = 3600;
/// What `packyard gc` gives where nobody says otherwise.
const GRACE: u64 = 72 * 3600;

fn rpm(version: &str) -> (ArtifactName, Vec<u8>) {
    let at = Timestamp::from_unix_seconds(1_500_000_000);
    let mut entries = Entries::new(at);
    let path = InstallPath::parse("/usr/share/lamp/version").unwrap();
    entries.insert(path, Entry::file(version.as_bytes())).unwrap();
    let spec = RpmSpec {
        name: RpmName::parse("lamp").unwrap(),
        kind: RpmKind::Binary {
            source: "lamp".into(),
        },
        epoch: 0,
        version: version.into(),
        release: "1".into(),
        arch: RpmArch::noarch(),
        license: "MIT".into(),
        summary: "A lamp".into(),
        description: "It shines.".into(),
        url: None,
        packager: None,
        vendor: None,
        group: "Unspecified".into(),
        requires: vec![],
        recommends: vec![],
        suggests: vec![],
        supplements: vec![],
        enhances: vec![],
        conflicts: vec![],
        provides: vec![],
        obsoletes: vec![],
        scripts: RpmScripts::default(),
        changelog: vec![],
        compression: Compression::Gzip,
        entries,
    };
    let name = ArtifactName::parse(&format!("lamp-{version}-1.noarch.rpm")).unwrap();
    (name, to_bytes(&spec).unwrap())
}

/// A yard whose channel keeps the newest release only, and a clock.
struct Stage {
    yard: Yard,
    clock: Arc<AtomicI64>,
    _room: Room,
}

/// What a client knows that has read a repomd.xml: the index files that it names, and the package of then.
struct Held {
    index_files: Vec<(ServedPath, Vec<u8>)>,
    package: (Digest, ArtifactName),
}

impl Stage {
    async fn new() -> Self {
        let (room, clock) = (Room::new(), Arc::new(AtomicI64::new(1_700_000_000)));
        let yard = room.open_at(&clock).await;
        let settings = ChannelSettings {
            keep: Some(Keep::Releases(1)),
            ..ChannelSettings::of_main()
        };
        crate::room::configure(&yard, &main().channel, settings).await;
        Self {
            yard,
            clock,
            _room: room,
        }
    }

    fn later(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    async fn gc(&self) -> usize {
        let gc = Gc {
            grace_seconds: GRACE,
            dry_run: false,
        };
        self.yard.gc(&Access::Local, gc).await.unwrap().blobs
    }

    /// Publishes a version, and reads what there is then.
    async fn publish(&self, version: &str) -> Held {
        let receipt = crate::room::publish(&self.yard, &[rpm(version)], "el9")
            .await
            .unwrap();
        let line = &receipt.artifacts[0];
        let mut index_files = Vec::new();
        for path in self.named().await {
            let bytes = self.read(&path).await.unwrap();
            index_files.push((path, bytes));
        }
        assert!(index_files.len() >= 3, "{}", index_files.len());
        Held {
            index_files,
            package: (line.served, line.filename.clone()),
        }
    }

    /// The index files that the repomd.xml of now names.
    async fn named(&self) -> Vec<ServedPath> {
        let repomd = ServedPath::parse("el9/x86_64/repodata/repomd.xml").unwrap();
        let text = String::from_utf8(self.read(&repomd).await.unwrap()).unwrap();
        let all = text.split("<location href=\"").skip(1);
        all.map(|rest| {
            let href = rest.split('"').next().unwrap();
            ServedPath::parse(&format!("el9/x86_64/{href}")).unwrap()
        })
        .collect()
    }

    async fn read(&self, path: &ServedPath) -> Result<Vec<u8>, RepoError> {
        let served = self.yard.index_file(&main(), View::Yum, path).await?;
        self.bytes(served).await
    }

    async fn bytes(&self, served: Served) -> Result<Vec<u8>, RepoError> {
        let size = served.blob.size_bytes;
        let stream = self.yard.stream(served, 0..size).await?;
        let parts: Vec<_> = stream.try_collect().await?;
        Ok(parts.concat())
    }

    /// Whether everything that a client holds can be fetched, as it was.
    async fn serves(&self, held: &Held) {
        for (path, bytes) in &held.index_files {
            assert!(self.read(path).await.unwrap() == *bytes, "{path}");
        }
        self.package(held).await.unwrap();
    }

    async fn package(&self, held: &Held) -> Result<(), RepoError> {
        let (digest, name) = &held.package;
        let served = self.yard.artifact_file(&main().channel, digest, name)?;
        let bytes = self.bytes(served).await?;
        assert_eq!(Digest::of(&bytes), *digest);
        Ok(())
    }

    fn resolve(&self, spec: &str) -> Result<ChannelRef, RepoError> {
        self.yard.resolve(&ChannelSpec::parse(spec).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generation_is_served_for_72_hours_after_it_has_gone() {
    let stage = Stage::new().await;
    let first = stage.publish("1").await;
    let revision = stage.yard.applied().unwrap().revision;
    // It is current for long, and then four others come within a minute.
    stage.later(1000 * HOUR);
    for version in ["2", "3", "4"] {
        stage.publish(version).await;
    }
    let newest = stage.publish("5").await;
    assert!(
        stage
            .named()
            .await
            .iter()
            .all(|now| first.index_files.iter().all(|(path, _)| path != now))
    );

    stage.later(71 * HOUR);
    assert_eq!(stage.gc().await, 0);
    stage.serves(&first).await;
    stage.resolve(&format!("main@{revision}")).unwrap();

    stage.later(2 * HOUR);
    assert!(stage.gc().await > 0);
    let refused = stage.package(&first).await.unwrap_err();
    assert!(matches!(refused, RepoError::Gone { .. }), "{refused}");
    let refused = stage.resolve(&format!("main@{revision}")).unwrap_err();
    assert!(matches!(refused, RepoError::Gone { .. }), "{refused}");
    // What is current is as it was, and so are those index files that name packages which are gone: they are never half.
    stage.serves(&newest).await;
    for (path, bytes) in &first.index_files {
        match stage.read(path).await {
            Ok(now) => assert!(now == *bytes, "{path} is another file now"),
            Err(e) => assert!(
                matches!(e, RepoError::Gone { .. } | RepoError::NotFound { .. }),
                "{e}"
            ),
        }
    }
    whole(&stage.yard).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_generations_are_served_however_long_ago_they_went() {
    let stage = Stage::new().await;
    let mut all = Vec::new();
    for version in ["1", "2", "3", "4"] {
        all.push(stage.publish(version).await);
        stage.later(HOUR);
    }
    stage.later(1000 * HOUR);
    assert_eq!(
        stage.gc().await,
        1,
        "only the first is older than three generations"
    );
    assert!(matches!(
        stage.package(&all[0]).await,
        Err(RepoError::Gone { .. })
    ));
    for held in &all[1..] {
        stage.serves(held).await;
    }
    // The next release makes the second the fourth.
    all.push(stage.publish("5").await);
    stage.gc().await;
    assert!(matches!(
        stage.package(&all[1]).await,
        Err(RepoError::Gone { .. })
    ));
    for held in &all[2..] {
        stage.serves(held).await;
    }
    whole(&stage.yard).await;
}
