//! Real scale: bookworm's own index, some 63,000 packages, comes out of the apt view with nothing lost, and one package
//! more costs as little as it does among a few. `tests/run` fetches the index; without it the tests fail.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod apt_client;
mod stanzas;

use packyard_types::{
    ChannelName, Chunk, ComponentName, DebArch, Digest, DistributionName, DistributionSettings, Timestamp,
    Tree,
};
use packyard_views::{
    Advanced, Chunks, ContentsDelta, Delta, HashStates, Item, MissingChunk, Segment, Sign, SignError, apt,
    inflate, segments,
};
use stanzas::{Archive, fields, next_version};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// Keys that nobody asks.
struct NoKeys;

impl Sign for NoKeys {
    fn clearsign_apt(&self, text: &str) -> Result<String, SignError> {
        Ok(text.to_owned())
    }
    fn detached_apt(&self, _: &[u8]) -> Result<String, SignError> {
        Ok("unsigned\n".to_owned())
    }
    fn fingerprints_apt(&self) -> Vec<String> {
        Vec::new()
    }
    fn detached_rpm(&self, _: &[u8]) -> Result<String, SignError> {
        Err(SignError("not here".to_owned()))
    }
    fn public_rpm(&self) -> String {
        String::new()
    }
}

/// Chunks in memory, with the states of hashing that a committer keeps.
struct Store {
    chunks: BTreeMap<Digest, Vec<u8>>,
    states: HashStates,
}

impl Chunks for Store {
    fn chunk(&self, digest: &Digest) -> Result<Vec<u8>, MissingChunk> {
        Ok(self.chunks[digest].clone())
    }
    fn states(&self) -> Option<&HashStates> {
        Some(&self.states)
    }
}

/// What the archive says, what packyard has of it, and what packyard serves.
struct Bookworm {
    archive: Archive,
    items: Vec<Item>,
    made: Advanced,
}

/// Rendered once for all tests: most of their time is this.
static BOOKWORM: LazyLock<Bookworm> = LazyLock::new(|| {
    let archive = Archive::beside(&tool("debian-index").join("Packages"));
    let mut items = archive.items();
    let parts: Vec<ComponentName> = components().collect();
    for item in &mut items {
        // Versions of a package belong together.
        let name = item.artifact.package.bytes();
        let lot = name.fold(0, |lot: usize, b| (lot * 31 + usize::from(b)) % 65_521);
        item.artifact.component = parts[lot % COMPONENTS].clone();
    }
    let made = apt::render(&scope(components()), &items, &NoKeys).unwrap();
    Bookworm { archive, items, made }
});

/// Every package is rendered, in so many components that no index is large enough to be offered as xz: that would be most
/// of the time. What it does to large ones is seen of every eighth package.
const COMPONENTS: usize = 64;
const SAMPLE: usize = 8;

fn components() -> impl Iterator<Item = ComponentName> + Clone {
    (0..COMPONENTS).map(|n| ComponentName::parse(&format!("part{n}")).unwrap())
}

/// Every eighth package, in one component.
static SAMPLED: LazyLock<(Vec<Item>, Advanced)> = LazyLock::new(|| {
    let mut items: Vec<Item> = BOOKWORM.items.iter().step_by(SAMPLE).cloned().collect();
    for item in &mut items {
        item.artifact.component = ComponentName::main();
    }
    let made = apt::render(&scope([ComponentName::main()]), &items, &NoKeys).unwrap();
    (items, made)
});

/// What a script in `tests/tools` made.
fn tool(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools");
    let path = std::env::var_os("PACKYARD_TOOLS")
        .map_or(here, PathBuf::from)
        .join(name);
    assert!(path.exists(), "{} is missing: tests/run makes it", path.display());
    path
}

fn scope(components: impl IntoIterator<Item = ComponentName>) -> apt::Scope {
    apt::Scope {
        channel: ChannelName::main(),
        distribution: DistributionName::any(),
        settings: DistributionSettings::default(),
        architectures: DebArch::defaults().into(),
        components: components.into_iter().collect(),
        at: Timestamp::from_unix_seconds(1_700_000_000),
        public_url: None,
    }
}

impl Bookworm {
    /// A file as a server would send it.
    fn served(&self, path: &str) -> Vec<u8> {
        let file = &self.made.tree.files[&format!("dists/any/{path}").parse().unwrap()];
        let chunk = |digest: &Digest| &self.made.chunks[digest];
        let bytes = segments(&self.made.tree, file).into_iter().flat_map(|s| match s {
            Segment::Bytes(bytes) => bytes,
            Segment::Chunk { deflated } => chunk(&deflated.digest).clone(),
            Segment::Inflate { deflated, open_bytes } => {
                inflate(chunk(&deflated.digest), open_bytes).unwrap()
            }
        });
        bytes.collect()
    }

