//! Everything that a channel serves, file by file: what a static copy of it consists of.
//!
//! ```text
//! simple/index.html  simple/{project}/index.html           the pages, in HTML
//! files/{sha256}/{filename}[.metadata]                     wheels and sdists
//! apt/dists/…                                              as the tree says, and each file by its hash
//! apt/pool/{sha256}/{filename}                             .debs, and .dscs with their parts
//! yum/{distribution}/{basearch}/repodata/…                 as the tree says; both also by the distribution's aliases
//! yum/{distribution}/{basearch}/Packages/{sha256}/…        .rpms; noarch is in every basearch, `any` in every distribution
//! yum/{distribution}/source/…                              the same, of source packages
//! key.asc  apt/key.asc  yum/key.asc
//! ```
//!
//! A file is only described here: path, digest, size, and its turn. Its bytes are those that the same path of the
//! server has, so that the copy cannot differ from it, but for Release files that name the server ([`release`]). What is small and moves (signed files, keys) is in the list
//! itself, and so belongs to its revision whatever is published meanwhile.
//!
//! What is not here: set-up files, which contain a URL (the server adds them); aliases of packages, for which no index
//! asks; JSON pages, which a static server cannot choose by `Accept`.

mod python;
mod release;

use crate::{
    ExportFile, ExportList, ExportedArtifact, LostArtifact, RepoError, Turn, Yard,
    serve::{content_type, part_type, under},
};
use packyard_index::{Gone, Listed};
use packyard_types::{
    Artifact, ArtifactKind, ArtifactName, Blob, Body, CachePolicy, ChannelName, ChannelRef, ComponentName,
    Digest, DistributionName, DistributionSettings, Ecosystem, KeyUse, Revision, RpmArch, ServedPath, Tree,
    TreeFile, View,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

impl Yard {
    /// Everything that a channel serves, as of its newest revision or of the one that is named.
    pub async fn export_list(&self, channel: &ChannelRef) -> Result<ExportList, RepoError> {
        let revision = channel.at.unwrap_or(self.applied()?.revision);
        let name = channel.channel.clone();
        let held = self
            .read_blocking(move |index| Ok(index.held(&name, Some(revision))?))
            .await?;
        let mut list = Listing::default();
        let python = self.python_held(channel, revision).await?;
        if channel.at.is_some() {
            list.gone = self.gone_of(held.iter().chain(&python.listed))?;
        }
        list.python(&python)?;
        list.metadata(self, &python).await?;
        list.debs(&held)?;
        let trees = self.read(|index| Ok(index.trees(Some(revision))?))?;
        let distributions = self.distributions(&channel.channel)?;
        for stored in trees.iter().filter(|t| t.key.channel == channel.channel) {
            let (view, own) = (stored.key.view, &stored.key.distribution);
            let tree = self.stand_alone(view, self.tree(&stored.digest).await?)?;
            list.tree(view, &tree)?;
            let settings = distributions.iter().find(|(d, _)| d == own);
            let aliases = settings.map_or_else(BTreeSet::new, |(_, s)| other_names(view, own, s));
            for alias in &aliases {
                list.alias(view, &tree, alias)?;
            }
            if view == View::Yum {
                for name in std::iter::once(own.as_str()).chain(aliases.iter().map(String::as_str)) {
                    list.rpms(own, name, &tree, &held)?;
                }
            }
        }
        list.keys(self, &channel.channel)?;
        let meta = self.store().meta().await?;
        Ok(list.finish(meta.map(|m| m.yard).unwrap_or_default(), revision))
    }

    /// A tree as a copy has it, where this node can sign; else the copy says what the server says.
    fn stand_alone(&self, view: View, tree: Arc<Tree>) -> Result<Arc<Tree>, RepoError> {
        let keys = self.writable();
        let (View::Apt, Ok(keys)) = (view, keys) else {
            return Ok(tree);
        };
        let mut own = Tree::clone(&tree);
        release::stand_alone(&mut own, &keys).map_err(|e| RepoError::Keys(e.to_string()))?;
        Ok(Arc::new(own))
    }

    /// What of the bytes of artifacts is there no more.
    fn gone_of<'a>(
        &self,
        held: impl Iterator<Item = &'a Listed>,
    ) -> Result<BTreeMap<Digest, Gone>, RepoError> {
        let digests = held.flat_map(|l| l.metadata.into_iter().chain(l.artifact.blobs()));
        let mut all = BTreeMap::new();
        for digest in digests {
            if let Some(gone) = self.read(|index| Ok(index.gone(&digest)?))? {
                all.insert(digest, gone);
            }
        }
        Ok(all)
    }
}

