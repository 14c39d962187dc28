//! The page of a package, and of one of its versions.

use super::{Answer, render};
use crate::{
    app::App,
    error::ApiError,
    extract::{BaseUrl, Channel, Path},
    respond::Conditional,
    setup::InstallLines,
};
use askama::Template;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use packyard_repo::{Listed, Package, PackageVersion};
use packyard_types::{ArtifactKind, ChangeId, Ecosystem, RpmArch, Timestamp};
use std::collections::BTreeMap;

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