    /// The text of an index, of all components.
    fn text(&self, index: &str) -> String {
        let bytes = components().flat_map(|component| self.served(&format!("{component}/{index}")));
        String::from_utf8(bytes.collect()).unwrap()
    }
}

/// Where packyard's pool has a file: the one field whose value is always another than the archive's.
const ELSEWHERE: &str = "Filename";
/// Most packages whose description has a line that ends in blanks. Packyard leaves them out, and so
/// Description-md5 is another one, too.
const UNTIDY: usize = 20;

/// Whether a description, in the archive's own text, has a line that ends in blanks.
fn is_untidy(name: &str, md5: &str) -> bool {
    static UNTIDY: LazyLock<BTreeSet<(&str, &str)>> = LazyLock::new(|| {
        let untidy = stanzas::stanzas(&BOOKWORM.archive.translations)
            .filter(|stanza| stanza.lines().any(|line| line.ends_with(char::is_whitespace)));
        untidy.map(described).collect()
    });
    UNTIDY.contains(&(name, md5))
}

/// The name of a package and the digest of its description.
fn described(stanza: &str) -> (&str, &str) {
    let fields = fields(stanza);
    let field = |name: &str| fields.iter().find(|(n, _)| *n == name).unwrap().1;
    (field("Package"), field("Description-md5"))
}
/// Fields that packyard writes itself, before and behind those of the control file; the others keep their order.
const PLACED: [&str; 8] = [
    "Package",
    "Version",
    "Architecture",
    "Description-md5",
    "Filename",
    "Size",
    "MD5sum",
    "SHA256",
];