#[derive(Default)]
struct Listing {
    gone: BTreeMap<Digest, Gone>,
    lost: BTreeSet<LostArtifact>,
    files: BTreeMap<ServedPath, ExportFile>,
    artifacts: BTreeMap<(ArtifactName, DistributionName, ComponentName), ExportedArtifact>,
}

impl Listing {
    fn finish(self, yard: String, revision: Revision) -> ExportList {
        let mut files: Vec<ExportFile> = self.files.into_values().collect();
        files.sort_by_key(|f| f.turn);
        ExportList {
            yard,
            revision,
            files,
            artifacts: self.artifacts.into_values().collect(),
            lost: self.lost.into_iter().collect(),
        }
    }

    fn put(&mut self, file: ExportFile) {
        self.files.insert(file.path.clone(), file);
    }

    fn has(&self, path: &str) -> Result<bool, RepoError> {
        Ok(self.files.contains_key(&ServedPath::parse(path)?))
    }

    fn immutable(
        &mut self,
        path: &str,
        blob: Blob,
        turn: Turn,
        content_type: &'static str,
    ) -> Result<ServedPath, RepoError> {
        let path = ServedPath::parse(path)?;
        self.put(ExportFile {
            path: path.clone(),
            blob,
            turn,
            immutable: true,
            content_type,
            text: None,
        });
        Ok(path)
    }

    fn artifact(&mut self, path: &str, l: &Listed) -> Result<(), RepoError> {
        let a = &l.artifact;
        if let Some(gone) = self.gone.get(&a.served.digest) {
            self.lost.insert(LostArtifact {
                filename: a.name.clone(),
                sha256: a.served.digest,
                revision: gone.revision,
                reason: gone.reason.clone(),
            });
            return Ok(());
        }
        let path = self.immutable(path, a.served, Turn::Package, content_type(&a.name))?;
        let key = (a.name.clone(), a.distribution.clone(), a.component.clone());
        self.artifacts.entry(key).or_insert_with(|| ExportedArtifact {
            path,
            filename: a.name.clone(),
            sha256: a.served.digest,
            distribution: a.distribution.clone(),
            component: a.component.clone(),
            published_at: a.uploaded_at.unwrap_or(l.published_at),
            yanked: l.yanked.clone(),
        });
        Ok(())
    }

    fn debs(&mut self, held: &[Listed]) -> Result<(), RepoError> {
        for l in of(held, Ecosystem::Apt) {
            let a = &l.artifact;
            self.artifact(&format!("apt/pool/{}/{}", a.served.digest, a.name), l)?;
            let there = |digest| !self.gone.contains_key(digest);
            if !there(&a.served.digest) {
                continue;
            }
            for part in a
                .parts
                .iter()
                .filter(|p| there(&p.blob.digest))
                .cloned()
                .collect::<Vec<_>>()
            {
                let path = format!("apt/pool/{}/{}", a.served.digest, part.name);
                self.immutable(&path, part.blob, Turn::Package, part_type(&part.name))?;
            }
        }
        Ok(())
    }

    /// The index files of a tree; apt's also by their hashes, which is how apt asks for them.
    fn tree(&mut self, view: View, tree: &Tree) -> Result<(), RepoError> {
        for (path, file) in own_files(tree) {
            self.index_file(view, path, file)?;
        }
        Ok(())
    }

    /// The same under another name of the distribution, with the Release files that say that name where there are some.
    fn alias(&mut self, view: View, tree: &Tree, alias: &str) -> Result<(), RepoError> {
        for (path, file) in own_files(tree) {
            let path = under(view, path, alias);
            let named = ServedPath::parse(&format!("named/{path}"))?;
            let file = tree.files.get(&named).unwrap_or(file);
            self.index_file(view, &path, file)?;
        }
        Ok(())
    }

