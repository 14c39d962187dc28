//! For people: channels, packages, how to install.

mod origin;
mod package;
mod seen;

pub use package::{package, package_version};
pub use seen::Seen;

use crate::{
    app::App,
    error::ApiError,
    extract::{BaseUrl, Caller, Channel, Path, Query},
    respond::Conditional,
    setup::{Hosts, InstallLines},
};
use askama::Template;
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, Uri, header};
use packyard_repo::{ChangeRow, ChannelRow, PackageSummary};
use packyard_types::{
    Alias, ChannelName, ChannelSettings, ComponentName, DistributionName, DistributionSettings, Family,
    NamePattern, Permission, ProjectName, ProjectSettings, ProjectStatus, Revision, Timestamp, UpstreamUrl,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

type Answer = Result<Response, ApiError>;

/// Most packages on a channel's page, unless all are asked for.
const MOST_PACKAGES: usize = 500;

/// Most changes on a channel's page, unless its whole history is asked for.
const FEW_CHANGES: u32 = 20;
const MOST_CHANGES: u32 = 2000;

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
    /// What is said of projects.
    said: BTreeMap<ProjectName, ProjectSettings>,
    /// The channels in which pip looks for a name, this one first.
    chain: Vec<(ChannelName, ChannelSettings)>,
    /// Whether all packages are wanted, however many.
    all: bool,
    search: String,
    lines: Vec<(&'static str, String)>,
    history: Vec<ChangeRow>,
    /// Whether the whole history is wanted.
    whole_history: bool,
    /// Whether who looks may see from where and with what changes came.
    senders: bool,
}

impl ChannelPage {
    /// How many packages are shown at most.
    fn most(&self) -> usize {
        if self.all { usize::MAX } else { MOST_PACKAGES }
    }

    fn left_out(&self) -> usize {
        self.packages.len().saturating_sub(self.most())
    }

    /// Whether there may be changes that the page does not show.
    fn has_earlier(&self) -> bool {
        !self.whole_history && self.history.len() >= FEW_CHANGES as usize
    }

    /// What is said of a package, where it is not as any other.
    fn status(&self, package: &PackageSummary) -> Option<&ProjectSettings> {
        let said = self.said.get(&package.project);
        said.filter(|said| said.status != ProjectStatus::Active)
    }

    /// What it inherits, directly and through others.
    fn inherited(&self) -> impl Iterator<Item = &ChannelName> {
        self.chain.iter().skip(1).map(|(name, _)| name)
    }

    /// The upstream that a lookup ends with.
    fn upstream(&self) -> Option<&UpstreamUrl> {
        self.chain.iter().find_map(|(_, s)| s.upstream.as_ref())
    }

    /// The names that are never asked of it, with or without a `*`.
    fn reserved(&self) -> impl Iterator<Item = &NamePattern> {
        self.chain.iter().flat_map(|(_, s)| &s.reserved)
    }
}

/// A distribution as a page shows it: how its machines are set up.
struct Target {
    name: DistributionName,
    aliases: String,
    /// What its settings mean for who publishes and installs.
    rules: Vec<&'static str>,
    lines: Vec<(&'static str, String)>,
}

impl Target {
    fn new(
        install: &InstallLines,
        name: DistributionName,
        settings: &DistributionSettings,
        components: &BTreeSet<ComponentName>,
    ) -> Self {
        let lines = [
            (Family::Deb, "apt", install.apt(&name, components, "PACKAGE")),
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
            rules: [
                (
                    settings.only_newer,
                    "It takes a package only where that is newer than what it has of it.",
                ),
                (
                    settings.not_automatic,
                    "apt installs from it only what is asked for by name.",
                ),
            ]
            .into_iter()
            .filter_map(|(set, means)| set.then_some(means))
            .collect(),
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

/// `?q=&all=true&history=true`
#[derive(Deserialize)]
pub struct Search {
    q: Option<String>,
    #[serde(default)]
    all: bool,
    #[serde(default)]
    history: bool,
}

/// `/{channel}/`
pub async fn channel(
    app: App,
    Caller(access): Caller,
    channel: Channel,
    BaseUrl(base): BaseUrl,
    cond: Conditional,
    Path(segment): Path<String>,
    Query(search): Query<Search>,
) -> Answer {
    let name = &channel.at.channel;
    let query = search.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
    let install = InstallLines::of(&base, &channel);
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
    let mut distributions = Vec::new();
    for (d, settings) in app.yard.distributions(name)? {
        let components = app.yard.components(name, &d)?;
        distributions.push(Target::new(&install, d, &settings, &components));
    }
    let senders = access.allow(Permission::Admin, None).is_ok();
    let most_changes = if search.history { MOST_CHANGES } else { FEW_CHANGES };
    let page = ChannelPage {
        segment,
        channel: row,
        at: channel.at.at,
        distributions,
        packages: app.yard.packages(&channel.at, query, None).await?,
        said: app.yard.projects(&channel.at, false).await?.into_iter().collect(),
        chain: app.yard.chain(name)?,
        all: search.all,
        search: query.unwrap_or_default().to_owned(),
        lines,
        history: app.yard.newest_changes(&channel.at, most_changes)?,
        whole_history: search.history,
        senders,
    };
    // What only administrators see is nothing for a shared cache.
    let public = channel.public && !senders;
    render(&app, &page, app.yard.modified()?, &cond, public)
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

/// `/{channel}/key.asc`: all public keys of the yard, and those of others whose signatures the channel keeps.
pub async fn keys(app: App, channel: Channel, cond: Conditional) -> Answer {
    let text = app.yard.keys_of(&channel.at.channel)?;
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
    let asked = query.distribution;
    let name = &channel.at.channel;
    if let Some(asked) = &asked {
        app.yard.distribution(name, asked)?;
    }
    let install = InstallLines::of(&base, &channel);
    let all = app.yard.distributions(name)?;
    let of = |family| {
        let fits = all.iter().filter(move |(_, s)| s.takes(family));
        fits.flat_map(|(own, s)| std::iter::once(own.as_str()).chain(s.aliases.iter().map(Alias::as_str)))
    };
    let also = |family| {
        asked
            .as_deref()
            .filter(|asked| app.yard.distribution_of(name, asked, family).is_ok())
    };
    let (deb, rpm) = (Family::Deb, Family::Rpm);
    let hosts = Hosts::of(
        &app.yard,
        name,
        of(deb).chain(also(deb)),
        of(rpm).chain(also(rpm)),
    )?;
    let text = install.setup_sh(&hosts, asked.as_deref());
    let served = app.text(text, "text/x-shellscript; charset=utf-8")?;
    app.respond(served, &cond, channel.public).await
}
