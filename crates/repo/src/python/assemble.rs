//! Pages as values: a pure function of a name, its files, and what the channel says of it.

use crate::RepoError;
use packyard_index::Listed;
use packyard_types::{ProjectName, ProjectSettings, Revision};
use packyard_views::pip::{PipFile, ProjectPage, RootPage};
use std::collections::{BTreeMap, HashMap};

/// The list of projects, out of the lists of several channels.
pub fn root_page(lists: Vec<Vec<(String, Revision)>>, serial: Revision) -> Result<RootPage, RepoError> {
    let mut projects: BTreeMap<String, Revision> = BTreeMap::new();
    for (name, changed) in lists.into_iter().flatten() {
        let known = projects.entry(name).or_default();
        *known = changed.max(*known);
    }
    let named = projects
        .into_iter()
        .map(|(n, serial)| Ok((ProjectName::parse(&n)?, serial)));
    Ok(RootPage {
        projects: named.collect::<Result<_, RepoError>>()?,
        serial,
    })
}

/// A project's page: its files in the order in which they are listed, the first of each name; none of them where the
/// project is quarantined.
pub(crate) fn project_page<'a>(
    project: &ProjectName,
    listed: impl IntoIterator<Item = &'a Listed>,
    settings: &ProjectSettings,
    serial: Revision,
) -> ProjectPage {
    let listed = listed.into_iter().filter(|_| settings.status.offers_files());
    ProjectPage {
        name: project.clone(),
        status: (settings.status, settings.reason.clone()),
        serial,
        files: merged(listed.map(pip_file)),
    }
}

/// Files of which none has the name of another: the first of a name is kept. The same bytes that are yanked in one place
/// and not in another are offered.
pub fn merged(files: impl IntoIterator<Item = PipFile>) -> Vec<PipFile> {
    let mut out: Vec<PipFile> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for file in files {
        let place = *places
            .entry(file.filename.as_str().to_owned())
            .or_insert(out.len());
        match out.get_mut(place) {
            None => out.push(file),
            Some(first) if first.sha256 == file.sha256 && file.yanked.is_none() => first.yanked = None,
            Some(_) => {}
        }
    }
    out
}

/// A file as a page shows it.
pub fn pip_file(l: &Listed) -> PipFile {
    let a = &l.artifact;
    PipFile {
        filename: a.name.clone(),
        // Relative to `/{channel}/simple/{project}/`, so that the page holds wherever the server is reached.
        url: format!("../../files/{}/{}", a.served.digest, a.name.url_segment()),
        sha256: a.served.digest,
        size_bytes: Some(a.served.size_bytes),
        requires_python: l.requires_python.clone(),
        metadata_sha256: l.metadata,
        upload_time: Some(l.published_at),
        yanked: l.yanked.clone(),
    }
}
