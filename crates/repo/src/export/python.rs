//! The pip view of an exported channel: its pages, and every file that they link to, its own and what it inherits.

use super::{Listing, of};
use crate::{ExportFile, RepoError, Turn, Yard, lookup, python::project_page};
use packyard_index::{Index, Listed};
use packyard_types::{Blob, ChannelRef, Ecosystem, ProjectName, ProjectSettings, Revision};
use packyard_views::pip::{RootPage, TEXT_HTML};
use std::collections::{BTreeMap, BTreeSet};

/// The wheels and sdists that a channel offers.
pub(super) struct PythonHeld {
    /// Channel by channel, in the order in which a name is looked up.
    pub listed: Vec<Listed>,
    /// What is said of their projects, by the first channel that says something.
    settings: BTreeMap<ProjectName, ProjectSettings>,
}

impl Yard {
    /// What a channel and those that it inherits hold for pip.
    pub(super) async fn python_held(
        &self,
        channel: &ChannelRef,
        revision: Revision,
    ) -> Result<PythonHeld, RepoError> {
        let channel = channel.clone();
        self.read_blocking(move |index| gathered(index, &channel, revision))
            .await
    }
}

fn gathered(index: &Index, channel: &ChannelRef, revision: Revision) -> Result<PythonHeld, RepoError> {
    let chain = lookup::chain(index, &channel.channel)?;
    let mut listed: Vec<Listed> = Vec::new();
    for (name, _) in &chain {
        let mut held = index.held(name, Some(revision))?;
        // As on the page, what an earlier channel says of a file counts.
        let earlier: BTreeSet<&str> = listed.iter().map(|l| l.artifact.name.as_str()).collect();
        held.retain(|l| {
            let name = &l.artifact.name;
            name.kind().ecosystem() == Ecosystem::Pip && !earlier.contains(name.as_str())
        });
        listed.append(&mut held);
    }
    let projects: BTreeSet<&ProjectName> = listed.iter().map(|l| &l.artifact.project).collect();
    let mut settings = BTreeMap::new();
    for project in projects {
        let (said, _) = lookup::verdict(index, &chain, project, channel.at)?;
        if !said.is_default() {
            settings.insert(project.clone(), said);
        }
    }
    Ok(PythonHeld { listed, settings })
}

impl Listing {
    /// The pages of the simple index, and the files that they link to.
    pub(super) fn python(&mut self, held: &PythonHeld) -> Result<(), RepoError> {
        let nothing_said = ProjectSettings::default();
        // HTML says no serials.
        let serial = Revision(0);
        let mut projects: BTreeMap<&ProjectName, Vec<&Listed>> = BTreeMap::new();
        let mut shown = BTreeMap::new();
        for l in of(&held.listed, Ecosystem::Pip) {
            let a = &l.artifact;
            let said = held.settings.get(&a.project).unwrap_or(&nothing_said);
            // Of two files of this name, in two distributions, the first is linked to.
            let first = *shown.entry(&a.name).or_insert(a.served.digest) == a.served.digest;
            if first && said.status.offers_files() {
                self.artifact(&format!("files/{}/{}", a.served.digest, a.name), l)?;
            }
            // As the page itself does, that of an old revision says nothing of what was destroyed since.
            if !self.gone.get(&a.served.digest).is_some_and(|gone| gone.purged) {
                projects.entry(&a.project).or_default().push(l);
            }
        }
        for (project, listed) in &projects {
            let settings = held.settings.get(*project).unwrap_or(&nothing_said);
            let page = project_page(project, listed.iter().copied(), settings, serial).html();
            self.page(&format!("simple/{project}/index.html"), &page, Turn::Name)?;
        }
        let projects = projects.into_keys().map(|p| (p.clone(), serial)).collect();
        let root = RootPage { projects, serial };
        self.page("simple/index.html", &root.html(), Turn::Pointer)
    }

    fn page(&mut self, path: &str, html: &str, turn: Turn) -> Result<(), RepoError> {
        let file = ExportFile::text(path, String::new(), TEXT_HTML, turn)?;
        let blob = Blob::of(html.as_bytes());
        self.put(ExportFile {
            blob,
            text: None,
            ..file
        });
        Ok(())
    }

    /// The core metadata beside wheels, and beside sdists where it can be relied on (PEP 658).
    pub(super) async fn metadata(&mut self, yard: &Yard, held: &PythonHeld) -> Result<(), RepoError> {
        for l in &held.listed {
            let a = &l.artifact;
            let file = format!("files/{}/{}", a.served.digest, a.name);
            let Some(digest) = l.metadata.filter(|d| !self.gone.contains_key(d)) else {
                continue;
            };
            if !self.has(&file)? {
                continue;
            }
            let size_bytes = match yard.read(|index| Ok(index.packed(&digest)?))? {
                Some(packed) => packed.size_bytes,
                None => yard.small_blob(&digest).await?.len() as u64,
            };
            let blob = Blob { digest, size_bytes };
            let kind = "text/plain; charset=utf-8";
            self.immutable(&format!("{file}.metadata"), blob, Turn::Package, kind)?;
        }
        Ok(())
    }
}
