//! What one more package costs in a channel that holds many: `cargo bench -p packyard-views -- 60000`; with made-up
//! packages, or with Debian's own: `-- --stanzas target/tools/debian-index/Packages` (`tests/tools/debian-index` fetches
//! it), where the sizes of each packing are printed beside those of Debian's.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

#[path = "../tests/debian/stanzas.rs"]
mod stanzas;

use packyard_types::{
    Artifact, BaseArch, Blob, ChannelName, ComponentName, DebArch, DebFacts, Digest, DistributionName,
    DistributionSettings, Facts, ProjectName, Revision, RpmChangelogEntry, RpmFacts, RpmFile, RpmFileKind,
    Timestamp, Tree,
};
use packyard_views::{
    Advanced, Chunks, ContentsDelta, Delta, HashStates, Item, MissingChunk, Sign, SignError, apt, yum,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Instant,
};

#[derive(Default)]
struct Store(BTreeMap<Digest, Vec<u8>>, Option<HashStates>);

impl Chunks for Store {
    fn chunk(&self, digest: &Digest) -> Result<Vec<u8>, MissingChunk> {
        Ok(self.0[digest].clone())
    }
    fn states(&self) -> Option<&HashStates> {
        self.1.as_ref()
    }
}

struct NoKeys;

impl Sign for NoKeys {
    fn clearsign_apt(&self, text: &str) -> Result<String, SignError> {
        Ok(text.to_owned())
    }
    fn detached_apt(&self, _: &[u8]) -> Result<String, SignError> {
        Ok(String::new())
    }
    fn fingerprints_apt(&self) -> Vec<String> {
        Vec::new()
    }
    fn detached_rpm(&self, _: &[u8]) -> Result<String, SignError> {
        Ok(String::new())
    }
    fn public_rpm(&self) -> String {
        String::new()
    }
}

impl Store {
    fn take(&mut self, advanced: Advanced) -> Tree {
        self.0.extend(advanced.chunks);
        advanced.tree
    }
}

/// A small generator of numbers: the same packages at every run.
struct Dice(u64);

