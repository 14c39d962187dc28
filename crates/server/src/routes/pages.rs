//! For people: channels, packages, how to install.

use crate::{
    app::App,
    error::ApiError,
    extract::{BaseUrl, Caller, Channel, Path, Query},
    respond::Conditional,
    setup::InstallLines,
};
use askama::Template;
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, Uri, header};
use packyard_repo::{ChangeRow, ChannelRow, Listed, Package, PackageSummary, PackageVersion};
use packyard_types::{
    ArtifactKind, ChangeId, DistributionName, DistributionSettings, Ecosystem, Family, Revision, RpmArch,
    Timestamp,
};
use serde::Deserialize;
use std::collections::BTreeMap;

type Answer = Result<Response, ApiError>;

const HTML: &str = "text/html; charset=utf-8";

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    channels: Vec<ChannelRow>,
    revision: Revision,
}

#[derive(Template)]
#[template(path = "channel.html")]
struct ChannelPage {
    segment: String,
    channel: ChannelRow,
    /// The revision that is looked at, where it is not the newest.
    at: Option<Revision>,
    distributions: Vec<Target>,
    packages: Vec<PackageSummary>,
    search: String,
    lines: Vec<(&'static str, String)>,
    history: Vec<ChangeRow>,
}

/// A distribution as a page shows it: how its machines are set up.
struct Target {
    name: DistributionName,
    aliases: String,
    lines: Vec<(&'static str, String)>,
}

impl Target {
    fn new(install: &InstallLines, name: DistributionName, settings: &DistributionSettings) -> Self {
        let lines = [
            (Family::Deb, "apt", install.apt(&name, "PACKAGE")),
            (Family::Rpm, "dnf", install.dnf(&name, "PACKAGE")),
        ];
        let fits = |family| settings.family.is_none_or(|only| only == family);
        let lines = lines.into_iter().filter(|(family, ..)| fits(*family));
        let aliases: Vec<String> = settings.aliases.iter().map(ToString::to_string).collect();
        Self {
            lines: lines
                .map(|(_, client, lines)| (client, lines.join("\n")))
                .collect(),
            aliases: aliases.join(", "),
            name,
        }
    }

    /// Whether its machines have this client.
    fn has(&self, client: &str) -> bool {
        self.lines.iter().any(|(c, _)| *c == client)
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    status: StatusCode,
    detail: String,
    hint: Option<String>,
}

/// What of a problem document a person reads.
#[derive(Deserialize)]
struct ProblemText {
    detail: String,
    hint: Option<String>,
}

#[derive(Template)]
#[template(path = "package.html")]
struct PackagePage {
    segment: String,
    package: Package,
    newest: PackageVersion,
    lines: Vec<(&'static str, String)>,
    one_version: bool,
    /// What was published of it: change, time, files; the newest first.
    history: Vec<(ChangeId, Timestamp, Vec<String>)>,
}

impl PackagePage {
    /// Where an artifact is downloaded: its immutable URL.
    fn file_url(&self, listed: &Listed) -> String {
        let (a, segment) = (&listed.artifact, &self.segment);
        let (digest, file) = (a.served.digest, a.name.url_segment());
        match a.name.kind().ecosystem() {
            Ecosystem::Pip => format!("/{segment}/files/{digest}/{file}"),
            Ecosystem::Apt => format!("/{segment}/apt/pool/{digest}/{file}"),
            Ecosystem::Yum => {
                let arch = RpmArch::parse(&a.arch).ok().and_then(|r| r.basearch());
                let basearch = arch.map_or_else(|| "x86_64".to_owned(), |b| b.to_string());
                format!(
                    "/{segment}/yum/{}/{basearch}/Packages/{digest}/{file}",
                    a.distribution
                )
            }
        }
    }

