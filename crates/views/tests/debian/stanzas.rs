//! Debian bookworm's own index, as packages of a channel: what `tests/tools/debian-index` fetched. A stanza of Packages
//! and the description that Translation-en has for it are the control file of a package; its digests and its size are
//! those that the archive says, so nothing but metadata is needed. Tests and benchmarks read it.

use packyard_formats::{
    deb822::{self, Paragraph},
    intake::identity,
};
use packyard_types::{Artifact, ArtifactName, Blob, ComponentName, DebFacts, DistributionName, Facts};
use packyard_views::Item;
use std::{collections::HashMap, path::Path, thread};

/// The archive's files, plain.
pub struct Archive {
    /// `Packages` of main, for amd64 and all.
    pub packages: String,
    /// `Translation-en` of main: of packages of every architecture.
    pub translations: String,
    /// The signed file that names them.
    #[allow(dead_code, reason = "of what is shared, the benchmark alone compares sizes")]
    pub release: String,
}

impl Archive {
    /// Reads the files beside `packages`.
    pub fn beside(packages: &Path) -> Self {
        let read = |name: &str| {
            let file = packages.with_file_name(name);
            std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
        };
        Self {
            packages: read(packages.file_name().unwrap().to_str().unwrap()),
            translations: read("Translation-en"),
            release: read("InRelease"),
        }
    }

    /// The size in bytes of an index file, as the archive says it: `main/binary-amd64/Packages.xz`; none where it has no such.
    #[allow(dead_code, reason = "of what is shared, the benchmark alone compares sizes")]
    pub fn size_of(&self, path: &str) -> Option<u64> {
        let digest_size_path = |line: &str| {
            let mut words = line.split_whitespace().skip(1);
            let size = words.next()?.parse().ok()?;
            (words.next()? == path).then_some(size)
        };
        self.release.lines().find_map(digest_size_path)
    }

    /// A package for each stanza, in their order.
    pub fn items(&self) -> Vec<Item> {
        let descriptions: HashMap<(&str, &str), &str> = stanzas(&self.translations)
            .map(|stanza| {
                let field = |name: &str| value(stanza, name).unwrap();
                (
                    (field("Package"), field("Description-md5")),
                    field("Description-en"),
                )
            })
            .collect();
        let all: Vec<&str> = stanzas(&self.packages).collect();
        let share = all
            .len()
            .div_ceil(thread::available_parallelism().map_or(1, std::num::NonZero::get))
            .max(1);
        thread::scope(|scope| {
            let shares = all.chunks(share).map(|share| {
                let descriptions = &descriptions;
                scope.spawn(move || share.iter().map(|s| item(s, descriptions)).collect::<Vec<_>>())
            });
            let threads: Vec<_> = shares.collect();
            threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
        })
    }
}

/// The stanzas of an index.
pub fn stanzas(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n").filter(|stanza| !stanza.trim().is_empty())
}

/// The fields of a stanza, in their order, read in the simplest way there is.
pub fn fields(stanza: &str) -> Vec<(&str, &str)> {
    let mut out = Vec::new();
    let mut rest = stanza.trim_end_matches('\n');
    while !rest.is_empty() {
        let ends = rest.match_indices('\n').map(|(at, _)| at);
        let end = ends
            .into_iter()
            .find(|at| !rest[at + 1..].starts_with([' ', '\t']))
            .unwrap_or(rest.len());
        let (name, value) = rest[..end].split_once(':').unwrap();
        out.push((name, value.trim()));
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    out
}

fn value<'a>(stanza: &'a str, name: &str) -> Option<&'a str> {
    fields(stanza)
        .into_iter()
        .find(|(n, _)| *n == name)
        .map(|(_, v)| v)
}

/// What the archive knows of a file, and a control file does not say.
const OF_THE_FILE: [&str; 5] = ["Filename", "Size", "MD5sum", "SHA256", "Description-md5"];

fn item(stanza: &str, descriptions: &HashMap<(&str, &str), &str>) -> Item {
    let listed = deb822::parse_one(stanza).unwrap();
    let field = |name: &str| listed.get(name).unwrap_or_default();
    let (package, version) = (field("Package"), field("Version"));
    let name: ArtifactName = field("Filename").rsplit('/').next().unwrap().parse().unwrap();
    let blob = Blob {
        digest: field("SHA256").parse().unwrap(),
        size_bytes: field("Size").parse().unwrap(),
    };
    let identity = identity::of_deb(package, version, field("Source")).unwrap();
    let mut control = Paragraph::new();
    for (name, value) in listed.fields() {
        let long = descriptions.get(&(package, field("Description-md5")));
        let value = match (name.as_str(), long) {
            ("Description", Some(long)) => long,
            _ => value.as_str(),
        };
        if !OF_THE_FILE.contains(&name.as_str()) {
            control = control.with(name, value);
        }
    }
    Item {
        artifact: Artifact {
            package: package.to_owned(),
            version: version.to_owned(),
            arch: field("Architecture").to_owned(),
            project: identity.project,
            release_version: identity.release_version,
            distribution: DistributionName::any(),
            component: ComponentName::main(),
            received: blob,
            served: blob,
            facts: blob,
            parts: Vec::new(),
            uploaded_at: None,
            name,
        },
        facts: Facts::Deb(DebFacts {
            control: control.into_fields(),
            md5: field("MD5sum").to_owned(),
            files: Vec::new(),
            changelog: None,
        }),
    }
}

/// Another version of a package.
pub fn next_version(item: &Item) -> Item {
    let mut next = item.clone();
    let Artifact {
        package,
        version,
        arch,
        ..
    } = &item.artifact;
    let version = format!("{version}+1");
    let file = format!("{package}_{}_{arch}.deb", version.rsplit(':').next().unwrap());
    next.artifact.name = file.parse().unwrap();
    next.artifact.served = Blob::of(file.as_bytes());
    next.artifact.version.clone_from(&version);
    if let Facts::Deb(facts) = &mut next.facts {
        for (name, value) in &mut facts.control {
            if name == "Version" {
                value.clone_from(&version);
            }
        }
    }
    next
}