impl Dice {
    fn up_to(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    /// Words that compress about as prose does.
    fn words(&mut self, count: u64) -> String {
        let word = |n: u64| {
            let syllables = [
                "pa", "cka", "lo", "ri", "ten", "su", "mi", "gor", "ad", "est", "vo", "qui",
            ];
            let mut n = n * n / 700;
            let mut word = String::new();
            while word.is_empty() || n > 0 {
                word.push_str(syllables[usize::try_from(n % 12).unwrap()]);
                n /= 12;
            }
            word
        };
        let words: Vec<String> = (0..count).map(|_| word(self.up_to(1200))).collect();
        words.join(" ")
    }
}

fn artifact(filename: &str, version: &str) -> Artifact {
    let name: packyard_types::ArtifactName = filename.parse().unwrap();
    let blob = Blob::of(filename.as_bytes());
    Artifact {
        package: name.package().to_owned(),
        version: version.to_owned(),
        arch: name.arch().to_owned(),
        project: ProjectName::parse(name.package()).unwrap(),
        release_version: version.to_owned(),
        distribution: DistributionName::any(),
        component: ComponentName::main(),
        received: blob,
        served: blob,
        facts: blob,
        parts: Vec::new(),
        uploaded_at: None,
        name,
    }
}

/// A stanza of about 1 KB, as Debian's are.
fn deb(n: u64) -> Item {
    let mut dice = Dice(n + 1);
    let name = format!("{}-{n}", dice.words(1));
    let arch = ["all", "all", "amd64", "arm64"][usize::try_from(n % 4).unwrap()];
    let relations: Vec<String> = (0..dice.up_to(12))
        .map(|_| format!("lib{} (>= 1.{})", dice.words(1), dice.up_to(30)))
        .collect();
    let control = [
        ("Package", name.clone()),
        ("Version", "1.0-1".to_owned()),
        ("Architecture", arch.to_owned()),
        ("Maintainer", "Some Body <some.body@example.com>".to_owned()),
        ("Depends", relations.join(", ")),
        ("Section", "misc".to_owned()),
        ("Priority", "optional".to_owned()),
        ("Homepage", format!("https://example.com/{name}")),
        (
            "Description",
            format!("{}\n {}\n {}", dice.words(6), dice.words(20), dice.words(20)),
        ),
    ];
    let control = control.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    Item {
        artifact: artifact(&format!("{name}_1.0-1_{arch}.deb"), "1.0-1"),
        facts: Facts::Deb(DebFacts {
            control,
            md5: "d41d8cd98f00b204e9800998ecf8427e".to_owned(),
            files: Vec::new(),
            changelog: None,
        }),
    }
}

/// About 2 KB of primary, and as much of filelists and other.
fn rpm(n: u64) -> Item {
    let mut dice = Dice(n + 1);
    let name = format!("{}-{n}", dice.words(1));
    let arch = ["noarch", "noarch", "x86_64", "aarch64"][usize::try_from(n % 4).unwrap()];
    let mut dependencies = |most| {
        (0..dice.up_to(most))
            .map(|_| packyard_types::RpmDependency {
                name: format!("lib{}", dice.words(2).replace(' ', "-")),
                flags: None,
                version: String::new(),
                pre: false,
            })
            .collect::<Vec<_>>()
    };
    let (provides, requires) = (dependencies(6), dependencies(24));
    let files = (0..dice.up_to(40))
        .map(|_| RpmFile {
            path: format!("/usr/share/{name}/{}", dice.words(3).replace(' ', "/")),
            kind: RpmFileKind::File,
        })
        .collect();
    let changelog = (0..4)
        .map(|i| RpmChangelogEntry {
            author: "Some Body <some.body@example.com> - 1.0-1".to_owned(),
            at: Timestamp::from_unix_seconds(1_600_000_000 - i * 86_400),
            text: format!("- {}", dice.words(12)),
        })
        .collect();
    let facts = RpmFacts {
        name: name.clone(),
        epoch: 0,
        version: "1.0".to_owned(),
        release: "1".to_owned(),
        arch: arch.to_owned(),
        summary: dice.words(6),
        description: dice.words(60),
        packager: String::new(),
        url: format!("https://example.com/{name}"),
        license: "MIT".to_owned(),
        vendor: String::new(),
        group: "Unspecified".to_owned(),
        build_host: "localhost".to_owned(),
        source_rpm: format!("{name}-1.0-1.src.rpm"),
        build_time: 1_553_212_800,
        installed_size_bytes: dice.up_to(1 << 20),
        archive_size_bytes: dice.up_to(1 << 20),
        header_start: 4504,
        header_end: 6429,
        provides,
        requires,
        conflicts: Vec::new(),
        obsoletes: Vec::new(),
        suggests: Vec::new(),
        enhances: Vec::new(),
        recommends: Vec::new(),
        supplements: Vec::new(),
        files,
        changelog,
        signed_by: None,
        also_signed_by: Vec::new(),
    };
    Item {
        artifact: artifact(&format!("{name}-1.0-1.{arch}.rpm"), "1.0-1"),
        facts: Facts::Rpm(facts),
    }
}

fn delta(added: Vec<Item>, removed: Vec<Item>) -> Delta {
    Delta {
        added,
        removed,
        contents: ContentsDelta::Same,
    }
}

type Advance<'a> = &'a dyn Fn(Option<&Tree>, &Delta, &Store) -> Advanced;

fn measure(what: &str, count: u64, package: &dyn Fn(u64) -> Item, advance: Advance<'_>) -> Tree {
    let mut store = Store::default();
    let all: Vec<Item> = (0..count).map(package).collect();
    let start = Instant::now();
    let advanced = advance(None, &delta(all, Vec::new()), &Store::default());
    println!(
        "{what}: from nothing to {count} packages: {:.2} s",
        start.elapsed().as_secs_f64()
    );
    let tree = store.take(advanced);
    for (name, rope) in &tree.ropes {
        let (plain, gzip) = (rope.open_bytes() / 1_000_000, rope.gzip.size_bytes / 1_000_000);
        println!(
            "  {name}: {} chunks, {plain} MB, {gzip} MB as gzip",
            rope.chunks.len()
        );
    }
    let start = Instant::now();
    let json = serde_json::to_vec(&tree).unwrap();
    let written = start.elapsed();
    let start = Instant::now();
    let read: Tree = serde_json::from_slice(&json).unwrap();
    assert!(read == tree);
    println!(
        "  tree: {} kB of JSON, written in {:.1} ms, read in {:.1} ms",
        json.len() / 1000,
        ms(written),
        ms(start.elapsed())
    );
    for (how, states) in [("cold", None), ("warm", Some(HashStates::new()))] {
        store.1 = states;
        advance(Some(&tree), &delta(vec![package(count)], Vec::new()), &store);
        let mut times = Vec::new();
        let cpu = cpu_ms();
        for i in 0..25 {
            // Names from one end to the other, architectures in turn.
            let one = vec![package(count + i)];
            let start = Instant::now();
            let after = advance(Some(&tree), &delta(one.clone(), Vec::new()), &store);
            times.push(ms(start.elapsed()));
            let after = store.take(after);
            let start = Instant::now();
            let back = advance(Some(&after), &delta(Vec::new(), one.clone()), &store);
            times.push(ms(start.elapsed()));
            assert!(back.tree.ropes == tree.ropes);
        }
        times.sort_by(f64::total_cmp);
        let (least, median, most) = (times[0], times[times.len() / 2], times[times.len() - 1]);
        #[allow(clippy::cast_precision_loss)]
        let cpu = (cpu_ms() - cpu) / times.len() as f64;
        println!(
            "  one package more or less, {how}: {least:.1} to {most:.1} ms, median {median:.1} ms; {cpu:.1} ms of processors"
        );
    }
    tree
}

/// The sizes of the indexes of the archive's packages, as packyard packs them and as the archive does.
fn sizes(tree: &Tree, archive: &stanzas::Archive) {
    for index in ["main/binary-amd64/Packages", "main/i18n/Translation-en"] {
        println!("  {index}, bytes:");
        for suffix in ["", ".gz", ".xz", ".zst"] {
            let path = format!("dists/any/{index}{suffix}").parse().unwrap();
            let ours = tree.files.get(&path).map(|file| file.blob.size_bytes);
            let theirs = archive.size_of(&format!("{index}{suffix}"));
            println!("    {suffix:>5}  ours {ours:?}, Debian's {theirs:?}");
        }
    }
}

/// Measures the apt view with the archive's own packages, of which one comes again in another version.
fn debian(packages: &Path, scope: &apt::Scope) {
    let archive = stanzas::Archive::beside(packages);
    let start = Instant::now();
    let items = archive.items();
    println!(
        "{} stanzas read in {:.2} s",
        items.len(),
        start.elapsed().as_secs_f64()
    );
    let scope = apt::Scope {
        settings: DistributionSettings {
            zstd: true,
            ..DistributionSettings::default()
        },
        ..scope.clone()
    };
    let count = items.len() as u64;
    let package = |n: u64| match items.get(usize::try_from(n).unwrap()) {
        Some(item) => item.clone(),
        // From one name to the next, far apart.
        None => stanzas::next_version(&items[usize::try_from(n * 7919 % count).unwrap()]),
    };
    let tree = measure("apt, Debian's own", count, &package, &|tree, delta, store| {
        apt::advance(tree, &scope, delta, store, &NoKeys).unwrap()
    });
    sizes(&tree, &archive);
}

/// What all threads have used so far: what is left where the machine has other work, too.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).map(|n| n.parse::<f64>().unwrap()).sum();
    ticks * 10.0
}

