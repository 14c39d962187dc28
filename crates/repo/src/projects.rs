//! What a channel says of its projects: their status (PEP 792), why, and whether they are open to an upstream.
//!
//! A status is what who publishes a project says of it: it takes the right to promote, as a yank does, and a token for
//! some projects says it of those. To open a project lets in what a stranger publishes under its name: it takes the
//! right to administrate the channel.

use crate::{
    Access, Patch, Proposal, PythonSources, RepoError, Why, Yard,
    error::nearest,
    lookup::{chain, sources, verdict},
    publish::check_note,
    settings::{TRIES, merged, too_busy},
};
use packyard_index::Index;
use packyard_types::{
    Change, ChannelName, ChannelRef, Invalid, Operation, Permission, ProjectName, ProjectSettings,
    ProjectStatus, Revision, UpstreamUrl,
};
use std::collections::BTreeMap;

/// A project as a channel shows it.
#[derive(Debug, Clone)]
pub struct ProjectStanding {
    /// Its name.
    pub project: ProjectName,
    /// What is said of it.
    pub settings: ProjectSettings,
    /// The channel that says so: this one, or one that it inherits; none where nothing is said.
    pub said_by: Option<ChannelName>,
    /// Where its wheels and sdists come from.
    pub sources: PythonSources,
    /// The upstream that the lookup would end with, whether this name is asked there or not.
    pub upstream: Option<UpstreamUrl>,
}

/// What is to be said of a project.
#[derive(Debug, Clone, Default)]
pub struct ProjectWish {
    /// What changes of it: `status`, `reason`, `open`.
    pub patch: Patch,
    /// For the log.
    pub note: Option<String>,
    /// Only if the channel has not changed since.
    pub if_revision: Option<Revision>,
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct ProjectSaid {
    /// The project as it stands now.
    pub standing: ProjectStanding,
    /// The revision in which that holds.
    pub revision: Revision,
    /// Whether it was not so already.
    pub changed: bool,
    /// What is easily not meant.
    pub warnings: Vec<String>,
}

const KEYS: [&str; 3] = ["status", "reason", "open"];

impl Yard {
    /// What a channel itself says of projects, by name; with `all` also of those of which it says nothing.
    pub async fn projects(
        &self,
        channel: &ChannelRef,
        all: bool,
    ) -> Result<Vec<(ProjectName, ProjectSettings)>, RepoError> {
        let channel = channel.clone();
        self.read_blocking(move |index| {
            let mut rows: BTreeMap<ProjectName, ProjectSettings> = BTreeMap::new();
            if all {
                for row in index.projects(&channel.channel, None, None, channel.at)? {
                    rows.insert(row.project, ProjectSettings::default());
                }
            }
            rows.extend(index.projects_with_settings(&channel.channel, channel.at)?);
            Ok(rows.into_iter().collect())
        })
        .await
    }

    /// What is said of a project, and where it comes from. A name that is nowhere, and that no upstream may be asked for,
    /// is not found.
    pub fn project_standing(
        &self,
        channel: &ChannelRef,
        project: &ProjectName,
    ) -> Result<ProjectStanding, RepoError> {
        self.read(|index| {
            let standing = standing(index, channel, project)?;
            if is_known(index, channel, &standing)? {
                return Ok(standing);
            }
            Err(unknown(index, channel, project)?)
        })
    }

    /// That there is no such project, and which name is nearest.
    pub fn no_project(&self, channel: &ChannelRef, project: &ProjectName) -> Result<RepoError, RepoError> {
        self.read(|index| unknown(index, channel, project))
    }

