//! A data directory for a test, yards on it, and packages to publish.

use packyard_formats::{
    compress::Compression,
    deb::write::{DebSpec, write},
    entries::{Entries, Entry},
};
use packyard_repo::{
    Access, DataDir, Incoming, Limits, OpenYard, Receipt, Release, RepoError, Source, Yard, keys::KeySet,
};
use packyard_store::Store;
use packyard_types::{
    ArtifactName, ChannelName, ChannelRef, DistributionName, InstallPath, Revision, Timestamp,
};
use std::{
    io::Cursor,
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
};
use tempfile::TempDir;

/// A data directory that vanishes with the test.
pub struct Room {
    dir: TempDir,
}

/// The time in every test.
fn now() -> Timestamp {
    Timestamp::from_unix_seconds(1_700_000_000)
}

/// Making keys is slow, so all tests share one pair.
fn share_keys(dir: &Path) {
    static KEYS: OnceLock<TempDir> = OnceLock::new();
    let shared = KEYS.get_or_init(|| {
        let dir = TempDir::new().unwrap();
        KeySet::generate(&mut rand::thread_rng(), now(), "test")
            .unwrap()
            .save(dir.path())
            .unwrap();
        dir
    });
    std::fs::create_dir_all(dir.join("keys")).unwrap();
    for file in std::fs::read_dir(shared.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), dir.join("keys").join(file.file_name())).unwrap();
    }
}

impl Room {
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        share_keys(dir.path());
        Self { dir }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    fn options(&self) -> OpenYard {
        OpenYard {
            dir: DataDir::new(self.dir.path()),
            clock: Arc::new(now),
            node: "test".to_owned(),
            keys: None,
        }
    }

    pub async fn open(&self) -> Yard {
        Yard::open(self.options()).await.unwrap()
    }

    /// Whether the store has a blob.
    pub fn has_blob(&self, digest: &packyard_types::Digest) -> bool {
        let hex = digest.to_string();
        let blobs = self.path().join("store/blobs/sha256");
        blobs.join(&hex[..2]).join(&hex[2..4]).join(&hex).exists()
    }

    /// The yard as it is opened some time later.
    pub async fn open_after(&self, seconds: i64) -> Yard {
        let clock = move || Timestamp::from_unix_seconds(now().unix_seconds() + seconds);
        let options = OpenYard {
            clock: Arc::new(clock),
            ..self.options()
        };
        Yard::open(options).await.unwrap()
    }

    /// The yard with a clock that the test sets, in seconds since 1970.
    pub async fn open_at(&self, clock: &Arc<AtomicI64>) -> Yard {
        let clock = Arc::clone(clock);
        let options = OpenYard {
            clock: Arc::new(move || Timestamp::from_unix_seconds(clock.load(Ordering::SeqCst))),
            ..self.options()
        };
        Yard::open(options).await.unwrap()
    }

    pub async fn try_open(&self) -> Result<Yard, RepoError> {
        Yard::open(self.options()).await
    }

    pub async fn open_over(&self, store: Store) -> Result<Yard, RepoError> {
        Yard::open_over(self.options(), store).await
    }
}

/// A small .deb; `text` makes other bytes under the same name.
pub fn deb(name: &str, version: &str, text: &str) -> (ArtifactName, Vec<u8>) {
    deb_of("", name, version, text)
}

/// A small .deb with a `Source`.
pub fn deb_of(source: &str, name: &str, version: &str, text: &str) -> (ArtifactName, Vec<u8>) {
    let mut entries = Entries::new(now());
    let path = InstallPath::parse(&format!("/usr/share/{name}/text")).unwrap();
    entries.insert(path, Entry::file(text.as_bytes())).unwrap();
    let fields = [
        ("Package", name),
        ("Version", version),
        ("Architecture", "all"),
        ("Maintainer", "A <a@example.org>"),
        ("Description", "a test"),
    ];
    let source = [("Source", source)].into_iter().filter(|(_, s)| !s.is_empty());
    let fields = fields.into_iter().chain(source);
    let control = fields.map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    let spec = DebSpec {
        control,
        scripts: Vec::new(),
        entries,
        compression: Compression::Xz,
    };
    let mut out = Cursor::new(Vec::new());
    write(&spec, &mut out).unwrap();
    (
        ArtifactName::parse(&format!("{name}_{version}_all.deb").replace(':', "%3a")).unwrap(),
        out.into_inner(),
    )
}

/// An sdist that says no more than it must.
pub fn sdist(name: &str, version: &str) -> (ArtifactName, Vec<u8>) {
    let stem = format!("{name}-{version}");
    let info = format!("Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n");
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::fast(),
    ));
    for (path, text) in [("PKG-INFO", info.as_str()), ("pyproject.toml", "[project]\n")] {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, format!("{stem}/{path}"), text.as_bytes())
            .unwrap();
    }
    let bytes = tar.into_inner().unwrap().finish().unwrap();
    (ArtifactName::parse(&format!("{stem}.tar.gz")).unwrap(), bytes)
}