    fn index_file(&mut self, view: View, path: &ServedPath, file: &TreeFile) -> Result<(), RepoError> {
        let kind = file.content_type.as_str();
        let text = match &file.body {
            Body::Inline(text) => Some(text.clone()),
            Body::Stored | Body::Rope { .. } => None,
        };
        let immutable = file.cache == CachePolicy::Immutable;
        self.put(ExportFile {
            path: ServedPath::parse(&format!("{}/{path}", view.as_str()))?,
            blob: file.blob,
            turn: turn(view, path, immutable),
            immutable,
            content_type: kind,
            text,
        });
        let signed = matches!(path.file_name(), "InRelease" | "Release" | "Release.gpg");
        if view == View::Apt && !immutable && !signed {
            let by_hash = format!("apt/{}/by-hash/SHA256/{}", path.directory(), file.blob.digest);
            self.immutable(&by_hash, file.blob, Turn::Index, kind)?;
        }
        Ok(())
    }

    /// The packages that the repositories of a distribution list, where their `location` says.
    fn rpms(
        &mut self,
        distribution: &DistributionName,
        name: &str,
        tree: &Tree,
        held: &[Listed],
    ) -> Result<(), RepoError> {
        let basearches: BTreeSet<&str> = tree
            .files
            .keys()
            .filter_map(|p| p.as_str().split('/').nth(1))
            .collect();
        for l in of(held, Ecosystem::Yum) {
            let a = &l.artifact;
            if !(a.distribution.is_any() || a.distribution == *distribution) {
                continue;
            }
            let of_one = RpmArch::parse(&a.arch)?.basearch();
            let is_source = a.name.kind() == ArtifactKind::Srpm;
            for basearch in &basearches {
                let here = of_one.as_ref().is_none_or(|b| b.as_str() == *basearch);
                if here && is_source == (*basearch == "source") {
                    self.artifact(&rpm_path(name, basearch, a), l)?;
                }
            }
        }
        Ok(())
    }

    fn keys(&mut self, yard: &Yard, channel: &ChannelName) -> Result<(), RepoError> {
        const KEYS: &str = "application/pgp-keys";
        let (apt, rpm) = (yard.public_keys(KeyUse::Apt)?, yard.yum_keys_of(channel)?);
        let both = yard.keys_of(channel)?;
        for (path, text) in [("key.asc", both), ("apt/key.asc", apt), ("yum/key.asc", rpm)] {
            self.put(ExportFile::text(path, text, KEYS, Turn::Index)?);
        }
        Ok(())
    }
}

fn rpm_path(distribution: &str, basearch: &str, a: &Artifact) -> String {
    let (digest, name) = (a.served.digest, &a.name);
    format!("yum/{distribution}/{basearch}/Packages/{digest}/{name}")
}

/// The other names under which clients ask for a distribution: its aliases, and for `el$releasever` an alias that is a
/// number behind the letters of its name.
fn other_names(view: View, own: &DistributionName, settings: &DistributionSettings) -> BTreeSet<String> {
    let letters = own.as_str().trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let mut names: BTreeSet<String> = settings.aliases.iter().map(ToString::to_string).collect();
    if view == View::Yum {
        let numbers = settings.aliases.iter().map(ToString::to_string);
        let numbers = numbers.filter(|a| a.starts_with(|c: char| c.is_ascii_digit()));
        names.extend(numbers.map(|a| format!("{letters}{a}")));
    }
    names.retain(|name| name != own.as_str() && settings.answers_to(own, name));
    names
}

/// What a tree holds under its own name: not the Release files of aliases and of earlier revisions (`views::apt`).
fn own_files(tree: &Tree) -> impl Iterator<Item = (&ServedPath, &TreeFile)> {
    let elsewhere = |p: &ServedPath| ["named/", "frozen/"].iter().any(|d| p.as_str().starts_with(d));
    tree.files.iter().filter(move |(path, _)| !elsewhere(path))
}

fn of(held: &[Listed], ecosystem: Ecosystem) -> impl Iterator<Item = &Listed> {
    held.iter()
        .filter(move |l| l.artifact.name.kind().ecosystem() == ecosystem)
}

fn turn(view: View, path: &ServedPath, immutable: bool) -> Turn {
    match (view, path.file_name()) {
        _ if immutable => Turn::Index,
        (View::Apt, "InRelease") | (View::Yum, "repomd.xml") => Turn::Pointer,
        (View::Apt, "Release" | "Release.gpg") | (View::Yum, "repomd.xml.asc" | "repomd.xml.key") => {
            Turn::Signature
        }
        _ => Turn::Name,
    }
}
