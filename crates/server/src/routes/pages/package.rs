//! The page of a package, and of one of its versions.

use super::{
    Answer,
    origin::{FileRow, Lookup, UpstreamFiles, moment},
    render,
};
use crate::{
    app::App,
    error::ApiError,
    extract::{BaseUrl, Channel, Path, Query},
    respond::Conditional,
    setup::InstallLines,
};
use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use packyard_repo::{Offered, Package, PackageVersion, VersionAdvisory};
use packyard_types::{ArtifactKind, ChangeId, Ecosystem, ProjectSettings, Timestamp};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Most rows of a table, unless all are asked for: a page of ten thousand is slow to read in every sense.
const MOST_ROWS: usize = 200;

#[derive(Template)]
#[template(path = "package.html")]
struct PackagePage {
    segment: String,
    channel: String,
    /// The channel that holds the newest version.
    home: String,
    /// The channel that says the status.
    said_by: String,
    package: Package,
    newest: PackageVersion,
    said: ProjectSettings,
    lookup: Lookup,
    upstream: Option<UpstreamFiles>,
    files: Vec<FileRow>,
    lines: Vec<(&'static str, String)>,
    one_version: bool,
    /// How many rows a table has at most.
    most: usize,
    /// What was published of it: change, time, files; the newest first.
    history: Vec<(ChangeId, Timestamp, Vec<String>)>,
}

impl PackagePage {
    /// Whether files of the newest version come from elsewhere.
    fn is_mixed(&self) -> bool {
        self.files.iter().any(|f| f.from.is_some()) || self.lookup.is_wide()
    }

    /// How many rows a table has at most.
    fn most(&self) -> usize {
        self.most
    }

    fn has_distributions(&self) -> bool {
        self.files.iter().any(|f| !f.distribution.is_empty())
    }

    fn moment(&self, at: &Timestamp) -> String {
        moment(at)
    }

    /// How many of `all` the page does not show.
    fn left_out(&self, all: usize) -> usize {
        all.saturating_sub(self.most)
    }

    /// Why to update, of the newest version first, or of the one that the page is about.
    fn advisories(&self) -> impl Iterator<Item = (&str, &VersionAdvisory)> {
        let versions = self.package.versions.iter();
        versions.flat_map(|v| {
            let all = v.advisories.iter().flatten();
            all.map(|advisory| (v.version.as_str(), advisory))
        })
    }

    fn has_advisories(&self) -> bool {
        self.advisories().next().is_some()
    }

    /// A link out of a package's metadata; what is not a web address (`javascript:`) is not linked to.
    fn weblink<'a>(&self, url: &'a str) -> &'a str {
        let web = ["https://", "http://", "mailto:"]
            .iter()
            .any(|scheme| url.starts_with(scheme));
        if web { url } else { "#" }
    }
}