/// Publishes files to `main`, in one release.
pub async fn publish(yard: &Yard, files: &[(ArtifactName, Vec<u8>)], d: &str) -> Result<Receipt, RepoError> {
    publish_to(yard, &ChannelName::main(), files, d).await
}

/// Publishes files to a channel, in one release.
pub async fn publish_to(
    yard: &Yard,
    channel: &ChannelName,
    files: &[(ArtifactName, Vec<u8>)],
    d: &str,
) -> Result<Receipt, RepoError> {
    let mut artifacts = Vec::new();
    for (name, bytes) in files {
        let mut receiver = yard.receive(name.as_str(), u64::MAX)?;
        receiver.write(bytes)?;
        artifacts.push(Incoming {
            name: name.clone(),
            distribution: Some(DistributionName::parse(d).unwrap()),
            component: None,
            source: Source::Upload(receiver.finish()),
            uploaded_at: None,
        });
    }
    let release = Release {
        channel: channel.clone(),
        artifacts,
        note: None,
        if_revision: None,
        skip_refused: false,
    };
    yard.publish(&Access::Local, release, &Limits::default()).await
}

/// The filenames of a project in `main`.
pub async fn files_of(yard: &Yard, project: &str) -> Vec<String> {
    let Ok(package) = yard.package(&main(), project, None).await else {
        return Vec::new();
    };
    let artifacts = package.versions.iter().flat_map(|v| &v.artifacts);
    let mut names: Vec<String> = artifacts.map(|l| l.artifact.name.to_string()).collect();
    names.sort();
    names
}

pub fn main() -> ChannelRef {
    ChannelRef {
        channel: ChannelName::main(),
        at: None,
    }
}

pub fn revision(yard: &Yard) -> Revision {
    yard.applied().unwrap().revision
}

/// Fails unless everything in the yard is whole.
pub async fn whole(yard: &Yard) {
    let report = yard.fsck().await.unwrap();
    assert_eq!(report.findings, [], "revision {}", report.revision);
}

/// Makes a channel as `main` is.
pub async fn channel(yard: &Yard, name: &str) -> ChannelName {
    let channel = ChannelName::parse(name).unwrap();
    let settings = packyard_types::ChannelSettings::of_main();
    configure(yard, &channel, settings).await;
    channel
}

/// Gives a channel its settings.
pub async fn configure(yard: &Yard, channel: &ChannelName, settings: packyard_types::ChannelSettings) {
    let channel = channel.clone();
    commit(yard, packyard_types::Operation::Configure { channel, settings }).await;
}

/// Commits one operation, which must be allowed.
pub async fn commit(yard: &Yard, operation: packyard_types::Operation) {
    let change = packyard_types::Change {
        actor: packyard_types::Actor::local(),
        sender: packyard_types::Sender::default(),
        at: now(),
        note: None,
        operation,
    };
    yard.commit(packyard_repo::Proposal::of(change)).await.unwrap();
}

/// What a channel holds, as `DISTRIBUTION/FILENAME`, with `!` where it is yanked; sorted.
pub async fn holds(yard: &Yard, spec: &str) -> Vec<String> {
    let spec = packyard_types::ChannelSpec::parse(spec).unwrap();
    let at = yard.resolve(&spec).unwrap();
    let mut out = Vec::new();
    for summary in yard.packages(&at, None, None).await.unwrap() {
        let package = yard.package(&at, summary.project.as_str(), None).await.unwrap();
        for l in package.versions.iter().flat_map(|v| &v.artifacts) {
            let mark = if l.yanked.is_some() { "!" } else { "" };
            let component = match l.artifact.component.as_str() {
                "main" => String::new(),
                other => format!(":{other}"),
            };
            out.push(format!(
                "{}{component}/{}{mark}",
                l.artifact.distribution, l.artifact.name
            ));
        }
    }
    out.sort();
    out
}

/// A promotion of selectors, `C[/D]` to `C[/D]`.
pub fn promotion(packages: &[&str], from: &str, to: &str) -> packyard_repo::Promotion {
    let split = |text: &str| match text.split_once('/') {
        Some((c, d)) => (c.to_owned(), Some(DistributionName::parse(d).unwrap())),
        None => (text.to_owned(), None),
    };
    let ((from, from_distribution), (to, distribution)) = (split(from), split(to));
    let selectors = packages
        .iter()
        .map(|p| packyard_repo::Selector::parse(p).unwrap());
    packyard_repo::Promotion {
        from: packyard_types::ChannelSpec::parse(&from).unwrap(),
        from_distribution,
        to: ChannelName::parse(&to).unwrap(),
        distribution,
        component: None,
        choice: packyard_repo::Choice::Selected(selectors.collect()),
        move_from: false,
        dry_run: false,
        note: None,
        if_revision: None,
    }
}