    /// Says something of a project.
    pub async fn say_of_project(
        &self,
        access: &Access,
        channel: &ChannelName,
        project: &ProjectName,
        wish: &ProjectWish,
    ) -> Result<ProjectSaid, RepoError> {
        access.allow(Permission::Promote, Some(channel))?;
        access.allow_project("say something of", project.as_str())?;
        wish.note.as_deref().map_or(Ok(()), check_note)?;
        let here = ChannelRef::now(channel.clone());
        for _ in 0..TRIES {
            let (base, before) = self.read(|index| {
                let base = index.project_settings(channel, project, None)?;
                Ok((base, index.channel_revision(channel)?))
            })?;
            let settings = said(&base, &wish.patch)?;
            if settings.open != base.open {
                access.allow(Permission::Admin, Some(channel))?;
            }
            if !settings.is_default() {
                self.project_standing(&here, project)?;
            }
            let operation = Operation::Project {
                channel: channel.clone(),
                project: project.clone(),
                settings,
            };
            let change = Change {
                actor: access.actor(),
                sender: access.sender(),
                at: self.now(),
                note: wish.note.clone(),
                operation,
            };
            let proposal = Proposal {
                if_revision: Some(wish.if_revision.unwrap_or(before)),
                ..Proposal::of(change)
            };
            match self.commit(proposal).await {
                Err(RepoError::Stale { .. }) if wish.if_revision.is_none() => {}
                Err(e) => return Err(e),
                Ok(done) => {
                    let standing = self.read(|index| standing(index, &here, project))?;
                    return Ok(ProjectSaid {
                        warnings: doubts(&standing, channel),
                        standing,
                        revision: done.revision,
                        changed: done.change.is_some(),
                    });
                }
            }
        }
        Err(too_busy(channel))
    }
}

/// What is said after a patch. A reason belongs to the status that it was given for.
fn said(base: &ProjectSettings, patch: &Patch) -> Result<ProjectSettings, RepoError> {
    let mut all = merged(base, patch, &KEYS)?;
    if all.status != base.status && !patch.contains_key("reason") {
        all.reason.clear();
    }
    if all.status == ProjectStatus::Active && !all.reason.is_empty() {
        let rule = "it says why a project is archived, deprecated or quarantined, and this one is active";
        return Err(Invalid::new("reason", &all.reason, rule).into());
    }
    check_note(&all.reason)?;
    Ok(all)
}

fn standing(
    index: &Index,
    channel: &ChannelRef,
    project: &ProjectName,
) -> Result<ProjectStanding, RepoError> {
    let chain = chain(index, &channel.channel)?;
    let (_, said_by) = verdict(index, &chain, project, channel.at)?;
    let sources = sources(index, channel, project)?;
    Ok(ProjectStanding {
        project: project.clone(),
        settings: sources.settings.clone(),
        said_by,
        upstream: chain.into_iter().find_map(|(_, settings)| settings.upstream),
        sources,
    })
}

/// Whether there is such a project: somebody holds it, has held it, reserves it or says something of it; or an upstream
/// may have it.
fn is_known(index: &Index, channel: &ChannelRef, standing: &ProjectStanding) -> Result<bool, RepoError> {
    if standing.upstream.is_some() || standing.said_by.is_some() || !standing.sources.own.is_empty() {
        return Ok(true);
    }
    let project = &standing.project;
    for (name, settings) in chain(index, &channel.channel)? {
        if index.ever_python(&name, project)?
            || settings.reserved.iter().any(|pattern| pattern.covers(project))
            || !index.of_project(&name, project, None, channel.at)?.is_empty()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn unknown(index: &Index, channel: &ChannelRef, project: &ProjectName) -> Result<RepoError, RepoError> {
    let mut names = Vec::new();
    for (name, _) in chain(index, &channel.channel)? {
        names.extend(index.names(&name, channel.at)?);
    }
    Ok(RepoError::NotFound {
        what: format!("project `{project}` in channel `{}`", channel.channel),
        nearest: nearest(project.as_str(), names),
    })
}

/// What of it has no effect, or another than one may think.
fn doubts(standing: &ProjectStanding, channel: &ChannelName) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(by) = standing.said_by.as_ref().filter(|by| *by != channel)
        && !standing.settings.status.offers_files()
    {
        let project = &standing.project;
        out.push(format!(
            "`{project}` stays quarantined in `{channel}`: channel `{by}`, which it inherits, says so"
        ));
    }
    if standing.settings.open && standing.upstream.is_none() {
        out.push("no channel of the lookup has an upstream: that it is open changes nothing yet".to_owned());
    }
    out
}

impl Why {
    /// Why the upstream is asked, or is not: the end of a sentence.
    pub fn because(&self) -> String {
        match self {
            Self::NoUpstream => "no channel of the lookup has an upstream".to_owned(),
            Self::Published(by) => format!("the name was published in channel {by}"),
            Self::Reserved(by, pattern) => format!("channel {by} reserves {pattern}"),
            Self::Open => "the project is open to it".to_owned(),
            Self::Unknown => "the name was never published here, and is not reserved".to_owned(),
        }
    }

    /// In one word, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoUpstream => "no-upstream",
            Self::Published(_) => "published",
            Self::Reserved(..) => "reserved",
            Self::Open => "open",
            Self::Unknown => "unknown",
        }
    }
}
