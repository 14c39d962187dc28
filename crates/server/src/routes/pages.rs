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
use packyard_types::{ArtifactKind, DistributionName, Ecosystem, ProjectName, Revision, RpmArch, Timestamp};
use serde::Deserialize;

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
    distributions: Vec<DistributionName>,
    packages: Vec<PackageSummary>,
    search: String,
    lines: Vec<(&'static str, String)>,
    history: Vec<ChangeRow>,
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
    let install = InstallLines::of(&base, &channel);
    let any = DistributionName::any();
    let lines = vec![
        ("pip", install.pip("PACKAGE")),
        ("uv", install.uv("PACKAGE")),
        ("apt", install.apt(&any, "PACKAGE").join("\n")),
        ("dnf", install.dnf(&any, "PACKAGE").join("\n")),
        (
            "any of them",
            format!("curl -fsSL {base}/{segment}/setup.sh | sh"),
        ),
    ];
    let page = ChannelPage {
        segment,
        channel: app.yard.channel(name)?,
        distributions: app
            .yard
            .distributions(name)?
            .into_iter()
            .map(|(d, _)| d)
            .collect(),
        packages: app.yard.packages(&channel.at, query).await?,
        search: query.unwrap_or_default().to_owned(),
        lines,
        history: app.yard.newest_changes(name, 10)?,
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
    let project = ProjectName::parse(name)?;
    let package = app
        .yard
        .package(&channel.at, &project, version.as_deref())
        .await?;
    let Some(newest) = package.versions.first().cloned() else {
        return Err(ApiError::no_page(name));
    };
    let lines = install_lines(&InstallLines::of(&base, &channel), &newest, version.is_some());
    let page = PackagePage {
        segment,
        package,
        newest,
        lines,
        one_version: version.is_some(),
    };
    render(&app, &page, app.yard.modified()?, &cond, channel.public)
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
    Query(query): Query<SetupQuery>,
) -> Answer {
    let distribution = query.distribution.unwrap_or_else(|| "any".to_owned());
    app.yard.distribution(&channel.at.channel, &distribution)?;
    let install = InstallLines::of(&base, &channel);
    let text = install.setup_sh(&distribution);
    let served = app.text(text, "text/x-shellscript; charset=utf-8")?;
    app.respond(served, &cond, channel.public).await
}
