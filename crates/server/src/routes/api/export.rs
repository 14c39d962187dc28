//! `GET /api/v1/channels/{channel}/export`: what a static copy of a channel consists of.

use super::Answer;
use crate::{
    app::App,
    error::ApiError,
    extract::{Channel, Query},
    setup::{AptSuite, Hosts, InstallLines},
};
use askama::Template;
use axum::{Json, response::IntoResponse};
use http::StatusCode;
use packyard_repo::{ExportFile, ExportList, PackageSummary, Turn};
use packyard_types::{ArtifactKind, ChannelName, DistributionName, Ecosystem, KeyUse};
use serde::Deserialize;
use std::collections::BTreeSet;

const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// `?url=`: where the copy will be served.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicUrl {
    url: Option<String>,
}

#[derive(Template)]
#[template(path = "export.html")]
struct Front<'a> {
    channel: &'a ChannelName,
    packages: Vec<PackageSummary>,
    lines: Vec<(&'static str, String)>,
    setup: Vec<String>,
}

/// The files of a channel, in the order in which a copy of it must be written.
pub async fn list(app: App, channel: Channel, Query(query): Query<PublicUrl>) -> Answer {
    let url = query.url.as_deref().map(checked).transpose()?;
    let mut list = app.yard.export_list(&channel.at).await?;
    let at = packyard_types::ChannelRef {
        at: Some(list.revision),
        ..channel.at.clone()
    };
    let name = &channel.at.channel;
    let distributions = Distributions::of(&list);
    if let Some(url) = url {
        let install = InstallLines::at(url, name);
        set_up_files(&app, name, &install, &distributions, &mut list)?;
    }
    let front = front(&app, &at, url, &list, &distributions).await?;
    list.add(ExportFile::text("index.html", front, HTML, Turn::Pointer)?);
    Ok(Json(list).into_response())
}

/// The URL goes into files that shells and package managers read: only what a URL is made of.
fn checked(url: &str) -> Result<&str, ApiError> {
    let web = ["http://", "https://"].iter().any(|s| url.starts_with(s));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/[]%+,=@".contains(&b);
    if web && url.bytes().all(plain) {
        return Ok(url.trim_end_matches('/'));
    }
    let detail = format!("`{url}` is not a URL that a repository can have");
    let hint = "it begins with http:// or https://, and has no query, fragment or quotes";
    Err(ApiError::new(StatusCode::BAD_REQUEST, detail, Some(hint)))
}

/// The distributions that there are, as of the list's revision. A distribution may be of one family only.
struct Distributions {
    apt: BTreeSet<DistributionName>,
    yum: BTreeSet<DistributionName>,
}

impl Distributions {
    fn of(list: &ExportList) -> Self {
        let paths = || list.files.iter().map(|f| f.path.as_str());
        let names = |all: Vec<&str>| {
            all.iter()
                .filter_map(|d| DistributionName::parse(d).ok())
                .collect()
        };
        let apt = paths().filter_map(|p| p.strip_suffix("/InRelease")?.strip_prefix("apt/dists/"));
        let yum = paths().filter_map(|p| {
            let dirs = p.strip_suffix("/repodata/repomd.xml")?.strip_prefix("yum/")?;
            dirs.split('/').next()
        });
        Self {
            apt: names(apt.collect()),
            yum: names(yum.collect()),
        }
    }
}

fn set_up_files(
    app: &App,
    channel: &ChannelName,
    install: &InstallLines,
    distributions: &Distributions,
    list: &mut ExportList,
) -> Result<(), ApiError> {
    let apt = app.yard.public_keys(KeyUse::Apt)?;
    let mut texts = vec![("pip.conf".to_owned(), install.pip_conf())];
    let any = DistributionName::any();
    if distributions.apt.contains(&any) && distributions.yum.contains(&any) {
        let (apt, yum) = (&distributions.apt, &distributions.yum);
        let hosts = Hosts::of(
            &app.yard,
            channel,
            apt.iter().map(DistributionName::as_str),
            yum.iter().map(DistributionName::as_str),
        )?;
        texts.push(("setup.sh".to_owned(), install.setup_sh(&hosts, None)));
    }
    for d in &distributions.apt {
        let suite = AptSuite::of(&app.yard, channel, d.as_str())?;
        let text = install.apt_sources(&suite, &apt);
        texts.push((format!("apt/{d}.sources"), text));
    }
    for d in &distributions.yum {
        texts.push((format!("yum/{d}.repo"), install.yum_repo(d.as_str())));
    }
    for (path, text) in texts {
        list.add(ExportFile::text(&path, text, TEXT, Turn::Name)?);
    }
    Ok(())
}

/// The distribution of `setup.sh`: `any`, else the first.
fn preferred(distributions: &BTreeSet<DistributionName>) -> Option<&DistributionName> {
    distributions
        .iter()
        .find(|d| d.is_any())
        .or(distributions.first())
}

async fn front(
    app: &App,
    at: &packyard_types::ChannelRef,
    url: Option<&str>,
    list: &ExportList,
    distributions: &Distributions,
) -> Result<String, ApiError> {
    let install = InstallLines::at(url.unwrap_or("URL-OF-THIS-PAGE"), &at.channel);
    let package = |e: Ecosystem| {
        let newest = list
            .artifacts
            .iter()
            .filter(|a| a.filename.kind().ecosystem() == e && a.filename.kind() != ArtifactKind::Srpm);
        newest
            .max_by_key(|a| a.published_at)
            .map(|a| a.filename.package().to_owned())
    };
    let mut lines = Vec::new();
    if let Some(p) = package(Ecosystem::Pip) {
        lines.push(("pip", install.pip(&p)));
    }
    if let Some((p, d)) = package(Ecosystem::Apt).zip(preferred(&distributions.apt)) {
        let components = app.yard.components(&at.channel, d)?;
        lines.push(("apt", install.apt(d, &components, &p).join("\n")));
    }
    if let Some((p, d)) = package(Ecosystem::Yum).zip(preferred(&distributions.yum)) {
        lines.push((
            "dnf",
            match url {
                Some(_) => install.dnf(d, &p).join("\n"),
                None => install.yum_repo(d.as_str()),
            },
        ));
    }
    let setup = list.files.iter().map(|f| f.path.to_string()).filter(|p| {
        let ending = |e: &str| p.ends_with(e);
        p == "pip.conf" || p == "setup.sh" || ending("key.asc") || ending(".sources") || ending(".repo")
    });
    let page = Front {
        channel: &at.channel,
        packages: app.yard.packages(at, None, None).await?,
        lines,
        setup: setup.collect(),
    };
    page.render().map_err(|e| {
        let detail = format!("the front page could not be rendered: {e}");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, detail, None)
    })
}