fn ms(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn main() {
    // `cargo test --all-targets` runs this too, and a measurement is no test.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let count = std::env::args().find_map(|a| a.parse().ok()).unwrap_or(60_000);
    let stanzas = std::env::args().skip_while(|a| a != "--stanzas").nth(1);
    let apt_scope = apt::Scope {
        channel: ChannelName::main(),
        distribution: DistributionName::any(),
        settings: DistributionSettings::default(),
        architectures: DebArch::defaults().into(),
        components: [ComponentName::main()].into(),
        at: Timestamp::from_unix_seconds(0),
        public_url: None,
    };
    if let Some(packages) = stanzas.map(PathBuf::from) {
        debian(&packages, &apt_scope);
        return;
    }
    measure("apt", count, &deb, &|tree, delta, store| {
        apt::advance(tree, &apt_scope, delta, store, &NoKeys).unwrap()
    });
    let yum_scope = yum::Scope {
        distribution: DistributionName::any(),
        basearches: BaseArch::defaults().into(),
        revision: Revision(1),
        at: Timestamp::from_unix_seconds(0),
        zstd: false,
        documents: BTreeMap::new(),
    };
    measure("yum", count, &rpm, &|tree, delta, store| {
        yum::advance(tree, &yum_scope, delta, store, &NoKeys).unwrap()
    });
}