#[test]
fn every_stanza_has_the_fields_and_values_that_debian_gives_it() {
    let ours = BOOKWORM.text("binary-amd64/Packages");
    let mut ours: HashMap<&str, Vec<(&str, &str)>> = stanzas::stanzas(&ours)
        .map(fields)
        .map(|fields| (fields.iter().find(|(n, _)| *n == "SHA256").unwrap().1, fields))
        .collect();
    assert!(ours.len() > 60_000, "{} stanzas", ours.len());
    let in_order = |fields: &[(&str, &str)]| -> Vec<String> {
        let others = fields.iter().filter(|(name, _)| !PLACED.contains(name));
        others.map(|(name, _)| (*name).to_owned()).collect()
    };
    let mut untidy = 0;
    for stanza in stanzas::stanzas(&BOOKWORM.archive.packages) {
        let theirs = fields(stanza);
        let digest = theirs.iter().find(|(n, _)| *n == "SHA256").unwrap().1;
        let ours = ours.remove(digest).unwrap_or_else(|| panic!("lost: {theirs:?}"));
        let (package, md5) = described(stanza);
        let is_untidy = is_untidy(package, md5);
        untidy += usize::from(is_untidy);
        let sorted = |fields: &[(&str, &str)]| -> BTreeSet<(String, String)> {
            let same = fields
                .iter()
                .filter(|(name, _)| *name != ELSEWHERE && !(is_untidy && *name == "Description-md5"));
            same.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        // Description-md5 is among them: computed here, of the description that Translation-en has.
        assert_eq!(sorted(&ours), sorted(&theirs));
        assert_eq!(in_order(&ours), in_order(&theirs));
        assert_eq!(ours[0].0, "Package");
    }
    assert!(ours.is_empty(), "{} stanzas are of nobody", ours.len());
    assert!(untidy < UNTIDY, "{untidy} descriptions");
}

#[test]
fn translation_en_has_of_every_package_the_text_that_debian_has() {
    let theirs: HashMap<(&str, &str), &str> = stanzas::stanzas(&BOOKWORM.archive.translations)
        .map(|stanza| match fields(stanza)[..] {
            [
                ("Package", name),
                ("Description-md5", md5),
                ("Description-en", text),
            ] => ((name, md5), text),
            ref other => panic!("{other:?}"),
        })
        .collect();
    let ours = BOOKWORM.text("i18n/Translation-en");
    let mut found = BTreeSet::new();
    let mut untidy = 0;
    for stanza in stanzas::stanzas(&ours) {
        let (name, md5) = described(stanza);
        let [_, _, ("Description-en", text)] = fields(stanza)[..] else {
            panic!("{stanza}")
        };
        assert!(found.insert((name, md5)), "{name} {md5} is there twice");
        match theirs.get(&(name, md5)) {
            Some(theirs) => assert_eq!(&text, theirs, "{name}"),
            None => untidy += 1,
        }
    }
    let listed: BTreeSet<(&str, &str)> = stanzas::stanzas(&BOOKWORM.archive.packages)
        .map(described)
        .collect();
    let lost: Vec<_> = listed.difference(&found).collect();
    assert!(lost.iter().all(|(name, md5)| is_untidy(name, md5)), "{lost:?}");
    assert!(untidy == lost.len() && untidy < UNTIDY, "{untidy} descriptions");
}

#[test]
fn apt_reads_all_of_it_and_shows_every_package_as_debian_does() {
    let shown = apt_client::dumpavail(&BOOKWORM);
    let mut theirs = HashMap::new();
    for stanza in stanzas::stanzas(&BOOKWORM.archive.packages) {
        let fields = fields(stanza);
        let field = |name: &str| fields.iter().find(|(n, _)| *n == name).unwrap().1.to_owned();
        let key = (field("Package"), field("Version"));
        let (name, md5) = described(stanza);
        theirs.insert(key, (fields, is_untidy(name, md5)));
    }
    let names: BTreeSet<&String> = theirs.keys().map(|(name, _)| name).collect();
    let mut seen = BTreeSet::new();
    for stanza in stanzas::stanzas(&shown) {
        let ours: BTreeMap<&str, &str> = fields(stanza).into_iter().collect();
        let key = (ours["Package"].to_owned(), ours["Version"].to_owned());
        let (theirs, is_untidy) = &theirs[&key];
        for (name, value) in theirs {
            if *name != ELSEWHERE && !(*is_untidy && *name == "Description-md5") {
                assert_eq!(ours.get(name), Some(value), "{name} of {key:?}");
            }
        }
        seen.insert(key.0);
    }
    // apt shows one version of each.
    assert_eq!(seen.iter().collect::<BTreeSet<_>>(), names);
}

#[test]
fn one_package_more_is_a_chunk_more_wherever_it_goes_and_taking_it_away_restores_the_tree() {
    let (items, made) = &*SAMPLED;
    let mut store = Store {
        chunks: made.chunks.clone(),
        states: HashStates::new(),
    };
    // From the first name to the last; architectures as they come.
    for item in items.iter().step_by(items.len() / 6) {
        let new = next_version(item);
        let one = |added: &[Item], removed: &[Item]| Delta {
            added: added.to_vec(),
            removed: removed.to_vec(),
            contents: ContentsDelta::Same,
        };
        let advance = |tree: &Tree, delta: &Delta, store: &Store| {
            apt::advance(Some(tree), &scope([ComponentName::main()]), delta, store, &NoKeys).unwrap()
        };
        let after = advance(&made.tree, &one(std::slice::from_ref(&new), &[]), &store);
        let what = format!("{} {}", new.artifact.package, new.artifact.arch);
        // A chunk of Packages, which may be cut in two, deflated and as xz; its description is known.
        assert!(
            after.chunks.len() <= 2 * 2,
            "{what}: {} blobs are new",
            after.chunks.len()
        );
        let bytes: usize = after.chunks.values().map(Vec::len).sum();
        assert!(bytes < 2 * (128 << 10), "{what}: {bytes} bytes are new");
        let entries = |tree: &Tree, arch: &str| tree.ropes[&format!("main/packages/{arch}")].entries;
        let more = |arch: &str| entries(&after.tree, arch) - entries(&made.tree, arch);
        let of_all = u64::from(new.artifact.arch == "all");
        assert_eq!((more("amd64"), more("arm64")), (1, of_all), "{what}");
        let gone = digests(&made.tree).difference(&digests(&after.tree)).count();
        assert!(gone <= 2 * 2, "{what}: {gone} blobs are not in use any more");
        store.chunks.extend(after.chunks);
        let back = advance(&after.tree, &one(&[], &[new]), &store);
        assert!(back.tree == made.tree, "{what}");
    }
}

fn digests(tree: &Tree) -> BTreeSet<Digest> {
    let chunks = tree.ropes.values().flat_map(|rope| &rope.chunks);
    chunks.flat_map(Chunk::blobs).map(|blob| blob.digest).collect()
}

#[test]
fn xz_is_offered_only_where_it_is_a_tenth_smaller_than_gzip() {
    for index in ["main/binary-amd64/Packages", "main/i18n/Translation-en"] {
        let files = &SAMPLED.1.tree.files;
        let size = |suffix: &str| {
            let path = format!("dists/any/{index}{suffix}").parse().unwrap();
            files.get(&path).map(|file| file.blob.size_bytes)
        };
        let (gz, xz) = (size(".gz").unwrap(), size(".xz"));
        println!("every {SAMPLE}th of {index}: {gz} bytes of gz, {xz:?} of xz");
        assert!(
            xz.is_none_or(|xz| xz * 10 <= gz * 9),
            "{index}: {xz:?} bytes of xz, {gz} of gz"
        );
    }
}