/// A name of which nothing is here: what is said of it, and where it would come from.
#[derive(Template)]
#[template(path = "elsewhere.html")]
struct ElsewherePage {
    segment: String,
    channel: String,
    project: String,
    said_by: String,
    said: ProjectSettings,
    lookup: Lookup,
    upstream: Option<UpstreamFiles>,
    lines: Vec<(&'static str, String)>,
}

/// `?all=true`: all rows of every table.
#[derive(Deserialize)]
pub struct Wide {
    #[serde(default)]
    all: bool,
}

/// What is asked for.
struct Asked {
    segment: String,
    name: String,
    version: Option<String>,
    all: bool,
}

/// `/{channel}/packages/{name}`
pub async fn package(
    app: App,
    channel: Channel,
    base: BaseUrl,
    cond: Conditional,
    Path((segment, name)): Path<(String, String)>,
    Query(Wide { all }): Query<Wide>,
) -> Answer {
    let version = None;
    let asked = Asked {
        segment,
        name,
        version,
        all,
    };
    show_package(app, channel, base, cond, asked).await
}

/// `/{channel}/packages/{name}/{version}`
pub async fn package_version(
    app: App,
    channel: Channel,
    base: BaseUrl,
    cond: Conditional,
    Path((segment, name, version)): Path<(String, String, String)>,
    Query(Wide { all }): Query<Wide>,
) -> Answer {
    let version = Some(version);
    let asked = Asked {
        segment,
        name,
        version,
        all,
    };
    show_package(app, channel, base, cond, asked).await
}

async fn show_package(
    app: App,
    channel: Channel,
    BaseUrl(base): BaseUrl,
    cond: Conditional,
    asked: Asked,
) -> Answer {
    let (segment, version) = (asked.segment, asked.version);
    let offered = app
        .yard
        .offered(&channel.at, &asked.name, version.as_deref())
        .await?;
    let install = InstallLines::at(&format!("{base}/{segment}"), &channel.at.channel);
    let lookup = Lookup::of(&app.yard.chain(&channel.at.channel)?, &offered.standing);
    let most = if asked.all { usize::MAX } else { MOST_ROWS };
    let upstream = upstream_files(&app, &channel, &segment, &offered, most).await?;
    let Some(package) = offered.package.clone() else {
        if version.is_some() {
            return Err(ApiError::no_page(&asked.name));
        }
        return elsewhere(
            &app,
            &channel,
            &cond,
            segment,
            &asked.name,
            &offered,
            (lookup, upstream),
            &install,
        );
    };
    let Some(newest) = package.versions.first().cloned() else {
        return Err(ApiError::no_page(&asked.name));
    };
    // A package or version has one page; its other names lead there.
    let release = version.as_ref().map(|_| newest.version.clone());
    if package.project.as_str() != asked.name || release != version {
        return Ok(moved(&segment, package.project.as_str(), release.as_deref()));
    }
    let mut lines = install_lines(&install, &newest, version.is_some());
    lines.retain(|(client, _)| offered.offers_files() || !["pip", "uv"].contains(client));
    let files = newest.artifacts.iter();
    let rows = |l| std::iter::once(FileRow::of(&segment, l, &offered)).chain(FileRow::parts_of(&segment, l));
    let here = &channel.at.channel;
    let files = files.flat_map(rows).collect();
    let home = newest.artifacts.first().and_then(|l| offered.inherited_from(l));
    let page = PackagePage {
        channel: here.to_string(),
        home: home.unwrap_or(here).to_string(),
        said_by: offered.standing.said_by.as_ref().unwrap_or(here).to_string(),
        history: history(&package),
        files,
        segment,
        package,
        newest,
        said: offered.standing.settings,
        lookup,
        upstream,
        lines,
        one_version: version.is_some(),
        most,
    };
    render(&app, &page, app.yard.modified()?, &cond, channel.public)
}

/// What the upstream has, where it is asked for the name and the project offers files.
async fn upstream_files(
    app: &App,
    channel: &Channel,
    segment: &str,
    offered: &Offered,
    most: usize,
) -> Result<Option<UpstreamFiles>, ApiError> {
    if offered.standing.sources.upstream.is_none() || !offered.offers_files() {
        return Ok(None);
    }
    let project = &offered.standing.project;
    let found = app.yard.provenance(&channel.at, project, most).await?;
    Ok(UpstreamFiles::of(segment, found))
}

#[allow(clippy::too_many_arguments)] // what a page of its own is made from
fn elsewhere(
    app: &App,
    channel: &Channel,
    cond: &Conditional,
    segment: String,
    name: &str,
    offered: &Offered,
    (lookup, upstream): (Lookup, Option<UpstreamFiles>),
    install: &InstallLines,
) -> Answer {
    let project = offered.standing.project.to_string();
    if project != name {
        return Ok(moved(&segment, &project, None));
    }
    let (asked, standing) = (upstream.is_some(), &offered.standing);
    // The upstream was asked, and knows the name no more than we do.
    if !asked && standing.said_by.is_none() && standing.sources.upstream.is_some() {
        return Err(ApiError::from(
            app.yard.no_project(&channel.at, &standing.project)?,
        ));
    }
    let lines = [("pip", install.pip(&project)), ("uv", install.uv(&project))];
    let page = ElsewherePage {
        segment,
        channel: channel.at.channel.to_string(),
        project,
        said_by: offered
            .standing
            .said_by
            .as_ref()
            .unwrap_or(&channel.at.channel)
            .to_string(),
        said: offered.standing.settings.clone(),
        lookup,
        upstream,
        lines: lines.into_iter().filter(|_| asked).collect(),
    };
    render(app, &page, app.yard.modified()?, cond, channel.public)
}

/// The changes that published what a page shows, newest first.
fn history(package: &Package) -> Vec<(ChangeId, Timestamp, Vec<String>)> {
    let mut changes: BTreeMap<(ChangeId, Timestamp), Vec<String>> = BTreeMap::new();
    for l in package.versions.iter().flat_map(|v| &v.artifacts) {
        let files = changes.entry((l.published, l.published_at)).or_default();
        files.push(l.artifact.name.to_string());
    }
    let newest_first = changes.into_iter().rev();
    newest_first.map(|((id, at), files)| (id, at, files)).collect()
}

/// To the page of a project or a version.
fn moved(segment: &str, project: &str, version: Option<&str>) -> Response {
    let mut to = format!("/{segment}/packages/{project}");
    if let Some(version) = version {
        to.push('/');
        to.push_str(&percent(version));
    }
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response()
}

/// How to install a version with each client that it has something for.
fn install_lines(install: &InstallLines, version: &PackageVersion, pin: bool) -> Vec<(&'static str, String)> {
    let first = |ecosystem: Ecosystem| {
        let mut artifacts = version.artifacts.iter().map(|l| &l.artifact);
        artifacts.find(|a| a.name.kind().ecosystem() == ecosystem && a.name.kind() != ArtifactKind::Srpm)
    };
    let mut lines = Vec::new();
    if let Some(a) = first(Ecosystem::Pip) {
        let what = if pin {
            format!("{}=={}", a.package, a.version)
        } else {
            a.package.clone()
        };
        lines.push(("pip", install.pip(&what)));
        lines.push(("uv", install.uv(&what)));
    }
    if let Some(a) = first(Ecosystem::Apt) {
        let what = if pin {
            format!("{}={}", a.package, a.version)
        } else {
            a.package.clone()
        };
        let components = BTreeSet::from([a.component.clone()]);
        lines.push(("apt", install.apt(&a.distribution, &components, &what).join("\n")));
    }
    if let Some(a) = first(Ecosystem::Yum) {
        let what = if pin {
            format!("{}-{}", a.package, a.version)
        } else {
            a.package.clone()
        };
        lines.push(("dnf", install.dnf(&a.distribution, &what).join("\n")));
    }
    lines
}

/// A text as one segment of a URL's path.
fn percent(text: &str) -> String {
    let keep = |b: &u8| b.is_ascii_alphanumeric() || b"-._~!+".contains(b);
    let one = |b: u8| {
        if keep(&b) {
            char::from(b).to_string()
        } else {
            format!("%{b:02X}")
        }
    };
    text.bytes().map(one).collect()
}