    /// A link out of a package's metadata; what is not a web address (`javascript:`) is not linked to.
    fn weblink<'a>(&self, url: &'a str) -> &'a str {
        let web = ["https://", "http://", "mailto:"]
            .iter()
            .any(|scheme| url.starts_with(scheme));
        if web { url } else { "#" }
    }
}

/// `/{channel}`, `/{channel}/simple`: the slash is part of the name.
pub async fn add_slash(uri: Uri) -> Response {
    (
        StatusCode::MOVED_PERMANENTLY,
        [(header::LOCATION, format!("{}/", uri.path()))],
    )
        .into_response()
}

fn render(app: &App, page: &impl Template, at: Timestamp, cond: &Conditional, public: bool) -> Answer {
    let html = page.render().map_err(|e| {
        tracing::error!(error = %e, "a page could not be rendered: {e}");
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the page could not be rendered",
            None,
        )
    })?;
    Ok(app.page(html.into_bytes(), HTML, at, cond, public))
}

/// `/`: the channels that the caller may read.
pub async fn home(app: App, Caller(access): Caller, cond: Conditional) -> Answer {
    let applied = app.yard.applied()?;
    let mut channels = app.yard.channels()?;
    channels.retain(|c| app.yard.allow_read(&access, &c.name).is_ok());
    let public = channels.iter().all(|c| c.settings.public);
    render(
        &app,
        &HomePage {
            channels,
            revision: applied.revision,
        },
        app.yard.modified()?,
        &cond,
        public,
    )
}

/// `?q=`
#[derive(Deserialize)]
pub struct Search {
    q: Option<String>,
}

/// `/{channel}/`
pub async fn channel(
    app: App,
    channel: Channel,
    BaseUrl(base): BaseUrl,
    cond: Conditional,
    Path(segment): Path<String>,
    Query(search): Query<Search>,
) -> Answer {
    let name = &channel.at.channel;
    let query = search.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
    let install = InstallLines::at(&format!("{base}/{segment}"), name);
    let lines = vec![
        ("pip", install.pip("PACKAGE")),
        ("uv", install.uv("PACKAGE")),
        (
            "apt, dnf or zypper, whichever is there",
            format!("curl -fsSL {base}/{segment}/setup.sh | sh"),
        ),
    ];
    let mut row = app.yard.channel(name)?;
    (row.projects, row.artifacts) = app.yard.counts(&channel.at).await?;
    let distributions = app.yard.distributions(name)?.into_iter();
    let page = ChannelPage {
        segment,
        channel: row,
        at: channel.at.at,
        distributions: distributions
            .map(|(d, settings)| Target::new(&install, d, &settings))
            .collect(),
        packages: app.yard.packages(&channel.at, query, None).await?,
        search: query.unwrap_or_default().to_owned(),
        lines,
        history: app.yard.newest_changes(&channel.at, 20)?,
    };
    render(&app, &page, app.yard.modified()?, &cond, channel.public)
}

/// `/{channel}/packages/{name}`
pub async fn package(
    app: App,
    channel: Channel,
    base: BaseUrl,
    cond: Conditional,
    Path((segment, name)): Path<(String, String)>,
) -> Answer {
    show_package(app, channel, base, cond, segment, &name, None).await
}

/// `/{channel}/packages/{name}/{version}`
pub async fn package_version(
    app: App,
    channel: Channel,
    base: BaseUrl,
    cond: Conditional,
    Path((segment, name, version)): Path<(String, String, String)>,
) -> Answer {
    show_package(app, channel, base, cond, segment, &name, Some(version)).await
}

async fn show_package(
    app: App,
    channel: Channel,
    BaseUrl(base): BaseUrl,
    cond: Conditional,
    segment: String,
    name: &str,
    version: Option<String>,
) -> Answer {
    let package = app.yard.package(&channel.at, name, version.as_deref()).await?;
    let Some(newest) = package.versions.first().cloned() else {
        return Err(ApiError::no_page(name));
    };
    // A package or version has one page; its other names lead there.
    let release = version.as_ref().map(|_| newest.version.clone());
    if package.project.as_str() != name || release != version {
        return Ok(moved(&segment, package.project.as_str(), release.as_deref()));
    }
    let lines = install_lines(
        &InstallLines::at(&format!("{base}/{segment}"), &channel.at.channel),
        &newest,
        version.is_some(),
    );
    let page = PackagePage {
        segment,
        history: history(&package),
        package,
        newest,
        lines,
        one_version: version.is_some(),
    };
    render(&app, &page, app.yard.modified()?, &cond, channel.public)
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
        lines.push(("apt", install.apt(&a.distribution, &what).join("\n")));
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

/// Shows a problem document as a page to who asks for pages first: browsers do, package managers do not.
pub async fn errors_for_people(request: Request, next: Next) -> Response {
    /// Problem documents are small; nothing larger is one.
    const LIMIT_BYTES: usize = 1 << 20;
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|a| a.to_str().ok())
        .unwrap_or_default();
    let browser = accept.starts_with("text/html") && request.method() == Method::GET;
    let response = next.run(request).await;
    let is_problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|t| t == "application/problem+json");
    if !browser || !is_problem {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, LIMIT_BYTES).await.unwrap_or_default();
    let page = serde_json::from_slice::<ProblemText>(&bytes).ok().and_then(|p| {
        ErrorPage {
            status: parts.status,
            detail: p.detail,
            hint: p.hint,
        }
        .render()
        .ok()
    });
    let Some(html) = page else {
        return Response::from_parts(parts, bytes.into());
    };
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(HTML));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, html.into())
}

/// `/{channel}/key.asc`: all public keys of the yard.
pub async fn keys(app: App, channel: Channel, cond: Conditional) -> Answer {
    let text = app.yard.public_keys_together()?;
    let served = app.text(text, "application/pgp-keys")?;
    app.respond(served, &cond, channel.public).await
}

/// `?distribution=`
#[derive(Deserialize)]
pub struct SetupQuery {
    distribution: Option<String>,
}

/// `/{channel}/setup.sh`
pub async fn setup(
    app: App,
    channel: Channel,
    BaseUrl(base): BaseUrl,
    cond: Conditional,
    Path(segment): Path<String>,
    Query(query): Query<SetupQuery>,
) -> Answer {
    let distribution = query.distribution.unwrap_or_else(|| "any".to_owned());
    app.yard.distribution(&channel.at.channel, &distribution)?;
    let install = InstallLines::at(&format!("{base}/{segment}"), &channel.at.channel);
    let text = install.setup_sh(&distribution);
    let served = app.text(text, "text/x-shellscript; charset=utf-8")?;
    app.respond(served, &cond, channel.public).await
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
